//! The flags that say where the unlock secret comes from.

use std::path::PathBuf;

/// Where the secret comes from, as typed. The variables that say the same are read elsewhere, so
/// that the order of both is decided in one place.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub struct SecretFlags {
    /// Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)
    #[arg(long, global = true, value_name = "N", help_heading = "Unlocking")]
    pub passphrase_fd: Option<u32>,

    /// Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)
    #[arg(long, global = true, value_name = "FILE", help_heading = "Unlocking")]
    pub passphrase_file: Option<PathBuf>,

    /// Take the first line that this command prints; no shell reads it (or
    /// `TILL_PASSPHRASE_COMMAND`)
    #[arg(long, global = true, value_name = "COMMAND", help_heading = "Unlocking")]
    pub passphrase_command: Option<String>,

    /// Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)
    #[arg(long, global = true, value_name = "FILE", help_heading = "Unlocking")]
    pub key_file: Option<PathBuf>,
}

impl SecretFlags {
    /// The flag that was typed for a passphrase, if one was.
    #[must_use]
    pub fn passphrase_flag(&self) -> Option<&'static str> {
        let flags = [
            (self.passphrase_fd.is_some(), "--passphrase-fd"),
            (self.passphrase_file.is_some(), "--passphrase-file"),
            (self.passphrase_command.is_some(), "--passphrase-command"),
        ];
        flags.into_iter().find(|(typed, _)| *typed).map(|(_, flag)| flag)
    }
}
