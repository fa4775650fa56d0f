//! `till provider add`: any HTTP API.

use clap::Args;

use crate::domain::ids::Revision;
use crate::domain::provider_row::ProviderRow;
use crate::domain::time::Timestamp;
use crate::ledger::op::AddProvider;
use crate::ledger::{LedgerError, Refusal};
use crate::provider::custom::parse_header;
use crate::provider::{Auth, CustomProvider};

use super::super::context::Context;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::provider::json;

/// Add any HTTP API as a provider
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  till provider add internal --url https://api.example.com/v2 --auth bearer
  till provider add weather --url https://api.example.org --auth query:appid
  till provider add wiki --url https://wiki.example.com --auth basic --header 'Accept: application/json'
  till provider add dev --url http://127.0.0.1:8080 --auth header:X-Api-Key")]
pub struct AddArgs {
    /// Its name: small letters, digits and `-`
    pub name: String,
    /// Its base URL
    #[arg(long)]
    pub url: String,
    /// How it takes its key: bearer, raw, basic, header:NAME or query:NAME
    #[arg(long, value_name = "STYLE")]
    pub auth: String,
    /// A header that every request carries; may be given more than once
    #[arg(long, value_name = "K: V")]
    pub header: Vec<String>,
    /// Let cookies through, both ways; else agents neither get nor send any
    #[arg(long)]
    pub keep_cookies: bool,
    /// Allow plain http and private addresses; implied for a loopback address
    #[arg(long)]
    pub local: bool,
}

/// Runs the command.
///
/// # Errors
/// Where the provider cannot be one, its name is taken, or the store cannot be written.
pub fn run(context: &Context, args: &AddArgs) -> Result<(), Failure> {
    let custom = parse(args)?;
    let (ledger, unlocked) = context.open_unlocked()?;
    let row = ProviderRow {
        name: custom.name.clone(),
        base_url: custom.url.to_string(),
        auth: custom.auth.to_string(),
        headers: custom.headers.clone(),
        cookies: custom.cookies,
        local: custom.url.is_local(),
        created_at: Timestamp::default(),
        revision: Revision::default(),
    };
    ledger.run(&unlocked.root.proxy_keys(), &AddProvider { row }).map_err(|error| {
        let taken = matches!(error, LedgerError::Refused(Refusal::NameTaken(_)));
        let failure = Failure::from(error);
        if taken {
            failure
                .why("a provider of this name was added already")
                .hint("take another name, or remove that one with `till provider rm`")
        } else {
            failure
        }
    })?;
    if custom.url.is_loopback() && !args.local {
        context.terminal.say("the URL is on this machine: `--local` is implied");
    }
    if context.globals.json {
        return context.print_json(&json(&custom.provider()));
    }
    context.terminal.say(&format!("added the provider `{}`", custom.name));
    context
        .terminal
        .say(&format!("next: seal a key for it with `till master add {}`", custom.name));
    Ok(())
}

fn parse(args: &AddArgs) -> Result<CustomProvider, Failure> {
    let refused = |why: &dyn std::fmt::Display| {
        Failure::new(Exit::Usage, format!("`{}` cannot be added as a provider", args.name))
            .why(why)
            .hint("see `till provider add --help` for what is taken")
    };
    let auth: Auth = args
        .auth
        .parse()
        .map_err(|error| refused(&format!("the auth style `{}` is unknown: {error}", args.auth)))?;
    let headers = args.header.iter().map(|header| {
        parse_header(header).map_err(|error| refused(&format!("the header `{header}`: {error}")))
    });
    let headers = headers.collect::<Result<Vec<_>, Failure>>()?;
    let custom = CustomProvider::new(&args.name, &args.url, auth, headers, args.local)
        .map_err(|error| refused(&error))?;
    Ok(CustomProvider { cookies: args.keep_cookies, ..custom })
}
