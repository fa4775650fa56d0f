//! Keys that are paused and resumed: through the binary, beside proxies that run.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::support::answer::{Answer, Body, Gate};
use crate::support::home::{Home, Key};
use crate::support::http::{Connection, Reply, Request};
use crate::support::upstream::Upstream;
use crate::support::wait_until;

fn chat(at: SocketAddr, key: &Key) -> Reply {
    Request::chat(&key.text).send(at)
}

/// A request that is refused since the key `paused` is.
#[track_caller]
fn is_paused(at: SocketAddr, key: &Key, paused: &Key) {
    let reply = chat(at, key);
    reply.expect(403, "key_paused");
    assert_eq!(reply.field("x-should-retry"), "false");
    assert_eq!(reply.field("till-key"), key.id);
    let hint = format!("`till key resume {}`", paused.id);
    assert!(reply.text().contains(&hint), "{}", reply.text());
}

fn make(at: SocketAddr, parent: &Key, wish: &Value) -> Reply {
    let request = Request::new("POST", "/till/v1/keys").bearer(&parent.text);
    request.json(wish.to_string().as_bytes()).send(at)
}

/// An upstream that answers `/v1/responses` with a stream in two parts, and all else at once.
fn streaming(gate: &Gate) -> Upstream {
    let chunks = vec![b"data: 1\n\n".to_vec(), b"data: 2\n\n".to_vec()];
    let stream = Answer::events(vec![]).body(Body::Gated(chunks, gate.clone()));
    Upstream::new(move |seen| {
        if seen.head.first.contains("/responses ") { stream.clone() } else { Answer::status(200) }
    })
}

/// Two proxies have seen the key at work; a command pauses it and resumes it beside them.
#[test]
fn a_paused_key_is_refused_at_its_next_request_at_every_proxy() {
    let gate = Gate::default();
    let upstream = streaming(&gate);
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 50");
    let other = home.mint("openai -n 50");
    let proxies = [home.proxy(), home.proxy()];
    for proxy in &proxies {
        chat(proxy.address(), &key).expect(200, "");
    }
    let mut stream = Connection::open(proxies[0].address()).unwrap();
    let request = Request::new("POST", "/openai/v1/responses").bearer(&key.text).json(b"{}");
    stream.start(&request).unwrap();
    assert_eq!(stream.head().unwrap().status, 200);

    let said = home.till(&format!("key pause {0} {0}", key.id)).json();
    assert_eq!(said, json!({ "paused": [key.id] }));
    for proxy in &proxies {
        is_paused(proxy.address(), &key, &key);
        chat(proxy.address(), &other).expect(200, "");
        // It is said before anything is asked of the request.
        let elsewhere = Request::new("GET", "/anthropic/v1/models").bearer(&key.text);
        elsewhere.send(proxy.address()).expect(403, "key_paused");
    }
    assert_eq!(home.show(&key)["activations"]["held"], 1);
    gate.open_once();
    while stream.chunk().unwrap().is_some() {}
    wait_until("the stream is settled", || home.activations(&key, "used") == 3);
    assert_eq!(home.activations(&key, "held"), 0);
    // A proxy that comes later knows of it too.
    is_paused(home.proxy().address(), &key, &key);

    // Once more changes nothing, and keeps the time.
    let since = home.show(&key)["paused_at"].clone();
    assert_eq!(home.till(&format!("key pause {}", key.id)).json(), json!({ "paused": [] }));
    assert_eq!(home.show(&key)["paused_at"], since);

    let said = home.till(&format!("key resume {}", key.id)).json();
    assert_eq!(said, json!({ "resumed": [key.id] }));
    for proxy in &proxies {
        chat(proxy.address(), &key).expect(200, "");
    }
    assert_eq!(home.till(&format!("key resume {}", key.id)).json(), json!({ "resumed": [] }));
    assert_eq!(home.activations(&key, "used"), 5);
    assert_eq!(upstream.count(), 7);
}

#[test]
fn a_pause_is_shown_and_is_in_the_log() {
    let upstream = Upstream::answering(Answer::status(200)).may_idle();
    let home = Home::with_openai(&upstream);
    let (key, other) = (home.mint("openai -n 9"), home.mint("openai -n 9"));
    let proxy = home.proxy();
    // It needs the unlock: else whoever can write the file could lift one.
    for verb in ["pause", "resume"] {
        let run = home.till(&format!("key {verb} {}", key.id)).without("TILL_KEY_FILE");
        run.fails(1, &["no secret"]);
        home.till(&format!("key {verb} {} 00000", other.id)).fails(3, &["no key `00000`"]);
    }
    assert_eq!(home.show(&other)["status"], "live", "none is paused where one is not there");
    home.till(&format!("key pause {}", key.id)).ok();

    let shown = home.show(&key);
    assert_eq!((&shown["status"], &shown["paused_key"]), (&json!("paused"), &json!(key.id)));
    assert_eq!(shown["ended_reason"], Value::Null);
    assert_eq!(shown["activations"]["remaining"], 9, "what it has left stays");
    let text = home.till(&format!("key show {}", key.id)).ok();
    assert!(text.contains("paused: 20"), "{text}");
    assert!(home.till("key ls").ok().contains(" paused "));
    for (status, id) in [("paused", &key.id), ("live", &other.id)] {
        let listed = home.till(&format!("key ls --status {status}")).json();
        let ids: Vec<_> = listed.as_array().unwrap().iter().map(|key| &key["id"]).collect();
        assert_eq!(ids, [&json!(id)], "{status}");
    }
    let left = |key: &Key| {
        let url = format!("http://{}", proxy.address());
        home.till("left").env("TILL_URL", url).env("TILL_KEY", &key.text)
    };
    assert!(left(&key).ok().contains(": paused, 9 of 9 activations left"));
    let state = left(&key).json();
    assert_eq!((&state["status"], &state["paused_at"]), (&json!("paused"), &shown["paused_at"]));
    assert_eq!(state["on_spike"], "alert");

    home.till(&format!("key resume {}", key.id)).ok();
    let shown = home.show(&key);
    assert_eq!((&shown["status"], &shown["paused_at"]), (&json!("live"), &Value::Null));
    assert!(left(&key).ok().contains(": 9 of 9 activations left"));
    let log = home.till("log --kind key-paused --kind key-resumed --json").ok();
    let log: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<_> = log.iter().map(|line| (&line["kind"], &line["note"])).collect();
    assert_eq!(kinds[0], (&json!("key-paused"), &json!("by hand")), "{log:?}");
    assert_eq!((kinds.len(), kinds[1].0), (2, &json!("key-resumed")), "{log:?}");
    home.till("log verify").ok();
}

/// What was made from a paused key is paused with it, and can make no keys either.
#[test]
fn a_pause_holds_for_all_that_were_made_from_the_key() {
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    let root = home.mint("openai -n 50 --delegate=2");
    let proxy = home.proxy();
    let at = proxy.address();
    let wish = json!({ "max_activations": 10, "delegate": 1 });
    let child = Key::of(&make(at, &root, &wish).json());
    let wish = json!({ "max_activations": 2 });
    let grandchild = Key::of(&make(at, &child, &wish).json());
    let pause = |verb: &str, key: &Key| home.till(&format!("key {verb} {}", key.id)).run();

    pause("pause", &root);
    for key in [&root, &child, &grandchild] {
        is_paused(at, key, &root);
        let refused = make(at, key, &wish);
        refused.expect(403, "key_paused");
        assert_eq!(home.show(key)["status"], "paused");
        assert_eq!(home.show(key)["paused_key"], root.id);
    }
    let shown = home.till(&format!("key show {}", child.id)).ok();
    assert!(shown.contains(&format!("paused with the key {}", root.id)), "{shown}");
    // The child's own pause is another one.
    let said = pause("resume", &child).stderr;
    assert!(said.contains("not paused itself") && said.contains(&root.id), "{said}");
    pause("pause", &child);
    let said = pause("resume", &child).stderr;
    assert!(said.contains("resumed") && said.contains(&root.id), "{said}");
    pause("pause", &child);
    pause("resume", &root);
    chat(at, &root).expect(200, "");
    is_paused(at, &child, &child);
    is_paused(at, &grandchild, &child);
    assert_eq!(home.show(&root)["activations"]["lent"], 10, "a pause gives nothing back");
    pause("resume", &child);
    chat(at, &child).expect(200, "");
    chat(at, &grandchild).expect(200, "");
    assert_eq!(upstream.count(), 3);
}

/// A paused key is changed and ends like any other, and its pause is no end.
#[test]
fn a_paused_key_is_edited_and_ends_like_any_other() {
    let upstream = Upstream::answering(Answer::status(200)).may_idle();
    let home = Home::with_openai(&upstream);
    let [short, edited, revoked, last] = [(); 4].map(|()| home.mint("openai -n 9"));
    let proxy = home.proxy();
    let at = proxy.address();
    let all = format!("{} {} {} {}", short.id, edited.id, revoked.id, last.id);
    let paused = home.till(&format!("key pause {all}")).json();
    assert_eq!(paused["paused"].as_array().map(Vec::len), Some(4), "{paused}");

    home.till(&format!("key edit {} -n 20 --name slow", edited.id)).ok();
    home.till(&format!("key extend {} -n 5", edited.id)).ok();
    assert_eq!(home.activations(&edited, "limit"), 25);
    is_paused(at, &edited, &edited);

    home.till(&format!("key revoke {}", revoked.id)).without("TILL_KEY_FILE").ok();
    chat(at, &revoked).expect(403, "key_revoked");
    home.till(&format!("key resume {}", revoked.id)).fails(8, &["has ended"]);
    home.till(&format!("key edit {} --expires 1s", short.id)).ok();
    wait_until("its time is over", || home.show(&short)["ended_reason"] == "expired");
    chat(at, &short).expect(403, "key_expired");
    let shown = home.show(&short);
    assert_eq!((&shown["status"], &shown["paused_at"]), (&json!("ended"), &Value::Null));
    // Where one has ended, none is resumed.
    home.till(&format!("key resume {} {}", last.id, short.id)).fails(8, &["has ended"]);
    is_paused(at, &last, &last);
    let again = home.till(&format!("key pause {}", short.id)).run();
    assert!(again.stderr.contains("has ended"), "{again}");

    home.till("stop --all --yes").without("TILL_KEY_FILE").ok();
    chat(at, &last).expect(403, "key_revoked");
    home.till(&format!("key resume {}", edited.id)).fails(8, &["has ended"]);
    assert_eq!(home.till("key ls --status paused").json(), json!([]));
    assert_eq!(upstream.count(), 0);
}

#[test]
fn a_new_root_ends_paused_keys_too() {
    let home = Home::new();
    home.add_openai("http://127.0.0.1:1/v1");
    let key = home.mint("openai -n 9 --on-spike pause");
    home.till(&format!("key pause {}", key.id)).ok();
    let file = home.path("new");
    std::fs::write(&file, "another passphrase\n").unwrap();
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&file, private).unwrap();
    home.till("rekey --yes --new-passphrase-file").arg(file.to_str().unwrap()).ok();
    let shown = home.show(&key);
    assert_eq!((&shown["status"], &shown["on_spike"]), (&json!("ended"), &json!("pause")));
    let resume = home.till(&format!("key resume {}", key.id)).without("TILL_KEY_FILE");
    resume.env("TILL_PASSPHRASE_FILE", &file).fails(8, &["has ended"]);
}

/// `--on-spike` is minted, edited and inherited, and a child has no looser one.
#[test]
fn on_spike_is_inherited_and_never_loosened() {
    let upstream = Upstream::answering(Answer::status(200)).may_idle();
    let home = Home::with_openai(&upstream);
    let root = home.mint("openai -n 50 --delegate --on-spike pause");
    let loose = home.mint("openai -n 50 --delegate");
    let proxy = home.proxy();
    let at = proxy.address();
    let on_spike = |key: &Key| home.show(key)["on_spike"].clone();
    assert_eq!((on_spike(&root), on_spike(&loose)), (json!("pause"), json!("alert")));
    assert!(home.till(&format!("key show {}", root.id)).ok().contains("on spike"));

    let wish = |how: &str| json!({ "max_activations": 1, "on_spike": how });
    let child = Key::of(&make(at, &root, &json!({ "max_activations": 1 })).json());
    assert_eq!(on_spike(&child), "pause");
    let refused = make(at, &root, &wish("alert"));
    refused.expect(403, "limit_looser");
    assert!(refused.text().contains("on-spike"), "{}", refused.text());
    make(at, &root, &wish("stop")).expect(400, "bad_request");
    let strict = Key::of(&make(at, &loose, &wish("pause")).json());
    assert_eq!(on_spike(&strict), "pause");
    let url = format!("http://{at}");
    let holder = |line: &str| home.till(line).env("TILL_URL", &url).env("TILL_KEY", &root.text);
    holder("key delegate -n 1 --on-spike alert").fails(8, &["on-spike"]);
    assert_eq!(holder("key delegate -n 1 --on-spike pause").json()["on_spike"], "pause");

    home.till(&format!("key edit {} --on-spike alert", child.id)).fails(8, &["on-spike"]);
    home.till(&format!("key edit {} --on-spike alert", root.id)).ok();
    assert_eq!(on_spike(&root), "alert");
    home.till("key mint openai -n 1 --on-spike stop").fails(2, &["alert", "pause"]);
}

/// What the admin API mints and shows, and what the command line far away makes of it.
#[test]
fn the_admin_api_knows_pauses() {
    let upstream = Upstream::answering(Answer::status(200)).may_idle();
    let home = Home::with_openai(&upstream);
    let admin = home.admin();
    let client = home.client(&admin, "ci", "--provider openai --max-activations 50");
    let minted = client.mint(&json!({ "on_spike": "pause" }));
    assert_eq!((&minted["onSpike"], &minted["status"]), (&json!("pause"), &json!("active")));
    assert_eq!(client.mint(&json!({}))["onSpike"], "alert");
    let refused = client.create(&json!({ "on_spike": "stop" }));
    assert_eq!(refused.status, 400, "{}", refused.text());
    let id = minted["id"].as_str().unwrap();
    home.till(&format!("key pause {id}")).ok();
    let shown = client.show(id);
    assert_eq!((&shown["status"], &shown["pausedKey"]), (&json!("paused"), &json!(id)));
    assert!(shown["pausedAt"].is_string(), "{shown}");
    assert_eq!(client.live().len(), 2, "a paused key lives");

    let far = |line: &str| {
        let run = home.till(line).env("TILL_ADMIN_URL", format!("http://{}", admin.address()));
        run.env("TILL_ADMIN_TOKEN", &client.token)
    };
    let seen = far(&format!("key show {id}")).json();
    assert_eq!((&seen["status"], &seen["on_spike"]), (&json!("paused"), &json!("pause")));
    assert_eq!(seen["paused_key"], id);
    let minted = far("key mint openai -n 1 --on-spike pause").json();
    assert_eq!(minted["on_spike"], "pause", "{minted}");
    home.till(&format!("key resume {id}")).ok();
    assert_eq!(client.show(id)["status"], "active");
    home.till(&format!("key pause {id}")).ok();
    assert_eq!(client.revoke(id)["status"], "revoked");
}
