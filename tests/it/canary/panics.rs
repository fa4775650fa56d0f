//! What is left of a process that dies in the middle: its last words, and no core.

use super::scene::{Scene, talkative};
use crate::support::home::MASTER;

/// KiB of address space: too little to begin, and so much more each time.
const FIRST: u64 = 20_000;
const STEP: u64 = 1_000;
const LAST: u64 = 400_000;

/// A command that holds the keys gets too little memory, and a little more each time until it does
/// its work. On the way threads that cannot be started make it panic, and allocations end it.
#[test]
fn a_command_that_panics_says_no_key_and_leaves_no_core() {
    let scene = Scene::new();
    let (mut panicked, mut aborted) = (0, 0);
    for room in (FIRST..LAST).step_by(usize::try_from(STEP).unwrap()) {
        let script = "ulimit -c unlimited 2>/dev/null; ulimit -v $ROOM; \
                      exec \"$TILL\" -vv run -n 2 -- true";
        let run = talkative(scene.home.sh(script)).env("ROOM", room.to_string());
        let run = run.env("OPENAI_API_KEY", MASTER).within(&scene.home.path(""));
        let output = run.run();
        scene.witness.sees_no_key("last words", &output.to_string());
        panicked += u64::from(output.stderr.contains("panicked at"));
        aborted += u64::from(output.stderr.contains("memory allocation of"));
        if output.code == Some(0) {
            break;
        }
    }
    assert!(panicked > 0 && aborted > 0, "{panicked} panicked, {aborted} were aborted");
    let cores = scene.home.files().into_iter().filter(|(_, bytes)| bytes.starts_with(b"\x7fELF"));
    assert_eq!(cores.map(|(path, _)| path).collect::<Vec<_>>(), Vec::<std::path::PathBuf>::new());
    scene.looks_around();
}
