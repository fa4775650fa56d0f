use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

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

/// A master key of a store, with characters that stand between words elsewhere.
fn sealed(text: &str, provider: Provider) -> (SecretText, Known) {
    (text.to_owned().into(), Known { provider, master: "team".to_owned() })
}

#[test]
fn a_sealed_key_is_found_in_the_middle_of_other_text() {
    let key = "aB3/dE6+gH9=jK2/mN5+";
    let mut case = Case::of(&[
        ("ANTHROPIC_CUSTOM_HEADERS", &format!("x-api-key: {key}")),
        ("MORE", &format!("a={key}&b={key}")),
    ]);
    case.known = vec![sealed(key, find_builtin("anthropic").unwrap().clone())];
    assert_eq!(found(&case), ["anthropic: ANTHROPIC_CUSTOM_HEADERS, MORE"]);
    assert_eq!(
        case.variables(),
        [
            "ANTHROPIC_BASE_URL=url/anthropic",
            "ANTHROPIC_CUSTOM_HEADERS=x-api-key: key",
            "MORE=a=key&b=key",
        ]
    );
    // One that looks like a key of another provider in part.
    let shaped = real("sk-proj-");
    let mut part = Case::of(&[("X", &format!("a {shaped}+/ b"))]);
    part.known = vec![sealed(&format!("{shaped}+/"), find_builtin("groq").unwrap().clone())];
    assert_eq!(found(&part), ["groq: X"]);
    let short = Case { known: vec![sealed("short/one", case.known[0].1.provider.clone())], ..case };
    assert!(
        found(&Case { environment: Case::of(&[("P", "/a/short/one")]).environment, ..short })
            .is_empty()
    );
}

#[test]
fn a_sealed_key_stands_in_no_argument_though_no_variable_has_it() {
    let key = "aB3/dE6+gH9=jK2/mN5+";
    let mut case = Case::of(&[]).running(&format!("curl --header=Bearer:{key}:x"));
    case.known = vec![sealed(key, find_builtin("groq").unwrap().clone())];
    let (_, handover) = case.handover();
    assert_eq!(handover.command[1], format!("--header=Bearer:{}:x", proxy_key().expose()).as_str());
    // A key that is left, since its API is no AI's, is left in both.
    let mut left = Case::of(&[("X", key)]).running(&format!("curl {key}"));
    left.known = vec![sealed(key, find_builtin("stripe").unwrap().clone())];
    assert_eq!(left.variables(), [format!("X={key}")]);
    let (_, handover) = left.handover();
    assert_eq!(handover.command[1], key);
    // What is no text is looked through as well.
    let bytes = [b"\xff".as_slice(), key.as_bytes()].concat();
    let mut binary = Case::of(&[]);
    binary.environment.set("B", OsString::from_vec(bytes));
    binary.known = vec![sealed(key, find_builtin("groq").unwrap().clone())];
    assert!(binary.variables().is_empty());
}

#[test]
fn a_sealed_key_goes_where_its_master_says() {
    let base = BaseUrl::parse("https://gw.example/llm", false).unwrap();
    let provider = find_builtin("openai").unwrap().with_base_url(&base);
    let key = real("sk-proj-");
    let mut case =
        Case::of(&[("OPENAI_API_KEY", &key), ("OPENAI_BASE_URL", "https://other.example/v1")]);
    case.known = vec![sealed(&key, provider)];
    assert_eq!(case.inventory().unwrap().keys[0].base_url, None);
    assert_eq!(case.notes(), "`OPENAI_BASE_URL` was set: requests go on to https://gw.example\n");
    case.environment.set("OPENAI_BASE_URL", "https://gw.example/llm");
    assert_eq!(case.notes(), "");
}

#[test]
fn base_urls_that_differ_are_said() {
    let set = |first, second| {
        Case::of(&[
            ("OPENAI_API_KEY", "sk-12345678"),
            ("OPENAI_BASE_URL", first),
            ("OPENAI_API_BASE", second),
        ])
        .notes()
    };
    let said = "`OPENAI_API_BASE` was set to another base URL than `OPENAI_BASE_URL`, which is \
                used for both\n";
    let own = "https://api.openai.com/v1";
    assert_eq!(set(own, "https://gw.example/v1"), said);
    assert!(set("https://gw.example/v1", "https://gw.example/v2").ends_with(said));
    for (first, second) in [(own, own), (own, "https://api.openai.com")] {
        assert_eq!(set(first, second), "", "{first} {second}");
    }
}

#[test]
fn a_base_url_can_be_dropped_or_kept() {
    let bad = [("OPENAI_API_KEY", "sk-12345678"), ("OPENAI_BASE_URL", "https://u:p@gw.example")];
    let dropped = Case::of(&bad).dropping("OPENAI_BASE_URL");
    assert_eq!(found(&dropped), ["openai: OPENAI_API_KEY"]);
    assert_eq!(
        dropped.variables(),
        ["OPENAI_API_BASE=url/openai/v1", "OPENAI_API_KEY=key", "OPENAI_BASE_URL=url/openai/v1",]
    );
    assert_eq!(dropped.notes(), "");
    assert!(dropped.dropping("OPENAI_API_KEY").variables().is_empty());
    let kept = Case::of(&bad).keeping("OPENAI_BASE_URL");
    assert!(found(&kept).is_empty());
    assert_eq!(kept.variables(), ["OPENAI_BASE_URL=https://u:p@gw.example"]);
    assert_eq!(
        kept.notes(),
        "`OPENAI_API_KEY` is removed: `OPENAI_BASE_URL` is kept, so that its clients do not call \
         till; `--keep-env OPENAI_API_KEY` leaves it, with the real key\n"
    );
    // One that nothing reads unless it is set does not matter where it is not.
    let unset = Case::of(&[("GROQ_API_KEY", "gsk-12345678")]).keeping("GROQ_API_BASE");
    assert_eq!(found(&unset), ["groq: GROQ_API_KEY"]);
}

#[test]
fn keys_of_other_ai_services_are_removed() {
    let hex = "sk-0a1b2c3d4e5f0a1b2c3d4e5f0a1b2c3d";
    for name in ["DASHSCOPE_API_KEY", "AZURE_API_KEY", "AWS_BEARER_TOKEN_BEDROCK", "ZAI_API_KEY"] {
        let case = Case::of(&[(name, hex)]).running("aider");
        assert!(found(&case).is_empty(), "{name}");
        assert!(case.variables().is_empty(), "{name}");
        assert!(case.notes().contains(&format!("`{name}` is removed: ")), "{}", case.notes());
    }
    assert_eq!(found(&Case::of(&[("OPENAI_KEY", "sk-12345678")])), ["openai: OPENAI_KEY"]);
}

#[test]
fn a_run_within_a_run_is_said() {
    let own = proxy_key();
    let said = "`OPENAI_API_KEY` holds a proxy key of till already: this seems to be a run within \
                another, which has the real key\n";
    let inner = Case::of(&[("OPENAI_API_KEY", own.expose()), ("TILL_KEY", own.expose())]);
    assert_eq!(inner.notes(), said);
    assert_eq!(inner.dropping("OPENAI_API_KEY").notes(), "");
    let real =
        Case::of(&[("OPENAI_API_KEY", own.expose()), ("GROQ_API_KEY", "gsk-12345678")]).notes();
    assert_eq!(real, "");
    assert_eq!(Case::of(&[("TILL_KEY", own.expose())]).notes(), "");
}
