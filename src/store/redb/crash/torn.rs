//! Writes of which a part arrived before the power went: sectors of a page, in whatever order, and
//! a part of a sector.

use std::ops::Range;
use std::sync::Arc;

use ::redb::StorageBackend;

use super::super::machine::{Machine, coin, whole};
use super::{TRANSACTIONS, machine, newest, store, transact};
use crate::store::{StoreError, view};

/// What a disk writes whole, or not at all, in bytes.
const SECTOR: usize = 512;

/// What arrived of a write of this size, where sectors are whole: a beginning, an end, and some.
fn by_sectors(size: usize, seed: u64) -> Vec<Vec<Range<usize>>> {
    let sectors: Vec<Range<usize>> =
        (0..size).step_by(SECTOR).map(|at| at..(at + SECTOR).min(size)).collect();
    let middle = sectors.len() / 2;
    let mut some = coin(seed);
    let chosen = |mut keep: Box<dyn FnMut() -> bool + '_>| -> Vec<Range<usize>> {
        sectors.iter().filter(|_| keep()).cloned().collect()
    };
    vec![
        sectors[..1.min(sectors.len())].to_vec(),
        sectors[..middle].to_vec(),
        sectors[middle..].to_vec(),
        chosen(Box::new(&mut some)),
        chosen(Box::new(coin(seed.wrapping_add(1)))),
    ]
}

/// What arrived where a sector is torn too: a beginning that ends in its middle, the end that would
/// have come after it, and single bytes.
fn inside_sectors(size: usize, seed: u64) -> Vec<Vec<Range<usize>>> {
    let at = |share: usize| size * share / 16;
    let mut bytes = coin(seed);
    vec![
        vec![0..1.min(size)],
        vec![0..at(1)],
        vec![0..at(7)],
        vec![at(9)..size],
        vec![size.saturating_sub(1)..size],
        (0..size).filter(|_| bytes()).map(|byte| byte..byte + 1).collect(),
    ]
}

/// How a store that was torn is found.
#[derive(Debug, Default)]
struct Found {
    whole: u64,
    refused: u64,
}

impl Found {
    /// What was acknowledged is there, and goes on; or it is said that the file is damaged.
    #[track_caller]
    fn look(&mut self, machine: &Machine, acknowledged: u64) {
        let restarted = store(machine);
        // That it has the rows of one moment and no others is asserted where it is read.
        match view(&restarted, newest) {
            Ok(now) => {
                assert!((acknowledged..=acknowledged + 1).contains(&now), "{now}: {acknowledged}");
                transact(&restarted, now + 1).unwrap();
                assert_eq!(view(&restarted, newest).unwrap(), now + 1);
                self.whole += 1;
            }
            Err(StoreError::Damaged(_)) => {
                assert!(transact(&restarted, acknowledged + 1).is_err());
                self.refused += 1;
            }
            Err(error) => panic!("{error:?}"),
        }
    }
}

/// Tears each write that was not synced when the power went, at each sync.
fn torn(tears: impl Fn(usize, u64) -> Vec<Vec<Range<usize>>>) -> Found {
    let mut found = Found::default();
    for sync in 1.. {
        let machine = machine();
        machine.cut_at(sync);
        let running = store(&machine);
        let acknowledged = (1..=TRANSACTIONS).take_while(|n| transact(&running, *n).is_ok());
        let acknowledged = u64::try_from(acknowledged.count()).unwrap();
        drop(running);
        if !machine.is_off() {
            assert!(sync > 20, "only {sync} syncs were cut");
            return found;
        }
        for (number, size) in machine.pending().into_iter().enumerate() {
            let seed = sync * 131 + u64::try_from(number).unwrap();
            for tear in tears(size, seed) {
                // In the order in which they were written, and in none.
                let mut others = coin(seed);
                let in_order = machine.restarted_with(|other, size| match other {
                    _ if other == number => tear.clone(),
                    _ if other < number => whole(size),
                    _ => Vec::new(),
                });
                let in_none = machine.restarted_with(|other, size| {
                    if other == number {
                        tear.clone()
                    } else if others() {
                        whole(size)
                    } else {
                        Vec::new()
                    }
                });
                for machine in [in_order, in_none] {
                    found.look(&machine, acknowledged);
                }
            }
        }
    }
    found
}

#[test]
fn pages_that_are_torn_between_sectors_lose_nothing_acknowledged() {
    let found = torn(by_sectors);
    assert!(found.whole > 1000 && found.refused == 0, "{found:?}");
}

/// More than disks promise: each page carries a checksum, and the header two commits.
#[test]
fn sectors_that_are_torn_lose_nothing_acknowledged() {
    let found = torn(inside_sectors);
    assert!(found.whole > 1000 && found.refused == 0, "{found:?}");
}

/// The same on pages that were synced, which no power cut tears: it is noticed, so that a tear above
/// would have been.
#[test]
fn a_page_that_is_torn_after_its_sync_is_noticed() {
    let machine = machine();
    let running = store(&machine);
    transact(&running, 1).unwrap();
    drop(running);
    assert!(machine.pending().is_empty());
    let (mut whole, mut noticed) = (0, 0);
    for at in (0..machine.len().unwrap()).step_by(4096) {
        let torn = machine.restarted(|| false);
        torn.write(at + 100, &[0xa5; 300]).unwrap();
        torn.sync_data().unwrap();
        let copy =
            || -> Result<Arc<dyn StorageBackend>, StoreError> { Ok(Arc::new(Machine::default())) };
        match store(&torn).check_pages_in(&copy, &|_| {}) {
            Ok(()) => whole += 1,
            Err(StoreError::Damaged(_)) => noticed += 1,
            Err(error) => panic!("{error:?}"),
        }
    }
    // Pages that are in use: the others hold nothing.
    assert!(noticed > 3, "{noticed} tears are noticed, and {whole} are not");
}
