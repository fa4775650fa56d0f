//! The failures of the layers below, as a command shows them.

use super::exit::Exit;
use super::failure::Failure;
use crate::domain::cost::Measure;
use crate::domain::unfit::Unfit;
use crate::ledger::{LedgerError, Refusal};
use crate::store::StoreError;
use crate::store::rows::OLDEST;
use crate::vault::VaultError;

const RESTORE: &str = "put a good copy of the file in its place, or name another with `--store`";

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Store(error) => error.into(),
            LedgerError::Refused(refusal) => refusal.into(),
            LedgerError::Vault(error) => error.into(),
            LedgerError::Anchor { .. } => Self::new(Exit::Failed, error.to_string()).hint(
                "make the state directory yours: till remembers there how far a store had come",
            ),
            LedgerError::WrongSecret => wrong_secret(&error),
            LedgerError::RolledBack { .. } => Self::new(Exit::StoreDamaged, error.to_string())
                .why("an older copy of the file was put in its place")
                .hint("put the newest copy back")
                .hint("if the older one is meant, say so with `--accept-rollback`"),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let failure = |exit| Self::new(exit, error.to_string());
        match &error {
            StoreError::Absent(_) => failure(Exit::NoStore)
                .hint("make one with `till init`")
                .hint("if it lies elsewhere, name it with `--store` or `TILL_STORE`"),
            StoreError::Exists(_) => failure(Exit::Failed)
                .hint("use the store that is there, or name another path with `--store`"),
            StoreError::Replaced(_) => failure(Exit::StoreDamaged)
                .hint("run the command again; it opens the file that is there now"),
            StoreError::Busy => failure(Exit::StoreHeld)
                .of_store()
                .hint("a stopped process has `T` in `ps -C till -o pid,stat,args`")
                .hint("let it go on with `kill -CONT PID`, or end it with `kill -KILL PID`"),
            StoreError::Foreign => failure(Exit::StoreHeld)
                .of_store()
                .hint("end that program; `fuser -v` on the store's file names it"),
            StoreError::Permissions(message) => permissions(message),
            StoreError::Full => {
                failure(Exit::Failed).of_store().hint("free some space; nothing was changed")
            }
            StoreError::Io(cause) => Self::new(Exit::Failed, "the store cannot be read or written")
                .of_store()
                .why(cause)
                .hint("check the disk, and the path that `--store` or `TILL_STORE` names"),
            StoreError::Damaged(why) => {
                let damaged = Self::new(Exit::StoreDamaged, "the store is damaged").of_store();
                damaged.why(why).hint(RESTORE)
            }
            StoreError::Forged(why) => {
                Self::new(Exit::StoreDamaged, "the store was edited or is damaged")
                    .of_store()
                    .why(why)
                    .hint(RESTORE)
            }
            StoreError::Format { found, supported } if found > supported => {
                failure(Exit::StoreDamaged)
                    .of_store()
                    .hint("use the newer version of till that wrote it; see `till --version`")
            }
            StoreError::Format { found, .. } if *found >= OLDEST => failure(Exit::StoreDamaged)
                .of_store()
                .hint("keep a copy, made with `till backup FILE`")
                .hint("then run `till log verify`, which brings the store forward, and checks it")
                .hint("a backup is brought forward as a copy: see docs/backup.md"),
            StoreError::Format { .. } => failure(Exit::StoreDamaged).of_store().hint(
                "an older version of till made it, which can still read it; put it aside, make a new \
                 one with `till init`, and seal the master keys anew",
            ),
        }
    }
}

impl From<VaultError> for Failure {
    fn from(error: VaultError) -> Self {
        let failure = |exit| Self::new(exit, error.to_string());
        match &error {
            VaultError::WrongSecret | VaultError::WrongKind(_) => wrong_secret(&error),
            VaultError::Tampered(_) | VaultError::KdfOutOfBounds { .. } => {
                failure(Exit::StoreDamaged).hint(RESTORE)
            }
            VaultError::KdfMemory(_) => failure(Exit::Failed)
                .hint("free some memory, or unlock with `--key-file`, which needs none"),
            VaultError::KdfFailed(_) => failure(Exit::Failed).hint("unlock with `--key-file`"),
            VaultError::NotAKeyFile => failure(Exit::Failed)
                .hint("name the file that `till unlock add` wrote with `--key-file`"),
            VaultError::TooLong => failure(Exit::Failed).hint("give a shorter text"),
            VaultError::Random(_) => failure(Exit::Failed)
                .hint("see that the system has `getrandom(2)` or `/dev/urandom`"),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let failure = |exit| Self::new(exit, refusal.to_string());
        match &refusal {
            Refusal::NoSuchKey => {
                failure(Exit::NotFound).hint("list the keys that there are with `till key ls`")
            }
            Refusal::NoSuchMaster(_) => failure(Exit::NotFound)
                .hint("list those that there are with `till master ls`")
                .hint("add one with `till master add`"),
            Refusal::NoSuchSlot(_) => {
                failure(Exit::NotFound).hint("list the slots with `till unlock ls`")
            }
            Refusal::NoSuchProvider(_) => {
                failure(Exit::NotFound).hint("list the providers with `till provider ls`")
            }
            Refusal::KeyEnded(_) => {
                failure(Exit::Refused).hint("mint a new key with `till key mint`")
            }
            Refusal::Unbounded => failure(Exit::Usage)
                .hint("limit it with `--activations 50`, `--tokens 100k`, `--spend 5.00` or `--expires 2h`")
                .hint("if it is to have no limit, say so with `--unlimited`"),
            Refusal::PastExpiry => {
                failure(Exit::Usage).hint("give a time to come, as in `--expires 2h`")
            }
            Refusal::BelowUsed { used, .. } => {
                failure(Exit::Refused).hint(format!("give `-n` a number above {used}"))
            }
            Refusal::CapBelowUsed { used, .. } => failure(Exit::Refused)
                .hint(format!("give it more than {used}, and what a request can cost"))
                .hint("or end the key with `till key revoke`"),
            Refusal::NoCapToExtend(measure) => failure(Exit::Refused).hint(format!(
                "set one with `till key edit ID --{} {}`",
                measure.name(),
                example(*measure)
            )),
            Refusal::CapOutOfRange(measure) => failure(Exit::Usage).hint(format!(
                "give an amount within the range, as in `--{} {}`",
                measure.name(),
                example(*measure)
            )),
            Refusal::LimitOutOfRange(_) => failure(Exit::Usage)
                .hint("give a number within the range, as in `-n 50`")
                .hint("or leave it out, with `--expires 2h` or `--unlimited` instead"),
            Refusal::NoSuchProcess => failure(Exit::Failed),
            Refusal::ProxiesRun(_) => failure(Exit::Refused)
                .why("they would go on with the old root key, and could read nothing any more")
                .hint("stop them first, with Ctrl-C or SIGTERM"),
            Refusal::NothingToExtend => {
                failure(Exit::Refused).hint("set one with `till key edit ID -n 50`")
            }
            Refusal::ProviderTwice(_) => {
                failure(Exit::Usage).hint("mint one key for each with `till key mint`")
            }
            Refusal::KeysDepend(_) => failure(Exit::Refused)
                .hint("revoke them in the same step with `--revoke-keys`")
                .hint("to replace the master key and keep them, use `till master rotate`"),
            Refusal::MastersDepend(_) => failure(Exit::Refused)
                .hint("list them with `till master ls`, and remove them with `till master rm`"),
            Refusal::NoSuchMinter(_) => failure(Exit::NotFound)
                .hint("list those that there are with `till admin ls`"),
            Refusal::OpensNothing => failure(Exit::Usage)
                .hint("name what they open with `--provider openai`")
                .hint("or let requests bring real keys with `--may-bring-keys`"),
            // Which flag gives another name is for the command to say; what follows it is said by
            // the admin API, to whoever asked it.
            Refusal::NameTaken(_)
            | Refusal::MinterGone
            | Refusal::OutOfBounds(_)
            | Refusal::NotGranted(_)
            | Refusal::MayNotBring
            | Refusal::ClockSuspect(_)
            | Refusal::Replayed => failure(Exit::Refused),
            Refusal::Unfit(unfit) => unfit_failure(unfit),
            Refusal::NoSuchTarget(_) => failure(Exit::NotFound)
                .hint("list those that there are with `till alert ls`"),
            Refusal::TooManyTargets => {
                failure(Exit::Refused).hint("take one away with `till alert rm`")
            }
            Refusal::LastSlot => {
                failure(Exit::Refused).hint("add another one first with `till unlock add`")
            }
        }
    }
}

/// What a child key cannot be, and what to do.
fn unfit_failure(unfit: &Unfit) -> Failure {
    let failure = Failure::new(Exit::Refused, unfit.to_string());
    match unfit {
        Unfit::NotAllowed => failure.hint("mint the parent with `--delegate`"),
        Unfit::Generations { .. } => failure.hint("mint the root with a greater `--delegate`"),
        Unfit::LimitNeeded { what, .. } => failure.hint(format!("give it one with `--{what}`")),
        Unfit::Remainder { .. } => failure
            .hint("give it less, or raise the parent with `till key extend`")
            .hint("what child keys do not use comes back when they end: `till key revoke`"),
        Unfit::TooSmall => failure.hint("give it more"),
        Unfit::Provider(_) | Unfit::Scope(_) | Unfit::Later(_) | Unfit::Looser(_) => {
            failure.hint("leave it out: then it is as the parent's")
        }
        Unfit::TooMany => failure.hint("end some with `till key revoke`"),
        Unfit::HasChildren(_) => failure.hint("end its child keys first, with `till key revoke`"),
    }
}

/// A limit of this measure as it is typed.
const fn example(measure: Measure) -> &'static str {
    match measure {
        Measure::Tokens | Measure::InputTokens | Measure::OutputTokens => "100k",
        Measure::Spend => "5.00",
    }
}

/// The store's own message says what to do after a colon, each case its own thing.
fn permissions(message: &str) -> Failure {
    let remedies = [": run ", ": remove ", ": see ", ": name "];
    let colon = remedies.iter().find_map(|remedy| message.find(remedy));
    match colon.and_then(|colon| message.split_at_checked(colon)) {
        Some((what, remedy)) => {
            Failure::new(Exit::Failed, what).hint(remedy.trim_start_matches([':', ' ']))
        }
        None => Failure::new(Exit::Failed, message)
            .hint("name the store's own file with `--store` or `TILL_STORE`"),
    }
}

fn wrong_secret(error: &impl std::fmt::Display) -> Failure {
    Failure::new(Exit::WrongSecret, error.to_string())
        .hint("try again; `till unlock ls` shows which kinds of secret open the store")
}
