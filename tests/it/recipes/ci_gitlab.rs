//! `recipes/gitlab/`: the jobs' scripts, as GitLab's runner joins them.

use std::fs;

use serde_json::{Value, json};

use super::site::Site;
use super::{agent, yaml};
use crate::support::issuer::Signed;
use crate::support::run::Run;

/// A job with what it extends, and its identity token.
struct Job<'a> {
    site: &'a Site,
    own: Value,
    token: String,
}

impl<'a> Job<'a> {
    fn new(site: &'a Site, file: &Value, name: &str, project: &str) -> Self {
        let own = file[name].clone();
        let base = &file[yaml::string(&own, "/extends")];
        assert_eq!(base["variables"], json!({"TILL_ADMIN_URL": "https://till.example.com:4101"}));
        let audience = yaml::string(base, "/id_tokens/TILL_ADMIN_TOKEN/aud");
        let claims = json!({"aud": audience, "project_path": project, "ref": "main",
            "ref_protected": "true", "jti": name});
        let token = site.issuer.token(Signed::Rs256, &claims);
        Self { site, own, token }
    }

    /// A section of the job; each has a shell of its own.
    fn section(&self, name: &str) -> Run {
        let lines = self.own[name].as_array().expect("lines").iter();
        let lines: Vec<&str> = lines.map(|line| line.as_str().expect("a line")).collect();
        let run = self.site.program("bash").arg("-c");
        let run = run.arg(&format!("set -eo pipefail\n{}", lines.join("\n")));
        run.env("TILL_ADMIN_URL", self.site.admin_url()).env("TILL_ADMIN_TOKEN", &self.token)
    }
}

#[test]
fn the_jobs_run_on_their_identity() {
    let Some(file) = yaml::read("gitlab/till.gitlab-ci.yml") else { return };
    let site = Site::new();
    site.trust("gitlab --project octo/app --ref main --ref-protected true");

    let job = Job::new(&site, &file, "agent", "octo/app");
    let output = job.section("script").run();
    assert_eq!(output.code, Some(0), "{output}");
    assert_eq!(agent::statuses(&site.work()), ["200"]);
    let given = agent::environment(&site.work());
    assert!(!given.contains_key("TILL_ADMIN_TOKEN"), "{given:?}");
    site.chat(&given["OPENAI_API_KEY"]).expect(403, "key_revoked");

    let job = Job::new(&site, &file, "steps", "octo/app");
    let output = job.section("script").run();
    assert_eq!(output.code, Some(0), "{output}");
    assert_eq!(agent::statuses(&site.work()), ["200", "200"]);
    let given = agent::environment(&site.work());
    assert!(!given.contains_key("TILL_ADMIN_TOKEN"), "{given:?}");
    let key = &given["OPENAI_API_KEY"];
    assert!(!format!("{output}").contains(key.as_str()), "{output}");
    site.chat(key).expect(200, "");
    job.section("after_script").ok();
    site.chat(key).expect(403, "key_revoked");

    // The token has minted; it does not do so again.
    let output = job.section("script").run();
    assert!(output.stderr.contains("identity_used"), "{output}");
}

/// Where nothing is minted the agent does not run, and the end of the job is no failure.
#[test]
fn a_job_without_a_key_stops() {
    let Some(file) = yaml::read("gitlab/till.gitlab-ci.yml") else { return };
    let site = Site::new();
    site.trust("gitlab --project octo/app");
    for name in ["agent", "steps"] {
        let job = Job::new(&site, &file, name, "mallory/app");
        let output = job.section("script").run();
        assert_ne!(output.code, Some(0), "{output}");
        assert!(output.stderr.contains("identity_refused"), "{output}");
        if name == "steps" {
            job.section("after_script").ok();
        }
    }
    assert!(fs::metadata(site.work().join("agent.statuses")).is_err());
    assert_eq!(site.live(), 0);
}
