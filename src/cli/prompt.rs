//! Questions to whoever sits at the terminal. Where nobody does they fail at once, and say which
//! flag gives the answer.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};

use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
};

use super::escaped::escaped;
use super::exit::Exit;
use super::failure::Failure;
use super::terminal::Terminal;
use crate::vault::SecretText;

/// How often two entries of a new secret may differ.
const ATTEMPTS: usize = 3;

/// What Ctrl-C sends while the terminal makes no signal of it.
const CTRL_C: u8 = 3;

impl Terminal {
    /// Whether somebody can be asked: one of stdin and stderr is a terminal, and questions are
    /// allowed. A program that is given pipes is never asked, whatever terminal it started from.
    #[must_use]
    pub fn can_ask(&self) -> bool {
        !self.no_input && (self.stdin_is_tty || self.stderr_is_tty)
    }

    /// Asks for a line. `instead` is what gives the answer without asking, as in `` `--name` ``.
    ///
    /// # Errors
    /// Where nobody can be asked or nothing is answered.
    pub fn ask(
        &self,
        question: &str,
        default: Option<&str>,
        instead: &str,
    ) -> Result<String, Failure> {
        let shown = default.map(|default| format!(" [{}]", escaped(default))).unwrap_or_default();
        let mut tty = self.tty(question, instead)?;
        let answer = line(&mut tty, &format!("{}{shown}: ", escaped(question)))
            .map_err(|error| unanswered(question, &error, instead))?;
        match (answer.trim(), default) {
            ("", Some(default)) => Ok(default.to_owned()),
            ("", None) => Err(unanswered(question, &"the answer is empty", instead)),
            (answer, _) => Ok(answer.to_owned()),
        }
    }

    /// Asks for a yes or a no; an empty answer is a no. `--yes` gives the answer without asking.
    ///
    /// # Errors
    /// Where nobody can be asked or nothing is answered.
    pub fn confirm(&self, question: &str) -> Result<bool, Failure> {
        let instead = "`--yes`";
        let mut tty = self.tty(question, instead)?;
        loop {
            let answer = line(&mut tty, &format!("{} [y/N] ", escaped(question)))
                .map_err(|error| unanswered(question, &error, instead))?;
            match answer.trim().to_ascii_lowercase().as_str() {
                "y" | "yes" => return Ok(true),
                "" | "n" | "no" => return Ok(false),
                _ => {}
            }
        }
    }

    /// Asks for a secret, which is not echoed. `instead` is what gives it without asking.
    ///
    /// # Errors
    /// Where nobody can be asked, or nothing is typed.
    pub fn ask_secret(&self, prompt: &str, instead: &str) -> Result<SecretText, Failure> {
        let mut tty = self.tty(prompt, instead)?;
        let secret = secret_line(&mut tty, &format!("{}: ", escaped(prompt)))
            .map_err(|error| unanswered(prompt, &error, instead))?;
        if secret.expose().is_empty() {
            return Err(unanswered(prompt, &"nothing was typed", instead));
        }
        Ok(secret)
    }

    /// Asks for a new secret twice, and again where the two differ.
    ///
    /// # Errors
    /// Where nobody can be asked, nothing is typed, or the two differ every time.
    pub fn ask_secret_twice(&self, prompt: &str, instead: &str) -> Result<SecretText, Failure> {
        for _ in 0..ATTEMPTS {
            let first = self.ask_secret(prompt, instead)?;
            let second = self.ask_secret(&format!("{prompt}, again"), instead)?;
            if first == second {
                return Ok(first);
            }
            self.warn("the two differ; try again");
        }
        Err(unanswered(prompt, &"the two entries differ", instead))
    }

    /// The terminal itself, which is there when stdin and stdout lead elsewhere.
    fn tty(&self, question: &str, instead: &str) -> Result<File, Failure> {
        if !self.can_ask() {
            let why = if self.no_input {
                "`--no-input` forbids questions"
            } else {
                "there is no terminal to ask at"
            };
            return Err(unanswered(question, &why, instead));
        }
        let tty = OpenOptions::new().read(true).write(true).open("/dev/tty");
        tty.map_err(|_| unanswered(question, &"there is no terminal to ask at", instead))
    }
}

fn unanswered(question: &str, why: &dyn std::fmt::Display, instead: &str) -> Failure {
    Failure::new(Exit::Usage, format!("no answer to `{question}`"))
        .why(why)
        .hint(format!("give it with {instead}"))
}

/// Shows the prompt and reads a line. The terminal hands over one line at a time, so that no more
/// than it is taken.
fn line(tty: &mut File, prompt: &str) -> io::Result<String> {
    tty.write_all(prompt.as_bytes())?;
    let mut answer = String::new();
    if BufReader::new(&*tty).read_line(&mut answer)? == 0 {
        tty.write_all(b"\n")?;
        return Err(ended());
    }
    Ok(answer)
}

/// Shows the prompt and reads a line that is not echoed.
fn secret_line(tty: &mut File, prompt: &str) -> io::Result<SecretText> {
    // Silent first: whoever sees the prompt may type.
    let silent = Silent::new(tty.try_clone()?)?;
    tty.write_all(prompt.as_bytes())?;
    let config = rpassword::ConfigBuilder::new()
        .input_reader(Keys(tty.try_clone()?))
        .output_discard()
        .build();
    let secret = rpassword::read_password_with_config(config).map(SecretText::from);
    drop(silent);
    tty.write_all(b"\n")?;
    secret.map_err(|error| if error.kind() == ErrorKind::UnexpectedEof { ended() } else { error })
}

fn ended() -> io::Error {
    io::Error::new(ErrorKind::UnexpectedEof, "the input ended")
}

/// The keys that are pressed. Ctrl-C is an error: as a signal, which rpassword makes of it, it
/// would leave the terminal silent.
#[derive(Debug)]
struct Keys(File);

impl Read for Keys {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.0.read(buffer)?;
        if buffer.iter().take(len).any(|byte| *byte == CTRL_C) {
            return Err(io::Error::other("interrupted"));
        }
        Ok(len)
    }
}

/// The terminal, with no echo and no signals, until this is dropped.
#[derive(Debug)]
struct Silent {
    tty: File,
    before: Termios,
}

impl Silent {
    fn new(tty: File) -> io::Result<Self> {
        let before = tcgetattr(&tty)?;
        let mut silent = before.clone();
        silent.local_modes &=
            !(LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON | LocalModes::ISIG);
        // A read returns as soon as there is one byte, and not before.
        silent.special_codes[SpecialCodeIndex::VMIN] = 1;
        silent.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(&tty, OptionalActions::Now, &silent)?;
        Ok(Self { tty, before })
    }
}

impl Drop for Silent {
    fn drop(&mut self) {
        // Nobody is left to tell where it fails.
        let _ = tcsetattr(&self.tty, OptionalActions::Now, &self.before);
    }
}
