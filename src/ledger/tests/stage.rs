//! A store for tests, with a clock that is set by hand and one master key.

use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::domain::admission::ended_denial;
use crate::domain::clock::Reading;
use crate::domain::denial::Denial;
use crate::domain::endpoint::EndpointClass;
use crate::domain::hold::Hold;
use crate::domain::ids::{HoldId, InstanceId, KeySeq, MasterId, SlotId, StoreId};
use crate::domain::key::Usage;
use crate::domain::key_text::KeyText;
use crate::domain::limits::Limits;
use crate::domain::master::Master;
use crate::domain::rollup::Facts;
use crate::domain::scope::{Models, Scope, Target};
use crate::domain::sealed::{NONCE_LEN, Sealed};
use crate::domain::settlement::Outcome;
use crate::domain::slot::{Slot, SlotKind};
use crate::domain::status::Status;
use crate::domain::time::{Span, Timestamp};
use crate::ledger::op::{
    AddMaster, Admit, Admitted, KeyTemplate, Mint, Minted, RecordCache, Settle, Settled, create,
};
use crate::ledger::{
    Book, Caller, Clock, ClockPolicy, Forwarding, Ledger, LedgerError, Operation, Options,
    Rollback, Running, scan_prefix,
};
use crate::store::memory::MemoryStore;
use crate::store::rows::{Row, RowKey};
use crate::store::{RowsMut, Scan, Store, StoreError, Table, Verdict};
use crate::vault::{OperatorKeys, ProxyKeys, RootKey};

/// Where the master key of a stage may go.
pub(super) const ORIGIN: &str = "https://api.openai.com";
const STORE: StoreId = StoreId([7; 16]);

/// Clocks that stand still until they are moved.
#[derive(Debug)]
pub(super) struct TestClock(Mutex<Reading>);

impl TestClock {
    fn new() -> Self {
        let wall = Timestamp(1_800_000_000_000);
        Self(Mutex::new(Reading { wall, boot: Span(5_000), boot_id: 1 }))
    }

    /// Time passes.
    pub(super) fn pass(&self, span: Span) {
        let mut reading = self.0.lock().unwrap();
        reading.wall.0 += span.0;
        reading.boot.0 += span.0;
    }

    /// Somebody sets the wall clock, ahead or back.
    pub(super) fn set(&self, change: impl FnOnce(u64) -> u64) {
        let mut reading = self.0.lock().unwrap();
        reading.wall.0 = change(reading.wall.0);
    }
}

impl Clock for TestClock {
    fn read(&self) -> Reading {
        *self.0.lock().unwrap()
    }
}

/// Writes a store's first rows.
pub(super) type Init<'a> = dyn FnMut(&mut dyn RowsMut) -> Result<(), StoreError> + 'a;

/// A store, its keys, and one master key named `openai`.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) ledger: Ledger,
    pub(super) clock: Arc<TestClock>,
    pub(super) operator: OperatorKeys,
    pub(super) keys: ProxyKeys,
    pub(super) master: MasterId,
    dir: tempfile::TempDir,
}

impl Stage {
    /// In memory.
    pub(super) fn new() -> Self {
        Self::made_by(|init| Arc::new(in_memory(init)))
    }

    /// In whatever `make` puts the first rows into.
    pub(super) fn made_by(make: impl FnOnce(&mut Init<'_>) -> Arc<dyn Store>) -> Self {
        let operator = RootKey::random().unwrap().operator_keys();
        let keys = operator.proxy.clone();
        let clock = Arc::new(TestClock::new());
        let reading = clock.read();
        let store = make(&mut |rows| create(rows, &keys, STORE, &slot(1), reading));
        let dir = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(store, clock_of(&clock), options(dir.path())).unwrap();
        let mut stage = Self { ledger, clock, operator, keys, master: MasterId(1), dir };
        stage.master = stage.add_master("openai", "sk-the-real-one").id;
        stage
    }

    /// The first rows of a store of these keys.
    pub(super) fn first_rows(&self, rows: &mut dyn RowsMut) -> Result<(), StoreError> {
        create(rows, &self.keys, STORE, &slot(1), self.clock.read())
    }

    /// The same place with another store in it.
    pub(super) fn reopen(
        &self,
        store: Arc<dyn Store>,
        rollback: Rollback,
    ) -> Result<Ledger, LedgerError> {
        let options = Options { rollback, ..options(self.dir.path()) };
        Ledger::open(store, clock_of(&self.clock), options)
    }

    /// The time by the wall clock.
    pub(super) fn clock_now(&self) -> Timestamp {
        self.clock.read().wall
    }

    pub(super) fn run<O: Operation>(&self, op: &O) -> Result<O::Outcome, LedgerError> {
        self.ledger.run(&self.keys, op)
    }

    pub(super) fn add_master(&self, name: &str, secret: &str) -> Master {
        let add = AddMaster {
            operator: &self.operator,
            secret: &secret.to_owned().into(),
            name: name.to_owned(),
            provider: name.to_owned(),
            base_url: None,
            origin: ORIGIN.to_owned(),
            local: false,
            headers: Vec::new(),
            ends_with: None,
        };
        self.run(&add).unwrap()
    }

    pub(super) fn template(&self, limits: Limits) -> KeyTemplate {
        KeyTemplate {
            name: String::new(),
            labels: Vec::new(),
            masters: vec![self.master],
            limits,
            scope: Scope::default(),
            unlimited: false,
            ends_with: None,
            delegate: 0,
        }
    }

    pub(super) fn mint(&self, limits: Limits) -> Minted {
        let template = self.template(limits);
        let mint = Mint { operator: &self.operator, template: &template, minter: None, count: 1 };
        self.run(&mint).unwrap().remove(0)
    }

    /// A key of `limit` activations.
    pub(super) fn mint_limited(&self, limit: u64) -> Minted {
        self.mint(Limits { activations: Some(limit), ..Limits::default() })
    }

    /// A request of this key.
    pub(super) fn request(&self, key: KeySeq) -> Admit {
        Admit { key, master: self.master, target: target(), demand: None }
    }

    /// Decides on a request as an instance does that remembers nothing.
    pub(super) fn admit(
        &self,
        key: KeySeq,
        instance: u64,
        number: u64,
    ) -> Result<Result<Admitted, Denial>, LedgerError> {
        self.admit_with(&mut RecordCache::default(), key, hold(instance, number))
    }

    pub(super) fn admit_with(
        &self,
        cache: &mut RecordCache,
        key: KeySeq,
        hold: HoldId,
    ) -> Result<Result<Admitted, Denial>, LedgerError> {
        let request = self.request(key);
        self.ledger.transact(&self.keys, ClockPolicy::Distrust, |session| {
            request.apply(session, cache, hold)
        })
    }

    pub(super) fn settle(&self, hold: HoldId, outcome: Outcome) -> Option<Settled> {
        let settle = Settle { hold, outcome, read: None, facts: Facts::default() };
        self.ledger
            .transact(&self.keys, ClockPolicy::Distrust, |session| settle.apply(session))
            .unwrap()
    }

    pub(super) fn forwarding(&self) -> (Arc<Forwarding>, Running) {
        Forwarding::start(self.ledger.clone(), self.keys.clone(), "http://127.0.0.1:0").unwrap()
    }

    /// The verified row under a key.
    pub(super) fn row<R: Row>(&self, key: &(impl RowKey + ?Sized)) -> Option<R> {
        let book = Book::verified(self.keys.row_mac());
        self.ledger.view(|rows, _| book.get(rows, key)).unwrap()
    }

    pub(super) fn usage(&self, key: KeySeq) -> Usage {
        self.row(&key).unwrap()
    }

    /// How many requests of the key are in flight, by their own rows.
    pub(super) fn holds(&self, key: KeySeq) -> u64 {
        let book = Book::verified(self.keys.row_mac());
        let rows = self.rows(Table::Holds);
        let holds = rows.iter().map(|(key, row)| book.read::<Hold>(key, row).unwrap());
        u64::try_from(holds.filter(|hold| hold.key == key).count()).unwrap()
    }

    /// How many grants the key has.
    pub(super) fn grants(&self, key: KeySeq) -> usize {
        let of_key = key.to_key();
        self.rows(Table::Grants).iter().filter(|(key, _)| key.starts_with(&of_key)).count()
    }

    /// The rows of a table, byte by byte.
    pub(super) fn rows(&self, table: Table) -> Vec<(Vec<u8>, Vec<u8>)> {
        self.ledger
            .view(|rows, _| {
                let mut found = Vec::new();
                scan_prefix(rows, table, &[], &mut |key, row| {
                    found.push((key.to_vec(), row.to_vec()));
                    Ok(Scan::Continue)
                })?;
                Ok(found)
            })
            .unwrap()
    }

    /// Writes a row past the ledger.
    pub(super) fn overwrite(&self, table: Table, key: &[u8], row: &[u8]) {
        let store = self.ledger.store();
        store.transact(&mut |rows| rows.put(table, key, row).map(|()| Verdict::Commit)).unwrap();
    }
}

/// Whose key this is, if it lives.
pub(super) fn authenticate(forwarding: &Forwarding, key: &KeyText) -> Result<Caller, Denial> {
    let (caller, status) = forwarding.look_up(key)?;
    match status {
        Status::Live => Ok(caller),
        Status::Ended(cause) => Err(ended_denial(&caller.record, &caller.usage, cause)),
    }
}

/// A store in memory with its first rows.
pub(super) fn in_memory(init: &mut Init<'_>) -> MemoryStore {
    let store = MemoryStore::new();
    store.transact(&mut |rows| init(rows).map(|()| Verdict::Commit)).unwrap();
    store
}

/// A slot that nothing opens.
pub(super) fn slot(id: u64) -> Slot {
    Slot {
        id: SlotId(id),
        kind: SlotKind::KeyFile,
        kdf: None,
        root: Sealed { nonce: [0; NONCE_LEN], ciphertext: vec![0; 48] },
        name: String::new(),
        created_at: Timestamp(0),
    }
}

pub(super) fn hold(instance: u64, number: u64) -> HoldId {
    HoldId { instance: InstanceId(instance), number }
}

fn target() -> Target {
    Target {
        method: "POST".to_owned(),
        path: "/v1/chat/completions".to_owned(),
        class: EndpointClass::Metered,
        metered_provider: true,
        models: Models::None,
        client: [127, 0, 0, 1].into(),
    }
}

fn clock_of(clock: &Arc<TestClock>) -> Arc<dyn Clock> {
    Arc::<TestClock>::clone(clock)
}

fn options(dir: &Path) -> Options {
    Options { locks: dir.join("locks"), state_dir: dir.join("state"), rollback: Rollback::Refuse }
}
