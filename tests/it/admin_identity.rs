//! CI jobs mint by their own identity, with no stored secret.

use std::fs::Permissions;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::support::answer::Answer;
use crate::support::home::Home;
use crate::support::http::{Reply, Request, at_once};
use crate::support::issuer::{Issuer, Signed};
use crate::support::proxy::Proxy;
use crate::support::upstream::Upstream;

/// A store that trusts one repository of an issuer.
struct Scene {
    issuer: Issuer,
    /// Answers for as long as the scene stands.
    _upstream: Upstream,
    home: Home,
    admin: Proxy,
    proxy: Proxy,
}

impl Scene {
    fn new(flags: &str) -> Self {
        let upstream = Upstream::answering(Answer::status(200)).may_idle();
        let issuer = Issuer::start();
        let home = Home::with_openai(&upstream);
        let url = issuer.url();
        let trust = format!("admin trust github --issuer {url} --local --repo octo/app {flags}");
        home.till(&format!("{trust} --provider openai --max-activations 50 --max-expires 1h")).ok();
        let proxy = home.proxy();
        let proxy_url = format!("http://{}", proxy.address());
        let serve = format!("admin serve --listen 127.0.0.1:0 --proxy-url {proxy_url}");
        let admin = Proxy::start(home.till(&serve));
        Self { issuer, _upstream: upstream, home, admin, proxy }
    }

    /// A token of a job of the trusted repository, with these claims over its own.
    fn token(&self, over: &Value) -> String {
        let mut claims = json!({"aud": "till", "repository": "octo/app", "ref": "refs/heads/main"});
        for (name, value) in over.as_object().unwrap() {
            claims[name] = value.clone();
        }
        self.issuer.token(Signed::Rs256, &claims)
    }

    fn mint(&self, token: &str) -> Reply {
        mint(token, self.admin.address())
    }
}

fn mint(token: &str, to: SocketAddr) -> Reply {
    let request = Request::new("POST", "/admin/keys").bearer(token);
    request.json(br#"{"provider": "openai"}"#).send(to)
}

/// The status, the code and the message of a refusal.
#[track_caller]
fn refusal(reply: &Reply) -> (u16, String, String) {
    let error = &reply.json()["error"];
    let text = |field: &str| error[field].as_str().expect("a text").to_owned();
    (reply.status, text("code"), text("message"))
}

fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

#[test]
fn a_job_runs_with_its_own_identity() {
    let scene = Scene::new("--ref refs/heads/main");
    let runner = Home::empty();
    let job = scene.issuer.job(json!({"repository": "octo/app", "ref": "refs/heads/main"}));
    let till = |line: &str| {
        let url = format!("http://{}", scene.admin.address());
        let run = runner.till(line).env("TILL_ADMIN_URL", url);
        job.iter().fold(run, |run, (name, value)| run.env(name, value))
    };
    let key = till("key mint openai -n 1").ok();
    Request::chat(key.trim()).send(scene.proxy.address()).expect(200, "");
    let output = till("run -- sh -c").arg("env").run();
    assert_eq!(output.code, Some(0), "{output}");
    assert!(output.stdout.contains("OPENAI_API_KEY=till_sk_"), "{output}");
    // The command cannot ask for another token, and so for another key.
    assert!(!output.stdout.contains("ACTIONS_ID_TOKEN_REQUEST"), "{output}");
    let listed = till("key ls").json();
    let states: Vec<_> = listed.as_array().unwrap().iter().map(|key| &key["status"]).collect();
    assert_eq!(states, ["ended", "ended"], "{listed}");
    let trust = scene.home.till("admin ls").json();
    assert_eq!(trust[0]["kind"], "github", "{trust}");
    assert_eq!(trust[0]["minted"], 2, "{trust}");
}

/// GitLab puts a job's tokens into variables that the job names, as many as it likes.
#[test]
fn no_token_that_mints_reaches_the_command() {
    let scene = Scene::new("");
    let runner = Home::empty();
    let [own, second] = [1, 2].map(|jti| scene.token(&json!({"jti": jti})));
    let other = scene.token(&json!({"aud": "https://vault.example"}));
    let run = runner.till("run -- env").env("TILL_ADMIN_TOKEN", &own);
    let run = run.env("TILL_ADMIN_URL", format!("http://{}", scene.admin.address()));
    let run = run.env("COPY", format!("Bearer {own}")).env("SECOND", &second);
    let output = run.env("VAULT_ID_TOKEN", &other).run();
    assert_eq!(output.code, Some(0), "{output}");
    assert!(!output.stdout.contains(&own) && !output.stdout.contains(&second), "{output}");
    assert!(output.stdout.contains(&other), "{output}");
}

#[test]
fn tokens_of_others_are_refused() {
    let scene = Scene::new("--ref refs/heads/*");
    let now = seconds();
    let cases = [
        (json!({"aud": "another"}), "audience"),
        (json!({"iss": "https://issuer.example"}), "nothing here trusts the issuer"),
        (json!({"repository": "octo/other"}), "`repository` is another"),
        (json!({"repository": "OCTO/app"}), "`repository` is another"),
        (json!({"ref": "refs/tags/v1"}), "`ref` is another"),
        (json!({"exp": now - 120}), "expired"),
        (json!({"nbf": now + 600}), "not valid before"),
        (json!({"exp": now + 90_000}), "longer than a day"),
    ];
    for (claims, says) in cases {
        let (status, code, message) = refusal(&scene.mint(&scene.token(&claims)));
        assert_eq!((status, code.as_str()), (401, "identity_refused"), "{claims}: {message}");
        assert!(message.contains(says), "{claims}: {message}");
    }
    // Clocks apart by less than a minute are taken.
    let late = scene.token(&json!({"exp": now - 20}));
    assert_eq!(scene.mint(&late).status, 201);

    let good = scene.token(&json!({}));
    let (header, rest) = good.split_once('.').unwrap();
    let (claims, signature) = rest.split_once('.').unwrap();
    let encode = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let kid = "rsa-0";
    let forged = [
        format!(
            "{header}.{}.{signature}",
            encode(
                json!({"iss": scene.issuer.url(), "aud": "till", "repository": "octo/app", "exp": now + 60})
            )
        ),
        format!("{}.{claims}.", encode(json!({"alg": "none", "kid": kid}))),
        format!("{}.{claims}.{signature}", encode(json!({"alg": "HS256", "kid": kid}))),
        format!("{}.{claims}.{signature}", encode(json!({"alg": "ES256", "kid": kid}))),
        format!("{}.{claims}.{signature}", encode(json!({"alg": "RS256", "kid": "nobody's"}))),
        format!("{header}.{claims}.{}", &signature[..signature.len() - 4]),
        "a.b.c".to_owned(),
    ];
    for token in forged {
        let (status, code, message) = refusal(&scene.mint(&token));
        assert_eq!((status, code.as_str()), (401, "identity_refused"), "{token}: {message}");
        assert!(!message.contains(claims), "{message}");
    }
    // The one that all of these were made of is good.
    assert_eq!(scene.mint(&good).status, 201);
}

#[test]
fn a_token_mints_once_at_whichever_server() {
    let scene = Scene::new("");
    let second = Proxy::start(scene.home.till("admin serve --listen 127.0.0.1:0"));
    let token = scene.token(&json!({}));
    let servers = [scene.admin.address(), second.address()];
    let shown = token.clone();
    let replies = at_once(20, move |number| mint(&shown, servers[number % 2]).status);
    let minted = replies.iter().filter(|status| **status == 201).count();
    assert_eq!(minted, 1, "{replies:?}");
    let (status, code, _) = refusal(&scene.mint(&token));
    assert_eq!((status, code.as_str()), (401, "identity_used"));
    // It goes on to look at what was minted, and to end it.
    let listed = Request::new("GET", "/admin/keys").bearer(&token).send(second.address());
    let id = listed.json()["keys"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/admin/keys/{id}");
    let ended = Request::new("DELETE", &path).bearer(&token).send(second.address());
    assert_eq!(ended.json()["key"]["status"], "revoked");
}

#[test]
fn an_issuer_that_is_away_is_no_refusal() {
    let scene = Scene::new("");
    scene.issuer.set_away(true);
    let reply = scene.mint(&scene.token(&json!({})));
    let (status, code, _) = refusal(&reply);
    assert_eq!((status, code.as_str()), (503, "issuer_unreachable"));
    assert!(!reply.field("retry-after").is_empty());
}

#[test]
fn a_trust_ends_as_a_token_does() {
    let scene = Scene::new("--name app");
    assert_eq!(scene.mint(&scene.token(&json!({}))).status, 201);
    scene.home.till("admin revoke app --revoke-keys --yes").ok();
    let (status, code, _) = refusal(&scene.mint(&scene.token(&json!({}))));
    assert_eq!((status, code.as_str()), (401, "identity_refused"));
    let listed = scene.home.till("key ls").json();
    assert_eq!(listed[0]["status"], "ended", "{listed}");
}

/// A new root ends admin tokens, whose hashes came from the old one, and keeps trusts.
#[test]
fn a_new_root_keeps_trusts() {
    let Scene { issuer, _upstream, home, admin, proxy } = Scene::new("--name app");
    let token = home.till("admin mint --name ci --provider openai --max-activations 5").ok();
    let file = home.path("passphrase");
    let before = issuer.token(Signed::Rs256, &json!({"aud": "till", "repository": "octo/app"}));
    assert_eq!(mint(&before, admin.address()).status, 201);
    std::fs::write(&file, "correct horse battery\n").unwrap();
    std::fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    let rekey = || home.till("rekey --yes --new-passphrase-file").arg(file.to_str().unwrap());
    rekey().fails(8, &["run on this store"]);
    for server in [admin, proxy] {
        assert!(server.stop().0.success());
    }
    rekey().ok();
    let serve = home.till("admin serve --listen 127.0.0.1:0").without("TILL_KEY_FILE");
    let admin = Proxy::start(serve.env("TILL_PASSPHRASE_FILE", &file));
    let (status, code, _) = refusal(&mint(token.trim(), admin.address()));
    assert_eq!((status, code.as_str()), (401, "token_refused"));
    // What was used before mints no second time, though nothing remembers it.
    let (status, code, _) = refusal(&mint(&before, admin.address()));
    assert_eq!((status, code.as_str()), (401, "identity_used"));
    let claims = json!({"aud": "till", "repository": "octo/app", "iat": seconds() + 1});
    let job = issuer.token(Signed::Es256, &claims);
    assert_eq!(mint(&job, admin.address()).status, 201);
    let left = home.till("admin ls").json();
    assert_eq!(
        (left.as_array().map(Vec::len), &left[0]["live_keys"]),
        (Some(1), &json!(1)),
        "{left}"
    );
}

#[test]
fn bad_input() {
    let upstream = Upstream::answering(Answer::status(200)).may_idle();
    let home = Home::with_openai(&upstream);
    let trust = |flags: &str| home.till(&format!("admin trust {flags} --provider openai"));
    let bound = "--max-activations 5";
    trust(&format!("oidc --issuer https://ci.example.com {bound}"))
        .fails(2, &["no claim", "--claim"]);
    trust(&format!("oidc --issuer http://ci.example.com --claim a=b {bound}"))
        .fails(2, &["no issuer", "--local"]);
    trust(&format!("oidc --issuer nonsense --claim a=b {bound}")).fails(2, &["no issuer"]);
    trust("github --repo octo/app").fails(2, &["nothing bounds its keys", "--max-activations"]);
    trust(&format!("github {bound}")).fails(2, &["--repo"]);
    // It would be another pattern than it looks like.
    trust(&format!("github --repo octo/app --environment prod[eu] {bound}"))
        .fails(2, &["`[`", "?"]);
    trust(&format!("oidc --issuer https://ci.example.com --claim a={{b,c}} {bound}"))
        .fails(2, &["`{`"]);
    home.till("admin trust github --repo octo/app --max-activations 5")
        .fails(2, &["could open nothing", "--provider"]);
    let named = format!("github --repo octo/app --name app {bound}");
    trust(&named).ok();
    trust(&named).fails(8, &["`app` is taken", "--name"]);
}
