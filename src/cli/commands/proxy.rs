//! `till proxy`: the forwarder.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;

use clap::Args;

use crate::domain::time::{NotASpan, Span};
use crate::proxy::Deadlines;
use crate::serve::forwarder::{Forwarder, ForwarderOptions};
use crate::serve::listener::{Exposure, ListenError, listen};
use crate::serve::signals::Signals;
use crate::serve::stop::Stop;
use crate::serve::tls::ServerTls;

use super::super::context::Context;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::logs::{self, LogFormat};
use super::onboarding;
use super::upstream_flags::UpstreamFlags;

/// Forward requests, until Ctrl-C
///
/// Clients call `/PROVIDER/…` with a proxy key where the provider's own key would stand, or `/v1/…`
/// with a key that opens one provider only. HTTP/1.1 and HTTP/2 are spoken on both sides. A machine
/// without a store is led through making one, in a terminal. A first Ctrl-C lets streams finish; a
/// second one ends at once.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  till proxy
  till proxy --listen 127.0.0.1:8080
  till proxy --upstream-ca company-ca.pem --upstream-proxy http://proxy.example.com:3128
  till proxy --listen 0.0.0.0:4100 --tls-cert cert.pem --tls-key key.pem --allowed-host till.example.com
  till proxy --key-file /etc/till/key --log-format json

Paths of its own:
  GET /healthz        it runs
  GET /readyz         it can read the store
  GET /till/v1/key    what the key that is sent has left")]
pub struct ProxyArgs {
    /// The address to listen on; port 0 takes a free one
    ///
    /// Beyond loopback only with a certificate, unless `--plaintext` is said.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:4100")]
    pub listen: SocketAddr,
    /// The listener's certificate and its chain (PEM); read again on SIGHUP
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// The key of the listener's certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Listen beyond loopback without TLS: proxy keys cross the network unencrypted
    #[arg(long, conflicts_with = "tls_cert")]
    pub plaintext: bool,
    /// A name that clients call the proxy by, beside localhost; may be given more than once
    #[arg(long, value_name = "NAME")]
    pub allowed_host: Vec<String>,
    /// Take the client's address from the PROXY protocol (version 2) of a balancer in front
    ///
    /// Every connection must begin with it; for `--ip` limits of keys.
    #[arg(long)]
    pub proxy_protocol: bool,
    /// The way to providers, and what they cost.
    #[command(flatten)]
    pub upstream: UpstreamFlags,
    /// How long a provider may take to begin its answer
    #[arg(long, value_name = "SPAN", default_value = "10m", value_parser = span)]
    pub first_byte_timeout: Span,
    /// How long a provider may be silent in the middle of its answer
    #[arg(long, value_name = "SPAN", default_value = "10m", value_parser = span)]
    pub idle_timeout: Span,
    /// How long a provider's whole answer may take
    #[arg(long, value_name = "SPAN", default_value = "2h", value_parser = span)]
    pub total_timeout: Span,
    /// Clients at once; more wait until one leaves
    #[arg(long, value_name = "N", default_value_t = 8_192, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub max_connections: u32,
    /// How long streams may go on after Ctrl-C
    #[arg(long, value_name = "SPAN", default_value = "30s", value_parser = span)]
    pub drain: Span,
    /// How the log is written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub log_format: LogFormat,
}

/// Runs the command.
///
/// # Errors
/// Where there is no store, it cannot be unlocked, or the address cannot be listened on.
pub fn run(context: &Context, args: &ProxyArgs) -> Result<(), Failure> {
    let path = context.store_path()?;
    let missing = path.symlink_metadata().is_err_and(|e| e.kind() == io::ErrorKind::NotFound);
    if missing && !context.terminal.can_ask() {
        return Err(Failure::new(
            Exit::NoStore,
            format!("there is no store at `{}`", path.display()),
        )
        .hint("make one with `till init`, then seal a key with `till master add openai`")
        .hint("or start `till proxy` in a terminal, which leads through it"));
    }
    // What can fail is tried before anything is asked.
    let tls = args.upstream.tls()?;
    let options = options(context, args)?;
    let listener = listener(args)?;
    let (ledger, keys, first) = if missing {
        let welcome = onboarding::run(context, &path)?;
        (welcome.ledger, welcome.keys, welcome.first)
    } else {
        let (ledger, unlocked) = context.open_unlocked()?;
        let first = onboarding::resume(context, &ledger, &unlocked.keys())?;
        // The root key ends here: a forwarder has no use for it.
        let keys = unlocked.root.proxy_keys();
        drop(unlocked);
        (ledger, keys, first)
    };
    logs::start(context, args.log_format);
    let forwarder = Forwarder { ledger, keys, listener, tls, drain: args.drain.to_std(), options };
    serve(context, forwarder, |url| {
        if let Some(first) = &first {
            onboarding::show_lines(context, url, first);
        }
        context.terminal.say(&format!("listening on {url}"));
    })
}

fn serve(context: &Context, forwarder: Forwarder, ready: impl FnOnce(&str)) -> Result<(), Failure> {
    let failed =
        |error: io::Error| Failure::new(Exit::Failed, "the proxy cannot be started").why(error);
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().map_err(failed)?.block_on(async {
        let stop = Stop::Signals(Signals::listen().map_err(failed)?);
        forwarder.run(stop, |url, _| ready(url)).await?;
        context.terminal.say("stopped");
        Ok(())
    })
}

fn options(context: &Context, args: &ProxyArgs) -> Result<ForwarderOptions, Failure> {
    let server_tls = match (&args.tls_cert, &args.tls_key) {
        (Some(certificate), Some(key)) => {
            Some(ServerTls::load(certificate, key).map_err(|error| {
                Failure::new(Exit::Failed, "the listener's certificate cannot be used")
                    .why(error)
                    .hint("name PEM files that belong together with `--tls-cert` and `--tls-key`")
            })?)
        }
        _ => None,
    };
    Ok(ForwarderOptions {
        server_tls,
        behind_balancer: args.proxy_protocol,
        allowed_hosts: args.allowed_host.clone(),
        upstream_proxy: args.upstream.upstream_proxy.clone(),
        prices: args.upstream.price_list(context)?,
        connections: usize::try_from(args.max_connections).unwrap_or(usize::MAX),
        deadlines: Deadlines {
            first_byte: args.first_byte_timeout.to_std(),
            idle: args.idle_timeout.to_std(),
            total: args.total_timeout.to_std(),
        },
        ..ForwarderOptions::default()
    })
}

fn listener(args: &ProxyArgs) -> Result<TcpListener, Failure> {
    let exposure = if args.plaintext || args.tls_cert.is_some() {
        Exposure::Anywhere
    } else {
        Exposure::Loopback
    };
    listen(args.listen, exposure).map_err(|error| {
        let text = error.to_string();
        match error {
            ListenError::NotLoopback(_) => Failure::new(Exit::Refused, text)
                .hint("give it a certificate with `--tls-cert` and `--tls-key`")
                .hint("or listen on a loopback address, as `--listen 127.0.0.1:4100`")
                .hint("where the network itself is safe, say `--plaintext`"),
            ListenError::InUse(_) => Failure::new(Exit::Failed, text).hint(
                "stop the other process, or take another port with `--listen 127.0.0.1:4101`",
            ),
            ListenError::Refused(..) => {
                Failure::new(Exit::Failed, text).hint("take another address with `--listen`")
            }
        }
    })
}

fn span(text: &str) -> Result<Span, String> {
    text.parse().map_err(|error: NotASpan| error.to_string())
}
