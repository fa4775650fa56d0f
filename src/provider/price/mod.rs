//! What models cost: the list prices in the binary, an operator's file over them, the most that a
//! request can be charged and what an answer's usage costs.
//!
//! Every amount is whole picodollars, read from the decimals of the file and rounded up; nothing
//! here is ever a float.

mod charge;
mod circumstances;
mod fault;
mod least;
mod model_name;
mod model_price;
mod multiplier;
mod rates;
mod read;
mod table;
mod worst;

pub use circumstances::{CacheWrite, Circumstances, Media, Region, Said, Tier, Tiers};
pub use fault::PriceFault;
pub use model_price::{Mode, Price, Unusable};
pub use rates::{Kind, Rate};
pub use table::{PriceTable, Priced};

/// The month of the prices in the binary.
pub const PRICES_DATE: &str = "2026-11";
