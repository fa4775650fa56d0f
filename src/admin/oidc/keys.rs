//! An issuer's keys (JWKS, RFC 7517 §5), and which algorithm goes with which.
//!
//! The list of algorithms is closed, and a key is used with its own alone (RFC 8725 §3.1, §3.2):
//! nothing that a token says makes an RSA key into a secret for HMAC.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::json;
use super::refusal::Refusal;
use super::token::Token;

/// Bits of an RSA modulus at the least (RFC 7518 §3.3).
const LEAST_RSA_BITS: usize = 2048;

/// What a token may be signed with (RFC 7518 §3.1, RFC 8037 §3.1). No `none`, and nothing that
/// takes a secret which both sides know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// ECDSA over P-256 with SHA-256.
    Es256,
    /// ECDSA over P-384 with SHA-384.
    Es384,
    /// Ed25519.
    Ed25519,
}

impl Algorithm {
    /// The algorithm of an `alg`. `EdDSA` is Ed25519 here, which RFC 9864 calls by its own name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Some(match name {
            "RS256" => Self::Rs256,
            "PS256" => Self::Ps256,
            "ES256" => Self::Es256,
            "ES384" => Self::Es384,
            "EdDSA" | "Ed25519" => Self::Ed25519,
            _ => return None,
        })
    }
}

/// The keys of one issuer.
#[derive(Clone, Debug, Default)]
pub struct KeySet(Vec<PublicKey>);

impl KeySet {
    /// Reads a JWKS. Keys that are of another kind, for another use, too short or not whole are
    /// left out (RFC 7517 §5).
    ///
    /// # Errors
    /// Where it is no JWKS.
    pub fn read(bytes: &[u8]) -> Result<Self, NotAKeySet> {
        let mut set = json::object(bytes).map_err(|_| NotAKeySet)?;
        let Some(Value::Array(keys)) = set.remove("keys") else { return Err(NotAKeySet) };
        let keys = keys.into_iter().filter_map(|key| serde_json::from_value::<Jwk>(key).ok());
        Ok(Self(keys.filter_map(Jwk::into_key).collect()))
    }

    /// How many of the keys can be used.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none can be used.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of the keys has signed the token.
    ///
    /// A token without a `kid` is one of an issuer with one key (OpenID Connect Core 1.0 §10.1).
    pub(super) fn check(&self, token: &Token) -> Result<(), Refusal> {
        let named = |key: &&PublicKey| match &token.key_id {
            Some(id) => key.id.as_ref() == Some(id),
            None => self.len() == 1,
        };
        let mut fit = Err(Refusal::UnknownKey);
        // Keys of two types may share one name (RFC 7517 §4.5).
        for key in self.0.iter().filter(named) {
            match key.verifies(token) {
                Some(true) => return Ok(()),
                Some(false) => fit = Err(Refusal::WrongSignature),
                None if fit == Err(Refusal::UnknownKey) => fit = Err(Refusal::WrongAlgorithm),
                None => {}
            }
        }
        fit
    }
}

/// The bytes are no JWKS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no set of keys (JWKS)")]
pub struct NotAKeySet;

#[derive(Clone, Debug)]
struct PublicKey {
    id: Option<String>,
    /// The one algorithm that the issuer uses it with, where it says so.
    algorithm: Option<Algorithm>,
    material: Material,
}

#[derive(Clone, Debug)]
enum Material {
    Rsa(RsaPublicKeyComponents<Vec<u8>>),
    /// An uncompressed point (SEC 1 §2.3.3).
    P256(Vec<u8>),
    P384(Vec<u8>),
    Ed25519(Vec<u8>),
}

impl PublicKey {
    /// Whether the key has signed the token; none where the token's algorithm is not the key's.
    fn verifies(&self, token: &Token) -> Option<bool> {
        if self.algorithm.is_some_and(|own| own != token.algorithm) {
            return None;
        }
        let (message, signature) = (token.signing_input.as_bytes(), &*token.signature);
        let plain = |algorithm: &'static dyn VerificationAlgorithm, key: &[u8]| {
            UnparsedPublicKey::new(algorithm, key).verify(message, signature).is_ok()
        };
        Some(match (&self.material, token.algorithm) {
            (Material::Rsa(key), Algorithm::Rs256) => {
                key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).is_ok()
            }
            (Material::Rsa(key), Algorithm::Ps256) => {
                key.verify(&RSA_PSS_2048_8192_SHA256, message, signature).is_ok()
            }
            (Material::P256(key), Algorithm::Es256) => plain(&ECDSA_P256_SHA256_FIXED, key),
            (Material::P384(key), Algorithm::Es384) => plain(&ECDSA_P384_SHA384_FIXED, key),
            (Material::Ed25519(key), Algorithm::Ed25519) => plain(&ED25519, key),
            _ => return None,
        })
    }
}

/// A key as it is published (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2).
#[derive(Debug, Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
    /// The private part, which nobody else has while the key is good.
    d: Option<IgnoredAny>,
}

impl Jwk {
    /// The key; none where it is not one to verify tokens with.
    fn into_key(self) -> Option<PublicKey> {
        let for_signatures = self.usage.as_ref().is_none_or(|usage| usage == "sig");
        let to_verify =
            self.key_ops.as_ref().is_none_or(|all| all.iter().any(|name| name == "verify"));
        if !for_signatures || !to_verify || self.d.is_some() {
            return None;
        }
        let algorithm = match &self.alg {
            Some(name) => Some(Algorithm::of_name(name)?),
            None => None,
        };
        let material = self.material()?;
        Some(PublicKey { id: self.kid, algorithm, material })
    }

    fn material(&self) -> Option<Material> {
        Some(match (&*self.kty, self.crv.as_deref()) {
            ("RSA", None) => {
                let (n, e) = (unsigned(self.n.as_ref()?)?, unsigned(self.e.as_ref()?)?);
                let spare = usize::try_from(n.first()?.leading_zeros()).ok()?;
                let bits = n.len().checked_mul(8)?.checked_sub(spare)?;
                if bits < LEAST_RSA_BITS {
                    return None;
                }
                Material::Rsa(RsaPublicKeyComponents { n, e })
            }
            ("EC", Some("P-256")) => Material::P256(self.point(32)?),
            ("EC", Some("P-384")) => Material::P384(self.point(48)?),
            ("OKP", Some("Ed25519")) => Material::Ed25519(sized(self.x.as_ref()?, 32)?),
            _ => return None,
        })
    }

    /// A point of a curve, whose coordinates have their whole length (RFC 7518 §6.2.1.2).
    fn point(&self, len: usize) -> Option<Vec<u8>> {
        let (x, y) = (sized(self.x.as_ref()?, len)?, sized(self.y.as_ref()?, len)?);
        Some([vec![4], x, y].concat())
    }
}

/// A number without leading zeros (RFC 7518 §2), which some write all the same.
fn unsigned(text: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    Some(bytes.into_iter().skip_while(|byte| *byte == 0).collect())
}

fn sized(text: &str, len: usize) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| bytes.len() == len)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Signer;
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn usable(key: &Value) -> usize {
        KeySet::read(json!({ "keys": [key] }).to_string().as_bytes()).unwrap().len()
    }

    /// One member of a good key changed at a time.
    #[test]
    fn a_key_that_is_not_to_verify_with_is_left_out() {
        let published = Signer::new().jwks();
        let keys = published["keys"].as_array().unwrap();
        assert_eq!(keys.iter().map(usable).sum::<usize>(), 4);
        let (rsa, ec) = (&keys[0], &keys[1]);
        let short = URL_SAFE_NO_PAD.encode([[0x7f; 1].as_slice(), &[0xff; 255]].concat());
        let weak = URL_SAFE_NO_PAD.encode([0xff; 128]);
        let padded = URL_SAFE_NO_PAD.encode([[0; 200].as_slice(), &[0xff; 128]].concat());
        for (key, member, value, expected) in [
            (rsa, "kid", json!("another"), 1),
            (rsa, "use", json!("sig"), 1),
            (rsa, "use", json!("enc"), 0),
            (rsa, "key_ops", json!(["verify"]), 1),
            (rsa, "key_ops", json!(["encrypt"]), 0),
            (rsa, "alg", json!("PS256"), 1),
            (rsa, "alg", json!("RSA-OAEP"), 0),
            (rsa, "alg", json!("HS256"), 0),
            (rsa, "alg", json!("none"), 0),
            (rsa, "kty", json!("oct"), 0),
            (rsa, "kty", json!("EC"), 0),
            (rsa, "crv", json!("P-256"), 0),
            (rsa, "n", json!(short), 0),
            (rsa, "n", json!(weak), 0),
            (rsa, "n", json!(padded), 0),
            (rsa, "n", json!(""), 0),
            (rsa, "n", json!(null), 0),
            (rsa, "d", json!("AQAB"), 0),
            (ec, "crv", json!("P-384"), 0),
            (ec, "crv", json!("secp256k1"), 0),
            (ec, "x", json!("AQAB"), 0),
            (ec, "y", json!(null), 0),
        ] {
            let mut changed = key.clone();
            changed[member] = value;
            assert_eq!(usable(&changed), expected, "{changed}");
        }
    }

    #[test]
    fn what_is_no_set_of_keys_is_not_read() {
        for text in ["", "[]", "{}", r#"{"keys": {}}"#, r#"{"keys": [], "keys": []}"#] {
            assert_eq!(KeySet::read(text.as_bytes()).map(drop), Err(NotAKeySet), "{text}");
        }
        assert!(KeySet::read(br#"{"keys": [1, {}, {"kty": 1}]}"#).unwrap().is_empty());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC*", x in "\\PC*", kty in "RSA|EC|OKP", crv in "P-256|Ed25519") {
            let _ = KeySet::read(text.as_bytes());
            usable(&json!({"kty": kty, "crv": crv, "n": x, "e": x, "x": x, "y": x}));
            usable(&json!({"kty": kty, "n": x, "e": x}));
        }
    }
}
