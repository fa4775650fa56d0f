//! Every command there is, done and refused, on stores that are whole and stores that are not.

use super::lines::{ALONE, DONE, LASTING, REFUSED};
use super::scene::{Scene, talkative};
use crate::support::http::Request;
use crate::support::proxy::Proxy;

#[test]
fn no_command_says_or_writes_a_key() {
    let scene = Scene::new();
    let start = |line: &str| Proxy::start(talkative(scene.home.till(line)));
    let proxy = start("-vv proxy --listen 127.0.0.1:0");
    let admin = start("-vv admin serve --listen 127.0.0.1:0");
    for target in ["/openai/v1/models", "/openai/v1/../x", "/nobody/v1/models"] {
        for to in [proxy.address(), admin.address()] {
            let path = format!("{target}?key={}", scene.key.text);
            let reply = Request::new("GET", &path).bearer(&scene.key.text).send(to);
            let said = format!("{:?}{}", reply.head, reply.text());
            scene.witness.sees_no_key(target, &said);
        }
    }
    let refused = Request::chat(&scene.key.text).send(proxy.address());
    refused.expect(401, "");
    scene.witness.sees_no_key("an answer", &format!("{:?}{}", refused.head, refused.text()));

    for line in REFUSED {
        let output = scene.till(*line, &proxy).run();
        assert_ne!(output.code, Some(0), "{output}");
        scene.hears(*line, &output);
    }
    for line in DONE {
        let output = scene.till(*line, &proxy).run();
        assert!(output.code == Some(0) || line.0 == "doctor", "{output}");
        scene.hears(*line, &output);
        for run in scene.wrong(*line, &proxy) {
            scene.hears(*line, &run.run());
        }
    }
    for server in [&proxy, &admin] {
        scene.witness.sees_none("cmdline", &server.proc_file("cmdline"));
        scene.witness.sees_none("environ", &server.proc_file("environ"));
    }
    for server in [proxy, admin] {
        let (status, said) = server.stop();
        assert!(status.success(), "{said}");
        scene.witness.sees_no_key("the log", &said);
    }
    scene.looks_around();
}

#[test]
fn no_command_that_works_alone_says_or_writes_a_key() {
    let scene = Scene::new();
    let proxy = scene.home.proxy();
    scene.till(("backup", "{home}/till.backup"), &proxy).ok();
    let runs: Vec<_> = ALONE
        .iter()
        .map(|line| (*line, scene.till(*line, &proxy), scene.wrong(*line, &proxy)))
        .collect();
    for command in LASTING {
        let [damaged, _, locked] = scene.wrong((command, ""), &proxy);
        for run in [damaged, locked] {
            let output = run.run();
            assert_ne!(output.code, Some(0), "{output}");
            scene.hears((command, ""), &output);
        }
    }
    assert!(proxy.stop().0.success());
    for (line, run, wrong) in runs {
        for run in wrong {
            scene.hears(line, &run.run());
        }
        let output = run.run();
        assert_eq!(output.code, Some(0), "{output}");
        scene.hears(line, &output);
    }
    scene.looks_around();
}
