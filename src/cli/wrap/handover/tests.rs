use super::super::fixture::{Case, PROXY, Row, proxy_key, real};
use super::*;
use crate::provider::find_builtin;

#[test]
fn clients_get_the_proxy_key_and_its_url() {
    let cases: [Row; 8] = [
        (
            &[("OPENAI_API_KEY", "sk-12345678"), ("PATH", "/bin")],
            &[
                "OPENAI_API_BASE=url/openai/v1",
                "OPENAI_API_KEY=key",
                "OPENAI_BASE_URL=url/openai/v1",
                "PATH=/bin",
            ],
        ),
        (
            &[("ANTHROPIC_AUTH_TOKEN", "sk-12345678")],
            &["ANTHROPIC_AUTH_TOKEN=key", "ANTHROPIC_BASE_URL=url/anthropic"],
        ),
        // As the Vercel AI SDK has it; and a client that reads another variable.
        (
            &[
                ("ANTHROPIC_API_KEY", "sk-12345678"),
                ("ANTHROPIC_API_URL", "https://api.anthropic.com"),
                ("ANTHROPIC_BASE_URL", "https://api.anthropic.com/v1"),
            ],
            &[
                "ANTHROPIC_API_KEY=key",
                "ANTHROPIC_API_URL=url/anthropic",
                "ANTHROPIC_BASE_URL=url/anthropic/v1",
            ],
        ),
        (
            &[("GOOGLE_API_KEY", "AIza12345678")],
            &[
                "GEMINI_API_BASE=url/google",
                "GOOGLE_API_KEY=key",
                "GOOGLE_GEMINI_BASE_URL=url/google",
            ],
        ),
        (
            &[
                ("OPENAI_API_KEY", "sk-or-12345678"),
                ("OPENAI_BASE_URL", "https://openrouter.ai/api/v1"),
            ],
            &[
                "OPENAI_API_BASE=url/openrouter/api/v1",
                "OPENAI_API_KEY=key",
                "OPENAI_BASE_URL=url/openrouter/api/v1",
            ],
        ),
        (
            &[("OPENAI_API_KEY", "lm-studio"), ("OPENAI_API_BASE", "http://localhost:1234/v1")],
            &[
                "OPENAI_API_BASE=url/openai/v1",
                "OPENAI_API_KEY=key",
                "OPENAI_BASE_URL=url/openai/v1",
            ],
        ),
        (&[("MISTRAL_API_KEY", "12345678"), ("AZURE_OPENAI_API_KEY", "12345678")], &[]),
        (&[("STRIPE_API_KEY", "sk_12345678")], &["STRIPE_API_KEY=sk_12345678"]),
    ];
    for (variables, expected) in cases {
        assert_eq!(Case::of(variables).variables(), expected, "{variables:?}");
    }
}

#[test]
fn what_is_not_replaced_is_said_with_the_flag_that_decides() {
    let stripe = Case::of(&[("STRIPE_API_KEY", "sk_12345678")]);
    assert_eq!(
        stripe.notes(),
        "`STRIPE_API_KEY` is left, with the real key: no variable points the clients of \
         `stripe` at till; `--drop-env STRIPE_API_KEY` removes it\n"
    );
    assert!(stripe.dropping("STRIPE_API_KEY").variables().is_empty());
    let mistral = Case::of(&[("MISTRAL_API_KEY", "12345678")]);
    assert_eq!(
        mistral.notes(),
        "`MISTRAL_API_KEY` is removed: no variable points the clients of `mistral` at till; \
         `--keep-env MISTRAL_API_KEY` leaves it, with the real key\n"
    );
    let kept = mistral.keeping("MISTRAL_API_KEY");
    assert_eq!(kept.variables(), ["MISTRAL_API_KEY=12345678"]);
    assert!(kept.notes().contains("is kept, with the real key"));
    let only = Case::of(&[("GROQ_API_KEY", "12345678"), ("GITHUB_TOKEN", "12345678")]);
    let only = only.only(&["openai"]);
    // Both are the same key: what is removed stands nowhere else.
    assert!(only.variables().is_empty());
    assert!(only.notes().contains("`GROQ_API_KEY` is removed: `--only` does not name `groq`"));
}

#[test]
fn a_kept_key_goes_where_it_did() {
    let variables =
        [("OPENAI_API_KEY", "sk-12345678"), ("OPENAI_BASE_URL", "https://api.openai.com/v1")];
    let kept = Case::of(&variables).keeping("OPENAI_API_KEY");
    assert_eq!(
        kept.variables(),
        ["OPENAI_API_KEY=sk-12345678", "OPENAI_BASE_URL=https://api.openai.com/v1",]
    );
}

#[test]
fn nothing_that_unlocks_a_store_is_inherited() {
    let case =
        Case::of(&[("TILL_PASSPHRASE", "hunter2"), ("TILL_KEY_FILE", "/k"), ("TILL_STORE", "/s")]);
    assert_eq!(case.variables(), ["TILL_STORE=/s"]);
    let kept = case.keeping("TILL_PASSPHRASE").variables();
    assert_eq!(kept, ["TILL_PASSPHRASE=hunter2", "TILL_STORE=/s"]);
}

#[test]
fn masters_of_a_store_are_served_too() {
    let mut case = Case::of(&[]);
    case.served = ["anthropic", "mistral"].map(|name| find_builtin(name).unwrap().clone()).into();
    assert_eq!(case.variables(), ["ANTHROPIC_API_KEY=key", "ANTHROPIC_BASE_URL=url/anthropic",]);
    assert!(case.notes().contains("nothing is set for `mistral`: no variable points"));
    let mut other = Case::of(&[
        ("ANTHROPIC_AUTH_TOKEN", "sk-12345678"),
        ("ANTHROPIC_BASE_URL", "https://api.deepseek.com/anthropic"),
    ]);
    other.served = case.served.clone();
    assert_eq!(
        other.variables(),
        ["ANTHROPIC_AUTH_TOKEN=key", "ANTHROPIC_BASE_URL=url/deepseek/anthropic"]
    );
    assert!(other.notes().contains("nothing is set for `anthropic`: the variables of its"));
    let dropped = case.clone().dropping("ANTHROPIC_BASE_URL").variables();
    assert_eq!(dropped, ["ANTHROPIC_API_KEY=key", "ANTHROPIC_BASE_URL=url/anthropic"]);
    assert!(case.clone().dropping("ANTHROPIC_API_KEY").variables().is_empty());
    let kept = case.clone().keeping("ANTHROPIC_BASE_URL");
    assert!(kept.variables().is_empty());
    assert!(kept.notes().contains("for `anthropic`: `ANTHROPIC_BASE_URL` is kept, so that its"));
    let key = proxy_key();
    case.environment.set("ANTHROPIC_API_KEY", key.expose());
    case.environment.set("ANTHROPIC_BASE_URL", "http://127.0.0.1:9/anthropic");
    assert_eq!(case.variables()[1], "ANTHROPIC_BASE_URL=http://127.0.0.1:9/anthropic");
}

#[test]
fn keys_inside_other_text_are_replaced() {
    let key = real("sk-proj-");
    let case =
        Case::of(&[("OPENAI_API_KEY", &key), ("HEADERS", &format!("Authorization: Bearer {key}"))]);
    assert_eq!(case.variables()[0], "HEADERS=Authorization: Bearer key");
    let alone = Case::of(&[("X", &format!("k: {key}"))]);
    assert_eq!(alone.variables().last().unwrap(), "X=k: key");
    let case = case.running(&format!("curl -H Bearer:{key} x"));
    let (_, handover) = case.handover();
    assert_eq!(handover.command[2], format!("Bearer:{}", proxy_key().expose()).as_str());
    let other = Case::of(&[]).running(&format!("curl --key={key}"));
    assert!(other.notes().contains("a key of `openai` seems to stand"));
}

#[test]
fn agents_get_what_they_need() {
    let codex = Case::of(&[("OPENAI_API_KEY", "sk-12345678")]).running("npx @openai/codex exec");
    let (_, handover) = codex.handover();
    assert_eq!(handover.command[2..4], ["-c", "model_provider=\"till\""]);
    let last = handover.command.last().unwrap();
    assert_eq!(last, "exec");
    let url = format!("model_providers.till.base_url=\"{PROXY}/openai/v1\"");
    assert!(handover.command.iter().any(|word| word == url.as_str()));
    let claude = Case::of(&[("ANTHROPIC_API_KEY", "sk-12345678")]).running("claude");
    assert_eq!(
        claude.variables(),
        ["ANTHROPIC_AUTH_TOKEN=key", "ANTHROPIC_BASE_URL=url/anthropic",]
    );
    let aider = Case::of(&[("OPENROUTER_API_KEY", "sk-12345678")]).running("aider");
    assert_eq!(
        aider.variables(),
        ["OPENROUTER_API_BASE=url/openrouter/api/v1", "OPENROUTER_API_KEY=key",]
    );
    assert!(Case::of(&[]).running("cursor .").notes().contains("Cursor cannot use a proxy key"));
}

#[test]
fn ways_past_the_proxy_are_closed_or_said() {
    let case = Case::of(&[
        ("GEMINI_API_KEY", "AIza12345678"),
        ("GOOGLE_GENAI_USE_VERTEXAI", "true"),
        ("HTTP_PROXY", "http://proxy.example:3128"),
    ]);
    let variables = case.variables();
    assert!(variables.contains(&"NO_PROXY=127.0.0.1".to_owned()), "{variables:?}");
    assert!(case.notes().contains("`--drop-env GOOGLE_GENAI_USE_VERTEXAI` removes it"));
    assert_eq!(case.dropping("GOOGLE_GENAI_USE_VERTEXAI").notes(), "");
    // Whatever starts Claude Code.
    for name in ["BEDROCK", "FOUNDRY", "VERTEX", "ANTHROPIC_AWS", "MANTLE"] {
        let name = format!("CLAUDE_CODE_USE_{name}");
        let cloud = |value: &str| {
            Case::of(&[("ANTHROPIC_API_KEY", "sk-12345678"), (&name, value)]).running("bash x.sh")
        };
        let said = format!(
            "`{name}` is set: Claude Code calls another cloud, past till; `--drop-env {name}` \
             removes it\n"
        );
        assert_eq!(cloud("1").notes(), said);
        assert_eq!(cloud("1").running("claude").notes(), said);
        assert_eq!(cloud("0").notes(), "");
        assert_eq!(Case::of(&[(&name, "1")]).notes(), "");
    }
}

#[test]
fn changes_are_what_differs() {
    let case = Case::of(&[("GROQ_API_KEY", "12345678"), ("XAI_API_KEY", "23456789"), ("A", "b")]);
    let (_, handover) = case.handover();
    let key = proxy_key();
    assert_eq!(
        handover.changes,
        [
            Change::Set("GROQ_API_KEY".into(), key.expose().into()),
            Change::Set("GROQ_BASE_URL".into(), format!("{PROXY}/groq").into()),
            Change::Set(OWN_KEY.into(), key.expose().into()),
            Change::Set(OWN_URL.into(), PROXY.into()),
            Change::Removed("XAI_API_KEY".into()),
        ]
    );
}
