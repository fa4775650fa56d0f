//! A secret that another program prints: a password manager, for the most part.

use std::io::Read;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::Duration;

use zeroize::{Zeroize, Zeroizing};

use super::exit::Exit;
use super::failure::Failure;
use super::secret_read::{self, LONGEST};
use super::words::words;
use crate::vault::SecretText;

/// How often, and how many times, it is asked whether the program has ended: 30 seconds.
const PAUSE: Duration = Duration::from_millis(10);
const PATIENCE: u32 = 3_000;

/// How long the output of a program that has ended may take to arrive.
const LAST_OUTPUT: Duration = Duration::from_secs(1);

type Line = Zeroizing<Vec<u8>>;

/// The first line that the command prints. No shell reads it; its stderr is ours.
///
/// # Errors
/// Where it cannot be run, fails, takes longer than 30 seconds, or prints nothing of use.
pub(super) fn from_command(command: &str) -> Result<SecretText, Failure> {
    let words = words(command).map_err(|why| {
        Failure::new(Exit::Usage, "the passphrase command cannot be understood")
            .why(why)
            .hint("quote it for `--passphrase-command` as in \"pass show till\"")
    })?;
    let (program, arguments) = words.split_first().ok_or_else(|| failed("", "it has no words"))?;
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| failed(program, &error.to_string()))?;
    let line = child.stdout.take().map(first_line);
    let status = wait(&mut child, program)?;
    if !status.success() {
        return Err(failed(program, &format!("it ended with {status}")));
    }
    let line = line.and_then(|line| line.recv_timeout(LAST_OUTPUT).ok()).unwrap_or_default();
    secret_read::text(line, &format!("the command `{program}`"))
}

/// Waits for the program, and ends it where it takes too long.
fn wait(child: &mut Child, program: &str) -> Result<ExitStatus, Failure> {
    for _ in 0..PATIENCE {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) => thread::sleep(PAUSE),
            Err(error) => return Err(failed(program, &error.to_string())),
        }
    }
    // It may have ended in this moment; either way it is gone afterwards.
    let _ = child.kill();
    let _ = child.wait();
    Err(failed(program, "it took longer than 30 seconds"))
}

/// Reads the first line, and then the rest, so that the program can write it all.
fn first_line(mut stdout: ChildStdout) -> Receiver<Line> {
    let (sender, receiver) = sync_channel(1);
    thread::spawn(move || {
        let mut line = Zeroizing::new(Vec::with_capacity(LONGEST.saturating_add(1)));
        let mut chunk = Zeroizing::new([0; 4096]);
        let mut ended = false;
        while let Ok(count @ 1..) = stdout.read(&mut *chunk) {
            for byte in chunk.iter().take(count) {
                ended = ended || *byte == b'\n';
                if !ended && line.len() <= LONGEST {
                    line.push(*byte);
                }
            }
            chunk.zeroize();
            if ended {
                // Nobody waits any more where the program took too long.
                let _ = sender.try_send(std::mem::take(&mut line));
            }
        }
        if !ended {
            let _ = sender.try_send(line);
        }
    });
    receiver
}

/// The program alone is named: what follows it may be a secret.
fn failed(program: &str, why: &str) -> Failure {
    Failure::new(Exit::Failed, format!("the passphrase command `{program}` gave no passphrase"))
        .why(why)
        .hint("run it by hand, or use `--passphrase-file` instead of `--passphrase-command`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(command: &str) -> Result<String, Failure> {
        from_command(command).map(|text| text.expose().to_owned())
    }

    #[test]
    fn the_first_line_is_taken() {
        assert_eq!(printed("printf 'a b\\nrest\\n'").unwrap(), "a b");
        assert_eq!(printed("printf a").unwrap(), "a");
        assert_eq!(printed("sh -c 'echo a; seq 100000'").unwrap(), "a");
        assert_eq!(printed("sh -c 'echo a; sleep 60 & '").unwrap(), "a");
        for command in ["true", "false", "sh -c 'echo a; exit 3'", "/nonexistent/program"] {
            assert_eq!(printed(command).unwrap_err().exit, Exit::Failed, "{command}");
        }
        assert_eq!(printed("'a").unwrap_err().exit, Exit::Usage);
    }
}
