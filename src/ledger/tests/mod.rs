//! The rules, tried on real rows: under every interleaving, through crashes, against edited rows.

#![expect(clippy::arithmetic_side_effects, reason = "small numbers, in tests")]

mod audit;
mod claim;
mod clock;
mod crash;
mod delegation;
mod failing_commits;
mod failing_delegations;
mod forgery;
mod format;
mod hard_limits;
mod interleavings;
mod lineage;
mod lineage_steps;
mod minters;
mod model;
mod operator;
mod pauses;
mod spikes;
mod stage;
mod sums;
mod tree;
mod unreliable;
mod writer;
