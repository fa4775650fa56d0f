//! `openapi.json` held against a running server.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::admin::refusal;
use crate::support::answer::Answer;
use crate::support::home::Home;
use crate::support::http::Request;
use crate::support::run::Run;
use crate::support::skip::skip;
use crate::support::upstream::Upstream;

fn checked_in() -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::fs::read(root.join("src/admin/openapi.json")).unwrap()
}

#[test]
fn it_is_served_as_it_is_checked_in() {
    let upstream = Upstream::answering(Answer::status(200)).may_idle();
    let admin = Home::with_openai(&upstream);
    let admin = admin.admin();
    let reply = Request::new("GET", "/admin/openapi.json").send(admin.address());
    assert_eq!((reply.status, reply.field("content-type")), (200, "application/json"));
    assert!(reply.body == checked_in());
}

/// Each path takes the methods that stand below it, and no others.
#[test]
fn its_paths_and_methods_are_those_of_the_server() {
    let upstream = Upstream::answering(Answer::status(200)).may_idle();
    let home = Home::with_openai(&upstream);
    let admin = home.admin();
    let client = home.client(&admin, "ci", "--provider openai --max-activations 5");
    let document: Value = serde_json::from_slice(&checked_in()).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in ["get", "post", "put", "patch", "delete"] {
            let key = client.mint(&json!({}));
            let target = path.replace("{id}", key["id"].as_str().unwrap());
            let request = client.request(&method.to_uppercase(), &target).json(b"{}");
            let reply = request.send(admin.address());
            let operation = &item[method];
            if operation.is_null() {
                assert_eq!(
                    (reply.status, &*refusal(&reply).1),
                    (405, "method_refused"),
                    "{target}"
                );
                continue;
            }
            assert!([200, 201].contains(&reply.status), "{method} {target}: {}", reply.text());
            assert!(!operation["responses"][reply.status.to_string()].is_null(), "{target}");
            // Whether a token is needed is as it says.
            let open = operation["security"] == json!([]);
            let reply = Request::new(&method.to_uppercase(), &target).send(admin.address());
            assert_eq!(reply.status == 401, !open, "{method} {target}");
        }
    }
}

/// Requests that fit the description and requests that do not, each answer held against it.
#[test]
fn schemathesis_finds_nothing() {
    let Some(python) = std::env::var_os("TILL_TEST_PYTHON") else {
        skip("schemathesis: `TILL_TEST_PYTHON` does not say where it is");
        return;
    };
    let upstream = Upstream::answering(Answer::status(200)).may_idle();
    let home = Home::with_openai(&upstream);
    let admin = home.admin();
    // What fits the description is within the bounds, but for a thousand keys at once.
    let flags = "--provider openai --may-bring-keys --max-expires 1h --max-live-keys 200";
    let client = home.client(&admin, "st", flags);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let run = Run::program(Path::new(&python).with_file_name("schemathesis").to_str().unwrap())
        .env("HOME", home.path(""))
        .within(&home.path(""))
        .arg("--config-file")
        .arg(root.join("tests/python/schemathesis.toml").to_str().unwrap())
        .arg("run")
        .arg(root.join("src/admin/openapi.json").to_str().unwrap())
        .arg("--url")
        .arg(&format!("http://{}", admin.address()))
        .arg("--header")
        .arg(&format!("Authorization: Bearer {}", client.token))
        .arg("--no-color")
        .run();
    assert_eq!(run.code, Some(0), "{run}");
    for said in ["Tested: 8", "Coverage", "Fuzzing", "Stateful"] {
        assert!(run.stdout.contains(said), "nothing of {said:?}: {run}");
    }
    assert!(!client.live().is_empty(), "nothing was minted: {run}");
}
