//! `till run` at a terminal: Ctrl-C, Ctrl-Z and `fg`, the window's size and end, a shell inside.

use crate::support::home::{Home, MASTER};
use crate::support::run::{Run, TILL};
use crate::support::terminal::Terminal;

/// A run at a terminal, of a home without a store.
fn till(line: &str) -> Run {
    let run = Home::empty().till(line).env("OPENAI_API_KEY", MASTER);
    run.env("TERM", "dumb").env("PS1", "$ ")
}

/// An interactive shell with job control, as users have it.
fn shell() -> Run {
    Run::program("bash")
        .arg("--norc")
        .arg("--noprofile")
        .arg("-i")
        .env("TILL", TILL)
        .env("HOME", "/proc/none")
        .env("OPENAI_API_KEY", MASTER)
        .env("TERM", "dumb")
        .env("PS1", "ready> ")
}

#[test]
fn ctrl_c_ends_the_command_and_till_reports() {
    let run = till("run -n 7 -- sh -c").arg("echo begun; exec sleep 60");
    let Some(terminal) = Terminal::of(&run) else { return };
    let shown = terminal.expect("begun").types("\u{3}").expect("used 0 of 7 activations").play();
    assert_eq!(shown.code, 130, "{}", shown.text);
}

/// A command that handles it goes on, and so does till.
#[test]
fn ctrl_c_is_the_commands_own() {
    let script = "trap 'echo not yet' INT; echo begun; read x; read x; exit 4";
    let run = till("run -n 7 -- bash -c").arg(script);
    let Some(terminal) = Terminal::of(&run) else { return };
    let shown = terminal
        .expect("begun")
        .types("\u{3}")
        .expect("not yet")
        .types("\r\r")
        .expect("used 0 of 7")
        .play();
    assert_eq!(shown.code, 4, "{}", shown.text);
    assert_eq!(shown.text.matches("not yet").count(), 1, "{}", shown.text);
}

#[test]
fn ctrl_z_and_fg_work_as_without_till() {
    let Some(terminal) = Terminal::of(&shell()) else { return };
    let shown = terminal
        .expect("ready> ")
        .types("\"$TILL\" run -n 7 -- sh -c 'echo begun; exec cat'\r")
        .expect("begun\r\n")
        .types("one\r")
        .expect("one\r\none\r\n")
        .types("\u{1a}")
        .expect("Stopped")
        .expect("ready> ")
        .types("jobs\r")
        .expect("Stopped")
        .expect("ready> ")
        .types("fg\r")
        .expect("exec cat'\r\n")
        .types("two\r")
        .expect("two\r\ntwo\r\n")
        .types("\u{4}")
        .expect("used 0 of 7 activations")
        .expect("ready> ")
        .types("exit 3\r")
        .play();
    assert_eq!(shown.code, 3, "{}", shown.text);
}

/// In the background it goes on without the terminal, and stops where it would read from it.
#[test]
fn a_job_in_the_background_stops_where_it_would_read() {
    let Some(terminal) = Terminal::of(&shell()) else { return };
    let shown = terminal
        .expect("ready> ")
        .types("\"$TILL\" run -q -n 7 -- sh -c 'read x; echo got $x' &\r")
        .expect("ready> ")
        .types("until jobs | grep -q Stopped; do :; done; echo it has\"\" stopped\r")
        .expect("it has stopped")
        .expect("ready> ")
        .types("fg\r")
        .expect("got $x'\r\n")
        .types("hello\r")
        .expect("got hello")
        .expect("ready> ")
        .types("exit\r")
        .play();
    assert_eq!(shown.code, 0, "{}", shown.text);
}

#[test]
fn an_interactive_shell_can_be_the_command() {
    let run = till("run -n 7 -- bash --norc --noprofile -i");
    let Some(terminal) = Terminal::of(&run.env("PS1", "inside> ")) else { return };
    let shown = terminal
        .expect("inside> ")
        .types("echo $OPENAI_BASE_URL $OPENAI_API_KEY\r")
        .expect("/openai/v1 till_sk_")
        .expect("inside> ")
        .types("sh -c 'echo begun; exec cat'\r")
        .expect("begun\r\n")
        .types("\u{1a}")
        .expect("Stopped")
        .expect("inside> ")
        .types("sh -c 'echo begun; exec sleep 60'\r")
        .expect("begun\r\n")
        .types("\u{3}")
        .expect("inside> ")
        .types("fg\r")
        .expect("cat'\r\n")
        .types("one\r")
        .expect("one\r\none\r\n")
        .types("\u{4}")
        .expect("inside> ")
        .types("exit 6\r")
        .expect("used 0 of 7")
        .play();
    assert_eq!(shown.code, 6, "{}", shown.text);
    assert!(!shown.text.contains("job control"), "{}", shown.text);
    assert!(!shown.text.contains(MASTER), "{}", shown.text);
}

#[test]
fn the_windows_size_reaches_the_command() {
    let script = "trap 'stty size' WINCH; stty size; while :; do sleep 0.02; done";
    let run = till("run -n 7 -- sh -c").arg(script);
    let Some(terminal) = Terminal::of(&run) else { return };
    let shown = terminal
        .expect("0 0\r\n")
        .resize(33, 77)
        .expect("33 77\r\n")
        .types("\u{3}")
        .expect("used 0 of 7")
        .play();
    assert_eq!(shown.code, 130, "{}", shown.text);
}

/// SIGHUP ends the command, and till with it.
#[test]
fn a_closed_window_ends_both() {
    let home = Home::empty();
    let left = home.path("left");
    let script =
        "trap 'echo hung up >\"$LEFT\"; exit 5' HUP; echo begun; while :; do sleep 0.02; done";
    let run = till("run -n 7 -- bash -c").arg(script).env("LEFT", &left);
    let Some(terminal) = Terminal::of(&run) else { return };
    let shown = terminal.expect("begun").close().play();
    assert_eq!(shown.code, 5, "{}", shown.text);
    assert_eq!(std::fs::read_to_string(&left).unwrap(), "hung up\n");
}
