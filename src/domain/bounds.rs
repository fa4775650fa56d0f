//! Bounds on each key that somebody may mint.

use std::fmt;

use super::cost::Caps;
use super::ids::MasterId;
use super::limits::Limits;
use super::scope::Scope;
use super::time::{Span, Timestamp};

/// What each key may be. Where a key says nothing of something that is bounded, it gets the bound.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Bounds {
    /// What it may open.
    pub masters: Vec<(MasterId, String)>,
    /// Whether it may open a real key that comes with the request.
    pub bring_keys: bool,
    /// How many generations of keys may be made from it.
    pub delegate: u8,
    /// The most activations.
    pub activations: Option<u64>,
    /// The most tokens and money.
    pub caps: Caps,
    /// The longest time, from its minting on.
    pub lifetime: Option<Span>,
    /// What it may be used for.
    pub scope: Scope,
    /// When nothing more is minted.
    pub expires_at: Option<Timestamp>,
}

/// A key that would be outside its minter's bounds: which bound, what it is, and what was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{bound}` is {limit}, and {asked}")]
pub struct OutOfBounds {
    /// The bound's name, as in `max_activations`.
    pub bound: String,
    /// Its value, in words.
    pub limit: String,
    /// What is beyond it, in words.
    pub asked: String,
}

impl OutOfBounds {
    pub(super) fn new(
        bound: impl Into<String>,
        limit: impl fmt::Display,
        asked: impl Into<String>,
    ) -> Self {
        Self { bound: bound.into(), limit: limit.to_string(), asked: asked.into() }
    }
}

impl Bounds {
    /// Whether so many generations of keys may be made from a key.
    ///
    /// # Errors
    /// Where that is more than the bound.
    pub fn check_delegate(&self, asked: u8) -> Result<(), OutOfBounds> {
        if asked <= self.delegate {
            return Ok(());
        }
        let asked = format!("{asked} generations were asked for");
        Err(OutOfBounds::new("max_delegate", self.delegate, asked))
    }

    /// The limits and the scope of a key within these bounds.
    ///
    /// # Errors
    /// The first bound that the key would be beyond.
    pub fn fit(
        &self,
        mut limits: Limits,
        scope: Scope,
        now: Timestamp,
    ) -> Result<(Limits, Scope), OutOfBounds> {
        if let Some(most) = self.activations {
            let asked = *limits.activations.get_or_insert(most);
            if asked > most {
                let asked = format!("{asked} were asked for");
                return Err(OutOfBounds::new("max_activations", most, asked));
            }
        }
        for (measure, most) in self.caps.iter() {
            let asked = limits.caps.on(measure).unwrap_or(most);
            if asked > most {
                let bound = format!("max_{}", measure.name().replace('-', "_"));
                let asked = format!("{} were asked for", measure.words(asked));
                return Err(OutOfBounds::new(bound, measure.words(most), asked));
            }
            limits.caps.set(measure, Some(asked));
        }
        if let Some(most) = self.lifetime {
            let end = now.after(most);
            let asked = *limits.expires_at.get_or_insert(end);
            if asked > end {
                let asked = format!("the key would expire in {}", asked.since(now));
                return Err(OutOfBounds::new("max_expires", most, asked));
            }
        }
        let scope = scope.filled(&self.scope);
        let Scope { models, allow, networks } = self.scope.clone();
        let each = [
            ("models", listed(&models), Scope { models, ..Scope::default() }),
            ("allow", listed(&allow), Scope { allow, ..Scope::default() }),
            ("ip_whitelist", listed(&networks), Scope { networks, ..Scope::default() }),
        ];
        for (bound, limit, of) in each {
            let refused = |wider| OutOfBounds::new(bound, limit, format!("{wider} were asked for"));
            of.holds(&scope).map_err(refused)?;
        }
        Ok((limits, scope))
    }
}

/// The parts of a list, in words.
fn listed(parts: &[impl fmt::Display]) -> String {
    let parts: Vec<String> = parts.iter().map(ToString::to_string).collect();
    parts.join(", ")
}
