//! The request as it goes upstream: the proxy key and everything that belongs to this hop taken
//! out, the master key put in last.

use http::header::{self, HeaderName};
use http::uri::{Authority, PathAndQuery, Scheme as UriScheme};
use http::{HeaderMap, HeaderValue, Uri};
use zeroize::Zeroizing;

use crate::domain::denial::Denial;
use crate::domain::key_text::KeyText;
use crate::provider::credential::{ACCOUNT_HEADERS, Credential, inbound_headers};
use crate::provider::{Origin, Provider, Scheme};

use super::credential::strip_query;
use super::ingress::bad;

/// Headers of one hop (RFC 9110 §7.6.1), and those that a forwarder answers for itself.
///
/// `Trailer` is not among them: it announces what follows a body, which is handed through.
const HOP_HEADERS: [HeaderName; 7] = [
    header::CONNECTION,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::EXPECT,
];

/// More headers of one hop, which have no constant.
const OLD_HOP_HEADERS: [&str; 2] = ["keep-alive", "proxy-connection"];

/// Headers that change the method or the path behind a scope's back.
const OVERRIDES: [&str; 6] = [
    "x-http-method-override",
    "x-http-method",
    "x-method-override",
    "x-original-url",
    "x-original-uri",
    "x-rewrite-url",
];

/// Headers that tell the upstream about the machine that the agent runs on.
const CLIENT_HEADERS: [&str; 4] = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip"];

/// Takes out what belongs to one hop: first what `Connection` names, then the rest.
pub(super) fn strip_hop_headers(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named.iter().chain(&HOP_HEADERS) {
        headers.remove(name);
    }
    for name in OLD_HOP_HEADERS {
        headers.remove(name);
    }
}

/// Whether the client takes trailers: the one thing that `TE` may say over HTTP/2 as well.
fn takes_trailers(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::TE).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|coding| {
        coding.split(';').next().is_some_and(|name| name.trim().eq_ignore_ascii_case("trailers"))
    })
}

/// The fields of a client's that never go upstream, before a body or after it.
pub(super) fn refused_fields(provider: &Provider) -> Vec<HeaderName> {
    let names = inbound_headers(provider)
        .into_iter()
        .chain(ACCOUNT_HEADERS.iter().copied())
        .chain(OVERRIDES)
        .chain(CLIENT_HEADERS);
    let cookie = (!provider.cookies).then_some(header::COOKIE);
    names.filter_map(|name| name.parse().ok()).chain(cookie).collect()
}

/// Some servers read `X_Api_Key` as `X-Api-Key`. And no proxy key goes upstream, whatever the name.
fn strip_disguised(headers: &mut HeaderMap) {
    let fields = headers.iter().filter(|(name, value)| {
        name.as_str().contains('_') || KeyText::stands_in(value.as_bytes())
    });
    let refused: Vec<HeaderName> = fields.map(|(name, _)| name.clone()).collect();
    for name in refused {
        headers.remove(name);
    }
}

/// Takes out of trailers what a header would lose, and what has no meaning after a body (RFC 9110
/// §6.5.1). `refused` are [`refused_fields`].
pub(super) fn strip_trailers(trailers: &mut HeaderMap, refused: &[HeaderName]) {
    strip_hop_headers(trailers);
    for name in refused.iter().chain(&[header::HOST, header::CONTENT_LENGTH, header::TRAILER]) {
        trailers.remove(name);
    }
    strip_disguised(trailers);
}

/// An HTTP/2 client may send its cookies in several fields; HTTP/1.1 has one (RFC 9113 §8.2.3).
fn join_cookies(headers: &mut HeaderMap) {
    let all: Vec<&[u8]> =
        headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes).collect();
    if all.len() > 1
        && let Ok(joined) = HeaderValue::from_bytes(&all.join(&b"; "[..]))
    {
        headers.insert(header::COOKIE, joined);
    }
}

/// The headers that go upstream, but `Host`, which the connection adds from the URI: the client's,
/// less what is not for the upstream, and the provider's own.
pub(super) fn upstream_headers(
    mut headers: HeaderMap,
    provider: &Provider,
    credential: Option<(HeaderName, HeaderValue)>,
) -> Result<HeaderMap, Denial> {
    let takes_trailers = takes_trailers(&headers);
    strip_hop_headers(&mut headers);
    if takes_trailers {
        headers.insert(header::TE, HeaderValue::from_static("trailers"));
    }
    for name in refused_fields(provider) {
        headers.remove(name);
    }
    strip_disguised(&mut headers);
    join_cookies(&mut headers);
    headers.remove(header::HOST);
    headers.remove(header::CONTENT_LENGTH);
    for (name, value) in &provider.headers {
        let name: HeaderName = name.parse().map_err(|_| bad("a header of the provider is bad"))?;
        let value = value.parse().map_err(|_| bad("a header of the provider is bad"))?;
        headers.insert(name, value);
    }
    if let Some((name, value)) = credential {
        headers.insert(name, value);
    }
    Ok(headers)
}

/// Makes a `Location`, `Content-Location` or `Link` at the upstream one at the proxy (RFC 9110
/// §10.2.2): a client that follows it is still counted, and its key stays here. Others are left as
/// they are.
pub(super) fn localise(headers: &mut HeaderMap, provider: &Provider, route: &str) {
    for name in [header::LOCATION, header::CONTENT_LOCATION] {
        let target = headers.get(&name).and_then(|value| value.to_str().ok());
        let local = target.and_then(|target| at_proxy(target, provider, route));
        if let Some(local) = local.and_then(|local| HeaderValue::try_from(local).ok()) {
            headers.insert(name, local);
        }
    }
    let links: Vec<HeaderValue> = headers
        .get_all(header::LINK)
        .iter()
        .map(|value| {
            let local = value.to_str().ok().map(|links| links_at_proxy(links, provider, route));
            local.and_then(|local| local.try_into().ok()).unwrap_or_else(|| value.clone())
        })
        .collect();
    headers.remove(header::LINK);
    for link in links {
        headers.append(header::LINK, link);
    }
}

/// A target at the upstream as one at the proxy; none where it leads elsewhere.
fn at_proxy(target: &str, provider: &Provider, route: &str) -> Option<String> {
    let path = match target.strip_prefix(&provider.origin.to_string()) {
        Some("") => Some("/"),
        Some(path) if path.starts_with(['/', '?', '#']) => Some(path),
        Some(_) => None,
        None => Some(target).filter(|path| path.starts_with('/') && !path.starts_with("//")),
    };
    path.map(|path| format!("{route}{path}"))
}

/// The targets of a `Link` header stand in angle brackets (RFC 8288 §3).
fn links_at_proxy(links: &str, provider: &Provider, route: &str) -> String {
    let mut local = String::with_capacity(links.len());
    let mut rest = links;
    while let Some((before, link)) = rest.split_once('<') {
        let Some((target, after)) = link.split_once('>') else { break };
        local.push_str(before);
        local.push('<');
        local.push_str(&at_proxy(target, provider, route).unwrap_or_else(|| target.to_owned()));
        local.push('>');
        rest = after;
    }
    local.push_str(rest);
    local
}

/// The URI that goes upstream, built from its parts: the origin is the provider's, the path is the
/// one that was checked.
pub(super) fn upstream_uri(
    provider: &Provider,
    path: &str,
    query: Option<&str>,
    credential: &Credential,
) -> Result<Uri, Denial> {
    let malformed = |_| bad("the path or query is malformed");
    let mut text = Zeroizing::new(path.to_owned());
    let kept = query.map(|query| strip_query(query, provider)).filter(|query| !query.is_empty());
    if let Some(query) = &kept {
        text.push('?');
        text.push_str(query);
    }
    if let Some((name, value)) = &credential.query {
        text.push(if kept.is_some() { '&' } else { '?' });
        text.push_str(name);
        text.push('=');
        text.push_str(value);
    }
    let Origin { scheme, .. } = &provider.origin;
    let scheme = match scheme {
        Scheme::Http => UriScheme::HTTP,
        Scheme::Https => UriScheme::HTTPS,
    };
    let authority = Authority::try_from(provider.origin.authority()).map_err(malformed)?;
    let path = PathAndQuery::try_from(text.as_str()).map_err(malformed)?;
    let built = Uri::builder().scheme(scheme).authority(authority).path_and_query(path).build();
    built.map_err(|_| bad("the path or query is malformed"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::credential::render;
    use crate::provider::find_builtin;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let parsed = pairs
            .iter()
            .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap()));
        parsed.collect()
    }

    #[test]
    fn one_credential_goes_upstream_and_it_is_ours() {
        let provider = find_builtin("anthropic").unwrap();
        let credential = render(&provider.auth, "sk-ant-master").unwrap();
        let sent = upstream_headers(
            headers(&[
                ("authorization", "Bearer till_sk_x"),
                ("x-api-key", "till_sk_x"),
                ("x-goog-api-key", "a"),
                ("api-key", "b"),
                ("x_api_key", "c"),
                ("connection", "close, x-api-key, x-custom"),
                ("x-custom", "1"),
                ("te", "trailers"),
                ("openai-organization", "org"),
                ("anthropic-version", "2023-06-01"),
                ("host", "localhost:4100"),
            ]),
            provider,
            credential.header.clone(),
        )
        .unwrap();
        let mut names: Vec<&str> = sent.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["anthropic-version", "te", "x-api-key"]);
        assert_eq!(sent["x-api-key"], "sk-ant-master");
        assert!(sent["x-api-key"].is_sensitive());
    }

    #[test]
    fn no_header_changes_the_method_or_the_path() {
        let provider = find_builtin("openai").unwrap();
        let names = OVERRIDES.map(|name| (name, "DELETE"));
        let sent = upstream_headers(headers(&names), provider, None).unwrap();
        assert!(sent.is_empty(), "{sent:?}");
    }

    #[test]
    fn locations_at_the_upstream_are_at_the_proxy() {
        let provider = find_builtin("openai").unwrap();
        for (target, expected) in [
            ("https://api.openai.com/v1/files?a=b", "/openai/v1/files?a=b"),
            ("https://api.openai.com", "/openai/"),
            ("/v1/files", "/openai/v1/files"),
            ("https://api.openai.com.evil.example/x", "https://api.openai.com.evil.example/x"),
            ("https://elsewhere.example/x", "https://elsewhere.example/x"),
            ("//elsewhere.example/x", "//elsewhere.example/x"),
            ("files/1", "files/1"),
        ] {
            let mut answered = headers(&[("location", target)]);
            localise(&mut answered, provider, "/openai");
            assert_eq!(answered["location"], expected);
        }
    }

    #[test]
    fn links_at_the_upstream_are_at_the_proxy() {
        let provider = find_builtin("github").unwrap();
        let links = "<https://api.github.com/x?page=2>; rel=\"next\", <https://e.org/>; rel=a, <";
        assert_eq!(
            links_at_proxy(links, provider, "/github"),
            "</github/x?page=2>; rel=\"next\", <https://e.org/>; rel=a, <"
        );
    }

    #[test]
    fn cookies_go_up_in_one_field() {
        let mut several = headers(&[("cookie", "a=1")]);
        several.append("cookie", "b=2".parse().unwrap());
        join_cookies(&mut several);
        let joined: Vec<_> = several.get_all("cookie").iter().collect();
        assert_eq!(joined, ["a=1; b=2"]);
    }

    #[test]
    fn the_uri_is_built_from_parts() {
        let provider = find_builtin("serpapi").unwrap();
        let credential = render(&provider.auth, "serp-master-1").unwrap();
        let uri = |query| upstream_uri(provider, "/search.json", query, &credential).unwrap();
        assert_eq!(uri(None), "https://serpapi.com/search.json?api_key=serp-master-1");
        assert_eq!(
            uri(Some("q=a%20b&api_key=till_sk_x")),
            "https://serpapi.com/search.json?q=a%20b&api_key=serp-master-1"
        );
    }
}
