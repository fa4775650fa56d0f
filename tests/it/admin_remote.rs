//! A CI runner: no store, no passphrase, and `TILL_ADMIN_URL`.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::support::answer::Answer;
use crate::support::home::{Home, Key, MASTER};
use crate::support::http::Request;
use crate::support::model::{INPUT, completion};
use crate::support::proxy::Proxy;
use crate::support::run::Run;
use crate::support::upstream::Upstream;
use crate::support::wait_until;

/// The machine that has the store, with a proxy and the admin API on it, and one that has neither.
struct Scene {
    upstream: Upstream,
    home: Home,
    proxy: Proxy,
    admin: Proxy,
    token: String,
    runner: Home,
}

impl Scene {
    /// A token with these bounds.
    fn new(bounds: &str) -> Self {
        let upstream = Upstream::answering(Answer::status(200)).may_idle();
        Self::with(upstream, bounds)
    }

    fn with(upstream: Upstream, bounds: &str) -> Self {
        let home = Home::with_openai(&upstream);
        let proxy = home.proxy();
        let url = format!("http://{}", proxy.address());
        let line = format!("admin serve --listen 127.0.0.1:0 --proxy-url {url}");
        let admin = Proxy::start(home.till(&line));
        let mint = format!("admin mint --name ci --provider openai {bounds}");
        let token = home.till(&mint).ok().trim().to_owned();
        Self { upstream, home, proxy, admin, token, runner: Home::empty() }
    }

    fn url(&self) -> String {
        format!("http://{}", self.admin.address())
    }

    /// `till` on the runner.
    fn till(&self, line: &str) -> Run {
        let run = self.runner.till(line).env("TILL_ADMIN_URL", self.url());
        run.env("TILL_ADMIN_TOKEN", &self.token)
    }

    fn proxy_url(&self) -> String {
        format!("http://{}", self.proxy.address())
    }
}

#[test]
fn a_runner_mints_shows_and_revokes() {
    let scene = Scene::new("--max-activations 50 --max-expires 1h");
    let key = scene.till("key mint openai -n 2 --name build --label team=search").ok();
    Request::chat(key.trim()).send(scene.proxy.address()).expect(200, "");
    let listed = scene.till("key ls").json();
    let [only] = listed.as_array().unwrap().as_slice() else { panic!("{listed}") };
    let id = only["id"].as_str().unwrap();
    assert_eq!(only["activations"]["used"], 1, "{only}");
    assert_eq!(only["labels"]["team"], "search", "{only}");
    assert!(only["expires_at"].is_string(), "{only}");
    // What a runner sees is what the operator sees.
    let own = scene.home.till(&format!("key show {id}")).json();
    assert_eq!(scene.till(&format!("key show {id}")).json(), own);
    assert!(scene.till("key ls").ok().contains("build"));
    scene.till(&format!("key revoke {}", &id[..6])).ok();
    Request::chat(key.trim()).send(scene.proxy.address()).expect(403, "key_revoked");
    assert!(!scene.runner.store().exists(), "a runner has no store");
}

#[test]
fn what_is_printed_is_as_where_the_store_is() {
    let scene = Scene::new("--max-activations 50 --max-spend 2 --max-expires 1h");
    let flags = "openai -n 7 --tokens 5k --output-tokens 2k --rate 60/m --concurrency 2 --model gpt-4o* \
                 --ip 127.0.0.0/8 --spend 1.25 --expires 30m --on-cancel drain --count-answered";
    let remote = scene.till(&format!("key mint {flags} --allow")).arg("POST /v1/chat/*").json();
    let own = scene.home.till(&format!("key mint {flags} --allow")).arg("POST /v1/chat/*").json();
    let different: Vec<&String> = own
        .as_object()
        .unwrap()
        .iter()
        .filter(|(field, value)| remote[*field] != **value)
        .map(|(field, _)| field)
        .collect();
    let expected = ["created_at", "expires_at", "id", "key"];
    assert!(different.iter().all(|field| expected.contains(&field.as_str())), "{different:?}");
    let both = [&remote, &own].map(|key| key.as_object().unwrap().keys().collect::<Vec<_>>());
    assert_eq!(both[0], both[1]);

    let lines = scene.till("key mint openai --env").ok();
    let base = format!("export OPENAI_BASE_URL='{}/openai/v1'", scene.proxy_url());
    assert!(lines.contains(&base), "{lines}");
    assert_eq!(scene.till("key mint openai --count 3").ok().lines().count(), 3);
    let listed = scene.till("key mint openai --count 1").json();
    assert!(listed[0]["key"].is_string(), "{listed}");
}

#[test]
fn a_run_uses_the_proxy_that_the_api_names_and_ends_its_key() {
    let upstream = Upstream::answering(completion(INPUT, 4));
    let scene = Scene::with(upstream, "--max-activations 50 --max-spend 2 --max-expires 1h");
    let chat = r#"{"model": "gpt-4o-mini", "messages": [], "max_completion_tokens": 10}"#;
    let script = format!(
        "curl -s -f \"$OPENAI_BASE_URL/chat/completions\" -H \"Authorization: Bearer $OPENAI_API_KEY\" \
         -H 'content-type: application/json' -d '{chat}' >/dev/null || exit 9; env; exit 3"
    );
    let run = scene.till("run -n 5 --summary json -- sh -c").arg(&script);
    let output = run.env("TILL_ADMIN_AUDIENCE", "x").run();
    assert_eq!(output.code, Some(3), "{output}");
    assert!(output.stdout.contains(&format!("TILL_URL={}\n", scene.proxy_url())), "{output}");
    // Neither the token nor the real key reaches the command.
    assert!(!output.stdout.contains(&scene.token), "{output}");
    assert!(!output.to_string().contains(MASTER), "{output}");
    let summary = output.stderr.lines().find(|line| line.starts_with('{'));
    let summary: serde_json::Value = serde_json::from_str(summary.expect("a summary")).unwrap();
    assert_eq!(summary["activations"]["used"], 1, "{summary}");
    assert_eq!(summary["exit"], 3, "{summary}");
    assert!(summary["input_tokens"].as_u64().unwrap() > 0, "{summary}");
    let listed = scene.home.till("key ls").json();
    assert_eq!(listed[0]["status"], "ended", "{listed}");
    assert_eq!(listed[0]["name"], "run sh", "{listed}");
    assert_eq!(scene.upstream.count(), 1);
}

/// What ends a key ends it also where the command could not be started.
#[test]
fn a_command_that_does_not_start_leaves_no_key() {
    let scene = Scene::new("--max-activations 50");
    assert_eq!(scene.till("run -- no-such-program-anywhere").run().code, Some(127));
    let admin = Proxy::start(scene.home.till("admin serve --listen 127.0.0.1:0"));
    let url = format!("http://{}", admin.address());
    let nowhere = scene.till("run -- true").env("TILL_ADMIN_URL", url);
    nowhere.fails(125, &["nothing says where the proxy is", "--proxy-url"]);
    let listed = scene.home.till("key ls").json();
    let listed = listed.as_array().unwrap();
    assert_eq!(listed.len(), 2);
    assert!(listed.iter().all(|key| key["status"] == "ended"), "{listed:?}");
}

#[test]
fn the_token_may_lie_in_a_file() {
    let scene = Scene::new("--max-activations 50");
    let file = scene.runner.path("token");
    std::fs::write(&file, format!("{}\n", scene.token)).unwrap();
    let open = scene.till("key mint openai").without("TILL_ADMIN_TOKEN");
    open.env("TILL_ADMIN_TOKEN_FILE", &file).fails(1, &["open to others", "chmod 600"]);
    std::fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    let run = scene.till("key mint openai").without("TILL_ADMIN_TOKEN");
    let text = run.env("TILL_ADMIN_TOKEN_FILE", &file).ok();
    assert!(text.starts_with("till_sk_"), "{text}");
    let run = scene.till("key mint openai").without("TILL_ADMIN_TOKEN");
    run.env("TILL_ADMIN_TOKEN_FILE", "/nowhere").fails(1, &["TILL_ADMIN_TOKEN_FILE"]);
}

/// A store that is named on the command line is meant.
#[test]
fn a_store_that_is_named_comes_first() {
    let scene = Scene::new("--max-activations 50");
    let other = Home::new();
    let store = other.store().to_str().unwrap().to_owned();
    let run = scene.till("key ls").arg("--store").arg(&store);
    assert_eq!(run.json().as_array().map(Vec::len), Some(0));
}

#[test]
fn bad_input() {
    let scene = Scene::new("--max-activations 50 --max-expires 1h");
    let till = |line: &str| scene.till(line);
    till("key mint openai -n 51").fails(8, &["out_of_bounds", "`max_activations` is 50", "51"]);
    till("key mint openai --expires 2h").fails(8, &["`max_expires` is 1h"]);
    till("key mint opnai").fails(2, &["bad_request", "perhaps `openai` is meant"]);
    till("key mint anthropic").fails(8, &["not_granted", "anthropic"]);
    till("key mint openai --unlimited").fails(2, &["--unlimited"]);
    till("key mint openai --tokens 5k --overshoot last-call").fails(2, &["--overshoot"]);
    till("key mint openai --count 1001").fails(2, &["`count`"]);
    till("key show zzzz").fails(3, &["zzzz"]);
    till("key revoke zzzz").fails(3, &["zzzz"]);
    till("run --on-limit kill -- true").fails(125, &["--on-limit", "--no-store"]);
    till("run --print-env").fails(125, &["--print-env", "key mint --env"]);

    let wrong = Key { id: String::new(), text: scene.token.replace("till_admin_", "till_admin_1") };
    till("key mint openai").env("TILL_ADMIN_TOKEN", &wrong.text).fails(6, &["typing error"]);
    let proxy_key = scene.home.mint("openai -n 1").text;
    till("key ls").env("TILL_ADMIN_TOKEN", &proxy_key).fails(6, &["proxy key"]);
    till("key ls").without("TILL_ADMIN_TOKEN").fails(2, &["TILL_ADMIN_TOKEN", "id-token: write"]);
    for url in ["nonsense", "ftp://a.example", "https://user:pw@a.example"] {
        till("key ls").env("TILL_ADMIN_URL", url).fails(2, &["TILL_ADMIN_URL"]);
    }
    let proxy = scene.proxy_url();
    till("key ls").env("TILL_ADMIN_URL", &proxy).fails(1, &["does not answer like an admin API"]);
    let url = "http://127.0.0.1:1";
    till("key ls").env("TILL_ADMIN_URL", url).fails(1, &["no admin API answers at"]);
    scene.home.till("admin revoke ci").ok();
    till("key mint openai").fails(6, &["token_refused", "revoked"]);
    assert_eq!(scene.upstream.count(), 0);
}

/// An admin API is another machine, and may be anybody's: what it says becomes lines that shells read,
/// commands of a CI system's log, and paths of further requests.
#[test]
fn what_a_hostile_api_says_is_not_passed_on() {
    let good = Scene::new("--max-activations 50").till("key mint openai").ok();
    let (good, id) = (good.trim(), "4f9k2m3n4p5q");
    let url = "http://127.0.0.1:4100";
    let cases = [
        (json!(id), json!(format!("{good}\n::stop-commands::x")), json!(url)),
        (json!(id), json!("\u{1b}]0;pwned\u{7}"), json!(url)),
        (json!(id), json!("$(id)"), json!(url)),
        (json!(id), json!(good), json!("http://a.example/'; id; '")),
        (json!(id), json!(good), json!("http://a.example/\nLD_PRELOAD=/tmp/x")),
        (json!(id), json!(good), json!("file:///etc/passwd")),
        (json!("../account"), json!(good), json!(url)),
        (json!("4f9k2m3n4p5q\nall"), json!(good), json!(url)),
    ];
    let runner = Home::empty();
    let (lines, ids) = (runner.path("env"), runner.path("ids"));
    for (id, key, proxy) in cases {
        let answer = json!({"key": {"id": id, "scopedKey": key, "proxyUrl": proxy,
            "providers": ["openai"], "provider": "openai", "status": "active"}});
        let upstream =
            Upstream::answering(Answer::json(201, answer.to_string().as_bytes())).may_idle();
        let till = |line: &str| {
            let run = runner.till(line).env("TILL_ADMIN_URL", upstream.base_url(""));
            run.env("TILL_ADMIN_TOKEN", MASTER).env("GITHUB_ENV", &lines)
        };
        for form in ["sh", "github"] {
            let mint = till(&format!("key mint openai --env={form} --id-file"));
            let output = mint.arg(ids.to_str().unwrap()).run();
            assert_eq!((output.code, output.stdout.as_str()), (Some(1), ""), "{answer}: {output}");
            assert!(!output.stderr.contains('\u{1b}'), "{output}");
        }
        let output = till("run -- env").run();
        assert_eq!((output.code, output.stdout.as_str()), (Some(125), ""), "{answer}: {output}");
        for file in [&lines, &ids] {
            let written = std::fs::read_to_string(file).unwrap_or_default();
            assert!(!written.contains(['/', ':', '$']) && !written.contains("all"), "{written}");
        }
    }
}

/// A list that never ends is not read for ever.
#[test]
fn a_list_without_an_end_is_refused() {
    let id = "4f9k2m3n4p5q";
    for keys in [json!([]), json!([{"id": id, "status": "active"}])] {
        let answer = json!({"keys": keys, "next": id}).to_string();
        let upstream = Upstream::answering(Answer::json(200, answer.as_bytes())).may_idle();
        let run = Home::empty().till("key ls").env("TILL_ADMIN_URL", upstream.base_url(""));
        run.env("TILL_ADMIN_TOKEN", MASTER).fails(1, &["does not answer like an admin API"]);
    }
}

/// Whoever gives up while the key is minted leaves none behind.
#[test]
fn a_signal_while_the_key_is_minted_ends_the_key() {
    let key = Scene::new("--max-activations 50").till("key mint openai").ok();
    let id = "4f9k2m3n4p5q";
    let answer = json!({"key": {"id": id, "scopedKey": key.trim(), "proxyUrl": "http://127.0.0.1:1",
        "providers": ["openai"], "provider": "openai", "status": "active"}});
    for signal in [Signal::INT, Signal::TERM] {
        let answer = answer.to_string();
        let upstream = Upstream::new(move |seen| {
            if seen.method == "POST" {
                thread::sleep(Duration::from_secs(2));
            }
            Answer::json(200, answer.as_bytes())
        });
        let run = Home::empty().till("run -- true").env("TILL_ADMIN_URL", upstream.base_url(""));
        let mut child = run.env("TILL_ADMIN_TOKEN", MASTER).spawn();
        wait_until("it asks", || upstream.connections() == 1);
        thread::sleep(Duration::from_millis(200));
        let process = Pid::from_child(&child);
        kill_process(process, signal).unwrap();
        let status = child.wait().unwrap();
        assert_eq!(status.signal(), Some(signal.as_raw()), "{status}");
        let asked: Vec<_> = upstream.seen().iter().map(|seen| seen.method.clone()).collect();
        assert_eq!(asked, ["POST", "DELETE"], "{signal:?}");
    }
}
