//! Providers that the operator added.

use super::ids::Revision;
use super::time::Timestamp;

/// A provider that is not in the binary's table, as it lies in the store. The texts were checked
/// when it was added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderRow {
    /// Its name, which its routes begin with.
    pub name: String,
    /// Its base URL.
    pub base_url: String,
    /// How it takes its credential: `bearer`, `raw`, `basic`, `header:NAME`, `query:NAME`.
    pub auth: String,
    /// Headers that every request carries.
    pub headers: Vec<(String, String)>,
    /// Whether cookies go through.
    pub cookies: bool,
    /// Whether plain http and private addresses are allowed.
    pub local: bool,
    /// When it was added.
    pub created_at: Timestamp,
    /// How often the row was written.
    pub revision: Revision,
}
