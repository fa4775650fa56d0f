//! A command line taken apart without a shell: quotes and backslashes alone mean something.

/// The words of a command, quoted as in a POSIX shell (POSIX.1-2017, section 2.2). No variables,
/// no globs, no substitutions.
///
/// # Errors
/// Where a quote is not closed, a backslash ends the text, or there is no word.
pub(super) fn words(text: &str) -> Result<Vec<String>, &'static str> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some('"'), '\\') if !matches!(rest.peek(), Some('"' | '\\' | '$' | '`')) => {
                word.get_or_insert_default().push('\\');
            }
            (None | Some('"'), '\\') => {
                word.get_or_insert_default().push(rest.next().ok_or("a backslash ends it")?);
            }
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, _) if c.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return Err("a quote is not closed");
    }
    words.extend(word);
    if words.is_empty() { Err("it has no words") } else { Ok(words) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quotes_and_backslashes_keep_words_together() {
        let split = |text| words(text).unwrap();
        assert_eq!(split("  pass  show till\n"), ["pass", "show", "till"]);
        assert_eq!(split(r#"op read 'op://a b/c' "x y"z"#), ["op", "read", "op://a b/c", "x yz"]);
        assert_eq!(split(r#"a\ b "c\"d\\e\n" 'f\' '' "#), ["a b", r#"c"d\e\n"#, r"f\", ""]);
        assert_eq!(split("echo $HOME `id` *"), ["echo", "$HOME", "`id`", "*"]);
        for text in ["", "  ", "'a", "\"a", "a\\", "\"a\\\""] {
            assert!(words(text).is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn single_quotes_keep_everything(parts in prop::collection::vec("[^']*", 1..5)) {
            let line = parts.iter().map(|part| format!("'{part}'")).collect::<Vec<_>>().join(" ");
            prop_assert_eq!(words(&line), Ok(parts));
        }

        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _ = words(&text);
        }
    }
}
