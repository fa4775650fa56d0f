//! Gemini CLI: a base URL alone selects a way to log in that has no key. See
//! `docs/clients/gemini-cli.md`.

use serde_json::Value;

use super::note::Note;
use super::places::Places;

/// The line that is missing in its settings.
pub(super) fn missing(places: &Places) -> Option<Note> {
    let home = places.home?.join(".gemini");
    let files = [places.folder.join(".gemini").join("settings.json"), home.join("settings.json")];
    let selected = files.iter().find_map(|path| {
        let settings: Value = serde_json::from_str(&places.read(path)?).ok()?;
        Some(settings.pointer("/security/auth/selectedType")?.as_str()?.to_owned())
    });
    if selected.as_deref() == Some("gemini-api-key") {
        return None;
    }
    Some(Note::warned(
        "Gemini CLI logs in without a key unless `~/.gemini/settings.json` has \
         `{\"security\": {\"auth\": {\"selectedType\": \"gemini-api-key\"}}}`",
    ))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn what_is_missing_is_said() {
        let missing = |text: &str| {
            let read = |path: &Path| {
                (path == Path::new("/home/u/.gemini/settings.json")).then(|| text.to_owned())
            };
            let (home, folder) = (Some(Path::new("/home/u")), Path::new("/project"));
            missing(&Places { home, folder, read: &read }).is_some()
        };
        assert!(!missing(r#"{"security": {"auth": {"selectedType": "gemini-api-key"}}}"#));
        for text in ["", "{}", r#"{"security": {"auth": {"selectedType": "oauth-personal"}}}"#] {
            assert!(missing(text), "{text}");
        }
    }
}
