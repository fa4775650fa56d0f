//! What the server takes of no one, and in what words it says so.

use serde_json::json;

use crate::support::admin::{Client, refusal, refused};
use crate::support::answer::Answer;
use crate::support::home::Home;
use crate::support::http::{Connection, Reply, Request};
use crate::support::proxy::Proxy;
use crate::support::upstream::Upstream;

/// Bytes of a body at the most.
const LONGEST: usize = 64 * 1024;

struct Stage {
    _upstream: Upstream,
    _home: Home,
    _admin: Proxy,
    client: Client,
}

impl Stage {
    fn new() -> Self {
        let upstream = Upstream::answering(Answer::status(200)).may_idle();
        let home = Home::with_openai(&upstream);
        let admin = home.admin();
        let client = home.client(&admin, "ci", "--provider openai --max-activations 5");
        Self { _upstream: upstream, _home: home, _admin: admin, client }
    }

    fn post(&self, body: &str) -> Reply {
        self.client.request("POST", "/admin/keys").json(body.as_bytes()).send(self.client.to)
    }

    /// Sends a head as it stands, with the token and, where there is none, this host.
    fn raw(&self, first: &str, fields: &str) -> Reply {
        let Client { to, token } = &self.client;
        let mut connection = Connection::open(*to).unwrap();
        let head = format!("{first}\r\nAuthorization: Bearer {token}\r\n{fields}\r\n");
        connection.write(head.replace("{own}", &to.to_string()).as_bytes()).unwrap();
        connection.reply().unwrap()
    }
}

#[test]
fn bodies_that_are_no_request_for_keys() {
    let stage = Stage::new();
    let nested = |depth| format!(r#"{{"metadata": {{"a": {}"#, "[".repeat(depth));
    for (body, says) in [
        (r#"{"max_activation": 5}"#, "unknown field `max_activation`"),
        (r#"{"maxActivations": 5}"#, "unknown field `maxActivations`"),
        (r#"{"name": "a", "name": "b"}"#, "duplicate field `name`"),
        (r#"{"upstream_key": "sk-secret-1", "upstream_key": "sk-secret-2"}"#, "duplicate field"),
        (r#"{"max_activations": "sk-secret"}"#, "invalid type: expected u64"),
        (r#"{"max_activations": -1}"#, "invalid value: expected u64"),
        (r#"{"max_activations": 1.0}"#, "invalid type: expected u64"),
        (r#"{"max_activations": 18446744073709551616}"#, "expected u64"),
        (r#"{"max_activations": 0}"#, "`max_activations`: 0 is not from 1 to 1000000000000"),
        (r#"{"max_spend": 5}"#, "expected a string"),
        (r#"{"max_spend": "1e3"}"#, "`max_spend`: write it in dollars"),
        (r#"{"max_spend": "5", "max_spend_cents": 500}"#, "`max_spend`"),
        (r#"{"expires": "yesterday"}"#, "`expires`"),
        (r#"{"rate": "5/w"}"#, "`rate`"),
        (r#"{"concurrency": 4294967296}"#, "expected u32"),
        (r#"{"models": "gpt-4o"}"#, "expected a sequence"),
        (r#"{"labels": {"": "x"}}"#, "`labels`"),
        (r#"{"metadata": []}"#, "expected a map"),
        (r#"{"metadata": {"name": 5}}"#, "`metadata`"),
        (r#"{"count": 0}"#, "`count`: it must be from 1 to 1000"),
        (r#"{"count": 1001}"#, "`count`"),
        (r#"{"delegate": 9}"#, "`delegate`"),
        (r#"{"upstream_key": "sk-secret-1"}"#, "`upstream_key`: give one `provider`"),
        (r#"{"provider": "openai"} {}"#, "trailing characters"),
        ("{", "EOF"),
        ("", "no JSON object"),
        ("null", "no JSON object"),
        ("[]", "no JSON object"),
        (r#" ["openai"]"#, "no JSON object"),
        (&nested(200), "recursion limit"),
        (&nested(60_000), "recursion limit"),
    ] {
        let reply = stage.post(body);
        refused(&reply, 400, "bad_request", &[says]);
        assert!(!reply.text().contains("secret"), "{}", reply.text());
    }
    assert_eq!(stage.client.live().len(), 0);
}

#[test]
fn bodies_are_bounded_and_are_json() {
    let stage = Stage::new();
    let padded = |length: usize| {
        let mut body = b"{}".to_vec();
        body.resize(length, b' ');
        body
    };
    let request = stage.client.request("POST", "/admin/keys");
    let send = |request: &Request| request.send(stage.client.to);
    assert_eq!(send(&request.clone().json(&padded(LONGEST))).status, 201);
    let reply = send(&request.clone().json(&padded(LONGEST + 1)));
    refused(&reply, 413, "body_too_large", &["65536 bytes"]);
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""] {
        let request = request.clone().field("Content-Type", kind).body(b"{}");
        refused(&send(&request), 415, "content_type", &["application/json"]);
    }
    refused(&send(&request.clone().body(b"{}")), 415, "content_type", &["application/json"]);
    for coding in ["gzip", "identity"] {
        let request = request.clone().json(b"{}").field("Content-Encoding", coding);
        refused(&send(&request), 415, "content_type", &["Content-Encoding"]);
    }
    let kind = "Application/JSON; charset=utf-8";
    assert_eq!(send(&request.field("Content-Type", kind).body(b"{}")).status, 201);
    // Published clients say it on requests that have no body.
    let list = stage.client.request("GET", "/admin/keys").field("Content-Type", "application/json");
    assert_eq!(send(&list).status, 200);
}

#[test]
fn paths_methods_and_queries() {
    let stage = Stage::new();
    let send = |method: &str, path: &str| stage.client.send(method, path);
    for path in ["/", "/admin", "/admin/", "/admin/keys/", "/admin/keys/a/b", "//admin/keys"] {
        refused(&send("GET", path), 404, "not_found", &[]);
    }
    for path in ["/v1/models", "/openai/v1/models", "/till/v1/key", "/Admin/keys"] {
        refused(&send("GET", path), 404, "not_found", &[]);
    }
    for (path, allow) in [
        ("/admin/account", "GET, HEAD"),
        ("/admin/keys", "GET, HEAD, POST"),
        ("/admin/keys/000000000000", "GET, HEAD, DELETE"),
        ("/admin/openapi.json", "GET, HEAD"),
        ("/healthz", "GET, HEAD"),
        ("/readyz", "GET, HEAD"),
    ] {
        for method in ["PUT", "PATCH", "OPTIONS", "TRACE", "BREW"] {
            let reply = send(method, path);
            refused(&reply, 405, "method_refused", &[allow]);
            assert_eq!(reply.head.all("allow"), [allow], "{method} {path}");
        }
    }
    for (query, named) in [
        ("limit=0", "`limit`"),
        ("limit=10001", "`limit`"),
        ("limit=-1", "`limit`"),
        ("after=x", "`after`"),
        ("status=gone", "`status`"),
        ("page=2", "`page`"),
        ("%00", "parameter"),
    ] {
        let reply = send("GET", &format!("/admin/keys?{query}"));
        refused(&reply, 400, "bad_request", &[named]);
    }
}

#[test]
fn requests_of_web_pages_and_for_other_hosts() {
    let stage = Stage::new();
    for path in ["/admin/account", "/admin/keys", "/admin/keys/000000000000"] {
        let first = format!("GET {path} HTTP/1.1");
        for fields in [
            "Host: {own}\r\nOrigin: http://{own}\r\n",
            "Host: {own}\r\nOrigin: null\r\n",
            "Host: {own}\r\nSec-Fetch-Site: cross-site\r\n",
        ] {
            refused(&stage.raw(&first, fields), 403, "origin_refused", &["web pages"]);
        }
        let reply = stage.raw(&first, "Host: evil.example\r\n");
        refused(&reply, 403, "origin_refused", &["till admin serve --allowed-host"]);
        assert!(!reply.text().contains("proxy"), "{}", reply.text());
        for fields in ["Host: {own}\r\nHost: {own}\r\n", "Host: a b\r\n"] {
            assert_eq!(stage.raw(&first, fields).status, 400, "{fields}");
        }
    }
    let named = stage.raw("GET /admin/account HTTP/1.1", "Host: LOCALHOST:1\r\n");
    assert_eq!(named.status, 200, "{}", named.text());
    let absolute = stage.raw("GET http://evil.example/admin/account HTTP/1.1", "Host: {own}\r\n");
    assert_eq!(absolute.status, 403, "{}", absolute.text());
}

#[test]
fn tokens_that_are_none() {
    let stage = Stage::new();
    let Client { to, token } = &stage.client;
    let asked = |fields: &[String]| {
        let request = Request::new("GET", "/admin/account");
        let with = |request: Request, value: &String| request.field("Authorization", value);
        fields.iter().fold(request, with).send(*to)
    };
    let missing = [
        vec![],
        vec![String::new()],
        vec!["Bearer".to_owned()],
        vec![token.clone()],
        vec![format!("Basic {token}")],
        vec![format!("Bearer {token}"), format!("Bearer {token}")],
    ];
    for fields in missing {
        let reply = asked(&fields);
        refused(&reply, 401, "token_missing", &["Authorization: Bearer"]);
        assert_eq!(reply.field("www-authenticate"), "Bearer");
    }
    let query = format!("/admin/account?access_token={token}");
    refused(&Request::new("GET", &query).send(*to), 401, "token_missing", &[]);
    let (rest, last) = token.split_at(token.len() - 1);
    let mistyped = format!("{rest}{}", if last == "x" { "y" } else { "x" });
    let key = stage.client.mint(&json!({}))["scopedKey"].as_str().unwrap().to_owned();
    for (text, says) in [
        (mistyped, "typing error"),
        (key, "this is a proxy key"),
        ("x".to_owned(), "no admin token"),
    ] {
        let reply = asked(&[format!("Bearer {text}")]);
        refused(&reply, 401, "token_refused", &[says]);
        assert!(text.len() < 2 || !reply.text().contains(&text));
    }
    assert_eq!(asked(&[format!("bearer  {token} ")]).status, 200);
    // Nothing of a body is read for somebody who may not.
    let request = Request::new("POST", "/admin/keys").json(&vec![b' '; LONGEST + 1]);
    assert_eq!(refusal(&request.send(*to)).1, "token_missing");
}
