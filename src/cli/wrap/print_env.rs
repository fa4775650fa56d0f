//! `--print-env`: what would change in the environment, as lines for a shell or a file.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use clap::ValueEnum;
use zeroize::Zeroizing;

use super::handover::Change;

/// Who reads the lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// `export NAME='value'`
    Sh,
    /// `set -gx NAME 'value'`
    Fish,
    /// `NAME=value`
    Dotenv,
}

impl Shell {
    /// The line that sets a variable, with its line break.
    #[must_use]
    pub fn set(self, name: &OsStr, value: &OsStr) -> Zeroizing<Vec<u8>> {
        let value = value.as_bytes();
        let (before, quoted) = match self {
            Self::Sh => ("export ", within(value, b'\'', &[(b'\'', b"'\\''")])),
            Self::Fish => {
                let escapes: [(u8, &[u8]); 2] = [(b'\'', b"\\'"), (b'\\', b"\\\\")];
                ("set -gx ", within(value, b'\'', &escapes))
            }
            Self::Dotenv if value.iter().all(|byte| is_plain(*byte)) => {
                ("", Zeroizing::new(value.to_vec()))
            }
            Self::Dotenv => ("", within(value, b'"', &DOTENV)),
        };
        let between: &[u8] = if self == Self::Fish { b" " } else { b"=" };
        Zeroizing::new([before.as_bytes(), name.as_bytes(), between, &quoted, b"\n"].concat())
    }

    /// The line that removes a variable. A file can only empty it.
    #[must_use]
    pub fn unset(self, name: &OsStr) -> Vec<u8> {
        let (before, after): (&[u8], &[u8]) = match self {
            Self::Sh => (b"unset ", b"\n"),
            Self::Fish => (b"set -e ", b"\n"),
            Self::Dotenv => (b"", b"=\n"),
        };
        [before, name.as_bytes(), after].concat()
    }

    /// The lines for all changes. What no shell can name is left out.
    #[must_use]
    pub fn lines(self, changes: &[Change]) -> Zeroizing<Vec<u8>> {
        let mut lines = Zeroizing::new(Vec::new());
        for change in changes {
            match change {
                Change::Set(name, value) if is_name(name) => {
                    lines.extend_from_slice(&self.set(name, value));
                }
                Change::Removed(name) if is_name(name) => lines.extend(self.unset(name)),
                Change::Set(..) | Change::Removed(_) => {}
            }
        }
        lines
    }
}

/// As [`super::dotenv`] reads them.
const DOTENV: [(u8, &[u8]); 5] =
    [(b'"', b"\\\""), (b'\\', b"\\\\"), (b'$', b"\\$"), (b'\n', b"\\n"), (b'\r', b"\\r")];

fn within(value: &[u8], quote: u8, escapes: &[(u8, &[u8])]) -> Zeroizing<Vec<u8>> {
    let mut text = Zeroizing::new(vec![quote]);
    for byte in value {
        match escapes.iter().find(|(special, _)| special == byte) {
            Some((_, escape)) => text.extend_from_slice(escape),
            None => text.push(*byte),
        }
    }
    text.push(quote);
    text
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-./:@%+,=".contains(&byte)
}

/// A name that shells take (POSIX.1-2017, section 3.235).
fn is_name(name: &OsStr) -> bool {
    let name = name.as_bytes();
    name.first().is_some_and(|byte| !byte.is_ascii_digit())
        && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::super::dotenv;
    use super::*;

    fn lines(shell: Shell) -> String {
        let changes = [
            Change::Set("A".into(), "http://127.0.0.1:1/x".into()),
            Change::Set("B".into(), "it's \\ \"$x\"\n".into()),
            Change::Set("BASH_FUNC_x%%".into(), "y".into()),
            Change::Removed("C".into()),
        ];
        String::from_utf8(shell.lines(&changes).to_vec()).unwrap()
    }

    #[test]
    fn each_reader_has_its_quotes() {
        assert_eq!(
            lines(Shell::Sh),
            "export A='http://127.0.0.1:1/x'\nexport B='it'\\''s \\ \"$x\"\n'\nunset C\n"
        );
        assert_eq!(
            lines(Shell::Fish),
            "set -gx A 'http://127.0.0.1:1/x'\nset -gx B 'it\\'s \\\\ \"$x\"\n'\nset -e C\n"
        );
        assert_eq!(
            lines(Shell::Dotenv),
            "A=http://127.0.0.1:1/x\nB=\"it's \\\\ \\\"\\$x\\\"\\n\"\nC=\n"
        );
    }

    #[test]
    fn a_shell_reads_what_was_meant() {
        let script =
            format!("{}printf '%s|%s|%s' \"$A\" \"$B\" \"${{C-unset}}\"", lines(Shell::Sh));
        let output = Command::new("sh").args(["-c", &script]).env("C", "x").output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(text, "http://127.0.0.1:1/x|it's \\ \"$x\"\n|unset");
    }

    proptest! {
        #[test]
        fn a_dotenv_line_comes_back(value in "[^\0]{0,16}") {
            let line = Shell::Dotenv.set(OsStr::new("A"), OsStr::new(&value));
            let line = std::str::from_utf8(&line).unwrap();
            prop_assert_eq!(dotenv::parse(line), Ok(vec![("A".to_owned(), value)]));
        }
    }
}
