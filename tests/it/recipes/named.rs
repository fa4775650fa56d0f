//! Every command, flag and variable of till's that a recipe names is one, and `--id-file`, which the
//! recipes need.

use std::fs;
use std::path::Path;

use till::cli::environment::VARIABLES;

use super::yaml::{path, python};
use crate::support::answer::Answer;
use crate::support::home::Home;
use crate::support::run::Run;
use crate::support::upstream::Upstream;

/// All recipes, and the document that leads through them.
fn texts() -> Vec<(String, String)> {
    let mut texts = Vec::new();
    collect(&path(""), &mut texts);
    let guide = path("../docs/ci.md");
    texts.push(("docs/ci.md".to_owned(), fs::read_to_string(guide).unwrap()));
    texts
}

fn collect(folder: &Path, texts: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, texts);
        } else {
            texts.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
        }
    }
}

#[test]
fn every_variable_is_one_that_till_reads() {
    let mut seen = 0;
    for (file, text) in texts() {
        let of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        for name in text.split(|c| !of_name(c)).filter(|word| word.starts_with("TILL_")) {
            assert!(VARIABLES.iter().any(|known| known.name == name), "{file}: {name}");
            seen += 1;
        }
    }
    assert!(seen > 10, "only {seen}");
}

/// Lines of shell, `ExecStart=` and text in backquotes.
#[test]
fn every_command_and_flag_is_one() {
    let mut seen = 0;
    for (file, text) in texts() {
        let text = text.replace("\\\n", " ").replace("$(TILL) ", "till ");
        let text = text.replace("./as-till ", "till ").replace("run --rm proxy ", "till ");
        let text = text.replace("run --rm -T proxy ", "till ");
        for line in text.lines() {
            for (at, _) in line.match_indices("till ") {
                let before = line[..at].chars().next_back();
                if before.is_some_and(|c| !matches!(c, ' ' | '/' | '`' | '(' | '@' | '"')) {
                    continue;
                }
                let end = |c| matches!(c, '`' | ')' | '|' | '>' | ';');
                let command = line[at + 5..].split(end).next().unwrap_or_default();
                seen += usize::from(check(&file, command));
            }
        }
    }
    assert!(seen > 25, "only {seen}");
}

/// Whether it is a command, whose flags were then found in its help.
fn check(file: &str, command: &str) -> bool {
    const GROUPS: [&str; 3] = ["admin", "key", "master"];
    const ALONE: [&str; 4] = ["run", "proxy", "init", "left"];
    let words: Vec<&str> = command.split_whitespace().collect();
    let mut verbs: Vec<&str> = match words[..] {
        [group, verb, ..] if GROUPS.contains(&group) => vec![group, verb],
        [verb, ..] if ALONE.contains(&verb) => vec![verb],
        _ => return false,
    };
    let lower = |word: &str| word.chars().all(|c| c.is_ascii_lowercase());
    if verbs == ["admin", "trust"] {
        // Where it is said of all of them, one stands for all.
        verbs.push(words.get(2).copied().filter(|word| lower(word)).unwrap_or("oidc"));
    }
    // As in "the till key that…".
    if !verbs.iter().all(|verb| lower(verb)) {
        return false;
    }
    let help = Run::till(&format!("{} --help", verbs.join(" "))).ok();
    let own = words.iter().take_while(|word| **word != "--");
    for word in own.map(|word| word.trim_matches(|c| matches!(c, '"' | '\'' | ','))) {
        let flag = word.split('=').next().unwrap_or_default();
        let named = |end| help.contains(&format!("{flag}{end}"));
        let known = !flag.starts_with("--") || [" ", "\n", "[", "="].into_iter().any(named);
        assert!(known, "{file}: `till {}` has no {flag}", verbs.join(" "));
    }
    true
}

/// The YAML is what its readers take, by their published schemas.
#[test]
fn the_files_fit_their_schemas() {
    let Some(python) = python("check_jsonschema") else { return };
    for (schema, file) in [
        ("github-actions", "github/action.yml"),
        ("github-actions", "github/revoke/action.yml"),
        ("github-workflows", "github/workflow.yml"),
        ("gitlab-ci", "gitlab/till.gitlab-ci.yml"),
        ("compose-spec", "compose/docker-compose.yml"),
    ] {
        let check = Run::program(&python).arg("-m").arg("check_jsonschema");
        let check = check.arg("--builtin-schema").arg(&format!("vendor.{schema}"));
        check.arg(path(file).to_str().unwrap()).ok();
    }
}

#[test]
fn ids_are_written_for_a_later_revoke() {
    let upstream = Upstream::answering(Answer::status(200)).may_idle();
    let home = Home::with_openai(&upstream);
    let file = home.path("ids");
    let ids = || fs::read_to_string(&file).unwrap();
    let mint = |line: &str| home.till(line).arg("--id-file").arg(file.to_str().unwrap());
    let minted = mint("key mint openai -n 1").json();
    assert_eq!(ids(), format!("{}\n", minted["id"].as_str().unwrap()));
    let text = mint("key mint openai -n 1 --count 3").ok();
    assert_eq!((text.lines().count(), ids().lines().count()), (3, 3));
    for id in ids().lines() {
        home.till(&format!("key revoke {id}")).ok();
    }
    // Nothing is minted that could not be named.
    let before = home.key_count();
    let nowhere = home.till("key mint openai -n 1 --id-file /nonexistent/ids");
    nowhere.fails(1, &["/nonexistent/ids", "--id-file"]);
    assert_eq!(home.key_count(), before);
}
