//! The socket that the forwarder listens on.

use std::io;
use std::net::{SocketAddr, TcpListener};

/// Why there is no listener.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The address is not one of this machine's alone.
    #[error("`{0}` is not a loopback address, and keys would cross the network unencrypted")]
    NotLoopback(SocketAddr),
    /// Another process listens there.
    #[error("`{0}` is in use by another process")]
    InUse(SocketAddr),
    /// The system refuses it.
    #[error("`{0}` cannot be listened on: {1}")]
    Refused(SocketAddr, #[source] io::Error),
}

/// Who may listen beyond this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exposure {
    /// Loopback alone: connections are not encrypted.
    Loopback,
    /// Any address: connections are encrypted, or the operator has said that they need not be.
    Anywhere,
}

/// Listens on an address.
///
/// One plain socket without `SO_REUSEPORT`: with it, a second process could bind the same port and
/// receive others' keys.
///
/// # Errors
/// As [`ListenError`] says.
pub fn listen(address: SocketAddr, exposure: Exposure) -> Result<TcpListener, ListenError> {
    if exposure == Exposure::Loopback && !address.ip().is_loopback() {
        return Err(ListenError::NotLoopback(address));
    }
    let listener = TcpListener::bind(address).map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => ListenError::InUse(address),
        _ => ListenError::Refused(address, error),
    })?;
    listener.set_nonblocking(true).map_err(|error| ListenError::Refused(address, error))?;
    Ok(listener)
}
