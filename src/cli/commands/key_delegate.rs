//! `till key delegate`: keys that are made from a key, by whoever holds it.

use clap::Args;

use crate::domain::key_text::KeyText;
use crate::domain::limits::OnCancel;
use crate::provider::find_builtin;
use crate::wire::KeyRequest;
use crate::wire::names::{label, name};

use super::super::context::Context;
use super::super::escaped::escaped;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::key_json::on_cancel_name;
use super::super::names::check_labels;
use super::super::remote::request::request;
use super::key_env::{EnvForm, EnvLines, proxy_url};
use super::key_holder::{Told, ask, find_key, find_url, unreadable};
use super::key_limits::LimitFlags;
use super::key_mint::generations;
use super::key_remote::now;

/// Make keys from a key that you hold, and print them on stdout; needs no store, only the key
///
/// The parent key must have been minted with `--delegate`. What a child may use is taken out of what
/// the parent has left, and comes back when the child ends; each limit of the parent's in activations,
/// tokens or money needs one of the child's. A child is no wider than its parent in anything, and ends
/// with it. The parent key comes from `TILL_KEY`, or from any provider's key variable that holds a
/// proxy key, or from stdin.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  till key delegate -n 20
  till key delegate -n 20 --spend 0.50 --expires 10m --model 'gpt-4o-mini'
  till key delegate -n 20 --count 25
  eval \"$(till key delegate -n 20 --env)\"
  till key delegate -n 100 --delegate < key.txt")]
pub struct DelegateArgs {
    /// What it may use up, and what for; what is left open is as the parent's.
    #[command(flatten)]
    pub limits: LimitFlags,
    /// What it opens, of what the parent opens [default: all of it]; may be given more than once
    #[arg(long, value_name = "PROVIDER", value_delimiter = ',')]
    pub provider: Vec<String>,
    /// Let further keys be made from it, one from the other, through so many generations
    #[arg(long, value_name = "DEPTH", num_args = 0..=1, require_equals = true,
          default_missing_value = "1", value_parser = generations)]
    pub delegate: Option<u8>,
    /// What you call it
    #[arg(long, value_parser = name)]
    pub name: Option<String>,
    /// A label for your own use; may be given more than once
    #[arg(long, value_name = "K=V", value_parser = label)]
    pub label: Vec<(String, String)>,
    /// How many to make, all alike: all of them or none
    #[arg(long, value_name = "M", allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub count: Option<u32>,
    /// Print lines that point the provider's SDK at the proxy, instead of the key alone
    #[arg(long, value_name = "FORM", num_args = 0..=1, require_equals = true,
          default_missing_value = "sh", conflicts_with_all = ["json", "count"])]
    pub env: Option<EnvForm>,
    /// Where the proxy is [default: `TILL_URL`, else port 4100 of this machine]
    #[arg(long, value_name = "URL", value_parser = proxy_url)]
    pub url: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// Where there is no key, no proxy answers, or it refuses.
pub fn run(context: &Context, args: &DelegateArgs) -> Result<(), Failure> {
    check_labels(args.label.iter().map(|(name, _)| name.as_str()))?;
    let wish = asked(args)?;
    let lines = args.env.map(|form| EnvLines::open(context, form)).transpose()?;
    let key = find_key(context)?;
    let url = find_url(context, args.url.as_deref());
    let unsaid = |_| Failure::new(Exit::Failed, "what is wished for cannot be written as JSON");
    let body = serde_json::to_vec(&wish).map_err(unsaid)?;
    let told = ask(context, &url, "/till/v1/keys", &key, Some(body))?;
    if told.status != 201 {
        return Err(refused(&told).unwrap_or_else(|| unreadable(&url, told.status)));
    }
    let many = told.json.get("keys").and_then(|keys| keys.as_array()).into_iter().flatten();
    let many = many.map(|key| key.get("key").and_then(|key| key.as_str()));
    let all: Vec<&str> =
        told.text("/key").into_iter().chain(many.map(Option::unwrap_or_default)).collect();
    // It becomes lines that shells read, and the proxy may be anybody's.
    if all.is_empty() || all.iter().any(|text| text.parse::<KeyText>().is_err()) {
        return Err(unreadable(&url, told.status));
    }
    if let Some(lines) = lines {
        let text = told.text("/key").ok_or_else(|| unreadable(&url, told.status))?;
        return print_env(context, lines, &told, &url, text);
    }
    if context.globals.json {
        return context.print_json(told.json.get("keys").unwrap_or(&told.json));
    }
    let mut text = zeroize::Zeroizing::new(String::new());
    for key in all {
        text.push_str(key);
        text.push('\n');
    }
    context.terminal.out(text.as_str())
}

/// The lines for each provider that the binary knows; of others the command has no row.
fn print_env(
    context: &Context,
    lines: EnvLines,
    told: &Told,
    url: &str,
    key: &str,
) -> Result<(), Failure> {
    let names = told.json.get("providers").and_then(|all| all.as_array()).into_iter().flatten();
    let mut providers = Vec::new();
    for name in names.filter_map(|name| name.as_str()) {
        match find_builtin(name) {
            Some(provider) => providers.push(provider.clone()),
            None => context.terminal.say(&format!(
                "`{0}` was added to the store: point its client at {1}/{0}",
                escaped(name),
                url.trim_end_matches('/')
            )),
        }
    }
    lines.print(context, &providers, url, key)
}

/// What is asked of the proxy.
fn asked(args: &DelegateArgs) -> Result<KeyRequest, Failure> {
    let caps = &args.limits.caps;
    if caps.overshoot.is_some() {
        return Err(Failure::new(Exit::Usage, "`--overshoot` is as the parent key has it")
            .hint("leave it out"));
    }
    Ok(KeyRequest {
        name: args.name.clone(),
        labels: args.label.iter().cloned().collect(),
        on_cancel: caps.on_cancel.map(|how| on_cancel_name(OnCancel::from(how)).to_owned()),
        delegate: args.delegate,
        count: args.count,
        ..request(&args.provider, &args.limits, now())?
    })
}

/// What the proxy says, and what to do.
fn refused(told: &Told) -> Option<Failure> {
    let message = told.text("/error/message")?;
    let exit = match told.status {
        400 => Exit::Usage,
        401 => Exit::NotFound,
        402 | 403 => Exit::Refused,
        _ => Exit::Failed,
    };
    let failure = Failure::new(exit, "the proxy makes no key").why(message);
    Some(match told.text("/error/code")? {
        "delegation_refused" => {
            failure.hint("ask the operator for a key of `till key mint --delegate`")
        }
        "remainder_too_small" => failure.hint("see what is left with `till left`"),
        "limit_needed" => failure.hint("give the child that limit too"),
        "scope_wider" | "expiry_later" | "limit_looser" => {
            failure.hint("leave it out: then it is as the parent's")
        }
        _ => failure,
    })
}
