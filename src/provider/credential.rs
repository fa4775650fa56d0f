//! A master key, placed the way its API wants it; and every place where clients put a key.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::{HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::Zeroizing;

use super::{Auth, Provider};

/// Headers in which clients bring a key, whatever the provider. None of them goes upstream.
pub const INBOUND_HEADERS: &[&str] = &["authorization", "x-api-key", "x-goog-api-key", "api-key"];

/// Headers that select whose account is used, which is not the agent's to choose.
pub const ACCOUNT_HEADERS: &[&str] =
    &["openai-organization", "openai-project", "x-goog-user-project", "stripe-account"];

/// Everything but the unreserved characters (RFC 3986 §2.3).
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What is to be put into a request.
#[derive(Clone)]
pub struct Credential {
    /// The header, its value marked sensitive.
    pub header: Option<(HeaderName, HeaderValue)>,
    /// The query parameter: its name, and its value, percent-encoded.
    pub query: Option<(String, Zeroizing<String>)>,
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = self.header.as_ref().map(|(name, _)| name);
        let query = self.query.as_ref().map(|(name, _)| name);
        f.debug_struct("Credential").field("header", &header).field("query", &query).finish()
    }
}

/// Places a master key.
///
/// For Basic it is the user, with an empty password, unless it holds a colon itself: then it is
/// `user:password` (RFC 7617 §2).
///
/// # Errors
/// Where the key cannot stand in a header.
pub fn render(auth: &Auth, master: &str) -> Result<Credential, BadCredential> {
    if master.is_empty() || !master.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Err(BadCredential::Characters);
    }
    let header = |name: HeaderName, text: &str| {
        let mut value = HeaderValue::from_str(text).map_err(|_| BadCredential::Characters)?;
        value.set_sensitive(true);
        Ok(Credential { header: Some((name, value)), query: None })
    };
    match auth {
        Auth::Bearer => header(AUTHORIZATION, &join("Bearer ", master, "")),
        Auth::Raw => header(AUTHORIZATION, master),
        Auth::Basic => {
            let pair = join("", master, if master.contains(':') { "" } else { ":" });
            let encoded = Zeroizing::new(STANDARD.encode(pair.as_bytes()));
            header(AUTHORIZATION, &join("Basic ", &encoded, ""))
        }
        Auth::Header(name) => {
            let name = HeaderName::from_bytes(name.as_bytes());
            header(name.map_err(|_| BadCredential::HeaderName)?, master)
        }
        Auth::Query(name) => {
            let mut value = Zeroizing::new(String::with_capacity(master.len().saturating_mul(3)));
            value.extend(utf8_percent_encode(master, QUERY));
            Ok(Credential { header: None, query: Some((name.to_string(), value)) })
        }
    }
}

/// The headers in which a client of this provider may bring its key, in lower case.
#[must_use]
pub fn inbound_headers(provider: &Provider) -> Vec<&str> {
    let branches = provider.branches.iter().map(|branch| &branch.auth);
    let own = provider.alternatives.iter().chain(branches).chain([&provider.auth]);
    let mut names = INBOUND_HEADERS.to_vec();
    for name in own.filter_map(Auth::header_name) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Why a master key cannot be placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCredential {
    /// It is empty, or has characters that no header can carry.
    #[error("the key is empty, or has characters other than printable ASCII")]
    Characters,
    /// The auth style names a header that cannot be.
    #[error("the header that should carry the key has no valid name")]
    HeaderName,
}

/// One allocation of the right size, so that no copy of the secret is left behind.
fn join(before: &str, secret: &str, after: &str) -> Zeroizing<String> {
    let len = before.len().saturating_add(secret.len()).saturating_add(after.len());
    let mut text = Zeroizing::new(String::with_capacity(len));
    text.push_str(before);
    text.push_str(secret);
    text.push_str(after);
    text
}

#[cfg(test)]
mod tests {
    use super::super::{builtin, find_builtin};
    use super::*;

    fn header(auth: &Auth, master: &str) -> (String, String) {
        let (name, value) = render(auth, master).unwrap().header.unwrap();
        assert!(value.is_sensitive());
        (name.to_string(), value.to_str().unwrap().to_owned())
    }

    #[test]
    fn keys_stand_where_the_style_says() {
        let cases = [
            (Auth::Bearer, "sk-1", "authorization", "Bearer sk-1"),
            (Auth::Raw, "lin_1", "authorization", "lin_1"),
            // The example of RFC 7617 §2.
            (
                Auth::Basic,
                "Aladdin:open sesame",
                "authorization",
                "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
            ),
            (Auth::Basic, "sk_test", "authorization", "Basic c2tfdGVzdDo="),
            (Auth::header("x-api-key"), "sk-1", "x-api-key", "sk-1"),
        ];
        for (auth, master, name, value) in cases {
            assert_eq!(header(&auth, master), (name.to_owned(), value.to_owned()), "{auth}");
        }
        let (name, value) = render(&Auth::query("api_key"), "a&b=c/ ~").unwrap().query.unwrap();
        assert_eq!((&*name, &**value), ("api_key", "a%26b%3Dc%2F%20~"));
    }

    #[test]
    fn no_key_breaks_out_of_its_header() {
        for master in ["", "a\nb", "a\r\nHost: x", "a\0", "ü", "a\tb"] {
            for auth in ["bearer", "raw", "basic", "header:x-k", "query:k"] {
                let auth = auth.parse().unwrap();
                assert_eq!(render(&auth, master).unwrap_err(), BadCredential::Characters);
            }
        }
    }

    #[test]
    fn debug_shows_no_key() {
        for auth in [Auth::Bearer, Auth::query("k")] {
            let shown = format!("{:?}", render(&auth, "canary").unwrap());
            assert!(!shown.contains("canary"), "{shown}");
        }
    }

    #[test]
    fn every_place_of_a_key_is_known() {
        let headers = |name| inbound_headers(find_builtin(name).unwrap());
        assert!(headers("brave").contains(&"x-subscription-token"));
        assert!(headers("elevenlabs").contains(&"xi-api-key"));
        for provider in builtin() {
            assert!(inbound_headers(provider).starts_with(INBOUND_HEADERS));
        }
    }
}
