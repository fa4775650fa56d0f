//! `till master add --verify`: one harmless request that shows whether a provider knows a key.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use crate::domain::endpoint::EndpointClass;
use crate::provider::address::is_public;
use crate::provider::credential::render;
use crate::provider::{Origin, Provider};
use crate::proxy::upstream::tls_config;
use crate::vault::SecretText;

use super::super::cause::innermost;
use super::super::context::Context;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::progress::Progress;

/// How long a provider may take to say whether it knows a key.
const PATIENCE: Duration = Duration::from_secs(30);

/// Anthropic answers nothing without it; its clients choose it, so the table does not.
const ANTHROPIC_VERSION: (&str, &str) = ("anthropic-version", "2023-06-01");

/// What is to be verified.
#[derive(Debug)]
pub(super) struct Verify<'a> {
    /// Where the key belongs, with the headers that go with it.
    pub(super) provider: &'a Provider,
    /// The key.
    pub(super) secret: &'a SecretText,
    /// Further certificates to trust.
    pub(super) upstream_ca: Option<&'a Path>,
}

impl Verify<'_> {
    /// Asks the provider for something free that needs a key.
    ///
    /// # Errors
    /// Where nothing harmless is known, the provider cannot be asked, or it does not take the key.
    pub(super) fn run(&self, context: &Context) -> Result<(), Failure> {
        let Some(path) = harmless_path(self.provider) else {
            let name = &self.provider.name;
            return Err(Failure::new(
                Exit::Failed,
                format!("till knows no harmless request to check a key of `{name}` with"),
            )
            .hint("leave `--verify` out"));
        };
        let spinner = Progress::spinner(&context.terminal, "asking the provider");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| self.failed(&error.to_string()))?;
        let status = runtime.block_on(self.ask(&path));
        drop(spinner);
        match status? {
            200..=299 => {
                context.terminal.say("the provider knows the key");
                Ok(())
            }
            status => Err(Failure::new(Exit::Failed, "the provider does not take the key")
                .why(format!("it answered GET {path} with status {status}"))
                .hint("check the key, or leave `--verify` out")),
        }
    }

    async fn ask(&self, path: &str) -> Result<u16, Failure> {
        let Provider { origin, headers, .. } = self.provider;
        let credential = render(self.provider.auth_for(path), self.secret.expose())
            .map_err(|error| self.failed(&error.to_string()))?;
        // The addresses that are checked are those that are dialled.
        let addresses = self.addresses().await?;
        let client = self.client(&addresses)?;
        let mut url = format!("{origin}{path}");
        if let Some((name, value)) = &credential.query {
            url = format!("{url}?{name}={}", value.as_str());
        }
        let mut request = client.get(url);
        if let Some((name, value)) = credential.header {
            request = request.header(name, value);
        }
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let (name, value) = ANTHROPIC_VERSION;
        if self.provider.name == "anthropic"
            && !headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name))
        {
            request = request.header(name, value);
        }
        // The URL may hold the key: it is never part of a message.
        let sent = request.send().await.map_err(|error| innermost(&error.without_url()));
        sent.map(|response| response.status().as_u16()).map_err(|why| self.failed(&why))
    }

    fn client(&self, addresses: &[SocketAddr]) -> Result<reqwest::Client, Failure> {
        let tls = tls_config(self.upstream_ca).map_err(|error| match self.upstream_ca {
            Some(path) => {
                Failure::new(Exit::Failed, format!("`{}` cannot be trusted", path.display()))
                    .why(error)
                    .hint("name a file of PEM certificates with `--upstream-ca`")
            }
            None => Failure::new(Exit::Failed, "TLS cannot be set up").why(error),
        })?;
        reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(PATIENCE)
            .resolve_to_addrs(&self.provider.origin.host, addresses)
            .build()
            .map_err(|error| self.failed(&innermost(&error.without_url())))
    }

    /// Where the provider is: public addresses only, unless others are allowed.
    async fn addresses(&self) -> Result<Vec<SocketAddr>, Failure> {
        let Origin { host, port, .. } = &self.provider.origin;
        let found = tokio::net::lookup_host((&**host, *port)).await;
        let found: Vec<_> = found.map_err(|error| self.failed(&error.to_string()))?.collect();
        let open = |address: &&SocketAddr| self.provider.local || is_public(address.ip());
        let allowed: Vec<_> = found.iter().filter(open).copied().collect();
        if allowed.is_empty() && !found.is_empty() {
            return Err(self
                .failed("the name has private addresses only")
                .hint("say `--local` if it is a server of your own"));
        }
        Ok(allowed)
    }

    fn failed(&self, why: &str) -> Failure {
        let what = format!("`{}` could not be asked about the key", self.provider.origin);
        Failure::new(Exit::Failed, what).why(why).hint("check the network, or leave `--verify` out")
    }
}

/// A free endpoint that needs a key, as it is sent upstream.
fn harmless_path(provider: &Provider) -> Option<String> {
    let free = provider
        .endpoints
        .iter()
        .filter(|endpoint| endpoint.class == EndpointClass::Free && endpoint.takes("GET"));
    // A list and all that is below it is one row: the list alone is asked for.
    let mut paths = free.map(|endpoint| endpoint.path.strip_suffix("/**").unwrap_or(endpoint.path));
    paths.find(|path| !path.contains('*')).map(|path| provider.upstream_path(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::find_builtin;

    /// Names in the public DNS may lead anywhere.
    #[tokio::test]
    async fn private_addresses_are_for_local_providers() {
        let secret = SecretText::from("sk-0123456789".to_owned());
        for (host, local, asked) in [
            ("10.0.0.1", false, false),
            ("localhost", false, false),
            ("169.254.169.254", false, false),
            ("10.0.0.1", true, true),
            ("1.1.1.1", false, true),
        ] {
            let origin = Origin::https(host);
            let provider = Provider { origin, local, ..find_builtin("openai").unwrap().clone() };
            let verify = Verify { provider: &provider, secret: &secret, upstream_ca: None };
            let addresses = verify.addresses().await;
            assert_eq!(addresses.is_ok(), asked, "{host}: {addresses:?}");
        }
    }
}
