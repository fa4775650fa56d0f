//! `recipes/systemd/`: the units, read by systemd-analyze, and their commands, run as another user
//! with credentials. No service manager runs here, so that no test puts the sandbox itself up. By hand
//! it was: by systemd 252 in a container, as docs/ci.md says, and with the drop-ins for TLS.

use std::fs;
use std::io::{BufReader, Write};
use std::net::TcpStream;

use rustls::{ClientConnection, StreamOwned};
use rustls_pki_types::ServerName;

use super::root::{AsTill, Root, UNITS, USER};
use super::yaml::{has, path, text};
use crate::support::PATIENCE;
use crate::support::answer::Answer;
use crate::support::home::MASTER;
use crate::support::http::Request;
use crate::support::proxy::Proxy;
use crate::support::run::{Run, TILL};
use crate::support::tls::Authority;
use crate::support::upstream::Upstream;
use crate::support::wire::Head;

#[test]
fn systemd_reads_the_units() {
    if !has("systemd-analyze") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for with_tls in [false, true] {
        for unit in UNITS {
            let here = |text: String| text.replace("/usr/local/bin/till", TILL);
            let file = folder.path().join(format!("{unit}.service"));
            fs::write(&file, here(text(&format!("systemd/{unit}.service")))).unwrap();
            if with_tls {
                let drop_in = folder.path().join(format!("{unit}.service.d"));
                fs::create_dir(&drop_in).unwrap();
                let tls = here(text(&format!("systemd/{unit}-tls.conf")));
                fs::write(drop_in.join("tls.conf"), tls).unwrap();
            }
            let file = file.to_str().unwrap();
            let verify = Run::program("systemd-analyze").arg("verify").arg("--man=no").arg(file);
            let output = verify.run();
            assert_eq!(output.code, Some(0), "{output}");
            // What it does not know it only says.
            assert!(!output.stderr.contains(unit), "{output}");
            let security = Run::program("systemd-analyze").arg("security").arg("--offline=yes");
            // 2.0 of 10 at the most.
            let output = security.arg("--threshold=20").arg(file).run();
            assert_eq!(output.code, Some(0), "{output}");
        }
    }
}

/// Without the kernel's id of a boot all boots look like one, and after a longer pause the clock like one
/// that was set ahead.
#[test]
fn the_units_can_tell_boots_apart() {
    for unit in UNITS {
        let text = text(&format!("systemd/{unit}.service"));
        let hidden = text.lines().find(|line| line.starts_with("ProcSubset="));
        assert!(hidden.is_none_or(|line| line == "ProcSubset=all"), "{unit}: {hidden:?}");
    }
}

/// `as-till` makes the store, and the services run on it.
#[test]
fn the_services_run_as_a_user_of_their_own() {
    let Some(root) = Root::new() else { return };
    let body = br#"{"model":"gpt-4o-mini","usage":{"prompt_tokens":9,"completion_tokens":9}}"#;
    let upstream = Upstream::answering(Answer::json(200, body));
    let as_till = AsTill::new(&root);
    as_till.run("init").ok();
    let add = format!("master add openai --local --base-url {}", upstream.base_url("/v1"));
    as_till.run(&add).stdin(format!("{MASTER}\n")).ok();
    let key = as_till.run("key mint openai -n 2 --expires 1h").ok();

    let proxy = Proxy::start(root.service("till-proxy", &[]));
    let admin = Proxy::start(root.service("till-admin", &[]));
    Request::chat(key.trim()).send(proxy.address()).expect(200, "");
    for service in [&proxy, &admin] {
        Request::new("GET", "/readyz").send(service.address()).expect(200, "");
        let status = String::from_utf8(service.proc_file("status")).unwrap();
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).expect(name);
            line.split_whitespace().next().unwrap_or_default().to_owned()
        };
        assert_eq!((field("Uid:"), field("NoNewPrivs:")), (USER.to_string(), "1".to_owned()));
        assert_eq!(field("CapBnd:"), "0".repeat(16));
        let limits = String::from_utf8(service.proc_file("limits")).unwrap();
        let cores = limits.lines().find(|line| line.starts_with("Max core file size"));
        assert!(cores.is_some_and(|line| line.contains(" 0 ")), "{limits}");
        assert!(!service.said().contains("warning"), "{}", service.said());
    }
    // The end that systemd asks for.
    for service in [proxy, admin] {
        let (status, said) = service.stop();
        assert_eq!(status.code(), Some(0), "{said}");
    }
}

/// The drop-ins' certificates are credentials too.
#[test]
fn the_services_speak_tls() {
    let Some(root) = Root::new() else { return };
    AsTill::new(&root).run("init").ok();
    let authority = Authority::new();
    let (certificate, key) = (root.at("/etc/till/cert.pem"), root.at("/etc/till/key.pem"));
    authority.write_server("till.example.com", &certificate, &key);
    for unit in UNITS {
        let service = Proxy::start(root.service_with_tls(unit));
        let name = ServerName::try_from("till.example.com").unwrap();
        let session = ClientConnection::new(authority.client(&[]), name).unwrap();
        let stream = TcpStream::connect(service.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut stream = BufReader::new(StreamOwned::new(session, stream));
        let ask = b"GET /readyz HTTP/1.1\r\nHost: till.example.com\r\n\r\n";
        stream.get_mut().write_all(ask).unwrap();
        let head = Head::read(&mut stream).unwrap().expect("an answer");
        assert!(head.first.starts_with("HTTP/1.1 200"), "{unit}: {head:?}");
    }
}

#[test]
fn the_user_is_made() {
    if !has("systemd-sysusers") {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("etc")).unwrap();
    let file = path("systemd/till.sysusers");
    let made = Run::program("systemd-sysusers");
    made.arg(&format!("--root={}", root.path().display())).arg(file.to_str().unwrap()).ok();
    let users = fs::read_to_string(root.path().join("etc/passwd")).unwrap();
    let user = users.lines().find(|line| line.starts_with("till:")).expect("a user");
    assert!(user.ends_with(":/var/lib/till:/usr/sbin/nologin"), "{user}");
}
