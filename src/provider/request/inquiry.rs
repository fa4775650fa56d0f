//! What the proxy knows of a request before it is forwarded.

use std::sync::Arc;

use crate::domain::limits::MaxPrice;
use crate::provider::Provider;
use crate::provider::price::PriceTable;

/// One request, as the proxy has it.
#[derive(Clone, Copy, Debug)]
pub struct Inquiry<'a> {
    /// The provider that it goes to.
    pub provider: &'a Provider,
    /// Its method.
    pub method: &'a str,
    /// Its path, as it is sent upstream.
    pub path: &'a str,
    /// The query behind it, without the question mark.
    pub query: Option<&'a str>,
    /// Its content type, where it has one.
    pub content_type: Option<&'a str>,
    /// Its whole body, not compressed.
    pub body: &'a [u8],
    /// The prices that hold.
    pub prices: &'a Arc<PriceTable>,
    /// Whether a limit on money is among those that hold.
    pub spend: bool,
    /// The dearest model that a router may choose for the key.
    pub max_price: Option<MaxPrice>,
    /// Whether the key admits what has no bound.
    pub soft: bool,
    /// Whether nothing limits it, and somebody only wants to know what it costs: then no bound is
    /// put into it.
    pub watched: bool,
}
