//! Each bound of a token, at it and beyond it.

use serde_json::{Value, json};

use crate::support::admin::refused;
use crate::support::answer::Answer;
use crate::support::home::Home;
use crate::support::upstream::Upstream;

/// A flag of `till admin mint`: what may be asked for, what may not, the bound that is named then,
/// and its value.
struct Bound {
    flags: &'static [&'static str],
    within: Value,
    beyond: Value,
    named: &'static str,
    value: &'static str,
}

#[rustfmt::skip]
fn bounds() -> Vec<Bound> {
    let bound = |flags, within, beyond, named, value| Bound { flags, within, beyond, named, value };
    vec![
        bound(&["--max-activations", "50"], json!({"max_activations": 50}),
            json!({"max_activations": 51}), "max_activations", "50"),
        bound(&["--max-tokens", "1000"], json!({"max_tokens": 1000}),
            json!({"max_tokens": 1001}), "max_tokens", "1000 tokens"),
        bound(&["--max-input-tokens", "1000"], json!({"max_input_tokens": 1000}),
            json!({"max_input_tokens": 1001}), "max_input_tokens", "1000 input tokens"),
        bound(&["--max-output-tokens", "1000"], json!({"max_output_tokens": 1000}),
            json!({"max_output_tokens": 1001}), "max_output_tokens", "1000 output tokens"),
        bound(&["--max-spend", "2"], json!({"max_spend": "2.00"}),
            json!({"max_spend": "2.000000000001"}), "max_spend", "$2.00"),
        bound(&["--max-spend", "2.50"], json!({"max_spend_cents": 250}),
            json!({"max_spend_cents": 251}), "max_spend", "$2.50"),
        bound(&["--max-expires", "1h"], json!({"expires": "1h"}),
            json!({"expires": "1h1ms"}), "max_expires", "1h"),
        bound(&["--max-expires", "1h"], json!({"expires": "59m"}),
            json!({"expires": "2099-01-01T00:00:00Z"}), "max_expires", "1h"),
        bound(&["--max-activations", "5", "--model", "gpt-4o*", "--model", "o3"],
            json!({"models": ["gpt-4o-mini", "o3"]}), json!({"models": ["gpt-4o-mini", "gpt-5"]}),
            "models", "gpt-4o*, o3"),
        bound(&["--max-activations", "5", "--allow", "POST /v1/chat/*"],
            json!({"allow": ["POST /v1/chat/completions"]}), json!({"allow": ["/v1/chat/*"]}),
            "allow", "POST /v1/chat/*"),
        bound(&["--max-activations", "5", "--ip", "10.0.0.0/8"],
            json!({"ip_whitelist": ["10.1.2.3", "10.2.0.0/16"]}),
            json!({"ip_whitelist": ["10.0.0.0/7"]}), "ip_whitelist", "10.0.0.0/8"),
        bound(&["--max-activations", "5", "--max-delegate", "2"], json!({"delegate": 2}),
            json!({"delegate": 3}), "max_delegate", "2"),
        bound(&["--max-activations", "5"], json!({"delegate": 0}),
            json!({"delegate": 1}), "max_delegate", "0"),
        bound(&["--max-activations", "5", "--max-live-keys", "3"], json!({"count": 3}),
            json!({"count": 4}), "max_live_keys", "3"),
        bound(&["--max-activations", "5", "--total-keys", "3"], json!({"count": 3}),
            json!({"count": 4}), "total_keys", "3 keys"),
        bound(&["--max-activations", "5", "--total-activations", "10"],
            json!({"max_activations": 5, "count": 2}), json!({"max_activations": 4, "count": 3}),
            "total_activations", "10 activations"),
        bound(&["--max-activations", "5", "--total-activations", "10/d"], json!({"count": 2}),
            json!({"count": 3}), "total_activations", "10 activations/d"),
        bound(&["--max-tokens", "1000", "--total-tokens", "1500"], json!({"max_tokens": 750, "count": 2}),
            json!({"max_tokens": 751, "count": 2}), "total_tokens", "1500 tokens"),
        bound(&["--max-spend", "2", "--total-spend", "3/h"], json!({"max_spend": "1.50", "count": 2}),
            json!({"max_spend": "1.51", "count": 2}), "total_spend", "$3.00/h"),
    ]
}

/// What is refused takes nothing: what is at the bound passes after it.
#[test]
fn each_is_a_bound_and_is_named() {
    let upstream = Upstream::answering(Answer::status(200)).may_idle();
    let home = Home::with_openai(&upstream);
    let admin = home.admin();
    for (index, bound) in bounds().into_iter().enumerate() {
        let Bound { flags, within, beyond, named, value } = bound;
        let name = format!("token-{index}");
        let mint = home.till(&format!("admin mint --provider openai --name {name}"));
        let token = flags.iter().fold(mint, |mint, flag| mint.arg(flag)).ok();
        let client = crate::support::admin::Client {
            to: admin.address(),
            token: token.trim_end().to_owned(),
        };
        let says = format!("`{named}` is {value}, and ");
        refused(&client.create(&beyond), 403, "out_of_bounds", &[&says]);
        assert_eq!(client.tenant()["liveKeys"], 0, "{flags:?}");
        let reply = client.create(&within);
        assert_eq!(reply.status, 201, "{flags:?}: {}", reply.text());
    }
}

#[test]
fn what_is_not_said_is_as_the_bound_has_it() {
    let upstream = Upstream::answering(Answer::status(200)).may_idle();
    let home = Home::with_openai(&upstream);
    let admin = home.admin();
    let flags = "--provider openai --max-activations 50 --max-tokens 1000 --max-input-tokens 800 \
                 --max-output-tokens 700 --max-spend 2 --max-expires 1h --model gpt-4o* \
                 --allow /v1/chat/* --ip 10.0.0.0/8";
    let client = home.client(&admin, "ci", flags);
    let key = client.mint(&json!({}));
    for (field, value) in [
        ("provider", json!("openai")),
        ("tenantId", json!("ci")),
        ("maxActivations", json!(50)),
        ("maxTokens", json!(1_000)),
        ("maxInputTokens", json!(800)),
        ("maxOutputTokens", json!(700)),
        ("maxSpend", json!("2.00")),
        ("maxSpendCents", json!(200)),
        ("models", json!(["gpt-4o*"])),
        ("allow", json!(["* /v1/chat/*"])),
        ("ipWhitelist", json!(["10.0.0.0/8"])),
        ("masters", json!(["openai"])),
        ("status", json!("active")),
    ] {
        assert_eq!(key[field], value, "{field}");
    }
    assert!(key["expiresAt"].is_string() && key["scopedKey"].is_string(), "{key}");
    let tenant = client.tenant();
    for field in ["maxActivations", "maxTokens", "maxInputTokens", "maxOutputTokens", "maxSpend"] {
        assert_eq!(tenant[field], key[field], "{field}");
    }
    assert_eq!((&tenant["maxExpires"], &tenant["providers"]), (&json!("1h"), &json!(["openai"])));
}

#[test]
fn what_it_may_not_open_is_refused() {
    let upstream = Upstream::answering(Answer::status(200)).may_idle();
    let home = Home::with_openai(&upstream);
    home.add_master("anthropic", &upstream.base_url(""));
    let admin = home.admin();
    let client = home.client(&admin, "ci", "--provider openai --max-activations 5");
    let asked = |asked: Value| client.create(&asked);
    refused(&asked(json!({"provider": "anthropic"})), 403, "not_granted", &["`anthropic`"]);
    let both = json!({"providers": ["openai", "anthropic"]});
    refused(&asked(both), 403, "not_granted", &["`anthropic`"]);
    let brought = json!({"provider": "openai", "upstream_key": "sk-0123456789"});
    refused(&asked(brought), 403, "not_granted", &["bring"]);
    let mistyped = json!({"provider": "opnai"});
    refused(&asked(mistyped), 400, "bad_request", &["`provider`", "`openai`"]);
    let twice = json!({"provider": "openai", "providers": ["openai"]});
    refused(&asked(twice), 400, "bad_request", &["`openai`"]);
    assert_eq!(client.live().len(), 0);

    let both = "--provider openai --provider anthropic --max-activations 5";
    let client = home.client(&admin, "both", both);
    refused(&client.create(&json!({})), 400, "bad_request", &["`provider`", "openai, anthropic"]);
    let key = client.mint(&json!({"provider": "anthropic", "providers": ["openai"]}));
    assert_eq!(key["providers"], json!(["anthropic", "openai"]));
}

/// What hands out further credentials is opened by its own path alone, and so it is for tokens: one
/// that was not given that path gives it to no key.
#[test]
fn what_hands_out_credentials_needs_the_tokens_word() {
    let upstream = Upstream::answering(Answer::status(200)).may_idle();
    let home = Home::with_openai(&upstream);
    let admin = home.admin();
    let client = |name: &str, allow: &str| {
        let mint = format!("admin mint --provider openai --max-activations 5 --name {name}");
        let mint = home.till(&mint);
        let mint = if allow.is_empty() { mint } else { mint.arg("--allow").arg(allow) };
        let token = mint.ok().trim_end().to_owned();
        crate::support::admin::Client { to: admin.address(), token }
    };
    let paths = [
        "POST /v1/realtime/client_secrets",
        "/v1/realtime/client_secrets",
        "* /v1/Realtime/client_secrets/",
        "GET /v1/organization/admin_api_keys",
    ];
    for (name, allow) in [("open", ""), ("wide", "/v1/**"), ("other", "POST /v1/realtime/*")] {
        let client = client(name, allow);
        for path in &paths[..if name == "other" { 1 } else { paths.len() }] {
            let reply = client.create(&json!({"allow": [path]}));
            refused(&reply, 403, "out_of_bounds", &["`allow`", "hands out credentials"]);
        }
        let usual = if name == "other" { "POST /v1/realtime/x" } else { "POST /v1/chat/*" };
        assert_eq!(client.create(&json!({"allow": [usual]})).status, 201, "{name}");
    }
    let told = client("told", paths[0]);
    assert_eq!(told.create(&json!({"allow": [paths[0]]})).status, 201);
    assert_eq!(told.create(&json!({})).status, 201);
}
