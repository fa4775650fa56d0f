//! Who may mint proxy keys without unlocking the store: holders of an admin token, and CI jobs whose
//! own identity the operator trusts.

use super::bounds::Bounds;
use super::ids::{MinterId, Revision};
use super::pattern::Pattern;
use super::time::Timestamp;

/// One who may mint within bounds.
#[derive(Clone, Debug)]
pub struct Minter {
    /// Its number in the store.
    pub id: MinterId,
    /// What the operator calls it.
    pub name: String,
    /// How it shows who it is.
    pub proof: Proof,
    /// What it may mint.
    pub bounds: Bounds,
    /// When it was made.
    pub created_at: Timestamp,
    /// How often the row was written.
    pub revision: Revision,
}

/// How a minter shows who it is.
#[derive(Clone, Debug)]
pub enum Proof {
    /// By an admin token, of which the store has a keyed hash.
    Token {
        /// The hash, which the index must agree with.
        lookup: [u8; 32],
    },
    /// By a token that its own issuer signed.
    Identity(Trust),
}

/// Whose identity tokens are taken (`OpenID` Connect Core 1.0 §2).
#[derive(Clone, Debug)]
pub struct Trust {
    /// Whose: `github`, `gitlab`, `oidc`.
    pub kind: String,
    /// The issuer: an https URL, as it stands in the tokens.
    pub issuer: String,
    /// Whom the tokens must be meant for.
    pub audience: String,
    /// What they must say: every one of these claims.
    pub claims: Vec<(String, Pattern)>,
    /// Whether plain http and private addresses are allowed for the issuer.
    pub local: bool,
}

impl Minter {
    /// Whether its time is over.
    #[must_use]
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.bounds.expires_at.is_some_and(|end| end <= now)
    }

    /// Whether it is one of those that show an identity token.
    #[must_use]
    pub fn trust(&self) -> Option<&Trust> {
        match &self.proof {
            Proof::Token { .. } => None,
            Proof::Identity(trust) => Some(trust),
        }
    }
}
