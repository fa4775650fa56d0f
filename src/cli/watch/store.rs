//! The store, looked at in a thread of its own: one that is busy does not hold the screen up.

use std::sync::mpsc::{Receiver, Sender};
use std::thread;

use crate::cli::failure::Failure;
use crate::domain::ids::{KeySeq, StoreId};
use crate::ledger::{Ledger, op};
use crate::report::watch::{Snapshot, Watcher};

use super::program::Message;

/// Opens the store, as often as it must be.
pub(super) type Opener = Box<dyn Fn() -> Result<Ledger, Failure> + Send>;

/// What the store is asked.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ask {
    /// How it is now, and this key more than others.
    Look(Option<KeySeq>),
    /// To stop a key of this store.
    Revoke(StoreId, KeySeq),
}

/// Answers what is asked until nobody asks any more. `ledger` is open already.
pub(super) fn answer(ledger: Ledger, open: Opener, asked: Receiver<Ask>, answers: Sender<Message>) {
    thread::spawn(move || {
        let (mut ledger, mut watcher) = (Some(ledger), Watcher::default());
        for ask in asked {
            let answer = match ask {
                Ask::Look(key) => {
                    Message::Seen(Box::new(look(&mut ledger, &mut watcher, &open, key)))
                }
                Ask::Revoke(store, key) => {
                    Message::Revoked(key, revoke(ledger.as_ref(), store, key))
                }
            };
            if answers.send(answer).is_err() {
                break;
            }
        }
    });
}

fn look(
    place: &mut Option<Ledger>,
    watcher: &mut Watcher,
    open: &Opener,
    key: Option<KeySeq>,
) -> Result<Snapshot, String> {
    let ledger = match place.take() {
        Some(ledger) => ledger,
        None => open().map_err(|failure| reason(&failure))?,
    };
    // After a failure it is opened anew: another file may stand in its place.
    let snapshot = watcher.look(&ledger, key).map_err(|error| reason(&error.into()))?;
    *place = Some(ledger);
    Ok(snapshot)
}

fn revoke(ledger: Option<&Ledger>, store: StoreId, key: KeySeq) -> Result<(), String> {
    let ledger = ledger.ok_or("the store does not answer")?;
    if ledger.store_id() != store {
        return Err("another store stands in its place".to_owned());
    }
    op::kill(ledger.store(), &[key], ledger.reading().wall).map_err(|error| reason(&error.into()))
}

fn reason(failure: &Failure) -> String {
    match &failure.why {
        Some(why) => format!("{}: {why}", failure.what),
        None => failure.what.clone(),
    }
}
