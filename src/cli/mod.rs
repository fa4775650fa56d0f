//! The program as a function of its arguments: what is typed, what is printed, how it exits.

pub mod amount;
pub mod args;
pub mod bar;
pub mod cause;
pub mod commands;
pub mod context;
pub mod counted;
pub mod environment;
pub mod escaped;
pub mod exit;
pub mod failure;
mod failure_of;
pub mod figures_json;
pub mod harden;
pub mod key_json;
pub mod keyring;
pub mod logs;
mod man_page;
pub mod names;
pub mod paths;
pub mod progress;
mod prompt;
mod run;
mod secret_command;
pub mod secret_flags;
mod secret_order;
mod secret_read;
pub mod secret_source;
pub mod style;
pub mod table;
pub mod terminal;
pub mod time_text;
pub mod traces;
mod words;
pub mod wrap;

pub use run::run;
