//! The way to providers, and what they cost, as they are typed for `proxy` and `run`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use http::Uri;
use rustls::ClientConfig;

use crate::proxy::price_list::PriceList;
use crate::proxy::upstream::tls_config;

use super::super::context::Context;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::prices_files::files;

/// How providers are reached, and what they cost.
#[derive(Clone, Debug, Args)]
pub struct UpstreamFlags {
    /// Certificates to trust upstream, beside the system's (PEM)
    #[arg(long, value_name = "FILE")]
    pub upstream_ca: Option<PathBuf>,
    /// A proxy on the way to providers: http://HOST:PORT, by CONNECT
    ///
    /// It resolves the providers' names, so that their addresses are not checked here. Providers
    /// that were added with `--local` are reached directly. Proxy variables of the environment are
    /// ignored.
    #[arg(long, value_name = "URL", value_parser = proxy_url)]
    pub upstream_proxy: Option<Uri>,
    /// A file of prices over those in till and those that were set; read again when it changes
    /// [default: `TILL_PRICES`]
    #[arg(long, value_name = "FILE")]
    pub prices: Option<PathBuf>,
}

impl UpstreamFlags {
    /// Whom to trust upstream.
    ///
    /// # Errors
    /// Where the certificates cannot be read.
    pub fn tls(&self) -> Result<ClientConfig, Failure> {
        tls_of(self.upstream_ca.as_deref())
    }

    /// What models cost, from the binary and the files over it.
    ///
    /// # Errors
    /// Where a file is malformed, or is not there and should be.
    pub fn price_list(&self, context: &Context) -> Result<Arc<PriceList>, Failure> {
        Ok(Arc::new(PriceList::open(files(context, self.prices.as_deref())?)?))
    }
}

/// Whom to trust, with the certificates of a file beside the system's.
///
/// # Errors
/// Where the certificates cannot be read.
pub(super) fn tls_of(file: Option<&Path>) -> Result<ClientConfig, Failure> {
    tls_config(file).map_err(|error| match file {
        Some(path) => Failure::new(Exit::Failed, format!("`{}` cannot be trusted", path.display()))
            .why(error)
            .hint("name a file of PEM certificates with `--upstream-ca`"),
        None => Failure::new(Exit::Failed, "TLS cannot be set up").why(error),
    })
}

fn proxy_url(text: &str) -> Result<Uri, String> {
    let uri: Uri = text.parse().map_err(|_| "write it as in http://proxy.example.com:3128")?;
    let bare = uri.path_and_query().is_none_or(|rest| rest.as_str() == "/");
    let named = uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
    if uri.scheme_str() == Some("http") && bare && named {
        Ok(uri)
    } else {
        Err("write it as in http://proxy.example.com:3128, without a user or a path".to_owned())
    }
}
