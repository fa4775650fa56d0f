//! What is generated and checked in is what the binary prints, and what the README names exists.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::support::run::Run;

#[test]
fn completions_are_current() {
    for (shell, file) in [("bash", "till.bash"), ("zsh", "_till"), ("fish", "till.fish")] {
        let line = format!("completions {shell}");
        same(&root().join("completions").join(file), &line);
    }
}

#[test]
fn man_pages_are_current() {
    same(&root().join("man/till.1"), "man");
    let fresh = tempfile::tempdir().unwrap();
    Run::till("man --dir").arg(fresh.path().to_str().unwrap()).ok();
    let (fresh, kept) = (pages(fresh.path()), pages(&root().join("man")));
    let names = |pages: &BTreeMap<String, String>| pages.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&kept), names(&fresh), "write them anew with `till man --dir man`");
    for (name, page) in fresh {
        assert!(kept[&name] == page, "{name} is not current; `till man --dir man` writes it anew");
    }
}

/// What is to be pasted stands in sections of its own, its lines as they are written.
#[test]
fn man_pages_have_sections() {
    for (name, page) in pages(&root().join("man")) {
        let title = name.strip_suffix(".1").unwrap();
        assert!(page.contains(&format!(".TH \"{title}\" 1 ")), "{name}");
        let version = concat!("till ", env!("CARGO_PKG_VERSION"));
        assert!(page.contains(version), "{name}: {page}");
        assert!(!page.contains("EXTRA"), "{name}");
        if !matches!(
            title,
            "till-admin"
                | "till-admin-trust"
                | "till-alert"
                | "till-key"
                | "till-master"
                | "till-prices"
                | "till-provider"
                | "till-unlock"
        ) {
            assert!(page.contains(".SH \"EXAMPLES\"\n.nf\ntill"), "{name}: {page}");
        }
    }
    let page = std::fs::read_to_string(root().join("man/till.1")).unwrap();
    for heading in ["EXIT STATUS", "ENVIRONMENT"] {
        assert!(page.contains(&format!(".SH \"{heading}\"\n.TP\n")), "{page}");
    }
}

/// What the admin API refuses is told in its page as the table has it.
#[test]
fn the_page_of_the_admin_api_has_every_refusal() {
    let page = std::fs::read_to_string(root().join("docs/admin.md")).unwrap();
    let told: Vec<&str> = page.lines().filter(|line| is_refusal(line)).collect();
    let rows = till::admin::FAULTS
        .map(|row| format!("| {} | `{}` | {} |", row.status, row.code, row.meaning));
    assert_eq!(told, rows);
}

/// Whether a line is a row of a table that begins with a status.
fn is_refusal(line: &str) -> bool {
    let first = line.strip_prefix("| ").and_then(|rest| rest.split(' ').next());
    first.is_some_and(|cell| cell.len() == 3 && cell.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Every command in the README is one, with the flags that are shown.
#[test]
fn the_readme_names_what_exists() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let mut commands = 0;
    for line in readme.lines() {
        let line = line.trim().trim_start_matches("$ ");
        let line = line.split(" # ").next().unwrap_or_default();
        let Some(rest) = line.strip_prefix("till ") else { continue };
        let words: Vec<&str> = rest.split_whitespace().collect();
        let group = matches!(
            words[0],
            "admin" | "alert" | "key" | "log" | "master" | "prices" | "provider" | "unlock"
        );
        let verbs = words[..if group { 2 } else { 1 }].join(" ");
        let help = Run::till(&format!("{verbs} --help")).ok();
        for word in words {
            let flag = word.split('=').next().unwrap_or_default();
            if flag.starts_with("--") {
                assert!(help.contains(flag), "`{line}`: `till {verbs}` has no {flag}");
            }
        }
        commands += 1;
    }
    assert!(commands >= 5, "only {commands} commands in the README");
}

/// The README's test command is the one that `.ci/run` calls.
#[test]
fn ci_runs_what_the_readme_says() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).unwrap();
    assert!(read("README.md").contains("cargo test"));
    assert!(read(".ci/run").contains("\ncargo test"));
}

/// Every test that ARCHITECTURE.md names for an invariant is one, in the file that it names.
#[test]
fn the_architecture_names_tests_that_exist() {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let (_, invariants) = text.split_once("## Invariants").unwrap();
    let (invariants, _) = invariants.split_once("\n## ").unwrap();
    assert!(tests_named_in(invariants) > 50);
}

/// Every test that the threat model names is one.
#[test]
fn the_threat_model_names_tests_that_exist() {
    let text = std::fs::read_to_string(root().join("docs/threat-model.md")).unwrap();
    let named: usize = text.lines().filter(|line| line.starts_with('|')).map(tests_named_in).sum();
    assert!(named > 80, "only {named} tests are named");
}

/// How many tests a text names, each after its file. A name in back quotes that is no test, after a
/// file, is a mistake.
fn tests_named_in(text: &str) -> usize {
    let (mut file, mut code, mut count) = (String::new(), String::new(), 0);
    for word in text.split('`').skip(1).step_by(2) {
        if Path::new(word).extension().is_some_and(|extension| extension == "rs") {
            // A name alone may also stand beside a file that was named before it.
            let places =
                [word.to_owned(), format!("tests/it/{word}"), format!("src/ledger/tests/{word}")];
            file = places.into_iter().find(|path| root().join(path).exists()).expect(word);
            code = std::fs::read_to_string(root().join(&file)).expect(&file);
        } else if word.contains('_') && !word.contains([' ', ':']) && !code.is_empty() {
            let named = code.contains(&format!("fn {word}("));
            let parsers = word.starts_with("no_") && word.ends_with("panics");
            assert!(named || parsers, "{file} has no `{word}`");
            count += 1;
        }
    }
    count
}

fn pages(folder: &Path) -> BTreeMap<String, String> {
    let page = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, std::fs::read_to_string(path).unwrap())
    };
    std::fs::read_dir(folder).into_iter().flatten().map(page).collect()
}

fn same(path: &Path, line: &str) {
    let printed = Run::till(line).ok();
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    let name = path.display();
    assert!(printed == kept, "{name} is not current; write it anew with `till {line} > {name}`");
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
