//! Where an API lies: scheme, host and port. Never taken from a request.

use std::borrow::Cow;
use std::fmt;

/// The two schemes that till speaks upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// Plain, for what is local.
    Http,
    /// Over TLS.
    Https,
}

impl Scheme {
    /// The scheme as a URL begins with it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// The port where a URL names none (RFC 9110 §4.2).
    #[must_use]
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// Scheme, host and port of an API.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The scheme.
    pub scheme: Scheme,
    /// A DNS name in lower case, or an IP address without brackets.
    pub host: Cow<'static, str>,
    /// The port.
    pub port: u16,
}

impl Origin {
    /// A host over TLS at the default port.
    #[must_use]
    pub const fn https(host: &'static str) -> Self {
        let scheme = Scheme::Https;
        Self { scheme, host: Cow::Borrowed(host), port: scheme.default_port() }
    }

    /// Host and port as a `Host` header has them: brackets around an IPv6 address, a default port
    /// left out.
    #[must_use]
    pub fn authority(&self) -> String {
        let host: Cow<'_, str> = if self.host.contains(':') {
            Cow::Owned(format!("[{}]", self.host))
        } else {
            Cow::Borrowed(&self.host)
        };
        if self.port == self.scheme.default_port() {
            host.into_owned()
        } else {
            format!("{host}:{}", self.port)
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme.as_str(), self.authority())
    }
}
