//! Reading paths: by segments, as they are spelled, or as the laxest server might take them.

use std::borrow::Cow;

use percent_encoding::{percent_decode, percent_decode_str};

/// How many layers of percent-encoding are looked through for a minting endpoint.
const LAYERS: usize = 4;

/// What follows `prefix` in `path`, by segments: nothing, or a text that begins with a slash.
pub(super) fn below<'a>(path: &'a str, prefix: &str) -> Option<&'a str> {
    path.strip_prefix(prefix).filter(|tail| tail.is_empty() || tail.starts_with('/'))
}

/// The segments of a path, each percent-decoded once; a slash at the end is no segment.
///
/// `None` where servers may disagree about the path: empty or dot segments, parameters, encoded
/// slashes, encodings of encodings.
pub(super) fn plain(path: &str) -> Option<Vec<Cow<'_, str>>> {
    let path = path.strip_prefix('/')?;
    let path = path.strip_suffix('/').unwrap_or(path);
    if path.is_empty() {
        return Some(Vec::new());
    }
    path.split('/').map(plain_segment).collect()
}

fn plain_segment(segment: &str) -> Option<Cow<'_, str>> {
    let decoded = percent_decode_str(segment).decode_utf8().ok()?;
    let unclear = |c: char| c.is_control() || "/\\;?#%".contains(c);
    if matches!(&*decoded, "" | "." | "..") || decoded.contains(unclear) {
        return None;
    }
    Some(decoded)
}

/// The segments as the laxest server might read them: every layer of encoding undone, both
/// slashes, dots resolved, what follows `;` or `:` cut, empty segments dropped, lower case.
pub(super) fn lax(path: &str) -> Vec<String> {
    let mut bytes = Cow::Borrowed(path.as_bytes());
    for _ in 0..LAYERS {
        if !bytes.contains(&b'%') {
            break;
        }
        bytes = Cow::Owned(percent_decode(&bytes).collect());
    }
    let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
    let path = text.split(['?', '#']).next().unwrap_or_default();
    let mut segments: Vec<String> = Vec::new();
    for segment in path.split(['/', '\\']) {
        let end = segment.find([';', ':']).unwrap_or(segment.len());
        let (segment, _) = segment.split_at(end);
        match segment.trim_matches(|c: char| c.is_control() || c.is_whitespace()) {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            name => segments.push(name.to_owned()),
        }
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn prefixes_go_by_segments() {
        assert_eq!(below("/v1/x", "/v1"), Some("/x"));
        assert_eq!(below("/v1", "/v1"), Some(""));
        assert_eq!(below("/v1extra", "/v1"), None);
        assert_eq!(below("/x", ""), Some("/x"));
    }

    #[test]
    fn unclear_paths_are_not_plain() {
        for path in [
            "",
            "v1",
            "//v1",
            "/v1//x",
            "/a/../b",
            "/a/%2e%2e/b",
            "/a%2fb",
            "/a;b",
            "/%252e",
            "/a%zz",
            "/%ff",
            "/a%00",
        ] {
            assert_eq!(plain(path), None, "{path}");
        }
        assert_eq!(plain("/a/b%3Ac/").unwrap(), ["a", "b:c"]);
        assert!(plain("/").unwrap().is_empty());
    }

    proptest! {
        #[test]
        fn no_path_panics(path in "/?([a-z.:;%/\\\\]|%2[5efF]|\\PC)*") {
            let _ = plain(&path);
            let _ = lax(&path);
        }
    }
}
