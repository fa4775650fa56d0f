//! What the operator decides about the environment: `--keep-env`, `--drop-env`, `--only`.

/// The flags, as they were typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// Variables that the command gets as they are, real keys included.
    pub keep: Vec<String>,
    /// Variables that the command does not get as they are; one for a base URL may get till's. They
    /// lose against [`Choices::keep`].
    pub drop: Vec<String>,
    /// The providers whose keys are replaced; none for all.
    pub only: Option<Vec<String>>,
}

impl Choices {
    pub(super) fn keeps(&self, name: &str) -> bool {
        self.keep.iter().any(|kept| kept == name)
    }

    pub(super) fn drops(&self, name: &str) -> bool {
        !self.keeps(name) && self.drop.iter().any(|dropped| dropped == name)
    }

    pub(super) fn covers(&self, provider: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only.iter().any(|name| name == provider))
    }
}
