//! The two ends of a connection, and the names of ours.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// Both ends of a request's connection: an extension of every request.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// The client's end, as a balancer gives it where there is one.
    pub client: SocketAddr,
    /// This process's own address on this connection.
    pub own: IpAddr,
}

/// The names that a listener answers to, beside loopback's and the addresses it is reached at.
#[derive(Clone, Debug, Default)]
pub struct HostNames(pub Arc<[String]>);

impl HostNames {
    /// Whether a host of this name is this process.
    #[must_use]
    pub fn is_own(&self, name: &str, peer: Peer) -> bool {
        name.eq_ignore_ascii_case("localhost")
            || self.0.iter().any(|known| known.eq_ignore_ascii_case(name))
            || name
                .parse::<IpAddr>()
                .is_ok_and(|address| address.is_loopback() || address == peer.own.to_canonical())
    }
}
