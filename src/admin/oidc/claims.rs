//! Which jobs a trust means: claims that a token must have.

use std::fmt;

use serde_json::Value;

use super::json::Object;
use crate::domain::pattern::Pattern;

/// A claim that is not as the trust wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmatched<'a> {
    /// The trust names no claim, and so nobody: an issuer alone stands for all its users.
    NoClaims,
    /// The token does not have this claim, or not as a text, a number, a truth value or a list.
    Missing(&'a str),
    /// The token has another value for it.
    Other(&'a str),
}

impl fmt::Display for Unmatched<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoClaims => f.write_str("the trust names no claim"),
            Self::Missing(name) => write!(f, "the token has no `{name}`"),
            Self::Other(name) => write!(f, "the token's `{name}` is another"),
        }
    }
}

impl std::error::Error for Unmatched<'_> {}

/// Whether the claims are all that the trust wants, to the letter of upper and lower case.
///
/// Numbers and truth values are compared as JSON writes them; of a list one text must match.
///
/// # Errors
/// The first that is not.
pub fn check<'a>(wanted: &'a [(String, Pattern)], claims: &Object) -> Result<(), Unmatched<'a>> {
    if wanted.is_empty() {
        return Err(Unmatched::NoClaims);
    }
    for (name, pattern) in wanted {
        let value = find(claims, name).ok_or(Unmatched::Missing(name))?;
        let matched = match value {
            Value::String(text) => pattern.matches(text),
            Value::Number(number) => pattern.matches(&number.to_string()),
            Value::Bool(truth) => pattern.matches(&truth.to_string()),
            Value::Array(list) => list.iter().filter_map(Value::as_str).any(|t| pattern.matches(t)),
            Value::Null | Value::Object(_) => return Err(Unmatched::Missing(name)),
        };
        if !matched {
            return Err(Unmatched::Other(name));
        }
    }
    Ok(())
}

/// The claim of a name. Where there is none, the name's dots lead into nested claims, as in
/// `kubernetes.io.namespace`; names may have dots of their own at every step.
#[must_use]
pub fn find<'a>(claims: &'a Object, name: &str) -> Option<&'a Value> {
    if let Some(value) = claims.get(name) {
        return Some(value);
    }
    let mut dots = name.match_indices('.');
    dots.find_map(|(at, _)| {
        let (outer, inner) = (name.get(..at)?, name.get(at.saturating_add(1)..)?);
        find(claims.get(outer)?.as_object()?, inner)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn claims() -> Object {
        let claims = json!({
            "repository": "octo/app",
            "ref": "refs/heads/main",
            "run_attempt": 2,
            "protected": true,
            "groups": ["dev", "ops", 7],
            "nothing": null,
            "kubernetes.io": {"namespace": "ci", "pod": {"name": "a"}},
            "a.b": "outer",
            "a": {"b": "inner"},
        });
        claims.as_object().unwrap().clone()
    }

    #[test]
    fn every_claim_must_match() {
        for (wanted, expected) in [
            (&[("repository", "octo/app")][..], Ok(())),
            (&[("repository", "octo/*"), ("ref", "refs/heads/main")], Ok(())),
            (&[("repository", "octo/ap?")], Ok(())),
            (&[("run_attempt", "2"), ("protected", "true")], Ok(())),
            (&[("groups", "ops")], Ok(())),
            (&[("kubernetes.io.namespace", "ci"), ("kubernetes.io.pod.name", "a")], Ok(())),
            (&[("a.b", "outer")], Ok(())),
            (&[("a.b", "inner")], Err(Unmatched::Other("a.b"))),
            (&[], Err(Unmatched::NoClaims)),
            (&[("repository", "Octo/app")], Err(Unmatched::Other("repository"))),
            (&[("Repository", "octo/app")], Err(Unmatched::Missing("Repository"))),
            (&[("repository", "octo/ap")], Err(Unmatched::Other("repository"))),
            (&[("repository", "cto/app")], Err(Unmatched::Other("repository"))),
            (&[("repository", "octo/app"), ("ref", "x")], Err(Unmatched::Other("ref"))),
            (&[("groups", "7")], Err(Unmatched::Other("groups"))),
            (&[("nothing", "*")], Err(Unmatched::Missing("nothing"))),
            (&[("kubernetes.io", "*")], Err(Unmatched::Missing("kubernetes.io"))),
            (&[("environment", "*")], Err(Unmatched::Missing("environment"))),
            (&[("repository.x", "*")], Err(Unmatched::Missing("repository.x"))),
        ] {
            let wanted: Vec<_> = wanted
                .iter()
                .map(|(name, text)| ((*name).to_owned(), Pattern::over_names(text).unwrap()))
                .collect();
            assert_eq!(check(&wanted, &claims()), expected, "{wanted:?}");
        }
    }

    #[test]
    fn a_pattern_is_held_against_the_whole_text() {
        let wanted = [("sub".to_owned(), Pattern::over_names("octo/app").unwrap())];
        for text in ["octo/app\n", "\nocto/app", "octo/app\0", "x\nocto/app"] {
            let claims = json!({ "sub": text }).as_object().unwrap().clone();
            assert_eq!(check(&wanted, &claims), Err(Unmatched::Other("sub")), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(name in "[a.k\\PC]{0,20}") {
            let _ = find(&claims(), &name);
        }
    }
}
