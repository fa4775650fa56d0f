//! Keys that are made from keys, through the binary and the wire.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::answer::Answer;
use crate::support::home::{Home, Key};
use crate::support::http::{Reply, Request, at_once};
use crate::support::load::Load;
use crate::support::upstream::Upstream;
use crate::support::wait_until;

/// A request for keys.
fn asking(parent: &Key, wish: &Value) -> Request {
    let request = Request::new("POST", "/till/v1/keys").bearer(&parent.text);
    request.json(wish.to_string().as_bytes())
}

#[track_caller]
fn make(at: SocketAddr, parent: &Key, wish: &Value) -> Key {
    let reply = asking(parent, wish).send(at);
    reply.expect(201, "");
    Key::of(&reply.json())
}

fn chat(at: SocketAddr, key: &Key) -> Reply {
    Request::chat(&key.text).send(at)
}

/// A parent of 500 gives each of 25 agents 20, all at the same moment; each gets all of its own, and
/// nobody more.
#[test]
fn five_hundred_are_twenty_five_times_twenty() {
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    let root = home.mint("openai -n 500 --delegate --name swarm");
    let proxy = home.proxy();
    let at = proxy.address();
    let parent = root.clone();
    let children = at_once(26, move |_| {
        let reply = asking(&parent, &json!({ "max_activations": 20 })).send(at);
        if reply.status == 201 {
            return Some(Key::of(&reply.json()));
        }
        reply.expect(402, "remainder_too_small");
        assert!(reply.text().contains("0 activations that remain"), "{}", reply.text());
        None
    });
    let children: Vec<Key> = children.into_iter().flatten().collect();
    assert_eq!(children.len(), 25);
    assert_eq!(home.activations(&root, "remaining"), 0);
    assert_eq!(home.activations(&root, "held"), 500);
    assert_eq!(home.show(&root)["status"], "live", "a parent that gave everything away lives");
    let denied = chat(at, &root);
    denied.expect(402, "activation_limit");
    assert!(denied.text().contains("500 held by child keys"), "{}", denied.text());

    let agents = children.clone();
    let answered = at_once(25, move |agent| {
        (0..22).filter(|_| chat(at, &agents[agent]).status == 200).count()
    });
    assert_eq!(answered, [20; 25]);
    assert_eq!(upstream.count(), 500);
    wait_until("everything has returned", || home.show(&root)["status"] == "ended");
    let shown = home.show(&root);
    assert_eq!(shown["activations"]["used"], 500, "{shown}");
    assert_eq!((&shown["ended_reason"], &shown["answered"]), (&json!("activations"), &json!(500)));
}

/// Proxies die under load on all children at once: what is left can be used to the last, and nothing
/// is forwarded beyond it.
#[test]
fn proxies_that_are_killed_lose_nothing_of_a_tree() {
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    let root = home.mint("openai -n 900 --delegate=2");
    let mut proxy = home.proxy();
    let child = make(proxy.address(), &root, &json!({ "max_activations": 600, "delegate": 1 }));
    let grandchild = make(proxy.address(), &child, &json!({ "max_activations": 300 }));
    let keys = [&root, &child, &grandchild];
    for round in 0..4u64 {
        let loads = keys.map(|key| Load::start(2, &[proxy.address()], &Request::chat(&key.text)));
        std::thread::sleep(Duration::from_millis(15 + round * 7));
        proxy.kill();
        for load in loads {
            load.stop();
        }
        proxy = home.proxy();
    }
    for key in keys.into_iter().rev() {
        while chat(proxy.address(), key).status == 200 {}
    }
    wait_until("everything is used", || home.show(&root)["status"] == "ended");
    for (key, used) in keys.into_iter().zip([900, 600, 300]) {
        let shown = home.show(key);
        assert_eq!(shown["activations"]["used"], used, "{shown}");
        assert_eq!(shown["activations"]["held"], 0, "{shown}");
    }
    assert!(upstream.count() <= 900, "{}", upstream.count());
}

#[test]
fn a_revoked_parent_takes_its_children_with_it() {
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    let root = home.mint("openai -n 50 --delegate=2");
    let proxy = home.proxy();
    let child = make(proxy.address(), &root, &json!({ "max_activations": 20, "delegate": 1 }));
    let grandchild = make(proxy.address(), &child, &json!({ "max_activations": 10 }));
    chat(proxy.address(), &grandchild).expect(200, "");
    // Stopping needs no unlock.
    home.till(&format!("key revoke {}", root.id)).without("TILL_KEY_FILE").ok();
    for key in [&root, &child, &grandchild] {
        chat(proxy.address(), key).expect(403, "key_revoked");
        assert_eq!(home.show(key)["status"], "ended");
        assert_eq!(home.show(key)["grants"], 0);
    }
    asking(&root, &json!({ "max_activations": 1 }))
        .send(proxy.address())
        .expect(403, "key_revoked");
    proxy.stop();
    assert_eq!(home.activations(&root, "used"), 1);
    assert_eq!(home.show(&grandchild)["ended_reason"], "parent-ended");
}

#[test]
fn what_a_child_leaves_comes_back() {
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    let root = home.mint("openai -n 50 --delegate --expires 1h --model gpt-*");
    let proxy = home.proxy();
    let at = proxy.address();
    let reply = asking(&root, &json!({ "max_activations": 20, "name": "one" })).send(at);
    let made = reply.expect(201, "").json();
    assert_eq!(reply.field("cache-control"), "no-store");
    assert_eq!((&made["activations"]["limit"], &made["status"]), (&json!(20), &json!("live")));
    let child = Key::of(&made);
    let shown = home.show(&child);
    assert_eq!((&shown["parent"], &shown["name"]), (&json!(root.id), &json!("one")));
    assert_eq!(shown["models"], json!(["gpt-*"]));
    assert_eq!(shown["expires_at"], home.show(&root)["expires_at"]);
    chat(at, &child).expect(200, "");
    assert_eq!(chat(at, &root).field("till-activations-remaining"), "29");
    let state = Request::new("GET", "/till/v1/key").bearer(&root.text).send(at).json();
    assert_eq!(state["activations"]["lent"], 20);
    wait_until("the root's request is settled", || home.activations(&root, "held") == 20);
    let said = home.till(&format!("key show {}", root.id)).ok();
    assert!(said.contains("20 held (20 by child keys), 29 remaining of 50"), "{said}");
    // The operator raises it out of what the parent has left, and not beyond.
    home.till(&format!("key extend {} -n 29", child.id)).ok();
    home.till(&format!("key extend {} -n 1", child.id)).fails(8, &["remain of the parent key"]);
    home.till(&format!("key edit {} --expires 2h", child.id)).fails(8, &["not later"]);
    home.till(&format!("key edit {} --model o3", child.id)).fails(8, &["`o3`"]);
    wait_until("the child's request is settled", || home.activations(&child, "held") == 0);
    home.till(&format!("key revoke {}", child.id)).ok();
    proxy.stop();
    let shown = home.show(&root);
    let left = [&shown["activations"]["used"], &shown["activations"]["remaining"]];
    assert_eq!(left, [&json!(2), &json!(48)], "{shown}");
}

/// What a key may not be, and what no request may look like, is said as JSON.
#[test]
fn what_is_refused_is_said() {
    let upstream = Upstream::answering(Answer::status(200)).may_idle();
    let home = Home::with_openai(&upstream);
    let root = home.mint("openai -n 50 --tokens 1000 --expires 1h --model gpt-* --delegate");
    let alone = home.mint("openai -n 50");
    let proxy = home.proxy();
    let at = proxy.address();
    let wish = |fields: Value| {
        let mut wish = json!({ "max_activations": 5, "max_tokens": 100 });
        for (name, value) in fields.as_object().unwrap() {
            wish[name] = value.clone();
        }
        wish
    };
    for (fields, status, code, says) in [
        (
            json!({ "max_activations": 51 }),
            402,
            "remainder_too_small",
            "51 activations are more than the 50",
        ),
        (json!({ "max_tokens": 1001 }), 402, "remainder_too_small", "1000 tokens"),
        (
            json!({ "max_activations": 26, "count": 2 }),
            402,
            "remainder_too_small",
            "52 activations",
        ),
        (json!({ "max_tokens": null }), 400, "limit_needed", "tokens"),
        (json!({ "max_activations": null }), 400, "limit_needed", "50 remain"),
        (json!({ "max_tokens": 1 }), 400, "limit_too_small", "less than one request"),
        (json!({ "expires": "2h" }), 403, "expiry_later", "not later"),
        (json!({ "models": ["o3"] }), 403, "scope_wider", "`o3`"),
        (json!({ "models": ["*"] }), 403, "scope_wider", "`*`"),
        (json!({ "providers": ["anthropic"] }), 403, "scope_wider", "anthropic"),
        (json!({ "on_cancel": "drain" }), 403, "limit_looser", "on-cancel"),
        (json!({ "count_answered": true }), 403, "limit_looser", "count-answered"),
        (json!({ "delegate": 1 }), 403, "delegation_too_deep", "at most 0 generations"),
        (json!({ "delegate": 9 }), 400, "bad_request", "`delegate`"),
        (json!({ "max_activations": 0 }), 400, "bad_request", "`max_activations`"),
        (json!({ "max_activations": "5" }), 400, "bad_request", "expected u64"),
        (json!({ "max_activation": 5 }), 400, "bad_request", "unknown field `max_activation`"),
        (json!({ "expires": "yesterday" }), 400, "bad_request", "`expires`"),
        (json!({ "upstream_key": "sk-x" }), 400, "bad_request", "`upstream_key`"),
        (json!({ "count": 0 }), 400, "bad_request", "`count`"),
        (json!({ "name": "a\nb" }), 400, "bad_request", "`name`"),
    ] {
        let reply = asking(&root, &wish(fields.clone())).send(at);
        reply.expect(status, code);
        assert_eq!(reply.json()["error"]["code"], code, "{fields}");
        assert!(reply.text().contains(says), "{fields}: {}", reply.text());
    }
    asking(&alone, &wish(json!({}))).send(at).expect(403, "delegation_refused");

    let post = || Request::new("POST", "/till/v1/keys");
    let body = br#"{"max_activations":1,"max_tokens":10}"#;
    let large = format!("{{\"name\":\"{}\"}}", "a".repeat(70_000));
    let other = root.text.replace("till_sk_", "till_sk_x");
    for (request, status, code) in [
        (post().json(body), 401, "key_missing"),
        (post().bearer(&other).json(body), 401, "key_malformed"),
        (post().bearer(&root.text).body(body), 415, "content_type"),
        (
            post().bearer(&root.text).field("Content-Type", "text/plain").body(body),
            415,
            "content_type",
        ),
        (post().bearer(&root.text).json(large.as_bytes()), 413, "body_too_large"),
        (post().bearer(&root.text).json(b"{"), 400, "bad_request"),
        (post().bearer(&root.text).json(b"[]"), 400, "bad_request"),
        (post().bearer(&root.text).json(b"{\"name\":\"a\",\"name\":\"b\"}"), 400, "bad_request"),
        (
            post().bearer(&root.text).field("Origin", "https://x.example").json(body),
            403,
            "origin_refused",
        ),
        (Request::new("GET", "/till/v1/keys").bearer(&root.text), 405, "method_refused"),
        (Request::new("DELETE", "/till/v1/keys").bearer(&root.text), 405, "method_refused"),
        (Request::new("PUT", "/till/v1/key").bearer(&root.text), 405, "method_refused"),
    ] {
        let reply = request.send(at);
        reply.expect(status, code);
        assert_eq!(reply.json()["error"]["code"], code, "{}", reply.text());
        assert_eq!(reply.field("content-type"), "application/json");
        assert_eq!(!reply.field("allow").is_empty(), status == 405);
    }
    assert_eq!(home.key_count(), 2, "nothing was made");
    assert_eq!(home.activations(&root, "remaining"), 50);
}

#[test]
fn keys_are_shown_below_what_they_were_made_from() {
    let upstream = Upstream::answering(Answer::status(200)).may_idle();
    let home = Home::with_openai(&upstream);
    let root = home.mint("openai -n 50 --delegate=2");
    let other = home.mint("openai -n 5");
    let proxy = home.proxy();
    let child = make(proxy.address(), &root, &json!({ "max_activations": 20, "delegate": 1 }));
    let grandchild = make(proxy.address(), &child, &json!({ "max_activations": 5 }));
    let second = make(proxy.address(), &root, &json!({ "max_activations": 1 }));
    let order = |utf8: bool| {
        let locale = if utf8 { "C.UTF-8" } else { "C" };
        let listed = home.till("key ls --tree").env("LC_ALL", locale).ok();
        let lines = listed
            .lines()
            .skip(1)
            .map(|line| line.split("  ").next().unwrap_or_default().trim_end().to_owned());
        lines.collect::<Vec<_>>()
    };
    let [root, child, grandchild, second, other] =
        [&root, &child, &grandchild, &second, &other].map(|key| key.id.as_str());
    let tree = |fork: &str, on: &str, last: &str| {
        let lines = [
            root.to_owned(),
            format!("{fork} {child}"),
            on.to_owned(),
            format!("{last} {second}"),
            other.to_owned(),
        ];
        lines.to_vec()
    };
    let found = order(true);
    assert_eq!(found, tree("├─", "│", "└─"), "{grandchild}");
    let found = order(false);
    assert_eq!(found, tree("|-", "|", "`-"), "{grandchild}");
    let listed = home.till("key ls --tree").env("LC_ALL", "C").ok();
    assert!(listed.contains(&format!("|  `- {grandchild}")), "{listed}");
    let ids: Vec<_> = home.till("key ls --tree").json().as_array().unwrap().clone();
    assert_eq!(ids[2]["parent"], child);
}

/// The key comes from the environment, and the new one alone goes to stdout.
#[test]
fn a_command_makes_keys_from_the_key_of_its_environment() {
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    let root = home.mint("openai -n 50 --delegate=3");
    let proxy = home.proxy();
    let url = format!("http://{}", proxy.address());
    let holder = |line: &str| {
        let run = home.till(line).without("TILL_KEY_FILE").without("TILL_STORE");
        run.env("TILL_URL", &url).env("OPENAI_API_KEY", &root.text)
    };
    let text = holder("key delegate -n 20 --name one --delegate --rate 5/m --expires 1h").ok();
    assert!(text.starts_with("till_sk_") && text.ends_with('\n'), "{text}");
    Request::chat(text.trim()).send(proxy.address()).expect(200, "");
    let made = holder("key delegate -n 5 --label team=search").json();
    assert_eq!(made["activations"]["limit"], 5);
    assert_eq!(holder("key delegate -n 5 --count 2").ok().lines().count(), 2);
    let env = holder("key delegate -n 1 --env").ok();
    assert!(env.contains("OPENAI_API_KEY='till_sk_") && env.contains(&url), "{env}");
    let refused = "more than the 14 activations that remain";
    holder("key delegate -n 15").fails(8, &[refused, "till left"]);
    holder("key delegate").fails(2, &["give the child that limit too"]);
    holder("key delegate -n 0").fails(2, &[]);
    holder("key delegate -n 1 --overshoot last-call").fails(2, &["--overshoot"]);
    home.till("key delegate -n 1").stdin("").fails(2, &["there is no proxy key"]);
    let left = holder("left").ok();
    assert!(left.contains("14 of 50 activations left, 36 with child keys"), "{left}");
}

/// Tokens and money are carved like activations, and a child is charged like any key.
#[test]
fn tokens_are_carved_and_come_back() {
    let upstream = Upstream::new(crate::support::model::greedy);
    let home = Home::with_openai(&upstream);
    let root = home.mint("openai --tokens 100k --spend 1 --delegate");
    let proxy = home.proxy();
    let wish = json!({ "max_tokens": 5_000, "max_spend": "0.40" });
    let child = make(proxy.address(), &root, &wish);
    let request = crate::support::model::chat(&child.text, 200);
    request.send(proxy.address()).expect(200, "");
    let shown = home.show(&root);
    assert_eq!(shown["tokens"]["lent"], 5_000, "{shown}");
    assert_eq!(shown["spend"]["remaining"]["usd"], "0.60", "{shown}");
    wait_until("the request is settled", || home.show(&child)["tokens"]["held"] == 0);
    let used = home.show(&child)["tokens"]["used"].clone();
    home.till(&format!("key revoke {}", child.id)).ok();
    proxy.stop();
    let shown = home.show(&root);
    assert_eq!(shown["tokens"]["used"], used, "{shown}");
    assert_eq!(shown["tokens"].get("lent"), None, "{shown}");
}
