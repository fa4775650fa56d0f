//! APIs other than those of models, called as people call them, with curl, against stand-ins that
//! check what arrives.

use std::process::Command;

use crate::support::answer::Answer;
use crate::support::home::{Home, MASTER};
use crate::support::skip::skip;
use crate::support::upstream::{Place, Upstream};

/// How an API is called: its provider, the place of the real key upstream, the path, and curl's
/// arguments with `{key}` for the proxy key.
struct Call {
    provider: &'static str,
    place: Place,
    path: &'static str,
    curl: &'static [&'static str],
}

fn calls() -> Vec<Call> {
    vec![
        Call {
            provider: "github",
            place: Place::bearer(),
            path: "/repos/ann/till/issues?state=open",
            curl: &[
                "-H",
                "Authorization: token {key}",
                "-H",
                "Accept: application/vnd.github+json",
            ],
        },
        Call {
            provider: "github",
            place: Place::bearer(),
            path: "/user",
            curl: &["-H", "Authorization: Bearer {key}"],
        },
        Call {
            provider: "stripe",
            place: Place::bearer(),
            path: "/v1/charges",
            curl: &["-u", "{key}:", "-d", "amount=2000", "-d", "currency=usd"],
        },
        Call {
            provider: "linear",
            place: Place::raw("authorization"),
            path: "/graphql",
            curl: &["-H", "Authorization: {key}", "--json", "{\"query\":\"{viewer{id}}\"}"],
        },
        Call {
            provider: "brave",
            place: Place::raw("x-subscription-token"),
            path: "/res/v1/web/search?q=a%20b",
            curl: &["-H", "X-Subscription-Token: {key}"],
        },
        Call {
            provider: "serpapi",
            place: Place::Query("api_key"),
            path: "/search.json?engine=google&q=a%20b&api_key={key}",
            curl: &[],
        },
    ]
}

#[test]
fn each_is_called_as_its_own_documents_say() {
    if Command::new("curl").arg("--version").output().is_err() {
        skip("other APIs: `curl` is not installed");
        return;
    }
    for Call { provider, place, path, curl } in calls() {
        let upstream = Upstream::expecting(place, |_| Answer::status(200));
        let home = Home::new();
        home.add_master(provider, &upstream.base_url(""));
        let key = home.mint(&format!("{provider} -n 1"));
        let proxy = home.proxy();
        let filled = |text: &str| text.replace("{key}", &key.text);
        let url = format!("http://{}/{provider}{}", proxy.address(), filled(path));
        let status = || {
            let mut command = Command::new("curl");
            command.args(["--silent", "--noproxy", "*", "--output", "/dev/null"]);
            command.args(["--write-out", "%{http_code}"]);
            command.args(curl.iter().map(|argument| filled(argument))).arg(&url);
            String::from_utf8(command.output().unwrap().stdout).unwrap()
        };
        assert_eq!(status(), "200", "{provider}");
        assert_eq!(status(), "402", "{provider}");
        let seen = upstream.only();
        let shown = format!("{seen:?}");
        assert!(!shown.contains("till_sk_"), "{provider}: {shown}");
        assert_eq!(format!("{:?}", seen.head).matches(MASTER).count(), 1, "{provider}: {shown}");
        let (wanted, _) = path.split_once("api_key").unwrap_or((path, ""));
        assert!(seen.target.starts_with(wanted.trim_end_matches('&')), "{provider}: {shown}");
    }
}
