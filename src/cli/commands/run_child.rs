//! A run from its start to its end: forwarder, key, command, summary.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use crate::domain::key::EndCause;
use crate::ledger::op::{EndKeys, KeyTemplate, Minted};
use crate::ledger::{Book, Forwarding};
use crate::provider::Provider;
use crate::proxy::observer::{Observed, Observer};
use crate::report::KeyView;
use crate::serve::forwarder::{Forwarder, ForwarderOptions};
use crate::serve::signals::{Asked as Interruption, Signals, stand_still};
use crate::serve::stop::Stop;

use super::super::context::Context;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::wrap::child::{Command, SpawnError};
use super::super::wrap::job::Job;
use super::super::wrap::places::Places;
use super::super::wrap::signals::Held;
use super::super::wrap::{Asked, Handover, Inventory, Offer, Shell, hand_over};
use super::run::failed;
use super::run_args::{RunArgs, SummaryForm};
use super::run_notes::tell;
use super::run_stage::Stage;
use super::run_summary::{Summary, Tally};
use super::run_watch::Watch;

/// The exit code of a command that a limit has ended.
const LIMITED: u8 = 124;
/// The exit code where till itself has failed.
pub const FAILED: u8 = 125;
/// The exit code of a command that cannot be executed.
const NOT_EXECUTABLE: u8 = 126;
/// The exit code of a command that is not there.
const NOT_FOUND: u8 = 127;

/// How long answers may go on once the command has ended.
const DRAIN: Duration = Duration::from_millis(500);
/// What is done while the forwarder runs.
#[derive(Debug)]
pub(super) enum Task {
    /// The command runs. Signals are held back for it.
    Command(Held),
    /// The environment is printed. Signals are till's own.
    Print(Shell),
}

/// Everything that a run is made of.
#[derive(Debug)]
pub(super) struct Planned<'a> {
    pub(super) context: &'a Context,
    pub(super) args: &'a RunArgs,
    pub(super) asked: Asked<'a>,
    pub(super) inventory: &'a Inventory,
    pub(super) places: Places<'a>,
    pub(super) stage: Stage,
    /// What the key opens beside the keys of the inventory: one that was typed.
    pub(super) served: Vec<Provider>,
    pub(super) template: KeyTemplate,
    pub(super) task: Task,
    pub(super) listener: TcpListener,
}

/// The forwarder, as the run uses it.
struct Ready {
    url: String,
    forwarding: Arc<Forwarding>,
}

/// A run whose command has ended.
struct Over {
    key: Minted,
    code: u8,
    tally: Tally,
}

/// Runs the command. Returns what the process ends with.
///
/// # Errors
/// Where the forwarder or the key cannot be made.
pub(super) fn run(planned: &Planned<'_>) -> Result<u8, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| failed("the forwarder cannot be started").why(error))?;
    let (told, mut observed) = mpsc::unbounded_channel();
    let forwarder = forwarder(planned, Observer(Some(told)))?;
    let over = runtime.block_on(async {
        let (stop, stopped) = oneshot::channel();
        let (ready, started) = oneshot::channel();
        let running = forwarder.run(Stop::Told(stopped), move |url, forwarding| {
            let forwarding = Arc::clone(forwarding);
            // Nobody waits for it only where the run has failed already.
            let _ = ready.send(Ready { url: url.to_owned(), forwarding });
        });
        let playing = async {
            let over = match started.await {
                Ok(ready) => planned.play(&ready, &mut observed).await,
                Err(_) => Err(failed("the forwarder did not start")),
            };
            // It may have ended by itself.
            let _ = stop.send(());
            over
        };
        tokio::join!(running, playing)
    });
    let Over { key, code, mut tally } = match over {
        (ran, Ok(over)) => {
            warn_of(planned.context, ran);
            over
        }
        // Why it did not start says more than that it did not.
        (Err(failure), Err(_)) => return Err(failure.into()),
        (Ok(()), Err(failure)) => return Err(failure),
    };
    while let Ok(last) = observed.try_recv() {
        tally.count(last);
    }
    let reported = planned
        .summary(&key, tally, code)
        .and_then(|all| report(planned.context, planned.args, &all));
    warn_of(planned.context, reported);
    Ok(code)
}

fn forwarder(planned: &Planned<'_>, observer: Observer) -> Result<Forwarder, Failure> {
    let Planned { context, args, stage, listener, .. } = planned;
    let listener = listener.try_clone();
    Ok(Forwarder {
        ledger: stage.ledger.clone(),
        keys: stage.operator.proxy.clone(),
        listener: listener.map_err(|error| failed("the forwarder cannot listen").why(error))?,
        tls: args.upstream.tls()?,
        drain: DRAIN,
        options: ForwarderOptions {
            prices: args.upstream.price_list(context)?,
            upstream_proxy: args.upstream.upstream_proxy.clone(),
            observer,
            private: true,
            ..ForwarderOptions::default()
        },
    })
}

impl Planned<'_> {
    /// Mints the key, starts the command, and waits for its end.
    async fn play(
        &self,
        ready: &Ready,
        observed: &mut mpsc::UnboundedReceiver<Observed>,
    ) -> Result<Over, Failure> {
        let key = self.stage.mint(&self.template, ready.forwarding.instance())?;
        let handover = self.hand_over(ready, &key)?;
        tell(self.context, &handover.notes);
        let mut watch = Watch {
            context: self.context,
            on_limit: self.args.on_limit,
            hook: self.args.on_limit_command.as_ref().map_or(&[], |hook| &*hook.0),
            environment: &handover.environment,
            key: &key,
            tally: Tally::default(),
            told: Vec::new(),
            killed: false,
        };
        let code = match &self.task {
            Task::Print(form) => {
                // Before anybody can know that there is something to end.
                let signals = Signals::listen()
                    .map_err(|error| failed("signals cannot be waited for").why(error))?;
                let lines = form.lines(&handover.changes);
                self.context.terminal.out(&*lines)?;
                let key = &key.record.id;
                self.context
                    .terminal
                    .say(&format!("till: forwarding with the key {key}, until Ctrl-C"));
                interrupted(signals, ready, observed, &mut watch).await;
                0
            }
            Task::Command(held) => self.wait(held, ready, &handover, observed, &mut watch).await?,
        };
        let tally = watch.tally;
        // Whatever the command has left behind: its key ends with it.
        let end = EndKeys { keys: vec![key.record.seq], cause: EndCause::RunOver };
        warn_of(self.context, self.stage.ledger.run(&self.stage.operator.proxy, &end));
        Ok(Over { key, code, tally })
    }

    fn hand_over(&self, ready: &Ready, key: &Minted) -> Result<Handover, Failure> {
        let in_inventory = |provider: &&Provider| {
            self.inventory.keys.iter().any(|k| k.provider.name == provider.name)
        };
        let opened = self.stage.all_providers()?;
        let mut served: Vec<Provider> =
            opened.iter().filter(|provider| !in_inventory(provider)).cloned().collect();
        served.retain(|provider| self.served.iter().all(|own| own.name != provider.name));
        served.extend(self.served.clone());
        let offer = Offer {
            key: &key.text,
            url: &ready.url,
            served: &served,
            bounded: self.template.limits.caps.any() || self.stage.has_caps()?,
        };
        Ok(hand_over(&self.asked, self.inventory, &offer, &self.places))
    }

    /// Starts the command and waits for its end. Returns what the process ends with.
    async fn wait(
        &self,
        held: &Held,
        ready: &Ready,
        handover: &Handover,
        observed: &mut mpsc::UnboundedReceiver<Observed>,
        watch: &mut Watch<'_>,
    ) -> Result<u8, Failure> {
        let Some((program, arguments)) = handover.command.split_first() else {
            return Err(Failure::new(Exit::Usage, "there is no command to run"));
        };
        let variables = handover.environment.variables();
        let command = Command {
            program: program.clone(),
            arguments: arguments.to_vec(),
            environment: variables.map(|(n, v)| (n.to_owned(), v.to_owned())).collect(),
        };
        let mut job = match Job::start(&command, held) {
            Ok(job) => job,
            Err(error) => return Ok(not_started(self.context, &error)),
        };
        let killer = job.killer();
        let pause = |stop: &dyn Fn()| ready.forwarding.between_transactions(stop);
        let mut waiting = std::pin::pin!(job.wait(pause));
        loop {
            tokio::select! {
                ended = &mut waiting => {
                    let ended = ended.map_err(|error| {
                        failed("the command cannot be waited for").why(error)
                    })?;
                    return Ok(if watch.killed { LIMITED } else { ended.code() });
                }
                Some(happened) = observed.recv() => watch.see(happened, Some(&killer)),
            }
        }
    }

    fn summary(&self, key: &Minted, tally: Tally, code: u8) -> Result<Summary, Failure> {
        let seq = key.record.seq;
        let view = self
            .stage
            .ledger
            .view(|rows, now| KeyView::read(rows, Book::unverified(), seq, now))?;
        let view = view.ok_or_else(|| failed("the run's key is gone"))?;
        let limit = view.record.limits.activations;
        Ok(tally.finish(key.record.id.as_str(), limit, &view.usage, code))
    }
}

/// Waits for Ctrl-C, or for SIGTERM or SIGHUP, which has nothing to reload here.
async fn interrupted(
    mut signals: Signals,
    ready: &Ready,
    observed: &mut mpsc::UnboundedReceiver<Observed>,
    watch: &mut Watch<'_>,
) {
    loop {
        tokio::select! {
            asked = signals.next() => match asked {
                Interruption::Stop | Interruption::Reload => return,
                Interruption::Pause => ready.forwarding.between_transactions(stand_still),
            },
            Some(happened) = observed.recv() => watch.see(happened, None),
        }
    }
}

/// What fails when the command has ended does not change how that ended.
pub(super) fn warn_of<T>(context: &Context, outcome: Result<T, impl Into<Failure>>) {
    if let Err(failure) = outcome {
        let Failure { what, why, .. } = failure.into();
        let why = why.map(|why| format!(": {why}")).unwrap_or_default();
        context.terminal.warn(&format!("{what}{why}"));
    }
}

/// Says why the command was not started. Returns what the process ends with.
pub(super) fn not_started(context: &Context, error: &SpawnError) -> u8 {
    let (code, hint) = match error {
        SpawnError::NotFound(_) => (NOT_FOUND, "name a program that is in `PATH`, or its path"),
        SpawnError::NotExecutable { .. } => {
            (NOT_EXECUTABLE, "name a program, or make the file executable")
        }
        SpawnError::Refused(_) => (FAILED, "try again"),
    };
    let failure = failed("the command cannot be started").why(error).hint(hint);
    context.terminal.fail(&failure);
    code
}

/// Says what the run came to.
pub(super) fn report(context: &Context, args: &RunArgs, summary: &Summary) -> Result<(), Failure> {
    let json = serde_json::to_string(summary)
        .map_err(|error| failed("the summary cannot be written as JSON").why(error))?;
    match args.summary {
        SummaryForm::Text => context.terminal.say(&format!("till: {}", summary.words())),
        SummaryForm::Json => context.terminal.tell(&json),
    }
    let Some(path) = &args.summary_file else { return Ok(()) };
    std::fs::write(path, json + "\n").map_err(|error| {
        failed(&format!("the summary cannot be written to `{}`", path.display())).why(error)
    })
}
