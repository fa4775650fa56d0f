//! What a process does before it reads a secret: it leaves no core file, and other processes of
//! the same user cannot look into it.

use super::terminal::Terminal;

/// Makes this process non-dumpable, with core files of no bytes, for good. Warns where the system
/// refuses; the command goes on.
pub fn harden(terminal: &Terminal) {
    for (what, outcome) in [("core files", no_core_file()), ("debuggers", not_dumpable())] {
        if let Err(error) = outcome {
            terminal.warn(&format!("this process could not be closed to {what}: {error}"));
        }
    }
}

fn no_core_file() -> rustix::io::Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    // A command of `till run` inherits it, and may raise it again.
    let maximum = getrlimit(Resource::Core).maximum;
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
