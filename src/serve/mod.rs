//! The long-running processes: what they are composed of, and how they stop.

pub mod admin;
pub mod alerts;
mod connection;
pub mod forwarder;
#[cfg(fuzzing)]
pub mod fuzzing;
mod gauges;
pub mod listener;
mod lookout;
mod metrics;
mod patient;
mod proxy_protocol;
mod reception;
pub mod signals;
mod sniff;
pub mod stand_in;
pub mod stop;
mod streams;
pub mod tls;
mod workers;
