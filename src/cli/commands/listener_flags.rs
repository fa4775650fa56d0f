//! The flags of a listener, for the proxy and the admin API.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;

use clap::Args;

use crate::serve::listener::{Exposure, ListenError, listen};
use crate::serve::tls::ServerTls;

use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::logs::LogFormat;

/// How clients reach a listener.
#[derive(Clone, Debug, Args)]
pub struct ListenerFlags {
    /// The listener's certificate and its chain (PEM); read again on SIGHUP
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// The key of the listener's certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Listen beyond loopback without TLS: keys cross the network unencrypted
    #[arg(long, conflicts_with = "tls_cert")]
    pub plaintext: bool,
    /// A name that clients call the server by, beside localhost; may be given more than once
    #[arg(long, value_name = "NAME")]
    pub allowed_host: Vec<String>,
    /// Take the client's address from the PROXY protocol (version 2) of a balancer in front
    ///
    /// Every connection must begin with it; for limits by address.
    #[arg(long)]
    pub proxy_protocol: bool,
    /// How the log is written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub log_format: LogFormat,
}

/// What an address is for, in what is said where it is refused.
#[derive(Clone, Copy, Debug)]
pub struct Purpose {
    /// The flag that gives the address.
    pub flag: &'static str,
    /// What crosses the network there.
    pub crossing: &'static str,
}

impl Purpose {
    /// Clients with keys.
    pub const CLIENTS: Self = Self { flag: "--listen", crossing: "keys" };
    /// Whoever scrapes metrics.
    pub const METRICS: Self = Self { flag: "--metrics", crossing: "what each key uses" };
}

impl ListenerFlags {
    /// The certificate, where one was given.
    ///
    /// # Errors
    /// Where it cannot be used.
    pub fn server_tls(&self) -> Result<Option<ServerTls>, Failure> {
        let (Some(certificate), Some(key)) = (&self.tls_cert, &self.tls_key) else {
            return Ok(None);
        };
        let loaded = ServerTls::load(certificate, key);
        loaded.map(Some).map_err(|error| {
            Failure::new(Exit::Failed, "the listener's certificate cannot be used")
                .why(error)
                .hint("name PEM files that belong together with `--tls-cert` and `--tls-key`")
        })
    }

    /// Listens on an address.
    ///
    /// # Errors
    /// Where the address is refused; `other` is one to take instead.
    pub fn listen(&self, address: SocketAddr, other: u16) -> Result<TcpListener, Failure> {
        self.listen_for(Purpose::CLIENTS, address, other)
    }

    /// The same, for this purpose.
    ///
    /// # Errors
    /// As [`ListenerFlags::listen`].
    pub fn listen_for(
        &self,
        Purpose { flag, crossing }: Purpose,
        address: SocketAddr,
        other: u16,
    ) -> Result<TcpListener, Failure> {
        let exposure = if self.plaintext || self.tls_cert.is_some() {
            Exposure::Anywhere
        } else {
            Exposure::Loopback
        };
        listen(address, exposure).map_err(|error| {
            let text = error.to_string();
            match error {
                ListenError::NotLoopback(_) => Failure::new(
                    Exit::Refused,
                    format!(
                        "`{address}` is not a loopback address, and {crossing} would cross the \
                         network unencrypted"
                    ),
                )
                .hint("give it a certificate with `--tls-cert` and `--tls-key`")
                .hint(format!(
                    "or listen on a loopback address, as `{flag} 127.0.0.1:{}`",
                    address.port()
                ))
                .hint("where the network itself is safe, say `--plaintext`"),
                ListenError::InUse(_) => Failure::new(Exit::Failed, text).hint(format!(
                    "stop the other process, or take another port with `{flag} 127.0.0.1:{other}`"
                )),
                ListenError::Refused(..) => Failure::new(Exit::Failed, text)
                    .hint(format!("take another address with `{flag}`")),
            }
        })
    }
}
