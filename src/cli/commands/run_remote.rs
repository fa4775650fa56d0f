//! `till run` where another machine has the store: the key is minted over the admin API, and the
//! command is pointed at the proxy that the API names. Nothing is forwarded here.

use std::path::PathBuf;

use crate::admin::AdminKey;
use crate::admin::oidc::Token;
use crate::domain::key_text::KeyText;
use crate::report::KeyView;

use super::super::context::Context;
use super::super::environment::Environment;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::remote::admin::Remote;
use super::super::remote::job_token::{REQUEST_TOKEN, REQUEST_URL};
use super::super::remote::request::request;
use super::super::remote::view::views;
use super::super::wrap::child::Command;
use super::super::wrap::job::Job;
use super::super::wrap::places::Places;
use super::super::wrap::signals::Held;
use super::super::wrap::{Asked, Choices, Handover, Offer, hand_over, take_inventory};
use super::key_remote::{now, providers_of, text_of};
use super::run::failed;
use super::run_args::RunArgs;
use super::run_child::{not_started, report, warn_of};
use super::run_environment::{asked_environment, secret_descriptors};
use super::run_limit::OnLimit;
use super::run_notes::tell;
use super::run_summary::{Summary, Tally};

/// Runs the command. Returns what the process ends with.
///
/// # Errors
/// Where the API does not answer or refuses, or the command's environment makes no sense.
pub(super) fn run(context: &Context, args: &RunArgs, remote: &Remote<'_>) -> Result<u8, Failure> {
    check(args)?;
    let environment = asked_environment(context, args.env_file.as_deref())?;
    args.check()?;
    let mut asked_for = request(&args.only, &args.limits, now())?;
    let program = args.command.first().map(|program| program.to_string_lossy().into_owned());
    let program = program.unwrap_or_default();
    let name: String = program.rsplit('/').next().unwrap_or_default().chars().take(48).collect();
    asked_for.name = Some(format!("run {}", name.replace(char::is_control, "?")));
    asked_for.delegate = args.delegate;
    let held = Held::new(&secret_descriptors(context, args))
        .map_err(|error| failed("signals cannot be held back").why(error))?;
    let key = remote.mint(&asked_for)?.into_iter().next();
    let key = key.ok_or_else(|| failed("the admin API has minted no key"))?;
    let run = Remotely { context, args, remote, key: &key };
    let outcome = run.with(&environment, &held);
    // Whatever has come of it, the key ends with the run.
    let ended = run.end();
    if outcome.is_err() {
        // One that has come before there was a command does now what it would have done.
        held.let_through().map_err(|error| failed("signals are held back").why(error))?;
    }
    let code = outcome?;
    warn_of(context, ended.and_then(|view| run.report(&view, code)));
    Ok(code)
}

/// Refuses what needs a forwarder of one's own.
fn check(args: &RunArgs) -> Result<(), Failure> {
    let needs = |flag: &str, hint: &str| {
        Err(Failure::new(Exit::Usage, format!("`{flag}` needs a forwarder of till's own"))
            .why("`TILL_ADMIN_URL` is set, and the command uses the proxy of another machine")
            .hint(hint)
            .hint("or unset `TILL_ADMIN_URL`, or say `--no-store`"))
    };
    if args.print_env.is_some() {
        return needs("--print-env", "print such lines with `till key mint --env`");
    }
    if args.on_limit != OnLimit::Fail || args.on_limit_command.is_some() {
        return needs("--on-limit", "leave it out: the command sees the provider's own error");
    }
    if args.unlimited {
        return needs("--unlimited", "leave it out: the bounds of the token limit every key");
    }
    if args.port.is_some() {
        return needs("--port", "leave it out");
    }
    Ok(())
}

/// The variables whose values mint keys as the token does: copies of it, and identity tokens of the
/// same issuer for the same audience.
fn minting<'e>(environment: &'e Environment, token: &'e str) -> impl Iterator<Item = String> + 'e {
    let identity = Token::read(token).ok();
    let pairs = environment.variables();
    let texts = pairs.filter_map(|(name, value)| Some((name.to_str()?, value.to_str()?)));
    let mints = move |value: &str| {
        let like = |own: &Token| Token::read(value.trim()).is_ok_and(|other| own.is_like(&other));
        value.contains(token) || identity.as_ref().is_some_and(like)
    };
    texts.filter(move |(_, value)| mints(value)).map(|(name, _)| name.to_owned())
}

/// A run whose key is that of another machine.
struct Remotely<'a> {
    context: &'a Context,
    args: &'a RunArgs,
    remote: &'a Remote<'a>,
    key: &'a AdminKey,
}

impl Remotely<'_> {
    /// Starts the command in an environment that points at the proxy, and waits for its end.
    fn with(&self, environment: &Environment, held: &Held) -> Result<u8, Failure> {
        let Self { context, args, key, .. } = self;
        let own = || context.environment.get("TILL_URL").map(str::to_owned);
        let url = key.proxy_url.clone().or_else(own).ok_or_else(|| {
            failed("nothing says where the proxy is")
                .why("the admin API names none")
                .hint("start it with `till admin serve --proxy-url URL`, or set `TILL_URL`")
        })?;
        let served = providers_of(key)?;
        let text: KeyText = text_of(key)?
            .parse()
            .map_err(|_| failed("the admin API has answered with something that is no key"))?;
        // What could mint another key is none of the command's.
        let mut drop = args.drop_env.clone();
        drop.extend([REQUEST_URL, REQUEST_TOKEN].map(str::to_owned));
        if let Some(token) = self.remote.given_token()? {
            drop.extend(minting(environment, token.expose()));
        }
        let only = served.iter().map(|provider| provider.name.clone().into_owned()).collect();
        let choices = Choices { keep: args.keep_env.clone(), drop, only: Some(only) };
        let asked = Asked { environment, choices: &choices, command: &args.command };
        let inventory = take_inventory(&asked, &[]).map_err(|unusable| {
            Failure::new(Exit::Usage, unusable.to_string()).hint(format!(
                "correct it, or take it away with `--drop-env {}`",
                unusable.variable
            ))
        })?;
        tell(context, &inventory.notes);
        let in_inventory = |name: &str| inventory.keys.iter().any(|k| k.provider.name == name);
        let beside: Vec<_> =
            served.iter().filter(|provider| !in_inventory(&provider.name)).cloned().collect();
        let bounded = [key.max_tokens, key.max_input_tokens, key.max_output_tokens]
            .iter()
            .any(Option::is_some)
            || key.max_spend.is_some();
        let offer = Offer { key: &text, url: &url, served: &beside, bounded };
        let folder = std::env::current_dir().unwrap_or_default();
        let home = environment.get_os("HOME").map(PathBuf::from);
        let read = |path: &std::path::Path| std::fs::read_to_string(path).ok();
        let places = Places { home: home.as_deref(), folder: &folder, read: &read };
        let handover = hand_over(&asked, &inventory, &offer, &places);
        tell(context, &handover.notes);
        context.explain(&format!("the key {} is good at the proxy {url}", key.id));
        self.wait(&handover, held)
    }

    fn wait(&self, handover: &Handover, held: &Held) -> Result<u8, Failure> {
        let Some((program, arguments)) = handover.command.split_first() else {
            return Err(Failure::new(Exit::Usage, "there is no command to run"));
        };
        let variables = handover.environment.variables();
        let command = Command {
            program: program.clone(),
            arguments: arguments.to_vec(),
            environment: variables.map(|(n, v)| (n.to_owned(), v.to_owned())).collect(),
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| failed("the command cannot be waited for").why(error))?;
        // It would end this process, and not the key, as soon as the command is started.
        if held.ends_now() {
            return Err(failed("a signal has come before the command was started"));
        }
        runtime.block_on(async {
            let mut job = match Job::start(&command, held) {
                Ok(job) => job,
                Err(error) => return Ok(not_started(self.context, &error)),
            };
            let ended = job.wait(|stop: &dyn Fn()| stop()).await;
            let ended =
                ended.map_err(|error| failed("the command cannot be waited for").why(error))?;
            Ok(ended.code())
        })
    }

    /// Ends the key, and returns it as it is then.
    fn end(&self) -> Result<KeyView, Failure> {
        let ended = self.remote.revoke(&self.key.id).map_err(|failure| {
            let why = failure.why.map(|why| format!(": {why}")).unwrap_or_default();
            let until = self.key.expires_at.as_deref().unwrap_or("its limits are used");
            failed(&format!("the key {} could not be ended, and lives until {until}", self.key.id))
                .why(format!("{}{why}", failure.what))
        })?;
        views(&[ended])?.keys.into_iter().next().ok_or_else(|| failed("the run's key is gone"))
    }

    fn report(&self, view: &KeyView, code: u8) -> Result<(), Failure> {
        let limit = view.record.limits.activations;
        let summary: Summary =
            Tally::default().finish(view.record.id.as_str(), limit, &view.usage, code);
        report(self.context, self.args, &summary)
    }
}
