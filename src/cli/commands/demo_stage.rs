//! What `till demo` plays on: a store, keys and a provider of its own, in a temporary directory.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::domain::ids::{SlotId, StoreId};
use crate::domain::key_text::KeyText;
use crate::domain::limits::Limits;
use crate::domain::scope::Scope;
use crate::domain::slot::SlotKind;
use crate::domain::status::Status;
use crate::ledger::op::{AddMaster, KeyTemplate, Mint};
use crate::ledger::{Book, Clock, Ledger, Options, Rollback, SystemClock, op};
use crate::report::keys;
use crate::serve::stand_in::StandIn;
use crate::store::redb::RedbStore;
use crate::vault::{Key32, OperatorKeys, RootKey, SecretText, SlotSecret, random_array, seal_slot};

use super::super::exit::Exit;
use super::super::failure::Failure;

/// How long the last settlement may take to be seen.
const SETTLED: Duration = Duration::from_secs(5);

/// Everything that the demo has set up.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) ledger: Ledger,
    pub(super) operator: OperatorKeys,
    pub(super) key: KeyText,
    pub(super) secret: SecretText,
    pub(super) upstream: StandIn,
}

impl Stage {
    /// Sets it all up, with a key of so many activations.
    pub(super) async fn set_up(dir: &Path, activations: u64) -> Result<Self, Failure> {
        let word = u64::from_be_bytes(random_array()?);
        let secret = SecretText::from(format!("sk-real-{word:016x}"));
        let upstream = StandIn::start(secret.expose())
            .await
            .map_err(|error| failed("the stand-in provider cannot be started").why(error))?;
        let root = RootKey::random()?;
        let operator = root.operator_keys();
        let store = StoreId(random_array()?);
        let reading = SystemClock.read();
        let slot_secret = SlotSecret::Random(Key32::random()?);
        let kind = SlotKind::KeyFile;
        let slot =
            seal_slot(&root, &slot_secret, store, SlotId(1), kind, String::new(), reading.wall)?;
        let path = dir.join("till.redb");
        let made = RedbStore::create(&path, &mut |rows| {
            op::create(rows, &operator.proxy, store, &slot, reading)
        })?;
        let options = Options {
            locks: dir.join("locks"),
            state_dir: dir.join("state"),
            rollback: Rollback::Refuse,
        };
        let ledger = Ledger::open(Arc::new(made), Arc::new(SystemClock), options)?;
        let origin = format!("http://{}", upstream.address());
        let add = AddMaster {
            operator: &operator,
            secret: &secret,
            name: "stand-in".to_owned(),
            provider: "openai".to_owned(),
            base_url: Some(format!("{origin}/v1")),
            origin,
            local: true,
            headers: Vec::new(),
            ends_with: None,
        };
        ledger.run(&operator.proxy, &add)?;
        let key = mint(&ledger, &operator, activations)?;
        Ok(Self { ledger, operator, key, secret, upstream })
    }

    /// Whether the key's grants are gone, once its last settlement is written.
    pub(super) async fn is_destroyed(&self) -> Result<bool, Failure> {
        let book = Book::verified(self.operator.proxy.row_mac());
        let gone = async {
            loop {
                let found = self.ledger.view(|rows, now| keys(rows, book, now))?;
                let ended =
                    found.iter().all(|view| view.status != Status::Live && view.grants == 0);
                if ended {
                    return Ok(true);
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(SETTLED, gone).await.unwrap_or(Ok(false))
    }
}

/// Mints a key for the stand-in provider.
pub(super) fn mint(
    ledger: &Ledger,
    operator: &OperatorKeys,
    activations: u64,
) -> Result<KeyText, Failure> {
    let template = KeyTemplate {
        name: "demo".to_owned(),
        labels: Vec::new(),
        masters: vec![crate::domain::ids::MasterId(1)],
        limits: Limits { activations: Some(activations), ..Limits::default() },
        scope: Scope::default(),
        unlimited: false,
        ends_with: None,
        delegate: 0,
    };
    let mut minted = ledger
        .run(&operator.proxy, &Mint { operator, template: &template, minter: None, count: 1 })?;
    minted.pop().map(|minted| minted.text).ok_or_else(|| failed("no key was minted"))
}

pub(super) fn failed(what: &str) -> Failure {
    Failure::new(Exit::Failed, what)
}

/// A directory that goes with the demo.
#[derive(Debug)]
pub(super) struct TempDir(pub(super) PathBuf);

impl TempDir {
    pub(super) fn create() -> Result<Self, Failure> {
        use std::os::unix::fs::DirBuilderExt;
        let number = u64::from_be_bytes(random_array()?);
        let path = std::env::temp_dir().join(format!("till-demo-{number:016x}"));
        std::fs::DirBuilder::new()
            .mode(0o700)
            .create(&path)
            .map_err(|error| failed(&format!("`{}` cannot be made", path.display())).why(error))?;
        Ok(Self(path))
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        // What cannot be removed holds nothing that opens anything.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
