//! `till alert add`: a webhook, a Slack channel or a command that is told.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{ArgGroup, Args};

use crate::domain::alert::{TOPICS, Topic};
use crate::domain::alert_target::TargetKind;
use crate::domain::pattern::Pattern;
use crate::ledger::op::AddTarget;
use crate::ledger::{LedgerError, Refusal};
use crate::serve::alerts::{SigningSecret, check_url};
use crate::vault::SecretText;

use super::super::context::Context;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::secret_read::{Readers, from_fd, from_file};
use super::super::words::words;
use super::admin_mint::minter_name;
use super::master_add::read_stdin;

/// Tell a webhook, a Slack channel or a command
///
/// It is told when limits are used to 50, 80 and 100 %, of spikes, of ended and unknown keys that are
/// tried, and of failed unlocks. Any running proxy of the store delivers. A webhook's messages are
/// signed (Standard Webhooks); where no secret is given one is made, and printed this once.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("to").required(true).args(["webhook", "slack", "command"])))]
#[command(after_help = "\
Examples:
  till alert add ops --webhook https://hooks.example.com/till
  pass show slack-webhook | till alert add team --slack - --on limit,spike
  till alert add desk --command '/usr/local/bin/on-alert --quiet' --on ended-key --key 'ci-*'
  till alert add local --webhook http://127.0.0.1:8080/till --local --secret-file secret")]
pub struct AddArgs {
    /// What you call it
    #[arg(value_parser = minter_name)]
    pub name: String,
    /// A URL that gets each message as a signed POST of JSON; `-` reads it from stdin
    #[arg(long, value_name = "URL")]
    pub webhook: Option<String>,
    /// The same in the shape of Slack's incoming webhooks, unsigned; `-` keeps the URL, which is a
    /// secret, out of the shell's history
    #[arg(long, value_name = "URL")]
    pub slack: Option<String>,
    /// A command that gets each message as JSON on its stdin; no shell reads it
    #[arg(long, value_name = "COMMAND")]
    pub command: Option<String>,
    /// Read the signing secret from this file, which only you may read
    #[arg(long, value_name = "FILE", requires = "webhook", conflicts_with = "secret_fd")]
    pub secret_file: Option<PathBuf>,
    /// Read the signing secret from this file descriptor
    #[arg(long, value_name = "N", requires = "webhook")]
    pub secret_fd: Option<u32>,
    /// What it is told of [default: all]
    #[arg(long, value_name = "TOPICS", value_delimiter = ',', value_parser = PossibleValuesParser::new(TOPICS.map(|row| row.name)))]
    pub on: Vec<String>,
    /// Only of keys whose id or name is like this; may be given more than once
    #[arg(long, value_name = "PATTERN", value_parser = Pattern::over_names)]
    pub key: Vec<Pattern>,
    /// Only of keys with this label; may be given more than once
    #[arg(long, value_name = "K=V", value_parser = label)]
    pub label: Vec<(String, String)>,
    /// Allow plain http and private addresses
    #[arg(long)]
    pub local: bool,
}

/// Runs the command.
///
/// # Errors
/// Where the address or the secret is unfit, or the store cannot be unlocked or written.
pub fn run(context: &Context, args: &AddArgs) -> Result<(), Failure> {
    let (kind, address, shown) = address(args)?;
    let given = match (&args.secret_file, args.secret_fd) {
        (Some(path), _) => Some(from_file(path, Readers::Owner)?),
        (None, Some(number)) => Some(from_fd(number)?),
        (None, None) => None,
    };
    if let Some(Err(why)) = given.as_ref().map(SigningSecret::read) {
        return Err(Failure::new(Exit::Failed, "this is no signing secret").why(why).hint(
            "leave `--secret-file` and `--secret-fd` out, and one is made that both sides can use",
        ));
    }
    let is_made = kind == TargetKind::Webhook && given.is_none();
    let secret = if is_made { Some(SigningSecret::random()?) } else { given };
    let topics: Vec<Topic> = match args.on.as_slice() {
        [] => TOPICS.iter().map(|row| row.topic).collect(),
        names => names.iter().filter_map(|name| Topic::from_name(name)).collect(),
    };
    let (ledger, unlocked) = context.open_unlocked()?;
    let add = AddTarget {
        name: args.name.clone(),
        kind,
        shown: shown.clone(),
        address,
        secret: secret.clone(),
        local: args.local,
        topics,
        keys: args.key.clone(),
        labels: args.label.clone(),
    };
    ledger.run(&unlocked.root.proxy_keys(), &add).map_err(|error| {
        let taken = matches!(error, LedgerError::Refused(Refusal::NameTaken(_)));
        let failure = Failure::from(error);
        if taken {
            failure.hint("give it another name, or take the other away with `till alert rm`")
        } else {
            failure
        }
    })?;
    let made = secret.as_ref().filter(|_| is_made).map(SecretText::expose);
    if context.globals.json {
        let answer = serde_json::json!({
            "name": args.name, "kind": kind.name(), "to": shown, "secret": made,
        });
        return context.print_json(&answer);
    }
    context.terminal.say(&format!("`{}` is told, as soon as a proxy runs", args.name));
    context.terminal.say(&format!("next: try it with `till alert test {}`", args.name));
    made.map_or(Ok(()), |secret| context.terminal.line(secret))
}

/// How it is told, where, and what may be seen of that.
fn address(args: &AddArgs) -> Result<(TargetKind, SecretText, String), Failure> {
    if let Some(command) = &args.command {
        let malformed = |why: &str| {
            Failure::new(Exit::Usage, "the command cannot be understood")
                .why(why)
                .hint("quote it for `--command` as in '/usr/local/bin/on-alert --quiet'")
        };
        let words = words(command).map_err(malformed)?;
        let program = words.first().cloned().unwrap_or_default();
        let json = serde_json::to_string(&words).map_err(|error| malformed(&error.to_string()))?;
        return Ok((TargetKind::Command, json.into(), program));
    }
    let (kind, typed) = match (&args.webhook, &args.slack) {
        (Some(url), _) => (TargetKind::Webhook, url),
        (None, url) => (TargetKind::Slack, url.as_ref().unwrap_or(&args.name)),
    };
    let text = if typed == "-" { read_stdin()? } else { SecretText::from(typed.clone()) };
    let text = SecretText::from(text.expose().trim().to_owned());
    let url = check_url(text.expose(), args.local).map_err(|why| {
        // The URL may be a secret: it is not repeated.
        Failure::new(Exit::Usage, "the URL is none that alerts can be sent to")
            .why(why)
            .hint("write it as in `--webhook https://hooks.example.com/till`; `--local` allows plain http and private addresses")
    })?;
    let shown = url.host_str().unwrap_or_default().to_owned();
    Ok((kind, text, shown))
}

fn label(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write it as in team=search".to_owned()),
    }
}
