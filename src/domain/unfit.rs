//! Why a key cannot be made from another, as one table of statuses and codes.

use super::delegation::MAX_DESCENDANTS;

/// Why a key cannot be made from another, or be changed so. One row of [`Unfit::rule`] each.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// The parent was minted without `--delegate`.
    #[error("the key may not make keys: it was minted without `--delegate`")]
    NotAllowed,
    /// More generations than there are left.
    #[error(
        "a key made from this one can found at most {most} generations, and {asked} were asked for"
    )]
    Generations {
        /// What was asked for.
        asked: u8,
        /// One less than the parent has.
        most: u8,
    },
    /// The parent is limited in something that the child has no limit of.
    #[error(
        "the parent key is limited in {what}, so a child key needs a limit of it too; {remaining} remain"
    )]
    LimitNeeded {
        /// The name of the limit.
        what: &'static str,
        /// What remains of the parent's.
        remaining: String,
    },
    /// More than the parent has left.
    #[error("{asked} are more than the {remaining} that remain of the parent key")]
    Remainder {
        /// What was asked for, all keys together.
        asked: String,
        /// What remains of the parent's.
        remaining: String,
    },
    /// Less than one request needs.
    #[error("the limit is less than one request needs")]
    TooSmall,
    /// A provider that the parent does not open.
    #[error("the parent key does not open the provider `{0}`")]
    Provider(String),
    /// Something of the scope that the parent's does not have.
    #[error("the parent key's scope does not hold {0}")]
    Scope(String),
    /// A later end than the parent's.
    #[error("the parent key ends at {0}, and a child key not later")]
    Later(String),
    /// Looser than the parent in something else.
    #[error("`{0}` would be looser than the parent key's")]
    Looser(&'static str),
    /// As many keys as there may be.
    #[error(
        "the parent key, or one above it, would have more than {MAX_DESCENDANTS} live keys below it"
    )]
    TooMany,
    /// A change that live child keys stand in the way of.
    #[error("the key has child keys, and they have no part of a new `{0}`")]
    HasChildren(&'static str),
}

impl Unfit {
    /// The rule of a child that nothing would bring to an end.
    pub const NO_END: (u16, &'static str) = (400, "limit_needed");

    /// The HTTP status and the stable code that clients see.
    #[must_use]
    pub const fn rule(&self) -> (u16, &'static str) {
        match self {
            Self::NotAllowed => (403, "delegation_refused"),
            Self::Generations { .. } => (403, "delegation_too_deep"),
            Self::LimitNeeded { .. } => (400, "limit_needed"),
            Self::Remainder { .. } => (402, "remainder_too_small"),
            Self::TooSmall => (400, "limit_too_small"),
            Self::Provider(_) | Self::Scope(_) => (403, "scope_wider"),
            Self::Later(_) => (403, "expiry_later"),
            Self::Looser(_) => (403, "limit_looser"),
            Self::TooMany => (403, "too_many_keys"),
            Self::HasChildren(_) => (403, "has_children"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_stands_in_the_documents() {
        let page = include_str!("../../docs/delegation.md");
        let text = String::new;
        for unfit in [
            Unfit::NotAllowed,
            Unfit::Generations { asked: 2, most: 1 },
            Unfit::LimitNeeded { what: "tokens", remaining: text() },
            Unfit::Remainder { asked: text(), remaining: text() },
            Unfit::TooSmall,
            Unfit::Provider(text()),
            Unfit::Scope(text()),
            Unfit::Later(text()),
            Unfit::Looser("on-cancel"),
            Unfit::TooMany,
        ] {
            let (status, code) = unfit.rule();
            assert!(page.contains(&format!("| {status} | `{code}` |")), "{unfit:?}");
        }
    }
}
