//! `till key mint`: new proxy keys.

use std::path::PathBuf;

use clap::Args;

use crate::domain::delegation::MAX_GENERATIONS;
use crate::domain::ids::MasterId;
use crate::domain::status::Status;
use crate::ledger::instance::{is_alive, running};
use crate::ledger::op::{KeyTemplate, Mint, Minted};
use crate::ledger::{Book, Ledger, Refusal};
use crate::provider::Provider;
use crate::report::{KeyView, NoTarget, Target, find_target};
use crate::vault::OperatorKeys;
use crate::wire::names::{label, name};

use super::super::context::Context;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::key_json::KeyJson;
use super::super::names::check_labels;
use super::super::progress::Progress;
use super::super::remote::admin::Remote;
use super::key::{master_names, name_of};
use super::key_env::{EnvForm, EnvLines, proxy_url};
use super::key_id_file::IdFile;
use super::key_limits::LimitFlags;
use super::key_reach::check_reach;
use super::key_remote;
use super::least_spend::least_spend;
use super::master_add::find_provider;

/// Where a proxy listens unless told.
pub const DEFAULT_PORT: u16 = 4100;

/// Mint proxy keys, and print them on stdout, one a line, and nothing else
///
/// At least one of `-n`, `--tokens`, `--input-tokens`, `--output-tokens`, `--spend` and `--expires`
/// is needed, unless `--unlimited` is said. All limits hold together; a key that opens several
/// providers shares its limits among them. The key is shown this once: the store keeps only a keyed
/// hash of it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  till key mint openai -n 50 --expires 2h
  till key mint openai anthropic -n 500 --rate 60/m --concurrency 4 --name swarm
  till key mint openai --spend 5.00 --tokens 100k
  till key mint openrouter --spend 5.00 --max-price 1,4
  till key mint openai -n 20 --model 'gpt-4o*' --allow 'POST /v1/chat/*'
  till key mint github --expires 1h --allow 'GET /repos/me/**'
  till key mint openai -n 500 --delegate         its holder makes keys with `till key delegate`
  till key mint openai -n 1 --count 100
  eval \"$(till key mint openai -n 50 --env)\"
  till key mint openai -n 50 --env=github        in a GitHub Actions step: masked, for later steps")]
pub struct MintArgs {
    /// What it opens: providers, or master keys by their names
    #[arg(required = true, value_name = "PROVIDER|MASTER")]
    pub targets: Vec<String>,
    /// What it may use up, and what for.
    #[command(flatten)]
    pub limits: LimitFlags,
    /// Mint a key without an end
    #[arg(long)]
    pub unlimited: bool,
    /// Let its holder make further keys from it, one from the other, through so many generations
    ///
    /// `till key delegate`, or `POST /till/v1/keys` at the proxy, makes them, without the operator.
    /// What a child key may use is taken out of what this one has left, and comes back when it ends.
    #[arg(long, value_name = "DEPTH", num_args = 0..=1, require_equals = true,
          default_missing_value = "1", value_parser = generations)]
    pub delegate: Option<u8>,
    /// What you call it
    #[arg(long, value_parser = name)]
    pub name: Option<String>,
    /// A label for your own use; may be given more than once
    #[arg(long, value_name = "K=V", value_parser = label)]
    pub label: Vec<(String, String)>,
    /// How many to mint, all alike
    #[arg(long, value_name = "M", allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub count: Option<u32>,
    /// Print lines that point the provider's SDK at the proxy, instead of the key alone
    #[arg(long, value_name = "FORM", num_args = 0..=1, require_equals = true,
          default_missing_value = "sh", conflicts_with_all = ["json", "count"])]
    pub env: Option<EnvForm>,
    /// Where the proxy is, for `--env` [default: the proxy that runs, else port 4100]
    #[arg(long, value_name = "URL", value_parser = proxy_url)]
    pub proxy_url: Option<String>,
    /// Write the key's id to this file too, for a later `till key revoke`; one a line
    #[arg(long, value_name = "FILE")]
    pub id_file: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// Where the store cannot be unlocked or written, a target is unknown, or the rules refuse it.
pub fn run(context: &Context, args: &MintArgs) -> Result<(), Failure> {
    check_labels(args.label.iter().map(|(name, _)| name.as_str()))?;
    if let Some(remote) = Remote::of(context)? {
        return key_remote::mint(context, &remote, args);
    }
    let ledger = context.open()?;
    let (template, providers) = template(context, &ledger, args)?;
    // Where the key is to go is open before there is one: it is shown this once.
    let lines = args.env.map(|form| EnvLines::open(context, form)).transpose()?;
    let id_file = args.id_file.as_deref().map(IdFile::open).transpose()?;
    let unlocked = context.unlock(&ledger)?;
    let operator = unlocked.keys();
    let minted = mint(context, &ledger, &operator, &template, args.count.unwrap_or(1))?;
    if let Some(file) = id_file {
        file.write(minted.iter().map(|key| key.record.id.to_string()))?;
    }
    let proxy = find_proxy(&ledger)?;
    let base = args.proxy_url.clone().or_else(|| proxy.clone()).unwrap_or_else(default_url);
    match (lines, minted.as_slice()) {
        (Some(lines), [key]) => lines.print(context, &providers, &base, key.text.expose())?,
        _ if context.globals.json => print_json(context, &ledger, &minted, args.count.is_some())?,
        _ => {
            let mut text = zeroize::Zeroizing::new(String::new());
            for key in &minted {
                text.push_str(key.text.expose());
                text.push('\n');
            }
            context.terminal.out(text.as_str())?;
        }
    }
    if context.terminal.stderr_is_tty {
        match proxy {
            Some(url) => context.terminal.say(&format!("the proxy runs at {url}")),
            None => {
                context.terminal.say("no proxy runs on this store; start one with `till proxy`");
            }
        }
    }
    Ok(())
}

/// How many generations of keys may be made from one.
pub(super) fn generations(text: &str) -> Result<u8, String> {
    let hint = || format!("it must be from 1 to {MAX_GENERATIONS}");
    let depth = text.parse().ok().filter(|depth| (1..=MAX_GENERATIONS).contains(depth));
    depth.ok_or_else(hint)
}

/// Mints the keys, with a spinner where it takes long.
///
/// # Errors
/// Where the rules refuse it, or the store cannot be written.
pub fn mint(
    context: &Context,
    ledger: &Ledger,
    operator: &OperatorKeys,
    template: &KeyTemplate,
    count: u32,
) -> Result<Vec<Minted>, Failure> {
    let _spinner = Progress::spinner(&context.terminal, "minting");
    Ok(ledger.run(&operator.proxy, &Mint { operator, template, minter: None, count })?)
}

/// The URL of a proxy that runs on this store.
///
/// # Errors
/// Where the storage fails.
pub fn find_proxy(ledger: &Ledger) -> Result<Option<String>, Failure> {
    let instances = running(ledger)?;
    // An admin server has no URL to forward to. A proxy's becomes part of lines that shells read.
    let mut proxies = instances.iter().filter(|one| proxy_url(&one.url).is_ok());
    Ok(proxies.find(|one| is_alive(ledger, one.id)).map(|one| one.url.clone()))
}

/// Where a proxy listens unless told.
#[must_use]
pub fn default_url() -> String {
    format!("http://127.0.0.1:{DEFAULT_PORT}")
}

fn template(
    context: &Context,
    ledger: &Ledger,
    args: &MintArgs,
) -> Result<(KeyTemplate, Vec<Provider>), Failure> {
    let now = ledger.view(|_, now| Ok(now))?;
    let mut limits = args.limits.limits(now)?;
    if !limits.are_bounded() && !args.unlimited {
        return Err(Refusal::Unbounded.into());
    }
    let targets = args.targets.iter().map(|target| resolve(ledger, target));
    let (opens, providers): (_, Vec<_>) =
        targets.collect::<Result<Vec<_>, Failure>>()?.into_iter().unzip();
    check_reach(&limits, &providers)?;
    let models = &args.limits.model;
    limits.least_spend = least_spend(context, &limits, models, &providers)?;
    let template = KeyTemplate {
        name: args.name.clone().unwrap_or_default(),
        labels: args.label.clone(),
        masters: opens,
        limits,
        scope: args.limits.scope(),
        unlimited: args.unlimited,
        ends_with: None,
        delegate: args.delegate.unwrap_or_default(),
    };
    Ok((template, providers))
}

/// The master that a target names: by its own name, or as the only one of a provider.
pub(super) fn resolve(ledger: &Ledger, target: &str) -> Result<(MasterId, Provider), Failure> {
    match ledger.view(|rows, _| find_target(rows, Book::unverified(), target))? {
        Ok(Target { master, provider }) => Ok((master, provider)),
        Err(NoTarget::ProviderGone) => {
            Err(Failure::new(Exit::NotFound, format!("the provider of `{target}` is gone")))
        }
        Err(NoTarget::Absent) => {
            find_provider(ledger, target)?;
            Err(Failure::new(Exit::NotFound, format!("there is no master key for `{target}`"))
                .hint(format!("seal one with `till master add {target}`")))
        }
        Err(NoTarget::Several(called)) => {
            Err(Failure::new(Exit::Usage, format!("there are several master keys for `{target}`"))
                .why(format!("they are called {}", called.join(", ")))
                .hint("name the one that is meant"))
        }
    }
}

fn print_json(
    context: &Context,
    ledger: &Ledger,
    minted: &[Minted],
    list: bool,
) -> Result<(), Failure> {
    let names = master_names(ledger)?;
    let views: Vec<KeyView> = minted
        .iter()
        .map(|key| KeyView {
            record: key.record.clone(),
            usage: crate::domain::key::Usage::default(),
            status: Status::Live,
            pause: None,
            grants: key.record.masters.len(),
            parent: None,
        })
        .collect();
    let rows = views.iter().zip(minted).map(|(view, key)| {
        KeyJson::new(view, |id| name_of(&names, id)).with_key(key.text.expose())
    });
    let rows: Vec<_> = rows.collect();
    match rows.as_slice() {
        [row] if !list => context.print_json(row),
        rows => context.print_json(&rows),
    }
}
