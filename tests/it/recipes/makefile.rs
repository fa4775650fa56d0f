//! `recipes/make/`: its targets, by make.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::site::Site;
use super::{agent, yaml};
use crate::support::run::Run;

/// make in the working folder, with the Makefile as it would be copied there.
fn make(site: &Site, target: &str) -> Run {
    fs::copy(yaml::path("make/Makefile"), site.work().join("Makefile")).unwrap();
    site.program("make").arg(target)
}

fn over_the_network(site: &Site, token: &str, target: &str) -> Run {
    make(site, target).env("TILL_ADMIN_URL", site.admin_url()).env("TILL_ADMIN_TOKEN", token)
}

fn with_the_store(site: &Site, target: &str) -> Run {
    let run = make(site, target).env("TILL_STORE", site.home.store());
    run.env("TILL_KEY_FILE", site.home.path("key-file"))
        .env("XDG_STATE_HOME", site.home.path("state"))
}

#[test]
fn the_targets_work_with_a_store() {
    targets(with_the_store);
}

#[test]
fn the_targets_work_over_the_network() {
    let token = std::cell::OnceCell::new();
    targets(|site, target| over_the_network(site, token.get_or_init(|| site.token()), target));
}

fn targets(make: impl Fn(&Site, &str) -> Run) {
    if !yaml::has("make") {
        return;
    }
    let site = Site::new();
    let output = make(&site, "agent").run();
    assert_eq!(output.code, Some(0), "{output}");
    let given = agent::environment(&site.work());
    assert_eq!(site.live(), 0, "{output}");
    assert!(!format!("{output}").contains(&given["OPENAI_API_KEY"]), "{output}");

    make(&site, "mint").ok();
    let minted = site.file(".till.env");
    let mode = fs::metadata(site.work().join(".till.env")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    make(&site, "mint").ok();
    assert_eq!(site.file(".till.env"), minted, "minted anew");
    // The store's own proxy is where the key is good, and is found where nothing names it.
    let output = make(&site, "steps").run();
    assert_eq!(output.code, Some(0), "{output}");
    let key = agent::environment(&site.work())["OPENAI_API_KEY"].clone();
    assert!(minted.contains(&key) && !format!("{output}").contains(&key), "{output}");
    let shell = make(&site, "shell").env("SHELL", "/bin/sh").stdin("echo $OPENAI_API_KEY\n").ok();
    assert_eq!(shell.trim(), key);
    assert_eq!(agent::statuses(&site.work()), ["200", "200"]);

    make(&site, "revoke").ok();
    site.chat(&key).expect(403, "key_revoked");
    assert!(!site.has_file(".till.env") && !site.has_file(".till.id"));
    make(&site, "revoke").ok();
}

#[test]
fn what_cannot_be_minted_leaves_no_file() {
    if !yaml::has("make") {
        return;
    }
    let site = Site::new();
    let token = site.token();
    let output = over_the_network(&site, &token, "mint").arg("ACTIVATIONS=51").run();
    assert_eq!(output.code, Some(2), "{output}");
    assert!(output.stderr.contains("out_of_bounds"), "{output}");
    assert!(!site.has_file(".till.env"));
    assert!(!format!("{output}").contains(&token), "{output}");
    over_the_network(&site, &token, "revoke").ok();
}

/// `make mint` leaves it to till to find the proxy, beside which admin servers run.
#[test]
fn an_admin_server_is_no_proxy() {
    let site = Site::new();
    let more: Vec<_> = (0..4).map(|_| site.admin()).collect();
    let lines = site.home.till("key mint openai -n 1 --env").ok();
    let address = format!("http://{}/", site.proxy_address());
    assert!(lines.contains(&address), "{lines}");
    drop(more);
}

/// Every recipe is silent, so that nothing of it is echoed.
#[test]
fn no_recipe_is_echoed() {
    let text = yaml::text("make/Makefile");
    let recipes: Vec<_> = text.lines().filter(|line| line.starts_with('\t')).collect();
    assert!(
        recipes.len() >= 6 && recipes.iter().all(|line| line.starts_with("\t@")),
        "{recipes:#?}"
    );
    assert!(!text.contains("\n.ONESHELL"));
}
