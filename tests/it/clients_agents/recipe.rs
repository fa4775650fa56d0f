//! Recipes in `docs/clients/`, taken at their word: the files that they show, the commands that
//! they give.

use std::net::SocketAddr;
use std::path::Path;

/// The listener and the key as the recipes write them.
const LISTENER: &str = "127.0.0.1:4100";
const KEY: &str = "till_sk_…";

/// One way to run an agent.
#[derive(Clone, Debug)]
pub(super) struct Recipe {
    /// Paths below the home directory, and contents.
    pub(super) files: Vec<(String, String)>,
    /// A shell script.
    pub(super) script: String,
}

impl Recipe {
    /// What stands in a section, or before the first one.
    #[track_caller]
    pub(super) fn read(file: &str, section: Option<&str>) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/clients");
        let path = folder.join(file).with_extension("md");
        let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{file}: {error}"));
        let mut parts = text.split("\n## ");
        let part = match section {
            None => parts.next(),
            Some(title) => parts.find(|part| part.lines().next() == Some(title)),
        };
        let part = part.unwrap_or_else(|| panic!("{file} has no section {section:?}"));
        let mut recipe = Self { files: Vec::new(), script: String::new() };
        let fences = part.split("```").collect::<Vec<_>>();
        for pair in fences.chunks_exact(2) {
            let (before, (language, block)) = (pair[0], pair[1].split_once('\n').expect("a block"));
            match language {
                "sh" => recipe.script.push_str(block),
                _ => recipe.files.push((path_in(before), block.to_owned())),
            }
        }
        assert!(!recipe.script.is_empty(), "{file} gives no command");
        recipe
    }

    /// The same for this proxy and this key.
    pub(super) fn filled(&self, proxy: SocketAddr, key: &str) -> Self {
        let fill = |text: &String| text.replace(LISTENER, &proxy.to_string()).replace(KEY, key);
        let files = self.files.iter().map(|(path, content)| (path.clone(), fill(content)));
        Self { files: files.collect(), script: fill(&self.script) }
    }
}

/// The last path of the home directory that the text names.
#[track_caller]
fn path_in(text: &str) -> String {
    let quoted = text.split('`').skip(1).step_by(2);
    let path = quoted.filter_map(|word| word.strip_prefix("~/")).last();
    path.unwrap_or_else(|| panic!("no file is named for a block after {text:?}")).to_owned()
}
