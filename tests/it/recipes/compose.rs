//! `recipes/compose/`: what the containers run, run here without one, as the image's user.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::executable;
use super::yaml::{has, on_path, path, read, text};
use crate::support::answer::Answer;
use crate::support::home::MASTER;
use crate::support::http::Request;
use crate::support::proxy::Proxy;
use crate::support::run::Run;
use crate::support::skip::skip;
use crate::support::upstream::Upstream;

/// The user of the image.
const USER: u32 = 10_001;

/// docker compose itself, where there is one. It asks no daemon for this.
#[test]
fn compose_reads_the_file() {
    let there = Command::new("docker").args(["compose", "version"]).output();
    if !there.is_ok_and(|output| output.status.success()) {
        // Not to be had from Debian's packages, so that CI goes without: no `skip`.
        eprintln!("SKIPPED: recipes: there is no `docker compose`");
        return;
    }
    let file = path("compose/docker-compose.yml");
    let config = Run::program("docker").arg("compose").arg("-f").arg(file.to_str().unwrap());
    config.arg("--profile").arg("agent").arg("config").arg("--quiet").ok();
}

/// The agent has two variables, and a network that leads to the proxy alone.
#[test]
fn the_agent_gets_a_proxy_key_and_nothing_else() {
    let Some(file) = read("compose/docker-compose.yml") else { return };
    let agent = &file["services"]["agent"];
    for name in ["volumes", "secrets", "environment", "ports", "extra_hosts", "network_mode"] {
        assert_eq!(agent[name], Value::Null, "{name}");
    }
    assert_eq!(agent["env_file"], json!(["agent.env"]));
    assert_eq!(agent["networks"], json!(["agents"]));
    assert_eq!(file["networks"]["agents"], json!({"internal": true}));
    let services = file["services"].as_object().unwrap();
    let beside = services.iter().filter(|(_, service)| {
        service["networks"].as_array().is_some_and(|all| all.contains(&json!("agents")))
    });
    let beside: Vec<_> = beside.map(|(name, _)| name.as_str()).collect();
    assert_eq!(beside, ["agent", "proxy"]);
    // The proxy can be reached by its name alone, and by nobody on the machine's own network.
    assert_eq!(services["proxy"]["ports"], Value::Null);
    assert_eq!(services["admin"]["ports"], json!(["127.0.0.1:4101:4101"]));
}

/// The image's user and variables, as the Dockerfile says.
#[test]
fn the_image_is_what_the_services_expect() {
    let text = text("compose/Dockerfile");
    let last = text.rsplit("\nFROM ").next().unwrap();
    for line in [
        format!("USER {USER}:{USER}"),
        "ENTRYPOINT [\"till\"]".to_owned(),
        "ENV TILL_STORE=/var/lib/till/till.redb XDG_STATE_HOME=/var/lib/till/state".to_owned(),
        "COPY --from=build /src/target/release/till /usr/local/bin/till".to_owned(),
    ] {
        assert!(last.lines().any(|own| own == line), "no `{line}`: {last}");
    }
    // The build, up to where it would build.
    let build = text.lines().find_map(|line| line.strip_prefix("RUN cargo build ")).unwrap();
    assert_eq!(build, "--release --locked --bin till");
    // The first stage has the compiler that the code needs.
    let manifest = fs::read_to_string(path("../Cargo.toml")).unwrap();
    let (_, rest) = manifest.split_once("rust-version = \"").unwrap();
    let compiler = rest.split('"').next().unwrap();
    assert!(text.contains(&format!("FROM rust:{compiler}-")), "not Rust {compiler}");
}

/// The services' commands on one store, their health checks, and the agent's request.
#[test]
fn the_services_work_on_one_volume() {
    let Some(file) = read("compose/docker-compose.yml") else { return };
    if !has("setpriv") || !has("bash") {
        return;
    }
    if !rustix::process::geteuid().is_root() {
        return skip("recipes: only root can start a container's command as its user");
    }
    let dir = tempfile::Builder::new().prefix("till-compose-").tempdir().unwrap();
    let box_ = Container::new(dir.path(), &file);
    let upstream = Upstream::answering(Answer::json(200, br#"{"usage":{}}"#));

    box_.till(&["init".to_owned()]).ok();
    let add = format!("master add openai --local --base-url {}", upstream.base_url("/v1"));
    box_.words(&add).stdin(format!("{MASTER}\n")).ok();
    let start = |name: &str| {
        let service = &file["services"][name];
        let given = service["command"].as_array().unwrap().iter();
        let given = given.map(|word| word.as_str().unwrap().to_owned());
        // The port alone is another one: this machine's are shared.
        let words = given.map(|word| match word.strip_prefix("0.0.0.0:") {
            Some(_) => "0.0.0.0:0".to_owned(),
            None => word,
        });
        let server = Proxy::start(box_.till(&words.collect::<Vec<_>>()));
        let port = server.address().port();
        // By the service's name, as other containers call it.
        let named = Request::new("GET", "/healthz").field("Host", &format!("{name}:4100"));
        let at = format!("127.0.0.1:{port}").parse().unwrap();
        named.send(at).expect(200, "");
        healthy(service, port);
        (server, at)
    };
    let (_proxy, proxy_at) = start("proxy");
    let (_admin, admin_at) = start("admin");

    let token = box_.words("admin mint --name ci --provider openai --max-activations 5").ok();
    let ask = Request::new("POST", "/admin/keys").bearer(token.trim());
    let answer = ask.json(br#"{"provider":"openai"}"#).send(admin_at);
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(answer.json()["key"]["proxyUrl"], "http://proxy:4100");

    // agent.env, as docs/ci.md makes it, and what the agent does with it.
    let mint = "key mint openai -n 1 --expires 1h --env=dotenv --proxy-url http://proxy:4100";
    let env = box_.words(mint).ok();
    let env: Vec<_> = env.lines().filter_map(|line| line.split_once('=')).collect();
    let (_, key) = env[0];
    assert!(env.contains(&("OPENAI_BASE_URL", "http://proxy:4100/openai/v1")), "{env:?}");
    let script = file["services"]["agent"]["command"][2].as_str().unwrap().replace("$$", "$");
    if on_path("curl") {
        let base = format!("http://{proxy_at}/openai/v1");
        let agent = Run::program("sh").arg("-c").arg(&script);
        agent.env("OPENAI_API_KEY", key).env("OPENAI_BASE_URL", base).ok();
    } else {
        Request::chat(key).send(proxy_at).expect(200, "");
    }
    assert_eq!(upstream.count(), 1);
}

/// Runs a health check, and sees that it fails where nothing answers.
#[track_caller]
fn healthy(service: &Value, port: u16) {
    let test = service["healthcheck"]["test"].as_array().unwrap();
    let words: Vec<_> = test.iter().map(|word| word.as_str().unwrap()).collect();
    let ["CMD", "bash", "-c", script] = words[..] else { panic!("{words:?}") };
    let own = format!("/dev/tcp/127.0.0.1/{}", if script.contains("4100") { 4100 } else { 4101 });
    assert!(script.contains(&own), "{script}");
    let check = |port: u16| {
        let script = script.replace(&own, &format!("/dev/tcp/127.0.0.1/{port}"));
        Run::program("bash").arg("-c").arg(&script).run()
    };
    let output = check(port);
    assert_eq!(output.code, Some(0), "{output}");
    assert_ne!(check(1).code, Some(0));
}

/// What a container of the image is to till.
struct Container<'a> {
    dir: &'a Path,
    environment: Vec<(String, String)>,
}

impl<'a> Container<'a> {
    fn new(dir: &'a Path, file: &Value) -> Self {
        let at = |path: &str| dir.join(path.trim_start_matches('/'));
        fs::set_permissions(dir, fs::Permissions::from_mode(0o755)).unwrap();
        for folder in ["/usr/local/bin", "/run/secrets", "/var/lib/till"] {
            fs::create_dir_all(at(folder)).unwrap();
        }
        executable::put_till(&at("/usr/local/bin/till"));
        chown(at("/var/lib/till"), Some(USER), Some(USER)).unwrap();
        let secret = at("/run/secrets/till-passphrase");
        fs::write(&secret, "correct horse battery staple\n").unwrap();
        chown(&secret, Some(USER), Some(USER)).unwrap();
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o400)).unwrap();
        let image = text("compose/Dockerfile");
        let image = image.lines().find_map(|line| line.strip_prefix("ENV ")).unwrap().to_owned();
        let mut environment: Vec<_> = image
            .split(' ')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), at(value).to_str().unwrap().to_owned()))
            .collect();
        for service in ["proxy", "admin"] {
            let own = file["services"][service]["environment"].as_object().unwrap();
            assert_eq!(own.len(), 1);
            let secret = own["TILL_PASSPHRASE_FILE"].as_str().unwrap();
            let named = secret.strip_prefix("/run/secrets/").unwrap();
            assert!(file["secrets"][named].is_object(), "no secret `{named}`");
            let path = at(secret).to_str().unwrap().to_owned();
            environment.push(("TILL_PASSPHRASE_FILE".to_owned(), path));
        }
        Self { dir, environment }
    }

    fn till(&self, words: &[String]) -> Run {
        let run = Run::program("setpriv").arg(&format!("--reuid={USER}"));
        let run = run.arg(&format!("--regid={USER}")).arg("--clear-groups");
        let run = run.arg("--no-new-privs").arg("--bounding-set=-all").arg("--inh-caps=-all");
        let run = run.arg(self.dir.join("usr/local/bin/till").to_str().unwrap());
        let run = words.iter().fold(run, |run, word| run.arg(word));
        self.environment.iter().fold(run, |run, (name, value)| run.env(name, value))
    }

    fn words(&self, line: &str) -> Run {
        self.till(&line.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }
}
