//! Where the key of a run lives: in the store, or in memory where there is none.

use std::sync::Arc;

use crate::domain::ids::{MasterId, SlotId, StoreId};
use crate::domain::slot::SlotKind;
use crate::ledger::op::create;
use crate::ledger::{Book, Clock, Ledger, SystemClock};
use crate::provider::{BaseUrl, Provider, find_builtin};
use crate::report::masters;
use crate::store::memory::MemoryStore;
use crate::store::{Store, Verdict};
use crate::vault::slot::{SlotSecret, seal_slot};
use crate::vault::{Key32, OperatorKeys, RootKey, SecretText, random_array};

use super::super::context::Context;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::key_mint::resolve;
use super::master_add::{NewMaster, seal};

/// A ledger that is open and unlocked, and what a key of it can open.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) ledger: Ledger,
    pub(super) operator: OperatorKeys,
    /// One master for each provider.
    pub(super) masters: Vec<(MasterId, Provider)>,
    /// Whether others see it: then its key can be extended from elsewhere.
    pub(super) shared: bool,
}

/// A real key that a run was given.
#[derive(Debug)]
pub(super) struct GivenKey {
    /// The provider's name in the table.
    pub(super) provider: String,
    pub(super) secret: SecretText,
    /// Where it is to be sent, where that is not the provider's own address.
    pub(super) base_url: Option<String>,
}

impl Stage {
    /// A ledger in memory, with these keys sealed in it. Nothing of it touches the disk.
    ///
    /// # Errors
    /// Where a key or a base URL is unfit.
    pub(super) fn in_memory(given: &[GivenKey]) -> Result<Self, Failure> {
        let root = RootKey::random()?;
        let operator = root.operator_keys();
        let id = StoreId(random_array()?);
        let reading = SystemClock.read();
        let secret = SlotSecret::Random(Key32::random()?);
        let kind = SlotKind::KeyFile;
        // Nothing will ever open it: a store has one.
        let slot = seal_slot(&root, &secret, id, SlotId(1), kind, String::new(), reading.wall)?;
        let store = MemoryStore::new();
        store.transact(&mut |rows| {
            create(rows, &operator.proxy, id, &slot, reading).map(|()| Verdict::Commit)
        })?;
        let ledger = Ledger::open_alone(Arc::new(store), Arc::new(SystemClock))?;
        let mut masters = Vec::new();
        for key in given {
            let provider = place(key)?;
            let base = key.base_url.as_deref().map(|url| parse(&key.provider, url)).transpose()?;
            let new = NewMaster {
                name: &key.provider,
                secret: &key.secret,
                base: base.as_ref(),
                headers: Vec::new(),
            ends_with: None,
            };
            let sealed = seal(&ledger, &operator, &provider, new)?;
            masters.push((sealed.master.id, provider));
        }
        Ok(Self { ledger, operator, masters, shared: false })
    }

    /// The store, unlocked, with the masters that `only` names, or one of each provider.
    ///
    /// # Errors
    /// Where the store cannot be opened or unlocked, or it is not clear which masters are meant.
    pub(super) fn of_store(context: &Context, only: &[String]) -> Result<Self, Failure> {
        let (ledger, unlocked) = context.open_unlocked()?;
        let targets = if only.is_empty() { providers_of(&ledger)? } else { only.to_vec() };
        if targets.is_empty() {
            return Err(Failure::new(Exit::NotFound, "the store holds no master key")
                .hint("seal one with `till master add openai`")
                .hint("or take the keys of the environment, with `--no-store`"));
        }
        let masters = targets.iter().map(|target| resolve(&ledger, target));
        let masters = masters.collect::<Result<_, Failure>>()?;
        Ok(Self { operator: unlocked.keys(), ledger, masters, shared: true })
    }
}

/// The providers that the store has master keys for, in order of their adding.
fn providers_of(ledger: &Ledger) -> Result<Vec<String>, Failure> {
    let all = ledger.view(|rows, now| masters(rows, Book::unverified(), now))?;
    let mut names: Vec<String> = Vec::new();
    for view in all {
        if !names.contains(&view.master.provider) {
            names.push(view.master.provider);
        }
    }
    Ok(names)
}

/// The provider as this key reaches it.
fn place(key: &GivenKey) -> Result<Provider, Failure> {
    let Some(provider) = find_builtin(&key.provider) else {
        return Err(Failure::new(Exit::Failed, format!("till does not know `{}`", key.provider)));
    };
    match &key.base_url {
        Some(url) => Ok(provider.with_base_url(&parse(&key.provider, url)?)),
        None => Ok(provider.clone()),
    }
}

/// A base URL that the user had set. On this machine, and without TLS, it is meant so.
fn parse(provider: &str, url: &str) -> Result<BaseUrl, Failure> {
    BaseUrl::parse(url, true).map_err(|error| {
        let what = format!("`{url}`, the base URL for `{provider}`, is none that a key may be sent to");
        Failure::new(Exit::Failed, what)
            .why(error)
            .hint("set the variable to one like https://host/v1, or unset it")
    })
}
