//! An issuer's keys with their private parts, for tests.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding,
    RsaKeyPair,
};
use serde_json::{Value, json};

/// A moment in the middle of every test.
pub(super) const NOW: u64 = 1_800_000_000;
pub(super) const ISSUER: &str = "https://issuer.example";
pub(super) const AUDIENCE: &str = "till";

const RSA: &[u8] = include_bytes!("../../../tests/fixtures/oidc/rsa.pk8");
const RSA_ROTATED: &[u8] = include_bytes!("../../../tests/fixtures/oidc/rsa-rotated.pk8");

/// Signs with a key of every type. The names of its keys begin with its own.
pub(super) struct Signer {
    name: &'static str,
    rsa: RsaKeyPair,
    p256: EcdsaKeyPair,
    p384: EcdsaKeyPair,
    ed: Ed25519KeyPair,
    random: SystemRandom,
}

impl Signer {
    pub(super) fn new() -> Self {
        Self::named("one", RSA)
    }

    pub(super) fn rotated() -> Self {
        Self::named("two", RSA_ROTATED)
    }

    fn named(name: &'static str, rsa: &[u8]) -> Self {
        let random = SystemRandom::new();
        let ec = |algorithm: &'static EcdsaSigningAlgorithm| {
            let key = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
            EcdsaKeyPair::from_pkcs8(algorithm, key.as_ref(), &random).unwrap()
        };
        let (p256, p384) =
            (ec(&ECDSA_P256_SHA256_FIXED_SIGNING), ec(&ECDSA_P384_SHA384_FIXED_SIGNING));
        let ed = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
        let ed = Ed25519KeyPair::from_pkcs8(ed.as_ref()).unwrap();
        Self { name, rsa: RsaKeyPair::from_pkcs8(rsa).unwrap(), p256, p384, ed, random }
    }

    /// What the issuer publishes: an RSA key, P-256, P-384 and Ed25519, in this order.
    pub(super) fn jwks(&self) -> Value {
        let rsa: PublicKeyComponents<Vec<u8>> = self.rsa.public().into();
        let ec = |curve: &str, key: &EcdsaKeyPair| {
            let point = &key.public_key().as_ref()[1..];
            let (x, y) = point.split_at(point.len() / 2);
            json!({"kty": "EC", "crv": curve, "kid": self.kid(curve), "use": "sig",
                   "x": encoded(x), "y": encoded(y)})
        };
        json!({"keys": [
            {"kty": "RSA", "kid": self.kid("rsa"), "n": encoded(&rsa.n), "e": encoded(&rsa.e)},
            ec("P-256", &self.p256),
            ec("P-384", &self.p384),
            {"kty": "OKP", "crv": "Ed25519", "kid": self.kid("ed"), "alg": "EdDSA",
             "x": encoded(self.ed.public_key().as_ref())},
        ]})
    }

    pub(super) fn kid(&self, key: &str) -> String {
        format!("{}-{key}", self.name)
    }

    /// A token with this algorithm and the key that goes with it.
    pub(super) fn token(&self, algorithm: &str, claims: &Value) -> String {
        let key = match algorithm {
            "RS256" | "PS256" => "rsa",
            "ES256" => "P-256",
            "ES384" => "P-384",
            _ => "ed",
        };
        self.signed(algorithm, &json!({"alg": algorithm, "kid": self.kid(key)}), claims)
    }

    /// A token with any header, signed with this algorithm.
    pub(super) fn signed(&self, algorithm: &str, header: &Value, claims: &Value) -> String {
        let header = encoded(header.to_string().as_bytes());
        let input = format!("{header}.{}", encoded(claims.to_string().as_bytes()));
        let message = input.as_bytes();
        let rsa = |padding: &'static dyn RsaEncoding| {
            let mut signature = vec![0; self.rsa.public().modulus_len()];
            self.rsa.sign(padding, &self.random, message, &mut signature).unwrap();
            signature
        };
        let signature = match algorithm {
            "RS256" => rsa(&RSA_PKCS1_SHA256),
            "PS256" => rsa(&RSA_PSS_SHA256),
            "ES256" => self.p256.sign(&self.random, message).unwrap().as_ref().to_vec(),
            "ES384" => self.p384.sign(&self.random, message).unwrap().as_ref().to_vec(),
            "EdDSA" => self.ed.sign(message).as_ref().to_vec(),
            "HS256" => {
                // The oldest trick: the public key as the secret.
                let rsa: PublicKeyComponents<Vec<u8>> = self.rsa.public().into();
                let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &rsa.n);
                ring::hmac::sign(&key, message).as_ref().to_vec()
            }
            _ => vec![0],
        };
        format!("{input}.{}", encoded(&signature))
    }
}

/// Claims that are as they must be at [`NOW`].
pub(super) fn claims() -> Value {
    json!({
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "repo:octo/app:ref:refs/heads/main",
        "repository": "octo/app",
        "iat": NOW - 10,
        "nbf": NOW - 10,
        "exp": NOW + 300,
    })
}

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
