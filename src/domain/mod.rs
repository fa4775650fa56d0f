//! The rules: ids, amounts, time, keys, limits, admission, settling, denials, events.
//!
//! Integers in, decisions out. Nothing here does I/O, reads a clock, awaits, or knows how a row
//! looks on disk.

pub mod admin_text;
pub mod admission;
pub mod alert;
pub mod alert_retry;
pub mod alert_target;
pub mod base32;
pub mod bounds;
pub mod clock;
pub mod cost;
pub mod delegation;
pub mod demand;
pub mod denial;
pub mod endpoint;
pub mod event;
pub mod histogram;
pub mod hold;
pub mod ids;
pub mod key;
pub mod key_text;
pub mod limits;
pub mod master;
pub mod master_usage;
pub mod minter;
pub mod money;
pub mod pattern;
pub mod pause;
pub mod provider_row;
pub mod rate;
pub mod retention;
pub mod rollup;
pub mod scope;
pub mod sealed;
pub mod settlement;
pub mod share;
pub mod slot;
pub mod spike;
pub mod status;
pub mod time;
pub mod totals;
pub mod unfit;
