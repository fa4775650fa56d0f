//! What till knows about the APIs it forwards to: the provider table, how each takes its
//! credential, where its endpoints lie, how it reports errors.
//!
//! Data, and parsing without I/O. Nothing here knows the store or the network.

pub mod address;
pub mod api;
pub mod auth;
pub mod base_url;
mod classification;
pub mod client;
pub mod credential;
pub mod custom;
mod destination;
pub mod dialect;
pub mod endpoint;
pub mod environment;
pub mod json;
pub mod key_shape;
pub mod leak;
pub mod meter;
mod model_place;
pub mod nearest;
pub mod origin;
mod paths;
pub mod price;
pub mod reach;
pub mod request;
mod routes;
pub mod sse;
pub mod table;
mod tap;

pub use auth::Auth;
pub use base_url::BaseUrl;
pub use client::Client;
pub use custom::CustomProvider;
pub use destination::{NoDestination, destination};
pub use dialect::Dialect;
pub use endpoint::Endpoint;
pub use model_place::ModelPlace;
pub use origin::{Origin, Scheme};
pub use table::{Provider, builtin, find_builtin};
pub use tap::Tap;
