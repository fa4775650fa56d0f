//! Tokens that are not what they seem.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use super::super::fixture::{AUDIENCE, ISSUER, NOW, Signer, claims};
use super::super::{Expected, KeySet, Refusal, Token, Verified, verify};
use crate::domain::time::{Span, Timestamp};

fn keys(signer: &Signer) -> KeySet {
    KeySet::read(signer.jwks().to_string().as_bytes()).unwrap()
}

fn judged(keys: &KeySet, text: &str) -> Result<Verified, Refusal> {
    let now = at(NOW);
    verify(&Token::read(text)?, keys, &Expected { issuer: ISSUER, audience: AUDIENCE, now })
}

/// What becomes of a token whose claims are good but for one.
fn with_claim(name: &str, value: Value) -> Result<(), Refusal> {
    let signer = Signer::new();
    let mut claims = claims();
    claims[name] = value;
    judged(&keys(&signer), &signer.token("ES256", &claims)).map(drop)
}

const fn at(seconds: u64) -> Timestamp {
    Timestamp(Span::seconds(seconds).0)
}

#[test]
fn every_algorithm_is_believed() {
    let signer = Signer::new();
    for algorithm in ["RS256", "PS256", "ES256", "ES384", "EdDSA"] {
        let text = signer.token(algorithm, &claims());
        let verified = judged(&keys(&signer), &text).expect(algorithm);
        assert_eq!(verified.claims["repository"], "octo/app");
        assert_eq!(verified.refused_from, at(NOW + 360));
        assert_eq!(Some(&*verified.signing_input), text.rsplit_once('.').map(|(head, _)| head));
    }
}

/// An algorithm is its key's, whatever the header says.
#[test]
fn keys_are_not_mixed_up() {
    let signer = Signer::new();
    let keys = keys(&signer);
    for (kid, alg, signed_with, expected) in [
        ("rsa", "none", "none", Refusal::WrongAlgorithm),
        ("rsa", "HS256", "HS256", Refusal::WrongAlgorithm),
        ("P-256", "RS256", "RS256", Refusal::WrongAlgorithm),
        ("rsa", "ES256", "ES256", Refusal::WrongAlgorithm),
        ("P-384", "ES256", "ES256", Refusal::WrongAlgorithm),
        ("ed", "ES256", "ES256", Refusal::WrongAlgorithm),
        ("rsa", "RS256", "PS256", Refusal::WrongSignature),
        ("rsa", "PS256", "RS256", Refusal::WrongSignature),
        ("rsa", "RS256", "HS256", Refusal::WrongSignature),
        ("rsa", "RS256", "none", Refusal::WrongSignature),
        ("P-256", "ES256", "ES384", Refusal::WrongSignature),
    ] {
        let header = json!({"alg": alg, "kid": signer.kid(kid)});
        let text = signer.signed(signed_with, &header, &claims());
        assert_eq!(judged(&keys, &text), Err(expected), "{kid} {alg} {signed_with}");
    }
}

#[test]
fn a_key_that_names_its_algorithm_is_used_with_no_other() {
    let signer = Signer::new();
    let mut published = signer.jwks();
    published["keys"][0]["alg"] = json!("PS256");
    let keys = KeySet::read(published.to_string().as_bytes()).unwrap();
    assert!(judged(&keys, &signer.token("PS256", &claims())).is_ok());
    let refused = judged(&keys, &signer.token("RS256", &claims()));
    assert_eq!(refused, Err(Refusal::WrongAlgorithm));
}

#[test]
fn only_keys_of_the_issuer_count() {
    let (signer, other) = (Signer::new(), Signer::rotated());
    let keys = keys(&signer);
    assert_eq!(judged(&keys, &other.token("RS256", &claims())), Err(Refusal::UnknownKey));
    // Under the name of the issuer's own key, or with the key in the token.
    for extra in ["jwk", "jku", "x5u"] {
        let mut header = json!({"alg": "RS256", "kid": signer.kid("rsa")});
        header[extra] = other.jwks()["keys"][0].clone();
        let text = other.signed("RS256", &header, &claims());
        assert_eq!(judged(&keys, &text), Err(Refusal::WrongSignature), "{extra}");
    }
    for kid in [
        json!(""),
        json!("../one-rsa"),
        json!("one-rsa\0"),
        json!("/dev/null"),
        json!("https://issuer.example/one-rsa"),
        json!("' or '1'='1"),
        json!("ONE-RSA"),
    ] {
        let text = signer.signed("RS256", &json!({"alg": "RS256", "kid": kid}), &claims());
        assert_eq!(judged(&keys, &text), Err(Refusal::UnknownKey), "{kid}");
    }
}

#[test]
fn a_key_needs_no_name_where_there_is_one_key() {
    let signer = Signer::new();
    let text = signer.signed("RS256", &json!({"alg": "RS256"}), &claims());
    assert_eq!(judged(&keys(&signer), &text), Err(Refusal::UnknownKey));
    let alone = json!({"keys": [signer.jwks()["keys"][0]]}).to_string();
    let alone = KeySet::read(alone.as_bytes()).unwrap();
    assert!(judged(&alone, &text).is_ok());
    assert_eq!(judged(&KeySet::default(), &text), Err(Refusal::UnknownKey));
}

#[test]
fn two_keys_of_one_name_are_told_apart_by_their_types() {
    let signer = Signer::new();
    let mut published = signer.jwks();
    published["keys"][1]["kid"] = json!(signer.kid("rsa"));
    let keys = KeySet::read(published.to_string().as_bytes()).unwrap();
    for algorithm in ["RS256", "ES256"] {
        let header = json!({"alg": algorithm, "kid": signer.kid("rsa")});
        let good = signer.signed(algorithm, &header, &claims());
        assert!(judged(&keys, &good).is_ok(), "{algorithm}");
        let bad = signer.signed("none", &header, &claims());
        assert_eq!(judged(&keys, &bad), Err(Refusal::WrongSignature), "{algorithm}");
    }
}

#[test]
fn what_was_signed_cannot_be_changed() {
    let signer = Signer::new();
    let keys = keys(&signer);
    let (good, mut other) = (signer.token("RS256", &claims()), claims());
    other["repository"] = json!("mallory/app");
    let other = signer.signed("none", &json!({"alg": "RS256", "kid": signer.kid("rsa")}), &other);
    let (parts, others): (Vec<_>, Vec<_>) = (good.split('.').collect(), other.split('.').collect());
    let spliced = [parts[0], others[1], parts[2]].join(".");
    assert_eq!(judged(&keys, &spliced), Err(Refusal::WrongSignature));
}

#[test]
fn issuer_and_audience_are_compared_to_the_letter() {
    for (name, value, expected) in [
        ("iss", json!("https://issuer.example/"), Err(Refusal::WrongIssuer)),
        ("iss", json!("https://ISSUER.example"), Err(Refusal::WrongIssuer)),
        ("iss", json!("https://mallory.example"), Err(Refusal::WrongIssuer)),
        ("iss", json!(null), Err(Refusal::Malformed("`iss`"))),
        ("aud", json!(["other", AUDIENCE]), Ok(())),
        ("aud", json!(["other"]), Err(Refusal::WrongAudience)),
        ("aud", json!([]), Err(Refusal::WrongAudience)),
        ("aud", json!([AUDIENCE, 1]), Err(Refusal::WrongAudience)),
        ("aud", json!("Till"), Err(Refusal::WrongAudience)),
        ("aud", json!("till "), Err(Refusal::WrongAudience)),
        ("aud", json!(null), Err(Refusal::WrongAudience)),
        ("aud", json!({ AUDIENCE: AUDIENCE }), Err(Refusal::WrongAudience)),
        ("sub", json!(1), Err(Refusal::Malformed("`sub`"))),
    ] {
        assert_eq!(with_claim(name, value.clone()), expected, "{name} {value}");
    }
}

#[test]
fn times_are_held_against_the_clock() {
    let day = 24 * 60 * 60;
    for (name, value, expected) in [
        ("exp", json!(NOW - 59), Ok(())),
        ("exp", json!(NOW - 60), Err(Refusal::Expired(at(NOW - 60)))),
        ("exp", json!(0), Err(Refusal::Expired(at(0)))),
        ("exp", json!(NOW - 10 + day), Ok(())),
        ("exp", json!(NOW - 9 + day), Err(Refusal::TooLongLived)),
        ("exp", json!(u64::MAX), Err(Refusal::TooLongLived)),
        ("exp", json!("1800000300"), Err(Refusal::Malformed("`exp`"))),
        ("exp", json!(null), Err(Refusal::Malformed("`exp`"))),
        ("exp", json!(-1), Err(Refusal::Malformed("`exp`"))),
        ("exp", json!([NOW]), Err(Refusal::Malformed("`exp`"))),
        ("nbf", json!(NOW + 60), Ok(())),
        ("nbf", json!(NOW + 61), Err(Refusal::NotYetValid(at(NOW + 61)))),
        ("nbf", json!("0"), Err(Refusal::Malformed("`nbf`"))),
        ("iat", json!(NOW + 60), Ok(())),
        ("iat", json!(NOW + 61), Err(Refusal::NotYetValid(at(NOW + 61)))),
        ("iat", json!(NOW - day), Err(Refusal::TooLongLived)),
        ("iat", json!(false), Err(Refusal::Malformed("`iat`"))),
    ] {
        assert_eq!(with_claim(name, value.clone()), expected, "{name} {value}");
    }
    // A clock that runs ahead makes no token live longer.
    let signer = Signer::new();
    let mut claims = claims();
    claims["iat"] = json!(NOW + 60);
    claims["exp"] = json!(NOW + 1 + day);
    let judged = judged(&keys(&signer), &signer.token("ES256", &claims));
    assert_eq!(judged, Err(Refusal::TooLongLived));
    // Seconds may have a fraction.
    for (text, expected) in [
        ("1800000300.75", Ok(())),
        ("1.8000003e9", Ok(())),
        ("1e300", Err(Refusal::Malformed("`exp`"))),
        ("1e-7", Err(Refusal::Malformed("`exp`"))),
    ] {
        let value = serde_json::from_str(text).unwrap();
        assert_eq!(with_claim("exp", value), expected, "{text}");
    }
}

#[test]
fn what_every_token_must_have_is_asked_for() {
    let signer = Signer::new();
    for (name, expected) in [
        ("iss", Err(Refusal::Missing("iss"))),
        ("aud", Err(Refusal::Missing("aud"))),
        ("exp", Err(Refusal::Missing("exp"))),
        ("iat", Ok(())),
        ("nbf", Ok(())),
        ("sub", Ok(())),
    ] {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(name);
        let judged = judged(&keys(&signer), &signer.token("ES256", &claims));
        assert_eq!(judged.map(drop), expected, "{name}");
    }
}

/// The order of P-256 (FIPS 186-5, SP 800-186 §3.2.1.3).
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6,
    0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// Of an ECDSA signature (r, s) anybody makes (r, -s), which is good too: a replay is known by what
/// was signed.
#[test]
fn a_replay_with_another_signature_is_the_same_token() {
    let signer = Signer::new();
    let keys = keys(&signer);
    let one = signer.token("ES256", &claims());
    let (input, signature) = one.rsplit_once('.').unwrap();
    let mut signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let mut borrow = 0;
    for (digit, order) in signature[32..].iter_mut().zip(ORDER).rev() {
        let left = i16::from(order) - i16::from(*digit) - borrow;
        borrow = i16::from(left < 0);
        *digit = u8::try_from(left.rem_euclid(256)).unwrap();
    }
    let two = format!("{input}.{}", URL_SAFE_NO_PAD.encode(&signature));
    assert_ne!(one, two);
    assert_eq!(judged(&keys, &two), judged(&keys, &one));
    assert_eq!(judged(&keys, &two).unwrap().signing_input, input);
}

proptest! {
    /// One letter of a good token changed: it is refused, and known for no other token.
    #[test]
    fn no_letter_can_be_changed(at in any::<Index>(), letter in "[A-Za-z0-9_.=-]") {
        let signer = Signer::new();
        let good = signer.token("EdDSA", &claims());
        let at = at.index(good.len());
        let mut changed = good.clone();
        changed.replace_range(at..=at, &letter);
        prop_assume!(changed != good);
        prop_assert!(judged(&keys(&signer), &changed).is_err());
    }
}
