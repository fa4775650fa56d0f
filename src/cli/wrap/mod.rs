//! What `till run` puts around a command: which real keys there are, what the command gets in
//! their place, and the lines that say so.
//!
//! Environment in, decisions out: nothing here changes the process, opens a file or starts
//! anything, but for the modules about the child.

pub mod asked;
pub mod choices;
pub mod clients;
mod claude_code;
mod codex;
pub mod dotenv;
mod gemini_cli;
pub mod handover;
pub mod inventory;
pub mod left_lying;
pub mod note;
pub mod print_env;
mod slot;
mod swap;
