//! How a server is told to end.

use super::signals::{Asked, Signals};

/// What ends a server: signals, or whoever started it.
#[derive(Debug)]
pub enum Stop {
    /// Ctrl-C, SIGTERM; a second one ends at once.
    Signals(Signals),
    /// The other end of this channel.
    Told(tokio::sync::oneshot::Receiver<()>),
}

impl Stop {
    /// Waits for the next thing that is asked for.
    pub(super) async fn asked(&mut self) -> Asked {
        match self {
            Self::Signals(signals) => signals.next().await,
            Self::Told(told) => {
                // A teller that is gone has told enough.
                let _ = told.await;
                Asked::Stop
            }
        }
    }

    /// Waits for a second stop.
    pub(super) async fn insisted(&mut self) {
        match self {
            Self::Signals(signals) => while signals.next().await != Asked::Stop {},
            Self::Told(_) => std::future::pending().await,
        }
    }
}
