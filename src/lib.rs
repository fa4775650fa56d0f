//! till hands out proxy keys in place of real API keys.
pub mod domain;
