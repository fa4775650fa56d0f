//! Signatures of webhooks, by the Standard Webhooks specification
//! (<https://www.standardwebhooks.com>, version 1): HMAC-SHA256 over the message's id, its time and
//! its body, with a secret that both sides know.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac::{HMAC_SHA256, Key, sign};
use zeroize::Zeroizing;

use crate::vault::{SecretText, VaultError, random_array};

/// What a secret's text begins with.
const PREFIX: &str = "whsec_";
/// Bytes of a secret, as the specification asks.
const SIZES: std::ops::RangeInclusive<usize> = 24..=64;

/// What messages to one target are signed with.
#[derive(Debug)]
pub struct SigningSecret(Key);

/// Why a text is no signing secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfit;

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it is not `whsec_` and 24 to 64 bytes in base64")
    }
}

impl SigningSecret {
    /// A new one, as text.
    ///
    /// # Errors
    /// Where the system gives no random bytes.
    pub fn random() -> Result<SecretText, VaultError> {
        let bytes = Zeroizing::new(random_array::<32>()?);
        let encoded = Zeroizing::new(STANDARD.encode(*bytes));
        Ok(SecretText::from(format!("{PREFIX}{}", *encoded)))
    }

    /// The secret of this text.
    ///
    /// # Errors
    /// Where it is none.
    pub fn read(text: &SecretText) -> Result<Self, Unfit> {
        let encoded = text.expose().strip_prefix(PREFIX).ok_or(Unfit)?;
        let bytes = Zeroizing::new(STANDARD.decode(encoded).map_err(|_| Unfit)?);
        if SIZES.contains(&bytes.len()) {
            Ok(Self(Key::new(HMAC_SHA256, &bytes)))
        } else {
            Err(Unfit)
        }
    }

    /// The signature of a message: `seconds` since the epoch is when it is sent.
    pub(super) fn sign(&self, id: &str, seconds: u64, body: &str) -> String {
        let tag = sign(&self.0, format!("{id}.{seconds}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(tag))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's own libraries.
    #[test]
    fn a_known_signature() {
        let secret = SecretText::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned());
        let signed = SigningSecret::read(&secret).unwrap().sign(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            "{\"test\": 2432232314}",
        );
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn other_texts_are_no_secrets() {
        let read = |text: &str| SigningSecret::read(&SecretText::from(text.to_owned())).map(drop);
        assert_eq!(SigningSecret::read(&SigningSecret::random().unwrap()).map(drop), Ok(()));
        for text in [
            "",
            "whsec_",
            "whsec_!",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_c2hvcnQ=",
            &format!("whsec_{}", STANDARD.encode([7; 65])),
        ] {
            assert_eq!(read(text), Err(Unfit), "{text}");
        }
    }
}
