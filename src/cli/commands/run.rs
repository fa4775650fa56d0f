//! `till run`: one command with proxy keys in place of real ones.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::domain::limits::Limits;
use crate::domain::money::Picodollars;
use crate::domain::scope::Scope;
use crate::domain::time::Span;
use crate::ledger::op::KeyTemplate;
use crate::provider::{Provider, builtin};
use crate::serve::listener::{Exposure, listen};

use super::super::context::Context;
use super::super::environment::Environment;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::wrap::note::Note;
use super::super::wrap::places::Places;
use super::super::wrap::signals::Held;
use super::super::wrap::{Asked, Choices, Inventory, Shell, take_inventory};
use super::key_limits::LimitFlags;
use super::key_reach::check_reach;
use super::least_spend::least_spend;
use super::master_add::pick;
pub use super::run_child::FAILED;
use super::run_child::{self, Planned, Task};
use super::run_environment::{asked_environment, secret_descriptors};
use super::run_limit::{Hook, OnLimit};
use super::run_stage::{GivenKey, Stage};
use super::upstream_flags::UpstreamFlags;

/// What a run may use where nothing else is said.
const DEFAULT_ACTIVATIONS: u64 = 200;
/// How long it may take where nothing else is said.
const DEFAULT_SPAN: Span = Span::minutes(24 * 60);

/// Run a command with proxy keys in place of the real ones
///
/// Takes the real keys that the environment holds (or an `--env-file`, or the store's master keys
/// where there is a store, or asks for one), starts a forwarder of its own on a free loopback port,
/// mints one key for this run with the limits given, and starts the command in an environment where
/// the real keys are gone. With no store, nothing touches the disk. The command gets the terminal
/// and the signals as if till were not there; the key ends with it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  till run -- python agent.py                    200 activations, 24 hours
  till run -n 50 --spend 2 -- claude
  till run --env-file .env --expires 1h -- npm test
  till run --only openai -- codex exec 'fix the tests'
  till run --on-limit wait=10m -n 20 -- ./agent  `till key extend` lets it go on
  till run --print-env=fish                      lines for another shell, until Ctrl-C

Exit codes: those of the command; 124 a limit ended it (`--on-limit kill`), 125 till failed,
126 it cannot be executed, 127 it is not there, 128+N signal N ended it.")]
pub struct RunArgs {
    /// The command and its arguments, after `--`
    #[arg(last = true, value_name = "COMMAND", required_unless_present = "print_env")]
    pub command: Vec<OsString>,
    /// What the run may use up, and what for [default: 200 activations, 24 hours].
    #[command(flatten)]
    pub limits: LimitFlags,
    /// Mint a key without an end
    #[arg(long)]
    pub unlimited: bool,
    /// What becomes of a request when a limit is reached: `fail`, `kill` the command, or
    /// `wait=10m` for `till key extend`
    #[arg(long, value_name = "HOW", default_value = "fail")]
    pub on_limit: OnLimit,
    /// A command to run when a limit is reached; no shell reads it
    ///
    /// It gets the environment of the run's command, and `TILL_KEY_ID`, `TILL_DENIAL` (the code)
    /// and `TILL_MESSAGE`; what it prints goes to stderr.
    #[arg(long, value_name = "COMMAND")]
    pub on_limit_command: Option<Hook>,
    /// Read further variables from this file; real keys in it never reach the command
    #[arg(long, value_name = "FILE")]
    pub env_file: Option<PathBuf>,
    /// Providers, or master keys by their names, that the key opens; others' keys are not replaced
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Leave this variable as it is, also with a real key in it; may be given more than once
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub keep_env: Vec<String>,
    /// Take this variable away; may be given more than once
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub drop_env: Vec<String>,
    /// Do not use the store, although there is one
    #[arg(long)]
    pub no_store: bool,
    /// Print the environment instead of running a command, and forward until Ctrl-C
    #[arg(long, value_name = "FORM", num_args = 0..=1, require_equals = true,
          default_missing_value = "sh", conflicts_with = "command")]
    pub print_env: Option<Shell>,
    /// The forwarder's port, or a range to take a free one from [default: any free port]
    #[arg(long, value_name = "FIRST[-LAST]", value_parser = ports)]
    pub port: Option<(u16, u16)>,
    /// The way to providers, and what they cost.
    #[command(flatten)]
    pub upstream: UpstreamFlags,
    /// How the summary at the end is written to stderr
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub summary: SummaryForm,
    /// Write the summary to this file too, as JSON
    #[arg(long, value_name = "FILE")]
    pub summary_file: Option<PathBuf>,
}

/// How a summary is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum SummaryForm {
    /// For people
    #[default]
    Text,
    /// One JSON object
    Json,
}

/// Runs the command. Returns what the process ends with.
#[must_use]
pub fn run(context: &Context, args: &RunArgs) -> u8 {
    match attempt(context, args) {
        Ok(code) => code,
        Err(failure) => {
            let failure = match context.store_path() {
                Ok(path) => failure.located(&path),
                Err(_) => failure,
            };
            context.terminal.fail(&failure);
            FAILED
        }
    }
}

fn attempt(context: &Context, args: &RunArgs) -> Result<u8, Failure> {
    let environment = asked_environment(context, args.env_file.as_deref())?;
    check_args(args)?;
    let has_store = context.store_path().is_ok_and(|path| path.exists());
    let stage = if args.no_store || !has_store {
        None
    } else {
        Some(Stage::of_store(context, &args.only)?)
    };
    if stage.is_none() {
        args.only.iter().try_for_each(|name| pick(builtin(), name).map(drop))?;
    }
    let only = match &stage {
        Some(stage) if !args.only.is_empty() => {
            // A name of a master key stands for its provider.
            Some(stage.providers().into_iter().chain(args.only.clone()).collect())
        }
        _ => Some(args.only.clone()).filter(|only| !only.is_empty()),
    };
    let choices = Choices { keep: args.keep_env.clone(), drop: args.drop_env.clone(), only };
    let asked = Asked { environment: &environment, choices: &choices, command: &args.command };
    let known = stage.as_ref().map(Stage::known).transpose()?.unwrap_or_default();
    let inventory = take_inventory(&asked, &known).map_err(|unusable| {
        Failure::new(Exit::Usage, unusable.to_string())
            .hint(format!("correct it, or take it away with `--drop-env {}`", unusable.variable))
    })?;
    tell(context, &inventory.notes);
    tell(context, &not_the_way(args, &environment));
    if stage.is_none() {
        tell(context, &remaining_copies(context, &inventory));
    }
    let (stage, typed) = match stage {
        Some(stage) => (stage.beside(&inventory, !args.only.is_empty()), Vec::new()),
        None => in_memory(context, args, &asked, &inventory)?,
    };
    if stage.all_providers()?.is_empty() {
        return Err(Failure::new(Exit::NotFound, "there is no real key to run with")
            .why("the store holds no master key, and the environment no key that till can stand in for")
            .hint("seal one with `till master add openai`, or export it"));
    }
    let folder = std::env::current_dir().unwrap_or_default();
    let home = environment.get_os("HOME").map(PathBuf::from);
    let read = |path: &std::path::Path| std::fs::read_to_string(path).ok();
    let places = Places { home: home.as_deref(), folder: &folder, read: &read };
    let template = template(context, args, &stage)?;
    let listener = free_port(args.port)?;
    let task = match args.print_env {
        Some(form) => Task::Print(form),
        // After the last question, and before there is a second thread.
        None => Task::Command(
            Held::new(&secret_descriptors(context, args))
                .map_err(|error| failed("signals cannot be held back").why(error))?,
        ),
    };
    run_child::run(&Planned {
        context,
        args,
        asked,
        inventory: &inventory,
        places,
        stage,
        served: typed,
        template,
        task,
        listener,
    })
}

/// What makes no sense, said before anything is done.
fn check_args(args: &RunArgs) -> Result<(), Failure> {
    if args.print_env.is_some() && args.on_limit == OnLimit::Kill {
        return Err(Failure::new(Exit::Usage, "`--on-limit kill` has no command to end")
            .why("with `--print-env`, till starts none")
            .hint("say `--on-limit fail`, or leave it out"));
    }
    let Some(path) = &args.summary_file else { return Ok(()) };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    match folder {
        Some(folder) if !folder.is_dir() => {
            Err(failed(&format!("there is no folder `{}` for the summary", folder.display()))
                .hint("make it, or name another file with `--summary-file`"))
        }
        _ => Ok(()),
    }
}

/// What till cannot help: whoever set the variables still has the keys.
fn remaining_copies(context: &Context, inventory: &Inventory) -> Vec<Note> {
    let exported = |name: &&String| context.environment.get(name).is_some();
    let keys = inventory.keys.iter();
    keys.filter_map(|key| Some((key, key.variables.iter().find(exported)?)))
        .map(|(key, name)| {
            let provider = &key.provider.name;
            Note::said(format!(
                "the shell that exported `{name}` still has it; a store keeps it from there: `till \
                 init`, then `till master add {provider}`"
            ))
        })
        .collect()
}

/// Where a variable would have others go through a web proxy, and till does not.
fn not_the_way(args: &RunArgs, environment: &Environment) -> Vec<Note> {
    let names = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    let set = names.into_iter().find(|name| environment.get(name).is_some());
    let set = set.filter(|_| args.upstream.upstream_proxy.is_none());
    let note = set.map(|name| {
        Note::said(format!(
            "`{name}` is no way for till itself, which goes to providers directly, or through \
             `--upstream-proxy`"
        ))
    });
    note.into_iter().collect()
}

/// Says what was decided about the environment.
pub(super) fn tell(context: &Context, notes: &[Note]) {
    for note in notes {
        if note.warning {
            context.terminal.warn(&note.text);
        } else {
            context.terminal.say(&format!("till: {}", note.text));
        }
    }
}

/// A ledger in memory, with the keys of the environment, or with one that is typed.
fn in_memory(
    context: &Context,
    args: &RunArgs,
    asked: &Asked<'_>,
    inventory: &Inventory,
) -> Result<(Stage, Vec<Provider>), Failure> {
    let given: Vec<GivenKey> = inventory.keys.iter().map(GivenKey::of).collect();
    if !given.is_empty() {
        return Ok((Stage::in_memory(&given)?, Vec::new()));
    }
    let none = || {
        Failure::new(Exit::NotFound, "there is no real key to run with")
            .why("the environment holds none that till can stand in for, and there is no store")
            .hint("export one, as `OPENAI_API_KEY`, or name a file with `--env-file .env`")
            .hint("or make a store with `till init`, and seal one with `till master add openai`")
    };
    let wanted = match args.only.as_slice() {
        [one] => Some(one.as_str()),
        _ => asked.client().and_then(|client| client.agent.provider()),
    };
    let provider = wanted.filter(|_| context.terminal.stdin_is_tty).ok_or_else(none)?;
    let prompt = format!("API key for {provider}");
    let secret = context.terminal.ask_secret(&prompt, "a variable or `--env-file`")?;
    let given = GivenKey { provider: provider.to_owned(), secret, base_url: None };
    let stage = Stage::in_memory(&[given])?;
    let served = stage.masters.iter().map(|(_, provider)| provider.clone()).collect();
    Ok((stage, served))
}

/// What the run's key is to be. Its masters are filled in when they are sealed.
fn template(context: &Context, args: &RunArgs, stage: &Stage) -> Result<KeyTemplate, Failure> {
    let now = stage.ledger.view(|_, now| Ok(now))?;
    let flags = &args.limits;
    let mut limits = Limits {
        activations: flags.activations,
        expires_at: flags.expires_at(now)?,
        rate: flags.rate,
        concurrency: flags.concurrency,
        counting: flags.counting(),
        caps: flags.caps.caps(),
        overshoot: flags.caps.overshoot.map(Into::into).unwrap_or_default(),
        on_cancel: flags.caps.on_cancel.map(Into::into).unwrap_or_default(),
        max_price: flags.caps.max_price,
        patience: args.on_limit.patience(),
        least_spend: Picodollars::default(),
    };
    if !limits.are_bounded() && !args.unlimited {
        limits.activations = Some(DEFAULT_ACTIVATIONS);
        limits.expires_at = Some(now.after(DEFAULT_SPAN));
        context.terminal.say(&format!(
            "till: limited to {DEFAULT_ACTIVATIONS} activations and 24 hours; `-n`, `--spend`, \
             `--tokens` and `--expires` say otherwise"
        ));
    }
    if limits.patience != Span::default() && !stage.shared {
        return Err(Failure::new(Exit::Usage, "`--on-limit wait` needs a store")
            .why("without one, nothing can extend the key of the run")
            .hint("make one with `till init`, or say `--on-limit fail`"));
    }
    let providers = stage.all_providers()?;
    check_reach(&limits, &providers)?;
    limits.least_spend = least_spend(context, &limits, &flags.model, &providers)?;
    let program = args.command.first().map(|program| program.to_string_lossy().into_owned());
    let program = program.unwrap_or_else(|| "--print-env".to_owned());
    let name: String = program.rsplit('/').next().unwrap_or_default().chars().take(48).collect();
    Ok(KeyTemplate {
        name: format!("run {}", name.replace(char::is_control, "?")),
        labels: Vec::new(),
        masters: Vec::new(),
        limits,
        scope: Scope {
            models: flags.model.clone(),
            allow: flags.allow.clone(),
            networks: flags.ip.clone(),
        },
        unlimited: args.unlimited,
        ends_with: None,
    })
}

/// A listener on loopback, on the first free port.
fn free_port(range: Option<(u16, u16)>) -> Result<std::net::TcpListener, Failure> {
    let (first, last) = range.unwrap_or((0, 0));
    let mut refused = None;
    for port in first..=last {
        match listen(SocketAddr::from(([127, 0, 0, 1], port)), Exposure::Loopback) {
            Ok(listener) => return Ok(listener),
            Err(error) => refused = Some(error),
        }
    }
    let failure = match range {
        Some(_) => failed(&format!("no port from {first} to {last} is free")),
        None => failed("there is no free port"),
    };
    let failure = match refused {
        Some(why) => failure.why(why),
        None => failure,
    };
    Err(failure.hint("leave `--port` out, or give a wider range, as in `--port 4200-4299`"))
}

pub(super) fn failed(what: &str) -> Failure {
    Failure::new(Exit::Failed, what)
}

fn ports(text: &str) -> Result<(u16, u16), String> {
    let hint = || "write it as in 4200 or 4200-4299".to_owned();
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let port = |text: &str| text.parse::<u16>().ok().filter(|port| *port > 0).ok_or_else(hint);
    let (first, last) = (port(first)?, port(last)?);
    if first <= last { Ok((first, last)) } else { Err(hint()) }
}
