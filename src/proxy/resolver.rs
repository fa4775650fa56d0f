//! Name resolution that hands out public addresses only, unless private ones were allowed.
//!
//! The address that is checked is the address that is dialled, so a name that changes its mind
//! (DNS rebinding) reaches nothing.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper_util::client::legacy::connect::dns::Name;
use tower_service::Service;

use crate::provider::address::is_public;

/// Which addresses may be dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Public ones.
    Public,
    /// All: the provider or master was added with `--local`.
    Local,
}

/// The system's resolver, filtered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resolver {
    pub(super) reach: Reach,
}

type Addresses = std::vec::IntoIter<SocketAddr>;

impl Service<Name> for Resolver {
    type Response = Addresses;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Addresses>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let reach = self.reach;
        Box::pin(async move {
            let found: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let allowed = allowed(&found, reach);
            if allowed.is_empty() && !found.is_empty() {
                return Err(io::Error::new(
                    io::ErrorKind::PermissionDenied,
                    "the name has private addresses only, and the provider was not added with \
                     `--local`",
                ));
            }
            Ok(allowed.into_iter())
        })
    }
}

fn allowed(found: &[SocketAddr], reach: Reach) -> Vec<SocketAddr> {
    let open = |address: &&SocketAddr| reach == Reach::Local || is_public(address.ip());
    found.iter().filter(open).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_for_local_providers() {
        for text in [
            "127.0.0.1:0",
            "10.0.0.1:0",
            "169.254.169.254:0",
            "[::1]:0",
            "100.64.0.1:0",
            "[::ffff:127.0.0.1]:0",
            "[fe80::1]:0",
            "0.0.0.0:0",
        ] {
            let address: SocketAddr = text.parse().unwrap();
            assert!(allowed(&[address], Reach::Public).is_empty(), "{text}");
            assert_eq!(allowed(&[address], Reach::Local), [address]);
        }
        let public: SocketAddr = "1.1.1.1:0".parse().unwrap();
        assert_eq!(allowed(&[public], Reach::Public), [public]);
        // A name that has both leads to the public one alone, whichever is told first.
        let private: SocketAddr = "169.254.169.254:0".parse().unwrap();
        let mapped: SocketAddr = "[::ffff:10.0.0.1]:0".parse().unwrap();
        for found in [[private, public, mapped], [public, mapped, private]] {
            assert_eq!(allowed(&found, Reach::Public), [public]);
        }
    }
}
