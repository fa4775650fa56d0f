//! `.env` files: `KEY=VALUE` lines, with `export`, quotes and comments as dotenv libraries read
//! them. Nothing is expanded.

/// Why a file cannot be read. It never carries the file's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DotenvError {
    /// A line that sets nothing.
    #[error("line {0} is not `NAME=VALUE`")]
    NoAssignment(usize),
    /// A name that begins with a digit, or has other characters than letters, digits and `_.-`.
    #[error("line {0} sets no variable's name")]
    Name(usize),
    /// A quoted value that begins on this line and does not end.
    #[error("the quote that opens on line {0} is not closed")]
    Quote(usize),
    /// Something after a quoted value.
    #[error("line {0} goes on after its closing quote")]
    Trailing(usize),
    /// A NUL, which no variable can hold.
    #[error("line {0} has a NUL character")]
    Nul(usize),
}

/// Reads a file's text. A name may stand twice; the later line wins, as its pair comes later.
///
/// Values in double quotes know `\n`, `\r`, `\t`, `\"`, `\\` and `\$`, those in single quotes
/// nothing; both may go over several lines. Other values end at ` #`.
///
/// # Errors
/// With the number of the line, from 1, that is malformed.
pub fn parse(text: &str) -> Result<Vec<(String, String)>, DotenvError> {
    let mut pairs = Vec::new();
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut line = 1;
    while !rest.is_empty() {
        let (read, tail) = read_line(rest, line)?;
        pairs.extend(read);
        let used = rest.len().saturating_sub(tail.len());
        let used = rest.get(..used).unwrap_or_default();
        if used.contains('\0') {
            return Err(DotenvError::Nul(line));
        }
        line = line.saturating_add(used.matches('\n').count());
        rest = tail;
    }
    Ok(pairs)
}

type Pair = (String, String);

/// One assignment, or a line without one, and what comes after its line break.
fn read_line(text: &str, line: usize) -> Result<(Option<Pair>, &str), DotenvError> {
    let (whole, tail) = text.split_once('\n').unwrap_or((text, ""));
    let content = whole.trim();
    if content.is_empty() || content.starts_with('#') {
        return Ok((None, tail));
    }
    let (name, _) = whole.split_once('=').ok_or(DotenvError::NoAssignment(line))?;
    let name = name.trim();
    let exported = name.strip_prefix("export").filter(|rest| rest.starts_with([' ', '\t']));
    let name = exported.map_or(name, str::trim_start);
    if !is_name(name) {
        return Err(DotenvError::Name(line));
    }
    let (_, value) = text.split_once('=').unwrap_or_default();
    let value = value.trim_start_matches([' ', '\t']);
    let Some(quote @ ('"' | '\'')) = value.chars().next() else {
        let value = value.split_once('\n').map_or(value, |(value, _)| value);
        return Ok((Some((name.to_owned(), bare(value).to_owned())), tail));
    };
    let opened = value.get(1..).unwrap_or_default();
    let (value, after) = quoted(opened, quote).ok_or(DotenvError::Quote(line))?;
    let (after, tail) = after.split_once('\n').unwrap_or((after, ""));
    let after = after.trim();
    if !after.is_empty() && !after.starts_with('#') {
        return Err(DotenvError::Trailing(line));
    }
    Ok((Some((name.to_owned(), value)), tail))
}

/// The value up to its closing quote, and what follows.
fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c == quote {
            return Some((value, chars.as_str()));
        }
        if c != '\\' || quote == '\'' {
            value.push(c);
            continue;
        }
        match chars.next()? {
            'n' => value.push('\n'),
            'r' => value.push('\r'),
            't' => value.push('\t'),
            known @ ('"' | '\\' | '$') => value.push(known),
            other => value.extend(['\\', other]),
        }
    }
    None
}

/// A value without quotes: up to a comment, without the space around it.
fn bare(value: &str) -> &str {
    let comment = value.char_indices().zip(std::iter::once(' ').chain(value.chars()));
    let comment = comment.into_iter().find(|((_, c), before)| *c == '#' && before.is_whitespace());
    let end = comment.map_or(value.len(), |((at, _), _)| at);
    value.get(..end).unwrap_or(value).trim()
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<Vec<(String, String)>, DotenvError> {
        parse(text)
    }

    #[test]
    fn values_are_read_as_they_are_meant() {
        let cases = [
            ("A=b", "b"),
            ("A = b ", "b"),
            ("A=b\r\n", "b"),
            ("export A=b", "b"),
            ("\texport\tA=b", "b"),
            ("A=", ""),
            ("A=b=c==", "b=c=="),
            ("A=b # c", "b"),
            ("A=b#c", "b#c"),
            ("A=# c", ""),
            ("A='b # $c \\n'", "b # $c \\n"),
            ("A=\"b # c\" # d", "b # c"),
            ("A=\"b\\n\\\"c\\\" \\$d \\\\ \\x\"", "b\n\"c\" $d \\ \\x"),
            ("A=\"b\nc\"", "b\nc"),
            ("A=it's", "it's"),
            ("\u{feff}A=b", "b"),
            ("# c\n\n  # d\nA=b", "b"),
            ("A=ü ö", "ü ö"),
        ];
        for (text, value) in cases {
            assert_eq!(read(text), Ok(vec![("A".to_owned(), value.to_owned())]), "{text:?}");
        }
        let two = [("A", "b"), ("B_2", "c")].map(|(name, value)| (name.into(), value.into()));
        assert_eq!(read("A='b'\nB_2=c\n"), Ok(two.to_vec()));
        assert_eq!(read("\n# x\n"), Ok(vec![]));
    }

    #[test]
    fn malformed_lines_are_named() {
        let cases = [
            ("A=b\nB", DotenvError::NoAssignment(2)),
            ("export A", DotenvError::NoAssignment(1)),
            ("=b", DotenvError::Name(1)),
            ("A=\"b\nc\"\n1A=b", DotenvError::Name(3)),
            ("A B=c", DotenvError::Name(1)),
            ("A=b\n\nB='c", DotenvError::Quote(3)),
            ("A=\"b\\", DotenvError::Quote(1)),
            ("A='b'c", DotenvError::Trailing(1)),
            ("A=b\nB=\0", DotenvError::Nul(2)),
        ];
        for (text, error) in cases {
            assert_eq!(read(text), Err(error), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[A=\"' #\\\\\n\0ü]{0,24}") {
            let _ = read(&text);
        }

        #[test]
        fn a_quoted_value_comes_back(value in "[^\0]{0,24}") {
            let mut escaped = value.replace('\\', "\\\\").replace('"', "\\\"");
            escaped = escaped.replace('\n', "\\n");
            let text = format!("A=\"{escaped}\"");
            prop_assert_eq!(read(&text), Ok(vec![("A".to_owned(), value)]));
        }
    }
}
