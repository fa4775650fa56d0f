//! The audit log: its chain holds, and every admission and settlement is in it.

use std::collections::HashMap;

use super::stage::{Stage, hold};
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{EventSeq, HoldId, KeySeq, SlotId};
use crate::domain::key::EndCause;
use crate::domain::retention::{Dropped, Retention};
use crate::domain::settlement::Outcome;
use crate::domain::time::{Span, Timestamp};
use crate::ledger::op::{EndKeys, Fold, LogUnlock, SetRetention, Trim, kill, note_failed_unlock};
use crate::ledger::{Book, Clock as _};
use crate::store::Table;
use crate::store::rows::{DROPPED_KEY, Row, RowKey, STATE_KEY, State, UNLOCKS_KEY, from_bytes};
use crate::vault::ProxyKeys;

/// The events, oldest first, if their links lead from the chain's tail to its head.
pub(super) fn verified_events(from: &Stage, keys: &ProxyKeys) -> Result<Vec<Event>, String> {
    let state_row = from.rows(Table::Meta).into_iter().find(|(key, _)| *key == STATE_KEY.to_key());
    let state = Book::verified(keys.row_mac())
        .read::<State>(&STATE_KEY.to_key(), &state_row.unwrap().1)
        .map_err(|error| error.to_string())?;
    let rows: HashMap<_, _> = from.rows(Event::TABLE).into_iter().collect();
    let kept = state.first_event.0..state.next_event.0;
    if u64::try_from(rows.len()) != Ok(kept.end - kept.start) {
        return Err("there are other events than the state counts".into());
    }
    let mut link = state.chain_tail;
    let mut events = Vec::new();
    for seq in kept.map(EventSeq) {
        let row = rows.get(&seq.to_key()).ok_or(format!("event {seq} is missing"))?;
        let (event, found) = row.split_last_chunk::<32>().ok_or("an event is cut short")?;
        link = keys.chain().link(&link, seq, event);
        if link != *found {
            return Err(format!("the chain breaks at event {seq}"));
        }
        events.push(from_bytes(event).map_err(|error| error.to_string())?);
    }
    if link == state.chain_head { Ok(events) } else { Err("the newest event is missing".into()) }
}

/// Checks that exactly these holds were admitted, and exactly those of them settled that are said
/// to be, once each.
pub(super) fn assert_logged(stage: &Stage, holds: &HashMap<HoldId, (KeySeq, bool)>) {
    let mut admitted = HashMap::new();
    let mut settled = HashMap::new();
    for event in verified_events(stage, &stage.keys).unwrap() {
        let seen = match event.kind {
            EventKind::Admitted => &mut admitted,
            EventKind::Settled => &mut settled,
            _ => continue,
        };
        let id = hold(event.instance.unwrap().0, event.count);
        assert_eq!(seen.insert(id, event.key.unwrap()), None, "{id:?} twice");
    }
    let expected = |only_settled: bool| -> HashMap<_, _> {
        let of = holds.iter().filter(|(_, (_, is_settled))| *is_settled || !only_settled);
        of.map(|(id, (key, _))| (*id, *key)).collect()
    };
    assert_eq!(admitted, expected(false));
    assert_eq!(settled, expected(true));
}

#[test]
fn a_changed_event_a_missing_one_and_another_order_break_the_chain() {
    let stage = Stage::new();
    let key = stage.mint_limited(3).record.seq;
    stage.admit(key, 1, 1).unwrap().unwrap();
    stage.settle(hold(1, 1), Outcome::Answered(200));
    stage.run(&EndKeys { keys: vec![key], cause: EndCause::Revoked }).unwrap();
    let kinds = |events: Vec<Event>| events.into_iter().map(|e| e.kind).collect::<Vec<_>>();
    let expected = [
        EventKind::StoreCreated,
        EventKind::MasterAdded,
        EventKind::KeyMinted,
        EventKind::Admitted,
        EventKind::Settled,
        EventKind::KeyEnded,
    ];
    assert_eq!(verified_events(&stage, &stage.keys).map(kinds), Ok(expected.to_vec()));

    let events = stage.rows(Table::Events);
    for (key, row) in &events {
        for byte in 0..row.len() {
            let mut edited = row.clone();
            edited[byte] ^= 1;
            stage.overwrite(Table::Events, key, &edited);
            assert!(verified_events(&stage, &stage.keys).is_err(), "byte {byte} of {key:?}");
        }
        stage.overwrite(Table::Events, key, row);
    }
    stage.overwrite(Table::Events, &events[3].0, &events[4].1);
    stage.overwrite(Table::Events, &events[4].0, &events[3].1);
    assert!(verified_events(&stage, &stage.keys).is_err());
}

/// Notes that others made without an unlock are taken in once each, by however many at once, say
/// of themselves that they are not authenticated, and claim no time to come.
#[test]
fn notes_are_folded_once_each() {
    let stage = Stage::new();
    let key = stage.mint_limited(3).record.seq;
    let now = stage.clock.read().wall;
    for number in 0..600 {
        note_failed_unlock(stage.ledger.store(), Timestamp(number)).unwrap();
    }
    kill(stage.ledger.store(), &[key], now.after(Span::minutes(90))).unwrap();
    stage.overwrite(Table::Notes, &9_000u64.to_key(), b"what nobody can read");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| while stage.run(&Fold).unwrap().more {});
        }
    });
    assert!(!stage.ledger.view(|rows, _| Fold::is_due(rows)).unwrap());
    let events = verified_events(&stage, &stage.keys).unwrap();
    let folded: Vec<_> =
        events.iter().filter(|event| !event.kind.is_authenticated()).cloned().collect();
    assert_eq!(folded.len(), 602);
    for (number, event) in folded[..600].iter().enumerate() {
        assert_eq!(
            (event.kind, event.at.0),
            (EventKind::UnlockFailed, u64::try_from(number).unwrap())
        );
    }
    let stopped = &folded[600];
    assert_eq!((stopped.kind, stopped.key), (EventKind::KeyStopped, Some(key)));
    assert_eq!(stopped.at, now, "no time to come");
    assert_eq!(folded[601].kind, EventKind::NoteUnreadable);
}

/// Age and number: old events go, the rest of the chain holds.
#[test]
fn old_events_go_by_number_and_by_age() {
    let stage = Stage::new();
    let mint = |count: u64| (0..count).for_each(|_| drop(stage.mint_limited(1)));
    mint(300);
    let set = |events, age| {
        stage.run(&SetRetention { retention: Retention { events, age } }).unwrap();
        while {
            let before = verified_events(&stage, &stage.keys).unwrap().len();
            stage.run(&Trim).unwrap();
            verified_events(&stage, &stage.keys).unwrap().len() < before
        } {}
        verified_events(&stage, &stage.keys).unwrap()
    };
    assert_eq!(set(120, None).len(), 120);
    stage.clock.pass(Span::minutes(60));
    mint(5);
    let left = set(1_000, Some(Span::minutes(30)));
    assert_eq!(left.len(), 6, "five that were minted, and the change itself");
    let dropped: Dropped = stage.row(DROPPED_KEY).unwrap();
    assert_eq!(dropped.first, EventSeq(1));
    let row: State = stage.row(STATE_KEY).unwrap();
    assert_eq!(dropped.last.0 + 1, row.first_event.0);
    assert_eq!(dropped.count() + 6 + 1, row.next_event.0);
}

#[test]
fn an_unlock_is_logged_once_an_hour_for_each_slot() {
    let stage = Stage::new();
    let unlocked = || {
        let events = verified_events(&stage, &stage.keys).unwrap();
        let unlocks = events.iter().filter(|event| event.kind == EventKind::Unlocked);
        unlocks.map(|event| event.count).collect::<Vec<_>>()
    };
    let unlock = |slot| stage.run(&LogUnlock { slot: SlotId(slot) }).unwrap();
    unlock(1);
    unlock(1);
    unlock(2);
    assert_eq!(unlocked(), [1, 2]);
    let due = |slot| {
        let unlock = LogUnlock { slot: SlotId(slot) };
        let book = Book::verified(stage.keys.row_mac());
        stage.ledger.view(|rows, now| unlock.is_due(rows, book, now)).unwrap()
    };
    assert!(!due(1) && !due(2) && due(3));
    let row = stage.rows(Table::Meta).into_iter().find(|(key, _)| *key == UNLOCKS_KEY.to_key());
    let (key, mut row) = row.unwrap();
    row[5] ^= 1;
    stage.overwrite(Table::Meta, &key, &row);
    assert!(due(1), "an edited row hides no unlock");
    row[5] ^= 1;
    stage.overwrite(Table::Meta, &key, &row);
    stage.clock.pass(Span::minutes(60));
    assert!(due(1));
    unlock(1);
    assert_eq!(unlocked(), [1, 2, 1]);
}
