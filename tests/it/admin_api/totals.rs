//! What all keys of a token together may be, and what comes back when one ends.

use serde_json::{Value, json};

use crate::support::admin::{Client, refusal, refused, text};
use crate::support::answer::Answer;
use crate::support::home::Home;
use crate::support::http::{Request, at_once};
use crate::support::proxy::Proxy;
use crate::support::upstream::Upstream;
use crate::support::wait_until;

struct Stage {
    _upstream: Upstream,
    home: Home,
    admin: Proxy,
    client: Client,
}

impl Stage {
    fn new(flags: &str) -> Self {
        let upstream = Upstream::answering(Answer::status(200)).may_idle();
        let home = Home::with_openai(&upstream);
        let admin = home.admin();
        let client = home.client(&admin, "ci", &format!("--provider openai {flags}"));
        Self { _upstream: upstream, home, admin, client }
    }

    /// One figure of the only total.
    fn total(&self, figure: &str) -> Value {
        self.client.tenant()["totals"][0][figure].clone()
    }
}

#[test]
fn a_key_gives_back_what_it_has_not_used() {
    let stage = Stage::new("--max-activations 10 --total-activations 10");
    let (client, proxy) = (&stage.client, stage.home.proxy());
    let key = client.mint(&json!({}));
    assert_eq!((stage.total("granted"), stage.total("remaining")), (json!(10), json!(0)));
    for _ in 0..3 {
        Request::chat(text(&key, "scopedKey")).send(proxy.address()).expect(200, "");
    }
    refused(
        &client.create(&json!({"max_activations": 1})),
        403,
        "out_of_bounds",
        &["`total_activations` is 10 activations", "0 activations of it are left"],
    );
    wait_until("all is settled", || client.show(text(&key, "id"))["heldActivations"] == 0);
    let ended = client.revoke(text(&key, "id"));
    assert_eq!((text(&ended, "status"), &ended["usedActivations"]), ("revoked", &json!(3)));
    assert_eq!((stage.total("granted"), stage.total("remaining")), (json!(3), json!(7)));
    // A second time nothing comes back.
    client.revoke(text(&key, "id"));
    assert_eq!(stage.total("granted"), 3);
    refused(
        &client.create(&json!({"max_activations": 8})),
        403,
        "out_of_bounds",
        &["7 activations"],
    );
    client.mint(&json!({"max_activations": 7}));
    assert_eq!(stage.total("remaining"), 0);
}

/// What the operator adds to a key does not come back to a total that never gave it.
#[test]
fn a_key_that_the_operator_has_extended_gives_back_no_more_than_was_counted() {
    let stage = Stage::new("--max-activations 5 --total-activations 10");
    let client = &stage.client;
    let (first, _) = (client.mint(&json!({})), client.mint(&json!({})));
    stage.home.till(&format!("key extend {} -n 20", text(&first, "id"))).ok();
    assert_eq!((stage.total("granted"), stage.total("remaining")), (json!(30), json!(0)));
    client.revoke(text(&first, "id"));
    assert_eq!((stage.total("granted"), stage.total("remaining")), (json!(5), json!(5)));
}

#[test]
fn a_key_that_is_used_up_makes_room() {
    let stage = Stage::new("--max-activations 2 --max-live-keys 1 --total-activations 3");
    let (client, proxy) = (&stage.client, stage.home.proxy());
    let key = client.mint(&json!({}));
    refused(
        &client.create(&json!({"max_activations": 1})),
        403,
        "out_of_bounds",
        &["max_live_keys"],
    );
    for _ in 0..2 {
        Request::chat(text(&key, "scopedKey")).send(proxy.address()).expect(200, "");
    }
    wait_until("it has ended", || client.show(text(&key, "id"))["endedReason"] == "activations");
    assert_eq!(text(&client.show(text(&key, "id")), "status"), "exhausted");
    assert_eq!((client.tenant()["liveKeys"].clone(), stage.total("granted")), (json!(0), json!(2)));
    client.mint(&json!({"max_activations": 1}));
    assert_eq!(stage.total("remaining"), 0);
}

/// No proxy runs that would write down that a key has expired.
#[test]
fn a_key_that_has_expired_makes_room_without_a_proxy() {
    let stage = Stage::new("--max-activations 10 --max-live-keys 1 --total-activations 10");
    let client = &stage.client;
    let key = client.mint(&json!({"expires": "1s"}));
    wait_until("it has expired", || client.show(text(&key, "id"))["status"] == "expired");
    let next = client.mint(&json!({}));
    assert_eq!(
        (client.tenant()["liveKeys"].clone(), stage.total("granted")),
        (json!(1), json!(10))
    );
    assert_eq!(text(&client.show(text(&key, "id")), "endedReason"), "expired");
    assert_eq!(client.live().len(), 1);
    assert_eq!(client.live()[0]["id"], next["id"]);
}

#[test]
fn many_at_once_are_never_too_many() {
    let stage = Stage::new("--max-activations 5 --max-live-keys 10 --total-activations 40");
    let client = stage.client.clone();
    let answers = at_once(50, move |_| client.create(&json!({})));
    let minted = answers.iter().filter(|reply| reply.status == 201).count();
    for reply in answers.iter().filter(|reply| reply.status != 201) {
        assert_eq!(refusal(reply).1, "out_of_bounds", "{}", reply.text());
    }
    assert_eq!((minted, stage.client.live().len()), (8, 8));
    assert_eq!((stage.total("granted"), stage.total("remaining")), (json!(40), json!(0)));

    let client = stage.home.client(
        &stage.admin,
        "live",
        "--provider openai --max-activations 5 --max-live-keys 10",
    );
    let (second, asking) = (stage.home.admin(), client.clone());
    let servers = [stage.admin.address(), second.address()];
    let answers = at_once(50, move |number| {
        Client { to: servers[number % 2], ..asking.clone() }.create(&json!({}))
    });
    assert_eq!(answers.iter().filter(|reply| reply.status == 201).count(), 10);
    assert_eq!((client.live().len(), client.tenant()["liveKeys"].clone()), (10, json!(10)));
}
