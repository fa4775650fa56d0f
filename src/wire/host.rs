//! Which requests are meant for this process at all: not those of web pages, nor those for a host of
//! another name.

use http::{HeaderMap, header};

use crate::domain::denial::{Denial, Reason};

/// Refuses what a web page sends, and what was meant for a host of another name (DNS rebinding).
///
/// `authority` is that of the request target, which HTTP/2 has (RFC 9113 §8.3.1).
///
/// # Errors
/// The denial.
pub fn check_origin(
    headers: &HeaderMap,
    authority: Option<&str>,
    is_own_name: impl Fn(&str) -> bool,
) -> Result<(), Denial> {
    let refused = |message: &str| Err(Denial::new(Reason::OriginRefused, message));
    if headers.contains_key(header::ORIGIN) {
        return refused("requests from web pages (with an Origin header) are refused");
    }
    let site = headers.get("sec-fetch-site").map(http::HeaderValue::as_bytes);
    if site.is_some_and(|site| site != b"none" && site != b"same-origin") {
        return refused("requests from web pages (cross-site) are refused");
    }
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().map_err(|_| bad("the Host header is malformed"))?,
        (None, None) => authority.ok_or_else(|| bad("the Host header is missing"))?,
        _ => return Err(bad("there is more than one Host header")),
    };
    // Over HTTP/2 there may be both; each must be ours.
    for host in [Some(host), authority].into_iter().flatten() {
        let Some(name) = host_name(host) else {
            return Err(bad("the name of the host is malformed"));
        };
        if !is_own_name(&name) {
            return refused(
                "the request was meant for a host of another name than this proxy's; \
                 `till proxy --allowed-host` adds names",
            );
        }
    }
    Ok(())
}

/// The host of `host[:port]`, without the brackets of an IPv6 address; nothing where it is more
/// than that.
fn host_name(text: &str) -> Option<String> {
    let authority: http::uri::Authority = text.parse().ok()?;
    let bare = !text.contains('@') && authority.as_str() == text;
    let port = text.strip_prefix(authority.host())?;
    let plain = port.is_empty() || (port.starts_with(':') && authority.port_u16().is_some());
    let name = authority.host().trim_start_matches('[').trim_end_matches(']');
    (bare && plain).then(|| name.to_owned())
}

fn bad(message: &str) -> Denial {
    Denial::new(Reason::BadRequest, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hosts() {
        for (text, name) in [
            ("localhost:4100", Some("localhost")),
            ("[::1]:4100", Some("::1")),
            ("[::1]", Some("::1")),
            ("a.b", Some("a.b")),
            ("127.0.0.1:4100/#@evil.example", None),
            ("user@localhost", None),
            ("localhost:x", None),
            ("localhost:", None),
            ("", None),
        ] {
            assert_eq!(host_name(text).as_deref(), name, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_name_panics(name in "\\PC*") {
            let _ = host_name(&name);
        }
    }
}
