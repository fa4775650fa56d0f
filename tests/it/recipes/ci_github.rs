//! `recipes/github/`: the actions, and the workflow that uses them.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};

use super::script::{Inputs, Job, fill};
use super::site::Site;
use super::{agent, executable, yaml};
use crate::support::run::{Run, TILL};

fn actions() -> Option<(Value, Value)> {
    Some((yaml::read("github/action.yml")?, yaml::read("github/revoke/action.yml")?))
}

fn inputs<const N: usize>(given: [(&str, &str); N]) -> Inputs {
    given.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

#[test]
fn the_actions_mint_and_revoke_with_a_token() {
    let Some((mint, revoke)) = actions() else { return };
    let site = Site::new();
    let (url, token) = (site.admin_url(), site.token());
    let mut job = Job::new(&site);
    let given = inputs([
        ("admin-url", &url),
        ("token", &token),
        ("provider", "openai"),
        ("activations", "1"),
        ("spend", "1.50"),
        ("expires", "10m"),
    ]);
    let outputs = job.uses(&mint, &given).unwrap();

    let key = job.environment["OPENAI_API_KEY"].clone();
    let base = format!("http://{}/openai/v1", site.proxy_address());
    assert_eq!(job.environment["OPENAI_BASE_URL"], base);
    job.assert_masked(&key);
    assert!(!job.log.contains(&token), "{}", job.log);
    let shown = site.home.till(&format!("key show {}", outputs["key-id"])).json();
    assert_eq!(shown["name"], "octo/app/4711", "{shown}");
    assert_eq!(shown["activations"]["limit"], 1, "{shown}");

    job.run("./agent.sh; ./agent.sh", &BTreeMap::new()).unwrap();
    assert_eq!(agent::statuses(&site.work()), ["200", "402"]);

    // One that has work left ends with its job.
    let given = inputs([("admin-url", &url), ("token", &token), ("provider", "openai")]);
    let outputs = job.uses(&mint, &given).unwrap();
    let key = job.environment["OPENAI_API_KEY"].clone();
    site.chat(&key).expect(200, "");
    let id = &outputs["key-id"];
    let given = inputs([("admin-url", &url), ("token", &token), ("key-id", id)]);
    job.uses(&revoke, &given).unwrap();
    site.chat(&key).expect(403, "key_revoked");
    // A job whose key was never minted ends well too.
    job.uses(&revoke, &inputs([("admin-url", &url), ("token", &token), ("key-id", "")])).unwrap();
}

/// The example workflow, step by step, with the job's own identity.
#[test]
fn the_workflow_runs_on_the_jobs_identity() {
    let Some((mint, revoke)) = actions() else { return };
    let workflow = yaml::read("github/workflow.yml").unwrap();
    let site = Site::new();
    site.trust("github --repo octo/app --ref refs/heads/main");
    for (name, keys) in [("agent", 1), ("one-command", 2)] {
        let job = &workflow["jobs"][name];
        assert_eq!(job["permissions"], json!({"contents": "read", "id-token": "write"}), "{name}");
        let claims = json!({"repository": "octo/app", "ref": "refs/heads/main", "jti": name});
        let mut running = Job::with_identity(&site, claims);
        let mut values: BTreeMap<String, String> = BTreeMap::new();
        values.insert("env.ADMIN_URL".to_owned(), site.admin_url());
        for step in job["steps"].as_array().unwrap() {
            let texts = |at: &str| -> Inputs {
                let of = step[at].as_object().into_iter().flatten();
                let text = |value: &Value| match value {
                    Value::String(text) => fill(text, &values),
                    other => other.to_string(),
                };
                of.map(|(name, value)| (name.clone(), text(value))).collect()
            };
            if let Some(script) = step["run"].as_str() {
                let mut variables = texts("env");
                for value in variables.values_mut().filter(|v| v.contains("till.example.com")) {
                    *value = site.admin_url();
                }
                running.run(script, &variables).unwrap();
                continue;
            }
            let outputs = match yaml::string(step, "/uses") {
                "OWNER/till/recipes/github@COMMIT" => running.uses(&mint, &texts("with")),
                "OWNER/till/recipes/github/revoke@COMMIT" => {
                    assert_eq!(step["if"], "always()");
                    running.uses(&revoke, &texts("with"))
                }
                other => {
                    assert!(other.starts_with("actions/checkout@"), "{other}");
                    continue;
                }
            };
            let id = step["id"].as_str().unwrap_or_default();
            let outputs = outputs.unwrap();
            values.extend(outputs.into_iter().map(|(n, v)| (format!("steps.{id}.outputs.{n}"), v)));
        }
        assert_eq!(agent::statuses(&site.work()), vec!["200"; keys], "{name}: {}", running.log);
        let given = agent::environment(&site.work());
        let leading = given.keys().filter(|name| name.starts_with("ACTIONS_ID_TOKEN"));
        assert_eq!(leading.count(), 0, "{name}: {given:?}");
        // Nothing that was minted outlives its job.
        site.chat(&given["OPENAI_API_KEY"]).expect(403, "key_revoked");
        assert_eq!(site.live(), 0, "{name}");
    }
    assert_eq!(site.upstream.count(), 2);
}

#[test]
fn the_scripts_are_clean() {
    let Some((mint, revoke)) = actions() else { return };
    if !yaml::has("shellcheck") {
        return;
    }
    let steps = |action: &Value| action["runs"]["steps"].as_array().unwrap().clone();
    for step in steps(&mint).into_iter().chain(steps(&revoke)) {
        let script = format!("set -eo pipefail\n{}", yaml::string(&step, "/run"));
        Run::program("shellcheck").arg("--shell=bash").arg("-").stdin(script).ok();
    }
}

/// A job of another repository gets nothing.
#[test]
fn another_repositorys_job_is_refused() {
    let Some((mint, _)) = actions() else { return };
    let site = Site::new();
    site.trust("github --repo octo/app");
    let mut job = Job::with_identity(&site, json!({"repository": "mallory/app"}));
    let given = inputs([("admin-url", &site.admin_url()), ("provider", "openai")]);
    let output = job.uses(&mint, &given).unwrap_err();
    assert!(output.stderr.contains("identity_refused"), "{output}");
    assert!(!job.environment.contains_key("OPENAI_API_KEY"));
}

/// Inputs are values, whatever stands in them.
#[test]
fn no_input_becomes_a_command() {
    let Some((mint, _)) = actions() else { return };
    let site = Site::new();
    let (url, token) = (site.admin_url(), site.token());
    let evil = "x$(touch pwned)`touch pwned`\"; touch pwned; '\ntouch pwned\n--unlimited * -";
    let names = mint["inputs"].as_object().unwrap().keys();
    for name in names.filter(|name| !matches!(name.as_str(), "version" | "sha256")) {
        let mut given = inputs([("admin-url", &url), ("token", &token), ("provider", "openai")]);
        given.insert(name.clone(), evil.to_owned());
        let mut job = Job::new(&site);
        let outcome = job.uses(&mint, &given);
        // An audience is for identities alone.
        assert_eq!(outcome.is_ok(), name == "audience", "{name}: {}", job.log);
        assert!(!site.has_file("pwned"), "{name}: {}", job.log);
    }
    assert_eq!(site.live(), 1);
}

/// A release is fetched, verified and put into the path.
#[test]
fn a_version_is_fetched_and_verified() {
    let Some((mint, _)) = actions() else { return };
    let site = Site::new();
    let (url, token) = (site.admin_url(), site.token());
    let archive = release(&site);
    let given = |checksum: &str| {
        inputs([
            ("admin-url", &url),
            ("token", &token),
            ("provider", "openai"),
            ("version", "9.9.9"),
            ("sha256", checksum),
        ])
    };
    let mut job = Job::new(&site);
    let outcome = job.uses(&mint, &given(&"0".repeat(64)));
    assert!(outcome.unwrap_err().stderr.contains("nothing was installed"), "{}", job.log);
    assert_eq!(site.live(), 0);

    job.uses(&mint, &given("")).unwrap();
    assert!(job.log.contains("installed till"), "{}", job.log);
    let asked = site.file("curl.asked");
    let base = "https://github.com/octo/till/releases/download/v9.9.9";
    assert!(asked.ends_with(&format!("{base}/{archive}\n{base}/{archive}.sha256")), "{asked}");
    job.run("command -v till", &BTreeMap::new()).unwrap();
    assert!(job.log.trim_end().ends_with("temp/till/bin/till"), "{}", job.log);
    site.chat(&job.environment["OPENAI_API_KEY"]).expect(200, "");
}

/// Makes a release, and a `curl` that fetches it. Returns its name.
fn release(site: &Site) -> String {
    let release = site.folder("release");
    let machine = Run::program("uname").arg("-m").ok();
    let name = format!("till-9.9.9-{}-unknown-linux-gnu", machine.trim());
    let root = env!("CARGO_MANIFEST_DIR");
    // The binary would be long to pack.
    let script = format!(
        "mkdir -p {name} && cd {name} && cp -r '{root}/completions' '{root}/man' . &&
         printf '#!/bin/sh\\nexec \"{TILL}\" \"$@\"\\n' >till && chmod 755 till && cd .. &&
         tar -czf {name}.tar.gz {name} && sha256sum {name}.tar.gz >{name}.tar.gz.sha256"
    );
    fs::create_dir(&release).unwrap();
    Run::sh(&script).within(&release).ok();
    let curl = format!(
        "#!/bin/sh\nwhile [ $# -gt 1 ]; do [ \"$1\" != --output ] || out=$2; shift; done\n\
         echo \"$1\" >>'{}/curl.asked'\ncp '{}'/\"${{1##*/}}\" \"$out\"\n",
        site.work().display(),
        release.display()
    );
    executable::put(&site.folder("bin").join("curl"), &curl);
    format!("{name}.tar.gz")
}
