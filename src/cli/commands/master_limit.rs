//! `till master limit`: caps on a real API key, over all the proxy keys that open it.

use clap::Args;

use crate::domain::cost::Measure;
use crate::domain::master_usage::MasterUsage;
use crate::domain::rate::Period;
use crate::ledger::op::{CapChange, LimitMaster};
use crate::ledger::{Book, Ledger, Refusal};
use crate::provider::Provider;
use crate::report::{MasterView, all_providers, masters};

use super::super::context::Context;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::master_caps::{CapJson, cap, cap_name, table, which};

/// A cap as it is typed: tokens or picodollars, and the window.
type Typed = (u64, Option<Period>);

/// Limit what all the proxy keys of a master key may use together, or show these caps
///
/// A cap holds for ever, or with `/m`, `/h` or `/d` for each minute, hour or day; windows lie one
/// after the other from the epoch on, so that a day is one of UTC. One measure may have caps with
/// different windows. A cap that is changed keeps what was counted; a new one begins at nothing.
/// Without flags nothing is changed, and no unlock is needed.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  till master limit openai --spend 20/d --tokens 5M/h
  till master limit openai --spend 500
  till master limit openai --clear spend/d
  till master limit openai")]
pub struct LimitArgs {
    /// Its name, from `till master ls`
    pub name: String,
    /// Tokens, input and output together, cached input too: 5M/h; may be given more than once
    #[arg(long, value_name = "CAP", value_parser = |text: &str| cap(Measure::Tokens, text),
          allow_negative_numbers = true)]
    pub tokens: Vec<Typed>,
    /// Input tokens, cached ones too: 100k/m; may be given more than once
    #[arg(long, value_name = "CAP", value_parser = |text: &str| cap(Measure::InputTokens, text),
          allow_negative_numbers = true)]
    pub input_tokens: Vec<Typed>,
    /// Output tokens, reasoning too: 1M/d; may be given more than once
    #[arg(long, value_name = "CAP", value_parser = |text: &str| cap(Measure::OutputTokens, text),
          allow_negative_numbers = true)]
    pub output_tokens: Vec<Typed>,
    /// Money, in US dollars: 20/d; may be given more than once
    #[arg(long, value_name = "CAP", value_parser = |text: &str| cap(Measure::Spend, text),
          allow_negative_numbers = true)]
    pub spend: Vec<Typed>,
    /// A cap to lift, as in spend/d; may be given more than once
    #[arg(long, value_name = "CAP", value_parser = which)]
    pub clear: Vec<(Measure, Option<Period>)>,
}

/// Runs the command.
///
/// # Errors
/// Where the master key is unknown, or, where there is something to change, the store cannot be
/// unlocked or written, or the rules refuse it.
pub fn run(context: &Context, args: &LimitArgs) -> Result<(), Failure> {
    let changes = changes(args)?;
    let ledger = context.open()?;
    let (view, provider) = find(&ledger, &args.name)?;
    if changes.is_empty() {
        return show(context, &ledger, &view.usage);
    }
    let limits = changes.iter().any(|change| change.limit.is_some());
    if limits && provider.is_some_and(|provider| !provider.meter) {
        let provider = &view.master.provider;
        let what = format!("nothing of `{provider}` could be reached with a cap on it");
        return Err(Failure::new(Exit::Usage, what)
            .why("its answers do not say what they cost")
            .hint("limit its proxy keys with `-n 50` or `--expires 2h`"));
    }
    if let Some(absent) =
        changes.iter().find(|change| change.limit.is_none() && !has(&view, change))
    {
        let name = cap_name(absent.measure, absent.window);
        return Err(Failure::new(Exit::NotFound, format!("`{}` has no cap `{name}`", args.name))
            .hint(format!("list those that it has with `till master limit {}`", args.name)));
    }
    let unlocked = context.unlock(&ledger)?;
    let limit = LimitMaster { name: args.name.clone(), changes };
    let usage = ledger.run(&unlocked.root.proxy_keys(), &limit)?;
    if context.globals.json {
        return show(context, &ledger, &usage);
    }
    let caps: Vec<String> = usage.caps.iter().map(ToString::to_string).collect();
    let caps = if caps.is_empty() { "no caps".to_owned() } else { caps.join(", ") };
    context.terminal.say(&format!("limited the master key `{}`: {caps}", args.name));
    Ok(())
}

fn changes(args: &LimitArgs) -> Result<Vec<CapChange>, Failure> {
    let given = [
        (Measure::Tokens, &args.tokens),
        (Measure::InputTokens, &args.input_tokens),
        (Measure::OutputTokens, &args.output_tokens),
        (Measure::Spend, &args.spend),
    ];
    let cleared = args.clear.iter().map(|(measure, window)| CapChange {
        measure: *measure,
        window: *window,
        limit: None,
    });
    let set = given.into_iter().flat_map(|(measure, caps)| {
        let change = move |(limit, window): &Typed| CapChange {
            measure,
            window: *window,
            limit: Some(*limit),
        };
        caps.iter().map(change)
    });
    let mut changes: Vec<CapChange> = Vec::new();
    for change in cleared.chain(set) {
        let same =
            |known: &CapChange| (known.measure, known.window) == (change.measure, change.window);
        if changes.iter().any(same) {
            let name = cap_name(change.measure, change.window);
            return Err(Failure::new(Exit::Usage, format!("the cap `{name}` is given twice"))
                .why("a master key has one for each measure and window")
                .hint("what is given replaces what was: give it once"));
        }
        changes.push(change);
    }
    Ok(changes)
}

fn find(ledger: &Ledger, name: &str) -> Result<(MasterView, Option<Provider>), Failure> {
    let (all, providers) = ledger.view(|rows, now| {
        let book = Book::unverified();
        Ok((masters(rows, book, now)?, all_providers(rows, book)?))
    })?;
    let view = all.into_iter().find(|view| view.master.name == name);
    let view = view.ok_or_else(|| Failure::from(Refusal::NoSuchMaster(name.to_owned())))?;
    let provider = providers.into_iter().find(|known| known.name == view.master.provider);
    Ok((view, provider))
}

fn has(view: &MasterView, change: &CapChange) -> bool {
    let wanted = (change.measure, change.window);
    view.usage.caps.iter().any(|cap| (cap.measure, cap.window) == wanted)
}

fn show(context: &Context, ledger: &Ledger, usage: &MasterUsage) -> Result<(), Failure> {
    if context.globals.json {
        let caps: Vec<CapJson> = usage.caps.iter().map(Into::into).collect();
        return context.print_json(&caps);
    }
    if usage.caps.is_empty() {
        context.terminal.say("no caps; set one with `--spend 20/d`");
        return Ok(());
    }
    let now = ledger.view(|_, now| Ok(now))?;
    context.terminal.out(table(usage, &context.terminal, now))
}
