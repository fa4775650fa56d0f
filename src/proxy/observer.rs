//! What a forwarder tells the command that it runs for, as it happens.

use tokio::sync::mpsc::UnboundedSender;

use crate::domain::denial::{Denial, Reason};
use crate::domain::settlement::Charge;

/// One thing that happened.
#[derive(Clone, Debug)]
pub enum Observed {
    /// A request was denied.
    Denied(Denial),
    /// A request waits for a limit to be raised, which is used up.
    Waiting(Denial),
    /// A request was answered, and its answer has ended.
    Answered(Answered),
}

/// How one request ended that was sent.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The model that it named, where somebody looked.
    pub model: Option<String>,
    /// The upstream's status.
    pub status: u16,
    /// What its answer was read as costing, where it was read.
    pub charge: Option<Charge>,
}

/// Whom to tell, if anybody wants to know.
#[derive(Clone, Debug, Default)]
pub struct Observer(pub Option<UnboundedSender<Observed>>);

impl Observer {
    pub(super) fn tell(&self, observed: Observed) {
        if let Some(sender) = &self.0 {
            // Nobody listens any more where the command has ended.
            let _ = sender.send(observed);
        }
    }
}

/// Whether the denial is for a limit of the key, its time among them.
#[must_use]
pub fn is_limit(denial: &Denial) -> bool {
    is_used_up(denial) || denial.reason == Reason::KeyExpired
}

/// Whether the denial is for a limit of the key that can be raised.
#[must_use]
pub fn is_used_up(denial: &Denial) -> bool {
    matches!(
        denial.reason,
        Reason::ActivationLimit | Reason::TokenLimit | Reason::SpendLimit | Reason::RequestTooLarge
    )
}
