//! `till left`: what a key has left, asked of the proxy by whoever holds the key.

use clap::Args;

use crate::domain::cost::Measure;

use super::super::context::Context;
use super::super::escaped::escaped;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::key_holder::{ask, find_key, find_url, unreadable};

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
    let url = find_url(context, args.url.as_deref());
    let told = ask(context, &url, "/till/v1/key", &key, None)?;
    let unreadable = || unreadable(&url, told.status);
    if told.status != 200 {
        let message = told.text("/error/message").ok_or_else(unreadable)?;
        let exit = if told.status == 401 { Exit::NotFound } else { Exit::Failed };
        return Err(Failure::new(exit, "the proxy does not answer for the key").why(message));
    }
    let (text, state) = (|pointer: &str| told.text(pointer), &told.json);
    if context.globals.json {
        return context.print_json(state);
    }
    let number = |pointer: &str| state.pointer(pointer).and_then(serde_json::Value::as_u64);
    let id = text("/id").ok_or_else(unreadable)?;
    let paused = text("/status") == Some("paused");
    let left = if paused || text("/status") == Some("live") {
        let left = limits_left(state);
        let left =
            if left.is_empty() { "no limit of activations".to_owned() } else { left.join(", ") };
        if paused { format!("paused, {left}") } else { left }
    } else {
        format!("ended ({})", text("/ended_reason").unwrap_or("-"))
    };
    let of_children = number("/activations/lent").unwrap_or_default();
    let held = number("/activations/held").unwrap_or_default().saturating_sub(of_children);
    let held = if held > 0 { format!(", {held} in flight") } else { String::new() };
    let of_children = match of_children {
        0 => String::new(),
        some => format!(", {some} with child keys"),
    };
    let end = text("/expires_at").map(|end| format!(", expires {end}")).unwrap_or_default();
    context.terminal.line(&escaped(&format!("{id}: {left}{held}{of_children}{end}")))
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
