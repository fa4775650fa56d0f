//! `till admin serve`: the admin API.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use crate::admin::oidc::Issuers;
use crate::proxy::upstream::tls_config;
use crate::serve::admin::AdminServer;
use crate::serve::signals::Signals;
use crate::serve::stop::Stop;

use super::super::context::Context;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::logs;
use super::key_env::proxy_url;
use super::listener_flags::ListenerFlags;
use super::prices_files::files;

/// Serve the admin API, until Ctrl-C
///
/// Other machines mint, look at and revoke proxy keys with an admin token (`till admin mint`) or the
/// identity of their CI job (`till admin trust`). It is a process of its own beside `till proxy`, on
/// the same store: it holds the root key, which the proxy never does.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  till admin serve
  till admin serve --proxy-url https://till.example.com --listen 0.0.0.0:4101 \\
    --tls-cert cert.pem --tls-key key.pem --allowed-host till.example.com
  till admin serve --key-file /etc/till/key --log-format json

Paths:
  GET    /admin/account       what the token may, and what is left of it
  POST   /admin/keys          mint
  GET    /admin/keys          the keys that it minted
  GET    /admin/keys/ID       one of them
  DELETE /admin/keys/ID       end one of them
  GET    /admin/openapi.json  the description of the API
  GET    /healthz, /readyz    it runs; it can read the store")]
pub struct ServeArgs {
    /// The address to listen on; port 0 takes a free one
    ///
    /// Beyond loopback only with a certificate, unless `--plaintext` is said.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:4101")]
    pub listen: SocketAddr,
    /// Where clients reach the proxy that the keys are good at; every answer names it
    #[arg(long, value_name = "URL", value_parser = proxy_url)]
    pub proxy_url: Option<String>,
    /// Further certificates (PEM) to trust when issuers of identity tokens are asked for their keys
    #[arg(long, value_name = "FILE")]
    pub issuer_ca: Option<PathBuf>,
    /// How clients reach it.
    #[command(flatten)]
    pub listener: ListenerFlags,
}

/// Runs the command.
///
/// # Errors
/// Where there is no store, it cannot be unlocked, or the address cannot be listened on.
pub fn run(context: &Context, args: &ServeArgs) -> Result<(), Failure> {
    // What can fail is tried before anything is asked.
    let server_tls = args.listener.server_tls()?;
    let listener = args.listener.listen(args.listen, args.listen.port().wrapping_add(1))?;
    let prices = crate::proxy::price_list::PriceList::open(files(context, None)?)?;
    let issuers = issuers(args)?;
    let (ledger, unlocked) = context.open_unlocked()?;
    let operator = unlocked.keys();
    drop(unlocked);
    logs::start(context, args.listener.log_format);
    let server = AdminServer {
        ledger,
        operator,
        listener,
        server_tls,
        behind_balancer: args.listener.proxy_protocol,
        allowed_hosts: args.listener.allowed_host.clone(),
        proxy_url: args.proxy_url.clone(),
        prices: Box::new(move || prices.current()),
        issuers,
    };
    let failed =
        |error: io::Error| Failure::new(Exit::Failed, "the server cannot be started").why(error);
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().map_err(failed)?.block_on(async {
        let stop = Stop::Signals(Signals::listen().map_err(failed)?);
        server.run(stop, |url| context.terminal.say(&format!("listening on {url}"))).await?;
        context.terminal.say("stopped");
        Ok(())
    })
}

/// The issuers of identity tokens, by the system's certificates and those that were named.
fn issuers(args: &ServeArgs) -> Result<Issuers, Failure> {
    let tls = tls_config(args.issuer_ca.as_deref()).map_err(|error| {
        Failure::new(Exit::Failed, "the certificates of `--issuer-ca` cannot be used").why(error)
    })?;
    Issuers::new(&tls)
        .map_err(|error| Failure::new(Exit::Failed, "issuers cannot be asked").why(error))
}
