//! What every listener speaks, and the command line with them: who is at the other end, which names
//! are ours, and what a proxy key is to be, in JSON.

mod app;
mod body;
mod host;
mod key_request;
pub mod max_price;
pub mod metadata;
pub mod names;
mod outward;
mod peer;
mod upload;
mod when;

pub use app::App;
pub use body::{BodyFault, read_json};
pub use host::check_origin;
pub use key_request::{FieldFault, KeyRequest, MAX_COUNT, Secret, network};
pub use outward::Outward;
pub use peer::{HostNames, Peer};
pub use upload::{Rest, Upload};
pub use when::{parse_expiry, parse_past};
