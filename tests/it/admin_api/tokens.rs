//! Whose keys are whose, how tokens end, and servers that come and go.

use serde_json::{Value, json};

use crate::support::admin::{Client, refused, text};
use crate::support::answer::Answer;
use crate::support::home::Home;
use crate::support::http::{Request, at_once};
use crate::support::upstream::Upstream;
use crate::support::wait_until;

const FLAGS: &str = "--provider openai --max-activations 5";

fn home() -> (Upstream, Home) {
    let upstream = Upstream::answering(Answer::status(200)).may_idle();
    let home = Home::with_openai(&upstream);
    (upstream, home)
}

/// The ids of all keys of the token's, page by page.
fn ids(client: &Client, limit: usize) -> Vec<String> {
    let mut found = Vec::new();
    let mut after = String::new();
    loop {
        let page = client.send("GET", &format!("/admin/keys?limit={limit}{after}")).json();
        let keys = page["keys"].as_array().expect("a list");
        assert!(keys.len() <= limit, "{page}");
        found.extend(keys.iter().map(|key| text(key, "id").to_owned()));
        let Some(next) = page["next"].as_str() else { return found };
        assert_eq!(Some(next), found.last().map(String::as_str));
        after = format!("&after={next}");
    }
}

#[test]
fn a_token_sees_and_ends_its_own_keys_alone() {
    let (_upstream, home) = home();
    let admin = home.admin();
    let (own, other) = (home.client(&admin, "own", FLAGS), home.client(&admin, "other", FLAGS));
    let minted = own.create(&json!({"count": 5})).json();
    let minted: Vec<_> =
        minted["keys"].as_array().unwrap().iter().map(|key| text(key, "id").to_owned()).collect();
    let foreign = text(&other.mint(&json!({})), "id").to_owned();
    let operators = home.mint("openai -n 5").id;
    assert_eq!(ids(&own, 2), minted);
    assert_eq!(ids(&own, 5), minted);
    assert_eq!(ids(&other, 1), [foreign.as_str()]);
    for id in [foreign.as_str(), &operators, "000000000000", "x", "%FF", "..%2f.."] {
        for method in ["GET", "DELETE"] {
            refused(&own.send(method, &format!("/admin/keys/{id}")), 404, "key_unknown", &[]);
        }
    }
    for id in [foreign.as_str(), &operators] {
        let page = own.send("GET", &format!("/admin/keys?after={id}"));
        refused(&page, 400, "bad_request", &["`after`"]);
        assert_eq!(home.till(&format!("key show {id}")).json()["status"], "live");
    }
    // The text of a key is there when it is minted, and never again.
    let whole = own.send("GET", "/admin/keys").text() + &own.show(&minted[0]).to_string();
    assert!(!whole.contains("scopedKey") && !whole.contains("till_sk_"), "{whole}");
}

#[test]
fn a_revoked_token_is_unknown_and_its_keys_live_on_unless_they_are_told() {
    let (_upstream, home) = home();
    let admin = home.admin();
    let (first, second) =
        (home.client(&admin, "first", FLAGS), home.client(&admin, "second", FLAGS));
    let (kept, ended) = (first.mint(&json!({})), second.mint(&json!({})));
    home.till("admin revoke first").ok();
    let told = home.till("admin revoke second --revoke-keys --yes").json();
    assert_eq!(told["ended_keys"], 1);
    for client in [&first, &second] {
        refused(&client.create(&json!({})), 401, "token_refused", &["revoked"]);
        let list = client.send("GET", "/admin/keys");
        assert_eq!(list.field("www-authenticate"), "Bearer");
        refused(&list, 401, "token_refused", &[]);
    }
    let proxy = home.proxy();
    let call = |key: &Value| Request::chat(text(key, "scopedKey")).send(proxy.address());
    call(&kept).expect(200, "");
    call(&ended).expect(403, "key_revoked");
    // A new token of the same name has nothing of the old one's.
    let again = home.client(&admin, "first", FLAGS);
    assert_eq!(ids(&again, 10), [""; 0]);
}

#[test]
fn a_token_expires() {
    let (_upstream, home) = home();
    let admin = home.admin();
    let client = home.client(&admin, "ci", &format!("{FLAGS} --expires 3s"));
    let reply = client.create(&json!({}));
    // A machine that stood still meanwhile has seen it expire.
    assert!([201, 401].contains(&reply.status), "{}", reply.text());
    wait_until("it has expired", || client.send("GET", "/admin/account").status == 401);
    refused(&client.create(&json!({})), 401, "token_refused", &["expired"]);
}

#[test]
fn two_servers_have_one_store() {
    let (_upstream, home) = home();
    let (first, second) = (home.admin(), home.admin());
    let here = home.client(&first, "ci", FLAGS);
    let there = here.at(&second);
    let key = here.mint(&json!({"name": "shared"}));
    assert_eq!(text(&there.show(text(&key, "id")), "name"), "shared");
    there.revoke(text(&key, "id"));
    assert_eq!(text(&here.show(text(&key, "id")), "status"), "revoked");
    home.till("admin revoke ci").ok();
    for client in [here, there] {
        refused(&client.send("GET", "/admin/account"), 401, "token_refused", &[]);
    }
}

/// The proxy has what it needs without the server, and never its root key.
#[test]
fn keys_work_when_the_server_has_gone() {
    let (_upstream, home) = home();
    let proxy = home.proxy();
    let admin = home.admin();
    let key = home.client(&admin, "ci", FLAGS).mint(&json!({}));
    let (status, said) = admin.stop();
    assert!(status.success(), "{said}");
    Request::chat(text(&key, "scopedKey")).send(proxy.address()).expect(200, "");
}

/// SIGKILL in the midst of it: what was answered is there, and counted.
#[test]
fn a_killed_server_loses_nothing_that_it_acknowledged() {
    let (_upstream, home) = home();
    let admin = home.admin();
    let client = home.client(&admin, "ci", &format!("{FLAGS} --total-keys 1000000"));
    let mut known = vec![text(&client.mint(&json!({})), "id").to_owned()];
    let asking = client.clone();
    let asked = std::thread::spawn(move || {
        at_once(4, move |_| {
            let mut minted = Vec::new();
            while let Ok(reply) = asking.try_create(&json!({})) {
                assert_eq!(reply.status, 201, "{}", reply.text());
                minted.push(text(&reply.json()["key"], "id").to_owned());
            }
            minted
        })
    });
    wait_until("some are minted", || client.live().len() > 8);
    admin.kill();
    known.extend(asked.join().expect("clients that did not panic").into_iter().flatten());

    let admin = home.admin();
    let client = client.at(&admin);
    let found = ids(&client, 1_000);
    assert!(known.len() > 1 && known.iter().all(|id| found.contains(id)), "{known:?}: {found:?}");
    assert_eq!(client.tenant()["totals"][0]["granted"], found.len());
    client.mint(&json!({}));
}

/// Nothing in an answer tells whether somebody else has brought the same real key.
#[test]
fn a_real_key_that_is_known_looks_like_a_new_one() {
    let (_upstream, home) = home();
    let admin = home.admin();
    let flags = "--may-bring-keys --max-activations 5";
    let (first, second) =
        (home.client(&admin, "first", flags), home.client(&admin, "second", flags));
    let bring = |client: &Client, secret: &str| {
        client.mint(&json!({"provider": "openai", "upstream_key": secret}))
    };
    bring(&first, "sk-brought-canary-known-0123456789");
    let new = bring(&second, "sk-brought-canary-new-0123456789");
    let known = bring(&second, "sk-brought-canary-known-0123456789");
    let newer = bring(&second, "sk-brought-canary-newer-0123456789");
    assert_eq!(known["masters"], new["masters"]);
    assert_eq!(known["masters"], newer["masters"]);
    for key in [&known, &new] {
        assert_eq!(second.show(text(key, "id"))["masters"], known["masters"]);
    }
    // Nor once they have ended: the one is erased then, and the other still opens somebody's.
    let ended = [&known, &new].map(|key| second.revoke(text(key, "id"))["masters"].take());
    assert_eq!(ended[0], ended[1]);
}
