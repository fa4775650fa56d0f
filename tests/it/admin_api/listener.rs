//! The admin server's listener, and what it writes down.

use serde_json::json;

use crate::support::admin::{refused, text};
use crate::support::answer::Answer;
use crate::support::home::{Home, MASTER};
use crate::support::http::Request;
use crate::support::http2::Http2;
use crate::support::hyper_body::Sent;
use crate::support::proxy::Proxy;
use crate::support::tls::Authority;
use crate::support::upstream::Upstream;

const FLAGS: &str = "--provider openai --max-activations 5";

fn home() -> (Upstream, Home) {
    let upstream = Upstream::answering(Answer::status(200)).may_idle();
    let home = Home::with_openai(&upstream);
    (upstream, home)
}

#[test]
fn over_http2() {
    let (_upstream, home) = home();
    let admin = home.admin();
    let token = home.token("ci", FLAGS);
    let mut client = Http2::open(admin.address());
    let call = client.call("POST", "/admin/keys", &token);
    let call = call.header("content-type", "application/json");
    let created = client.request(call.body(Sent::once(br#"{"name": "two"}"#)).unwrap());
    assert_eq!(created.status, 201);
    let list = client.call("GET", "/admin/keys", &token).body(Sent::empty()).unwrap();
    let list = client.request(list);
    assert_eq!((list.status, list.field("cache-control")), (200, "no-store"));
    assert!(String::from_utf8(list.body).unwrap().contains(r#""name":"two""#));
    let foreign = http::Request::get("http://evil.example/admin/keys");
    let foreign = foreign.header("authorization", format!("Bearer {token}"));
    assert_eq!(client.request(foreign.body(Sent::empty()).unwrap()).status, 403);
}

#[test]
fn over_tls_beyond_this_machine_and_not_without_it() {
    let (_upstream, home) = home();
    let refused = home.till("admin serve --listen 0.0.0.0:0");
    refused.fails(8, &["loopback", "--tls-cert", "--plaintext"]);
    home.till("admin serve --listen [::]:0").fails(8, &["loopback"]);
    let authority = Authority::new();
    let (certificate, private) = (home.path("server.pem"), home.path("server.key"));
    authority.write_server("localhost", &certificate, &private);
    let serve = home.till("admin serve --listen 0.0.0.0:0 --tls-cert");
    let serve = serve.arg(certificate.to_str().unwrap());
    let admin = Proxy::start(serve.arg("--tls-key").arg(private.to_str().unwrap()));
    assert!(admin.said().contains("https://"), "{}", admin.said());
    let token = home.token("ci", FLAGS);
    let to = ([127, 0, 0, 1], admin.address().port()).into();
    let mut client = Http2::open_tls(to, authority.client(&["h2"]), "localhost");
    let call = client.call("GET", "/admin/account", &token).body(Sent::empty()).unwrap();
    assert_eq!(client.request(call).status, 200);
    assert!(Request::new("GET", "/admin/account").bearer(&token).try_send(to).is_err());
}

#[test]
fn what_it_is_and_whether_it_runs_needs_no_token() {
    let (_upstream, home) = home();
    let admin = Proxy::start(
        home.till("admin serve --listen 127.0.0.1:0 --proxy-url https://till.example.com"),
    );
    for (path, body) in [("/healthz", "ok\n"), ("/readyz", "ready\n")] {
        let reply = Request::new("GET", path).send(admin.address());
        assert_eq!((reply.status, reply.text().as_str()), (200, body));
        assert!(reply.field("content-type").starts_with("text/plain"), "{reply:?}");
    }
    let client = home.client(&admin, "ci", FLAGS);
    let key = client.mint(&json!({}));
    assert_eq!(text(&key, "proxyUrl"), "https://till.example.com");
    assert_eq!(text(&client.tenant(), "proxyUrl"), "https://till.example.com");
}

/// `-vv`: the whole log, and every file of the store.
#[test]
fn secrets_are_in_no_log_and_no_file() {
    let (_upstream, home) = home();
    let admin = Proxy::start(home.till("-vv admin serve --listen 127.0.0.1:0"));
    let client = home.client(&admin, "ci", &format!("{FLAGS} --may-bring-keys"));
    let brought = "sk-brought-canary-0123456789";
    let keys = [
        client.mint(&json!({})),
        client.mint(&json!({"provider": "openai", "upstream_key": brought})),
    ];
    let wrong = client.create(&json!({"max_activations": brought}));
    refused(&wrong, 400, "bad_request", &["expected u64"]);
    refused(&client.create(&json!({"upstream_key": brought})), 400, "bad_request", &["provider"]);
    let mut mistyped = client.clone();
    mistyped.token.push('x');
    refused(&mistyped.send("GET", "/admin/account"), 401, "token_refused", &[]);
    let shown = client.send("GET", "/admin/keys").text() + &wrong.text();
    let (status, said) = admin.stop();
    assert!(status.success() && said.contains("listening on"), "{said}");

    let token_part = &client.token["till_admin_".len()..];
    let mut secrets = vec![MASTER, brought, token_part];
    secrets.extend(keys.iter().map(|key| &text(key, "scopedKey")["till_sk_".len()..]));
    home.has_nowhere(&secrets);
    for secret in secrets {
        assert!(!said.contains(secret) && !shown.contains(secret), "{secret}: {said}{shown}");
    }
}
