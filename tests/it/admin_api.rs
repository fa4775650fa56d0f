//! The admin API on the wire: bounds, totals, whose keys are whose, and what is refused.

mod bounds;
mod listener;
mod refused;
mod tokens;
mod totals;
