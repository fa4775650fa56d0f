//! What `till run` makes of the environment: real keys go, a proxy key and URLs come, and each
//! decision is said with the flag that makes another.

use std::fs;

use crate::support::answer::Answer;
use crate::support::home::{Home, MASTER};
use crate::support::http::Request;
use crate::support::session::Session;
use crate::support::terminal::Terminal;
use crate::support::upstream::{Place, Upstream};

const ANTHROPIC: &str = "sk-ant-api03-canary-0123456789abcdefghijklmnop";
const STRIPE: &str = "sk_test_canary0123456789abcdef";
const AZURE: &str = "0123456789abcdef0123456789abcdef";

fn idle() -> Upstream {
    Upstream::answering(Answer::status(200)).may_idle()
}

/// Asserts that of the real keys only these stand in what the command was given.
#[track_caller]
fn expect_real_keys(session: &Session, expected: &[(&str, &str)]) {
    let real = [MASTER, ANTHROPIC, STRIPE, AZURE];
    let found: Vec<_> = session
        .given()
        .iter()
        .filter(|(_, value)| real.iter().any(|key| value.contains(key)))
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(found, expected, "{}", session.said());
}

#[track_caller]
fn expect_said(said: &str, texts: &[&str]) {
    for text in texts {
        assert!(said.contains(text), "nothing of {text:?}: {said}");
    }
    for key in [MASTER, ANTHROPIC, STRIPE, AZURE, "till_sk_"] {
        assert!(!said.contains(key), "{said}");
    }
}

#[test]
fn real_keys_are_gone_by_name_and_by_value() {
    let upstream = idle();
    let home = Home::empty();
    let run = home
        .run_with_openai(&upstream, "")
        .env("MY_OWN_NAME", ANTHROPIC)
        .env("HEADERS", format!("x: y, Authorization: Bearer {MASTER}"))
        .env("CODEX_API_KEY", MASTER)
        .env("AZURE_OPENAI_API_KEY", AZURE)
        .env("STRIPE_API_KEY", STRIPE)
        .env("UNRELATED", "stays as it is");
    let session = Session::start(run);
    expect_real_keys(&session, &[("STRIPE_API_KEY", STRIPE)]);
    let key = session.key();
    assert!(key.starts_with("till_sk_"));
    for name in ["OPENAI_API_KEY", "CODEX_API_KEY", "MY_OWN_NAME"] {
        assert_eq!(session.variable(name), key, "{name}");
    }
    assert_eq!(session.variable("HEADERS"), format!("x: y, Authorization: Bearer {key}"));
    assert_eq!(session.variable("UNRELATED"), "stays as it is");
    assert!(!session.given().contains_key("AZURE_OPENAI_API_KEY"));
    let url = format!("http://{}", session.address());
    assert_eq!(session.variable("OPENAI_BASE_URL"), format!("{url}/openai/v1"));
    assert_eq!(session.variable("OPENAI_API_BASE"), format!("{url}/openai/v1"));
    assert_eq!(session.variable("ANTHROPIC_BASE_URL"), format!("{url}/anthropic"));
    let origin = upstream.base_url("");
    let output = session.end(0);
    expect_said(
        &output.stderr,
        &[
            &format!("`OPENAI_BASE_URL` was set: requests go on to {origin}"),
            "`AZURE_OPENAI_API_KEY` is removed",
            "`--keep-env AZURE_OPENAI_API_KEY`",
            "warning: `STRIPE_API_KEY` is left, with the real key",
            "`--drop-env STRIPE_API_KEY`",
        ],
    );
}

#[test]
fn what_unlocks_a_store_is_gone() {
    let run = Home::empty().run_with_openai(&idle(), "");
    let leading = [
        "TILL_PASSPHRASE",
        "TILL_PASSPHRASE_FD",
        "TILL_PASSPHRASE_FILE",
        "TILL_PASSPHRASE_COMMAND",
        "TILL_KEY_FILE",
    ];
    let run = leading.iter().fold(run, |run, name| run.env(name, "7"));
    let session = Session::start(run);
    for name in leading {
        assert!(!session.given().contains_key(name), "{name}");
        expect_said(&session.said(), &[&format!("`{name}` is removed")]);
    }
    assert!(!session.given().contains_key("TILL_REBORN_FD"));
}

#[test]
fn flags_decide_otherwise() {
    let session = Session::start(
        Home::empty()
            .run_with_openai(
                &idle(),
                "--keep-env AZURE_OPENAI_API_KEY --drop-env STRIPE_API_KEY --drop-env UNRELATED",
            )
            .env("AZURE_OPENAI_API_KEY", AZURE)
            .env("STRIPE_API_KEY", STRIPE)
            .env("UNRELATED", "x"),
    );
    expect_real_keys(&session, &[("AZURE_OPENAI_API_KEY", AZURE)]);
    assert!(!session.given().contains_key("STRIPE_API_KEY"));
    assert!(!session.given().contains_key("UNRELATED"));
    expect_said(
        &session.said(),
        &["warning: `AZURE_OPENAI_API_KEY` is kept, with the real key: the command can read it"],
    );
}

#[test]
fn only_the_named_providers_get_proxy_keys() {
    let session = Session::start(
        Home::empty().run_with_openai(&idle(), "--only openai").env("ANTHROPIC_API_KEY", ANTHROPIC),
    );
    expect_real_keys(&session, &[]);
    assert!(!session.given().contains_key("ANTHROPIC_API_KEY"));
    assert!(!session.given().contains_key("ANTHROPIC_BASE_URL"));
    assert_eq!(session.variable("OPENAI_API_KEY"), session.key());
    expect_said(&session.said(), &["`--only` does not name `anthropic`"]);
}

/// The user's own base URL, perhaps a gateway's, is where the requests go on to.
#[test]
fn a_base_url_of_the_users_own_is_kept_as_the_upstream() {
    let openai = Upstream::answering(Answer::status(200));
    let anthropic = Upstream::expecting(Place::raw("x-api-key"), |_| Answer::status(200));
    let session = Session::start(
        Home::empty()
            .run_with_openai(&openai, "-n 5")
            .env("ANTHROPIC_API_KEY", MASTER)
            .env("ANTHROPIC_BASE_URL", anthropic.base_url("")),
    );
    session.chat().expect(200, "");
    assert_eq!(openai.only().target, "/v1/chat/completions");
    let request = Request::new("POST", "/anthropic/v1/messages?beta=true")
        .field("x-api-key", session.key())
        .json(br#"{"model":"claude-sonnet-4-5","max_tokens":5,"messages":[]}"#);
    request.send(session.address()).expect(200, "");
    assert_eq!(anthropic.only().target, "/v1/messages?beta=true");
    let said = session.end(0).stderr;
    expect_said(
        &said,
        &[
            &format!("`OPENAI_BASE_URL` was set: requests go on to {}", openai.base_url("")),
            &format!("`ANTHROPIC_BASE_URL` was set: requests go on to {}", anthropic.base_url("")),
            "used 2 of 5 activations: 2 answers",
        ],
    );
}

#[test]
fn a_base_url_that_cannot_be_used_is_named() {
    Home::empty()
        .till("run -- true")
        .env("OPENAI_API_KEY", MASTER)
        .env("OPENAI_BASE_URL", "gopher://x/v1")
        .fails(125, &["`OPENAI_BASE_URL`", "--drop-env OPENAI_BASE_URL"]);
}

#[test]
fn keys_may_come_from_an_env_file() {
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::empty();
    let file = home.path("secrets");
    let url = upstream.base_url("/v1");
    let text = format!(
        "# ours\nexport OPENAI_API_KEY='{MASTER}'\nOPENAI_BASE_URL={url}\n\nDEBUG=\"a b\"\n"
    );
    fs::write(&file, text).unwrap();
    let run = home.till("run -n 3 --env-file").arg(file.to_str().unwrap()).arg("--");
    let session = Session::start(run.env("DEBUG", "from the shell"));
    expect_real_keys(&session, &[]);
    assert_eq!(session.variable("OPENAI_API_KEY"), session.key());
    assert_eq!(session.variable("DEBUG"), "a b");
    session.chat().expect(200, "");
    session.end(0);

    fs::write(&file, "A=b\n\nno assignment\n").unwrap();
    let path = file.to_str().unwrap();
    let run = |file: &str| home.till("run --env-file").arg(file).arg("--").arg("true");
    run(path).fails(125, &[path, "line 3", "hint"]);
    let none = home.path("none");
    run(none.to_str().unwrap()).fails(125, &["none", "--env-file"]);
}

#[test]
fn without_any_key_it_says_where_keys_may_come_from() {
    let hints = ["OPENAI_API_KEY", "--env-file .env", "till init", "till master add"];
    let home = Home::empty();
    home.till("run -- true").fails(125, &hints);
    home.till("run -- codex").fails(125, &hints);
    home.till("run --only openai -- true").fails(125, &hints);
    // A store without a master key helps as little.
    Home::new().till("run -- true").fails(125, &["no master key", "till master add"]);
}

#[test]
fn at_a_terminal_the_key_is_asked_for_without_echo() {
    let home = Home::empty();
    let run = home.till("run --only openai -n 2 --").arg("sh").arg("-c");
    let run = run.arg("echo got $OPENAI_BASE_URL $OPENAI_API_KEY; exit 6");
    let Some(terminal) = Terminal::of(&run) else { return };
    let shown = terminal
        .expect("API key for openai")
        .types(&format!("{MASTER}\r"))
        .expect("got http://127.0.0.1:")
        .expect("used 0 of 2 activations")
        .play();
    assert_eq!(shown.code, 6, "{}", shown.text);
    assert!(shown.text.contains("/openai/v1 till_sk_"), "{}", shown.text);
    assert!(!shown.text.contains(MASTER), "{}", shown.text);
}
