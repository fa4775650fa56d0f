//! How an answer is compressed, though nobody asked for it, and its head once it no longer is.

use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, StatusCode, response};

use crate::domain::denial::{Denial, Reason};

/// A coding that can be undone (RFC 9110 §8.4.1, RFC 7932, RFC 9659).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Gzip,
    /// What HTTP calls `deflate`.
    Zlib,
    Brotli,
    Zstd,
}

/// What is said of the bytes as they came, and not of what they are decoded to (RFC 9110 §8 and
/// §14.3, RFC 9530).
const OF_CODED: [HeaderName; 3] =
    [header::CONTENT_ENCODING, header::CONTENT_LENGTH, header::ACCEPT_RANGES];
/// More of these, which have no constant.
const OLD_OF_CODED: [&str; 4] = ["content-md5", "digest", "content-digest", "repr-digest"];

/// Asks for an answer that is not compressed: it will be looked into.
pub(super) fn ask_for_identity(headers: &mut HeaderMap) {
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
}

/// The coding that has to be undone, and the head changed to that of an answer without.
///
/// # Errors
/// A denial where an answer cannot be looked into: more than one coding, one that till does not
/// know, or a part of something that is compressed as a whole.
pub(super) fn take(parts: &mut response::Parts) -> Result<Option<Coding>, Denial> {
    let transfer = tokens(&parts.headers, &header::TRANSFER_ENCODING);
    if transfer.iter().any(|coding| coding != "chunked") {
        return Err(refused("it has a transfer coding beside `chunked`"));
    }
    let codings = tokens(&parts.headers, &header::CONTENT_ENCODING);
    let coding = match codings.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => return Ok(None),
        ["gzip" | "x-gzip"] => Coding::Gzip,
        ["deflate"] => Coding::Zlib,
        ["br"] => Coding::Brotli,
        ["zstd"] => Coding::Zstd,
        [_, _, ..] => return Err(refused("it is compressed more than once")),
        [_] => return Err(refused("its content coding is none that till can undo")),
    };
    if parts.status == StatusCode::PARTIAL_CONTENT {
        return Err(refused("it is a part of something compressed: ask for the whole"));
    }
    for name in OF_CODED {
        parts.headers.remove(name);
    }
    for name in OLD_OF_CODED {
        parts.headers.remove(name);
    }
    weaken(&mut parts.headers);
    Ok(Some(coding))
}

fn refused(why: &str) -> Denial {
    let message = format!("the provider's answer cannot be looked into for the real key: {why}");
    Denial::new(Reason::UpstreamEncoding, message)
}

/// The items of a list of codings, in lower case, but those that code nothing. What is no text is
/// an item, too.
fn tokens(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
    let values = headers.get_all(name).iter().map(HeaderValue::as_bytes);
    let list: Vec<_> = values.map(String::from_utf8_lossy).collect();
    let items = list.iter().flat_map(|value| value.split(','));
    let items = items.map(|item| item.trim().to_ascii_lowercase());
    items.filter(|item| !item.is_empty() && item != "identity").collect()
}

/// The bytes are others, and mean the same (RFC 9110 §8.8.1).
fn weaken(headers: &mut HeaderMap) {
    let strong = headers.get(header::ETAG).filter(|tag| tag.as_bytes().starts_with(b"\""));
    let weak = strong.map(|tag| HeaderValue::from_bytes(&[b"W/", tag.as_bytes()].concat()));
    if let Some(Ok(weak)) = weak {
        headers.insert(header::ETAG, weak);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(status: u16, fields: &[(&str, &str)]) -> response::Parts {
        let mut response = http::Response::builder().status(status);
        for (name, value) in fields {
            response = response.header(*name, *value);
        }
        response.body(()).unwrap().into_parts().0
    }

    #[test]
    fn a_coding_is_taken_out_of_the_head() {
        for (value, coding) in [
            ("gzip", Some(Coding::Gzip)),
            ("X-GZip", Some(Coding::Gzip)),
            ("deflate", Some(Coding::Zlib)),
            ("br", Some(Coding::Brotli)),
            ("identity, zstd", Some(Coding::Zstd)),
            ("identity", None),
            ("", None),
        ] {
            let mut parts = head(200, &[("content-encoding", value)]);
            assert_eq!(take(&mut parts), Ok(coding), "{value}");
        }
        let fields = [
            ("content-encoding", "gzip"),
            ("content-length", "20"),
            ("content-digest", "sha-256=:AAAA:"),
            ("accept-ranges", "bytes"),
            ("etag", "\"a\""),
            ("x-other", "1"),
        ];
        let mut parts = head(200, &fields);
        take(&mut parts).unwrap();
        assert_eq!(parts.headers.len(), 2, "{:?}", parts.headers);
        assert_eq!(parts.headers["etag"], "W/\"a\"");
    }

    #[test]
    fn what_cannot_be_looked_into_is_refused() {
        for (status, name, value) in [
            (200, "content-encoding", "gzip, br"),
            (200, "content-encoding", "compress"),
            (200, "content-encoding", "\u{e9}"),
            (206, "content-encoding", "gzip"),
            (200, "transfer-encoding", "gzip, chunked"),
            (200, "transfer-encoding", "gzip"),
        ] {
            let mut parts = head(status, &[(name, value)]);
            let denial = take(&mut parts).unwrap_err();
            assert_eq!(denial.reason, Reason::UpstreamEncoding, "{value}");
        }
        let mut parts = head(206, &[("transfer-encoding", "Chunked")]);
        assert_eq!(take(&mut parts), Ok(None));
    }
}
