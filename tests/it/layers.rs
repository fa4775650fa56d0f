//! The layer table of ARCHITECTURE.md, held against every path in the code.

use std::path::{Path, PathBuf};

/// The layers, the lowest first. A layer knows those before it; neighbours in one row do not know
/// each other.
const LAYERS: [&[&str]; 7] = [
    &["domain"],
    &["provider", "vault", "store", "metrics"],
    &["ledger"],
    &["wire", "report"],
    &["admin", "proxy"],
    &["serve"],
    &["cli"],
];

/// Crates that only these folders may name.
const FENCES: [(&str, &[&str]); 4] = [
    ("clap", &["cli/"]),
    ("clap_complete", &["cli/"]),
    ("redb", &["store/redb/", "store/redb.rs"]),
    ("axum", &["admin/", "proxy/"]),
];

#[test]
fn imports_point_down_only() {
    let mut wrong = Vec::new();
    for (path, code) in sources() {
        let Some(own) = layer_of(&path) else { continue };
        for name in named_layers(&path, &code) {
            let allowed = name == own || row(&name) < row(own);
            if !allowed {
                wrong.push(format!("src/{} names `{name}`", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "against the layer table: {wrong:#?}");
}

#[test]
fn main_knows_the_command_line_alone() {
    let main = code_of("main.rs");
    for name in LAYERS.concat() {
        let known = main.contains(&format!("till::{name}"));
        assert!(!known || name == "cli", "src/main.rs names `{name}`");
    }
}

#[test]
fn crates_stay_behind_their_fences() {
    for (path, code) in sources() {
        for (name, homes) in FENCES {
            let inside = homes.iter().any(|home| path.to_str().unwrap().starts_with(home));
            assert!(inside || !names_crate(&code, name), "src/{} uses {name}", path.display());
        }
    }
}

/// Counts and money are integers.
#[test]
fn there_is_no_float() {
    for (path, code) in sources() {
        let mut words = code.split(|c: char| !(c.is_alphanumeric() || c == '_'));
        let float = words.find(|word| *word == "f32" || *word == "f64");
        assert_eq!(float, None, "src/{} has a float", path.display());
    }
}

/// The tests above would pass over code that they cannot read.
#[test]
fn every_form_of_path_is_seen() {
    let cases = [
        ("use crate::store::Store;", &["store"][..]),
        ("use crate::{domain::ids::KeyId, store::{self, Table}};", &["domain", "store"]),
        ("use crate::{\n    ledger,\n    vault::open,\n};", &["ledger", "vault"]),
        ("fn f() -> crate::proxy::Answer {}", &["proxy"]),
        ("use super::super::cli::Args;", &["cli"]),
        ("use super::serve;", &[]),
        ("// crate::cli is not known here", &[]),
    ];
    for (code, expected) in cases {
        let code = without_comments(code);
        assert_eq!(named_layers(Path::new("vault/kdf.rs"), &code), expected, "{code}");
    }
    assert_eq!(named_layers(Path::new("vault/mod.rs"), "use super::cli::Args;"), ["cli"]);
    assert!(names_crate("use redb::Database;", "redb"));
    assert!(names_crate("use ::redb::Database;", "redb"));
    assert!(!names_crate("use crate::store::redb::File; self::redb::open()", "redb"));
}

/// Every file under `src/`, by its path there, without its comments.
fn sources() -> Vec<(PathBuf, String)> {
    let root = root();
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let relative = path.strip_prefix(&root).unwrap().to_owned();
                let code = code_of(relative.to_str().unwrap());
                found.push((relative, code));
            }
        }
    }
    assert!(found.len() > 20, "the sources were not found");
    found
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn code_of(path: &str) -> String {
    without_comments(&std::fs::read_to_string(root().join(path)).unwrap())
}

fn without_comments(code: &str) -> String {
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The layer that a file belongs to; none for `lib.rs` and `main.rs`. Anything else must have its
/// row in the table.
fn layer_of(path: &Path) -> Option<&str> {
    let first = path.iter().next().unwrap().to_str().unwrap();
    let name = first.strip_suffix(".rs").unwrap_or(first);
    if matches!(name, "lib" | "main") {
        return None;
    }
    assert!(LAYERS.concat().contains(&name), "src/{first} is in no layer");
    Some(name)
}

fn row(name: &str) -> usize {
    LAYERS.iter().position(|row| row.contains(&name)).expect("a layer")
}

/// The layers that the code names, through `crate::` or through enough `super::`.
fn named_layers(path: &Path, code: &str) -> Vec<String> {
    let mut depth = path.components().count();
    if path.ends_with("mod.rs") {
        depth -= 1;
    }
    let to_root = "super::".repeat(depth);
    let mut names = Vec::new();
    for start in ["crate::", to_root.as_str()] {
        for (_, rest) in code.match_indices(start).map(|(at, _)| code.split_at(at + start.len())) {
            names.extend(first_segments(rest));
        }
    }
    names.retain(|name| LAYERS.concat().contains(&name.as_str()));
    names
}

/// The first names of a path or of each path in a group, as in `{a::b, c::{d, e}}`.
fn first_segments(path: &str) -> Vec<String> {
    let Some(group) = path.strip_prefix('{') else {
        return vec![word_at(path)];
    };
    let mut names = vec![word_at(group)];
    let mut depth = 1;
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => names.push(word_at(&group[at + 1..])),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    names
}

fn word_at(text: &str) -> String {
    text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// Whether the code has a path that begins with the crate's name.
fn names_crate(code: &str, name: &str) -> bool {
    let path = format!("{name}::");
    code.match_indices(&path).any(|(at, _)| {
        // `::redb::` with nothing before it is the crate too.
        let before = code[..at].strip_suffix("::").unwrap_or(&code[..at]);
        let inner = before.len() == at || !code[..at].ends_with("::");
        let word = |c: char| c.is_alphanumeric() || c == '_' || (inner && c == ':');
        !before.ends_with(word)
    })
}
