//! Clients for what lies outside and is no provider: issuers of tokens, webhooks. They follow nobody
//! and go through nobody: no redirects, no proxy of the environment.

use std::io;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use rustls::ClientConfig;

use crate::provider::address::is_public;

/// Two clients: one for addresses of the public internet, with TLS alone, and one for any.
#[derive(Clone, Debug)]
pub struct Outward {
    public: reqwest::Client,
    local: reqwest::Client,
}

impl Outward {
    /// Trusts whom `tls` trusts. `otherwise` is said of a name that has private addresses only.
    ///
    /// # Errors
    /// Where a client cannot be made.
    pub fn new(tls: &ClientConfig, otherwise: &'static str) -> Result<Self, reqwest::Error> {
        let builder = || {
            reqwest::Client::builder()
                .tls_backend_preconfigured(tls.clone())
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .user_agent(concat!("till/", env!("CARGO_PKG_VERSION")))
                // It is asked rarely: no connection lasts until the next time.
                .pool_max_idle_per_host(0)
        };
        let public = Arc::new(PublicOnly { otherwise });
        Ok(Self {
            public: builder().https_only(true).dns_resolver(public).build()?,
            local: builder().build()?,
        })
    }

    /// The client for what is local, or for what is not.
    #[must_use]
    pub fn client(&self, local: bool) -> &reqwest::Client {
        if local { &self.local } else { &self.public }
    }
}

/// The system's resolver, of which public addresses alone are dialled.
#[derive(Clone, Copy, Debug)]
struct PublicOnly {
    otherwise: &'static str,
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
