//! An upstream that echoes the real key in each form, in each place of an answer, over each version
//! of HTTP: none of it reaches the client.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::{HeaderMap, Response};

use crate::support::home::{Home, Key, MASTER};
use crate::support::http2::{Answered, Http2};
use crate::support::hyper_body::Sent;
use crate::support::hyper_upstream::{Arrived, HyperUpstream};
use crate::support::proxy::Proxy;
use crate::support::tls::Authority;

/// What an answer looks like around an echo.
const BEFORE: &str = "data: {\"error\": \"bad key '";
const BEHIND: &str = "'\"}\n\n";

/// Each form: its name, what the upstream says, and what of it must not be seen.
fn echoes() -> Vec<(&'static str, String, String)> {
    let each = |spell: fn(u8) -> String| MASTER.bytes().map(spell).collect::<String>();
    let whole = |name, form: String| (name, form.clone(), form);
    let basic = STANDARD.encode(format!("{MASTER}:"));
    let inside = URL_SAFE_NO_PAD.encode(format!("authorization: Bearer {MASTER}, x: y"));
    // 29 characters stand before the key: its first is at a third byte.
    let of_inside = inside[30..30 + 48].to_owned();
    vec![
        whole("plain", MASTER.to_owned()),
        whole("percent", each(|byte| format!("%{byte:02X}"))),
        whole("some of it in percent", MASTER.replace('-', "%2d")),
        whole("json", each(|byte| format!("\\u{byte:04x}"))),
        whole("some of it in json", MASTER.replace('-', "\\u002D")),
        whole("hex", each(|byte| format!("{byte:02x}"))),
        ("base64, as Basic has it", basic.clone(), basic[..48].to_owned()),
        ("base64 in percent", basic.replace('=', "%3D"), basic[..48].to_owned()),
        ("base64, of a whole field", inside, of_inside),
    ]
}

/// The answer that a request asks for: which echo, and how long the pieces of its body are; none is
/// whole, with its length.
fn answer(arrived: &Arrived) -> Response<Sent> {
    let number = |name: &str| {
        arrived.headers.get(name).map_or(0, |value| value.to_str().unwrap().parse().unwrap())
    };
    let (_, echo, _) = echoes().swap_remove(number("x-form"));
    let body = format!("{BEFORE}{echo}{BEHIND}").repeat(3);
    let response = Response::builder()
        .status(401)
        .header("content-type", "text/event-stream")
        .header("location", format!("/v1/models?key={echo}"))
        .header("www-authenticate", format!("Bearer error=\"{echo}\""));
    match number("x-pieces") {
        0 => response.header("content-length", body.len()).body(Sent::once(body.as_bytes())),
        size => response
            .header("trailer", "x-echo")
            .body(Sent::pieces(body.as_bytes(), size).trailer("x-echo", &echo)),
    }
    .unwrap()
}

#[test]
fn no_form_passes_in_any_place() {
    for stage in [Stage::plain(), Stage::over_tls()] {
        let mut client = Http2::open(stage.proxy.address());
        for (form, (name, echo, secret)) in echoes().into_iter().enumerate() {
            for pieces in [0, 1, 7, 64] {
                let call = client
                    .call("GET", "/openai/v1/models", &stage.key.text)
                    .header("te", "trailers")
                    .header("x-form", form)
                    .header("x-pieces", pieces);
                let answered = client.request(call.body(Sent::empty()).unwrap());
                let place = format!("{name} in pieces of {pieces}");
                expect_none(&place, &secret, &answered);
                // All else is there.
                let body = String::from_utf8(answered.body).unwrap();
                assert_eq!(body.matches(BEFORE).count(), 3, "{place}: {body}");
                assert_eq!(body.matches(BEHIND).count(), 3, "{place}: {body}");
                assert_eq!(body.matches("****").count() % 3, 0, "{place}: {body}");
                let length = answered.headers.get("content-length");
                let length =
                    length.map(|length| length.to_str().unwrap().parse::<usize>().unwrap());
                let sent = (BEFORE.len() + echo.len() + BEHIND.len()) * 3;
                assert_eq!(length, (pieces == 0).then_some(sent), "{place}");
                let masked = answered.headers["location"].to_str().unwrap();
                assert!(masked.starts_with("/openai/v1/models?key="), "{masked}");
                assert_eq!(answered.trailers.is_some(), pieces != 0, "{place}");
            }
        }
    }
}

#[track_caller]
fn expect_none(place: &str, secret: &str, answered: &Answered) {
    let fields = |fields: &HeaderMap| {
        let lines =
            fields.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()));
        lines.collect::<Vec<_>>().join("\n")
    };
    let body = String::from_utf8(answered.body.clone()).unwrap();
    let trailers = answered.trailers.as_ref().map(fields).unwrap_or_default();
    let texts: [String; 3] = [fields(&answered.headers), body, trailers];
    for text in texts {
        assert!(!text.contains(secret) && !text.contains(MASTER), "{place}: {text}");
    }
}

struct Stage {
    key: Key,
    proxy: Proxy,
    _upstream: HyperUpstream,
    _home: Home,
}

impl Stage {
    /// HTTP/1.1 upstream.
    fn plain() -> Self {
        let upstream = HyperUpstream::plain(answer);
        let home = Home::new();
        home.add_openai(&upstream.base_url("/v1"));
        let proxy = home.proxy();
        Self { key: home.mint("openai -n 500"), proxy, _upstream: upstream, _home: home }
    }

    /// HTTP/2 upstream.
    fn over_tls() -> Self {
        let authority = Authority::new();
        let upstream = HyperUpstream::over_tls(&authority.server_for("localhost"), answer);
        let home = Home::new();
        home.add_openai(&upstream.base_url("/v1"));
        let pem = home.path("authority.pem");
        authority.write_pem(&pem);
        let run = home.till("proxy --listen 127.0.0.1:0 --upstream-ca").arg(pem.to_str().unwrap());
        let proxy = Proxy::start(run);
        Self { key: home.mint("openai -n 500"), proxy, _upstream: upstream, _home: home }
    }
}
