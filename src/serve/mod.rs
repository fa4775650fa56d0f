//! The long-running processes: what the forwarder is composed of, and how it stops.

mod connection;
pub mod forwarder;
pub mod listener;
mod patient;
mod proxy_protocol;
pub mod signals;
mod sniff;
pub mod stand_in;
pub mod tls;
mod workers;
