//! The order in which the sources of a secret are tried.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::exit::Exit;
use super::failure::Failure;
use super::secret_command::from_command;
use super::secret_flags::SecretFlags;
use super::secret_read::{Readers, from_fd, from_file};
use super::terminal::Terminal;
use crate::domain::slot::SlotKind;
use crate::vault::SecretText;

/// One place that a secret may come from.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Source {
    Fd(String),
    File(PathBuf),
    Command(String),
    KeyFile(PathBuf),
    Credential(PathBuf),
    Keyring,
    Variable(SecretText),
    Terminal,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    /// Where.
    pub(super) source: Source,
    /// Whether it was typed, so that passing over it would be wrong.
    pub(super) is_flag: bool,
}

/// All sources that flags and environment name, in their order, and those that need no naming.
pub(super) fn candidates(flags: &SecretFlags, environment: &Environment) -> Vec<Candidate> {
    let variable = |name| environment.get_os(name).map(OsStr::to_owned);
    let text = |name| variable(name).map(|value| value.to_string_lossy().into_owned());
    let typed = [
        flags.passphrase_fd.map(|number| Source::Fd(number.to_string())),
        flags.passphrase_file.clone().map(Source::File),
        flags.passphrase_command.clone().map(Source::Command),
    ];
    let set = [
        text("TILL_PASSPHRASE_FD").map(Source::Fd),
        variable("TILL_PASSPHRASE_FILE").map(PathBuf::from).map(Source::File),
        text("TILL_PASSPHRASE_COMMAND").map(Source::Command),
    ];
    let credential = variable("CREDENTIALS_DIRECTORY")
        .map(|folder| Path::new(&folder).join("till-passphrase"))
        .filter(|path| path.exists());
    let rest = [
        variable("TILL_KEY_FILE").map(PathBuf::from).map(Source::KeyFile),
        credential.map(Source::Credential),
        Some(Source::Keyring),
        text("TILL_PASSPHRASE").map(SecretText::from).map(Source::Variable),
        Some(Source::Terminal),
    ];
    let flag = |source| Candidate { source, is_flag: true };
    let other = |source| Candidate { source, is_flag: false };
    typed
        .into_iter()
        .flatten()
        .map(flag)
        .chain(set.into_iter().flatten().map(other))
        .chain(flags.key_file.clone().map(Source::KeyFile).map(flag))
        .chain(rest.into_iter().flatten().map(other))
        .collect()
}

impl Source {
    /// The kind of slot that what comes from here opens.
    pub(super) fn kind(&self) -> SlotKind {
        match self {
            Self::KeyFile(_) => SlotKind::KeyFile,
            Self::Keyring => SlotKind::Keyring,
            Self::Fd(_)
            | Self::File(_)
            | Self::Command(_)
            | Self::Credential(_)
            | Self::Variable(_)
            | Self::Terminal => SlotKind::Passphrase,
        }
    }

    /// The passphrase from here, without asking anybody; none where this is no place for one.
    pub(super) fn passphrase(self, terminal: &Terminal) -> Result<Option<SecretText>, Failure> {
        match self {
            Self::Fd(number) => from_fd(descriptor(&number)?).map(Some),
            Self::File(path) => from_file(&path, Readers::Owner).map(Some),
            Self::Command(command) => from_command(&command).map(Some),
            // systemd shows the access that it gives by an ACL as access of the group.
            Self::Credential(path) => from_file(&path, Readers::System).map(Some),
            Self::Variable(text) => {
                terminal.warn(
                    "`TILL_PASSPHRASE` can be read by other processes of the same user; \
                     `TILL_PASSPHRASE_FILE` or `TILL_PASSPHRASE_COMMAND` is safer",
                );
                Ok(Some(text))
            }
            Self::KeyFile(_) | Self::Keyring | Self::Terminal => Ok(None),
        }
    }
}

fn descriptor(number: &str) -> Result<u32, Failure> {
    number.parse().map_err(|_| {
        Failure::new(Exit::Usage, format!("`{number}` is no file descriptor"))
            .hint("set `TILL_PASSPHRASE_FD` to a number, as in `TILL_PASSPHRASE_FD=3`")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_tried_in_one_order() {
        let flags = SecretFlags {
            passphrase_fd: Some(7),
            passphrase_file: Some("f".into()),
            passphrase_command: Some("c".to_owned()),
            key_file: Some("k".into()),
        };
        let folder = tempfile::tempdir().unwrap();
        let credential = folder.path().join("till-passphrase");
        std::fs::write(&credential, "s").unwrap();
        let environment = Environment::from_pairs([
            ("TILL_PASSPHRASE", "p"),
            ("CREDENTIALS_DIRECTORY", folder.path().to_str().unwrap()),
            ("TILL_KEY_FILE", "ek"),
            ("TILL_PASSPHRASE_COMMAND", "ec"),
            ("TILL_PASSPHRASE_FILE", "ef"),
            ("TILL_PASSPHRASE_FD", "8"),
        ]);
        let flag = |source| Candidate { source, is_flag: true };
        let other = |source| Candidate { source, is_flag: false };
        let expected = [
            flag(Source::Fd("7".into())),
            flag(Source::File("f".into())),
            flag(Source::Command("c".into())),
            other(Source::Fd("8".into())),
            other(Source::File("ef".into())),
            other(Source::Command("ec".into())),
            flag(Source::KeyFile("k".into())),
            other(Source::KeyFile("ek".into())),
            other(Source::Credential(credential)),
            other(Source::Keyring),
            other(Source::Variable("p".to_owned().into())),
            other(Source::Terminal),
        ];
        assert_eq!(candidates(&flags, &environment), expected);
    }
}
