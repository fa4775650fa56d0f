//! Keys where none belongs: among the arguments, from where they would go into names, messages and
//! the shell's history.

use crate::support::answer::Answer;
use crate::support::home::{Home, MASTER};
use crate::support::upstream::Upstream;

/// Such as a provider gives: the tests' own key is too orderly to be taken for one.
const REAL: [&str; 3] = ["sk-", "ant-api03-", "Zk3vQ9tB1nLxW7pR4sYdZk3mQ2tB8nLxW7pR4sYfAb1"];

#[test]
fn a_key_among_the_arguments_is_refused_and_not_repeated() {
    let upstream = Upstream::answering(Answer::status(200)).may_idle();
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 5");
    let token = home.token("ci", "--provider openai --max-activations 5 --max-expires 1h");
    let real = REAL.concat();
    let before = home.key_count();
    let cases = [
        ("key show", &key.text, "a proxy key", "TILL_KEY"),
        ("key mint openai -n 5 --name", &key.text, "a proxy key", "till key ls"),
        ("left", &key.text, "a proxy key", "stdin"),
        ("admin show", &token, "an admin token", "TILL_ADMIN_TOKEN"),
        ("master add openai --name", &real, "a real key", "stdin"),
        ("master add", &real, "a real key", "--from-env"),
        (
            "provider add acme --url https://a.example --auth bearer --header",
            &real,
            "a real key",
            "",
        ),
        ("frobnicate", &real, "a real key", "history"),
        ("run", &real, "a real key", "stdin"),
    ];
    for (line, secret, what, hint) in cases {
        for arg in [secret.clone(), format!("x={secret}")] {
            let run = home.till(line).arg(&arg).stdin(format!("{MASTER}\n"));
            let output = run.fails(2, &[what, "other processes can read arguments", hint]);
            assert!(!output.stderr.contains(&secret[10..24]), "{output}");
        }
    }
    assert_eq!(home.key_count(), before);
    home.has_nowhere(&[&key.text, &real]);
}

/// The command's arguments are its own; what is said of them has no key in it.
#[test]
fn a_command_that_is_a_key_is_not_repeated() {
    let home = Home::empty();
    let output = home.till("run -n 2 --").arg(MASTER).env("OPENAI_API_KEY", MASTER).run();
    assert_eq!(output.code, Some(127), "{output}");
    assert!(output.stderr.contains("`till_sk_…` is not there"), "{output}");
    assert!(!output.stderr.contains(&MASTER[3..]), "{output}");
}
