//! What only one process does at a time.

use std::os::unix::fs::PermissionsExt;

use crate::ledger::{Claim, Ledger};

use super::stage::{Stage, in_memory};

#[test]
fn one_holds_a_claim_and_whoever_comes_after_has_it() {
    let stage = Stage::new();
    let held = Claim::take(&stage.ledger, "lookout").unwrap();
    assert!(held.is_some());
    assert!(Claim::take(&stage.ledger, "lookout").unwrap().is_none());
    assert!(Claim::take(&stage.ledger, "another").unwrap().is_some());
    let path = stage.ledger.locks().unwrap().join("lookout.lock");
    assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    drop(held);
    assert!(Claim::take(&stage.ledger, "lookout").unwrap().is_some());
}

#[test]
fn nobody_else_can_claim_anything_of_a_store_in_memory() {
    let stage = Stage::new();
    let store = std::sync::Arc::new(in_memory(&mut |rows| stage.first_rows(rows)));
    let alone = Ledger::open_alone(store, stage.clock.clone()).unwrap();
    assert!(Claim::take(&alone, "lookout").unwrap().is_some());
}
