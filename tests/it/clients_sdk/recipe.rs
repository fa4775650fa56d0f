//! Recipes in `docs/clients/`, taken at their word: the environment that they export, the code
//! that they show, the error that they name.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;

/// The listener and the key as the recipes write them.
const LISTENER: &str = "127.0.0.1:4100";
const KEY: &str = "till_sk_…";

/// One section of a recipe.
#[derive(Debug)]
pub(super) struct Recipe {
    /// What its code is marked as: `python` or `js`.
    pub(super) language: String,
    /// The class of errors that a refusal raises.
    pub(super) error: String,
    /// Names and values of its fields at the limit.
    pub(super) fields: Vec<(String, String)>,
    exports: BTreeMap<String, String>,
    plain: String,
    streamed: String,
}

impl Recipe {
    /// The section, with what is exported before the first section.
    #[track_caller]
    pub(super) fn read(file: &str, title: &str) -> Self {
        let text = text(file);
        let mut parts = text.split("\n## ");
        let preamble = parts.next().unwrap_or_default();
        let section = parts
            .find(|part| part.lines().next() == Some(title))
            .unwrap_or_else(|| panic!("{file} has no section `{title}`"));
        let code = blocks(section).filter(|(language, _)| *language != "sh").collect::<Vec<_>>();
        let [(language, plain), (_, streamed)] = code[..] else {
            panic!("not one block of plain and one of streaming code in `{title}`: {code:?}")
        };
        let at_the_limit = section.split_once("\nAt the limit: ").map(|(_, rest)| rest);
        let mut quoted = at_the_limit.unwrap_or_default().split('`').skip(1).step_by(2);
        let error = quoted.next().unwrap_or_else(|| panic!("`{title}` names no error")).to_owned();
        let quoted = quoted.map(str::to_owned).collect::<Vec<_>>();
        let fields = quoted.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone()));
        Self {
            language: language.to_owned(),
            error,
            fields: fields.collect(),
            exports: exports(preamble).chain(exports(section)).collect(),
            plain: plain.to_owned(),
            streamed: streamed.to_owned(),
        }
    }

    /// What is exported, for this proxy and this key.
    pub(super) fn environment(&self, proxy: SocketAddr, key: &str) -> BTreeMap<String, String> {
        let fill = |value: &String| at(proxy, value).replace(KEY, key);
        self.exports.iter().map(|(name, value)| (name.clone(), fill(value))).collect()
    }

    /// The plain and the streaming code, for this proxy.
    pub(super) fn code(&self, proxy: SocketAddr) -> [String; 2] {
        [at(proxy, &self.plain), at(proxy, &self.streamed)]
    }
}

/// The titles of a recipe's sections, in their order.
pub(super) fn sections(file: &str) -> Vec<String> {
    text(file).lines().filter_map(|line| line.strip_prefix("## ").map(str::to_owned)).collect()
}

fn text(file: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/clients");
    let path = folder.join(file).with_extension("md");
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The fenced blocks: what each is marked as, and its content.
fn blocks(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split("```").skip(1).step_by(2).filter_map(|block| block.split_once('\n'))
}

/// `export NAME=VALUE`, as the `sh` blocks say it.
fn exports(text: &str) -> impl Iterator<Item = (String, String)> {
    let lines =
        blocks(text).filter(|(language, _)| *language == "sh").flat_map(|(_, code)| code.lines());
    lines.filter_map(|line| {
        let assignment = line.strip_prefix("export ")?.split(' ').next()?;
        let (name, value) = assignment.split_once('=')?;
        Some((name.to_owned(), value.to_owned()))
    })
}

fn at(proxy: SocketAddr, text: &str) -> String {
    text.replace(LISTENER, &proxy.to_string())
}
