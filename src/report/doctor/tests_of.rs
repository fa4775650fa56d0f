//! Rows to look at.

use crate::domain::ids::{KeyId, KeySeq, MasterId, Revision};
use crate::domain::key::KeyRecord;
use crate::domain::limits::Limits;
use crate::domain::master::Master;
use crate::domain::master_usage::MasterUsage;
use crate::domain::scope::Scope;
use crate::domain::sealed::Sealed;
use crate::domain::time::Timestamp;

use super::super::MasterView;

/// A key of the first master, minted at the beginning of time.
pub(super) fn record(limits: Limits) -> KeyRecord {
    KeyRecord {
        seq: KeySeq(1),
        id: KeyId::from_bits(1),
        lookup: [0; 32],
        name: String::new(),
        labels: Vec::new(),
        masters: vec![(MasterId(1), "openai".to_owned())],
        limits,
        scope: Scope::default(),
        ends_with: None,
        minter: None,
        parent: None,
        delegate: 0,
        created_at: Timestamp(0),
        revision: Revision(1),
    }
}

/// The first master, added at the beginning of time.
pub(super) fn master() -> MasterView {
    let sealed = || Sealed { nonce: [0; 24], ciphertext: Vec::new() };
    let master = Master {
        id: MasterId(1),
        name: "openai".to_owned(),
        provider: "openai".to_owned(),
        base_url: None,
        local: false,
        headers: Vec::new(),
        origin: "https://api.openai.com".to_owned(),
        secret: sealed(),
        data_key: sealed(),
        last4: "WXYZ".to_owned(),
        created_at: Timestamp(0),
        rotated_at: None,
        revision: Revision(1),
    };
    MasterView { master, live_keys: 0, usage: MasterUsage::default() }
}
