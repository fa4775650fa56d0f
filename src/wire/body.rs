//! The JSON of a request, read within bounds.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use tokio::time::timeout;
use zeroize::Zeroizing;

/// Bytes of a body at the most.
const LONGEST: usize = 64 * 1024;
/// How long a body may take to come: whoever sends it slowly holds a place, and a credential that was
/// looked at before it.
const PATIENCE: Duration = Duration::from_secs(30);

/// A body that cannot be taken: what is wrong, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BodyFault {
    /// The HTTP status: 400, 413 or 415.
    pub status: u16,
    /// In words, without any value of the body.
    pub message: String,
}

/// Reads a request's body. It may hold a real key: what was read is erased.
///
/// # Errors
/// Where it is too large, too slow, not said to be JSON, or not what is taken.
pub async fn read_json<T, B>(headers: &HeaderMap, body: B) -> Result<T, BodyFault>
where
    T: DeserializeOwned,
    B: http_body::Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>>,
{
    read_within(headers, body, PATIENCE).await
}

async fn read_within<T, B>(headers: &HeaderMap, body: B, patience: Duration) -> Result<T, BodyFault>
where
    T: DeserializeOwned,
    B: http_body::Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>>,
{
    let fault = |status, message: String| BodyFault { status, message };
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let essence = kind.and_then(|kind| kind.split(';').next()).map(str::trim);
    if !essence.is_some_and(|kind| kind.eq_ignore_ascii_case("application/json")) {
        return Err(fault(415, "send JSON, with `Content-Type: application/json`".to_owned()));
    }
    if headers.contains_key(header::CONTENT_ENCODING) {
        let message = "send the JSON as it is, without a `Content-Encoding`";
        return Err(fault(415, message.to_owned()));
    }
    let read = timeout(patience, Limited::new(body, LONGEST).collect()).await;
    let read = read.map_err(|_| fault(400, "the body did not come in time".to_owned()))?;
    let read = read.map_err(|error| {
        if error.is::<LengthLimitError>() {
            fault(413, format!("the body is larger than {LONGEST} bytes"))
        } else {
            fault(400, "the body did not come whole".to_owned())
        }
    })?;
    let bytes = Zeroizing::new(Vec::from(read.to_bytes()));
    // A list would be taken for the fields in their order.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(fault(400, "the body is no JSON object".to_owned()));
    }
    serde_json::from_slice(&bytes).map_err(|error| {
        // What is wrong is said by name and place, and no value is shown: it may be a key.
        fault(400, format!("the body is not what is taken: {}", safe(&error)))
    })
}

/// The error without the value that it is about, which may be a key.
fn safe(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.split_once(": ") {
        // `invalid type: string "sk-…", expected u64 at line 1 column 9`
        Some((what, rest)) if what.starts_with("invalid ") => {
            let expected = rest.rsplit_once(", expected ").map(|(_, expected)| expected);
            format!("{what}: expected {}", expected.unwrap_or("another value"))
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::super::KeyRequest;
    use super::*;

    /// A body that never comes.
    struct Silent;

    impl http_body::Body for Silent {
        type Data = Bytes;
        type Error = std::io::Error;

        fn poll_frame(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, std::io::Error>>> {
            std::task::Poll::Pending
        }
    }

    #[tokio::test]
    async fn a_body_that_does_not_come_is_not_waited_for() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
        let read = read_within::<KeyRequest, _>(&headers, Silent, Duration::from_millis(10));
        let fault = read.await.unwrap_err();
        assert_eq!((fault.status, fault.message.as_str()), (400, "the body did not come in time"));
    }

    #[test]
    fn no_value_is_shown() {
        let said = |text: &str| safe(&serde_json::from_str::<KeyRequest>(text).unwrap_err());
        let wrong = said(r#"{"max_activations": "sk-secret, expected of nobody"}"#);
        assert_eq!(wrong, "invalid type: expected u64 at line 1 column 51");
        assert!(said(r#"{"upstream_key": 5}"#).contains("expected a string"));
        assert!(said(r#"{"max": 5}"#).contains("unknown field `max`"));
        assert!(said(r#"{"name": "a", "name": "b"}"#).contains("duplicate field `name`"));
        assert!(said("{").contains("EOF"));
    }
}
