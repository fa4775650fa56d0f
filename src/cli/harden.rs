//! What a process does before it reads a secret: it leaves no core file, and other processes of
//! the same user cannot look into it.

use super::terminal::Terminal;

/// What becomes of the limit on core files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cores {
    /// It is no bytes, for good.
    Never,
    /// It is no bytes; a command that inherits it may raise it again.
    NotOfThis,
}

/// Closes this process to others of the same user, as far as the system allows it, and asks for no
/// memory: what keeps it from that is said by [`harden`], which follows where keys are read.
pub fn conceal() {
    let _ = not_dumpable();
}

/// Makes this process non-dumpable, for good, with core files of no bytes. Warns where the system
/// refuses; the command goes on.
pub fn harden(terminal: &Terminal, cores: Cores) {
    for (what, outcome) in [("core files", no_core_file(cores)), ("debuggers", not_dumpable())] {
        if let Err(error) = outcome {
            terminal.warn(&format!("this process could not be closed to {what}: {error}"));
        }
    }
}

fn no_core_file(cores: Cores) -> rustix::io::Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let maximum = match cores {
        Cores::Never => Some(0),
        Cores::NotOfThis => getrlimit(Resource::Core).maximum,
    };
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum })
}

#[cfg(target_os = "linux")]
fn not_dumpable() -> rustix::io::Result<()> {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    set_dumpable_behavior(DumpableBehavior::NotDumpable)
}

#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "on Linux the system may refuse")]
fn not_dumpable() -> rustix::io::Result<()> {
    Ok(())
}
