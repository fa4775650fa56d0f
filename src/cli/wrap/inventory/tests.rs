use super::super::fixture::{Case, Row, proxy_key, real};
use super::*;
use crate::provider::find_builtin;

/// Provider, variables, and the base URL that was kept.
fn found(case: &Case) -> Vec<String> {
    let shown = |key: RealKey| {
        let base = key.base_url.map(|url| format!(" at {url}")).unwrap_or_default();
        format!("{}: {}{base}", key.provider.name, key.variables.join(", "))
    };
    case.inventory().unwrap().keys.into_iter().map(shown).collect()
}

#[test]
fn keys_are_found_by_name_and_by_value() {
    let (openai, anthropic, own) = (real("sk-proj-"), real("sk-ant-"), proxy_key());
    let cases: [Row; 9] = [
        (&[("OPENAI_API_KEY", "not-shaped-like-one")], &["openai: OPENAI_API_KEY"]),
        (&[("MY_KEY", &openai)], &["openai: MY_KEY"]),
        (&[("PATH", "/bin"), ("A", &anthropic)], &["anthropic: A"]),
        (&[("OPENAI_API_KEY", &openai), ("A", &openai)], &["openai: OPENAI_API_KEY, A"]),
        (&[("OPENAI_API_KEY", " \n")], &[]),
        (&[("OPENAI_API_KEY", "x")], &[]),
        (&[("OPENAI_API_KEY", own.expose())], &[]),
        (&[("MISTRAL_API_KEY", "abcdefgh"), ("STRIPE_API_KEY", "abcdefgh")], &[]),
        (
            &[("GOOGLE_GENERATIVE_AI_API_KEY", "abcdefgh")],
            &["google: GOOGLE_GENERATIVE_AI_API_KEY"],
        ),
    ];
    for (variables, expected) in cases {
        assert_eq!(found(&Case::of(variables)), expected, "{variables:?}");
    }
}

#[test]
fn keys_are_found_inside_other_text() {
    let (openai, groq) = (real("sk-proj-"), real("gsk_"));
    let header = Case::of(&[("HEADERS", &format!("Authorization: Bearer {openai}"))]);
    assert_eq!(found(&header), ["openai: HEADERS"]);
    let both = format!("{{\"a\":\"{openai}\",\"b\":\"{groq}\",\"c\":\"{openai}\"}}");
    assert_eq!(found(&Case::of(&[("X", &both)])), ["openai: X", "groq: X"]);
    let url = format!("https://gw.example/{openai}/v1");
    let url = Case::of(&[("OPENAI_API_KEY", "sk-12345678"), ("OPENAI_BASE_URL", &url)]);
    assert!(!url.notes().contains(&openai), "{}", url.notes());
}

#[test]
fn a_key_that_is_sealed_is_known_by_its_value() {
    let provider = find_builtin("groq").unwrap().clone();
    let known = Known { provider, master: "team".to_owned() };
    let mut case = Case::of(&[("X", "no-shape-at-all"), ("OPENAI_BASE_URL", "https://a.b")]);
    case.known = vec![("no-shape-at-all".to_owned().into(), known)];
    let inventory = case.inventory().unwrap();
    assert_eq!(inventory.keys[0].master.as_deref(), Some("team"));
    assert_eq!(inventory.keys[0].base_url, None);
    assert_eq!(found(&case), ["groq: X"]);
}

#[test]
fn a_base_url_that_was_set_is_kept() {
    let set = |name, url| Case::of(&[("OPENAI_API_KEY", "sk-12345678"), (name, url)]);
    let at = |url: &str| vec![format!("openai: OPENAI_API_KEY at {url}")];
    let gateway = set("OPENAI_BASE_URL", "https://gw.example/llm/v1/");
    assert_eq!(found(&gateway), at("https://gw.example/llm/v1"));
    assert!(gateway.notes().contains("requests go on to https://gw.example\n"));
    let local = set("OPENAI_API_BASE", "http://10.0.0.1:8080/v1");
    assert_eq!(found(&local), at("http://10.0.0.1:8080/v1"));
    let usual = set("OPENAI_BASE_URL", "https://api.openai.com/v1");
    assert_eq!(found(&usual), ["openai: OPENAI_API_KEY"]);
    assert_eq!(usual.notes(), "");
    let other = set("OPENAI_BASE_URL", "https://openrouter.ai/api/v1");
    assert_eq!(found(&other), ["openrouter: OPENAI_API_KEY"]);
    assert!(other.notes().contains("requests go on to the API of `openrouter`"));
    let error = set("OPENAI_BASE_URL", "https://u:p@gw.example").inventory().unwrap_err();
    assert_eq!(error.variable, "OPENAI_BASE_URL");
    assert!(!error.to_string().contains("u:p"));
}

#[test]
fn of_several_keys_the_first_variable_wins() {
    let case = Case::of(&[("GOOGLE_API_KEY", "google-one"), ("GEMINI_API_KEY", "google-two")]);
    assert_eq!(found(&case), ["google: GEMINI_API_KEY"]);
    let said = "`GOOGLE_API_KEY` is removed: it holds another key of `google` than \
                `GEMINI_API_KEY`, which is used; `--keep-env GOOGLE_API_KEY` leaves it";
    assert!(case.notes().contains(said), "{}", case.notes());
}

#[test]
fn choices_decide_which_keys_are_replaced() {
    let both = Case::of(&[("OPENAI_API_KEY", "sk-12345678"), ("GROQ_API_KEY", "gsk-12345678")]);
    assert_eq!(found(&both).len(), 2);
    assert_eq!(found(&both.clone().only(&["groq"])), ["groq: GROQ_API_KEY"]);
    assert_eq!(found(&both.clone().keeping("GROQ_API_KEY")), ["openai: OPENAI_API_KEY"]);
    assert_eq!(found(&both.dropping("GROQ_API_KEY")), ["openai: OPENAI_API_KEY"]);
}

#[test]
fn litellm_reads_more_than_others() {
    let case = Case::of(&[("DEEPSEEK_API_KEY", "sk-12345678")]);
    assert!(found(&case).is_empty());
    assert_eq!(found(&case.running("aider")), ["deepseek: DEEPSEEK_API_KEY"]);
    let set = [("DEEPSEEK_API_KEY", "sk-12345678"), ("DEEPSEEK_API_BASE", "https://a.b/v1")];
    let key = real("sk-").replace(char::is_uppercase, "a");
    let shaped = Case::of(&[("NOT_FOR_LITELLM", key.get(..35).unwrap())]);
    assert!(found(&shaped.running("aider")).is_empty());
    assert_eq!(found(&Case::of(&set)), ["deepseek: DEEPSEEK_API_KEY at https://a.b/v1"]);
}
