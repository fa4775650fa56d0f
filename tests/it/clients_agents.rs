//! The agents that people run in a terminal, each as its recipe in `docs/clients/` says: to the
//! limit and beyond it. A refusal is one request at the proxy, its message is shown, and nothing
//! else is called.

mod agent;
mod recipe;

use agent::Agents;
use recipe::Recipe;

use crate::support::answer::Answer;
use crate::support::home::Home;
use crate::support::upstream::{Place, Upstream};

/// One agent's API, and what it makes of it.
#[derive(Debug)]
struct Api {
    provider: &'static str,
    /// The root of its base URL.
    root: &'static str,
    /// The header field that carries the master key alone; none where it is a bearer token.
    field: Option<&'static str>,
    /// The path that the agent calls.
    path: &'static str,
    /// The recorded answer.
    recording: &'static str,
    /// A piece of the answer that the agent shows.
    shown: &'static str,
}

const RESPONSES: Api = Api {
    provider: "openai",
    root: "/v1",
    field: None,
    path: "/v1/responses",
    recording: "openai.responses.programmatic-tool-calling.3.sse",
    shown: "a **surplus of 11 units**",
};

const CHAT: Api = Api {
    provider: "openai",
    root: "/v1",
    field: None,
    path: "/v1/chat/completions",
    recording: "xai.chat.xai-text.sse",
    shown: "First, the user said",
};

const MESSAGES: Api = Api {
    provider: "anthropic",
    root: "/v1",
    field: Some("x-api-key"),
    path: "/v1/messages?beta=true",
    recording: "anthropic.messages.anthropic-text.sse",
    shown: "How are you doing today?",
};

const GEMINI: Api = Api {
    provider: "google",
    root: "/v1beta",
    field: Some("x-goog-api-key"),
    path: "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
    recording: "google.gemini.google-text.sse",
    shown: "\"r\"s in strawberry",
};

#[test]
fn codex() {
    follow(&Recipe::read("codex", None), &RESPONSES, "");
}

/// It asks for a WebSocket first, goes on without, and no activation is lost.
#[test]
fn codex_with_its_own_provider() {
    let recipe = Recipe::read("codex", Some("The provider that is built in"));
    let log = follow(&recipe, &RESPONSES, "");
    assert!(log.is_none_or(|log| log.contains("code=upgrade_refused")));
}

#[test]
fn codex_on_a_key_limited_in_dollars() {
    let recipe = Recipe::read("codex", Some("Keys limited in tokens or dollars"));
    follow(&recipe, &RESPONSES, COSTS);
}

#[test]
fn claude_code() {
    follow(&Recipe::read("claude-code", None), &MESSAGES, COSTS);
}

#[test]
fn gemini_cli() {
    follow(&Recipe::read("gemini-cli", None), &GEMINI, COSTS);
}

#[test]
fn aider() {
    follow(&Recipe::read("aider", None), &CHAT, COSTS);
}

/// Limits under which the agent's requests are read, bounded and metered.
const COSTS: &str = "--tokens 20M --spend 500";

/// What the keys are refused for, and what their holders are told.
const REFUSALS: [(&str, &str); 3] = [
    ("activation_limit", "all 2 activations of the key are used"),
    ("key_malformed", "the proxy key has a typing error"),
    ("key_revoked", "the key was revoked"),
];

/// Two turns with a key of two activations, and one more; then one each with keys that are
/// refused. `limits` are theirs beside the activations. Returns what the proxy logged.
fn follow(recipe: &Recipe, api: &'static Api, limits: &str) -> Option<String> {
    let agents = Agents::installed()?;
    let place = api.field.map_or_else(Place::bearer, Place::raw);
    let upstream = Upstream::expecting(place, |seen| {
        let expected = seen.method == "POST" && seen.target == api.path;
        if expected { Answer::replay(api.recording) } else { Answer::status(404) }
    });
    let elsewhere = Upstream::answering(Answer::status(404)).may_idle();
    let home = Home::new();
    home.add_master(api.provider, &upstream.base_url(api.root));
    let mint = || home.mint(&format!("{} -n 2 {limits}", api.provider));
    let (key, revoked) = (mint(), mint());
    home.till(&format!("key revoke {}", revoked.id)).ok();
    let proxy = home.proxy();
    let run = |key: &str| {
        let recipe = recipe.filled(proxy.address(), key);
        agents.run(&recipe, &home.path("home-of-the-agent"), elsewhere.address())
    };

    for turn in 1..=2 {
        let output = run(&key.text);
        assert_eq!(output.code, Some(0), "{output}");
        assert!(output.stdout.contains(api.shown), "{output}");
        assert_eq!(upstream.count(), turn, "{:#?}", upstream.seen());
    }
    let refused = [&key.text, &mistyped(&key.text), &revoked.text];
    for (key, (code, message)) in refused.into_iter().zip(REFUSALS) {
        let output = run(key);
        let said = format!("{} {}", output.stdout, output.stderr);
        // Agents break lines where they like.
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(message), "{code}: {output}");
    }
    assert_eq!(upstream.count(), 2, "{:#?}", upstream.seen());
    assert_eq!(elsewhere.connections(), 0, "called elsewhere: {:#?}", elsewhere.seen());

    let (_, log) = proxy.stop();
    let denials = |code: &str| {
        log.lines().filter(|line| line.contains(" denied ") && line.contains(code)).count()
    };
    for (code, _) in REFUSALS {
        assert_eq!(denials(&format!("code={code}")), 1, "{code}: {log}");
    }
    let upgrades = denials("code=upgrade_refused");
    assert_eq!(denials("code="), REFUSALS.len() + upgrades, "{log}");
    Some(log)
}

/// The key with another last character.
fn mistyped(key: &str) -> String {
    let (rest, last) = key.split_at(key.len() - 1);
    format!("{rest}{}", if last == "x" { "y" } else { "x" })
}
