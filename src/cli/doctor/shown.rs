//! Paths as they are shown, and as a shell takes them.

use std::path::Path;

use super::places::Places;

/// A path as people read it: from the folder, else from `~`, else whole.
pub(super) fn shown(path: &Path, places: &Places) -> String {
    if let Ok(inner) = path.strip_prefix(&places.folder)
        && !inner.as_os_str().is_empty()
    {
        return inner.display().to_string();
    }
    let home = places.home.as_ref().and_then(|home| path.strip_prefix(home).ok());
    match home.filter(|inner| !inner.as_os_str().is_empty()) {
        Some(inner) => format!("~/{}", inner.display()),
        None => path.display().to_string(),
    }
}

/// The same as one word of a shell.
pub(super) fn word(path: &Path, places: &Places) -> String {
    let short = shown(path, places);
    let plain = |c: char| c.is_ascii_alphanumeric() || "~/._-+:@%".contains(c);
    if short.chars().all(plain) && !short.starts_with('-') {
        return short;
    }
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_short_and_words_are_one() {
        let places = Places { home: Some("/home/u".into()), folder: "/home/u/p".into() };
        let cases = [
            ("/home/u/p/.env", ".env", ".env"),
            ("/home/u/.zshrc", "~/.zshrc", "~/.zshrc"),
            ("/etc/a b", "/etc/a b", "'/etc/a b'"),
            ("/home/u/it's", "~/it's", r"'/home/u/it'\''s'"),
            ("/home/u/p/-x", "-x", "'/home/u/p/-x'"),
        ];
        for (path, short, one) in cases {
            assert_eq!(shown(Path::new(path), &places), short);
            assert_eq!(word(Path::new(path), &places), one);
        }
    }
}
