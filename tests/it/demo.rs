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

#[test]
fn it_can_be_quiet_or_answer_in_json() {
    let home = Home::empty();
    let output = home.till("demo --quiet").run();
    assert_eq!(output.code, Some(0), "{output}");
    assert!(output.stdout.is_empty() && output.stderr.is_empty(), "{output}");
    let told = home.till("demo").json();
    let requests = told["requests"].as_array().unwrap();
    let statuses: Vec<_> = requests.iter().map(|request| request["status"].as_u64()).collect();
    assert_eq!(statuses, [Some(200), Some(200), Some(200), Some(402)]);
    assert_eq!(requests[3]["denial"], "activation_limit");
    assert_eq!((&told["upstream_requests"], &told["key_destroyed"]), (&3.into(), &true.into()));
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
