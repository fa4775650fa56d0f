//! What till asks of the kernel as a service, held against what the units allow it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::root::{AsTill, Root, UNITS, all, settings};
use super::yaml::has;
use crate::support::answer::Answer;
use crate::support::home::MASTER;
use crate::support::http::Request;
use crate::support::proxy::Proxy;
use crate::support::run::Run;
use crate::support::upstream::Upstream;

#[test]
fn the_sandbox_allows_what_the_services_do() {
    let Some(root) = Root::new() else { return };
    if !has("strace") || !has("systemd-analyze") {
        return;
    }
    let as_till = AsTill::new(&root);
    as_till.run("init").ok();
    let upstream = Upstream::answering(Answer::status(200));
    let add = format!("master add openai --local --base-url {}", upstream.base_url("/v1"));
    as_till.run(&add).stdin(format!("{MASTER}\n")).ok();
    let key = as_till.run("key mint openai -n 2 --expires 1h").ok();
    for unit in UNITS {
        let trace = root.at(&format!("/{unit}.trace"));
        let strace = ["strace", "-f", "-qq", "-o", trace.to_str().unwrap()];
        let mut service = Proxy::start(root.service(unit, &strace));
        let address = service.address();
        if unit == "till-proxy" {
            Request::chat(key.trim()).send(address).expect(200, "");
        } else {
            let refused = Request::new("GET", "/admin/account").bearer("till_admin_x");
            assert_eq!(refused.send(address).status, 401);
        }
        stop_traced(&trace);
        service.wait();
        let trace = fs::read_to_string(&trace).unwrap();
        // setpriv comes first.
        let till = root.at("/usr/local/bin/till");
        let start = trace.find(&format!("execve(\"{}\"", till.display())).expect("a start");
        hold(unit, &trace[start..], &root.at("/var/lib/till"));
    }
}

/// strace passes no signal on: till's own process is asked to end, which the trace begins with.
fn stop_traced(trace: &Path) {
    let text = fs::read_to_string(trace).unwrap();
    let pid = text.split(' ').next().and_then(|pid| pid.parse().ok()).expect("a process");
    let pid = rustix::process::Pid::from_raw(pid).expect("a process");
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
}

/// Holds a trace against the unit.
fn hold(unit: &str, trace: &str, state: &Path) {
    let settings = settings(&format!("{unit}.service"));
    let allowed = allowed(&all(&settings, "SystemCallFilter"));
    let families = all(&settings, "RestrictAddressFamilies").join(" ");
    let families: BTreeSet<&str> = families.split(' ').collect();
    let mut calls = BTreeMap::new();
    for line in trace.lines().skip(1) {
        let call = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
        let Some((name, rest)) = call.split_once('(') else { continue };
        if !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_') {
            continue;
        }
        *calls.entry(name).or_insert(0) += 1;
        assert!(allowed.contains(name), "{unit}: SystemCallFilter forbids {line}");
        if name == "socket" {
            let family = rest.split(',').next().unwrap_or_default();
            assert!(families.contains(family), "{unit}: RestrictAddressFamilies forbids {line}");
        }
        // MemoryDenyWriteExecute.
        assert!(!rest.contains("PROT_WRITE|PROT_EXEC"), "{unit}: {line}");
        // ProtectSystem=strict.
        let writes =
            rest.contains("O_WRONLY") || rest.contains("O_RDWR") || rest.contains("O_CREAT");
        let changes =
            matches!(name, "mkdir" | "mkdirat" | "rename" | "renameat2" | "unlink" | "unlinkat");
        if writes || changes {
            let file = rest.split('"').nth(1).unwrap_or_default();
            let own = Path::new(file).starts_with(state) || state.starts_with(file);
            assert!(own || file.starts_with("/dev/"), "{unit}: ProtectSystem forbids {line}");
        }
    }
    assert!(calls.len() > 30 && calls.contains_key("mlock"), "{calls:?}");
}

/// The system calls that the lines of a filter allow, one after another.
fn allowed(lines: &[&str]) -> BTreeSet<String> {
    // What systemd always allows.
    let mut allowed = group("@default");
    for line in lines {
        let (words, taken) = match line.strip_prefix('~') {
            Some(words) => (words, true),
            None => (*line, false),
        };
        for word in words.split(' ') {
            let calls = group(word);
            if taken {
                allowed.retain(|call| !calls.contains(call));
            } else {
                allowed.extend(calls);
            }
        }
    }
    allowed
}

fn group(name: &str) -> BTreeSet<String> {
    if !name.starts_with('@') {
        return [name.to_owned()].into();
    }
    let listed = Run::program("systemd-analyze").arg("syscall-filter").arg(name).ok();
    let members = listed.lines().skip(1).map(str::trim).filter(|line| !line.starts_with('#'));
    let members = members.filter(|line| !line.is_empty());
    members.flat_map(group).collect()
}
