//! Where the unlock secret comes from: the first source that is there, in one fixed order.

use std::path::{Path, PathBuf};

use super::counted::counted;
use super::environment::Environment;
use super::exit::Exit;
use super::failure::Failure;
pub use super::secret_flags::SecretFlags;
use super::secret_order::{Candidate, Source, candidates};
use super::secret_read::{Readers, from_file};
use super::terminal::Terminal;
use crate::domain::slot::SlotKind;
use crate::vault::{Key32, SecretText, SlotSecret, parse_key_file};

/// Characters of the shortest passphrase that is taken for a new one.
const SHORTEST: usize = 8;

/// What gives a passphrase without a terminal.
const INSTEAD: &str =
    "`--passphrase-file`, `--passphrase-fd` or `--passphrase-command`, or `TILL_PASSPHRASE_FILE`";

/// What the store can be unlocked with.
#[derive(Clone, Copy)]
#[expect(missing_debug_implementations, reason = "a closure has nothing to show")]
pub struct Wanted<'a> {
    /// The kinds of its slots. A flag for another kind is refused, a variable for another kind
    /// passed over.
    pub kinds: &'a [SlotKind],
    /// What looks its secret up in the system's keyring; asked where a slot of that kind is.
    pub keyring: &'a dyn Fn() -> Result<Option<Key32>, Failure>,
}

/// The secret to unlock the store with, and the kind of slot that it is for. A keyring that holds
/// none, or cannot be used, is passed over.
///
/// # Errors
/// Where the first source that is there cannot be read, and where there is none.
pub fn unlock_secret(
    flags: &SecretFlags,
    environment: &Environment,
    terminal: &Terminal,
    wanted: &Wanted<'_>,
) -> Result<(SlotKind, SlotSecret), Failure> {
    let mut no_keyring = None;
    for Candidate { source, is_flag } in candidates(flags, environment) {
        let kind = source.kind();
        if !wanted.kinds.contains(&kind) {
            if is_flag {
                return Err(wrong_kind(kind, wanted.kinds));
            }
            continue;
        }
        let secret = match source {
            Source::Keyring => match (wanted.keyring)() {
                Ok(kept) => kept.map(SlotSecret::Random),
                Err(failure) => {
                    no_keyring = failure.why;
                    None
                }
            },
            Source::KeyFile(path) => Some(SlotSecret::Random(read_key_file(&path)?)),
            Source::Terminal if !terminal.can_ask() => None,
            Source::Terminal => {
                Some(SlotSecret::Passphrase(terminal.ask_secret("passphrase", INSTEAD)?))
            }
            other => other.passphrase(terminal)?.map(SlotSecret::Passphrase),
        };
        if let Some(secret) = secret {
            return Ok((kind, secret));
        }
    }
    Err(no_source(wanted.kinds, no_keyring.as_deref()))
}

/// A new passphrase, from the same sources as any; a terminal asks twice.
///
/// # Errors
/// Where the first source that is there cannot be read, where there is none, and where the
/// passphrase is too short.
pub fn new_passphrase(
    flags: &SecretFlags,
    environment: &Environment,
    terminal: &Terminal,
) -> Result<SecretText, Failure> {
    for Candidate { source, .. } in candidates(flags, environment) {
        let given = match source {
            Source::Terminal if !terminal.can_ask() => None,
            Source::Terminal => Some(terminal.ask_secret_twice("new passphrase", INSTEAD)?),
            other => other.passphrase(terminal)?,
        };
        if let Some(given) = given {
            check_new_passphrase(&given)?;
            return Ok(given);
        }
    }
    Err(Failure::new(Exit::Failed, "there is no passphrase for the new store")
        .why("no flag and no variable gives one, and nobody can be asked")
        .hint(format!("give it with {INSTEAD}"))
        .hint("or let a key file unlock the store, which is made if it is not there: `--key-file FILE`")
        .hint("or run it in a terminal, without `--no-input`"))
}

/// Holds a new passphrase against what is asked of one: 8 characters.
///
/// # Errors
/// Where it is shorter.
pub fn check_new_passphrase(passphrase: &SecretText) -> Result<(), Failure> {
    let len = passphrase.expose().chars().count();
    let has = counted(u64::try_from(len).unwrap_or(u64::MAX), "character");
    if len >= SHORTEST {
        return Ok(());
    }
    Err(Failure::new(Exit::Refused, "the passphrase is too short")
        .why(format!("it has {has}, and at least {SHORTEST} are asked for"))
        .hint("take a longer one, for example four words"))
}

/// The key file that flags or environment name, where no source of a passphrase comes before it.
#[must_use]
pub fn key_file_flag(flags: &SecretFlags, environment: &Environment) -> Option<PathBuf> {
    match candidates(flags, environment).into_iter().next()?.source {
        Source::KeyFile(path) => Some(path),
        _ => None,
    }
}

/// The secret of a key file, which its owner alone may read.
///
/// # Errors
/// Where it cannot be read, is open to others, or is no key file.
pub fn read_key_file(path: &Path) -> Result<Key32, Failure> {
    let text = from_file(path, Readers::Owner)?;
    parse_key_file(text.expose()).map_err(|why| {
        Failure::new(Exit::Failed, format!("`{}` is no key file", path.display()))
            .why(why)
            .hint("name the file that was made for this store with `--key-file`")
    })
}

/// The passphrase in a file, which its owner alone may read; one trailing newline is cut.
///
/// # Errors
/// Where it cannot be read, is open to others, is empty, too long or no UTF-8.
pub fn read_passphrase_file(path: &Path) -> Result<SecretText, Failure> {
    from_file(path, Readers::Owner)
}

fn wrong_kind(kind: SlotKind, present: &[SlotKind]) -> Failure {
    let kinds: Vec<String> = present.iter().map(|kind| format!("`{}`", kind.name())).collect();
    Failure::new(
        Exit::WrongSecret,
        format!("the store has no unlock slot of kind `{}`", kind.name()),
    )
    .why(format!("it has slots of kind {}", kinds.join(", ")))
    .hint("see them with `till unlock ls`, and add one with `till unlock add`")
}

fn no_source(kinds: &[SlotKind], no_keyring: Option<&str>) -> Failure {
    let mut failure = Failure::new(Exit::Failed, "there is no secret to unlock the store with")
        .why("no flag and no variable names one, and nobody can be asked");
    for kind in [SlotKind::Passphrase, SlotKind::KeyFile, SlotKind::Keyring] {
        let hint = match kind {
            _ if !kinds.contains(&kind) => continue,
            SlotKind::Passphrase => format!("give the passphrase with {INSTEAD}"),
            SlotKind::KeyFile => {
                "name the key file with `--key-file` or `TILL_KEY_FILE`".to_owned()
            }
            SlotKind::Keyring => format!(
                "the keyring gives none ({}); unlock in another way, and renew it with \
                 `till unlock add keyring`",
                no_keyring.unwrap_or("it holds none for this store")
            ),
        };
        failure = failure.hint(hint);
    }
    failure
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [SlotKind; 3] = [SlotKind::Passphrase, SlotKind::KeyFile, SlotKind::Keyring];

    fn nobody() -> Terminal {
        Terminal {
            stdin_is_tty: false,
            stdout_is_tty: false,
            stderr_is_tty: false,
            color: false,
            utf8: false,
            width: None,
            height: None,
            quiet: true,
            no_input: false,
        }
    }

    fn unlocked(
        flags: &SecretFlags,
        environment: &Environment,
        kinds: &[SlotKind],
        kept: bool,
    ) -> Result<SlotKind, Exit> {
        let keyring = || Ok(kept.then(|| Key32::random().unwrap()));
        let wanted = Wanted { kinds, keyring: &keyring };
        let secret = unlock_secret(flags, environment, &nobody(), &wanted);
        secret.map(|(kind, _)| kind).map_err(|failure| failure.exit)
    }

    #[test]
    fn what_fits_no_slot_is_passed_over_or_refused() {
        let none = SecretFlags::default();
        let set = Environment::from_pairs([("TILL_PASSPHRASE", "correct horse")]);
        assert_eq!(unlocked(&none, &set, &ALL, true), Ok(SlotKind::Keyring));
        assert_eq!(unlocked(&none, &set, &ALL, false), Ok(SlotKind::Passphrase));
        assert_eq!(unlocked(&none, &set, &[SlotKind::KeyFile], true), Err(Exit::Failed));
        assert_eq!(unlocked(&none, &Environment::default(), &ALL, false), Err(Exit::Failed));
        let typed = SecretFlags { passphrase_fd: Some(0), ..none };
        assert_eq!(unlocked(&typed, &set, &[SlotKind::KeyFile], true), Err(Exit::WrongSecret));
    }

    #[test]
    fn a_new_passphrase_has_eight_characters() {
        let given = |text: &str| {
            let set = Environment::from_pairs([("TILL_PASSPHRASE", text)]);
            new_passphrase(&SecretFlags::default(), &set, &nobody())
        };
        assert_eq!(given("ünïcødé").unwrap_err().exit, Exit::Refused);
        assert_eq!(given("ünïcødé!").unwrap().expose(), "ünïcødé!");
        let none = new_passphrase(&SecretFlags::default(), &Environment::default(), &nobody());
        assert_eq!(none.unwrap_err().exit, Exit::Failed);
    }

    #[test]
    fn a_secret_is_in_a_file_of_its_owner() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, "correct horse\n").unwrap();
        for (mode, read) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false)] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let answer = read_passphrase_file(&path);
            assert_eq!(answer.is_ok_and(|text| text.expose() == "correct horse"), read, "{mode:o}");
        }
        assert!(read_key_file(&path).is_err());
    }
}
