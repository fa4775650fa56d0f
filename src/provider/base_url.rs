//! Base URLs that an operator names: of a provider of their own, or of a master.

use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::address::is_public;
use super::{Origin, Scheme};

/// Bytes of a DNS name at most, and of one of its labels (RFC 1035 §2.3.4).
const NAME_LEN: usize = 253;
const LABEL_LEN: usize = 63;

/// Origin and path of an API, checked. Printed without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    origin: Origin,
    path: String,
    local: bool,
}

impl BaseUrl {
    /// Reads `https://host[:port][/path]`. With `local`, plain http and private addresses are
    /// taken too; a loopback address implies it.
    ///
    /// # Errors
    /// What is wrong with it; nothing is repaired but upper case in the host and one slash at the
    /// end.
    pub fn parse(text: &str, local: bool) -> Result<Self, BaseUrlError> {
        if let Some(bad) =
            text.chars().find(|c| !c.is_ascii_graphic() || "\\\"<>^`{|}".contains(*c))
        {
            return Err(BaseUrlError::Character(bad));
        }
        if text.contains(['?', '#']) {
            return Err(BaseUrlError::Query);
        }
        let (scheme, rest) = text.split_once("://").ok_or(BaseUrlError::Scheme)?;
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "https" => Scheme::Https,
            "http" => Scheme::Http,
            _ => return Err(BaseUrlError::Scheme),
        };
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if authority.contains('@') {
            return Err(BaseUrlError::UserInfo);
        }
        let (host, port) = split_port(authority)?;
        let (host, address) = check_host(host)?;
        let origin = Origin { scheme, host, port: port.unwrap_or(scheme.default_port()) };
        let loopback = is_loopback(&origin.host);
        if !local && !loopback {
            if scheme == Scheme::Http {
                return Err(BaseUrlError::PlainHttp);
            }
            if let Some(address) = address.filter(|address| !is_public(*address)) {
                return Err(BaseUrlError::Private(address));
            }
        }
        Ok(Self { origin, path: check_path(path)?, local: local || loopback })
    }

    /// Scheme, host and port.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The path: empty, or a slash and segments.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether the host is this machine: `localhost`, 127.0.0.0/8 or `::1`.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.origin.host)
    }

    /// Whether plain http and private addresses are allowed: it was said, or the host is this
    /// machine.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.local
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin, self.path)
    }
}

/// Why a text is no base URL that till would send a credential to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BaseUrlError {
    /// Neither `https://` nor `http://`.
    #[error("it does not begin with `https://`")]
    Scheme,
    /// Plain http to another machine.
    #[error(
        "plain http would show the key to the network; use `https://`, or `--local` for a server of your own"
    )]
    PlainHttp,
    /// An address that is not on the public internet.
    #[error("{0} is not a public address; `--local` allows it")]
    Private(IpAddr),
    /// `user:password@`.
    #[error("it contains a user name or password; the key belongs in `till master add`")]
    UserInfo,
    /// `?` or `#`.
    #[error("it has a query or a fragment")]
    Query,
    /// The host is neither a DNS name nor an IP address.
    #[error("its host is neither a DNS name nor an IP address")]
    Host,
    /// The port is no number from 1 to 65535.
    #[error("its port is no number from 1 to 65535")]
    Port,
    /// The path is not what it seems.
    #[error("its path has empty segments, dots, or encoded slashes")]
    Path,
    /// A character that no URL contains.
    #[error("no URL contains {0:?}")]
    Character(char),
}

fn split_port(authority: &str) -> Result<(&str, Option<u16>), BaseUrlError> {
    let host_end = match authority.strip_prefix('[') {
        Some(_) => authority.find(']').map(|at| at.saturating_add(1)),
        None => authority.find(':'),
    };
    let (host, tail) = authority.split_at(host_end.unwrap_or(authority.len()));
    let digits = match tail.strip_prefix(':') {
        None if tail.is_empty() => return Ok((host, None)),
        None => return Err(BaseUrlError::Host),
        Some(digits) => digits,
    };
    let all_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let port: u16 = digits.parse().map_err(|_| BaseUrlError::Port)?;
    if !all_digits || port == 0 {
        return Err(BaseUrlError::Port);
    }
    Ok((host, Some(port)))
}

/// The host in its one spelling, and the address where it is one.
fn check_host(host: &str) -> Result<(Cow<'static, str>, Option<IpAddr>), BaseUrlError> {
    if let Some(inner) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        let address: Ipv6Addr = inner.parse().map_err(|_| BaseUrlError::Host)?;
        return Ok((Cow::Owned(address.to_string()), Some(IpAddr::V6(address))));
    }
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        return Ok((Cow::Owned(address.to_string()), Some(IpAddr::V4(address))));
    }
    // Resolvers take `127.1`, `0x7f.1` and `2130706433` for addresses, unseen by the check above.
    let last = host.rsplit('.').next().unwrap_or_default();
    let number = last.starts_with("0x") || last.starts_with("0X");
    if number || last.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(BaseUrlError::Host);
    }
    if host.len() > NAME_LEN || !host.split('.').all(is_label) {
        return Err(BaseUrlError::Host);
    }
    Ok((Cow::Owned(host.to_ascii_lowercase()), None))
}

/// Letters, digits, hyphens inside (RFC 1123 §2.1), and the underscores of container networks.
fn is_label(label: &str) -> bool {
    (1..=LABEL_LEN).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn check_path(path: &str) -> Result<String, BaseUrlError> {
    let path = path.strip_suffix('/').unwrap_or(path);
    if !path.is_empty() && super::paths::plain(path).is_none() || path.ends_with('/') {
        return Err(BaseUrlError::Path);
    }
    Ok(path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn good_urls_have_one_spelling() {
        let cases = [
            ("https://api.example.com", "https://api.example.com"),
            ("HTTPS://API.Example.com:443/", "https://api.example.com"),
            ("https://api.example.com:8443/v1/", "https://api.example.com:8443/v1"),
            ("https://[2606:4700:0::1111]:8443", "https://[2606:4700::1111]:8443"),
            ("https://1.1.1.1/openai/v1", "https://1.1.1.1/openai/v1"),
            ("http://localhost:11434/v1", "http://localhost:11434/v1"),
            ("http://127.0.0.2:80", "http://127.0.0.2"),
            ("https://[::1]", "https://[::1]"),
        ];
        for (text, spelled) in cases {
            let base = BaseUrl::parse(text, false).unwrap();
            assert_eq!(base.to_string(), spelled);
            assert_eq!(BaseUrl::parse(spelled, false), Ok(base));
        }
    }

    #[test]
    fn bad_urls_say_why() {
        use BaseUrlError as E;
        let cases = [
            ("", E::Scheme),
            ("api.example.com", E::Scheme),
            ("ftp://api.example.com", E::Scheme),
            ("https:/api.example.com", E::Scheme),
            ("http://api.example.com", E::PlainHttp),
            ("https://10.0.0.1", E::Private("10.0.0.1".parse().unwrap())),
            ("https://169.254.169.254", E::Private("169.254.169.254".parse().unwrap())),
            ("https://[::ffff:127.0.0.1]", E::Private("::ffff:127.0.0.1".parse().unwrap())),
            ("https://user:pw@api.example.com", E::UserInfo),
            ("https://api.example.com@evil.example", E::UserInfo),
            ("https://api.example.com?x", E::Query),
            ("https://api.example.com/#x", E::Query),
            ("https://", E::Host),
            ("https:///v1", E::Host),
            ("https://127.1", E::Host),
            ("https://0x7f.0.0.1", E::Host),
            ("https://0x7f000001", E::Host),
            ("https://2130706433", E::Host),
            ("https://0177.0.0.1", E::Host),
            ("https://a..b", E::Host),
            ("https://api.example.com.", E::Host),
            ("https://-a.example", E::Host),
            ("https://a%2eb", E::Host),
            ("https://[::1", E::Host),
            ("https://[::1]x", E::Host),
            ("https://[fe80::1%25eth0]", E::Host),
            ("https://::1", E::Port),
            ("https://a:", E::Port),
            ("https://a:0", E::Port),
            ("https://a:+1", E::Port),
            ("https://a:65536", E::Port),
            ("https://a/../b", E::Path),
            ("https://a/%2e%2e/b", E::Path),
            ("https://a//b", E::Path),
            ("https://a//", E::Path),
            ("https://a/b//", E::Path),
            ("https://a/b%2fc", E::Path),
            ("https://a/b;c", E::Path),
            ("https://a/b\\c", E::Character('\\')),
            ("https://a /b", E::Character(' ')),
            ("https://a\n", E::Character('\n')),
            ("https://ä.example", E::Character('ä')),
        ];
        for (text, why) in cases {
            assert_eq!(BaseUrl::parse(text, false), Err(why), "{text:?}");
        }
    }

    #[test]
    fn what_is_local_is_said_or_implied() {
        for text in ["http://192.168.1.2:8000", "http://vllm_1", "https://[fd00::1]/v1"] {
            assert!(BaseUrl::parse(text, false).is_err(), "{text}");
            let base = BaseUrl::parse(text, true).unwrap();
            assert!(base.is_local() && !base.is_loopback());
        }
        let base = BaseUrl::parse("http://LOCALHOST", false).unwrap();
        assert!(base.is_local() && base.is_loopback());
        assert!(!BaseUrl::parse("https://localhost.example", false).unwrap().is_local());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(https?://)?([a-z0-9.:/@%\\[\\]-]|\\PC)*", local in any::<bool>()) {
            if let Ok(base) = BaseUrl::parse(&text, local) {
                let again = BaseUrl::parse(&base.to_string(), local);
                prop_assert_eq!(again.as_ref(), Ok(&base));
                let uri: http::Uri = base.to_string().parse().unwrap();
                let authority = base.origin().authority();
                prop_assert_eq!(uri.authority().map(http::uri::Authority::as_str), Some(&*authority));
            }
        }
    }
}
