//! Names and labels that the operator gives.

/// Characters of a name, and of each part of a label, at the most.
const LONGEST: usize = 128;

/// What a key or a slot is called; empty for nothing.
///
/// # Errors
/// Where it is too long, or holds control characters.
pub fn name(text: &str) -> Result<String, String> {
    let len = text.chars().count();
    if len > LONGEST {
        return Err(format!("it has {len} characters, and at most {LONGEST} are taken"));
    }
    if text.chars().any(char::is_control) {
        return Err("it holds a control character".to_owned());
    }
    Ok(text.to_owned())
}

/// A label, `k=v`.
///
/// # Errors
/// Where it has no name, or a part is unfit for a name.
pub fn label(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((name(key)?, name(value)?)),
        _ => Err("write it as in team=search".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_bounded_and_printable() {
        assert_eq!(name("nächtlich 1").unwrap(), "nächtlich 1");
        assert!(name(&"ä".repeat(128)).is_ok());
        assert!(name(&"ä".repeat(129)).unwrap_err().contains("129"));
        for text in ["a\nb", "\u{1b}[2J", "a\u{7f}"] {
            assert!(name(text).is_err(), "{text:?}");
        }
        assert_eq!(label("a=b=c").unwrap(), ("a".into(), "b=c".into()));
        for text in ["a", "=b", "a\n=b", "a=b\n"] {
            assert!(label(text).is_err(), "{text:?}");
        }
    }
}
