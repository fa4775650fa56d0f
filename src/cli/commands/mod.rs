//! The commands, one file for each verb.

pub mod completions;
pub mod demo;
pub mod init;
pub mod key;
pub mod key_edit;
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
pub mod onboarding;
pub mod passwd;
pub mod provider;
pub mod proxy;
pub mod rekey;
pub mod stop;
pub mod unlock;
