//! Why something failed, where errors wrap one another.

use std::error::Error;

/// What the innermost cause says: the others only say where it happened.
#[must_use]
pub fn innermost(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("it did not work")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn the_innermost_cause_is_told() {
        let inner = std::io::Error::other("nobody listens");
        assert_eq!(innermost(&Outer(inner)), "nobody listens");
        assert_eq!(innermost(&std::fmt::Error), std::fmt::Error.to_string());
    }
}
