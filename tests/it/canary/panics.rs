//! What is left of a process that dies in the middle: its last words, and no core.

use std::fs;
use std::path::PathBuf;

use super::scene::{Scene, talkative};
use crate::support::home::MASTER;
use crate::support::run::Output;

/// KiB of address space: too little to begin, and so much more each time.
const FIRST: u64 = 20_000;
const STEP: u64 = 1_000;
const LAST: u64 = 400_000;
/// So much more each time where till begins: less than it has from the system at first.
const FINE: u64 = 20;

/// A command that holds the keys gets too little memory, and a little more each time until it does
/// its work. On the way threads that cannot be started make it panic, and allocations end it.
#[test]
fn a_command_that_panics_says_no_key_and_leaves_no_core() {
    let scene = Scene::new();
    let steps = |from, to, step: u64| (from..to).step_by(usize::try_from(step).unwrap());
    let begun = steps(FIRST, LAST, STEP)
        .find(|room| is_in_till(&in_room(&scene, *room)))
        .expect("it never asks for memory");
    forget_cores(&scene);
    let (mut panicked, mut aborted) = (0, 0);
    for room in steps(begun - STEP, begun, FINE).chain(steps(begun, LAST, STEP)) {
        let output = in_room(&scene, room);
        scene.witness.sees_no_key("last words", &output.to_string());
        let panics = output.stderr.contains("panicked at") && !is_before_main(&output);
        let aborts = is_in_till(&output);
        if panics || aborts {
            assert_eq!(cores(&scene), Vec::<PathBuf>::new(), "with {room} KiB: {output}");
        }
        // Of the loader, or of the runtime: nothing of till has run.
        forget_cores(&scene);
        panicked += u64::from(panics);
        aborted += u64::from(aborts);
        if output.code == Some(0) {
            break;
        }
    }
    assert!(panicked > 0 && aborted > 0, "{panicked} panicked, {aborted} were aborted");
    scene.looks_around();
}

/// A run with so much address space, in KiB, that may leave a core as large as it likes.
fn in_room(scene: &Scene, room: u64) -> Output {
    let script = "ulimit -c unlimited 2>/dev/null; ulimit -v $ROOM; \
                  exec \"$TILL\" -vv run -n 2 -- true";
    let run = talkative(scene.home.sh(script)).env("ROOM", room.to_string());
    run.env("OPENAI_API_KEY", MASTER).within(&scene.home.path("")).run()
}

/// Whether it came as far as `main`, which is the first to ask for memory.
fn is_in_till(output: &Output) -> bool {
    output.stderr.contains("memory allocation of")
}

/// Whether the runtime gave up, which needs a stack of its own for signals first.
fn is_before_main(output: &Output) -> bool {
    output.stderr.contains("alternative stack")
}

fn cores(scene: &Scene) -> Vec<PathBuf> {
    let files = scene.home.files().into_iter();
    files.filter(|(_, bytes)| bytes.starts_with(b"\x7fELF")).map(|(path, _)| path).collect()
}

fn forget_cores(scene: &Scene) {
    for core in cores(scene) {
        fs::remove_file(core).unwrap();
    }
}
