//! An issuer's keys, fetched: its configuration first (OpenID Connect Discovery 1.0 §4), and then
//! the keys that this leads to.
//!
//! The address that is checked is the address that is dialled, redirects are not followed, and no
//! proxy of the environment stands between.

use std::error::Error;
use std::time::Duration;

use reqwest::Url;
use rustls::ClientConfig;
use serde_json::Value;

use super::issuer::{Issuer, may_be_asked};
use super::json;
use super::keys::KeySet;
use super::refusal::IssuerFailure;
use crate::wire::Outward;

/// How long an issuer may take for both documents.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of a document at the most.
pub(super) const LARGEST: usize = 256 * 1024;

/// What is said where an address is private.
const PRIVATE: &str =
    "the name has private addresses only, and the issuer was not added with `--local`";

/// Asks issuers.
#[derive(Debug)]
pub(super) struct Fetcher {
    outward: Outward,
    pub(super) patience: Duration,
}

impl Fetcher {
    pub(super) fn new(tls: &ClientConfig) -> Result<Self, reqwest::Error> {
        Ok(Self { outward: Outward::new(tls, PRIVATE)?, patience: PATIENCE })
    }

    /// The issuer's keys as it publishes them now.
    pub(super) async fn keys(&self, issuer: &Issuer) -> Result<KeySet, IssuerFailure> {
        let late = |_| IssuerFailure::Unreachable("it takes too long to answer".to_owned());
        tokio::time::timeout(self.patience, self.both(issuer)).await.map_err(late)?
    }

    async fn both(&self, issuer: &Issuer) -> Result<KeySet, IssuerFailure> {
        let local = issuer.is_local();
        let configuration = self.document(issuer.configuration().clone(), local).await?;
        let malformed = IssuerFailure::Malformed("configuration");
        let configuration = json::object(&configuration).map_err(|_| malformed.clone())?;
        let text = |name: &str| configuration.get(name).and_then(Value::as_str);
        if text("issuer") != Some(issuer.as_str()) {
            return Err(IssuerFailure::Mismatch);
        }
        let keys = Url::parse(text("jwks_uri").ok_or_else(|| malformed.clone())?);
        let keys = keys.map_err(|_| malformed)?;
        if !may_be_asked(&keys, local) {
            return Err(IssuerFailure::Forbidden);
        }
        let keys = self.document(keys, local).await?;
        KeySet::read(&keys).map_err(|_| IssuerFailure::Malformed("set of keys"))
    }

    async fn document(&self, url: Url, local: bool) -> Result<Vec<u8>, IssuerFailure> {
        let unreachable = |error: reqwest::Error| {
            let error = error.without_url();
            let outermost: &dyn Error = &error;
            let causes = std::iter::successors(Some(outermost), |error| (*error).source());
            IssuerFailure::Unreachable(causes.last().map(ToString::to_string).unwrap_or_default())
        };
        let client = self.outward.client(local);
        let request = client.get(url).header("accept", "application/json");
        let mut response = request.send().await.map_err(unreachable)?;
        if response.status().as_u16() != 200 {
            return Err(IssuerFailure::Status(response.status().as_u16()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            if body.len().saturating_add(chunk.len()) > LARGEST {
                return Err(IssuerFailure::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}
