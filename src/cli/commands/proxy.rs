//! `till proxy`: the forwarder.

use std::io;
use std::net::{SocketAddr, TcpListener};

use clap::Args;

use crate::domain::time::{NotASpan, Span};
use crate::proxy::Deadlines;
use crate::serve::forwarder::{Forwarder, ForwarderOptions};
use crate::serve::signals::Signals;
use crate::serve::stop::Stop;

use super::super::context::Context;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::logs;
use super::key_mint::DEFAULT_PORT;
use super::listener_flags::{ListenerFlags, Purpose};
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
  till proxy --metrics 127.0.0.1:4190

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
    /// How clients reach it.
    #[command(flatten)]
    pub listener: ListenerFlags,
    /// The way to providers, and what they cost.
    #[command(flatten)]
    pub upstream: UpstreamFlags,
    /// Read tokens and money also where nothing limits them, for `till usage`
    ///
    /// Requests to metered endpoints are read whole before they go on, and streams are asked for
    /// their usage, which clients do not see.
    #[arg(long)]
    pub meter_all: bool,
    /// Serve metrics for Prometheus on this address, as 127.0.0.1:4190, at `/metrics`
    ///
    /// Whoever reaches it sees what each key uses. It has the certificate of `--tls-cert`, and is
    /// beyond loopback by the same rule as `--listen`.
    #[arg(long, value_name = "ADDR")]
    pub metrics: Option<SocketAddr>,
    /// How long a provider may take to begin its answer
    #[arg(long, value_name = "SPAN", default_value = "10m", value_parser = span)]
    pub first_byte_timeout: Span,
    /// How long a provider may be silent in the middle of its answer
    #[arg(long, value_name = "SPAN", default_value = "10m", value_parser = span)]
    pub idle_timeout: Span,
    /// How long a provider's whole answer may take
    #[arg(long, value_name = "SPAN", default_value = "2h", value_parser = span)]
    pub total_timeout: Span,
    /// Clients at once, and requests; more clients wait until one leaves
    ///
    /// More requests are refused with 503, and so are those of a key that has half of them.
    #[arg(long, value_name = "N", default_value_t = 8_192, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub max_connections: u32,
    /// How long streams may go on after Ctrl-C
    #[arg(long, value_name = "SPAN", default_value = "30s", value_parser = span)]
    pub drain: Span,
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
    let metrics = args.metrics.map(|address| metrics(args, address)).transpose()?;
    let listener = args.listener.listen(args.listen, DEFAULT_PORT.saturating_add(1))?;
    let options = ForwarderOptions { metrics, ..options };
    let metrics = options.metrics.as_ref().and_then(|listener| listener.local_addr().ok());
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
    logs::start(context, args.listener.log_format);
    let forwarder = Forwarder { ledger, keys, listener, tls, drain: args.drain.to_std(), options };
    serve(context, forwarder, |url| {
        if let Some(first) = &first {
            onboarding::show_lines(context, url, first);
        }
        if let Some(address) = metrics {
            let scheme = url.split_once("://").map_or("http", |(scheme, _)| scheme);
            context.terminal.say(&format!("metrics at {scheme}://{address}/metrics"));
        }
        context.terminal.say(&format!("listening on {url}"));
    })
}

/// The listener of the metrics.
fn metrics(args: &ProxyArgs, address: SocketAddr) -> Result<TcpListener, Failure> {
    let other = address.port().wrapping_add(1);
    if address == args.listen && address.port() != 0 {
        let message = format!("`--listen` and `--metrics` both name `{address}`");
        return Err(Failure::new(Exit::Usage, message)
            .why("the metrics have a listener of their own, which keys never reach")
            .hint(format!("take another port, as `--metrics 127.0.0.1:{other}`")));
    }
    args.listener.listen_for(Purpose::METRICS, address, other)
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
    Ok(ForwarderOptions {
        server_tls: args.listener.server_tls()?,
        behind_balancer: args.listener.proxy_protocol,
        allowed_hosts: args.listener.allowed_host.clone(),
        upstream_proxy: args.upstream.upstream_proxy.clone(),
        prices: args.upstream.price_list(context)?,
        meter_all: args.meter_all,
        connections: usize::try_from(args.max_connections).unwrap_or(usize::MAX),
        deadlines: Deadlines {
            first_byte: args.first_byte_timeout.to_std(),
            idle: args.idle_timeout.to_std(),
            total: args.total_timeout.to_std(),
        },
        ..ForwarderOptions::default()
    })
}

fn span(text: &str) -> Result<Span, String> {
    text.parse().map_err(|error: NotASpan| error.to_string())
}
