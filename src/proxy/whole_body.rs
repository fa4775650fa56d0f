//! A request's body read whole, where a limit is on what it says.

use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, header};
use http_body::Body as _;
use http_body_util::BodyExt;
use tokio::time::timeout;

use crate::domain::denial::{Denial, Reason};

use super::ingress::bad;
use super::shares::Share;

/// The largest body that is read, in bytes: 16 MiB.
pub(super) const BODY_CAP: usize = 16 * 1024 * 1024;
/// How long such a body may take to arrive.
const PATIENCE: Duration = Duration::from_mins(5);

/// Reads a whole body for a limit on what it says: `limit` is what is limited. The bytes keep their
/// share of the room for such bodies until nobody has them any more.
pub(super) async fn read(
    headers: &HeaderMap,
    body: Body,
    limit: &str,
    room: Share,
) -> Result<Bytes, Denial> {
    if headers.contains_key(header::CONTENT_ENCODING) {
        let message = format!("there is a limit on {limit}, and a compressed body cannot be read");
        return Err(bad(&message));
    }
    // What says that it is too large is not waited for.
    if usize::try_from(body.size_hint().lower()).map_or(true, |size| size > BODY_CAP) {
        return Err(too_large(limit));
    }
    match timeout(PATIENCE, collect(body, limit, room)).await {
        Ok(read) => read,
        Err(_) => Err(bad("the body did not arrive in time")),
    }
}

async fn collect(mut body: Body, limit: &str, mut room: Share) -> Result<Bytes, Denial> {
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| bad("the body ended early"))?;
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len().saturating_add(data.len()) > BODY_CAP {
            return Err(too_large(limit));
        }
        if !room.grow(u64::try_from(data.len()).unwrap_or(u64::MAX)) {
            let message =
                "the key has as much room for bodies as is left for all others; try again";
            return Err(Denial::new(Reason::Overloaded, message));
        }
        bytes.extend_from_slice(&data);
    }
    Ok(Bytes::from_owner(Kept { bytes, _room: room }))
}

/// Bytes, and their share of the room.
struct Kept {
    bytes: BytesMut,
    _room: Share,
}

impl AsRef<[u8]> for Kept {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

fn too_large(limit: &str) -> Denial {
    let cap = BODY_CAP >> 20;
    let message = format!(
        "there is a limit on {limit}, so the body is read, and it is larger than {cap} MiB"
    );
    Denial::new(Reason::BodyTooLarge, message)
}
