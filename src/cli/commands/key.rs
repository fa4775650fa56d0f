//! `till key …`: proxy keys.

use clap::Subcommand;

use crate::domain::ids::{KeySeq, MasterId};
use crate::domain::key::EndCause;
use crate::domain::status::Status;
use crate::ledger::instance::is_alive;
use crate::ledger::{Book, Ledger};
use crate::report::{FindError, KeyView, find_key, masters};

use super::super::context::Context;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::key_delegate::{self, DelegateArgs};
use super::key_edit::{self, EditArgs};
use super::key_extend::{self, ExtendArgs};
use super::key_ls::{self, LsArgs};
use super::key_mint::{self, MintArgs};
use super::key_pause::{self, PauseArgs};
use super::key_prune::{self, PruneArgs};
use super::key_resume::{self, ResumeArgs};
use super::key_revoke::{self, RevokeArgs};
use super::key_show::{self, ShowArgs};

/// Proxy keys: each works a set number of times, then destroys itself
#[derive(Debug, Subcommand)]
#[expect(missing_docs, reason = "each says it where its arguments are")]
pub enum KeyCommand {
    Mint(Box<MintArgs>),
    Delegate(Box<DelegateArgs>),
    Ls(LsArgs),
    Show(ShowArgs),
    Edit(Box<EditArgs>),
    Extend(ExtendArgs),
    Pause(PauseArgs),
    Resume(ResumeArgs),
    Revoke(RevokeArgs),
    Prune(PruneArgs),
}

/// Runs the command.
///
/// # Errors
/// As its verb says.
pub fn run(context: &Context, command: &KeyCommand) -> Result<(), Failure> {
    match command {
        KeyCommand::Mint(args) => key_mint::run(context, args),
        KeyCommand::Delegate(args) => key_delegate::run(context, args),
        KeyCommand::Ls(args) => key_ls::run(context, args),
        KeyCommand::Show(args) => key_show::run(context, args),
        KeyCommand::Edit(args) => key_edit::run(context, args),
        KeyCommand::Extend(args) => key_extend::run(context, args),
        KeyCommand::Pause(args) => key_pause::run(context, args),
        KeyCommand::Resume(args) => key_resume::run(context, args),
        KeyCommand::Revoke(args) => key_revoke::run(context, args),
        KeyCommand::Prune(args) => key_prune::run(context, args),
    }
}

/// The key whose id begins with the text.
///
/// # Errors
/// Where there is none, or more than one.
pub fn find(ledger: &Ledger, text: &str) -> Result<KeySeq, Failure> {
    let found = ledger.view(|rows, _| match find_key(rows, text) {
        Err(FindError::Store(error)) => Err(error),
        found => Ok(found),
    })?;
    found.map_err(|error| match error {
        FindError::Ambiguous(ids) => {
            Failure::new(Exit::Usage, format!("more than one key's id begins with `{text}`"))
                .why(format!("among them {}", ids.0.join(", ")))
                .hint("give more of its characters")
        }
        FindError::Unknown => Failure::new(Exit::NotFound, format!("there is no key `{text}`"))
            .hint("list them with `till key ls`"),
        FindError::Store(error) => error.into(),
    })
}

/// The keys whose ids begin with these texts, each once.
///
/// # Errors
/// As [`find`], of the first that is not found.
pub fn find_all(ledger: &Ledger, texts: &[String]) -> Result<Vec<KeySeq>, Failure> {
    let mut keys = Vec::with_capacity(texts.len());
    for text in texts {
        let key = find(ledger, text)?;
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    Ok(keys)
}

/// A key as it stands.
///
/// # Errors
/// Where the storage fails, or the key is gone.
pub fn view(ledger: &Ledger, book: Book<'_>, seq: KeySeq) -> Result<KeyView, Failure> {
    let view = ledger.view(|rows, now| KeyView::read(rows, book, seq, now))?;
    let mut view = view.ok_or_else(|| Failure::new(Exit::NotFound, "the key is gone"))?;
    end_with_its_run(ledger, &mut view);
    Ok(view)
}

/// Shows a key as ended whose run was killed: it opens nothing any more, though nobody has written
/// that down yet.
pub fn end_with_its_run(ledger: &Ledger, view: &mut KeyView) {
    let run = view.record.ends_with;
    if view.status == Status::Live && run.is_some_and(|run| !is_alive(ledger, run)) {
        view.status = Status::Ended(EndCause::RunOver);
        view.pause = None;
    }
}

/// What every master is called.
///
/// # Errors
/// Where the storage fails.
pub fn master_names(ledger: &Ledger) -> Result<Vec<(MasterId, String)>, Failure> {
    let found = ledger.view(|rows, now| masters(rows, Book::unverified(), now))?;
    Ok(found.into_iter().map(|view| (view.master.id, view.master.name)).collect())
}

/// What one master is called, out of all of them.
#[must_use]
pub fn name_of(names: &[(MasterId, String)], id: MasterId) -> Option<String> {
    names.iter().find(|(known, _)| *known == id).map(|(_, name)| name.clone())
}
