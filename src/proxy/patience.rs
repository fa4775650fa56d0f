//! Requests of a key that waits for a limit to be raised once it is used up.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::domain::admission::ended_denial;
use crate::domain::denial::{Denial, Reason};
use crate::domain::key::EndCause;
use crate::domain::key_text::KeyText;
use crate::domain::pause::paused_denial;
use crate::domain::status::Status;
use crate::ledger::op::Admit;
use crate::ledger::{Admission, Caller};

use super::observer::{Observed, is_used_up};
use super::router::Proxy;

/// How often a request that waits looks whether the limits were changed.
const LOOK: Duration = Duration::from_millis(200);

/// Has a request decided on. One of a key with patience waits where a limit is used up, until that
/// is raised, or the patience is at its end and the key with it.
pub(super) async fn admit(
    proxy: &Proxy,
    key: &KeyText,
    caller: &Caller,
    request: Admit,
) -> Result<Admission, Denial> {
    let mut denial = match proxy.ledger.admit(request.clone()).await {
        Err(denial) if is_used_up(&denial) => denial,
        decided => return decided,
    };
    let patience = caller.record.limits.patience.to_std();
    if patience == Duration::ZERO {
        return Err(denial);
    }
    // One that has ended already waits for nothing.
    let (_, status) = proxy.ledger.look_up(key)?;
    if status != Status::Live {
        return Err(denial);
    }
    proxy.observer.tell(Observed::Waiting(denial.clone()));
    let start = Instant::now();
    // A limit that is raised changes the record, a child key that ends what is lent.
    let mut seen = (caller.record.revision, caller.usage.lent);
    let mut has_children = caller.usage.descendants > 0;
    while start.elapsed() < patience {
        sleep(LOOK).await;
        let (now, status) = proxy.ledger.look_up(key)?;
        if let Status::Ended(cause) = status {
            return Err(ended_denial(&now.record, &now.usage, cause));
        }
        if let Some(pause) = now.pause {
            return Err(paused_denial(now.record.id, pause));
        }
        has_children = now.usage.descendants > 0;
        let state = (now.record.revision, now.usage.lent);
        if state == seen {
            continue;
        }
        seen = state;
        match proxy.ledger.admit(request.clone()).await {
            Err(again) if is_used_up(&again) => denial = again,
            decided => return decided,
        }
    }
    // One that was only too large for what is left ends nothing, and what child keys hold is not used.
    let cause = match denial.reason {
        _ if has_children => None,
        Reason::ActivationLimit => Some(EndCause::Activations),
        Reason::TokenLimit => Some(EndCause::Tokens),
        Reason::SpendLimit => Some(EndCause::Spend),
        _ => None,
    };
    if let Some(cause) = cause {
        proxy.ledger.end(request.key, cause).await;
    }
    Err(denial)
}
