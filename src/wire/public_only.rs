//! The system's resolver, of which public addresses alone are dialled.

use std::io;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::provider::address::is_public;

/// A resolver for reqwest's clients.
#[derive(Clone, Copy, Debug)]
pub struct PublicOnly {
    /// What is said of a name that has private addresses only.
    pub otherwise: &'static str,
}

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let otherwise = self.otherwise;
        Box::pin(async move {
            // The port is set by who dials.
            let found: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let public: Vec<_> =
                found.iter().filter(|address| is_public(address.ip())).copied().collect();
            if public.is_empty() && !found.is_empty() {
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, otherwise).into());
            }
            let public: Addrs = Box::new(public.into_iter());
            Ok(public)
        })
    }
}
