//! The long-running processes: what the forwarder is composed of, and how it stops.

mod connection;
pub mod forwarder;
pub mod listener;
pub mod signals;
pub mod stand_in;
mod workers;
