//! Rows of the endpoint table, and how a path is matched against them.

use crate::domain::endpoint::EndpointClass;

/// One row: a path as it is sent upstream, with its class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The method, or any. `HEAD` goes where `GET` goes.
    pub method: Option<&'static str>,
    /// A path by segments: `*` stands for one segment without a colon, `*:word` for one that ends
    /// so, `**` at the end for any segments or none.
    pub path: &'static str,
    /// What kind of endpoint it is.
    pub class: EndpointClass,
    /// Where a request names its model.
    pub model: ModelAt,
}

/// Where the requests of an endpoint name their model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelAt {
    /// In the JSON body, as `model`.
    Body,
    /// In a field of a multipart body.
    Multipart,
    /// In the path's last segment, before the colon.
    Path,
    /// They have none.
    Nowhere,
    /// The table does not say.
    Unknown,
}

impl Endpoint {
    /// Whether the row is about this method.
    #[must_use]
    pub fn takes(&self, method: &str) -> bool {
        let method = if method == "HEAD" { "GET" } else { method };
        self.method.is_none_or(|own| own == method)
    }

    /// Whether the row is about the path with these segments, as they are spelled.
    #[must_use]
    pub fn covers<S: AsRef<str>>(&self, segments: &[S]) -> bool {
        matches(self.path, segments, |own, theirs| own == theirs)
    }

    /// The same in any mix of upper and lower case.
    #[must_use]
    pub fn covers_in_any_case<S: AsRef<str>>(&self, segments: &[S]) -> bool {
        matches(self.path, segments, str::eq_ignore_ascii_case)
    }
}

/// Billed work, posted, with its model in the JSON body.
pub(super) const fn metered(path: &'static str) -> Endpoint {
    row(Some("POST"), path, EndpointClass::Metered, ModelAt::Body)
}

/// Billed work on an upload.
pub(super) const fn upload(path: &'static str) -> Endpoint {
    row(Some("POST"), path, EndpointClass::Metered, ModelAt::Multipart)
}

/// Billed work whose model stands in the path.
pub(super) const fn by_path(path: &'static str) -> Endpoint {
    row(Some("POST"), path, EndpointClass::Metered, ModelAt::Path)
}

/// Free work with a model in the JSON body: token counting, some moderation.
pub(super) const fn free(path: &'static str) -> Endpoint {
    row(Some("POST"), path, EndpointClass::Free, ModelAt::Body)
}

/// Free work whose model stands in the path.
pub(super) const fn free_by_path(path: &'static str) -> Endpoint {
    row(Some("POST"), path, EndpointClass::Free, ModelAt::Path)
}

/// Model lists and the like.
pub(super) const fn list(path: &'static str) -> Endpoint {
    row(Some("GET"), path, EndpointClass::Free, ModelAt::Nowhere)
}

/// Named for its route alone: the path stands outside the root.
pub(super) const fn other(path: &'static str) -> Endpoint {
    row(None, path, EndpointClass::Other, ModelAt::Unknown)
}

/// Hands out the upstream's own credentials.
pub(super) const fn minting(path: &'static str) -> Endpoint {
    row(None, path, EndpointClass::Minting, ModelAt::Unknown)
}

const fn row(
    method: Option<&'static str>,
    path: &'static str,
    class: EndpointClass,
    model: ModelAt,
) -> Endpoint {
    Endpoint { method, path, class, model }
}

fn matches<S: AsRef<str>>(pattern: &str, segments: &[S], same: fn(&str, &str) -> bool) -> bool {
    let mut segments = segments.iter();
    for part in pattern.split('/').skip(1) {
        if part == "**" {
            return true;
        }
        match segments.next() {
            Some(segment) if segment_matches(part, segment.as_ref(), same) => {}
            _ => return false,
        }
    }
    segments.next().is_none()
}

fn segment_matches(part: &str, segment: &str, same: fn(&str, &str) -> bool) -> bool {
    match part.strip_prefix("*:") {
        Some(verb) => segment
            .split_once(':')
            .is_some_and(|(name, theirs)| !name.is_empty() && same(verb, theirs)),
        None if part == "*" => !segment.contains(':'),
        None => same(part, segment),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_go_by_segments() {
        let cases = [
            ("/v1/models", "v1/models", true),
            ("/v1/models", "v1/models/x", false),
            ("/v1/models/**", "v1/models", true),
            ("/v1/models/**", "v1/models/a/b", true),
            ("/v1/models/**", "v1/modelsx", false),
            ("/a/*/c", "a/b/c", true),
            ("/a/*/c", "a/c", false),
            ("/m/*:go", "m/x:go", true),
            ("/m/*:go", "m/:go", false),
            ("/m/*:go", "m/x:y:go", false),
            ("/m/*", "m/x:go", false),
        ];
        for (pattern, path, covered) in cases {
            let segments: Vec<_> = path.split('/').collect();
            assert_eq!(other(pattern).covers(&segments), covered, "{pattern} on {path}");
        }
        assert!(minting("/v1/apiKeys").covers_in_any_case(&["V1", "apikeys"]));
    }

    #[test]
    fn head_goes_where_get_goes() {
        assert!(list("/v1/models").takes("HEAD"));
        assert!(!list("/v1/models").takes("DELETE"));
        assert!(!metered("/v1/x").takes("HEAD"));
    }
}
