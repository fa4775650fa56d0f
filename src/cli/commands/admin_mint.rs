//! `till admin mint`: a token that mints proxy keys within bounds.

use clap::Args;

use crate::domain::admin_text::AdminText;
use crate::ledger::op::{AddMinter, AddedMinter, MinterTemplate};
use crate::ledger::{Ledger, LedgerError, Refusal};
use crate::report::MinterView;
use crate::vault::OperatorKeys;

use super::super::context::Context;
use super::super::failure::Failure;
use super::admin_bounds::BoundFlags;
use super::admin_ls::{MinterJson, lines};

/// Mint an admin token, and print it on stdout, and nothing else
///
/// Whoever has it may mint proxy keys over the admin API (`till admin serve`), each within its bounds
/// and all within its totals, and sees and revokes only those. It is shown this once: the store keeps
/// only a keyed hash of it. A key that says nothing of something that is bounded gets the bound.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  till admin mint --name ci --provider openai --max-activations 50 --max-expires 1h
  till admin mint --name ci --provider openai --max-live-keys 100 --max-activations 50 --max-spend 2 \\
    --max-expires 1h --total-activations 5000 --total-spend 50/d --expires 30d
  till admin mint --name app --may-bring-keys --max-activations 1000")]
pub struct MintArgs {
    /// What you call it
    #[arg(long, value_parser = minter_name)]
    pub name: String,
    /// What its keys may be.
    #[command(flatten)]
    pub bounds: BoundFlags,
}

/// Runs the command.
///
/// # Errors
/// Where the store cannot be unlocked or written, a target is unknown, or the rules refuse it.
pub fn run(context: &Context, args: &MintArgs) -> Result<(), Failure> {
    let ledger = context.open()?;
    let now = ledger.view(|_, now| Ok(now))?;
    let template = args.bounds.template(&ledger, &args.name, now)?;
    let unlocked = context.unlock(&ledger)?;
    let AddedMinter { token, minter, usage } = add(&ledger, &unlocked.keys(), template)?;
    let view = MinterView { minter, usage };
    let token = token.as_ref().map(AdminText::expose).unwrap_or_default();
    if context.globals.json {
        return context.print_json(&MinterJson::new(&view).with_token(token));
    }
    context.terminal.line(token)?;
    if context.terminal.stderr_is_tty {
        context.terminal.say(&lines(&view, now));
        context.terminal.say("serve the API with `till admin serve`, if none runs");
    }
    Ok(())
}

/// Makes a minter.
///
/// # Errors
/// Where its name is taken, or the store cannot be written.
pub(super) fn add(
    ledger: &Ledger,
    operator: &OperatorKeys,
    template: MinterTemplate,
) -> Result<AddedMinter, Failure> {
    ledger.run(&operator.proxy, &AddMinter { template }).map_err(|error| {
        let taken = matches!(error, LedgerError::Refused(Refusal::NameTaken(_)));
        let failure = Failure::from(error);
        if taken {
            failure.hint(
                "give it another name with `--name`, or end the other with `till admin revoke`",
            )
        } else {
            failure
        }
    })
}

/// A name that can be typed and shown.
pub(super) fn minter_name(text: &str) -> Result<String, String> {
    let fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '@');
    if !text.is_empty() && text.len() <= 64 && text.chars().all(fit) {
        Ok(text.to_owned())
    } else {
        Err("names are 1 to 64 letters, digits, `-`, `_`, `.`, `/` and `@`".to_owned())
    }
}
