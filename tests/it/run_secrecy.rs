//! No real key reaches the command of a `till run`: not through till's own process, not through
//! descriptors, not through what an upstream echoes.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use http::Response;

use crate::support::answer::{Answer, Body};
use crate::support::home::{Home, MASTER};
use crate::support::http::{Connection, Request};
use crate::support::hyper_body::Sent;
use crate::support::hyper_upstream::HyperUpstream;
use crate::support::run::TILL;
use crate::support::session::Session;
use crate::support::skip::skip;
use crate::support::upstream::Upstream;

#[track_caller]
fn expect_no_key(place: &str, bytes: &[u8]) {
    for canary in [MASTER, &MASTER[..24], &MASTER[12..]] {
        let found = bytes.windows(canary.len()).any(|window| window == canary.as_bytes());
        assert!(!found, "a real key in {place}: {}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn what_the_kernel_shows_of_till_holds_no_key() {
    let upstream = Upstream::answering(Answer::status(200)).may_idle();
    let session = Session::start(Home::empty().run_with_openai(&upstream, "-n 2"));
    for name in ["environ", "cmdline"] {
        // It may well be that nobody can read it.
        let shown = fs::read(session.till_path(name)).unwrap_or_default();
        expect_no_key(name, &shown);
    }
    let environment = fs::read(session.child_path("environ")).unwrap();
    assert!(!environment.is_empty());
    expect_no_key("the command's environment", &environment);
}

/// As an ordinary user, whose processes may look into each other: till's shows nothing at all.
#[test]
fn a_command_cannot_look_into_till() {
    let look = "for name in environ mem maps fd/0; do \
                  cat /proc/$PPID/$name >/dev/null 2>&1 && echo read $name; done; \
                ls /proc/$PPID/fd >/dev/null 2>&1 && echo read fd; \
                echo looked; tr '\\0' '\\n' </proc/$PPID/cmdline; id -u";
    let home = Home::empty();
    let public = tempfile::Builder::new().prefix("till-it-public-").tempdir().unwrap();
    let is_root = rustix::process::geteuid().is_root();
    let run = if is_root {
        let there = std::process::Command::new("setpriv").arg("--version").output();
        if !there.is_ok_and(|output| output.status.success()) {
            skip("a user other than root: there is no `setpriv`");
            return;
        }
        // Where the binary lies, only its owner may be able to look.
        let copy = public.path().join("till");
        fs::copy(TILL, &copy).unwrap();
        fs::set_permissions(public.path(), fs::Permissions::from_mode(0o755)).unwrap();
        home.sh("exec setpriv --reuid 65534 --regid 65534 --clear-groups \
             \"$BINARY\" run -n 2 -- sh -c \"$LOOK\"")
            .env("BINARY", copy)
    } else {
        home.sh("exec \"$TILL\" run -n 2 -- sh -c \"$LOOK\"")
    };
    let run = run.env("LOOK", look).env("OPENAI_API_KEY", MASTER).within("/".as_ref());
    let output = run.run();
    assert_eq!(output.code, Some(0), "{output}");
    assert!(output.stdout.starts_with("looked\n"), "{output}");
    assert!(!is_root || output.stdout.ends_with("\n65534\n"), "{output}");
    expect_no_key("what was read", output.stdout.as_bytes());
}

#[test]
fn the_command_has_what_till_was_given_but_what_held_secrets() {
    let upstream = Upstream::answering(Answer::status(200)).may_idle();
    let home = Home::with_openai(&upstream);
    let file = home.path("with-keys");
    fs::write(&file, format!("OTHER_API_KEY={MASTER}\n")).unwrap();
    let run = home
        .sh("exec 7<\"$FILE\" 8</dev/null; exec \"$TILL\" run --env-file /dev/fd/7 -n 2 -- \"$@\"");
    let session = Session::start(run.env("FILE", &file).arg("till"));
    let entries = fs::read_dir(session.child_path("fd")).unwrap();
    let open: BTreeSet<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert!(["0", "1", "2", "8"].iter().all(|number| open.contains(*number)), "{open:?}");
    assert!(!open.contains("7"), "{open:?}");
    // till's own: the store, sockets, what wakes its threads.
    for number in &open {
        let target = fs::read_link(session.child_path("fd").join(number)).unwrap();
        let target = target.display().to_string();
        let own = ["socket:", "anon_inode:", "memfd:", "till.redb"];
        assert!(own.iter().all(|kind| !target.contains(kind)), "{number} is {target}");
    }
}

#[test]
fn a_key_in_the_arguments_is_replaced_and_said() {
    let run = Home::empty().till("run -n 2 -- echo").arg(&format!("--key={MASTER}"));
    let output = run.env("OPENAI_API_KEY", MASTER).run();
    assert_eq!(output.code, Some(0), "{output}");
    assert!(output.stdout.starts_with("--key=till_sk_"), "{output}");
    assert!(output.stderr.contains("warning: a real key stood in the command's arguments"));
    expect_no_key("what was said", format!("{}{}", output.stdout, output.stderr).as_bytes());
}

/// A folder's `.env` cannot be helped: it is said, with the better way.
#[test]
fn a_file_that_the_command_can_open_is_named() {
    let home = Home::empty();
    fs::write(home.path(".env"), format!("OPENAI_API_KEY={MASTER}\n")).unwrap();
    let run = home.till("run -n 2 -- true").env("OPENAI_API_KEY", MASTER);
    let output = run.within(&home.path("")).run();
    assert_eq!(output.code, Some(0), "{output}");
    assert!(
        output.stderr.contains("warning: `.env` holds the real key `OPENAI_API_KEY`"),
        "{output}"
    );
    assert!(output.stderr.contains("till master add"), "{output}");
}

#[test]
fn an_upstream_that_echoes_shows_no_real_key() {
    let upstream = Upstream::new(|seen| {
        let sent = seen.head.get("authorization").unwrap_or_default().to_owned();
        let answer = Answer::status(200).field("x-echo", &sent);
        match seen.target.as_str() {
            "/v1/models" => answer.body(Body::Whole(sent.into_bytes())),
            "/v1/responses" => {
                let bytes = format!("data: {sent}\n\ndata: {sent}").into_bytes();
                answer.body(Body::Chunks(
                    bytes.chunks(5).map(<[u8]>::to_vec).collect(),
                    Duration::ZERO,
                ))
            }
            _ => Answer::json(401, format!("{{\"error\":\"bad key {sent}\"}}").as_bytes())
                .field("x-echo", &sent),
        }
    });
    let session = Session::start(Home::empty().run_with_openai(&upstream, "-n 9"));
    let ask = |method: &str, path: &str| {
        let request = Request::new(method, &format!("/openai/v1/{path}")).bearer(session.key());
        let request = if method == "POST" { request.json(b"{}") } else { request };
        let reply = request.send(session.address());
        expect_no_key(path, format!("{:?}{}", reply.head, reply.text()).as_bytes());
        assert!(reply.field("x-echo").starts_with("Bearer ***"), "{:?}", reply.head);
        reply.text()
    };
    // As long as the key was, where the length was said before.
    assert_eq!(ask("GET", "models"), format!("Bearer {}", "*".repeat(MASTER.len())));
    let masked = "Bearer ********";
    assert_eq!(ask("POST", "responses"), format!("data: {masked}\n\ndata: {masked}"));
    assert!(ask("POST", "chat/completions").contains("bad key Bearer ***"));
}

#[test]
fn an_echo_in_a_trailer_shows_no_real_key() {
    let upstream = HyperUpstream::plain(|_| {
        let body = Sent::once(b"hello").trailer("x-echo", MASTER);
        Response::builder().header("trailer", "x-echo").body(body).unwrap()
    });
    let run = Home::empty().till("run -n 9 --").env("OPENAI_API_KEY", MASTER);
    let session = Session::start(run.env("OPENAI_BASE_URL", upstream.base_url("/v1")));
    let mut connection = Connection::open(session.address()).unwrap();
    let head = format!(
        "GET /openai/v1/models HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\
         TE: trailers\r\nConnection: close\r\n\r\n",
        session.address(),
        session.key()
    );
    connection.write(head.as_bytes()).unwrap();
    let answer = String::from_utf8(connection.rest().unwrap()).unwrap();
    assert!(answer.contains("\r\nx-echo: ****"), "{answer}");
    expect_no_key("a trailer", answer.as_bytes());
}

/// With no store, no byte is written anywhere: a home that cannot be written to is none needed.
#[test]
fn without_a_store_nothing_touches_the_disk() {
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::empty();
    let run = home.run_with_openai(&upstream, "-n 2").env("TMPDIR", home.path(""));
    let session = Session::start(run.within(&home.path("")));
    session.chat().expect(200, "");
    let left = || fs::read_dir(home.path("")).unwrap().count();
    assert_eq!(left(), 0);
    assert_eq!(session.end(0).code, Some(0));
    assert_eq!(left(), 0);

    let run = home.run_with_openai(&upstream, "-n 2 --no-store").arg("true");
    let nowhere = "/proc/no-such-home";
    let run = run.env("HOME", nowhere).env("TILL_STORE", format!("{nowhere}/till.redb"));
    let run = ["XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"]
        .iter()
        .fold(run, |run, name| run.without(name));
    let output = run.run();
    assert_eq!(output.code, Some(0), "{output}");
}
