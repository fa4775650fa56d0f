//! What `till run` puts around a command: which real keys there are, what the command gets in
//! their place, and the lines that say so.
//!
//! Environment in, decisions out: nothing here changes the process, opens a file or starts
//! anything, but for the modules of the child (`child`, `descendants`, `job`, `signals`) and of
//! till's second life (`rebirth`, `parcel`).

pub mod asked;
pub mod child;
pub mod choices;
mod claude_code;
pub mod clients;
mod codex;
mod descendants;
pub mod dotenv;
#[cfg(test)]
mod fixture;
mod found;
mod gemini_cli;
pub mod handover;
pub mod inventory;
pub mod job;
mod left_lying;
mod no_proxy;
pub mod note;
pub mod parcel;
pub mod places;
pub mod print_env;
pub mod rebirth;
#[cfg(test)]
mod secrecy;
pub mod signals;
mod slot;
mod swap;
mod sweep;
mod unknown;

pub use asked::Asked;
pub use choices::Choices;
pub use handover::{Change, Handover, Offer, hand_over};
pub use inventory::{Inventory, Known, RealKey, take_inventory};
pub use note::Note;
pub use places::Places;
pub use print_env::Shell;
pub use slot::Unusable;
