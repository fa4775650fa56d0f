//! Where a request would go: the provider and the path, from the request line alone.
//!
//! What is ambiguous is refused here, before anything is decided by it: what was checked is what
//! is sent.

use std::borrow::Cow;

use http::uri::PathAndQuery;
use http::{HeaderMap, Method, Version, header};
use percent_encoding::percent_decode_str;

use crate::domain::denial::{Denial, Reason};
use crate::domain::key_text::KeyText;

/// A request's way, as its path names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Route<'a> {
    /// `/{provider}/…`: the provider, and the rest with its slash.
    Named(&'a str, &'a str),
    /// `/v1/…`: the key's only provider, and the rest with its slash.
    OfKey(&'a str),
}

/// The first segments that are the proxy's own.
const OWN: [&str; 3] = ["till", "healthz", "readyz"];

/// Reads the route from a path that [`check_path`] has passed.
pub(super) fn route(path: &str) -> Result<Route<'_>, Denial> {
    let (first, rest) = split_first(path);
    let route = match first {
        "proxy" => match split_first(rest) {
            ("", _) => None,
            (provider, rest) => Some(Route::Named(provider, rest)),
        },
        "v1" => Some(Route::OfKey(rest)),
        "" => None,
        own if OWN.contains(&own) => None,
        provider => Some(Route::Named(provider, rest)),
    };
    route.ok_or_else(|| {
        Denial::new(
            Reason::NoRoute,
            "the path names no provider: call `/PROVIDER/…`, or `/v1/…` with a key that opens one \
             provider only",
        )
    })
}

/// The first segment, and what follows it with its slash.
fn split_first(path: &str) -> (&str, &str) {
    let path = path.strip_prefix('/').unwrap_or(path);
    path.split_at(path.find('/').unwrap_or(path.len()))
}

/// Refuses a request line that is not plainly a path on this server.
pub(super) fn check_line(method: &Method, uri: &http::Uri, version: Version) -> Result<(), Denial> {
    if *method == Method::CONNECT || *method == Method::TRACE {
        let message = format!("{method} is never forwarded");
        return Err(Denial::new(Reason::MethodRefused, message));
    }
    let absolute = uri.scheme().is_some() || uri.authority().is_some();
    if absolute && version <= Version::HTTP_11 {
        return Err(bad("the request target is not a path"));
    }
    check_path(uri.path_and_query().map_or("", PathAndQuery::path))?;
    check_query(uri.query().unwrap_or_default())
}

/// Refuses what a query has as an escape alone (RFC 3986 §3.4): servers guess at its meaning.
fn check_query(query: &str) -> Result<(), Denial> {
    if query.bytes().any(|byte| byte <= b' ' || byte >= 0x7f) {
        return Err(bad(
            "the query has a character that stands there as an escape alone: encode it",
        ));
    }
    Ok(())
}

/// Refuses paths that are not what they seem: servers read them differently.
pub(super) fn check_path(path: &str) -> Result<(), Denial> {
    if !path.starts_with('/') {
        return Err(bad("the request target is not a path"));
    }
    if path.bytes().any(|byte| byte == b'\\' || byte == b'#' || byte <= b' ' || byte >= 0x7f) {
        return Err(bad("the path has a character that does not belong in one"));
    }
    if !escapes_are_plain(path) {
        return Err(bad("the path has an encoded slash, dot, percent sign or control character"));
    }
    if KeyText::stands_in(&Cow::from(percent_decode_str(path))) {
        return Err(bad("a proxy key stands in the path, which is logged on its way"));
    }
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let (name, _) = segment.split_at(segment.find(';').unwrap_or(segment.len()));
        let empty = segment.is_empty() && segments.peek().is_some();
        if empty || matches!(name, "." | "..") {
            return Err(bad("the path has an empty or a dot segment"));
        }
    }
    Ok(())
}

/// Whether every percent sign begins an escape of a character whose escape means the same to all.
fn escapes_are_plain(path: &str) -> bool {
    path.split('%').skip(1).all(|after| {
        let escaped = after
            .get(..2)
            .and_then(|hex| hex.bytes().all(|digit| digit.is_ascii_hexdigit()).then_some(hex));
        match escaped.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => !matches!(byte, b'/' | b'\\' | b'.' | b'%' | 0..=31 | 127),
            None => false,
        }
    })
}

/// Refuses upgrades: what follows one could not be counted.
pub(super) fn check_upgrade(headers: &HeaderMap) -> Result<(), Denial> {
    if headers.contains_key(header::UPGRADE) {
        let message = "connection upgrades (WebSockets) are not forwarded; use HTTP";
        return Err(Denial::new(Reason::UpgradeRefused, message));
    }
    Ok(())
}

/// Refuses transfer codings beside `chunked`, which would be lost on the way, and several of them,
/// which servers read differently (RFC 9112 §6.1).
pub(super) fn check_coding(headers: &HeaderMap) -> Result<(), Denial> {
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    let first = codings.next();
    let chunked = first.is_none_or(|coding| coding.as_bytes().eq_ignore_ascii_case(b"chunked"));
    if chunked && codings.next().is_none() {
        return Ok(());
    }
    Err(bad("the only `Transfer-Encoding` that is taken is `chunked`, once"))
}

/// Refuses several content types, by which servers read one body differently: a field that has one
/// value may not be there twice (RFC 9110 §5.3).
pub(super) fn check_content_type(headers: &HeaderMap) -> Result<(), Denial> {
    if headers.get_all(header::CONTENT_TYPE).iter().nth(1).is_some() {
        return Err(bad("the header `content-type` is there more than once"));
    }
    Ok(())
}

pub(super) fn bad(message: &str) -> Denial {
    Denial::new(Reason::BadRequest, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn routes() {
        assert_eq!(route("/openai/v1/x").unwrap(), Route::Named("openai", "/v1/x"));
        assert_eq!(route("/proxy/openai/v1/x").unwrap(), Route::Named("openai", "/v1/x"));
        assert_eq!(route("/openai").unwrap(), Route::Named("openai", ""));
        assert_eq!(route("/v1/chat").unwrap(), Route::OfKey("/chat"));
        for path in ["/", "/till/v1/keys", "/healthz/x", "/proxy", "/proxy/", "/readyz/"] {
            assert_eq!(route(path).unwrap_err().reason, Reason::NoRoute, "{path}");
        }
    }

    #[test]
    fn paths_that_are_not_what_they_seem() {
        for path in [
            "*",
            "evil.com",
            "@evil.com/x",
            "//evil.com/x",
            "/a//b",
            "/a/../b",
            "/a/./b",
            "/..",
            "/a/..;/b",
            "/a/%2e%2e/b",
            "/a%2fb",
            "/a%5Cb",
            "/a%252e",
            "/a\\b",
            "/a%",
            "/a%2",
            "/a%zz",
            "/a%00",
            "/a b",
            "/a%0d%0ab",
            "/\u{e9}",
        ] {
            assert!(check_path(path).is_err(), "{path}");
        }
        for path in
            ["/", "/a", "/a/", "/a/b%20c", "/models/x:generate", "/a;b=c", "/a/.b", "/%C3%A9"]
        {
            assert!(check_path(path).is_ok(), "{path}");
        }
    }

    proptest! {
        /// Whatever passes: built into a URI of a fixed authority, it keeps that authority and
        /// is the same path.
        #[test]
        fn a_path_that_passes_changes_no_host(path in "[/a-z0-9.@:;%\\\\?#~-]{0,24}") {
            if check_path(&path).is_ok() && !path.contains('?') {
                let uri = http::Uri::builder()
                    .scheme("https").authority("api.example.com").path_and_query(&*path).build();
                let uri = uri.unwrap();
                prop_assert_eq!(uri.authority().unwrap().as_str(), "api.example.com");
                prop_assert_eq!(uri.path(), &path);
                let _ = route(&path);
            }
        }

        #[test]
        fn no_path_panics(path in "\\PC*") {
            let _ = check_path(&path);
            let _ = route(&path);
        }
    }
}
