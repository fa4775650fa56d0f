//! The terminal: what goes to stdout, what goes to stderr, and how it may look. Questions are in
//! [`super::prompt`].

use std::io::{self, ErrorKind, IsTerminal, Write};

use anstyle::Style;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::environment::Environment;
use super::escaped::escaped;
use super::exit::Exit;
use super::failure::Failure;
use super::masked::masked;
use super::style::{WARNING, painted};

/// What is known of the standard streams, and how the user wants to be talked to.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Terminal {
    /// Whether stdin is a terminal.
    pub stdin_is_tty: bool,
    /// Whether stdout is a terminal.
    pub stdout_is_tty: bool,
    /// Whether stderr is a terminal.
    pub stderr_is_tty: bool,
    /// Whether the environment allows colours; a stream that is no terminal gets none.
    pub color: bool,
    /// Whether the locale can show more than ASCII.
    pub utf8: bool,
    /// Columns of stdout; none where it is no terminal, and lines may be as long as they are.
    pub width: Option<usize>,
    /// Lines of stdout; none where it is no terminal.
    pub height: Option<usize>,
    /// Whether to say nothing but data, warnings and failures.
    pub quiet: bool,
    /// Whether to ask nothing.
    pub no_input: bool,
}

impl Terminal {
    /// The terminal of this process.
    #[must_use]
    pub fn of_process(environment: &Environment, quiet: bool, no_input: bool) -> Self {
        let stdout_is_tty = io::stdout().is_terminal();
        let size = stdout_is_tty.then(size).flatten();
        Self {
            stdin_is_tty: io::stdin().is_terminal(),
            stdout_is_tty,
            stderr_is_tty: io::stderr().is_terminal(),
            color: environment.get_os("NO_COLOR").is_none()
                && environment.get("TERM") != Some("dumb"),
            utf8: is_utf8(environment),
            width: size.map(|(columns, _)| columns).filter(|columns| *columns > 0),
            height: size.map(|(_, lines)| lines).filter(|lines| *lines > 0),
            quiet,
            no_input,
        }
    }

    /// Writes data to stdout as it is. That nobody reads it any more is no failure.
    ///
    /// # Errors
    /// Where it cannot be written for another reason.
    pub fn out(&self, text: impl AsRef<[u8]>) -> Result<(), Failure> {
        let mut stdout = io::stdout().lock();
        match stdout.write_all(text.as_ref()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                Err(Failure::new(Exit::Failed, "stdout cannot be written").why(error).hint(
                    "see that there is space where stdout leads to, and run the command again",
                ))
            }
            _ => Ok(()),
        }
    }

    /// Whether anybody can still read stdout: what a pipe leads to may have ended.
    #[must_use]
    pub fn is_read(&self) -> bool {
        let stdout = io::stdout();
        let mut watched = [PollFd::new(&stdout, PollFlags::empty())];
        let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
        // Where it cannot be asked, the next write finds out.
        if poll(&mut watched, Some(&at_once)).is_err() {
            return true;
        }
        let [stdout] = watched;
        !stdout.revents().intersects(PollFlags::ERR | PollFlags::NVAL)
    }

    /// Writes a line of data to stdout.
    ///
    /// # Errors
    /// As [`Terminal::out`].
    pub fn line(&self, text: &str) -> Result<(), Failure> {
        self.out(format!("{text}\n"))
    }

    /// Says something on stderr, unless it is to be quiet. The text is shown as it is.
    pub fn say(&self, text: &str) {
        if !self.quiet {
            to_stderr(text);
        }
    }

    /// Says on stderr what was asked for, also when it is to be quiet.
    pub fn tell(&self, text: &str) {
        to_stderr(text);
    }

    /// Warns on stderr, also when it is to be quiet.
    pub fn warn(&self, text: &str) {
        to_stderr(&format!("{}: {}", self.paint_err(WARNING, "warning"), escaped(text)));
    }

    /// Shows a failure on stderr.
    pub fn fail(&self, failure: &Failure) {
        to_stderr(&failure.render(self.color && self.stderr_is_tty));
    }

    /// The text in this style, for stderr.
    #[must_use]
    pub fn paint_err(&self, style: Style, text: &str) -> String {
        painted(style, text, self.color && self.stderr_is_tty)
    }
}

/// Where keys are handed out it is on stdout: none is shown here whole.
fn to_stderr(text: &str) {
    // Where stderr cannot be written there is no place left to say so.
    let _ = writeln!(io::stderr().lock(), "{}", masked(text));
}

/// Columns and lines of the terminal that stdout is; zero where it does not know them.
fn size() -> Option<(usize, usize)> {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
    Some((usize::from(size.ws_col), usize::from(size.ws_row)))
}

/// Whether the locale's character set is UTF-8 (POSIX.1-2017, section 8.2: the first that is set
/// decides).
fn is_utf8(environment: &Environment) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| environment.get(name));
    let locale = locale.unwrap_or_default().to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}
