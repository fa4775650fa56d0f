//! `till proxy`: the forwarder.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;

use clap::Args;
use rustls::ClientConfig;

use crate::domain::time::Span;
use crate::ledger::Ledger;
use crate::proxy::upstream::tls_config;
use crate::serve::forwarder::{Forwarder, Stop};
use crate::serve::listener::{ListenError, listen};
use crate::serve::signals::Signals;
use crate::vault::ProxyKeys;

use super::super::context::Context;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::logs::{self, LogFormat};
use super::onboarding;

/// Forward requests, until Ctrl-C
///
/// Clients call `/PROVIDER/…` with a proxy key where the provider's own key would stand, or `/v1/…`
/// with a key that opens one provider only. A machine without a store is led through making one,
/// in a terminal. A first Ctrl-C lets streams finish; a second one ends at once.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  till proxy
  till proxy --listen 127.0.0.1:8080
  till proxy --upstream-ca company-ca.pem
  till proxy --key-file /etc/till/key --log-format json

Paths of its own:
  GET /healthz        it runs
  GET /readyz         it can read the store
  GET /till/v1/key    what the key that is sent has left")]
pub struct ProxyArgs {
    /// The address to listen on: a loopback address; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:4100")]
    pub listen: SocketAddr,
    /// Certificates to trust upstream, beside the system's (PEM)
    #[arg(long, value_name = "FILE")]
    pub upstream_ca: Option<PathBuf>,
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
    let tls = tls(args)?;
    let listener = listener(args)?;
    let (ledger, keys, welcome) = if missing {
        let welcome = onboarding::run(context, &path)?;
        (welcome.ledger, welcome.keys, Some((welcome.key, welcome.providers)))
    } else {
        let (ledger, unlocked) = context.open_unlocked()?;
        // The root key ends here: a forwarder has no use for it.
        let keys = unlocked.root.proxy_keys();
        drop(unlocked);
        (ledger, keys, None)
    };
    logs::start(context, args.log_format);
    serve(context, args, ledger, keys, listener, tls, |address| {
        if let Some((Some(key), providers)) = &welcome {
            onboarding::show_lines(context, address, key, providers);
        }
        context.terminal.say(&format!("listening on http://{address}"));
    })
}

fn serve(
    context: &Context,
    args: &ProxyArgs,
    ledger: Ledger,
    keys: ProxyKeys,
    listener: TcpListener,
    tls: ClientConfig,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), Failure> {
    let failed =
        |error: io::Error| Failure::new(Exit::Failed, "the proxy cannot be started").why(error);
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().build().map_err(failed)?;
    runtime.block_on(async {
        let stop = Stop::Signals(Signals::listen().map_err(failed)?);
        let forwarder = Forwarder { ledger, keys, listener, tls, drain: args.drain.to_std() };
        forwarder.run(stop, ready).await?;
        context.terminal.say("stopped");
        Ok(())
    })
}

fn tls(args: &ProxyArgs) -> Result<ClientConfig, Failure> {
    tls_config(args.upstream_ca.as_deref()).map_err(|error| match &args.upstream_ca {
        Some(path) => Failure::new(Exit::Failed, format!("`{}` cannot be trusted", path.display()))
            .why(error)
            .hint("name a file of PEM certificates with `--upstream-ca`"),
        None => Failure::new(Exit::Failed, "TLS cannot be set up").why(error),
    })
}

fn listener(args: &ProxyArgs) -> Result<TcpListener, Failure> {
    listen(args.listen).map_err(|error| {
        let text = error.to_string();
        match error {
            ListenError::NotLoopback(_) => Failure::new(Exit::Refused, text)
                .hint("listen on a loopback address, as `--listen 127.0.0.1:4100`"),
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
    text.parse().map_err(|error: crate::domain::time::NotASpan| error.to_string())
}
