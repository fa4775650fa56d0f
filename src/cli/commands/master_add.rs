//! `till master add`: seal a real API key.

use std::io::Read;
use std::path::PathBuf;

use clap::Args;

use crate::domain::ids::InstanceId;
use crate::domain::master_usage::MasterUsage;
use crate::ledger::op::AddMaster;
use crate::ledger::{Book, Ledger, LedgerError, Refusal};
use crate::provider::custom::parse_header;
use crate::provider::nearest::nearest;
use crate::provider::{BaseUrl, Provider};
use crate::report::{MasterView, all_providers};
use crate::vault::{OperatorKeys, SecretText, check_master};

use super::super::context::Context;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::master::MasterJson;
use super::master_verify::Verify;

/// Bytes of a key that are read at the most.
const LONGEST: u64 = 64 * 1024;

/// Seal a real API key
///
/// The key is asked for without echo, or read from the environment or stdin; never from the
/// command line, where other processes and the shell's history would see it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  till master add openai
  till master add openai --from-env OPENAI_API_KEY --verify
  pass show anthropic | till master add anthropic
  till master add openai --name team --header 'OpenAI-Organization: org-123'
  till master add openai --name local --base-url http://127.0.0.1:11434/v1")]
pub struct AddArgs {
    /// The provider, from `till provider ls`
    pub provider: String,
    /// What you call it [default: the provider's name]
    #[arg(long)]
    pub name: Option<String>,
    /// Where the key comes from.
    #[command(flatten)]
    pub source: KeySource,
    /// A compatible server in place of the provider's own
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
    /// A header that every request with this key carries, as one that selects an account; may be
    /// given more than once
    #[arg(long, value_name = "K: V")]
    pub header: Vec<String>,
    /// Allow plain http and private addresses; implied for a loopback address
    #[arg(long)]
    pub local: bool,
    /// Check the key with the provider, by one harmless request
    #[arg(long)]
    pub verify: bool,
    /// Further certificates (PEM) to trust when the key is checked
    #[arg(long, value_name = "FILE", requires = "verify")]
    pub upstream_ca: Option<PathBuf>,
}

/// Where a real key comes from; stdin or the terminal without any of these.
#[derive(Clone, Debug, Args)]
pub struct KeySource {
    /// Read the key from this environment variable
    #[arg(long, value_name = "NAME")]
    pub from_env: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// Where the provider is unknown, the key is unfit or wrong, or the store cannot be written.
pub fn run(context: &Context, args: &AddArgs) -> Result<(), Failure> {
    let ledger = context.open()?;
    let provider = find_provider(&ledger, &args.provider)?;
    let headers = args.header.iter().map(|header| {
        parse_header(header).map_err(|error| {
            Failure::new(Exit::Usage, format!("`{header}` is no header"))
                .why(error)
                .hint("write it as in `--header 'OpenAI-Organization: org-123'`")
        })
    });
    let headers = headers.collect::<Result<Vec<_>, Failure>>()?;
    let unlocked = context.unlock(&ledger)?;
    let secret = read_master(context, &args.source, &args.provider, provider.key_variables)?;
    let (provider, base) = place(context, &provider, args)?;
    if args.verify {
        let mut provider = provider.clone();
        provider.headers.extend(headers.clone());
        let upstream_ca = args.upstream_ca.as_deref();
        Verify { provider: &provider, secret: &secret, upstream_ca }.run(context)?;
    }
    let name = args.name.clone().unwrap_or_else(|| args.provider.clone());
    let new =
        NewMaster { name: &name, secret: &secret, base: base.as_ref(), headers, ends_with: None };
    let view = seal(&ledger, &unlocked.keys(), &provider, new)?;
    if context.globals.json {
        return context.print_json(&MasterJson::from(&view));
    }
    let master = &view.master;
    context.terminal.say(&format!(
        "sealed the master key `{}` (…{}), for {} alone",
        master.name, master.last4, master.origin
    ));
    context
        .terminal
        .say(&format!("next: mint a proxy key with `till key mint {} -n 50`", master.name));
    Ok(())
}

/// What is to be sealed.
#[derive(Debug)]
pub struct NewMaster<'a> {
    /// What it will be called.
    pub name: &'a str,
    /// The key.
    pub secret: &'a SecretText,
    /// A base URL of its own.
    pub base: Option<&'a BaseUrl>,
    /// Headers that every request with it carries.
    pub headers: Vec<(String, String)>,
    /// The process that it is erased with.
    pub ends_with: Option<InstanceId>,
}

/// Seals a key for a provider.
///
/// # Errors
/// Where the name is taken, or the store cannot be written.
pub fn seal(
    ledger: &Ledger,
    operator: &OperatorKeys,
    provider: &Provider,
    new: NewMaster<'_>,
) -> Result<MasterView, Failure> {
    check_name(new.name)?;
    let add = AddMaster {
        operator,
        secret: new.secret,
        name: new.name.to_owned(),
        provider: provider.name.clone().into_owned(),
        base_url: new.base.map(ToString::to_string),
        origin: provider.origin.to_string(),
        local: provider.local,
        headers: new.headers,
        ends_with: new.ends_with,
    };
    let master = ledger.run(&operator.proxy, &add).map_err(|error| {
        let taken = matches!(error, LedgerError::Refused(Refusal::NameTaken(_)));
        let failure = Failure::from(error);
        if taken { failure.hint("give it another name with `--name`") } else { failure }
    })?;
    Ok(MasterView { master, live_keys: 0, usage: MasterUsage::default() })
}

/// The provider of this name, in the table or in the store.
///
/// # Errors
/// Where there is none, with the nearest name.
pub fn find_provider(ledger: &Ledger, name: &str) -> Result<Provider, Failure> {
    let all = ledger.view(|rows, _| all_providers(rows, Book::unverified()))?;
    pick(&all, name).cloned()
}

/// The provider of this name, out of all.
///
/// # Errors
/// Where there is none, with the nearest name.
pub fn pick<'a>(all: &'a [Provider], name: &str) -> Result<&'a Provider, Failure> {
    if let Some(found) = all.iter().find(|provider| provider.name == name) {
        return Ok(found);
    }
    let failure = Failure::new(Exit::NotFound, format!("there is no provider `{name}`"));
    let failure = match nearest(name, all.iter().map(|provider| &*provider.name)) {
        Some(near) => failure.hint(format!("perhaps `{near}` is meant")),
        None => failure,
    };
    Err(failure
        .hint("list them with `till provider ls`")
        .hint("add any HTTP API with `till provider add NAME --url URL --auth bearer`"))
}

/// Reads a real key: from a variable, from the terminal without echo, or from stdin.
///
/// # Errors
/// Where there is none, or it is unfit for a header.
pub fn read_master(
    context: &Context,
    source: &KeySource,
    what: &str,
    variables: &[&str],
) -> Result<SecretText, Failure> {
    let text = if let Some(name) = &source.from_env {
        let value = context.environment.get(name).ok_or_else(|| {
            Failure::new(Exit::NotFound, format!("the environment variable `{name}` is not set"))
                .hint("name one that holds the key with `--from-env`, or pipe the key to stdin")
        })?;
        SecretText::from(value.to_owned())
    } else if context.terminal.stdin_is_tty {
        context.terminal.ask_secret(&format!("API key for {what}"), "`--from-env` or stdin")?
    } else {
        read_stdin()?
    };
    check_master(text.expose()).map_err(|error| {
        let failure = Failure::new(Exit::Failed, "this is no API key").why(error);
        let example = variables.first().copied().unwrap_or("NAME");
        failure.hint(format!("pipe the key to stdin, or name its variable: `--from-env {example}`"))
    })
}

/// Everything on stdin, as a secret.
///
/// # Errors
/// Where it cannot be read, is too long, or is no text.
pub fn read_stdin() -> Result<SecretText, Failure> {
    let mut text = String::new();
    let read = std::io::stdin().lock().take(LONGEST).read_to_string(&mut text);
    read.map_err(|error| Failure::new(Exit::Failed, "stdin cannot be read").why(error))?;
    Ok(text.into())
}

/// The provider as this master reaches it.
fn place(
    context: &Context,
    provider: &Provider,
    args: &AddArgs,
) -> Result<(Provider, Option<BaseUrl>), Failure> {
    let Some(url) = &args.base_url else {
        let local = provider.local || args.local;
        return Ok((Provider { local, ..provider.clone() }, None));
    };
    let base = BaseUrl::parse(url, args.local).map_err(|error| {
        Failure::new(Exit::Usage, format!("`{url}` is no base URL that a key may be sent to"))
            .why(error)
            .hint("write it as in `--base-url https://host/v1`; `--local` allows plain http")
    })?;
    if base.is_loopback() && !args.local {
        context.terminal.say("the base URL is on this machine: `--local` is implied");
    }
    Ok((provider.with_base_url(&base), Some(base)))
}

/// A name that can be typed and shown: what a provider's name may be, and a little more.
fn check_name(name: &str) -> Result<(), Failure> {
    let fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !name.is_empty() && name.len() <= 64 && name.chars().all(fit) {
        return Ok(());
    }
    Err(Failure::new(Exit::Usage, format!("`{name}` cannot be the name of a master key"))
        .why("names are 1 to 64 letters, digits, `-`, `_` and `.`")
        .hint("give another one with `--name`"))
}
