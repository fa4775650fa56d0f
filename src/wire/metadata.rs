//! Metadata of any JSON values, kept as labels, which are texts: a text is itself, anything else is
//! its JSON after a mark.

use serde_json::Value;

use super::names;

/// What stands before a value that is no plain text.
const MARK: &str = "json:";
/// Bytes of a value at the most.
const LONGEST: usize = 1_024;

/// The label of one member.
///
/// # Errors
/// Where the name or the value is too long, or holds control characters.
pub fn to_label(name: &str, value: &Value) -> Result<(String, String), String> {
    if name.is_empty() {
        return Err("a member has no name".to_owned());
    }
    let name = names::name(name)?;
    match value {
        Value::String(text) if !text.starts_with(MARK) && names::name(text).is_ok() => {
            Ok((name, text.clone()))
        }
        value => {
            let text = value.to_string();
            if text.len() > LONGEST {
                return Err(format!("`{name}` is longer than {LONGEST} bytes"));
            }
            Ok((name, format!("{MARK}{text}")))
        }
    }
}

/// The value that a label's text stands for.
#[must_use]
pub fn from_label(text: &str) -> Value {
    let marked = text.strip_prefix(MARK).and_then(|json| serde_json::from_str(json).ok());
    marked.unwrap_or_else(|| text.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_value_comes_back() {
        for value in [
            json!("a b"),
            json!("a\nb"),
            json!("json:1"),
            json!(7),
            json!(null),
            json!({"a": [1, "x"]}),
        ] {
            let (name, text) = to_label("team", &value).unwrap();
            assert_eq!((name.as_str(), from_label(&text)), ("team", value));
        }
        assert_eq!(from_label("json:{"), json!("json:{"));
        assert!(to_label("", &json!(1)).is_err());
        assert!(to_label("team", &json!("x".repeat(2_000))).is_err());
        assert!(to_label("team", &json!(["x".repeat(2_000)])).is_err());
    }
}
