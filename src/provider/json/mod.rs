//! JSON as it stands on the wire: read with its places, so that single values can be exchanged and
//! every other byte stays as it came.

mod edit;
mod tree;

pub use edit::Edits;
pub use tree::{Fault, Member, Node, Value};
