//! What a fuzz target reaches of the listener. In no build but one with `--cfg fuzzing`.

use std::net::SocketAddr;

use super::proxy_protocol::{Client, parse};

/// Whom a balancer's header names: none where it is a header of the balancer's own, or no header.
#[must_use]
pub fn client_of_balancer(head: &[u8; 16], rest: &[u8]) -> Option<SocketAddr> {
    match parse(head, rest) {
        Ok(Client::At(address)) => Some(address),
        Ok(Client::Balancer) | Err(_) => None,
    }
}
