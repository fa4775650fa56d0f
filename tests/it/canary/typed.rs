//! What a user sees of the keys at a terminal: nothing, also not while they are typed.

use super::scene::{Scene, talkative};
use crate::support::home::MASTER;
use crate::support::terminal::Terminal;

#[test]
fn what_is_typed_is_not_shown() {
    let scene = Scene::new();
    let add = scene.home.till("-vv master add openai --name typed");
    let Some(terminal) = Terminal::of(&talkative(add)) else { return };
    let shown = terminal.expect("API key for").types(MASTER).types("\r").play();
    assert_eq!(shown.code, 0, "{}", shown.text);
    scene.witness.sees_no_key("a terminal", &shown.text);
    // Nothing unlocks it but what is typed.
    let passphrase = super::scene::FIRST;
    let home = scene.home.till("init --no-input").without("TILL_KEY_FILE");
    let store = scene.home.path("typed.redb");
    home.env("TILL_PASSPHRASE", passphrase).env("TILL_STORE", &store).ok();
    let mint = scene.home.till("-vv unlock add key-file --file").arg("/dev/null/none");
    let mint = mint.without("TILL_KEY_FILE").env("TILL_STORE", &store);
    let Some(terminal) = Terminal::of(&talkative(mint)) else { return };
    let shown = terminal.expect("passphrase").types(passphrase).types("\r").play();
    assert_ne!(shown.code, 0, "{}", shown.text);
    scene.witness.sees_no_key("a terminal", &shown.text);
    scene.looks_around();
}

#[test]
fn a_screen_shows_no_key() {
    let scene = Scene::new();
    let watch = talkative(scene.home.till("-vv watch --interval 100ms")).env("TERM", "xterm");
    let Some(terminal) = Terminal::of(&watch.env("TILL_KEY", &scene.key.text)) else { return };
    let shown = terminal.resize(40, 200).expect("canary").types("\r").types("q").types("q").play();
    scene.witness.sees_no_key("a screen", &shown.text);
}
