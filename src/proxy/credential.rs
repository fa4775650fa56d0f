//! The key that a request carries, wherever its client put it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, header};
use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

use crate::domain::denial::{Denial, Reason};
use crate::domain::key_text::{KeyText, NotAKey, PREFIX};
use crate::provider::Provider;
use crate::provider::credential::{INBOUND_HEADERS, inbound_headers};

use super::ingress::bad;

/// The one key that the request carries. The same key in two places is no conflict; two different
/// credentials are.
///
/// Without a provider (where the key itself decides it) the places that all have are looked at.
pub(super) fn find(
    headers: &HeaderMap,
    query: Option<&str>,
    provider: Option<&Provider>,
) -> Result<KeyText, Denial> {
    let mut found: Vec<Zeroizing<String>> = Vec::new();
    let names = provider.map_or_else(|| INBOUND_HEADERS.to_vec(), inbound_headers);
    for name in names {
        let mut values = headers.get_all(name).iter();
        let Some(value) = values.next() else { continue };
        if values.next().is_some() {
            return Err(bad(&format!("the header `{name}` is there more than once")));
        }
        let text = value.to_str().map_err(|_| bad("a credential is not plain text"))?;
        let text = if name == header::AUTHORIZATION.as_str() {
            from_authorization(text)?
        } else {
            Zeroizing::new(text.trim().to_owned())
        };
        found.push(text);
    }
    for (name, value) in query.into_iter().flat_map(pairs) {
        if carries_credential(&name, &value, provider) {
            found.push(value);
        }
    }
    found.retain(|text| !text.is_empty());
    let Some(first) = found.first() else {
        return Err(Denial::new(
            Reason::KeyMissing,
            "the request carries no proxy key; send it where the provider's own key would stand",
        ));
    };
    if found.iter().any(|other| other != first) {
        return Err(bad("the request carries two different credentials"));
    }
    first.parse().map_err(|error| {
        Denial::new(
            Reason::KeyMalformed,
            match error {
                NotAKey::Foreign => "the credential is no proxy key of till (`till_sk_…`)",
                NotAKey::Mistyped => "the proxy key has a typing error: its checksum is wrong",
            },
        )
    })
}

/// The query without the parameters that carry a credential, or have a proxy key anywhere in them;
/// what is left is left as it was.
pub(super) fn strip_query(query: &str, provider: &Provider) -> String {
    let stays = |part: &&str| {
        pairs(part).next().is_none_or(|(name, value)| {
            let holds_key = [&*name, &value].iter().any(|text| KeyText::stands_in(text.as_bytes()));
            !holds_key && !carries_credential(&name, &value, Some(provider))
        })
    };
    query.split('&').filter(stays).collect::<Vec<_>>().join("&")
}

/// A parameter is a credential where the provider takes its credential in one of that name, or
/// where it begins as a proxy key.
fn carries_credential(name: &str, value: &str, provider: Option<&Provider>) -> bool {
    let own = provider.is_some_and(|provider| {
        let mut auths = provider.alternatives.iter().chain([&provider.auth]);
        auths.any(|auth| auth.query_name() == Some(name))
    });
    own || value.starts_with(PREFIX)
}

fn pairs(query: &str) -> impl Iterator<Item = (String, Zeroizing<String>)> {
    query.split('&').filter(|part| !part.is_empty()).map(|part| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let name = percent_decode_str(name).decode_utf8_lossy().into_owned();
        let value = percent_decode_str(value).decode_utf8_lossy().into_owned();
        (name, Zeroizing::new(value))
    })
}

/// The credential of an `Authorization` header: after `Bearer` or `token`, the user or password of
/// `Basic` (RFC 7617), or the whole value where there is no scheme.
fn from_authorization(value: &str) -> Result<Zeroizing<String>, Denial> {
    let Some((scheme, rest)) = value.trim_start().split_once(' ') else {
        return Ok(Zeroizing::new(value.to_owned()));
    };
    if !scheme.eq_ignore_ascii_case("basic") {
        return Ok(Zeroizing::new(rest.trim().to_owned()));
    }
    let decoded = STANDARD.decode(rest.trim()).ok().map(Zeroizing::new);
    let decoded = decoded.and_then(|bytes| String::from_utf8(bytes.to_vec()).ok());
    let decoded = Zeroizing::new(decoded.ok_or_else(|| bad("the Basic credential is malformed"))?);
    let (user, password) = decoded.split_once(':').unwrap_or((&**decoded, ""));
    let key = if password.starts_with(PREFIX) { password } else { user };
    Ok(Zeroizing::new(key.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::find_builtin;
    use proptest::prelude::*;

    fn key() -> String {
        KeyText::from_random(&[9; 24]).expose().to_owned()
    }

    fn headers(pairs: &[(&'static str, String)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (name.parse::<http::HeaderName>().unwrap(), value.parse().unwrap())
            })
            .collect()
    }

    fn found(
        pairs: &[(&'static str, String)],
        query: Option<&str>,
        provider: &str,
    ) -> Result<(), Reason> {
        find(&headers(pairs), query, find_builtin(provider))
            .map(drop)
            .map_err(|denial| denial.reason)
    }

    #[test]
    fn a_key_is_found_wherever_clients_put_it() {
        let key = key();
        let basic = |user: &str, password: &str| {
            format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
        };
        for (provider, name, value) in [
            ("openai", "authorization", format!("Bearer {key}")),
            ("openai", "authorization", format!("bearer  {key}")),
            ("github", "authorization", format!("token {key}")),
            ("linear", "authorization", key.clone()),
            ("stripe", "authorization", basic(&key, "")),
            ("stripe", "authorization", basic("x", &key)),
            ("anthropic", "x-api-key", key.clone()),
            ("google", "x-goog-api-key", key.clone()),
            ("openai", "api-key", key.clone()),
            ("brave", "x-subscription-token", key.clone()),
            ("elevenlabs", "xi-api-key", key.clone()),
        ] {
            assert_eq!(found(&[(name, value)], None, provider), Ok(()), "{provider} {name}");
        }
        assert_eq!(found(&[], Some(&format!("a=1&key={key}")), "google"), Ok(()));
        assert_eq!(found(&[], Some(&format!("api_key={key}")), "serpapi"), Ok(()));
    }

    #[test]
    fn conflicts_are_refused_and_repetitions_are_not() {
        let key = key();
        let other = KeyText::from_random(&[8; 24]).expose().to_owned();
        let bearer = ("authorization", format!("Bearer {key}"));
        let cases = [
            (vec![bearer.clone(), ("x-api-key", key.clone())], Ok(())),
            (vec![bearer.clone(), ("x-api-key", other)], Err(Reason::BadRequest)),
            (vec![bearer.clone(), ("x-api-key", "sk-ant-real".into())], Err(Reason::BadRequest)),
            (vec![bearer.clone(), bearer], Err(Reason::BadRequest)),
            (vec![("authorization", "Bearer sk-real".into())], Err(Reason::KeyMalformed)),
            (vec![("authorization", "Bearer ".into())], Err(Reason::KeyMissing)),
            (vec![], Err(Reason::KeyMissing)),
            (vec![("authorization", "Basic !!".into())], Err(Reason::BadRequest)),
        ];
        for (pairs, expected) in cases {
            assert_eq!(found(&pairs, None, "anthropic"), expected, "{pairs:?}");
        }
    }

    #[test]
    fn the_query_loses_the_credential_alone() {
        let google = find_builtin("google").unwrap();
        let github = find_builtin("github").unwrap();
        let key = key();
        assert_eq!(strip_query(&format!("alt=sse&key={key}&a=%20"), google), "alt=sse&a=%20");
        assert_eq!(strip_query("key=sort&a", github), "key=sort&a");
        for other in [format!("x={key}"), format!("x=Bearer%20{key}."), format!("{key}=1"), key] {
            assert_eq!(strip_query(&format!("{other}&a"), github), "a", "{other}");
        }
    }

    proptest! {
        #[test]
        fn no_value_panics(value in "[ -~]*", query in "\\PC*") {
            let _ = found(&[("authorization", value)], Some(&query), "openai");
        }
    }
}
