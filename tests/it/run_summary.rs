//! What `till run` says at its end: as words, as JSON, in a file, or nothing.

use serde_json::{Value, json};

use crate::support::answer::Answer;
use crate::support::home::{Home, MASTER};
use crate::support::http::Request;
use crate::support::model::{INPUT, chat, greedy, price};
use crate::support::session::Session;
use crate::support::upstream::Upstream;
use crate::support::wait_until;

/// Answers chat requests with all the output that they allow; the model `broken` with a failure.
fn upstream() -> Upstream {
    Upstream::new(|seen| {
        let broken = seen.body.windows(6).any(|part| part == b"broken");
        if broken { Answer::status(500) } else { greedy(seen) }
    })
}

/// Two answers, a failure, and, on a key of three activations, a denial.
fn play(session: &Session) {
    for output in [100, 200] {
        chat(session.key(), output).send(session.address()).expect(200, "");
    }
    let broken = br#"{"model":"gpt-4o-mini","messages":[{"role":"user","content":"broken"}],"max_completion_tokens":5}"#;
    let path = "/openai/v1/chat/completions";
    let request = Request::new("POST", path).bearer(session.key()).json(broken);
    request.send(session.address()).expect(500, "");
    wait_until("the limit is reached", || session.chat().status == 402);
}

const FLAGS: &str = "-n 3 --tokens 1M";

#[test]
fn it_counts_answers_failures_tokens_money_and_denials_by_model() {
    let upstream = upstream();
    let session = Session::start(Home::empty().run_with_openai(&upstream, FLAGS));
    play(&session);
    let output = session.end(0);
    let (_, summary) = output.stderr.split_once("till: used ").expect("a summary");
    let lines: Vec<&str> = summary.lines().collect();
    let first =
        "3 of 3 activations: 2 answers, 1 without success; 600 tokens in, 300 out, $0.00045";
    assert_eq!(lines[0], first, "{output}");
    assert!(lines[1].starts_with("  gpt-4o-mini: "), "{output}");
    assert!(lines[1].ends_with("600 tokens in, 300 out, $0.00045"), "{output}");
    assert!(lines[2].starts_with("  denied: ") && lines[2].contains("activation_limit"));
    assert_eq!(lines.len(), 3, "{output}");
}

#[test]
fn as_json_it_goes_to_stderr_and_to_a_file() {
    let upstream = upstream();
    let home = Home::empty();
    let file = home.path("summary.json");
    let flags = format!("{FLAGS} --summary json --summary-file {}", file.display());
    let session = Session::start(home.run_with_openai(&upstream, &flags));
    play(&session);
    let output = session.end(4);
    assert_eq!(output.code, Some(4), "{output}");
    let last = output.stderr.lines().last().unwrap();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), format!("{last}\n"));
    let summary: Value = serde_json::from_str(last).unwrap();
    assert_eq!(summary["exit"], 4, "{summary:#}");
    let activations = json!({"limit": 3, "used": 3, "answered": 2, "failed": 1});
    assert_eq!(summary["activations"], activations, "{summary:#}");
    let spend = price(2 * INPUT, 300);
    for figures in [&summary, &summary["models"]["gpt-4o-mini"]] {
        assert_eq!(figures["input_tokens"], 2 * INPUT, "{summary:#}");
        assert_eq!(figures["output_tokens"], 300, "{summary:#}");
        assert_eq!(figures["spend"]["picodollars"], spend, "{summary:#}");
    }
    assert!(summary["denials"]["activation_limit"].as_u64() >= Some(1), "{summary:#}");
    assert!(summary["key"].as_str().is_some_and(|key| !key.contains("till_sk_")), "{summary:#}");
}

#[test]
fn quiet_says_nothing_of_all_this() {
    let upstream = upstream();
    let home = Home::empty();
    let file = home.path("summary.json");
    let flags = format!("--quiet {FLAGS} --summary-file {}", file.display());
    let session = Session::start(home.run_with_openai(&upstream, &flags));
    play(&session);
    let output = session.end(0);
    assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""), "{output}");
    let summary: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(summary["activations"]["used"], 3, "{summary:#}");
}

/// How the command ended matters more.
#[test]
fn a_summary_that_cannot_be_written_is_a_warning() {
    let run = Home::empty().till("run -n 2 --summary-file /proc/summary -- sh -c").arg("exit 3");
    let output = run.env("OPENAI_API_KEY", MASTER).run();
    assert_eq!(output.code, Some(3), "{output}");
    let warning = "warning: the summary cannot be written to `/proc/summary`";
    assert!(output.stderr.contains(warning), "{output}");
    let run = Home::empty().till("run --summary-file /proc/none/x -- true");
    run.env("OPENAI_API_KEY", MASTER).fails(125, &["no folder `/proc/none`"]);
}

/// Also where nothing limits tokens or money: the requests go as they came.
#[test]
fn a_run_without_a_limit_on_tokens_counts_them_too() {
    let upstream =
        Upstream::new(
            |seen| {
                if seen.body == b"no JSON" { Answer::status(400) } else { greedy(seen) }
            },
        );
    let session = Session::start(Home::empty().run_with_openai(&upstream, ""));
    let sent = chat(session.key(), 100);
    sent.send(session.address()).expect(200, "");
    let unread = Request::new("POST", "/openai/v1/chat/completions").bearer(session.key());
    unread.json(b"no JSON").send(session.address());
    let output = session.end(0);
    assert!(output.stderr.contains("limited to 200 activations and 24 hours"), "{output}");
    assert!(output.stderr.contains("used 2 of 200 activations: "), "{output}");
    let model = "  gpt-4o-mini: 1 request, 300 tokens in, 100 out, $0.000175";
    assert!(output.stderr.contains(model), "{output}");
    let bodies: Vec<_> = upstream.seen().into_iter().map(|seen| seen.body).collect();
    assert_eq!(bodies[1], b"no JSON");
}
