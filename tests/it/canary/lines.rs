//! A line for every command, that it does and one that it refuses. A test holds the table against
//! what the binary has.

use std::collections::BTreeSet;

use crate::support::run::Run;

/// A command, and what comes after it. Words in braces are put in by the scene.
pub(super) type Line = (&'static str, &'static str);

/// What is done beside running servers, in this order.
pub(super) const DONE: &[Line] = &[
    ("init", "--store {home}/second/till.redb --key-file {home}/second-key"),
    ("provider add", "acme --url {upstream} --auth bearer --local"),
    ("provider ls", ""),
    ("provider show", "acme"),
    ("provider rm", "acme --yes"),
    ("master add", "openai --name spare --verify --local --base-url {upstream}/v1"),
    (
        "master add",
        "openai --name other --local --base-url {upstream}/v1 --from-env OPENAI_API_KEY",
    ),
    ("master rotate", "spare"),
    ("master limit", "spare --spend 20/d"),
    ("master ls", "--verify"),
    ("master rm", "spare --yes"),
    ("prices set", "openai canary-1 --input 1 --output 2 --max-output 1000"),
    ("prices show", "canary-1"),
    ("prices ls", "openai"),
    ("prices rm", "openai canary-1"),
    ("key mint", "openai -n 5 --name another"),
    ("key mint", "openai -n 5 --env"),
    ("key ls", ""),
    ("key ls", "--json"),
    ("key show", "{id}"),
    ("key show", "{id} --json"),
    ("key edit", "{id} --name canary"),
    ("key extend", "{id} -n 50"),
    ("key pause", "{id}"),
    ("key resume", "{id}"),
    ("key delegate", "-n 1"),
    ("left", ""),
    ("left", "--json"),
    ("key revoke", "{other}"),
    ("key prune", "--older-than 0s --yes"),
    ("run", "-n 2 -- {till} left"),
    ("run", "-n 2 --no-store --summary json -- {till} left"),
    ("alert add", "ops --local --webhook {hook}"),
    ("alert ls", ""),
    ("alert test", "ops"),
    ("alert rm", "ops"),
    ("alert add", "desk --command {open}/on-alert"),
    ("alert test", "desk"),
    ("admin mint", "--name two --provider openai --max-activations 5 --max-expires 1h"),
    ("admin ls", ""),
    ("admin show", "two"),
    (
        "admin trust oidc",
        "--issuer http://127.0.0.1:1 --local --claim sub=me --provider openai \
         --max-activations 5 --max-expires 1h",
    ),
    ("admin trust github", "--repo a/b --provider openai --max-activations 5 --max-expires 1h"),
    ("admin trust gitlab", "--project a/b --provider openai --max-activations 5 --max-expires 1h"),
    ("admin revoke", "two --yes"),
    ("unlock add", "passphrase --new-passphrase-file {first}"),
    ("unlock ls", ""),
    ("passwd", "--new-passphrase-file {next}"),
    ("unlock rm", "3 --yes"),
    ("log", "--all"),
    ("log", "--all --json"),
    ("log verify", ""),
    ("log checkpoint", "{home}/checkpoint"),
    ("log retention", "--events 100000 --yes"),
    ("usage", "--by hour"),
    ("usage", "--verify --json"),
    ("backup", "{home}/till.backup"),
    ("check", ""),
    ("check", "{home}/till.backup"),
    ("doctor", "--path {open}"),
    ("doctor", "--path {open} --json"),
    ("completions", "bash"),
    ("man", ""),
    ("demo", "--once"),
    ("stop", "--all --yes"),
];

/// What is done when no server runs any more.
pub(super) const ALONE: &[Line] = &[
    ("restore", "{home}/till.backup --replace --yes"),
    ("rekey", "--yes --new-passphrase-file {next}"),
];

/// What goes on until it is stopped, and is tried by itself.
pub(super) const LASTING: &[&str] = &["proxy", "admin serve", "watch"];

/// What is refused.
pub(super) const REFUSED: &[Line] = &[
    ("init", ""),
    ("provider add", "acme --url http://a.example --auth bearer"),
    ("provider ls", "acme"),
    ("provider show", "acme2"),
    ("provider rm", "openai --yes"),
    ("master add", "openai"),
    ("master add", "openai --name gone --verify --local --base-url http://127.0.0.1:1/v1"),
    ("master add", "openai --name bad --from-env NOT_THERE"),
    ("master rotate", "nothing"),
    ("master limit", "openai --spend many"),
    ("master ls", "openai"),
    ("master rm", "nothing --yes"),
    ("prices set", "openai canary-1 --input -1"),
    ("prices show", "no-such-model"),
    ("prices ls", "nobody"),
    ("prices rm", "openai no-such-model"),
    ("key mint", "openai -n 0"),
    ("key mint", "nobody -n 5"),
    ("key ls", "here"),
    ("key show", "000000000000"),
    ("key edit", "{id} --rate 60"),
    ("key extend", "{id}"),
    ("key pause", "000000000000"),
    ("key resume", "000000000000"),
    ("key delegate", "-n 1000000"),
    ("key delegate", "-n 1 --url http://127.0.0.1:1"),
    ("left", "--url http://127.0.0.1:1"),
    ("key revoke", "000000000000"),
    ("key prune", "--older-than never"),
    ("run", "-n 2 -- {home}/no-such-command"),
    ("run", "-n 2 -- {till} key show {id} --store {home}/none"),
    ("alert add", "bad --webhook http://a.example"),
    ("alert ls", "ops"),
    ("alert test", "nobody"),
    ("alert rm", "nobody"),
    ("admin mint", "--name ci --provider openai"),
    ("admin ls", "ci"),
    ("admin show", "nobody"),
    ("admin trust oidc", "--issuer nowhere"),
    ("admin trust github", "--repo a"),
    ("admin trust gitlab", "--project a"),
    ("admin revoke", "nobody --yes"),
    ("unlock add", "passphrase --new-passphrase-file {home}/none"),
    ("unlock ls", "1"),
    ("passwd", "--new-passphrase-file {home}/none"),
    ("unlock rm", "99 --yes"),
    ("log", "--kind nothing"),
    ("log verify", "now"),
    ("log checkpoint", "--check {home}/key-file"),
    ("log retention", "--events many"),
    ("usage", "--by colour"),
    ("backup", "{home}/key-file"),
    ("check", "{home}/key-file"),
    ("doctor", "--path {open}/none"),
    ("completions", "tcsh"),
    ("man", "--dir {home}/key-file"),
    ("demo", "--twice"),
    ("stop", ""),
    ("restore", "{home}/key-file --replace --yes"),
    ("rekey", "--yes --new-passphrase-file {home}/none"),
    ("proxy", "--listen 0.0.0.0:0"),
    ("proxy", "--listen {upstream}"),
    ("admin serve", "--listen 0.0.0.0:0"),
    ("watch", ""),
];

/// Every command that the binary has and that can be run, by its own help.
fn commands() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![String::new()];
    while let Some(command) = open.pop() {
        let help = Run::till(&format!("{command} --help")).ok();
        let mut lines = help.lines();
        let usage = lines.find(|line| line.starts_with("Usage: ")).unwrap().trim_end();
        let mut lines = lines.skip_while(|line| *line != "Commands:").skip(1);
        for line in lines.by_ref().take_while(|line| !line.is_empty()) {
            // What is deeper goes on with a description.
            let name = line.strip_prefix("  ").filter(|rest| !rest.starts_with(' '));
            let name = name.and_then(|rest| rest.split_whitespace().next());
            open.extend(
                name.filter(|name| *name != "help")
                    .map(|name| format!("{command} {name}").trim_start().to_owned()),
            );
        }
        if !usage.ends_with(" <COMMAND>") {
            found.insert(command);
        }
    }
    found
}

#[test]
fn every_command_has_its_lines() {
    let all = commands();
    assert!(all.len() > 50 && all.contains("log") && all.contains("admin trust oidc"), "{all:?}");
    let of = |lines: &[&[Line]]| -> BTreeSet<String> {
        lines.concat().iter().map(|(command, _)| (*command).to_owned()).collect()
    };
    let mut done = of(&[DONE, ALONE]);
    done.extend(LASTING.iter().map(|command| (*command).to_owned()));
    assert_eq!(done, all, "a command without a line that it does");
    assert_eq!(of(&[REFUSED]), all, "a command without a line that it refuses");
}
