//! The OIDC token of the CI job that till runs in, asked of the job's own runner.
//!
//! GitHub Actions has an address for it, and a bearer token for that address, in the environment of
//! jobs with the permission `id-token: write`. GitLab puts the token itself into a variable that the
//! job names (`id_tokens`), and there is nothing to ask for.

use std::net::IpAddr;

use reqwest::Url;
use zeroize::Zeroizing;

use super::super::environment::Environment;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::client::{Answer, exchange};
use crate::vault::SecretText;

/// Where the runner is asked for a token.
pub const REQUEST_URL: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";
/// What it is asked with.
pub const REQUEST_TOKEN: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";

const PERMISSION: &str = "give the job `permissions: id-token: write` in its workflow";

/// Whether this is a job whose runner can be asked for a token.
#[must_use]
pub fn is_offered(environment: &Environment) -> bool {
    environment.get(REQUEST_URL).is_some() && environment.get(REQUEST_TOKEN).is_some()
}

/// A token of this job for an audience.
///
/// # Errors
/// Where the runner offers none, does not answer, or answers with something else.
pub fn fetch(environment: &Environment, audience: &str) -> Result<SecretText, Failure> {
    let value = |name: &str| {
        environment.get(name).ok_or_else(|| {
            failed("there is no OIDC token of a CI job to be had")
                .why(format!("`{name}` is not set"))
                .hint(format!("on GitHub Actions, {PERMISSION}"))
        })
    };
    let (url, bearer) = (address(value(REQUEST_URL)?, audience)?, value(REQUEST_TOKEN)?);
    let unanswered = |why: String| {
        failed("the runner does not answer with an OIDC token")
            .why(why)
            .hint("run the step again; the runner's log may say more")
    };
    let Answer { status, body } = exchange(
        |client| client.get(url).bearer_auth(bearer).header("accept", "application/json"),
        unanswered,
    )?;
    let body = Zeroizing::new(body);
    match status {
        200 => read(&body).ok_or_else(|| unanswered("its answer has no `value`".to_owned())),
        401 | 403 => Err(failed("the runner refuses an OIDC token")
            .why(format!("it answered with status {status}"))
            .hint(PERMISSION)),
        _ => Err(unanswered(format!("it answered with status {status}"))),
    }
}

/// The runner's address with the audience in its query.
fn address(url: &str, audience: &str) -> Result<Url, Failure> {
    let refused = |why: &str| {
        failed(format!("`{REQUEST_URL}` is no address to send a token to"))
            .why(why)
            .hint("leave it as the runner has set it")
    };
    let mut url = Url::parse(url).map_err(|_| refused("it is no URL"))?;
    if url.scheme() != "https" && !(url.scheme() == "http" && is_this_machine(&url)) {
        return Err(refused("it is without TLS"));
    }
    url.query_pairs_mut().append_pair("audience", audience);
    Ok(url)
}

fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    literal.is_ok_and(|address| address.is_loopback())
}

fn read(body: &[u8]) -> Option<SecretText> {
    #[derive(serde::Deserialize)]
    struct Issued {
        value: String,
    }
    let issued: Issued = serde_json::from_slice(body).ok()?;
    let value = Zeroizing::new(issued.value);
    (!value.is_empty()).then(|| SecretText::from(value.as_str().to_owned()))
}

fn failed(what: impl Into<String>) -> Failure {
    Failure::new(Exit::Failed, what)
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::thread::JoinHandle;

    use super::*;

    /// A runner that answers once; its thread returns what it was asked.
    fn runner(answer: &'static str) -> (String, JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/token?api-version=2.0", listener.local_addr().unwrap());
        let thread = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let (mut asked, mut buffer) = (String::new(), [0; 1024]);
            while !asked.ends_with("\r\n\r\n") {
                let read = stream.read(&mut buffer).unwrap();
                asked.push_str(str::from_utf8(&buffer[..read]).unwrap());
            }
            write!(stream, "HTTP/1.1 {answer}").unwrap();
            asked
        });
        (url, thread)
    }

    fn environment(url: &str) -> Environment {
        Environment::from_pairs([(REQUEST_URL, url), (REQUEST_TOKEN, "bearer")])
    }

    #[test]
    fn the_runner_is_asked_for_a_token() {
        let (url, runner) = runner("200 OK\r\ncontent-length: 19\r\n\r\n{\"value\": \"e.y.j\"}\n");
        let environment = environment(&url);
        assert!(is_offered(&environment));
        let token = fetch(&environment, "https://till.example/?a&b").unwrap();
        assert_eq!(token.expose(), "e.y.j");
        let asked = runner.join().unwrap();
        let (line, headers) = asked.split_once("\r\n").unwrap();
        let audience = "audience=https%3A%2F%2Ftill.example%2F%3Fa%26b";
        assert_eq!(line, format!("GET /token?api-version=2.0&{audience} HTTP/1.1"));
        assert!(headers.contains("authorization: Bearer bearer\r\n"), "{headers}");
    }

    #[test]
    fn other_answers_say_what_to_do() {
        for (answer, why, hint) in [
            ("403 No\r\ncontent-length: 0\r\n\r\n", "status 403", "`permissions: id-token: write`"),
            ("500 No\r\ncontent-length: 0\r\n\r\n", "status 500", "again"),
            ("302 No\r\nlocation: /b\r\ncontent-length: 0\r\n\r\n", "status 302", "again"),
            ("200 OK\r\ncontent-length: 2\r\n\r\n{}", "no `value`", "again"),
            ("200 OK\r\ncontent-length: 13\r\n\r\n{\"value\": \"\"}", "no `value`", "again"),
            ("200 OK\r\ncontent-length: 5\r\n\r\n{", "", "again"),
        ] {
            let (url, runner) = runner(answer);
            let failure = fetch(&environment(&url), "till").unwrap_err();
            assert!(failure.why.clone().unwrap().contains(why), "{answer}: {failure}");
            assert!(failure.hints[0].contains(hint), "{answer}: {failure}");
            assert!(!failure.to_string().contains("bearer"), "{failure}");
            runner.join().unwrap();
        }
    }

    #[test]
    fn without_the_permission_there_is_nobody_to_ask() {
        for environment in [
            Environment::default(),
            Environment::from_pairs([(REQUEST_URL, "https://runner.example")]),
            Environment::from_pairs([(REQUEST_URL, "https://runner.example"), (REQUEST_TOKEN, "")]),
        ] {
            assert!(!is_offered(&environment));
            let failure = fetch(&environment, "till").unwrap_err();
            assert!(failure.hints[0].contains("id-token: write"), "{failure}");
        }
    }

    #[test]
    fn the_bearer_token_goes_over_tls_alone() {
        for url in ["http://runner.example/", "http://127.0.0.1.example/", "ftp://a/", "nothing"] {
            let failure = fetch(&environment(url), "till").unwrap_err();
            assert!(failure.what.contains(REQUEST_URL), "{url}: {failure}");
        }
    }
}
