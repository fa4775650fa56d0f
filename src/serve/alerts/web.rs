//! A POST to a webhook: the address that is checked is the address that is dialled, redirects are
//! not followed, and no proxy of the environment stands between.

use std::error::Error;
use std::net::IpAddr;
use std::time::Duration;

use http::{HeaderMap, StatusCode};
use jiff::Timestamp as Instant;
use jiff::fmt::rfc2822;
use reqwest::Url;
use rustls::ClientConfig;

use crate::domain::alert_retry::{Attempt, Failure};
use crate::domain::time::Span;
use crate::provider::address::is_public;
use crate::wire::Outward;

/// How long a receiver may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// What is said where an address is private.
const PRIVATE: &str = "it has private addresses only, and the target was not added with `--local`";

/// Posts to webhooks.
#[derive(Debug)]
pub(super) struct Web {
    outward: Outward,
    patience: Duration,
}

impl Web {
    /// Trusts whom `tls` trusts.
    ///
    /// # Errors
    /// Where a client cannot be made.
    pub(super) fn new(tls: &ClientConfig) -> Result<Self, reqwest::Error> {
        Ok(Self { outward: Outward::new(tls, PRIVATE)?, patience: PATIENCE })
    }

    /// Sends a body of JSON, and says whether it was taken.
    pub(super) async fn post(
        &self,
        url: &Url,
        local: bool,
        headers: HeaderMap,
        body: String,
    ) -> Attempt {
        // The rules may have become stricter since the target was added.
        if let Err(why) = check(url, local) {
            return Attempt::Failed(Failure::passing(why));
        }
        let client = self.outward.client(local);
        let request = client.post(url.clone()).headers(headers).body(body).send();
        match tokio::time::timeout(self.patience, request).await {
            Err(_) => Attempt::Failed(Failure::passing("it did not answer within 10 seconds")),
            Ok(Err(error)) => Attempt::Failed(Failure::passing(innermost(&error.without_url()))),
            // The answer's body is not read: nothing in it matters.
            Ok(Ok(answer)) => judge(answer.status(), answer.headers(), url, Instant::now()),
        }
    }
}

/// What an answer that came `now` means.
fn judge(status: StatusCode, headers: &HeaderMap, url: &Url, now: Instant) -> Attempt {
    if status.is_success() {
        return Attempt::Delivered;
    }
    let field = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let mut why = format!("it answered with status {}", status.as_u16());
    if status.is_redirection() {
        let target = field("location").and_then(|to| url.join(to).ok());
        let host = target.as_ref().and_then(Url::host_str).unwrap_or("somewhere else");
        why = format!("{why}, a redirect to {host}, which is not followed");
    }
    let asks_again = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS];
    Attempt::Failed(Failure {
        why,
        refused: status.is_client_error() && !asks_again.contains(&status),
        retry_after: field("retry-after").and_then(|text| wait(text.trim(), now)),
    })
}

/// What `Retry-After` asks for: seconds, or until a date (RFC 9110, 10.2.3). One that is past asks
/// for nothing.
fn wait(text: &str, now: Instant) -> Option<Span> {
    if let Ok(seconds) = text.parse() {
        return Some(Span::seconds(seconds));
    }
    let until = rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    let wait = until.as_millisecond().checked_sub(now.as_millisecond())?;
    Some(Span(u64::try_from(wait).unwrap_or_default()))
}

/// The URL of a webhook. Only a `local` one may be without TLS, or at a private address.
///
/// # Errors
/// What is wrong with it, in words that do not repeat it.
pub fn check_url(text: &str, local: bool) -> Result<Url, &'static str> {
    // A URL's reader passes over what a person would not: white space, and `\` for `/`.
    if text.contains(|c: char| !c.is_ascii_graphic() || "\\#".contains(c)) {
        return Err("it has a fragment, white space, or characters that no URL has");
    }
    let url = Url::parse(text).map_err(|_| "it is no URL")?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err("it begins with neither `https://` nor `http://`");
    }
    if text.split_once("://").is_none_or(|(_, rest)| rest.is_empty() || rest.starts_with('/')) {
        return Err("it names no host");
    }
    check(&url, local)?;
    Ok(url)
}

/// Of names the addresses are looked at when they are dialled.
fn check(url: &Url, local: bool) -> Result<(), &'static str> {
    let host = url.host_str().ok_or("it names no host")?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it has a user name or a password");
    }
    if !local && url.scheme() != "https" {
        return Err("it is without TLS, which needs `--local`");
    }
    let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    if !local && literal.is_ok_and(|address| !is_public(address)) {
        return Err("it is at a private address, which needs `--local`");
    }
    Ok(())
}

/// The cause of a failure that says most, without the URL.
fn innermost(error: &reqwest::Error) -> String {
    let outermost: &dyn Error = error;
    let causes = std::iter::successors(Some(outermost), |error| (*error).source());
    causes.last().map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_local_targets_are_private_or_without_tls() {
        for text in [
            "http://hooks.example.com/x",
            "http://127.0.0.1:8080/hook",
            "https://127.0.0.1",
            "https://[::1]:8443/hook",
            "https://[::ffff:10.0.0.1]",
            "https://169.254.169.254/latest",
            "https://0x7f000001",
            "https://127.1",
        ] {
            assert!(check_url(text, false).is_err(), "{text}");
            assert!(check_url(text, true).is_ok(), "{text}");
        }
        for text in ["https://hooks.example.com/a?b=c", "https://1.1.1.1/x"] {
            assert!(check_url(text, false).is_ok(), "{text}");
        }
        for text in [
            "",
            "hooks.example.com",
            "ftp://a.example",
            "https://",
            "https:///x",
            "https://u:p@a.example",
            "https://a.example/#f",
            "https://a.example/ x",
            "https:\\\\a.example",
            "file:///etc/passwd",
        ] {
            assert!(check_url(text, true).is_err(), "{text}");
        }
    }

    #[test]
    fn answers_are_judged() {
        let url = Url::parse("https://hooks.example.com/x").unwrap();
        let judged = |status: u16, fields: &[(&'static str, &str)]| {
            let fields = fields
                .iter()
                .map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap()));
            let now = "2026-12-01T00:00:00Z".parse().unwrap();
            judge(StatusCode::from_u16(status).unwrap(), &fields.collect(), &url, now)
        };
        assert_eq!(judged(204, &[]), Attempt::Delivered);
        for (status, refused) in [
            (302, false),
            (400, true),
            (404, true),
            (408, false),
            (410, true),
            (429, false),
            (500, false),
        ] {
            let Attempt::Failed(failure) = judged(status, &[]) else { panic!("{status}") };
            assert_eq!(failure.refused, refused, "{status}");
        }
        for (asked, wait) in [
            ("90", Some(Span::seconds(90))),
            ("Tue, 01 Dec 2026 00:02:00 GMT", Some(Span::minutes(2))),
            ("Mon, 30 Nov 2026 23:59:00 GMT", Some(Span(0))),
            ("soon", None),
            ("-5", None),
        ] {
            let Attempt::Failed(failure) = judged(429, &[("retry-after", asked)]) else { panic!() };
            assert_eq!(failure.retry_after, wait, "{asked}");
        }
        let Attempt::Failed(failure) = judged(307, &[("location", "//evil.example/y")]) else {
            panic!()
        };
        assert!(failure.why.contains("redirect to evil.example"), "{}", failure.why);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC*", local: bool) {
            let _ = check_url(&text, local);
        }
    }
}
