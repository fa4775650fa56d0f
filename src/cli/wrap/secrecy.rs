//! A test of the whole folder: whatever the environment holds and the operator chooses, no real key
//! reaches the command unless it was said so.

use proptest::prelude::*;

use super::fixture::{Case, real};
use super::inventory::{Fate, Known};
use crate::provider::find_builtin;

/// How the key begins that a store may hold.
const SEALED: &str = "a/b+c=";

const NAMES: [&str; 14] = [
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "OPENAI_API_BASE",
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "ANTHROPIC_BASE_URL",
    "GEMINI_API_KEY",
    "GOOGLE_API_KEY",
    "MISTRAL_API_KEY",
    "AZURE_OPENAI_API_KEY",
    "GITHUB_TOKEN",
    "STRIPE_API_KEY",
    "TILL_PASSPHRASE",
    "MY_OWN",
];

fn secrets() -> Vec<String> {
    let shaped = ["sk-proj-", "sk-ant-", "sk-ant-oat01-", "sk-or-v1-", "xai-", "plain-"];
    shaped.map(real).into_iter().chain([real(SEALED)]).collect()
}

/// A value: a key, a key inside other text, a base URL, or something else.
fn value() -> impl Strategy<Value = String> {
    let secret = proptest::sample::select(secrets());
    let url = ["https://api.openai.com/v1", "https://openrouter.ai/api/v1", "http://10.0.0.1"];
    prop_oneof![
        3 => secret.clone(),
        1 => secret.clone().prop_map(|secret| format!("Bearer {secret}; {secret}")),
        1 => secret.prop_map(|secret| format!("https://api.openai.com/{secret}")),
        1 => proptest::sample::select(url.map(str::to_owned).to_vec()),
        1 => Just("short".to_owned()),
    ]
}

fn case() -> impl Strategy<Value = Case> {
    let name = || proptest::sample::select(NAMES.to_vec());
    let names = || proptest::collection::vec(name(), 0..2);
    let variables = proptest::collection::btree_map(name(), value(), 0..8);
    let programs = ["codex", "claude", "aider", "python agent.py"];
    let program = proptest::sample::select(programs.to_vec());
    let only = proptest::option::of(Just(vec!["openai"]));
    let sealed = proptest::bool::ANY;
    (variables, names(), names(), program, value(), only, sealed).prop_map(
        |(variables, keep, drop, program, argument, only, sealed)| {
            let variables: Vec<_> =
                variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let mut case = Case::of(&variables).running(program);
            case.command.push(argument.into());
            case.choices.keep = keep.into_iter().map(str::to_owned).collect();
            case.choices.drop = drop.into_iter().map(str::to_owned).collect();
            if sealed {
                let provider = find_builtin("groq").unwrap().clone();
                let known = Known { provider, master: "team".to_owned() };
                case.known.push((real(SEALED).into(), known));
            }
            if let Some(only) = only {
                case = case.only(&only);
            }
            case
        },
    )
}

proptest! {
    /// But for what is kept, no key that is replaced or removed stands anywhere, and a key
    /// that is left opens no AI.
    #[test]
    fn no_real_key_reaches_the_command(case in case()) {
        // A base URL that cannot be used ends it before a command starts.
        if case.inventory().is_err() {
            return Ok(());
        }
        let (inventory, handover) = case.handover();
        let beside = |fate| inventory.beside.iter().filter(move |one| one.fate == fate);
        let given: Vec<_> = beside(Fate::Kept).chain(beside(Fate::Left)).collect();
        let gone = inventory.keys.iter().map(|key| &key.secret);
        let gone = gone.chain(beside(Fate::Removed).map(|one| &one.secret));
        let gone = gone.chain(case.known.iter().map(|(secret, _)| secret));
        for secret in gone {
            let secret_text = secret.expose();
            for (name, value) in handover.environment.variables() {
                let name = name.to_str().unwrap();
                let kept = case.choices.keeps(name);
                prop_assert!(kept || !value.to_str().unwrap().contains(secret_text), "{}", name);
            }
            let asked_for = given.iter().any(|one| one.secret == *secret);
            for word in &handover.command {
                prop_assert!(asked_for || !word.to_str().unwrap().contains(secret_text));
            }
        }
        for one in beside(Fate::Left) {
            prop_assert!(matches!(&*one.variable, "STRIPE_API_KEY" | "GITHUB_TOKEN"));
        }
        for note in inventory.notes.iter().chain(&handover.notes) {
            prop_assert!(!secrets().iter().any(|secret| note.text.contains(secret.as_str())));
        }
    }
}
