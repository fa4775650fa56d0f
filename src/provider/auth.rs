//! How an API takes its credential.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use http::HeaderName;

/// One of five styles. Written `bearer`, `raw`, `basic`, `header:NAME`, `query:NAME`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Auth {
    /// `Authorization: Bearer KEY` (RFC 6750 §2.1).
    Bearer,
    /// `Authorization: KEY`, without a scheme word.
    Raw,
    /// `Authorization: Basic …`, the key as the user (RFC 7617).
    Basic,
    /// A header of its own, in lower case.
    Header(Cow<'static, str>),
    /// A query parameter.
    Query(Cow<'static, str>),
}

impl Auth {
    /// A header of this name, which is in lower case.
    #[must_use]
    pub const fn header(name: &'static str) -> Self {
        Self::Header(Cow::Borrowed(name))
    }

    /// A query parameter of this name.
    #[must_use]
    pub const fn query(name: &'static str) -> Self {
        Self::Query(Cow::Borrowed(name))
    }

    /// The header that carries the credential; none where the query does.
    #[must_use]
    pub fn header_name(&self) -> Option<&str> {
        match self {
            Self::Bearer | Self::Raw | Self::Basic => Some("authorization"),
            Self::Header(name) => Some(name),
            Self::Query(_) => None,
        }
    }

    /// The query parameter that carries the credential, if one does.
    #[must_use]
    pub fn query_name(&self) -> Option<&str> {
        match self {
            Self::Query(name) => Some(name),
            _ => None,
        }
    }
}

impl fmt::Display for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bearer => f.pad("bearer"),
            Self::Raw => f.pad("raw"),
            Self::Basic => f.pad("basic"),
            Self::Header(name) => f.pad(&format!("header:{name}")),
            Self::Query(name) => f.pad(&format!("query:{name}")),
        }
    }
}

impl FromStr for Auth {
    type Err = NotAnAuth;

    fn from_str(text: &str) -> Result<Self, NotAnAuth> {
        match text.split_once(':') {
            None => match text {
                "bearer" => Ok(Self::Bearer),
                "raw" => Ok(Self::Raw),
                "basic" => Ok(Self::Basic),
                _ => Err(NotAnAuth::Style),
            },
            Some(("header", name)) => header(name),
            Some(("query", name)) => query(name),
            Some(_) => Err(NotAnAuth::Style),
        }
    }
}

fn header(name: &str) -> Result<Auth, NotAnAuth> {
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| NotAnAuth::HeaderName)?;
    if is_framing(name.as_str()) {
        return Err(NotAnAuth::Framing);
    }
    Ok(Auth::Header(Cow::Owned(name.as_str().to_owned())))
}

fn query(name: &str) -> Result<Auth, NotAnAuth> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if name.is_empty() || !name.bytes().all(plain) {
        return Err(NotAnAuth::QueryName);
    }
    Ok(Auth::Query(Cow::Owned(name.to_owned())))
}

/// Headers that frame a message or belong to one connection (RFC 9110 §7.6.1): the forwarder
/// alone sets them.
pub(super) fn is_framing(name: &str) -> bool {
    const FRAMING: [&str; 12] = [
        "accept-encoding",
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ];
    FRAMING.contains(&name)
}

/// Why a text names no auth style.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnAuth {
    /// None of the five words.
    #[error("it is none of `bearer`, `raw`, `basic`, `header:NAME` and `query:NAME`")]
    Style,
    /// What follows `header:` cannot name a header.
    #[error("no header can have this name; write it as in `header:x-api-key`")]
    HeaderName,
    /// The header is the forwarder's own.
    #[error("this header belongs to the connection and cannot carry a credential")]
    Framing,
    /// What follows `query:` cannot name a parameter.
    #[error("a query parameter is named in letters, digits and `-._~`, as in `query:api_key`")]
    QueryName,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_five_styles_survive_their_text() {
        for text in ["bearer", "raw", "basic", "header:x-api-key", "query:api_key"] {
            assert_eq!(text.parse::<Auth>().unwrap().to_string(), text);
        }
        assert_eq!("header:X-Api-Key".parse(), Ok(Auth::header("x-api-key")));
    }

    #[test]
    fn other_texts_are_refused() {
        let cases = [
            ("Bearer", NotAnAuth::Style),
            ("", NotAnAuth::Style),
            ("cookie:a", NotAnAuth::Style),
            ("header:", NotAnAuth::HeaderName),
            ("header:a b", NotAnAuth::HeaderName),
            ("header:Host", NotAnAuth::Framing),
            ("header:Transfer-Encoding", NotAnAuth::Framing),
            ("query:", NotAnAuth::QueryName),
            ("query:a=b&c", NotAnAuth::QueryName),
        ];
        for (text, why) in cases {
            assert_eq!(text.parse::<Auth>(), Err(why), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(header|query)?:?\\PC*") {
            if let Ok(auth) = text.parse::<Auth>() {
                prop_assert_eq!(auth.to_string().parse(), Ok(auth));
            }
        }
    }
}
