//! Where the key of a run lives: in the store, or in memory where there is none.

use std::sync::Arc;

use crate::domain::ids::{InstanceId, MasterId, SlotId, StoreId};
use crate::domain::master::Master;
use crate::domain::master_usage::MasterUsage;
use crate::domain::provider_row::ProviderRow;
use crate::domain::slot::SlotKind;
use crate::ledger::op::{KeyTemplate, Mint, Minted, create};
use crate::ledger::{Book, Clock, Ledger, Refusal, SystemClock};
use crate::provider::{BaseUrl, Provider, destination, find_builtin};
use crate::report::masters;
use crate::store::memory::MemoryStore;
use crate::store::{Store, Verdict};
use crate::vault::{
    Key32, MasterContext, OperatorKeys, RootKey, SecretText, SlotSecret, open_data_key,
    open_secret, random_array, seal_slot,
};

use super::super::context::Context;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::wrap::{Inventory, Known, RealKey};
use super::key_mint::resolve;
use super::master_add::{NewMaster, seal};

/// A ledger that is open and unlocked, and what a key of it can open.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) ledger: Ledger,
    pub(super) operator: OperatorKeys,
    /// One master for each provider.
    pub(super) masters: Vec<(MasterId, Provider)>,
    /// Keys that are sealed for the run alone, beside those.
    pub(super) beside: Vec<GivenKey>,
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

impl GivenKey {
    /// A key of the environment.
    pub(super) fn of(key: &RealKey) -> Self {
        Self {
            provider: key.provider.name.clone().into_owned(),
            secret: key.secret.clone(),
            base_url: key.base_url.as_ref().map(ToString::to_string),
        }
    }

    /// Seals it under a name, for as long as a process lives where one is given.
    fn seal(
        &self,
        ledger: &Ledger,
        operator: &OperatorKeys,
        name: &str,
        ends_with: Option<InstanceId>,
    ) -> Result<(MasterId, Provider), Failure> {
        let provider = place(self)?;
        let base = self.base_url.as_deref().map(|url| parse(&self.provider, url)).transpose()?;
        let new = NewMaster {
            name,
            secret: &self.secret,
            base: base.as_ref(),
            headers: Vec::new(),
            ends_with,
        };
        Ok((seal(ledger, operator, &provider, new)?.master.id, provider))
    }
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
            masters.push(key.seal(&ledger, &operator, &key.provider, None)?);
        }
        Ok(Self { ledger, operator, masters, beside: Vec::new(), shared: false })
    }

    /// The store, unlocked, with the masters that `only` names, or one of each provider.
    ///
    /// # Errors
    /// Where the store cannot be opened or unlocked, or it is not clear which masters are meant.
    pub(super) fn of_store(context: &Context, only: &[String]) -> Result<Self, Failure> {
        let (ledger, unlocked) = context.open_unlocked()?;
        let targets = if only.is_empty() { providers_of(&ledger)? } else { only.to_vec() };
        let mut masters = Vec::new();
        for target in &targets {
            match resolve(&ledger, target) {
                Ok((id, _)) => {
                    let (_, provider) = master_and_place(&ledger, &unlocked.keys(), id)?;
                    masters.push((id, provider));
                }
                // The environment may have a key of it.
                Err(failure)
                    if failure.exit == Exit::NotFound && find_builtin(target).is_some() => {}
                Err(failure) => return Err(failure),
            }
        }
        let operator = unlocked.keys();
        Ok(Self { ledger, operator, masters, beside: Vec::new(), shared: true })
    }

    /// The same, with the keys of the environment that are no master keys of the store. They come
    /// before those, unless the operator has `named` which master keys are meant.
    pub(super) fn beside(mut self, inventory: &Inventory, named: bool) -> Self {
        let foreign = || inventory.keys.iter().filter(|key| key.master.is_none());
        if !named {
            let stays =
                |provider: &Provider| foreign().all(|key| key.provider.name != provider.name);
            self.masters.retain(|(_, provider)| stays(provider));
        }
        let opens = |key: &&RealKey| {
            self.masters.iter().any(|(_, provider)| provider.name == key.provider.name)
        };
        self.beside = foreign().filter(|key| !opens(key)).map(GivenKey::of).collect();
        self
    }

    /// The names of the providers that its master keys open.
    pub(super) fn providers(&self) -> Vec<String> {
        self.masters.iter().map(|(_, provider)| provider.name.clone().into_owned()).collect()
    }

    /// Every provider that the run's key opens.
    ///
    /// # Errors
    /// Where a base URL is unfit.
    pub(super) fn all_providers(&self) -> Result<Vec<Provider>, Failure> {
        let own = self.masters.iter().map(|(_, provider)| Ok(provider.clone()));
        own.chain(self.beside.iter().map(place)).collect()
    }

    /// Whether one of its master keys has a cap.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(super) fn has_caps(&self) -> Result<bool, Failure> {
        let book = Book::verified(self.operator.proxy.row_mac());
        let caps = self.ledger.view(|rows, _| {
            let usages = self.masters.iter().map(|(id, _)| book.get::<MasterUsage>(rows, id));
            usages.collect::<Result<Vec<_>, _>>()
        })?;
        Ok(caps.into_iter().flatten().any(|usage| !usage.caps.is_empty()))
    }

    /// Every master key of the store in clear, to be recognised in the environment.
    ///
    /// # Errors
    /// Where one cannot be read or opened.
    pub(super) fn known(&self) -> Result<Vec<(SecretText, Known)>, Failure> {
        let all = self.ledger.view(|rows, now| masters(rows, Book::unverified(), now))?;
        let open = |id: MasterId| {
            let (master, provider) = master_and_place(&self.ledger, &self.operator, id)?;
            let store = self.ledger.store_id();
            let context = MasterContext { store, id, origin: &master.origin };
            let data_key = open_data_key(&self.operator.sealing, &context, &master.data_key)?;
            let secret = open_secret(&data_key, &context, &master.secret)?;
            Ok((secret, Known { provider, master: master.name }))
        };
        all.iter().map(|view| open(view.master.id)).collect()
    }

    /// Seals the keys that are for the run alone, which go with its process, and mints its key.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(super) fn mint(
        &self,
        template: &KeyTemplate,
        process: InstanceId,
    ) -> Result<Minted, Failure> {
        let mut masters: Vec<MasterId> = self.masters.iter().map(|(id, _)| *id).collect();
        for key in &self.beside {
            let name = format!("run-{:016x}-{}", process.0, key.provider);
            masters.push(key.seal(&self.ledger, &self.operator, &name, Some(process))?.0);
        }
        let template = KeyTemplate { masters, ends_with: Some(process), ..template.clone() };
        let mint = Mint { operator: &self.operator, template: &template, minter: None, count: 1 };
        let mut minted = self.ledger.run(&self.operator.proxy, &mint)?;
        minted.pop().ok_or_else(|| Failure::new(Exit::Failed, "no key was minted"))
    }
}

/// A master key, and its provider as the key reaches it.
fn master_and_place(
    ledger: &Ledger,
    operator: &OperatorKeys,
    id: MasterId,
) -> Result<(Master, Provider), Failure> {
    let book = Book::verified(operator.proxy.row_mac());
    let found = ledger.view(|rows, _| {
        let Some(master) = book.get::<Master>(rows, &id)? else { return Ok(None) };
        let row = book.get::<ProviderRow>(rows, master.provider.as_str())?;
        Ok(Some((master, row)))
    })?;
    let (master, row) = found.ok_or_else(|| Refusal::NoSuchMaster(id.to_string()))?;
    let provider = destination(&master, row.as_ref()).map_err(|why| {
        let what = format!("the master key `{}` has no place to go to", master.name);
        Failure::new(Exit::Failed, what).why(why)
    })?;
    Ok((master, provider))
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
        let what =
            format!("`{url}`, the base URL for `{provider}`, is none that a key may be sent to");
        Failure::new(Exit::Failed, what)
            .why(error)
            .hint("set the variable to one like https://host/v1, or unset it")
    })
}
