//! Rows that were edited by hand: refused, never obeyed. And the row of an ended key that is
//! brought back with a valid MAC: the key lives again, and opens nothing.

use super::stage::{ORIGIN, Stage, authenticate, hold, slot};
use crate::domain::denial::{Denial, Reason};
use crate::domain::ids::{Revision, SlotId};
use crate::domain::key::{EndCause, KeyRecord, Usage};
use crate::domain::limits::Limits;
use crate::domain::provider_row::ProviderRow;
use crate::domain::rollup::Facts;
use crate::domain::settlement::Outcome;
use crate::domain::time::{Span, Timestamp};
use crate::ledger::op::{
    AddProvider, AddSlot, Mint, Minted, Prune, RemoveMaster, RemoveProvider, RemoveSlot, Settle,
    Sweep, kill,
};
use crate::ledger::{Admission, Book, Clock, LedgerError};
use crate::store::rows::RowKey;
use crate::store::{StoreError, Table, Verdict};

/// Does `act` with each byte of each row of the table changed.
fn with_each_byte_changed(stage: &Stage, table: Table, act: impl Fn() -> Result<(), LedgerError>) {
    let keys: Vec<_> = stage.rows(table).into_iter().map(|(key, _)| key).collect();
    assert!(!keys.is_empty());
    for key in keys {
        // As it is now: what goes back is refused as well.
        let mut rows = stage.rows(table).into_iter();
        let (_, row) = rows.find(|(found, _)| *found == key).unwrap();
        for byte in 0..row.len() {
            let mut edited = row.clone();
            edited[byte] ^= 0x01;
            stage.overwrite(table, &key, &edited);
            let refused = act();
            assert!(
                matches!(
                    refused,
                    Err(LedgerError::Store(
                        StoreError::Forged(_) | StoreError::Damaged(_) | StoreError::Format { .. }
                    ))
                ),
                "byte {byte} of {key:?} in {table:?}: {refused:?}"
            );
        }
        stage.overwrite(table, &key, &row);
        assert!(act().is_ok(), "{table:?}");
    }
}

#[test]
fn a_row_with_any_byte_changed_is_refused() {
    let stage = Stage::new();
    let key = stage.mint_limited(1_000_000).record.seq;
    let admit = || stage.admit(key, 9, 9).map(|decision| drop(decision.unwrap()));
    for table in [Table::Meta, Table::Usage, Table::Keys, Table::MasterUsage] {
        with_each_byte_changed(&stage, table, admit);
    }

    let settle =
        Settle { hold: hold(9, 9), outcome: Outcome::NotSent, read: None, facts: Facts::default() };
    with_each_byte_changed(&stage, Table::Holds, || {
        stage.admit(key, 9, 10)?.unwrap();
        stage.run(&settle).map(drop)
    });

    let limits = stage.row::<KeyRecord>(&key).unwrap().limits;
    let template = stage.template(limits);
    let mint = Mint { operator: &stage.operator, template: &template, minter: None, count: 1 };
    with_each_byte_changed(&stage, Table::Masters, || stage.run(&mint).map(drop));

    stage.run(&AddSlot { slot: slot(2), instead_of: None }).unwrap();
    with_each_byte_changed(&stage, Table::Slots, || {
        stage.run(&AddSlot { slot: slot(3), instead_of: None })?;
        stage.run(&RemoveSlot { slot: SlotId(3) })
    });

    let provider = ProviderRow {
        name: "internal".to_owned(),
        base_url: "https://api.example.com".to_owned(),
        auth: "bearer".to_owned(),
        headers: Vec::new(),
        cookies: false,
        local: false,
        created_at: Timestamp(0),
        revision: Revision(0),
    };
    stage.run(&AddProvider { row: provider.clone() }).unwrap();
    let name = provider.name.clone();
    with_each_byte_changed(&stage, Table::Providers, || {
        stage.run(&RemoveProvider { name: name.clone() })?;
        stage.run(&AddProvider { row: provider.clone() })
    });
}

/// The rows that name a key and open a master carry no MAC: the key's record and the cipher
/// answer for them.
#[tokio::test]
async fn an_index_or_grant_with_any_byte_changed_opens_nothing() {
    let stage = Stage::new();
    let key = stage.mint_limited(5);
    stage.mint_limited(5);
    let (forwarding, running) = stage.forwarding();
    let index = stage.rows(Table::KeyIndex);
    let grants = stage.rows(Table::Grants);
    let caller = authenticate(&forwarding, &key.text).unwrap();
    let open = || -> Result<String, Denial> {
        let master = forwarding.master(stage.master)?.master;
        let opened = forwarding.open(&key.text, caller.record.seq, &master, ORIGIN)?;
        Ok(opened.secret.expose().to_owned())
    };
    assert_eq!(open().as_deref(), Ok("sk-the-real-one"));
    for (table, rows) in [(Table::KeyIndex, index), (Table::Grants, grants)] {
        let place = caller.record.lookup;
        let own = |(at, _): &&(Vec<u8>, Vec<u8>)| table == Table::Grants || **at == place;
        let (at, row) = rows.iter().find(own).unwrap();
        for byte in 0..row.len() {
            let mut edited = row.clone();
            edited[byte] ^= 0x01;
            stage.overwrite(table, at, &edited);
            let refused = authenticate(&forwarding, &key.text).and_then(|_| open());
            assert!(refused.is_err(), "byte {byte} of {table:?}");
        }
        stage.overwrite(table, at, row);
        assert!(open().is_ok());
    }
    forwarding.stop(running).await.unwrap();
}

/// A row that went back has a valid MAC, and an older revision than the process has seen.
#[tokio::test]
async fn a_row_that_went_back_is_refused_by_whoever_saw_it_newer() {
    let stage = Stage::new();
    let key = stage.mint_limited(5).record.seq;
    let (forwarding, running) = stage.forwarding();
    let old = stage.rows(Table::Usage).remove(0);
    let mut in_flight = forwarding.admit(stage.request(key)).await.unwrap();
    in_flight.answered(200);
    stage.overwrite(Table::Usage, &old.0, &old.1);
    let refused = |decision: Result<Admission, Denial>| decision.unwrap_err().reason;
    assert_eq!(refused(forwarding.admit(stage.request(key)).await), Reason::StoreUnavailable);
    // Nor does the settlement of what was admitted make a new row of it.
    drop(in_flight);
    assert_eq!(refused(forwarding.admit(stage.request(key)).await), Reason::StoreUnavailable);
    assert_eq!(stage.rows(Table::Usage), [old]);
    drop(forwarding.stop(running).await);
}

/// Self-destruction: the row of an ended key is brought back by somebody who has the MAC key. The
/// key lives again, requests are admitted, and nothing opens the master key.
#[tokio::test]
async fn an_ended_key_that_is_brought_back_with_a_valid_mac_opens_nothing() {
    let stage = Stage::new();
    let key = stage.mint_limited(1);
    let other = stage.mint_limited(1);
    let seq = key.record.seq;
    let (forwarding, running) = stage.forwarding();
    let master = forwarding.master(stage.master).unwrap().master;
    let open = |key: &Minted| forwarding.open(&key.text, seq, &master, ORIGIN);
    assert!(open(&key).is_ok());
    forwarding.admit(stage.request(seq)).await.unwrap().answered(200);
    forwarding.admit(stage.request(seq)).await.unwrap_err();
    assert_eq!(stage.usage(seq).ended.map(|end| end.cause), Some(EndCause::Activations));
    assert_eq!(open(&key).unwrap_err().reason, Reason::KeyRevoked);

    let revision = Revision(stage.usage(seq).revision.0 + 10);
    let alive = Usage { ended: None, used: 0, revision, ..stage.usage(seq) };
    let book = Book::verified(stage.keys.row_mac());
    stage
        .ledger
        .store()
        .transact(&mut |rows| book.put(rows, &seq, &alive).map(|()| Verdict::Commit))
        .unwrap();
    authenticate(&forwarding, &key.text).unwrap();
    let admission = forwarding.admit(stage.request(seq)).await.unwrap();
    assert_eq!(open(&key).unwrap_err().reason, Reason::KeyRevoked);
    // Nor does the grant of another key, put in the place of its own.
    let grants = stage.rows(Table::Grants);
    let (_, of_other) = &grants[0];
    let place = (seq, stage.master).to_key();
    stage.overwrite(Table::Grants, &place, of_other);
    assert!(open(&key).is_err());
    assert!(open(&other).is_err());
    drop(admission);
    forwarding.stop(running).await.unwrap();
}

/// One edited row stops its own key alone: others go on, beside it and after a restart.
#[tokio::test]
async fn an_edited_row_stops_no_other_key() {
    let stage = Stage::new();
    let (bad, good) = (stage.mint_limited(5).record.seq, stage.mint_limited(5).record.seq);
    let (forwarding, running) = stage.forwarding();
    let mut in_flight = forwarding.admit(stage.request(bad)).await.unwrap();
    in_flight.answered(200);
    for (at, mut row) in stage.rows(Table::Usage).into_iter().filter(|(at, _)| *at == bad.to_key())
    {
        row[8] ^= 1;
        stage.overwrite(Table::Usage, &at, &row);
    }
    drop(in_flight);
    let refused = forwarding.admit(stage.request(bad)).await.unwrap_err();
    assert_eq!(refused.reason, Reason::StoreUnavailable);
    drop(forwarding.admit(stage.request(good)).await.unwrap());
    forwarding.stop(running).await.unwrap();
    assert_eq!((stage.usage(good).held, stage.holds(bad)), (0, 1), "its hold is never given back");

    let (forwarding, running) = stage.forwarding();
    drop(forwarding.admit(stage.request(good)).await.unwrap());
    forwarding.stop(running).await.unwrap();
}

/// What is done about all keys is done about all others: the end of time, of a master, of the root.
#[test]
fn an_edited_row_of_an_ended_key_keeps_nobody_from_going_on() {
    let stage = Stage::new();
    let soon = stage.clock.read().wall.after(Span(1_000));
    let limits = Limits { expires_at: Some(soon), ..Limits::default() };
    let (bad, good) = (stage.mint(limits.clone()).record.seq, stage.mint(limits).record.seq);
    let killed = stage.mint_limited(5).record.seq;
    for key in [bad, killed] {
        let at = key.to_key();
        let (_, mut row) = stage.rows(Table::Keys).into_iter().find(|(k, _)| *k == at).unwrap();
        row[40] ^= 1;
        stage.overwrite(Table::Keys, &at, &row);
    }
    kill(stage.ledger.store(), &[killed], soon).unwrap();
    stage.clock.pass(Span(2_000));
    let swept = stage.run(&Sweep).unwrap();
    assert_eq!((swept.ended, swept.more), (1, false));
    assert!(stage.usage(good).ended.is_some());
    assert_eq!((stage.grants(bad), stage.grants(killed)), (0, 0), "they open nothing any more");
    stage.run(&Prune { before: Timestamp(u64::MAX) }).unwrap();
    stage.run(&RemoveMaster { name: "openai".to_owned(), revoke_keys: true }).unwrap();
}
