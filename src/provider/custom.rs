//! Providers that an operator adds: any HTTP API.

use std::borrow::Cow;

use http::{HeaderName, HeaderValue};

use super::auth::is_framing;
use super::base_url::BaseUrlError;
use super::credential::INBOUND_HEADERS;
use super::{Auth, BaseUrl, Dialect, Provider, find_builtin};
use crate::domain::provider_row::ProviderRow;

/// Characters of a name at most.
const NAME_LEN: usize = 32;

/// Names that routes of till's own begin with.
pub const RESERVED_NAMES: &[&str] = &["till", "healthz", "readyz", "proxy", "v1"];

/// An added provider, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomProvider {
    /// Its name, which its routes begin with.
    pub name: String,
    /// Where it lies, and whether that may be plain http or a private address.
    pub url: BaseUrl,
    /// How it takes its credential.
    pub auth: Auth,
    /// Headers that every request carries.
    pub headers: Vec<(String, String)>,
    /// Whether cookies go through.
    pub cookies: bool,
}

impl CustomProvider {
    /// A new one, as it was typed.
    ///
    /// # Errors
    /// Which part of it cannot be.
    pub fn new(
        name: &str,
        url: &str,
        auth: Auth,
        headers: Vec<(String, String)>,
        local: bool,
    ) -> Result<Self, CustomProviderError> {
        if RESERVED_NAMES.contains(&name) {
            return Err(CustomProviderError::Reserved(name.to_owned()));
        }
        if find_builtin(name).is_some() {
            return Err(CustomProviderError::BuiltIn(name.to_owned()));
        }
        Self::checked(name, url, auth, headers, local)
    }

    /// One that lies in the store. Its name may have been built in since.
    ///
    /// # Errors
    /// Which part of it this version does not take.
    pub fn from_row(row: &ProviderRow) -> Result<Self, CustomProviderError> {
        let auth = row.auth.parse()?;
        let custom = Self::checked(&row.name, &row.base_url, auth, row.headers.clone(), row.local)?;
        Ok(Self { cookies: row.cookies, ..custom })
    }

    /// The row to forward by.
    #[must_use]
    pub fn provider(&self) -> Provider {
        let path: Cow<'static, str> = Cow::Owned(self.url.path().to_owned());
        Provider {
            name: Cow::Owned(self.name.clone()),
            origin: self.url.origin().clone(),
            base_path: path.clone(),
            root: path,
            auth: self.auth.clone(),
            alternatives: &[],
            branches: &[],
            headers: self.headers.clone(),
            cookies: self.cookies,
            key_variables: &[],
            base_url_variable: None,
            endpoints: &[],
            meter: false,
            dialect: Dialect::Plain,
            custom: true,
            local: self.url.is_local(),
            moved_from: None,
        }
    }

    fn checked(
        name: &str,
        url: &str,
        auth: Auth,
        headers: Vec<(String, String)>,
        local: bool,
    ) -> Result<Self, CustomProviderError> {
        if !is_name(name) {
            return Err(CustomProviderError::Name);
        }
        for (position, (header, value)) in headers.iter().enumerate() {
            check_header(header, value)?;
            let earlier = headers.iter().take(position);
            let taken = auth.header_name() == Some(header);
            if taken || earlier.into_iter().any(|(other, _)| other == header) {
                return Err(CustomProviderError::HeaderTwice(header.clone()));
            }
        }
        let url = BaseUrl::parse(url, local)?;
        Ok(Self { name: name.to_owned(), url, auth, headers, cookies: false })
    }
}

/// Reads `Name: value` as `--header` takes it; the name comes back in lower case.
///
/// # Errors
/// Where it is no header, or one that cannot be fixed.
pub fn parse_header(text: &str) -> Result<(String, String), CustomProviderError> {
    let (name, value) = text.split_once(':').ok_or(CustomProviderError::NotAHeader)?;
    let (name, value) = (name.to_ascii_lowercase(), value.trim().to_owned());
    check_header(&name, &value)?;
    Ok((name, value))
}

/// Why a provider cannot be added.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CustomProviderError {
    /// The name has another form.
    #[error("a provider's name is a lower-case letter and up to 31 letters, digits and hyphens")]
    Name,
    /// The name is till's own.
    #[error("`{0}` begins routes of till's own; choose another name")]
    Reserved(String),
    /// The name is in the table.
    #[error("`{0}` is built in; to reach it elsewhere, use `till master add {0} --base-url URL`")]
    BuiltIn(String),
    /// The base URL cannot be.
    #[error("the URL cannot be used: {0}")]
    Url(#[from] BaseUrlError),
    /// The auth style cannot be.
    #[error("the auth style cannot be used: {0}")]
    Auth(#[from] super::auth::NotAnAuth),
    /// A header without a colon, or with characters that none can have.
    #[error("a header is written `Name: value`, in printable ASCII")]
    NotAHeader,
    /// A header that the forwarder sets itself.
    #[error("`{0}` is set by till itself and cannot be fixed")]
    HeaderFixed(String),
    /// A header that would carry a credential in the clear.
    #[error("`{0}` carries credentials; say `--auth`, and give the key to `till master add`")]
    HeaderCredential(String),
    /// The same header twice, or the one that carries the key.
    #[error("`{0}` is set twice")]
    HeaderTwice(String),
}

fn is_name(name: &str) -> bool {
    name.len() <= NAME_LEN
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

fn check_header(name: &str, value: &str) -> Result<(), CustomProviderError> {
    let lower = HeaderName::from_bytes(name.as_bytes()).is_ok_and(|parsed| parsed == *name);
    let printable = value.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if !lower || !printable || HeaderValue::from_str(value).is_err() {
        return Err(CustomProviderError::NotAHeader);
    }
    if is_framing(name) || name.starts_with("till-") {
        return Err(CustomProviderError::HeaderFixed(name.to_owned()));
    }
    // It would lie in the store unsealed.
    if INBOUND_HEADERS.contains(&name) {
        return Err(CustomProviderError::HeaderCredential(name.to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use CustomProviderError as E;
    use proptest::prelude::*;

    use super::*;
    use crate::domain::endpoint::EndpointClass;

    fn named(name: &str) -> Result<CustomProvider, E> {
        CustomProvider::new(name, "https://api.example.com/v2", Auth::Bearer, vec![], false)
    }

    #[test]
    fn names_leave_the_routes_clear() {
        for name in ["a", "my-api-2", &"a".repeat(32)] {
            assert_eq!(named(name).unwrap().name, name);
        }
        for name in ["", "A", "1a", "-a", "a_b", "a.b", "a/b", "ä", &"a".repeat(33)] {
            assert_eq!(named(name), Err(E::Name), "{name}");
        }
        for name in RESERVED_NAMES {
            assert_eq!(named(name), Err(E::Reserved((*name).into())));
        }
        assert_eq!(named("openai"), Err(E::BuiltIn("openai".into())));
    }

    #[test]
    fn headers_are_checked() {
        assert_eq!(parse_header("X-Team:  a b "), Ok(("x-team".into(), "a b".into())));
        assert_eq!(parse_header("Stripe-Account: acct_1").unwrap().0, "stripe-account");
        for text in ["x", ": y", "a b: c", "a: b\nc: d", "a: ü"] {
            assert_eq!(parse_header(text), Err(E::NotAHeader), "{text:?}");
        }
        for (text, name) in [("Host: x", "host"), ("Till-Key: x", "till-key")] {
            assert_eq!(parse_header(text), Err(E::HeaderFixed(name.into())));
        }
        let authorization = parse_header("Authorization: Bearer x");
        assert_eq!(authorization, Err(E::HeaderCredential("authorization".into())));
        let twice = vec![("a".into(), "1".into()), ("a".into(), "2".into())];
        let new = |auth, headers| CustomProvider::new("x", "https://a.b", auth, headers, false);
        assert_eq!(new(Auth::Bearer, twice), Err(E::HeaderTwice("a".into())));
        let auth = Auth::header("x-token");
        let taken = new(auth, vec![("x-token".into(), "1".into())]);
        assert_eq!(taken, Err(E::HeaderTwice("x-token".into())));
    }

    #[test]
    fn an_added_provider_is_a_row_like_others() {
        let provider = named("my-api").unwrap().provider();
        assert_eq!(provider.base_url(), "https://api.example.com/v2");
        assert_eq!(provider.upstream_path("/things"), "/v2/things");
        assert_eq!(provider.upstream_path("/v2/things"), "/v2/things");
        assert_eq!(provider.rooted_path("/things"), "/v2/things");
        assert_eq!(provider.classify("POST", "/v2/things"), EndpointClass::Other);
        assert!(provider.custom && !provider.local && !provider.meter);
        let local = CustomProvider::new("l", "http://127.0.0.1:8080", Auth::Raw, vec![], false);
        assert!(local.unwrap().provider().local);
    }

    #[test]
    fn a_stored_row_comes_back_as_it_was_added() {
        let headers = vec![("x-team".to_owned(), "a".to_owned())];
        let auth = Auth::query("api_key");
        let added = CustomProvider::new("x", "http://10.0.0.1:8080/v1/", auth, headers, true);
        let added = added.unwrap();
        let row = ProviderRow {
            name: added.name.clone(),
            base_url: added.url.to_string(),
            auth: added.auth.to_string(),
            headers: added.headers.clone(),
            cookies: false,
            local: added.url.is_local(),
            created_at: crate::domain::time::Timestamp::default(),
            revision: crate::domain::ids::Revision::default(),
        };
        assert_eq!(CustomProvider::from_row(&row), Ok(added));
    }

    proptest! {
        #[test]
        fn no_text_panics(name in "\\PC*", header in "[a-zA-Z-]*:?\\PC*") {
            let _ = named(&name);
            let _ = parse_header(&header);
        }
    }
}
