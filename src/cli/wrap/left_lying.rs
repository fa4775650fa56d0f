//! Real keys in files that the command can open: till cannot take them out of there, but says so.

use std::path::PathBuf;

use super::clients::Agent;
use super::dotenv;
use super::note::Note;
use super::places::Places;
use crate::domain::key_text::PREFIX;
use crate::provider::environment::{OTHER_KEY_VARIABLES, provider_of_variable};
use crate::provider::key_shape::provider_of_key;
use crate::vault::check_master;

/// What the usual `.env` files hold. aider reads those of its folder and of the home directory
/// over its environment.
#[must_use]
pub(super) fn left_lying(agent: Option<Agent>, places: &Places) -> Vec<Note> {
    let mut files: Vec<(String, PathBuf)> =
        [".env", ".env.local"].map(|name| (name.to_owned(), places.folder.join(name))).into();
    if agent == Some(Agent::Aider) {
        let home = places.home.filter(|home| *home != places.folder);
        files.extend(home.map(|home| ("~/.env".to_owned(), home.join(".env"))));
    }
    files
        .into_iter()
        .filter_map(|(shown, path)| {
            let names = real_keys(&places.read(&path)?);
            let name = names.first()?;
            let more = if names.len() > 1 { " and others" } else { "" };
            let how = if agent == Some(Agent::Aider) {
                "aider reads it over its environment, and calls past till"
            } else {
                "the command can open it"
            };
            Some(Note::warned(format!(
                "`{shown}` holds the real key `{name}`{more}, and {how}; seal it with `till \
                 master add`, and take it out of the file"
            )))
        })
        .collect()
}

/// The variables of a `.env` file that hold real keys. Of a malformed file nothing is known.
fn real_keys(text: &str) -> Vec<String> {
    let pairs = dotenv::parse(text).unwrap_or_default();
    let real = pairs.into_iter().filter(|(name, value)| {
        let value = value.trim();
        let named =
            provider_of_variable(name).is_some() || OTHER_KEY_VARIABLES.contains(&name.as_str());
        let key = named && check_master(value).is_ok() && !value.starts_with(PREFIX);
        key || provider_of_key(value).is_some()
    });
    real.map(|(name, _)| name).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn notes(agent: Option<Agent>, file: &str, text: &str) -> Vec<String> {
        let read = |path: &Path| (path == Path::new(file)).then(|| text.to_owned());
        let (home, folder) = (Some(Path::new("/home/u")), Path::new("/project"));
        let notes = left_lying(agent, &Places { home, folder, read: &read });
        notes.into_iter().map(|note| note.text).collect()
    }

    #[test]
    fn keys_in_files_are_said() {
        let text = "DEBUG=1\nOPENAI_API_KEY=sk-not-a-real-one\n";
        assert_eq!(
            notes(None, "/project/.env", text),
            ["`.env` holds the real key `OPENAI_API_KEY`, and the command can open it; seal it \
              with `till master add`, and take it out of the file"]
        );
        assert!(notes(None, "/home/u/.env", text).is_empty());
        assert_eq!(notes(Some(Agent::Aider), "/home/u/.env", text).len(), 1);
        for text in ["", "A=b", "OPENAI_API_KEY=\n", "OPENAI_API_KEY=till_sk_x123", "x"] {
            assert!(notes(None, "/project/.env", text).is_empty(), "{text}");
        }
    }
}
