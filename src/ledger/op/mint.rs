//! `key mint`: new proxy keys.

use zeroize::Zeroizing;

use crate::domain::event::{Event, EventKind};
use crate::domain::hold::Instance;
use crate::domain::ids::{InstanceId, KeyId, KeySeq, MasterId, MinterId, Revision};
use crate::domain::key::{KeyRecord, Usage};
use crate::domain::key_text::{KeyText, SECRET_BYTES};
use crate::domain::limits::{Limits, MAX_ACTIVATIONS};
use crate::domain::master::Master;
use crate::domain::scope::Scope;
use crate::domain::share::Share;
use crate::store::Table;
use crate::store::rows::{RowKey, to_bytes};
use crate::vault::grant;
use crate::vault::open_data_key;
use crate::vault::{DataKey, MasterContext, OperatorKeys, random_array};

use super::super::error::{LedgerError, Refusal};
use super::super::operation::Operation;
use super::super::session::Session;
use super::brought::opened_by;
use super::limit_master::most;

/// What the new keys are to be.
#[derive(Clone, Debug)]
pub struct KeyTemplate {
    /// What the operator calls them.
    pub name: String,
    /// `k=v` pairs.
    pub labels: Vec<(String, String)>,
    /// What they open, one master for each provider.
    pub masters: Vec<MasterId>,
    /// What they may use up.
    pub limits: Limits,
    /// What they may be used for.
    pub scope: Scope,
    /// Whether a key without an end is meant.
    pub unlimited: bool,
    /// The process that they end with, however that one ends.
    pub ends_with: Option<InstanceId>,
    /// How many generations of keys may be made from them without the operator.
    pub delegate: u8,
}

/// Mints keys. Needs the sealing key, which forwarders do not have.
#[derive(Debug)]
pub struct Mint<'a> {
    /// What the store was unlocked with.
    pub operator: &'a OperatorKeys,
    /// What the keys are to be.
    pub template: &'a KeyTemplate,
    /// Who mints them, where that is not the operator.
    pub minter: Option<MinterId>,
    /// How many.
    pub count: u32,
}

/// A new key. The only moment at which its text exists outside its holder's hands.
#[derive(Debug)]
pub struct Minted {
    /// The key itself.
    pub text: KeyText,
    /// What was written of it.
    pub record: KeyRecord,
}

impl Operation for Mint<'_> {
    type Outcome = Vec<Minted>;

    fn apply(&self, session: &mut Session<'_>) -> Result<Vec<Minted>, LedgerError> {
        check_limits(&self.template.limits, self.template.unlimited, session)?;
        let masters = self.open_masters(session)?;
        let minted: Vec<Minted> =
            (0..self.count).map(|_| self.mint(session, &masters)).collect::<Result<_, _>>()?;
        if let Some(id) = self.template.ends_with {
            let mut instance = session.get::<Instance>(&id)?.ok_or(Refusal::NoSuchProcess)?;
            instance.keys.extend(minted.iter().map(|key| key.record.seq));
            session.put(&id, &instance)?;
        }
        Ok(minted)
    }
}

impl Mint<'_> {
    fn open_masters(&self, session: &Session<'_>) -> Result<Vec<(Master, DataKey)>, LedgerError> {
        let mut opened: Vec<(Master, DataKey)> = Vec::new();
        for id in &self.template.masters {
            let master =
                session.get::<Master>(id)?.ok_or_else(|| Refusal::NoSuchMaster(id.to_string()))?;
            if opened.iter().any(|(known, _)| known.provider == master.provider) {
                return Err(Refusal::ProviderTwice(master.provider).into());
            }
            let context = MasterContext { store: session.store(), id: *id, origin: &master.origin };
            let data_key = open_data_key(&self.operator.sealing, &context, &master.data_key)?;
            opened.push((master, data_key));
        }
        Ok(opened)
    }

    fn mint(
        &self,
        session: &mut Session<'_>,
        masters: &[(Master, DataKey)],
    ) -> Result<Minted, LedgerError> {
        let KeyTemplate { name, labels, limits, scope, ends_with, delegate, .. } =
            self.template.clone();
        let kind = NewKey {
            name,
            labels,
            masters: masters.iter().map(|(m, _)| (m.id, m.provider.clone())).collect(),
            limits,
            scope,
            ends_with,
            minter: self.minter,
            parent: None,
            delegate,
        };
        let opened: Vec<_> = masters.iter().map(|(master, key)| (master.id, key)).collect();
        new_key(session, kind, &opened, None)
    }
}

/// What a new key is, but for what is drawn for it.
#[derive(Clone, Debug)]
pub(super) struct NewKey {
    pub(super) name: String,
    pub(super) labels: Vec<(String, String)>,
    pub(super) masters: Vec<(MasterId, String)>,
    pub(super) limits: Limits,
    pub(super) scope: Scope,
    pub(super) ends_with: Option<InstanceId>,
    pub(super) minter: Option<MinterId>,
    /// The key that it is made from, by its number and its id.
    pub(super) parent: Option<(KeySeq, KeyId)>,
    pub(super) delegate: u8,
}

/// Draws a key and writes all its rows. `opened` are the data keys of what it opens, `carved` is
/// what it has of its parent.
pub(super) fn new_key(
    session: &mut Session<'_>,
    kind: NewKey,
    opened: &[(MasterId, &DataKey)],
    carved: Option<Share>,
) -> Result<Minted, LedgerError> {
    let text = KeyText::from_random(&Zeroizing::new(random_array::<SECRET_BYTES>()?));
    let id = KeyId::from_bits(u64::from_be_bytes(random_array()?));
    let now = session.now();
    let state = session.state_mut();
    let seq = KeySeq(state.next_key);
    state.next_key = state.next_key.saturating_add(1);
    let record = KeyRecord {
        seq,
        id,
        lookup: session.keys().lookup().digest(&text),
        name: kind.name,
        labels: kind.labels,
        masters: kind.masters,
        limits: kind.limits,
        scope: kind.scope,
        ends_with: kind.ends_with,
        minter: kind.minter,
        parent: kind.parent.map(|(parent, _)| parent),
        delegate: kind.delegate,
        created_at: now,
        revision: Revision(1),
    };
    opened_by(session, &record.masters)?;
    for (master, data_key) in opened {
        let granted =
            grant(session.keys().grant(), &text, data_key, session.store(), seq, *master)?;
        let bytes = to_bytes(&granted);
        session.rows_mut().put(Table::Grants, &(seq, *master).to_key(), &bytes)?;
    }
    let usage = Usage { revision: Revision(1), record: Revision(1), carved, ..Usage::default() };
    session.rows_mut().put(Table::KeyIndex, &record.lookup, &seq.to_key())?;
    session.rows_mut().put(Table::KeyIds, id.as_bytes(), &seq.to_key())?;
    session.put(&seq, &record)?;
    session.put(&seq, &usage)?;
    if let Some(end) = record.limits.expires_at {
        session.rows_mut().put(Table::Expiries, &(end, seq).to_key(), &[])?;
    }
    let count = record.limits.activations.unwrap_or_default();
    let mut minted = Event::new(EventKind::KeyMinted, now).key(seq).count(count);
    if let Some(minter) = kind.minter {
        session.rows_mut().put(Table::MinterKeys, &(minter, seq).to_key(), &[])?;
        minted = minted.note(format!("by minter {minter}"));
    }
    if let Some((parent, id)) = kind.parent {
        session.rows_mut().put(Table::Children, &(parent, seq).to_key(), &[])?;
        minted = minted.note(format!("of {id}"));
    }
    session.event(&minted)?;
    Ok(Minted { text, record })
}

/// Refuses limits that are none, or that have passed.
pub(super) fn check_limits(
    limits: &Limits,
    unlimited: bool,
    session: &Session<'_>,
) -> Result<(), Refusal> {
    if !limits.are_bounded() && !unlimited {
        return Err(Refusal::Unbounded);
    }
    match limits.activations {
        Some(limit) if limit == 0 || limit > MAX_ACTIVATIONS => {
            return Err(Refusal::LimitOutOfRange(limit));
        }
        _ => {}
    }
    if let Some((measure, _)) =
        limits.caps.iter().find(|(measure, cap)| !(1..=most(*measure)).contains(cap))
    {
        return Err(Refusal::CapOutOfRange(measure));
    }
    if limits.expires_at.is_some_and(|end| end <= session.now()) {
        return Err(Refusal::PastExpiry);
    }
    Ok(())
}
