//! `till left`: what a key has left, asked of the proxy by whoever holds the key.

use clap::Args;

use crate::domain::cost::Measure;
use crate::domain::key_text::{KeyText, NotAKey, PREFIX};
use crate::provider::environment;

use super::super::context::Context;
use super::super::escaped::escaped;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::remote::client::{Answer, exchange};
use super::key_mint::default_url;
use super::master_add::read_stdin;

/// Bytes of an answer that are read at the most.
const LONGEST: usize = 64 * 1024;

/// What a proxy key has left; needs no store, only the key
///
/// The key comes from `TILL_KEY`, or from any provider's key variable that holds a proxy key, or
/// from stdin.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  till left
  till left --json
  till left --url http://127.0.0.1:8080 < key.txt")]
pub struct LeftArgs {
    /// Where the proxy is [default: `TILL_URL`, else port 4100 of this machine]
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// Where there is no key, no proxy answers, or it does not know the key.
pub fn run(context: &Context, args: &LeftArgs) -> Result<(), Failure> {
    let key = find_key(context)?;
    let own = || context.environment.get("TILL_URL").map(str::to_owned);
    let url = args.url.clone().or_else(own).unwrap_or_else(default_url);
    context.explain(&format!("asking the proxy at {url}"));
    let Answer { status, body } = ask(&url, &key)?;
    let unreadable = || {
        Failure::new(Exit::Failed, format!("`{url}` does not answer like a proxy of till"))
            .why(format!("it answered with status {status}"))
            .hint("name the proxy's address with `--url`")
    };
    let state: serde_json::Value = serde_json::from_slice(&body).map_err(|_| unreadable())?;
    let text = |pointer: &str| state.pointer(pointer).and_then(|value| value.as_str());
    if status != 200 {
        let message = text("/error/message").ok_or_else(unreadable)?;
        let exit = if status == 401 { Exit::NotFound } else { Exit::Failed };
        return Err(Failure::new(exit, "the proxy does not answer for the key").why(message));
    }
    if context.globals.json {
        return context.print_json(&state);
    }
    let number = |pointer: &str| state.pointer(pointer).and_then(serde_json::Value::as_u64);
    let id = text("/id").ok_or_else(unreadable)?;
    let left = if text("/status") == Some("live") {
        let left = limits_left(&state);
        if left.is_empty() { "no limit of activations".to_owned() } else { left.join(", ") }
    } else {
        format!("ended ({})", text("/ended_reason").unwrap_or("-"))
    };
    let held = number("/activations/held").filter(|held| *held > 0);
    let held = held.map(|held| format!(", {held} in flight")).unwrap_or_default();
    let end = text("/expires_at").map(|end| format!(", expires {end}")).unwrap_or_default();
    context.terminal.line(&escaped(&format!("{id}: {left}{held}{end}")))
}

/// What is left of each limit: `12 of 50 activations left`.
fn limits_left(state: &serde_json::Value) -> Vec<String> {
    let figures = |field: &str, unit: &str| {
        let figure = |name: &str| state.pointer(&format!("/{field}/{name}{unit}"))?.as_u64();
        Some((figure("remaining")?, figure("limit")?))
    };
    let activations = figures("activations", "");
    let activations =
        activations.map(|(left, limit)| format!("{left} of {limit} activations left"));
    let caps = Measure::ALL.into_iter().filter_map(|(measure, _, name)| {
        let field = name.replace('-', "_");
        if measure == Measure::Spend {
            let (left, limit) = figures(&field, "/picodollars")?;
            Some(format!("{} of {} left", measure.words(left), measure.words(limit)))
        } else {
            let (left, limit) = figures(&field, "")?;
            Some(format!("{left} of {} left", measure.words(limit)))
        }
    });
    activations.into_iter().chain(caps).collect()
}

fn find_key(context: &Context) -> Result<KeyText, Failure> {
    let own = context.environment.get("TILL_KEY").map(str::to_owned);
    let of_providers = || {
        environment::all_key_variables()
            .filter_map(|name| context.environment.get(name))
            .find(|value| value.starts_with(PREFIX))
            .map(str::to_owned)
    };
    let text = match own.or_else(of_providers) {
        Some(text) => text,
        None if context.terminal.stdin_is_tty => String::new(),
        None => read_stdin()?.expose().to_owned(),
    };
    let text = zeroize::Zeroizing::new(text);
    if text.trim().is_empty() {
        return Err(Failure::new(Exit::Usage, "there is no proxy key to ask about")
            .hint("put it into `TILL_KEY`, or pipe it to stdin"));
    }
    text.trim().parse().map_err(|error| match error {
        NotAKey::Foreign => Failure::new(Exit::Usage, "this is no proxy key of till")
            .why("proxy keys begin with `till_sk_`")
            .hint("put one into `TILL_KEY`, or pipe it to stdin"),
        NotAKey::Mistyped => Failure::new(Exit::Usage, "the proxy key has a typing error")
            .why("its checksum is wrong")
            .hint("copy it whole"),
    })
}

fn ask(url: &str, key: &KeyText) -> Result<Answer, Failure> {
    let target = format!("{}/till/v1/key", url.trim_end_matches('/'));
    exchange(
        LONGEST,
        |client| client.get(target).bearer_auth(key.expose()),
        |why| {
            Failure::new(Exit::Failed, format!("no proxy answers at `{url}`"))
                .why(why)
                .hint("start one with `till proxy`, or name its address with `--url`")
        },
    )
}
