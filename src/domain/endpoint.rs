//! What kind of endpoint a request goes to.

use std::fmt;

/// The class of an endpoint, from the provider table. It decides what a key reaches that names no
/// endpoints itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EndpointClass {
    /// Work that is billed: completions, embeddings, images.
    Metered,
    /// Costs nothing: model lists, token counting.
    Free,
    /// Everything that the table does not name.
    Other,
    /// Would hand the caller a credential of the upstream itself.
    Minting,
}

impl EndpointClass {
    /// The class's name, as tables and JSON print it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Metered => "metered",
            Self::Free => "free",
            Self::Other => "other",
            Self::Minting => "minting",
        }
    }
}

impl fmt::Display for EndpointClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
