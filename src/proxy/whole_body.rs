//! A request's body read whole, where a limit is on what it says.

use std::sync::Arc;
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

/// A body that was read. Its share of the room for such bodies is kept until nobody has its bytes
/// any more, or those that go up in their place.
#[derive(Debug)]
pub(super) struct Whole {
    bytes: Bytes,
    room: Arc<Share>,
}

impl Whole {
    pub(super) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// What goes up in its place.
    pub(super) fn changed(self, change: impl FnOnce(Bytes) -> Bytes) -> Body {
        let Self { bytes, room } = self;
        Bytes::from_owner(Kept { bytes: change(bytes), _room: room }).into()
    }
}

impl From<Whole> for Body {
    fn from(whole: Whole) -> Self {
        whole.bytes.into()
    }
}

/// Reads a whole body for a limit on what it says: `limit` is what is limited.
pub(super) async fn read(
    headers: &HeaderMap,
    body: Body,
    limit: &str,
    room: Share,
) -> Result<Whole, Denial> {
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

async fn collect(mut body: Body, limit: &str, mut room: Share) -> Result<Whole, Denial> {
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| bad("the body ended early"))?;
        let Ok(data) = frame.into_data() else { continue };
        let size = bytes.len().saturating_add(data.len());
        if size > BODY_CAP {
            return Err(too_large(limit));
        }
        if !room.grow_to(u64::try_from(size).unwrap_or(u64::MAX)) {
            let message =
                "the key has as much room for bodies as is left for all others; try again";
            return Err(Denial::new(Reason::Overloaded, message));
        }
        bytes.extend_from_slice(&data);
    }
    let room = Arc::new(room);
    let bytes = Bytes::from_owner(Kept { bytes: bytes.freeze(), _room: Arc::clone(&room) });
    Ok(Whole { bytes, room })
}

/// Bytes, and their share of the room.
struct Kept {
    bytes: Bytes,
    _room: Arc<Share>,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::KeySeq;
    use crate::proxy::shares::Shares;

    /// What goes up in a body's place is as large, and waits as long.
    #[tokio::test]
    async fn a_changed_body_keeps_its_share_until_it_has_gone_up() {
        let shares = Shares::new(100);
        let mut room = shares.none_of(KeySeq(1));
        assert!(room.grow_to(40));
        let body = Body::from("x".repeat(40));
        let whole = read(&HeaderMap::new(), body, "nothing", room).await.unwrap();
        let mut changed = whole.changed(|_| Bytes::from("y".repeat(41)));
        let has_room = || shares.none_of(KeySeq(2)).grow(61);
        assert!(!has_room());
        let frame = changed.frame().await.unwrap().unwrap().into_data().unwrap();
        assert!(!has_room());
        drop(frame);
        assert!(has_room());
    }
}
