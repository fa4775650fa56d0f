//! `till demo --once`: the main job, with no account and no set-up.

use crate::support::home::Home;

#[test]
fn it_shows_the_main_job_and_leaves_nothing_behind() {
    let home = Home::empty();
    let output = home.till("demo --once").without("TILL_STORE").run();
    assert_eq!(output.code, Some(0), "{output}");
    let said = format!("{}{}", output.stdout, output.stderr);
    for text in ["200", "402", "activation_limit", "stream", "destroyed"] {
        assert!(said.contains(text), "nothing of {text:?}: {output}");
    }
    let left: Vec<_> = std::fs::read_dir(home.path("")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

/// What the environment holds of the user's is neither used nor shown.
#[test]
fn it_keeps_away_from_the_users_own_store_and_keys() {
    let home = Home::new();
    let canary = "sk-users-own-0123456789";
    let output = home.till("demo --once").env("OPENAI_API_KEY", canary).run();
    assert_eq!(output.code, Some(0), "{output}");
    assert!(!format!("{output}").contains(canary));
    assert_eq!(home.key_count(), 0);
}
