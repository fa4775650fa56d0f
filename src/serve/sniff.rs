//! Which version of HTTP a client speaks on a connection without TLS.

use std::io;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::sleep;

/// What an HTTP/2 connection begins with (RFC 9113 §3.4).
pub(super) const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// How long to wait for the rest of a preface that has begun.
const PAUSE: Duration = Duration::from_millis(5);

/// A version of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    Http1,
    Http2,
}

/// Looks at the first bytes, and leaves them where they are. Waits for as long as it takes: the
/// caller sets the deadline.
pub(super) async fn version(stream: &TcpStream) -> io::Result<Version> {
    let mut seen = [0; PREFACE.len()];
    loop {
        let len = stream.peek(&mut seen).await?;
        let seen = seen.get(..len).unwrap_or_default();
        if len == 0 || !PREFACE.starts_with(seen) {
            return Ok(Version::Http1);
        }
        if len == PREFACE.len() {
            return Ok(Version::Http2);
        }
        // The bytes stay readable, so waiting for more of them would not wait.
        sleep(PAUSE).await;
    }
}
