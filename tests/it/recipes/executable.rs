//! Programs that tests put somewhere. Other processes write them: while this one has a file open for
//! writing, a process that another test starts inherits it, and the file cannot be started.

use std::path::Path;

use crate::support::run::{Run, TILL};

/// Makes a script that anybody may start.
pub(super) fn put(path: &Path, script: &str) {
    let write = Run::program("sh").arg("-c").arg("cat >\"$1\" && chmod 755 \"$1\"").arg("sh");
    write.arg(path.to_str().unwrap()).stdin(script).ok();
}

/// Copies the binary under test: where it was built, other users may not be let in.
pub(super) fn put_till(path: &Path) {
    Run::program("cp").arg(TILL).arg(path.to_str().unwrap()).ok();
}
