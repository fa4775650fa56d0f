//! What an operation is.

use super::{LedgerError, Session};

/// One change of the store: a verb, with what it needs to know.
///
/// It decides before its first write, so that a refusal leaves nothing behind, and touches nothing
/// but the session: it may be applied again when a transaction has to be repeated.
pub trait Operation {
    /// What it answers.
    type Outcome;

    /// Applies the operation.
    ///
    /// # Errors
    /// Where the rules refuse it, or the storage fails.
    fn apply(&self, session: &mut Session<'_>) -> Result<Self::Outcome, LedgerError>;
}
