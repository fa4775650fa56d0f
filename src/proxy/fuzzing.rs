//! What a fuzz target reaches of the forwarder: a request line, header fields and the models of a
//! body, on their way from a client to a provider. In no build but one with `--cfg fuzzing`.

use http::{HeaderMap, Method, Uri, Version};

use crate::domain::denial::Denial;
use crate::domain::key_text::KeyText;
use crate::domain::scope::Models;
use crate::provider::Provider;
use crate::provider::credential::render;

use super::ingress::{
    Route, bad, check_coding, check_content_type, check_line, check_path, check_upgrade, route,
};
use super::model::in_json;
use super::rewrite::{localise, strip_hop_headers, upstream_headers, upstream_uri};
use super::{answer, credential};

/// What would go upstream, and the key that it was admitted with.
#[derive(Debug)]
pub struct Forwarded {
    /// Where to.
    pub uri: Uri,
    /// With which fields.
    pub headers: HeaderMap,
    /// Whose request it is.
    pub key: KeyText,
}

/// What becomes of a request to this provider, whose master key is `master`.
///
/// # Errors
/// The denial.
pub fn forward(
    provider: &Provider,
    method: &Method,
    uri: &Uri,
    headers: HeaderMap,
    master: &str,
) -> Result<Forwarded, Denial> {
    check_line(method, uri, Version::HTTP_11)?;
    check_coding(&headers)?;
    check_content_type(&headers)?;
    check_upgrade(&headers)?;
    let path = match route(uri.path())? {
        Route::Named(_, rest) => provider.upstream_path(rest),
        Route::OfKey(rest) => provider.rooted_path(rest),
    };
    let key = credential::find(&headers, uri.query(), Some(provider))?;
    check_path(&path)?;
    let placed = render(provider.auth_for(&path), master);
    let placed = placed.map_err(|_| bad("the master key cannot be placed in a request"))?;
    let uri = upstream_uri(provider, &path, uri.query(), &placed)?;
    let headers = upstream_headers(headers, provider, placed.header)?;
    Ok(Forwarded { uri, headers, key })
}

/// The models that a body names.
///
/// # Errors
/// The denial.
pub fn models(body: &[u8]) -> Result<Models, Denial> {
    in_json(body)
}

/// What becomes of the fields of an answer.
pub fn answer(provider: &Provider, headers: &mut HeaderMap) {
    localise(headers, provider, "/route");
    strip_hop_headers(headers);
    answer::strip_own(headers);
}
