//! The operations, one file for each verb.

mod admit;
mod create;
mod edit;
mod end;
mod instance;
mod kill;
mod limit_master;
mod master;
mod mint;
mod provider;
mod prune;
mod record_cache;
mod rekey;
mod settle;
mod slot;
mod sweep;

pub use admit::{Admit, Admitted};
pub use create::create;
pub use edit::{Amount, Edit, KeyChange};
pub use end::{EndKeys, live_keys_of, usage_of};
pub use instance::{Recover, Recovered, StartInstance, StopInstance};
pub use kill::{kill, kill_all, note_failed_unlock};
pub(super) use limit_master::most;
pub use limit_master::{CapChange, LimitMaster};
pub use master::{AddMaster, RemoveMaster, RotateMaster};
pub use mint::{KeyTemplate, Mint, Minted};
pub use provider::{AddProvider, RemoveProvider};
pub use prune::Prune;
pub use record_cache::RecordCache;
pub use rekey::Rekey;
pub(super) use settle::release_unknown;
pub use settle::{Settle, Settled};
pub use slot::{AddSlot, RemoveSlot, ReserveSlot};
pub use sweep::{Sweep, Swept};
