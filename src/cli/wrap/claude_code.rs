//! Claude Code: settings files of its own go before the environment. See
//! `docs/clients/claude-code.md`.

use std::ffi::OsString;
use std::path::PathBuf;

use serde_json::Value;

use super::super::environment::Environment;
use super::note::Note;
use super::places::Places;

/// Variables that lead it past the proxy when its settings have them.
const OVERRIDING: [&str; 3] = ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL"];

/// Switches that make it call another cloud.
pub(super) const CLOUDS: [&str; 7] = [
    "CLAUDE_CODE_USE_ANTHROPIC_AWS",
    "CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD",
    "CLAUDE_CODE_USE_BEDROCK",
    "CLAUDE_CODE_USE_FOUNDRY",
    "CLAUDE_CODE_USE_GATEWAY",
    "CLAUDE_CODE_USE_MANTLE",
    "CLAUDE_CODE_USE_VERTEX",
];

/// Settings that an administrator gives.
const MANAGED: [&str; 2] = [
    "/etc/claude-code/managed-settings.json",
    "/Library/Application Support/ClaudeCode/managed-settings.json",
];

/// What in its settings and its arguments overrides what till sets.
pub(super) fn overrides(
    environment: &Environment,
    arguments: &[OsString],
    places: &Places,
) -> Vec<Note> {
    let mut notes = Vec::new();
    for (shown, path) in settings_files(environment, places) {
        notes.extend(places.read(&path).and_then(|text| note(&shown, &text)));
    }
    let words: Vec<_> = arguments.iter().map(|word| word.to_str().unwrap_or_default()).collect();
    let apart = words.windows(2).filter_map(|pair| match pair {
        ["--settings", value] => Some(*value),
        _ => None,
    });
    let joined = words.iter().filter_map(|word| word.strip_prefix("--settings="));
    for value in apart.chain(joined) {
        let inline = value.trim_start().starts_with('{').then(|| value.to_owned());
        let text = inline.or_else(|| places.read(&places.folder.join(value)));
        notes.extend(text.and_then(|text| note("--settings", &text)));
    }
    notes
}

/// As people write them, and where they lie.
fn settings_files(environment: &Environment, places: &Places) -> Vec<(String, PathBuf)> {
    let own = match (environment.get("CLAUDE_CONFIG_DIR"), places.home) {
        (Some(folder), _) => Some((folder.to_owned(), PathBuf::from(folder))),
        (None, Some(home)) => Some(("~/.claude".to_owned(), home.join(".claude"))),
        (None, None) => None,
    };
    let here = Some((".claude".to_owned(), places.folder.join(".claude")));
    let mut files: Vec<_> = MANAGED.map(|path| (path.to_owned(), PathBuf::from(path))).into();
    for (shown, folder) in own.into_iter().chain(here) {
        for name in ["settings.json", "settings.local.json"] {
            files.push((format!("{shown}/{name}"), folder.join(name)));
        }
    }
    files
}

/// What one file overrides. A file that is no JSON object Claude Code refuses itself.
fn note(shown: &str, text: &str) -> Option<Note> {
    let settings: Value = serde_json::from_str(text).ok()?;
    let set = |name: &&str| settings.get("env").is_some_and(|env| env.get(*name).is_some());
    let mut found: Vec<_> = OVERRIDING
        .iter()
        .chain(&CLOUDS)
        .filter(|name| set(name))
        .map(|name| format!("`env.{name}`"))
        .collect();
    if settings.get("apiKeyHelper").is_some() {
        found.push("`apiKeyHelper`".to_owned());
    }
    if found.is_empty() {
        return None;
    }
    let them = if found.len() == 1 { "it" } else { "them" };
    Some(Note::warned(format!(
        "`{shown}` sets {}, which goes before the environment: Claude Code may call past till, \
         with a real key; take {them} out of the file",
        found.join(" and ")
    )))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn notes(file: &str, text: &str, environment: &Environment, arguments: &[&str]) -> Vec<String> {
        let read = |path: &Path| (path == Path::new(file)).then(|| text.to_owned());
        let places =
            Places { home: Some(Path::new("/home/u")), folder: Path::new("/project"), read: &read };
        let arguments: Vec<_> = arguments.iter().map(OsString::from).collect();
        let notes = overrides(environment, &arguments, &places);
        notes.into_iter().map(|note| note.text).collect()
    }

    #[test]
    fn settings_that_go_before_the_environment_are_said() {
        let none = Environment::default();
        for file in [
            "/home/u/.claude/settings.json",
            "/home/u/.claude/settings.local.json",
            "/project/.claude/settings.json",
            "/project/.claude/settings.local.json",
            "/etc/claude-code/managed-settings.json",
        ] {
            let text = r#"{"env": {"ANTHROPIC_BASE_URL": "x"}}"#;
            assert_eq!(notes(file, text, &none, &[]).len(), 1, "{file}");
        }
        let file = "/project/.claude/settings.json";
        let both = r#"{"env": {"ANTHROPIC_API_KEY": "secret"}, "apiKeyHelper": "cat secret"}"#;
        assert_eq!(
            notes(file, both, &none, &[]),
            [
                "`.claude/settings.json` sets `env.ANTHROPIC_API_KEY` and `apiKeyHelper`, which goes \
              before the environment: Claude Code may call past till, with a real key; take them \
              out of the file"
            ]
        );
        for text in ["", "no json", "[]", r#"{"env": {"FOO": "x"}}"#, r#"{"env": []}"#] {
            assert!(notes(file, text, &none, &[]).is_empty(), "{text}");
        }
    }

    #[test]
    fn other_places_are_looked_at_too() {
        let text = r#"{"apiKeyHelper": "x"}"#;
        let moved = Environment::from_pairs([("CLAUDE_CONFIG_DIR", "/etc/c")]);
        assert_eq!(notes("/etc/c/settings.json", text, &moved, &[]).len(), 1);
        assert!(notes("/home/u/.claude/settings.json", text, &moved, &[]).is_empty());
        let none = Environment::default();
        assert_eq!(notes("/project/s.json", text, &none, &["--settings", "s.json"]).len(), 1);
        assert_eq!(notes("", "", &none, &["-p", "--settings", text]).len(), 1);
        assert_eq!(notes("", "", &none, &[&format!("--settings={text}")]).len(), 1);
        assert_eq!(notes("/project/s.json", text, &none, &["-p", "--settings=s.json"]).len(), 1);
        let foundry = r#"{"env": {"CLAUDE_CODE_USE_FOUNDRY": "1"}}"#;
        assert_eq!(notes("", "", &none, &["--settings", foundry]).len(), 1);
    }
}
