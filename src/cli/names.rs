//! Labels as they are typed.

use super::exit::Exit;
use super::failure::Failure;

/// Refuses labels of which two have one name.
///
/// # Errors
/// Which name it is.
pub fn check_labels<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<(), Failure> {
    let mut seen = std::collections::BTreeSet::new();
    match names.into_iter().find(|name| !seen.insert(*name)) {
        None => Ok(()),
        Some(name) => Err(Failure::new(Exit::Usage, format!("the label `{name}` is given twice"))
            .why("a key has one value for each label")
            .hint(format!("give one, as in `--label {name}=VALUE`"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_given_once() {
        assert!(check_labels(["a", "b"]).is_ok());
        assert!(check_labels(["a", "b", "a"]).is_err());
    }
}
