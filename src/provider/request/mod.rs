//! A request for a metered endpoint: the most that it can cost, how its body is brought down to
//! what is granted, and what its answer is charged.
//!
//! Nothing here is taken on trust from the client: what is not known to have a bound has none, and
//! is refused or, on a key with the soft overshoot, marked so.

mod api_of;
mod case;
mod choices;
mod context;
mod fields;
mod image;
mod input;
mod inquiry;
mod limit;
mod made;
mod members;
mod models;
mod names;
mod number;
mod output;
mod part;
mod plan;
mod planning;
mod pricing;
mod query;
mod refusal;
mod router;
mod service;
mod stream;
mod tariff;
#[cfg(test)]
mod tests;
mod tools;
mod upload;
mod visible;

pub use inquiry::Inquiry;
pub use names::is_alike;
pub use plan::Plan;
pub use planning::plan;
pub use refusal::Refusal;
pub use tariff::Tariff;
