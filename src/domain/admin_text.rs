//! The text form of an admin token: `till_admin_`, then as a proxy key's.

use std::fmt;
use std::str::FromStr;

use zeroize::{Zeroize, ZeroizeOnDrop};

use super::key_text::{NotAKey, SECRET_BYTES, check, of_random};

/// What every admin token begins with.
pub const PREFIX: &str = "till_admin_";

/// A whole admin token. Zeroed when dropped; its `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct AdminText(String);

impl AdminText {
    /// The token of these random bytes.
    #[must_use]
    pub fn from_random(random: &[u8; SECRET_BYTES]) -> Self {
        Self(of_random(PREFIX, random))
    }

    /// The token itself. Whoever calls this answers for where it goes.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AdminText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AdminText(…)")
    }
}

impl FromStr for AdminText {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, NotAKey> {
        check(PREFIX, text)?;
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_no_key_and_a_key_no_token() {
        let token = AdminText::from_random(&[7; SECRET_BYTES]);
        assert!(token.expose().starts_with(PREFIX));
        assert_eq!(token.expose().parse::<AdminText>(), Ok(token.clone()));
        let key = token.expose().replace(PREFIX, super::super::key_text::PREFIX);
        assert_eq!(key.parse::<AdminText>(), Err(NotAKey::Foreign));
        let mistyped = token.expose().replace("till_admin_0", "till_admin_1");
        assert_eq!(mistyped.parse::<AdminText>(), Err(NotAKey::Mistyped));
        assert_eq!(format!("{token:?}"), "AdminText(…)");
    }
}
