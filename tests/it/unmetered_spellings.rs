//! A key that is limited in dollars, and every spelling of what costs dollars: whatever is not
//! plainly an endpoint with a meter goes nowhere.

use std::iter;

use till::domain::endpoint::EndpointClass;
use till::provider::{Provider, builtin};

use crate::support::answer::Answer;
use crate::support::home::Home;
use crate::support::http::{Connection, Request};
use crate::support::spent::place;
use crate::support::upstream::Upstream;

/// A model that has no price: whatever reaches the upstream with it went without a plan.
const BODY: &[u8] = br#"{"model":"no-such-model","messages":[],"stream":false}"#;

/// Methods beside POST, and ways to ask for another.
const METHODS: [&str; 7] = ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "post", "PoST"];

/// Fields that some servers take for the method, the path or the kind of a request.
const FIELDS: [(&str, &str); 8] = [
    ("X-HTTP-Method-Override", "POST"),
    ("X-Original-URL", "/v1/models"),
    ("X-Rewrite-URL", "/v1/models"),
    ("Content-Type", "text/plain"),
    ("Content-Type", "application/x-www-form-urlencoded"),
    ("Content-Type", "multipart/form-data; boundary=x"),
    ("Content-Encoding", "gzip"),
    ("Upgrade", "websocket"),
];

#[test]
fn no_spelling_of_a_metered_endpoint_goes_without_a_plan() {
    let mut tried = 0;
    for provider in builtin().iter().filter(|provider| provider.meter) {
        let name = provider.name.as_ref();
        let upstream = Upstream::expecting(place(name), |_| Answer::status(200)).may_idle();
        let home = Home::new();
        // The table's own paths, whatever the base URL's.
        home.add_master(name, &upstream.base_url(&provider.base_path));
        let price = if name == "openrouter" { "--max-price 1,4" } else { "" };
        let key = home.mint(&format!("{name} --spend 100 --allow /** {price}"));
        let proxy = home.proxy();
        let mut connection = Connection::open(proxy.address()).unwrap();
        let mut refused = |request: Request, what: &str| {
            let reply = connection.request(&request.bearer(&key.text)).unwrap();
            tried += 1;
            let told = format!("{name} {what}: {} {}", reply.status, reply.text());
            // The cap on the price goes with each request, whatever the model: that is its plan.
            if name == "openrouter" && reply.status < 400 {
                let body = upstream.seen().pop().expect("a request").body;
                assert!(String::from_utf8_lossy(&body).contains("max_price"), "{told}");
                return;
            }
            assert!(reply.status >= 400, "{told}");
            assert!(name == "openrouter" || upstream.count() == 0, "{told}");
        };
        for path in metered(provider) {
            let route = format!("/{name}{path}");
            for spelt in spellings(&path) {
                let request = Request::new("POST", &format!("/{name}{spelt}"));
                refused(request.json(BODY), &spelt);
            }
            for method in METHODS {
                refused(Request::new(method, &route).json(BODY), &format!("{method} {path}"));
                refused(Request::new(method, &route), &format!("{method} {path}, empty"));
            }
            for (field, value) in FIELDS {
                let request = Request::new("POST", &route).field(field, value).body(BODY);
                refused(request, &format!("{path} {field}: {value}"));
            }
        }
        assert_eq!(home.spent(&key).2 == 0, upstream.count() == 0, "{name}");
    }
    assert!(tried > 1_000, "{tried} were tried");
}

/// Where till has no meter, dollars cannot be promised: no such key is made.
#[test]
fn a_provider_without_a_meter_gives_no_key_in_dollars() {
    let upstream = Upstream::answering(Answer::status(200)).may_idle();
    let mut tried = 0;
    let home = Home::new();
    for provider in builtin().iter().filter(|provider| !provider.meter) {
        home.add_master(&provider.name, &upstream.base_url(""));
        home.till(&format!("key mint {} --spend 1", provider.name))
            .fails(2, &["limited in tokens or money"]);
        tried += 1;
    }
    assert!(tried > 3, "{tried}");
}

/// A path for each endpoint of the provider's that costs money.
fn metered(provider: &Provider) -> Vec<String> {
    let rows = provider.endpoints.iter().filter(|row| row.class == EndpointClass::Metered);
    rows.map(|row| row.path.replace('*', "no-such-model")).collect()
}

/// The path, and what servers may take for it.
fn spellings(path: &str) -> Vec<String> {
    let (parent, last) = path.rsplit_once('/').expect("a path");
    let (first, rest) = last.split_at(1);
    let encoded = format!("%{:02x}", first.as_bytes()[0]);
    let version = path.replacen("/v1", "/v2", 1);
    [
        format!("{path}/"),
        format!("{path}//"),
        path.to_uppercase(),
        format!("{parent}/{}{rest}", first.to_uppercase()),
        format!("{parent}//{last}"),
        format!("/{path}"),
        format!("{parent}/./{last}"),
        format!("{parent}/x/../{last}"),
        format!("{parent}/%2e/{last}"),
        format!("{parent}%2f{last}"),
        format!("{parent}\\{last}"),
        format!("{parent}/{encoded}{rest}"),
        format!("{parent}/%25{}{rest}", &encoded[1..]),
        format!("{parent}/{last};a=b"),
        format!("{parent};a=b/{last}"),
        format!("{parent}/{last}%00"),
        format!("{parent}/{last}%20"),
        format!("{parent}/{last}."),
        format!("{path}.json"),
        format!("{path}?a=b"),
        format!("{path}?/models"),
        format!("{path}?_method=GET"),
        format!("{path}?model=gpt-4o-mini"),
        format!("{path}?stream=true&alt=sse"),
        format!("{path}#/models"),
        format!("{path}/models"),
        format!("{path}:batch"),
        format!("{path}/batches"),
        format!("/beta{path}"),
    ]
    .into_iter()
    .chain(iter::once(version))
    .collect()
}
