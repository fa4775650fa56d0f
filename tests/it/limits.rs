//! Each limit of `key mint`, over the wire.

use crate::support::answer::{Answer, Body, Gate};
use crate::support::home::Home;
use crate::support::http::{Connection, Request};
use crate::support::upstream::{Place, Upstream};
use crate::support::wait_until;

#[test]
fn expires() {
    let (upstream, home) = stage();
    let key = home.mint("openai --expires 1500ms");
    let proxy = home.proxy();
    let request = Request::chat(&key.text);
    request.send(proxy.address()).expect(200, "");
    wait_until("the key has expired", || request.send(proxy.address()).status == 403);
    let reply = request.send(proxy.address());
    reply.expect(403, "key_expired");
    assert_eq!(reply.field("x-should-retry"), "false");
    let shown = home.show(&key);
    assert_eq!((&shown["status"], &shown["ended_reason"]), (&"ended".into(), &"expired".into()));
    assert!(upstream.count() >= 1);
}

#[test]
fn rate() {
    let (upstream, home) = stage();
    let key = home.mint("openai -n 50 --rate 3/h");
    let proxy = home.proxy();
    let request = Request::chat(&key.text);
    for _ in 0..3 {
        request.send(proxy.address()).expect(200, "");
    }
    let reply = request.send(proxy.address());
    reply.expect(429, "rate_limited");
    let wait: u64 = reply.field("retry-after").parse().expect("seconds");
    assert!((1_100..=1_200).contains(&wait), "{wait}");
    assert_eq!(upstream.count(), 3);
    assert_eq!(home.show(&key)["status"], "live");
    wait_until("nothing is held", || home.activations(&key, "held") == 0);
    assert_eq!(home.activations(&key, "used"), 3);
}

#[test]
fn concurrency() {
    let gate = Gate::default();
    let chunks = vec![b"data: 1\n\n".to_vec(), b"data: 2\n\n".to_vec()];
    let answer = Answer::events(vec![]).body(Body::Gated(chunks, gate.clone()));
    let upstream = Upstream::answering(answer);
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 50 --concurrency 2");
    let proxy = home.proxy();
    let request = Request::chat(&key.text);
    let mut streams = [(), ()].map(|()| Connection::open(proxy.address()).unwrap());
    for stream in &mut streams {
        stream.start(&request).unwrap();
        stream.chunk_after_head();
    }
    let reply = request.send(proxy.address());
    reply.expect(429, "concurrency_limited");
    assert!(!reply.field("retry-after").is_empty());
    gate.open_once();
    gate.open_once();
    for stream in &mut streams {
        while stream.chunk().unwrap().is_some() {}
    }
    gate.open_once();
    wait_until("there is room again", || request.send(proxy.address()).status == 200);
}

#[test]
fn model() {
    let (upstream, home) = stage();
    let key = home.mint("openai -n 50 --model gpt-4o*");
    let proxy = home.proxy();
    let chat = |body: &[u8]| {
        Request::new("POST", "/openai/v1/chat/completions").bearer(&key.text).json(body)
    };
    for body in [&br#"{"model":"gpt-4o"}"#[..], br#"{"messages":[],"model":"gpt-4o-mini"}"#] {
        chat(body).send(proxy.address()).expect(200, "");
        assert_eq!(upstream.seen().pop().unwrap().body, body, "the body is as it was");
    }
    // A model list has no model of its own.
    Request::new("GET", "/openai/v1/models")
        .bearer(&key.text)
        .send(proxy.address())
        .expect(200, "");

    let plain = br#"{"model":"gpt-4o"}"#;
    let refused = [
        ("another model", chat(br#"{"model":"o3"}"#)),
        ("none", chat(br#"{"messages":[]}"#)),
        ("two", chat(br#"{"model":"gpt-4o","model":"o3"}"#)),
        ("two, one escaped", chat(br#"{"model":"gpt-4o","\u006dodel":"o3"}"#)),
        ("two, one in capitals", chat(br#"{"model":"gpt-4o","Model":"o3"}"#)),
        ("fallbacks in capitals", chat(br#"{"model":"gpt-4o","MODELS":["o3"]}"#)),
        ("no string", chat(br#"{"model":["gpt-4o"]}"#)),
        ("no JSON", chat(b"model=gpt-4o")),
        ("more after it", chat(br#"{"model":"gpt-4o"} {"model":"o3"}"#)),
        ("compressed", chat(plain).field("Content-Encoding", "gzip")),
        (
            "multipart",
            Request::new("POST", "/openai/v1/audio/transcriptions")
                .bearer(&key.text)
                .field("Content-Type", "multipart/form-data; boundary=x")
                .body(b"--x\r\n\r\n--x--\r\n"),
        ),
    ];
    for (case, request) in refused {
        let reply = request.send(proxy.address());
        let code = reply.denial();
        assert!(matches!(reply.status, 400 | 403), "{case}: {} {code}", reply.status);
        assert!(matches!(code, "scope_denied" | "bad_request"), "{case}: {code}");
    }
    assert_eq!(upstream.count(), 3);
}

/// Where the body must be read, it is read up to a cap.
#[test]
fn model_in_a_body_beyond_the_cap() {
    let (upstream, home) = stage();
    let upstream = upstream.may_idle();
    let key = home.mint("openai -n 50 --model gpt-4o*");
    let proxy = home.proxy();
    let head = Request::new("POST", "/openai/v1/chat/completions")
        .bearer(&key.text)
        .field("Content-Type", "application/json")
        .field("Content-Length", "1073741824");
    head.send(proxy.address()).expect(413, "body_too_large");

    // The same of one that does not say how large it is.
    let head = Request::new("POST", "/openai/v1/chat/completions")
        .bearer(&key.text)
        .field("Transfer-Encoding", "chunked");
    let mut connection = Connection::open(proxy.address()).unwrap();
    connection.start(&head).unwrap();
    for size in [1 << 20; 16].into_iter().chain([1]) {
        let data = " ".repeat(size);
        connection.write(format!("{size:x}\r\n{data}\r\n").as_bytes()).unwrap();
    }
    connection.reply().unwrap().expect(413, "body_too_large");
    assert_eq!(upstream.count(), 0);
}

#[test]
fn model_in_the_path() {
    let upstream = Upstream::expecting(Place::raw("x-goog-api-key"), |_| Answer::status(200));
    let home = Home::new();
    home.add_master("google", &upstream.base_url("/v1beta"));
    let key = home.mint("google -n 50 --model gemini-3*");
    let proxy = home.proxy();
    let call = |model: &str| {
        let path = format!("/google/v1beta/models/{model}:generateContent");
        Request::new("POST", &path).bearer(&key.text).json(b"{}").send(proxy.address())
    };
    call("gemini-3-pro").expect(200, "");
    call("gemini-2.5-pro").expect(403, "scope_denied");
    assert_eq!(upstream.count(), 1);
}

/// Without `--allow` a key reaches what the table calls metered or free; with it, what is named.
#[test]
fn allow() {
    let (upstream, home) = stage();
    let default = home.mint("openai -n 50");
    let chat_only = {
        let run = home.till("key mint openai -n 50 --allow").arg("POST /v1/chat/*");
        crate::support::home::Key::of(&run.json())
    };
    let minting = {
        let run = home.till("key mint openai -n 50 --allow");
        crate::support::home::Key::of(&run.arg("POST /v1/realtime/client_secrets").json())
    };
    let wildcard = home.mint("openai -n 50 --allow /**");
    let proxy = home.proxy();
    let secrets = "/v1/realtime/client_secrets";
    let cases = [
        (&default, "POST", "/v1/chat/completions", true),
        (&default, "GET", "/v1/models", true),
        (&default, "GET", "/v1/files", false),
        (&default, "POST", secrets, false),
        (&default, "GET", "/v1/organization/admin_api_keys", false),
        (&chat_only, "POST", "/v1/chat/completions", true),
        (&chat_only, "GET", "/v1/chat/completions", false),
        (&chat_only, "GET", "/v1/models", false),
        (&chat_only, "POST", "/v1/chatter", false),
        (&minting, "POST", secrets, true),
        (&minting, "GET", secrets, false),
        (&wildcard, "GET", "/v1/files", true),
        (&wildcard, "POST", secrets, false),
    ];
    for (key, method, path, open) in cases {
        let request = Request::new(method, &format!("/openai{path}")).bearer(&key.text);
        let reply = request.send(proxy.address());
        let expected = if open { (200, "") } else { (403, "scope_denied") };
        assert_eq!((reply.status, reply.denial()), expected, "{method} {path}: {}", reply.text());
    }
    assert_eq!(upstream.count(), cases.iter().filter(|case| case.3).count());
}

#[test]
fn ip() {
    let (upstream, home) = stage();
    let here = home.mint("openai -n 5 --ip 127.0.0.0/8");
    let there = home.mint("openai -n 5 --ip 10.0.0.0/8 --ip 192.168.1.7");
    let proxy = home.proxy();
    Request::chat(&here.text).send(proxy.address()).expect(200, "");
    Request::chat(&there.text).send(proxy.address()).expect(403, "scope_denied");
    assert_eq!(upstream.count(), 1);
}

/// What the upstream answers with 429 or 5xx is given back, up to four attempts for each
/// activation.
#[test]
fn count_answered() {
    let calls = std::sync::atomic::AtomicUsize::new(0);
    let statuses = [429, 500, 200, 503, 503, 503, 503, 503, 503];
    let upstream = Upstream::new(move |_| {
        let call = calls.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        Answer::status(statuses.get(call).copied().unwrap_or(200))
    });
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 2 --count-answered");
    let proxy = home.proxy();
    let request = Request::chat(&key.text);
    for (number, status) in [429, 500, 200, 503, 503, 503, 503, 503].into_iter().enumerate() {
        assert_eq!(request.send(proxy.address()).status, status, "attempt {number}");
        let expected = u64::from(number >= 2);
        wait_until("it is settled", || home.activations(&key, "held") == 0);
        assert_eq!(home.activations(&key, "used"), expected, "after attempt {number}");
    }
    request.send(proxy.address()).expect(402, "activation_limit");
    assert_eq!(upstream.count(), 8);
}

#[test]
fn unlimited_must_be_said_aloud() {
    let (upstream, home) = stage();
    home.till("key mint openai").fails(2, &["--unlimited"]);
    home.till("key mint openai --rate 5/s").fails(2, &["--unlimited"]);
    let key = home.mint("openai --unlimited");
    let proxy = home.proxy();
    let reply = Request::chat(&key.text).send(proxy.address());
    reply.expect(200, "");
    assert_eq!(reply.head.get("till-activations-limit"), None);
    assert_eq!(upstream.count(), 1);
}

fn stage() -> (Upstream, Home) {
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    (upstream, home)
}
