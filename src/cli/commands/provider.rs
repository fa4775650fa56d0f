//! `till provider ls|add|rm`: the APIs that till forwards to.

use std::fmt::Write as _;

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::domain::endpoint::EndpointClass;
use crate::ledger::op::RemoveProvider;
use crate::ledger::{Book, Refusal};
use crate::provider::nearest::nearest;
use crate::provider::{Provider, builtin, find_builtin};
use crate::report::all_providers;

use super::super::context::Context;
use super::super::escaped::escaped;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::style::DIM;
use super::super::table::{Cell, Column, Table};
use super::master_add::pick;
use super::provider_add::{self, AddArgs};

/// The APIs that till forwards to
#[derive(Debug, Subcommand)]
#[expect(missing_docs, reason = "each says it where its arguments are")]
pub enum ProviderCommand {
    Ls(LsArgs),
    Show(ShowArgs),
    Add(AddArgs),
    Rm(RmArgs),
}

/// List the providers, with how many endpoints of each class the table knows
///
/// metered: billed work. free: costs nothing. minting: would hand out a credential of the API
/// itself; closed unless a key's `--allow` names it exactly. Whatever is in no class is `other`:
/// open where the API has no meter, closed elsewhere unless `--allow` names it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  till provider ls\n  till provider ls --json")]
pub struct LsArgs {}

/// Everything about one provider, with each endpoint's class
///
/// The paths are those sent upstream: `*` stands for one segment, `**` for any number.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  till provider show openai\n  till provider show github --json"
)]
pub struct ShowArgs {
    /// Its name
    pub name: String,
}

/// Remove a provider that was added; refused while master keys need it
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  till provider rm internal --yes")]
pub struct RmArgs {
    /// Its name
    pub name: String,
}

#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct ProviderJson<'a> {
    name: &'a str,
    base_url: String,
    auth: String,
    meter: bool,
    dialect: &'static str,
    added: bool,
    local: bool,
    cookies: bool,
    key_variables: &'a [&'a str],
    base_url_variable: Option<&'a str>,
    endpoints: Vec<EndpointJson<'a>>,
}

#[derive(Debug, Serialize)]
struct EndpointJson<'a> {
    class: &'static str,
    method: Option<&'a str>,
    path: &'a str,
}

/// Runs the command.
///
/// # Errors
/// Where the store cannot be read or written, or the rules refuse it.
pub fn run(context: &Context, command: &ProviderCommand) -> Result<(), Failure> {
    match command {
        ProviderCommand::Ls(LsArgs {}) => list(context),
        ProviderCommand::Show(args) => show(context, args),
        ProviderCommand::Add(args) => provider_add::run(context, args),
        ProviderCommand::Rm(args) => remove(context, args),
    }
}

/// Every provider. The table is in the binary: without a store, it is the whole list.
fn known(context: &Context) -> Result<Vec<Provider>, Failure> {
    if context.store_path().is_ok_and(|path| path.exists()) {
        Ok(context.open()?.view(|rows, _| all_providers(rows, Book::unverified()))?)
    } else {
        Ok(builtin().to_vec())
    }
}

fn list(context: &Context) -> Result<(), Failure> {
    let all = known(context)?;
    if context.globals.json {
        let rows: Vec<_> = all.iter().map(json).collect();
        return context.print_json(&rows);
    }
    let mut table = Table::new([
        Column::left("PROVIDER"),
        Column::left("BASE URL").flexible(),
        Column::left("AUTH").gives_way(2),
        Column::left("KEY VARIABLE").gives_way(1),
        Column::right("METERED"),
        Column::right("FREE"),
        Column::right("MINTING"),
        Column::left("OTHER"),
    ]);
    for provider in &all {
        let count = |class| {
            let count = provider.endpoints.iter().filter(|known| known.class == class).count();
            Cell::from(if count == 0 { "-".to_owned() } else { count.to_string() })
        };
        table.row([
            provider.name.clone().into_owned().into(),
            Cell::from(provider.base_url()).styled(DIM),
            provider.auth.to_string().into(),
            provider.key_variables.first().copied().unwrap_or("-").into(),
            count(EndpointClass::Metered),
            count(EndpointClass::Free),
            count(EndpointClass::Minting),
            (if provider.meter { "closed" } else { "open" }).into(),
        ]);
    }
    context.terminal.out(table.render(&context.terminal))
}

fn show(context: &Context, args: &ShowArgs) -> Result<(), Failure> {
    let all = known(context)?;
    let provider = pick(&all, &args.name)?;
    if context.globals.json {
        return context.print_json(&json(provider));
    }
    let or_none = |text: String| if text.is_empty() { "-".to_owned() } else { text };
    let headers = provider.headers.iter().map(|(name, value)| format!("{name}: {value}"));
    let other = if provider.meter { "closed unless `--allow` names it" } else { "open" };
    let mut text = String::new();
    for (name, value) in [
        ("provider", provider.name.clone().into_owned()),
        ("base URL", provider.base_url()),
        ("auth", provider.auth.to_string()),
        ("headers", or_none(headers.collect::<Vec<_>>().join(", "))),
        ("cookies", (if provider.cookies { "kept" } else { "dropped" }).to_owned()),
        ("errors", provider.dialect.name().to_owned()),
        ("key in", or_none(provider.key_variables.join(", "))),
        ("URL in", provider.base_url_variable.as_ref().map_or("-", |v| v.name).to_owned()),
        ("the rest", other.to_owned()),
    ] {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name:<12} {}", escaped(&value));
    }
    let mut table =
        Table::new([Column::left("CLASS"), Column::left("METHOD"), Column::left("PATH")]);
    for endpoint in provider.endpoints {
        let method = endpoint.method.unwrap_or("any");
        table.row([endpoint.class.name().into(), method.into(), endpoint.path.into()]);
    }
    if !provider.endpoints.is_empty() {
        text.push('\n');
        text.push_str(&table.render(&context.terminal));
    }
    context.terminal.out(text)
}

/// A provider as JSON.
pub(super) fn json(provider: &Provider) -> ProviderJson<'_> {
    ProviderJson {
        name: &provider.name,
        base_url: provider.base_url(),
        auth: provider.auth.to_string(),
        meter: provider.meter,
        dialect: provider.dialect.name(),
        added: provider.custom,
        local: provider.local,
        cookies: provider.cookies,
        key_variables: provider.key_variables,
        base_url_variable: provider.base_url_variable.as_ref().map(|variable| variable.name),
        endpoints: provider
            .endpoints
            .iter()
            .map(|known| EndpointJson {
                class: known.class.name(),
                method: known.method,
                path: known.path,
            })
            .collect(),
    }
}

fn remove(context: &Context, args: &RmArgs) -> Result<(), Failure> {
    if find_builtin(&args.name).is_some() {
        return Err(Failure::new(
            Exit::Refused,
            format!("`{}` is part of till and cannot be removed", args.name),
        )
        .why("only providers that were added with `till provider add` can be")
        .hint(format!("to erase its key, use `till master rm {}`", args.name)));
    }
    let ledger = context.open()?;
    let all = ledger.view(|rows, _| all_providers(rows, Book::unverified()))?;
    // Which it is that is not there is said before anybody is asked.
    if !all.iter().any(|provider| provider.name == args.name) {
        let failure = Failure::from(Refusal::NoSuchProvider(args.name.clone()));
        return Err(match nearest(&args.name, all.iter().map(|provider| &*provider.name)) {
            Some(near) => failure.hint(format!("perhaps `{near}` is meant")),
            None => failure,
        });
    }
    context.confirm(&format!("remove the provider `{}`?", args.name))?;
    let unlocked = context.unlock(&ledger)?;
    ledger.run(&unlocked.root.proxy_keys(), &RemoveProvider { name: args.name.clone() })?;
    context.terminal.say(&format!("removed the provider `{}`", args.name));
    Ok(())
}
