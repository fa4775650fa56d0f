//! `till run`: one command with proxy keys in place of real ones.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::domain::limits::Limits;
use crate::domain::time::Span;
use crate::ledger::op::KeyTemplate;
use crate::provider::{Provider, builtin};
use crate::serve::listener::{Exposure, listen};

use super::super::context::Context;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::remote::admin::Remote;
use super::super::wrap::places::Places;
use super::super::wrap::signals::Held;
use super::super::wrap::{Asked, Choices, Inventory, take_inventory};
use super::key_reach::check_reach;
use super::least_spend::least_spend;
use super::master_add::pick;
use super::run_args::RunArgs;
pub use super::run_child::FAILED;
use super::run_child::{self, Planned, Task};
use super::run_environment::{asked_environment, secret_descriptors};
use super::run_notes::{not_the_way, remaining_copies, tell};
use super::run_remote;
use super::run_stage::{GivenKey, Stage};

/// What a run may use where nothing else is said.
const DEFAULT_ACTIVATIONS: u64 = 200;
/// How long it may take where nothing else is said.
const DEFAULT_SPAN: Span = Span::minutes(24 * 60);

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
    if !args.no_store
        && let Some(remote) = Remote::of(context)?
    {
        return run_remote::run(context, args, &remote);
    }
    let environment = asked_environment(context, args.env_file.as_deref())?;
    args.check()?;
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
    let mut limits = Limits { patience: args.on_limit.patience(), ..flags.limits(now)? };
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
        scope: flags.scope(),
        unlimited: args.unlimited,
        ends_with: None,
        delegate: args.delegate.unwrap_or_default(),
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
