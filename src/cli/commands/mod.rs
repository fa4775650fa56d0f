//! The commands, one file for each verb.

pub mod completions;
pub mod demo;
mod demo_stage;
pub mod init;
pub mod key;
pub mod key_edit;
pub mod key_env;
pub mod key_limits;
pub mod key_ls;
pub mod key_mint;
pub mod key_prune;
pub mod key_revoke;
pub mod key_show;
pub mod left;
pub mod man;
pub mod master;
pub mod master_add;
mod master_verify;
pub mod onboarding;
pub mod passwd;
pub mod provider;
pub mod provider_add;
pub mod proxy;
pub mod rekey;
pub mod stop;
pub mod unlock;
pub mod unlock_add;
