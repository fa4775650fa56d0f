//! A secret out of a file or a file descriptor. Buffers are zeroed.

use std::fs::{File, Permissions};
use std::io::{self, IsTerminal, Read};
use std::os::fd::AsFd;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use zeroize::{Zeroize, Zeroizing};

use super::exit::Exit;
use super::failure::Failure;
use crate::vault::SecretText;

/// The longest secret, in bytes.
pub(super) const LONGEST: usize = 64 * 1024;

/// Who may read a file that holds a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Readers {
    /// Its owner alone: else it is refused.
    Owner,
    /// Whoever the system lets, which answers for it.
    System,
}

/// The whole content of a file, without one trailing newline.
///
/// # Errors
/// Where it cannot be read, is open to others, is empty, too long or no UTF-8.
pub(super) fn from_file(path: &Path, readers: Readers) -> Result<SecretText, Failure> {
    let shown = path.display();
    let failed = || format!("the secret in `{shown}` cannot be read");
    let hint = "see that the path is right, and that you may read the file";
    let unreadable = |error: io::Error| Failure::new(Exit::Failed, failed()).why(error).hint(hint);
    let mut file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    // A pipe (as of a shell's process substitution) has no name that others could open.
    if readers == Readers::Owner && metadata.is_file() && is_open(&metadata.permissions()) {
        return Err(Failure::new(Exit::Failed, format!("`{shown}` is open to others"))
            .why("it holds a secret, and its group or everybody may use it")
            .hint(format!("close it with `chmod 600 {shown}`")));
    }
    let bytes = bounded(&mut file).map_err(unreadable)?;
    text(bytes, &format!("`{shown}`"))
}

/// What is left to read from a file descriptor, without one trailing newline.
///
/// # Errors
/// Where it is not open or is a terminal, and as for a file.
pub(super) fn from_fd(number: u32) -> Result<SecretText, Failure> {
    let unreadable = |error: io::Error| {
        Failure::new(Exit::Failed, format!("file descriptor {number} cannot be read"))
            .why(error)
            .hint(format!("open it for till, as in `{number}<FILE`, or use `--passphrase-file`"))
    };
    let mut file = open(number).map_err(unreadable)?;
    if file.is_terminal() {
        return Err(unreadable(io::Error::other(
            "it is a terminal, which would show what is typed",
        )));
    }
    let bytes = bounded(&mut file).map_err(unreadable)?;
    text(bytes, &format!("file descriptor {number}"))
}

/// The text of these bytes, without one trailing newline. `origin` is where they come from.
///
/// # Errors
/// Where there is none, or it is too long or no UTF-8.
pub(super) fn text(mut bytes: Zeroizing<Vec<u8>>, origin: &str) -> Result<SecretText, Failure> {
    let unusable = |why: &str| {
        Failure::new(Exit::Failed, format!("the secret from {origin} cannot be used"))
            .why(why)
            .hint("see that the whole secret stands there, as UTF-8, and nothing else")
    };
    if bytes.len() > LONGEST {
        return Err(unusable("it is longer than 64 KiB"));
    }
    let mut text = String::from_utf8(std::mem::take(&mut *bytes)).map_err(|error| {
        error.into_bytes().zeroize();
        unusable("it is no UTF-8")
    })?;
    let kept = text.strip_suffix('\n').unwrap_or(&text);
    text.truncate(kept.strip_suffix('\r').unwrap_or(kept).len());
    if text.is_empty() {
        return Err(unusable("it is empty"));
    }
    Ok(text.into())
}

/// Reads to the end, or one byte more than is allowed. The buffer never grows: that would leave
/// copies behind.
fn bounded(from: &mut impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut buffer = Zeroizing::new(vec![0; LONGEST.saturating_add(1)]);
    let mut len: usize = 0;
    while let Some(room) = buffer.get_mut(len..).filter(|room| !room.is_empty()) {
        match from.read(room) {
            Ok(0) => break,
            Ok(count) => len = len.saturating_add(count),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    buffer.truncate(len);
    Ok(buffer)
}

/// Opens what a descriptor of this process stands for. Taking the descriptor itself would need
/// `unsafe`: nothing says that it is ours to close.
fn open(number: u32) -> io::Result<File> {
    if number == 0 {
        return io::stdin().as_fd().try_clone_to_owned().map(File::from);
    }
    File::open(format!("/dev/fd/{number}"))
}

fn is_open(permissions: &Permissions) -> bool {
    permissions.mode() & 0o077 != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<String, Failure> {
        let bytes = bounded(&mut &*bytes).unwrap();
        text(bytes, "here").map(|text| text.expose().to_owned())
    }

    #[test]
    fn one_newline_is_cut() {
        assert_eq!(read(b"a b \n").unwrap(), "a b ");
        assert_eq!(read(b"a\r\n").unwrap(), "a");
        assert_eq!(read(b"a\n\n").unwrap(), "a\n");
        assert_eq!(read(&vec![b'a'; LONGEST]).unwrap().len(), LONGEST);
        for bytes in [&b""[..], b"\n", b"\xff", &vec![b'a'; LONGEST + 1]] {
            assert!(read(bytes).is_err());
        }
    }
}
