//! What every listener speaks, and the command line with them: who is at the other end, which names
//! are ours, and what a proxy key is to be, in JSON.

mod app;
mod host;
pub mod names;
mod peer;
mod when;

pub use app::App;
pub use host::check_origin;
pub use peer::{HostNames, Peer};
pub use when::parse_expiry;
