//! `till key mint|ls|show|revoke` where another machine has the store (`TILL_ADMIN_URL`).

use zeroize::Zeroizing;

use crate::admin::AdminKey;
use crate::domain::time::Timestamp;
use crate::ledger::{Clock, SystemClock};
use crate::provider::{Provider, find_builtin};

use super::super::context::Context;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::key_json::KeyJson;
use super::super::remote::admin::Remote;
use super::super::remote::request::request;
use super::super::remote::view::{Seen, views};
use super::key::name_of;
use super::key_env::EnvLines;
use super::key_id_file::IdFile;
use super::key_mint::{MintArgs, default_url};
use super::key_revoke::RevokeArgs;

/// The time, where no store says which.
#[must_use]
pub fn now() -> Timestamp {
    SystemClock.read().wall
}

/// Mints over the network.
///
/// # Errors
/// Where the API does not answer or refuses, or the key cannot be written.
pub fn mint(context: &Context, remote: &Remote<'_>, args: &MintArgs) -> Result<(), Failure> {
    if args.unlimited {
        return Err(Failure::new(Exit::Usage, "`--unlimited` cannot be asked for remotely")
            .why("the bounds of the token limit every key")
            .hint("leave it out, or mint the key where the store is"));
    }
    let mut asked = request(&args.targets, &args.limits, now())?;
    asked.name.clone_from(&args.name);
    asked.labels = args.label.iter().cloned().collect();
    asked.count = args.count;
    asked.delegate = args.delegate;
    let lines = args.env.map(|form| EnvLines::open(context, form)).transpose()?;
    let id_file = args.id_file.as_deref().map(IdFile::open).transpose()?;
    let minted = remote.mint(&asked)?;
    if let Some(file) = id_file {
        file.write(minted.iter().map(|key| key.id.clone()))?;
    }
    match (lines, minted.as_slice()) {
        (Some(lines), [key]) => {
            let url = key.proxy_url.clone();
            let base = args.proxy_url.clone().or(url).unwrap_or_else(default_url);
            let providers = providers_of(key)?;
            lines.print(context, &providers, &base, text_of(key)?)
        }
        _ if context.globals.json => print_json(context, &minted, args.count.is_some()),
        _ => {
            let mut text = Zeroizing::new(String::new());
            for key in &minted {
                text.push_str(text_of(key)?);
                text.push('\n');
            }
            context.terminal.out(text.as_str())
        }
    }
}

/// The keys that the token has minted, with what their master keys are called.
///
/// # Errors
/// Where the API does not answer or refuses.
pub fn keys(remote: &Remote<'_>) -> Result<Seen, Failure> {
    views(&remote.keys()?)
}

/// Ends keys over the network.
///
/// # Errors
/// Where one is unknown, then none is revoked, or the API does not answer or refuses.
pub fn revoke(context: &Context, remote: &Remote<'_>, args: &RevokeArgs) -> Result<(), Failure> {
    let found = args.ids.iter().map(|id| remote.find(id)).collect::<Result<Vec<_>, _>>()?;
    let mut revoked = Vec::new();
    for key in found {
        if key.ended_reason.is_some() {
            context.terminal.say(&format!("the key {} had ended already", key.id));
            continue;
        }
        remote.revoke(&key.id)?;
        revoked.push(key.id);
    }
    if context.globals.json {
        return context.print_json(&serde_json::json!({ "revoked": revoked }));
    }
    for id in &revoked {
        context.terminal.say(&format!("revoked the key {id}"));
    }
    Ok(())
}

/// The text of a key that was minted just now.
///
/// # Errors
/// Where the answer has none.
pub fn text_of(key: &AdminKey) -> Result<&str, Failure> {
    let text = key.scoped_key.as_ref().map(|text| text.0.expose());
    text.ok_or_else(|| {
        Failure::new(Exit::Failed, "the admin API has answered without the key")
            .hint("use the version of till that the server has")
    })
}

/// The providers that a key opens, as far as this till knows them.
///
/// # Errors
/// Where it knows none.
pub fn providers_of(key: &AdminKey) -> Result<Vec<Provider>, Failure> {
    let known: Vec<Provider> =
        key.providers.iter().filter_map(|name| find_builtin(name)).cloned().collect();
    if known.is_empty() {
        let names = key.providers.join(", ");
        return Err(Failure::new(Exit::Failed, format!("till does not know `{names}` here"))
            .why("the provider was added where the store is, and its variables are not known")
            .hint("mint without `--env`, and point the client at the proxy by hand"));
    }
    Ok(known)
}

fn print_json(context: &Context, minted: &[AdminKey], list: bool) -> Result<(), Failure> {
    let Seen { keys, masters } = views(minted)?;
    let mut rows = Vec::new();
    for (view, key) in keys.iter().zip(minted) {
        rows.push(KeyJson::new(view, |id| name_of(&masters, id)).with_key(text_of(key)?));
    }
    match rows.as_slice() {
        [row] if !list => context.print_json(row),
        rows => context.print_json(&rows),
    }
}
