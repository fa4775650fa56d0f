//! The audit log: its chain holds, and every admission and settlement is in it.

use std::collections::HashMap;

use super::stage::{Stage, hold};
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{EventSeq, HoldId, KeySeq};
use crate::domain::key::EndCause;
use crate::domain::settlement::Outcome;
use crate::ledger::Book;
use crate::ledger::op::EndKeys;
use crate::store::Table;
use crate::store::rows::{Row, RowKey, STATE_KEY, State, from_bytes};
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
