//! What somebody may have meant.

/// More typing errors than these are another name.
const MOST_ERRORS: usize = 3;

/// The candidate that is nearest to a name, by at most three typing errors (Damerau–Levenshtein)
/// and fewer than half of the name's letters.
#[must_use]
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    let letters = name.chars().count();
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&name, candidate), candidate))
        .filter(|(errors, _)| *errors <= MOST_ERRORS && errors.saturating_mul(2) < letters)
        .min_by_key(|(errors, _)| *errors)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_are_forgiven() {
        let names = || crate::provider::builtin().iter().map(|row| &*row.name);
        let cases = [
            ("opnai", Some("openai")),
            ("Antropic", Some("anthropic")),
            ("gogle", Some("google")),
            ("gihtub", Some("github")),
            ("xia", Some("xai")),
            ("azure", None),
            ("x", None),
            ("", None),
        ];
        for (typed, meant) in cases {
            assert_eq!(nearest(typed, names()), meant, "{typed}");
        }
    }
}
