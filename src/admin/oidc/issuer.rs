//! An issuer by its URL (OpenID Connect Discovery 1.0 §3).

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

use crate::provider::address::is_public;

/// Where an issuer's configuration lies, below its URL (OpenID Connect Discovery 1.0 §4).
const CONFIGURATION: &str = ".well-known/openid-configuration";

/// An issuer that may be asked for its keys.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Issuer {
    /// As it was written: tokens and the configuration must name it to the letter.
    text: String,
    configuration: Url,
    local: bool,
}

impl Issuer {
    /// The issuer of a URL. Only a `local` one may be without TLS, or at a private address.
    ///
    /// # Errors
    /// Where the URL is none of an issuer.
    pub fn new(text: &str, local: bool) -> Result<Self, NotAnIssuer> {
        // A URL's reader passes over what a person would not: white space, and `\` for `/`.
        if text.contains(|c: char| !c.is_ascii_graphic() || "\\?#@".contains(c)) {
            return Err(NotAnIssuer::Malformed);
        }
        let base = text.strip_suffix('/').unwrap_or(text);
        let written = format!("{base}/{CONFIGURATION}");
        let configuration = Url::parse(&written).map_err(|_| NotAnIssuer::Malformed)?;
        // It would also take a host from behind a third `/`, and resolve steps up.
        if text.split_once("://").is_none_or(|(_, rest)| rest.is_empty() || rest.starts_with('/')) {
            return Err(NotAnIssuer::Malformed);
        }
        let path = written.split_once("://").and_then(|(_, rest)| rest.split_once('/'));
        if path.map(|(_, path)| path) != configuration.path().strip_prefix('/') {
            return Err(NotAnIssuer::Malformed);
        }
        if !may_be_asked(&configuration, local) {
            return Err(NotAnIssuer::Forbidden);
        }
        Ok(Self { text: text.to_owned(), configuration, local })
    }

    /// The URL as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it may be without TLS, and at a private address.
    #[must_use]
    pub const fn is_local(&self) -> bool {
        self.local
    }

    /// Where its configuration lies.
    pub(super) const fn configuration(&self) -> &Url {
        &self.configuration
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

/// Why a URL is none of an issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnIssuer {
    /// It is no URL, or one with a query, a fragment, a name and password, or white space.
    #[error("write it as its tokens name it, as in `https://issuer.example`")]
    Malformed,
    /// It is without TLS, or a private address.
    #[error("an issuer without TLS, or at a private address, needs `--local`")]
    Forbidden,
}

/// Whether a URL is one to fetch from. Of names the addresses are looked at when they are dialled.
pub(super) fn may_be_asked(url: &Url, local: bool) -> bool {
    let Some(host) = url.host_str() else { return false };
    let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let scheme = url.scheme() == "https" || (local && url.scheme() == "http");
    let bare = url.username().is_empty() && url.password().is_none();
    scheme && bare && (local || !literal.is_ok_and(|address| !is_public(address)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn refused(text: &str, local: bool) -> Result<(), NotAnIssuer> {
        Issuer::new(text, local).map(drop)
    }

    #[test]
    fn only_local_issuers_are_private_or_without_tls() {
        for text in [
            "http://issuer.example",
            "http://127.0.0.1:8080",
            "https://127.0.0.1",
            "https://[::1]:8443/realm",
            "https://[::ffff:10.0.0.1]",
            "https://169.254.169.254/latest",
            // Other ways of writing the same.
            "https://0x7f000001",
            "https://2130706433",
            "https://127.1",
        ] {
            assert_eq!(refused(text, false), Err(NotAnIssuer::Forbidden), "{text}");
            assert_eq!(refused(text, true), Ok(()), "{text}");
        }
        for text in ["https://issuer.example", "https://issuer.example/a/b/", "https://1.1.1.1"] {
            assert_eq!(refused(text, false), Ok(()), "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_issuers() {
        for text in [
            "",
            "issuer.example",
            "https://",
            "https://issuer.example?a=b",
            "https://issuer.example#a",
            "https://user@issuer.example",
            "https://issuer.example\\@127.0.0.1",
            " https://issuer.example",
            "https://issuer.example\n",
            "https://issuer\t.example",
            "data:text/plain",
            "https:issuer.example",
            "https:///issuer.example",
            "https://issuer.example/a/../b",
            "https://issuer.example/%2e%2e/b",
        ] {
            assert_eq!(refused(text, true), Err(NotAnIssuer::Malformed), "{text:?}");
        }
        for text in ["file:///etc/passwd", "ftp://issuer.example"] {
            assert!(refused(text, true).is_err(), "{text}");
        }
    }

    #[test]
    fn a_configuration_lies_below_its_issuer() {
        for text in ["https://issuer.example/realm", "https://issuer.example/realm/"] {
            let issuer = Issuer::new(text, false).unwrap();
            let expected = "https://issuer.example/realm/.well-known/openid-configuration";
            assert_eq!(issuer.configuration().as_str(), expected);
            assert_eq!(issuer.as_str(), text);
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC*", rest in "\\PC*") {
            let _ = Issuer::new(&text, false);
            let _ = Issuer::new(&format!("https://{rest}"), true);
        }
    }
}
