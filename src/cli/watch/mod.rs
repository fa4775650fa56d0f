//! `till watch`: what is seen, and what the keys of the keyboard do.
//!
//! What a key does ([`State::on`]) and what is shown ([`draw`]) are functions of the state and of a
//! picture of the store; terminal, signals and store come in at the edge.

mod choose;
mod columns;
mod pen;
mod program;
mod screen;
mod state;
mod store;
mod view;

pub use choose::{Order, chosen};
pub use pen::Means;
pub use program::{Watching, watch};
pub use screen::Screen;
pub use state::{Action, Dialog, Page, State};
pub use view::{Picture, draw, page_rows};
