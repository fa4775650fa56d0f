//! Minting, as it is asked for over the network: within the bounds of whoever asks.

use serde::Serialize;

use crate::domain::endpoint::EndpointClass;
use crate::domain::ids::MasterId;
use crate::domain::limits::Limits;
use crate::domain::master::Master;
use crate::domain::money::Picodollars;
use crate::domain::provider_row::ProviderRow;
use crate::domain::scope::{Allow, Scope};
use crate::ledger::op::{BroughtSecret, KeyTemplate, MintAs, Minted};
use crate::ledger::{Book, ClockPolicy, Operation, Refusal};
use crate::provider::nearest::nearest;
use crate::provider::reach::check_reach;
use crate::provider::{Provider, destination};
use crate::report::{NoTarget, all_providers, find_target};
use crate::vault::{SecretText, check_master};
use crate::wire::{FieldFault, KeyRequest, Secret};

use super::fault::{Answer, Fault, Problem};
use super::gate::Caller;
use super::key_json::AdminKey;
use super::keys::{fresh, shown};
use super::router::Admin;

/// One key where nothing was said of how many, else a list.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Created {
    /// `key`.
    One {
        /// The key.
        key: Box<AdminKey>,
    },
    /// `keys`.
    Many {
        /// The keys.
        keys: Vec<AdminKey>,
    },
}

/// What the keys open.
struct Opens {
    masters: Vec<MasterId>,
    providers: Vec<Provider>,
    /// The real key that came with the request, and its provider.
    brought: Option<(SecretText, Provider)>,
}

/// Mints what was asked for.
pub(super) fn create(admin: &Admin, caller: &Caller, asked: &KeyRequest) -> Answer<Created> {
    let bounds = &caller.minter.bounds;
    let now = admin.ledger.view(|_, now| Ok(now))?;
    let count = asked.count()?;
    let (name, labels) = asked.name_and_labels()?;
    let fitted = bounds.fit(asked.limits(now)?, asked.scope()?, now).map_err(Refusal::from)?;
    let (limits, scope) = fitted;
    let opens = opens(admin, caller, asked)?;
    check_allow(admin, &bounds.scope, &scope, &opens)?;
    let limits = priced(admin, limits, &scope, &opens.providers)?;
    let template = KeyTemplate {
        name,
        labels,
        masters: opens.masters,
        limits,
        scope,
        unlimited: false,
        ends_with: None,
        delegate: asked.generations()?,
    };
    let brought = opens.brought.as_ref().map(|(secret, provider)| BroughtSecret {
        secret,
        provider: provider.name.clone().into_owned(),
        origin: provider.origin.to_string(),
        local: provider.local,
    });
    let mint = MintAs {
        operator: &admin.operator,
        minter: caller.minter.id,
        token: caller.token.clone(),
        template: &template,
        brought,
        count,
    };
    let keys = &admin.operator.proxy;
    let minted =
        admin.ledger.transact(keys, ClockPolicy::Distrust, |session| mint.apply(session))?;
    let keys = answers(admin, caller, &minted)?;
    if asked.count.is_some() {
        return Ok(Created::Many { keys });
    }
    let key = keys.into_iter().next().map(Box::new);
    let key = key.ok_or_else(|| Fault::new(Problem::StoreUnavailable, "no key was minted"))?;
    Ok(Created::One { key })
}

/// The keys with their texts, which exist outside their holder's hands this once.
fn answers(admin: &Admin, caller: &Caller, minted: &[Minted]) -> Answer<Vec<AdminKey>> {
    let book = Book::verified(admin.operator.proxy.row_mac());
    let answers = admin.ledger.view(|rows, _| {
        let each = minted.iter().map(|one| {
            let mut key = shown(admin, rows, book, &fresh(&one.record), &caller.minter)?;
            key.scoped_key = Some(Secret(one.text.expose().to_owned().into()));
            Ok(key)
        });
        each.collect::<Result<Vec<_>, _>>()
    })?;
    Ok(answers)
}

/// The limits with what the cheapest request can cost; refused where they would reach nothing.
fn priced(
    admin: &Admin,
    mut limits: Limits,
    scope: &Scope,
    providers: &[Provider],
) -> Answer<Limits> {
    let refused = |why: String| Fault::new(Problem::BadRequest, why);
    check_reach(&limits, providers).map_err(|why| refused(why.to_string()))?;
    limits.least_spend = Picodollars(1);
    if limits.caps.spend.is_some() {
        let (least, unpriced) = (admin.prices)().least_spend(&scope.models, providers);
        if let Some(provider) = unpriced.first() {
            let name = &provider.name;
            let why = format!("no model of `{name}` that the key may use has a price");
            return Err(refused(why));
        }
        limits.least_spend = least;
    }
    Ok(limits)
}

/// Refuses endpoints that hand out further credentials, which no bound would hold: a key opens them by
/// their own path alone, and so only a token that was given that very path can pass it on.
fn check_allow(admin: &Admin, bound: &Scope, scope: &Scope, opens: &Opens) -> Answer<()> {
    let is_given = |asked: &Allow| {
        bound.allow.iter().any(|own| {
            own.path == asked.path && (own.method.is_none() || own.method == asked.method)
        })
    };
    let exact = |asked: &&Allow| !asked.path.has_wildcards() && !is_given(asked);
    let asked: Vec<&Allow> = scope.allow.iter().filter(exact).collect();
    if asked.is_empty() {
        return Ok(());
    }
    let book = Book::verified(admin.operator.proxy.row_mac());
    let mut places = opens.providers.clone();
    // A master key may have a base URL of its own, and then its paths are others.
    for id in &opens.masters {
        let place = admin.ledger.view(|rows, _| {
            let Some(master) = book.get::<Master>(rows, id)? else { return Ok(None) };
            let row = book.get::<ProviderRow>(rows, master.provider.as_str())?;
            Ok(destination(&master, row.as_ref()).ok())
        })?;
        places.extend(place);
    }
    let hands_out = |asked: &&&Allow| {
        let (method, path) = (asked.method.as_deref().unwrap_or("POST"), asked.path.as_str());
        places.iter().any(|place| place.classify(method, path) == EndpointClass::Minting)
    };
    match asked.iter().find(hands_out) {
        None => Ok(()),
        Some(asked) => {
            let why = "hands out credentials, and the token was not given that very path";
            Err(Fault::new(Problem::OutOfBounds, format!("`allow`: `{asked}` {why}")))
        }
    }
}

/// What the keys are to open: the masters that are named, the only one that the token may open, or
/// the real key that came along.
fn opens(admin: &Admin, caller: &Caller, asked: &KeyRequest) -> Answer<Opens> {
    let targets = asked.targets();
    if let Some(secret) = &asked.upstream_key {
        let [name] = targets.as_slice() else {
            let why = "give one `provider` beside it";
            return Err(FieldFault::new("upstream_key", why).into());
        };
        if !caller.minter.bounds.bring_keys {
            return Err(Refusal::MayNotBring.into());
        }
        let provider = provider(admin, name)?;
        let secret = check_master(secret.0.expose())
            .map_err(|why| FieldFault::new("upstream_key", why.to_string()))?;
        let brought = Some((secret, provider.clone()));
        return Ok(Opens { masters: Vec::new(), providers: vec![provider], brought });
    }
    let granted = &caller.minter.bounds.masters;
    let book = Book::verified(admin.operator.proxy.row_mac());
    let mut opens = Opens { masters: Vec::new(), providers: Vec::new(), brought: None };
    let all = admin.ledger.view(|rows, _| all_providers(rows, book))?;
    if targets.is_empty() {
        let [(id, name)] = granted.as_slice() else {
            let names: Vec<&str> = granted.iter().map(|(_, name)| name.as_str()).collect();
            let why = format!("name what the key is to open, of {}", names.join(", "));
            return Err(FieldFault::new("provider", why).into());
        };
        opens.masters.push(*id);
        opens.providers.extend(all.into_iter().find(|known| known.name == *name));
        return Ok(opens);
    }
    for name in targets {
        // What the token may open of a provider comes first: others' master keys are none of its
        // concern.
        let own: Vec<_> = granted.iter().filter(|(_, provider)| provider == name).collect();
        let id = match own.as_slice() {
            [(id, _)] => *id,
            _ => named(admin, name, granted)?,
        };
        let of = granted.iter().find(|(known, _)| *known == id).map(|(_, provider)| provider);
        opens.masters.push(id);
        opens
            .providers
            .extend(all.iter().find(|known| of.is_some_and(|of| known.name == *of)).cloned());
    }
    Ok(opens)
}

/// The master key of this name, where the token may open it.
fn named(admin: &Admin, name: &str, granted: &[(MasterId, String)]) -> Answer<MasterId> {
    let book = Book::verified(admin.operator.proxy.row_mac());
    let found = admin.ledger.view(|rows, _| find_target(rows, book, name))?;
    let is_granted = |id: MasterId| granted.iter().any(|(known, _)| *known == id);
    match found {
        Ok(target) if is_granted(target.master) => Ok(target.master),
        Err(NoTarget::Several(_)) if granted.iter().any(|(_, of)| of == name) => {
            let why = format!("the token may open several master keys of `{name}`; name one");
            Err(FieldFault::new("provider", why).into())
        }
        // A provider that nobody knows is a typing error; whether a master key of some other name
        // is there is none of the token's concern.
        _ => {
            provider(admin, name)?;
            let message = format!("the admin token may not open `{name}`");
            Err(Fault::new(Problem::NotGranted, message))
        }
    }
}

/// The provider of this name.
fn provider(admin: &Admin, name: &str) -> Answer<Provider> {
    let book = Book::verified(admin.operator.proxy.row_mac());
    let all = admin.ledger.view(|rows, _| all_providers(rows, book))?;
    if let Some(found) = all.iter().find(|known| known.name == name) {
        return Ok(found.clone());
    }
    let near = nearest(name, all.iter().map(|known| &*known.name));
    let near = near.map(|near| format!("; perhaps `{near}` is meant")).unwrap_or_default();
    let shown: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
    Err(FieldFault::new("provider", format!("there is no provider `{shown}`{near}")).into())
}
