//! Rows of a store: what is read is what was written, to the byte.
#![no_main]

use libfuzzer_sys::fuzz_target;
use till::domain::alert::{AlertCursor, Mark};
use till::domain::alert_target::{AlertTarget, WaitingAlert};
use till::domain::event::Event;
use till::domain::hold::{Hold, Instance};
use till::domain::key::{KeyRecord, Usage};
use till::domain::master::{Brought, Master};
use till::domain::master_usage::MasterUsage;
use till::domain::minter::Minter;
use till::domain::provider_row::ProviderRow;
use till::domain::retention::{Dropped, Retention, Unlocks};
use till::domain::rollup::Rollup;
use till::domain::sealed::Sealed;
use till::domain::slot::Slot;
use till::domain::spike::{Addresses, Unusual};
use till::domain::totals::MinterUsage;
use till::store::rows::{
    DenialCount, Header, Note, Row, State, from_bytes, rollup_key, to_bytes, unusual_key,
};

// The first byte chooses the kind of row.
fuzz_target!(|input: &[u8]| {
    let Some((kind, bytes)) = input.split_first() else { return };
    let kinds: &[fn(&[u8])] = &[
        check::<Header>,
        check::<State>,
        check::<Slot>,
        check::<Master>,
        check::<MasterUsage>,
        check::<ProviderRow>,
        check::<Minter>,
        check::<MinterUsage>,
        check::<KeyRecord>,
        check::<Usage>,
        check::<Sealed>,
        check::<Instance>,
        check::<Hold>,
        check::<Event>,
        check::<Note>,
        check::<DenialCount>,
        check::<Retention>,
        check::<Dropped>,
        check::<Unlocks>,
        check::<Brought>,
        check::<Rollup>,
        check::<Unusual>,
        check::<Addresses>,
        check::<AlertTarget>,
        check::<WaitingAlert>,
        check::<Mark>,
        check::<AlertCursor>,
        |bytes| drop((rollup_key(bytes), unusual_key(bytes))),
    ];
    kinds[usize::from(*kind) % kinds.len()](bytes);
});

fn check<R: Row>(bytes: &[u8]) {
    if let Ok(row) = from_bytes::<R>(bytes) {
        assert_eq!(to_bytes(&row), bytes, "a row has one spelling");
    }
}
