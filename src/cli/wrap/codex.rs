//! Codex: reads no base URL from the environment, but from `-c` flags. See `docs/clients/codex.md`.

use std::ffi::OsString;

use super::note::Note;

/// Variables whose key Codex can be told to take, the first that holds the proxy key.
pub(super) const KEYS: [&str; 3] = ["OPENAI_API_KEY", "CODEX_API_KEY", "TILL_KEY"];

/// What the user says about it with `-c` decides instead.
const CHOSEN: [&str; 3] = ["model_provider", "openai_base_url", "oss_provider"];

/// The flags that send Codex to `base_url` with the key that `variable` holds, and what there is
/// to say. `bounded` switches its web search off: what that reads has no bound that a key limited
/// in tokens or dollars could pay.
pub(super) fn flags(
    arguments: &[OsString],
    base_url: &str,
    variable: &str,
    bounded: bool,
) -> (Vec<OsString>, Option<Note>) {
    let chosen = configured(arguments);
    if chosen.iter().any(|key| CHOSEN.iter().any(|name| key.starts_with(name))) {
        let note = format!(
            "the flags of Codex name a provider of their own: give it `base_url={base_url}` and \
             `env_key={variable}`"
        );
        return (Vec::new(), Some(Note::warned(note)));
    }
    let mut settings = vec![
        "model_provider=\"till\"".to_owned(),
        "model_providers.till.name=\"till\"".to_owned(),
        format!("model_providers.till.base_url=\"{base_url}\""),
        format!("model_providers.till.env_key=\"{variable}\""),
        "model_providers.till.wire_api=\"responses\"".to_owned(),
    ];
    let mut note = None;
    if bounded && !chosen.iter().any(|key| key.starts_with("web_search")) {
        settings.push("web_search=\"disabled\"".to_owned());
        note = Some(Note::said(
            "the web search of Codex is off, as what it reads has no bound; `-c web_search=live` \
             after `codex` turns it on",
        ));
    }
    let flags = settings.into_iter().flat_map(|setting| ["-c".to_owned(), setting]);
    (flags.map(OsString::from).collect(), note)
}

/// The settings that `-c KEY=VALUE` and the flags for providers give.
fn configured(arguments: &[OsString]) -> Vec<&str> {
    let words: Vec<&str> = arguments.iter().map(|word| word.to_str().unwrap_or_default()).collect();
    let words = words.iter().take_while(|word| **word != "--");
    let mut keys = Vec::new();
    let mut value_follows = false;
    for word in words {
        let attached = word.strip_prefix("--config=").or_else(|| word.strip_prefix("-c"));
        match attached {
            _ if value_follows => keys.push(*word),
            Some(setting) if !setting.is_empty() => {
                keys.push(setting.strip_prefix('=').unwrap_or(setting));
            }
            _ if matches!(*word, "--oss" | "--local-provider") => keys.push("oss_provider"),
            _ => {}
        }
        value_follows = !value_follows && matches!(*word, "-c" | "--config");
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(arguments: &str, bounded: bool) -> (Vec<String>, bool) {
        let arguments: Vec<_> = arguments.split_whitespace().map(OsString::from).collect();
        let (flags, note) = flags(&arguments, "http://127.0.0.1:1/openai/v1", "TILL_KEY", bounded);
        (flags.into_iter().map(|flag| flag.into_string().unwrap()).collect(), note.is_some())
    }

    #[test]
    fn codex_gets_a_provider() {
        let (flags, noted) = of("exec -m gpt-5.4 hello", false);
        assert_eq!(flags.len(), 10);
        assert_eq!(flags[..2], ["-c", "model_provider=\"till\""]);
        let url = "model_providers.till.base_url=\"http://127.0.0.1:1/openai/v1\"".to_owned();
        assert!(flags.contains(&url) && !noted);
        // After `--` all is text.
        assert_eq!(of("exec -- -c model_provider=x", false).0.len(), 10);
    }

    #[test]
    fn the_users_own_provider_is_left() {
        for arguments in [
            "-c model_provider=x",
            "exec -c model_providers.x.base_url=y",
            "-cmodel_provider=x",
            "-c=model_provider=x",
            "--config openai_base_url=x",
            "--config=openai_base_url=x",
            "--oss",
        ] {
            assert_eq!(of(arguments, true), (vec![], true), "{arguments}");
        }
    }

    #[test]
    fn a_bounded_key_gets_no_web_search() {
        let search = |arguments| of(arguments, true).0.iter().any(|flag| flag.contains("web_"));
        assert!(search("exec"));
        assert!(!search("exec -c web_search=live"));
    }
}
