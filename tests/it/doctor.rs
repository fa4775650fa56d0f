//! `till doctor` through the binary: each check fires where it should and is silent where not, and
//! no key is ever shown.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use rustix::fs::{Mode, mkfifoat};
use serde_json::Value;

use crate::support::answer::Answer;
use crate::support::home::{Home, MASTER};
use crate::support::proxy::Proxy;
use crate::support::run::{Output, Run};
use crate::support::skip::skip;
use crate::support::terminal::Terminal;
use crate::support::upstream::Upstream;

/// Made up, in two parts, so that no scanner stops here.
const KEY: &str = concat!("sk-pr", "oj-Zk3vQ9tB1nLxW7pR4sYdM2hJ8cFgUe6aTqXb5wKiNzPy0DoV");
const OTHER: &str = concat!("gs", "k_R4sYdM2hJ8cFgUe6aTqXb5wKiNzPy0DoVZk3vQ9tB1nLxW7p99aB");

/// What depends on the machine that the tests run on.
const OF_MACHINE: [&str; 3] = ["swap-unencrypted", "core-dumps", "ptrace-open"];

/// A home with a folder to be in.
struct Scene {
    home: Home,
}

impl Scene {
    fn of(home: Home) -> Self {
        fs::create_dir_all(home.path("project")).unwrap();
        Self { home }
    }

    fn empty() -> Self {
        Self::of(Home::empty())
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> &Self {
        let path = self.home.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn doctor(&self, flags: &str) -> Run {
        let line = format!("doctor {flags}");
        self.home.till(&line).without("TILL_KEY_FILE").within(&self.home.path("project"))
    }

    /// The findings but the machine's: check, place, last four.
    #[track_caller]
    fn found(&self, flags: &str) -> Vec<[String; 3]> {
        found(self.doctor(flags))
    }

    #[track_caller]
    fn silent(&self) {
        assert_eq!(self.found(""), Vec::<[String; 3]>::new());
    }
}

#[track_caller]
fn found(run: Run) -> Vec<[String; 3]> {
    let output = run.arg("--json").run();
    assert!(matches!(output.code, Some(0 | 1 | 8)), "{output}");
    assert_no_key(&output);
    let told: Value = serde_json::from_str(&output.stdout).expect("JSON");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = told["findings"].as_array().expect("findings").iter();
    let all = all.map(|one| [text(&one["check"]), text(&one["where"]), text(&one["last4"])]);
    all.filter(|[check, ..]| !OF_MACHINE.contains(&check.as_str())).collect()
}

/// No five characters in a row of any key.
#[track_caller]
fn assert_no_key(output: &Output) {
    for secret in [&KEY[8..], &OTHER[4..], &MASTER[17..]] {
        for at in 0..secret.len() - 4 {
            let part = &secret[at..at + 5];
            assert!(!output.stdout.contains(part) && !output.stderr.contains(part), "{output}");
        }
    }
}

fn one(check: &str, place: &str, last4: &str) -> Vec<[String; 3]> {
    vec![[check, place, last4].map(str::to_owned)]
}

#[test]
fn a_clean_home_is_silent() {
    let scene = Scene::empty();
    scene.write(".bashrc", "export EDITOR=vi\n").write("project/.env", "DEBUG=1\n");
    scene.write("project/.env.example", "OPENAI_API_KEY=sk-your-api-key-here\n");
    scene.silent();
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/doctor");
    assert_eq!(scene.found(&format!("--path {}", corpus.display())), Vec::<[String; 3]>::new());
}

#[test]
fn the_environment() {
    let scene = Scene::empty();
    let with = |name: &str, value: &str| found(scene.doctor("").env(name, value));
    let check = "key-in-environment";
    assert_eq!(with("OPENAI_API_KEY", KEY), one(check, "OPENAI_API_KEY, openai", "0DoV"));
    assert_eq!(with("HEADER", &format!("Bearer {KEY}")), one(check, "HEADER, openai", "0DoV"));
    assert_eq!(
        with("TILL_PASSPHRASE", KEY),
        one("passphrase-in-environment", "TILL_PASSPHRASE", "")
    );
    let command = with("TILL_PASSPHRASE_COMMAND", "pass show till");
    assert_eq!(command, one("passphrase-command", "pass", ""));
    assert!(with("OPENAI_API_KEY", "sk-your-api-key-here").is_empty());
}

#[test]
fn files_and_histories() {
    let places = [
        (".bashrc", "~/.bashrc", "key-in-file"),
        (".config/fish/config.fish", "~/.config/fish/config.fish", "key-in-file"),
        (".codex/auth.json", "~/.codex/auth.json", "key-in-file"),
        (".config/openai/settings/a.json", "~/.config/openai/settings/a.json", "key-in-file"),
        (".env", "~/.env", "key-in-file"),
        ("project/.env.local", ".env.local", "key-in-file"),
        (".bash_history", "~/.bash_history", "key-in-history"),
        (".zsh_history", "~/.zsh_history", "key-in-history"),
        (".local/share/fish/fish_history", "~/.local/share/fish/fish_history", "key-in-history"),
        (".python_history", "~/.python_history", "key-in-history"),
    ];
    for (file, shown, check) in places {
        let scene = Scene::empty();
        scene.write(file, format!("first\nexport A={KEY}\n"));
        assert_eq!(scene.found(""), one(check, &format!("{shown}:2, openai"), "0DoV"), "{file}");
    }
}

#[test]
fn a_login_is_not_to_be_sealed() {
    let scene = Scene::empty();
    let rest = "Zk3vQ9tB1nLxW7pR4sYdM2hJ8cFgUe6aTqXb5wKiNzPy0DoV";
    scene.write(".claude/.credentials.json", format!(r#"{{"t":"sk-ant-oat01-{rest}"}}"#));
    assert_eq!(scene.found(""), one("key-in-file", "~/.claude/.credentials.json:1", "0DoV"));
    let output = scene.doctor("").run();
    assert!(output.stdout.contains("log out") && !output.stdout.contains("master add"), "{output}");
}

#[test]
fn a_key_is_said_once_for_each_file() {
    let scene = Scene::empty();
    scene.write(".zsh_history", format!("\n: 1:0;A={KEY} x\n: 2:0;A={KEY} y\n: 3:0;B={OTHER}\n"));
    let found = scene.found("");
    assert_eq!(found[0][1], "~/.zsh_history:2 and 1 more times, openai");
    assert_eq!(found[1][1], "~/.zsh_history:4, groq");
    assert_eq!(found.len(), 2);
}

#[test]
fn tills_own_keys_are_no_real_ones() {
    let upstream = Upstream::answering(Answer::status(200)).may_idle();
    let scene = Scene::of(Home::with_openai(&upstream));
    let key = scene.home.mint("openai -n 5 --expires 1h");
    let mint = "admin mint --name ci --provider openai --max-activations 5 --max-expires 1h \
                --total-keys 5/d --expires 1h";
    let token = scene.home.till(mint).ok().trim().to_owned();
    assert!(token.starts_with("till_admin_"), "{token}");
    scene.silent();
    scene.write(".bash_history", format!("OPENAI_API_KEY={} x\nT={token}\n", key.text));
    let checks: Vec<_> =
        scene.found("").into_iter().map(|[check, place, _]| (check, place)).collect();
    let expected =
        [("admin-token-in-file", "~/.bash_history:2"), ("proxy-key-in-file", "~/.bash_history:1")];
    assert_eq!(checks, expected.map(|(check, place)| (check.to_owned(), place.to_owned())));
    scene.write(".bash_history", "");
    assert!(found(scene.doctor("").env("OPENAI_API_KEY", &key.text)).is_empty());
    let told = found(scene.doctor("").env("TILL_ADMIN_TOKEN", &token));
    assert_eq!(told[0][0], "admin-token-in-environment");
}

#[test]
fn paths_are_searched_within_bounds() {
    let scene = Scene::empty();
    scene.write("tree/a/b.txt", format!("x\n\n{KEY}\n"));
    scene.write("tree/node_modules/c.txt", KEY).write("tree/.git/d", KEY);
    scene.write("tree/binary", [b"\0\x01", KEY.as_bytes()].concat());
    scene.write("outside/e.txt", OTHER);
    symlink(scene.home.path("outside/e.txt"), scene.home.path("tree/link")).unwrap();
    symlink("..", scene.home.path("tree/loop")).unwrap();
    mkfifoat(rustix::fs::CWD, scene.home.path("tree/pipe"), Mode::RWXU).unwrap();
    scene.silent();
    let tree = scene.home.path("tree");
    let told = scene.found(&format!("--path {}", tree.display()));
    assert_eq!(told, one("key-in-file", "~/tree/a/b.txt:3, openai", "0DoV"));
    scene.doctor("--path nowhere").fails(3, &["`nowhere` cannot be searched", "--path"]);
    let pipe = scene.found(&format!("--path {}", tree.join("pipe").display()));
    assert_eq!(pipe, one("file-unreadable", "~/tree/pipe (no file)", ""));
}

#[test]
fn what_is_left_out_is_said() {
    let elsewhere = tempfile::tempdir().unwrap();
    fs::write(elsewhere.path().join("rc"), format!("A={KEY}\n")).unwrap();
    let scene = Scene::empty();
    symlink(elsewhere.path().join("rc"), scene.home.path(".zshrc")).unwrap();
    assert_eq!(scene.found(""), one("link-not-followed", "~/.zshrc", ""));

    // Within the home a link is followed.
    let scene = Scene::empty();
    scene.write("dotfiles/zshrc", format!("A={KEY}\n"));
    symlink("dotfiles/zshrc", scene.home.path(".zshrc")).unwrap();
    assert_eq!(scene.found(""), one("key-in-file", "~/.zshrc:1, openai", "0DoV"));

    // A pipe in the place of a history holds nothing up; the end of a large file is not read.
    let scene = Scene::empty();
    mkfifoat(rustix::fs::CWD, scene.home.path(".bash_history"), Mode::RWXU).unwrap();
    let long = format!("A={KEY}\n{}B={OTHER}\n", " \n".repeat(4 * 1024 * 1024));
    scene.write(".zsh_history", long);
    let told: Vec<_> = scene.found("").into_iter().map(|[check, ..]| check).collect();
    assert_eq!(told, ["key-in-history", "file-in-part"]);

    let scene = Scene::empty();
    let mut deep = "deep".to_owned();
    for _ in 0..26 {
        deep.push_str("/d");
    }
    scene.write(&format!("{deep}/f"), KEY);
    let told = scene.found(&format!("--path {}", scene.home.path("deep").display()));
    assert_eq!(told, one("search-cut-short", "~/deep", ""));
}

#[test]
fn a_file_that_cannot_be_read_is_a_note() {
    let scene = Scene::empty();
    // A link to itself, since nothing is closed to root.
    symlink(".netrc", scene.home.path(".netrc")).unwrap();
    let told = scene.found("");
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0][0], "file-unreadable");
}

#[test]
fn unlock_sources_that_agents_can_read() {
    let scene = Scene::of(Home::new());
    scene.silent();
    let key_file = scene.home.path("key-file");
    let told = found(scene.doctor("").env("TILL_KEY_FILE", &key_file));
    assert_eq!(told, one("key-file", "~/key-file", ""));
    scene.write("pass", "correct horse\n");
    fs::set_permissions(scene.home.path("pass"), Permissions::from_mode(0o600)).unwrap();
    let with_file = || found(scene.doctor("").env("TILL_PASSPHRASE_FILE", scene.home.path("pass")));
    assert_eq!(with_file(), one("passphrase-file", "~/pass", ""));
    fs::set_permissions(scene.home.path("pass"), Permissions::from_mode(0o644)).unwrap();
    assert_eq!(with_file()[0], one("open-to-others", "~/pass (mode 644)", "")[0]);
}

#[test]
fn permissions() {
    let upstream = Upstream::answering(Answer::status(200)).may_idle();
    let scene = Scene::of(Home::with_openai(&upstream));
    let mode = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    let store = scene.home.store();
    let folder = store.parent().unwrap();
    let cases: [(&Path, u32, u32, &str); 4] = [
        (store, 0o640, 0o600, "open-to-others"),
        (folder, 0o770, 0o700, "folder-open-to-others"),
        (&scene.home.path("state/till"), 0o755, 0o700, "open-to-others"),
        (&folder.join("prices.json"), 0o666, 0o600, "prices-writable"),
    ];
    fs::write(folder.join("prices.json"), "{}").unwrap();
    for (path, open, closed, check) in cases {
        mode(path, open);
        let told = scene.found("");
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0][0], check);
        assert!(told[0][1].ends_with(&format!("(mode {open:o})")), "{told:?}");
        mode(path, closed);
    }
    scene.silent();
}

#[test]
fn what_belongs_to_another_user() {
    let scene = Scene::of(Home::new());
    let key_file = scene.home.path("key-file");
    if std::os::unix::fs::chown(&key_file, Some(4_711), None).is_err() {
        return skip("another user's file: only root can make one");
    }
    let told = found(scene.doctor("").env("TILL_KEY_FILE", &key_file));
    let checks: Vec<_> = told.into_iter().map(|[check, place, _]| (check, place)).collect();
    let place = "~/key-file (user 4711)".to_owned();
    assert!(checks.contains(&("of-another".to_owned(), place)), "{checks:?}");
}

#[test]
fn a_slot_of_the_keyring() {
    let scene = Scene::of(Home::new());
    let added = scene.home.till("unlock add keyring").run();
    if added.code != Some(0) {
        return skip("the keyring: this system has none");
    }
    assert_eq!(scene.found(""), one("keyring-slot", "unlock slot 2", ""));
    scene.home.till("unlock rm 2 --yes").ok();
    scene.silent();
}

#[test]
fn a_store_that_cannot_be_opened_is_bad() {
    let scene = Scene::of(Home::new());
    fs::write(scene.home.store(), b"nothing that redb knows").unwrap();
    assert_eq!(scene.found("")[0][0], "store-unreadable");
}

#[test]
fn keys_masters_and_minters() {
    let upstream = Upstream::answering(Answer::status(200)).may_idle();
    let scene = Scene::of(Home::with_openai(&upstream));
    scene.silent();
    let counted = scene.home.mint("openai -n 5 --name a");
    let place = format!("key {} (a)", counted.id);
    assert_eq!(scene.found(""), one("key-without-expiry", &place, ""));
    scene.home.till(&format!("key revoke {}", counted.id)).ok();
    scene.silent();

    let free = scene.home.mint("openai --unlimited");
    let expected = [
        one("key-unlimited", &format!("key {}", free.id), ""),
        one("master-uncapped", "master key openai", "WXYZ"),
    ];
    assert_eq!(scene.found(""), expected.concat());
    scene.home.till("master limit openai --spend 5/d").ok();
    assert_eq!(scene.found(""), expected[0]);
    scene.home.till(&format!("key revoke {}", free.id)).ok();

    let mint = "admin mint --name ci --provider openai --max-activations 5 --max-expires 1h";
    scene.home.till(mint).ok();
    let told = [
        one("admin-token-without-expiry", "admin token ci", ""),
        one("admin-without-totals", "admin token ci", ""),
    ];
    assert_eq!(scene.found(""), told.concat());
}

#[test]
fn a_proxy_beyond_loopback() {
    let scene = Scene::of(Home::new());
    let start = |flags: &str| Proxy::start(scene.home.till(&format!("proxy {flags}")));
    let near = start("--listen 127.0.0.1:0");
    scene.silent();
    near.stop();
    let far = start("--listen 0.0.0.0:0 --plaintext");
    assert_eq!(scene.found("")[0][0], "proxy-in-plaintext");
    far.stop();
    scene.silent();
}

#[test]
fn the_exit_code_is_by_the_worst() {
    let code = |scene: &Scene, flags: &str| scene.doctor(flags).run().code;
    let scene = Scene::empty();
    assert_eq!(code(&scene, ""), Some(0));
    scene.write(".zshrc", format!("A={KEY}\n"));
    assert_eq!(code(&scene, ""), Some(8));
    assert_eq!(code(&scene, "--fail-on never"), Some(0));
    let warned = Scene::of(Home::new());
    let with_file = |flags: &str| {
        warned.doctor(flags).env("TILL_KEY_FILE", warned.home.path("key-file")).run().code
    };
    assert_eq!(with_file(""), Some(1));
    assert_eq!(with_file("--fail-on bad"), Some(0));
    assert_eq!(with_file("--json"), Some(1));
}

#[test]
fn text_says_what_why_and_what_mends_it() {
    let scene = Scene::empty();
    scene.write(".zshrc", format!("A={KEY}\n"));
    scene.write(".config/openai/a\u{1b}[2J\u{202e}b", format!("A={OTHER}\n"));
    let output = scene.doctor("").run();
    assert_no_key(&output);
    let lines = [
        "bad: a real key lies in a file\n  why: an agent that runs as this user can open the file",
        "  where: ~/.zshrc:1, openai (...0DoV)\n    mend: seal it with `till master add openai`",
    ];
    for line in lines {
        assert!(output.stdout.contains(line), "nothing of {line}: {output}");
    }
    assert!(output.stdout.contains("a\\u{1b}[2J\\u{202e}b:1, groq"), "{output}");
    assert!(!output.stdout.contains('\u{1b}') && !output.stdout.contains('\u{202e}'), "{output}");
    assert!(output.stderr.starts_with("found 2 bad"), "{output}");
    let quiet = scene.doctor("--quiet").run();
    assert_eq!((quiet.stdout, quiet.stderr.as_str()), (output.stdout, ""));
    let json = scene.doctor("--json").run();
    assert!(!json.stdout.contains('\u{202e}'), "{json}");
    let told: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(told["worst"], "bad");
    let fields: Vec<_> = told["findings"][0].as_object().unwrap().keys().cloned().collect();
    assert_eq!(fields, ["check", "last4", "mend", "severity", "where", "why"]);
}

#[test]
fn a_terminal_of_forty_columns() {
    let scene = Scene::empty();
    scene.write(".zshrc", format!("A={KEY}\n"));
    let run = scene.home.sh("stty cols 40; exec \"$TILL\" doctor --quiet").env("NO_COLOR", "1");
    let Some(terminal) = Terminal::of(&run) else { return };
    let shown = terminal.expect("replace it").play();
    assert!(!shown.text.contains('\u{1b}'), "{}", shown.text);
    for line in shown.text.lines().filter(|line| !line.contains("till-it-")) {
        assert!(line.chars().count() <= 40, "{line}");
    }
}
