//! The query behind a path.

use percent_encoding::percent_decode_str;

/// The parameter that lets a query pick parts of the answer or write it in another way, as Google's
/// APIs do, so that its usage would not be read.
pub(super) fn hides_usage(query: &str) -> Option<&'static str> {
    query.split('&').find_map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = percent_decode_str(name).decode_utf8_lossy().to_ascii_lowercase();
        let value = percent_decode_str(value).decode_utf8_lossy();
        match name.trim_start_matches('$') {
            "fields" => Some("fields"),
            "alt" if !matches!(&*value, "json" | "sse") => Some("alt"),
            _ => None,
        }
    })
}
