//! The SDKs that people use, each as its recipe in `docs/clients/` says: plain and streamed, to
//! the limit and beyond it. A refusal is one request at the proxy, and its message is shown.

mod recipe;
mod recorded;

use std::collections::BTreeMap;

use recipe::{Recipe, sections};
use recorded::{Api, GEMINI, MESSAGES, OPENAI_CHAT, OPENAI_RESPONSES};

use crate::support::driver::{Driver, Outcome, Step};
use crate::support::home::Home;

/// A test for each section of each recipe, and the list of them.
macro_rules! follow {
    ($($test:ident: $file:literal, $section:literal, $api:ident;)*) => {
        $(#[test]
        fn $test() {
            follow(&Recipe::read($file, $section), &$api);
        })*

        const FOLLOWED: &[(&str, &str)] = &[$(($file, $section)),*];
    };
}

follow! {
    openai_python_chat: "openai-sdk", "Python, chat completions", OPENAI_CHAT;
    openai_python_responses: "openai-sdk", "Python, responses", OPENAI_RESPONSES;
    openai_js_chat: "openai-sdk", "JavaScript, chat completions", OPENAI_CHAT;
    openai_js_responses: "openai-sdk", "JavaScript, responses", OPENAI_RESPONSES;
    anthropic_python: "anthropic-sdk", "Python", MESSAGES;
    anthropic_js: "anthropic-sdk", "JavaScript", MESSAGES;
    google_python: "google-sdk", "Python", GEMINI;
    google_js: "google-sdk", "JavaScript", GEMINI;
    vercel_openai: "vercel-ai-sdk", "OpenAI", OPENAI_RESPONSES;
    vercel_anthropic: "vercel-ai-sdk", "Anthropic", MESSAGES;
    vercel_google: "vercel-ai-sdk", "Google", GEMINI;
    langchain_python_openai: "langchain", "Python, OpenAI", OPENAI_CHAT;
    langchain_python_anthropic: "langchain", "Python, Anthropic", MESSAGES;
    langchain_js_openai: "langchain", "JavaScript, OpenAI", OPENAI_CHAT;
    langchain_js_anthropic: "langchain", "JavaScript, Anthropic", MESSAGES;
    litellm_openai: "litellm", "OpenAI", OPENAI_CHAT;
    litellm_anthropic: "litellm", "Anthropic", MESSAGES;
    litellm_google: "litellm", "Google", GEMINI;
}

#[test]
fn every_section_is_followed() {
    let mut recipes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (file, section) in FOLLOWED {
        recipes.entry(file).or_default().push(section);
    }
    for (file, followed) in recipes {
        assert_eq!(sections(file), followed, "{file}");
    }
}

/// What the keys are refused for, and what their holders are told.
const REFUSALS: [(&str, &str); 4] = [
    ("activation_limit", "all 2 activations of the key are used"),
    ("key_malformed", "the proxy key has a typing error"),
    ("key_revoked", "the key was revoked"),
    ("scope_denied", "the key may not"),
];

/// Calls plain and streamed with a key of two activations, which is then used up, and with keys
/// that are refused.
fn follow(recipe: &Recipe, api: &'static Api) {
    let Some(driver) = Driver::of(&recipe.language) else { return };
    let upstream = api.upstream();
    let home = Home::new();
    home.add_master(api.provider, &upstream.base_url(api.root));
    let mint = |options: &str| home.mint(&format!("{} -n 2 {options}", api.provider));
    let (key, revoked, scoped) = (mint(""), mint(""), mint("--model no-such-model"));
    home.till(&format!("key revoke {}", revoked.id)).ok();
    let proxy = home.proxy();

    let mistyped = mistype(&key.text);
    let keys = [&key.text, &key.text, &mistyped, &revoked.text, &scoped.text];
    let both_ways = |key: &&String| {
        let environment = recipe.environment(proxy.address(), key);
        let step = move |code| Step { code, environment: environment.clone() };
        recipe.code(proxy.address()).map(step)
    };
    let steps: Vec<_> = keys.iter().flat_map(both_ways).collect();
    let outcomes = driver.run(&steps, &home.path("home-of-the-client"));

    let (answered, refused) = outcomes.split_at(2);
    for (outcome, recorded) in answered.iter().zip([&api.plain, &api.streamed]) {
        let Outcome::Printed(text) = outcome else { panic!("{outcome:#?}") };
        assert_eq!(text.trim(), recorded.text().trim());
    }
    for (both, (code, message)) in refused.chunks(2).zip(REFUSALS) {
        for outcome in both {
            let Outcome::Failed { kinds, message: said, fields, .. } = outcome else {
                panic!("{code}: {outcome:#?}")
            };
            assert!(said.contains(message), "{code}: {outcome:#?}");
            assert!(kinds.contains(&recipe.error), "not `{}`: {outcome:#?}", recipe.error);
            for (name, value) in recipe.fields.iter().filter(|_| code == "activation_limit") {
                assert_eq!(fields.get(name), Some(value), "{name}: {outcome:#?}");
            }
        }
    }
    assert_eq!(upstream.count(), 2, "{:#?}", upstream.seen());
    let (_, log) = proxy.stop();
    for (code, _) in REFUSALS {
        assert_eq!(denials(&log, &format!("code={code}")), 2, "{code}: {log}");
    }
    assert_eq!(denials(&log, "code="), 2 * REFUSALS.len(), "{log}");
}

/// How many requests the proxy refused with `code`.
fn denials(log: &str, code: &str) -> usize {
    log.lines().filter(|line| line.contains(" denied ") && line.contains(code)).count()
}

/// The key with another last character.
fn mistype(key: &str) -> String {
    let (rest, last) = key.split_at(key.len() - 1);
    format!("{rest}{}", if last == "x" { "y" } else { "x" })
}
