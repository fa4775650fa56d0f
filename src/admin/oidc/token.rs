//! A JWT in its compact form (RFC 7515 §7.1), read and not yet believed.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::json::{self, Fault, Object};
use super::keys::Algorithm;
use super::refusal::Refusal;

/// Bytes of a token at the most. Those of CI systems have about two thousand.
pub const LONGEST: usize = 16 * 1024;

/// A token as it was shown. Nothing in it is true until [`verify()`](super::verify()) says so.
///
/// Its `Debug` shows no part that could be used.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    pub(super) algorithm: Algorithm,
    pub(super) key_id: Option<String>,
    pub(super) issuer: String,
    pub(super) claims: Object,
    /// The header and the payload as they were sent: what is signed (RFC 7515 §5.2).
    pub(super) signing_input: String,
    pub(super) signature: Vec<u8>,
}

impl Token {
    /// Reads a token.
    ///
    /// Of the header `alg`, `kid`, `typ` and `crit` are looked at. What would bring a key along or
    /// lead to one (`jwk`, `jku`, `x5c`, `x5u`) is nobody's word but the token's (RFC 8725 §3.10).
    ///
    /// # Errors
    /// Where it is no JWT, has no issuer, or asks for what is not done here.
    pub fn read(text: &str) -> Result<Self, Refusal> {
        if text.len() > LONGEST {
            return Err(Refusal::TooLong);
        }
        let mut parts = text.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Refusal::Malformed("form"));
        };
        let signing_input = format!("{header}.{payload}");
        let header = object(header, "header")?;
        if header.contains_key("crit") {
            return Err(Refusal::Critical);
        }
        if !header.get("typ").is_none_or(is_jwt) {
            return Err(Refusal::WrongType);
        }
        let algorithm = header.get("alg").and_then(Value::as_str).and_then(Algorithm::of_name);
        let algorithm = algorithm.ok_or(Refusal::WrongAlgorithm)?;
        let key_id = match header.get("kid") {
            None => None,
            Some(Value::String(id)) => Some(id.clone()),
            Some(_) => return Err(Refusal::Malformed("`kid`")),
        };
        let signature = decoded(signature).ok_or(Refusal::Malformed("signature"))?;
        let claims = object(payload, "payload")?;
        let issuer = match claims.get("iss") {
            Some(Value::String(issuer)) => issuer.clone(),
            Some(_) => return Err(Refusal::Malformed("`iss`")),
            None => return Err(Refusal::Missing("iss")),
        };
        Ok(Self { algorithm, key_id, issuer, claims, signing_input, signature })
    }

    /// Who the token says has issued it: enough to find the trust that may be meant, and no more.
    #[must_use]
    pub fn unverified_issuer(&self) -> &str {
        &self.issuer
    }

    /// Whether both say that they are of one issuer and for one audience: who believes the one may
    /// believe the other.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        self.issuer == other.issuer && self.claims.get("aud") == other.claims.get("aud")
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

fn object(part: &str, name: &'static str) -> Result<Object, Refusal> {
    let bytes = decoded(part).ok_or(Refusal::Malformed(name))?;
    json::object(&bytes).map_err(|fault| match fault {
        Fault::NotAnObject => Refusal::Malformed(name),
        Fault::Duplicate => Refusal::Duplicate(name),
    })
}

/// The bytes of base64url without padding (RFC 7515 §2), in the one way of writing them.
fn decoded(part: &str) -> Option<Vec<u8>> {
    if part.is_empty() { None } else { URL_SAFE_NO_PAD.decode(part).ok() }
}

/// Whether a `typ` is that of a JWT (RFC 7519 §5.1), which leaves the `application/` out or not.
fn is_jwt(typ: &Value) -> bool {
    let name = typ.as_str().unwrap_or_default().to_ascii_lowercase();
    name.strip_prefix("application/").unwrap_or(&name) == "jwt"
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn text(header: &str, payload: &str) -> String {
        format!("{}.{}.AAAA", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload))
    }

    fn refused(text: &str) -> Result<(), Refusal> {
        Token::read(text).map(drop)
    }

    #[test]
    fn the_header_is_held_against_the_rules() {
        let payload = json!({"iss": "https://issuer.example"}).to_string();
        for (header, expected) in [
            (json!({"alg": "RS256"}), Ok(())),
            (json!({"alg": "RS256", "typ": "jwt", "kid": "../../etc/passwd"}), Ok(())),
            (json!({"alg": "RS256", "typ": "application/jwt"}), Ok(())),
            (json!({"alg": "RS256", "typ": "at+jwt"}), Err(Refusal::WrongType)),
            (json!({"alg": "RS256", "typ": 1}), Err(Refusal::WrongType)),
            (json!({"alg": "RS256", "crit": ["exp"]}), Err(Refusal::Critical)),
            (json!({"alg": "RS256", "crit": []}), Err(Refusal::Critical)),
            (json!({"alg": "RS256", "kid": 1}), Err(Refusal::Malformed("`kid`"))),
            (json!({"alg": "none"}), Err(Refusal::WrongAlgorithm)),
            (json!({"alg": "NONE"}), Err(Refusal::WrongAlgorithm)),
            (json!({"alg": "HS256"}), Err(Refusal::WrongAlgorithm)),
            (json!({"alg": "rs256"}), Err(Refusal::WrongAlgorithm)),
            (json!({"alg": ["RS256"]}), Err(Refusal::WrongAlgorithm)),
            (json!({"alg": null}), Err(Refusal::WrongAlgorithm)),
            (json!({}), Err(Refusal::WrongAlgorithm)),
            (json!([]), Err(Refusal::Malformed("header"))),
        ] {
            let text = text(&header.to_string(), &payload);
            assert_eq!(refused(&text), expected, "{header}");
        }
        let twice = text(r#"{"alg": "RS256", "alg": "ES256"}"#, &payload);
        assert_eq!(refused(&twice), Err(Refusal::Duplicate("header")));
    }

    #[test]
    fn the_form_is_held_against_the_rules() {
        let header = r#"{"alg": "RS256"}"#;
        let good = text(header, r#"{"iss": "i"}"#);
        let parts: Vec<_> = good.split('.').collect();
        let (head, body) = (parts[0], parts[1]);
        assert_eq!(Token::read(&good).unwrap().unverified_issuer(), "i");
        for (text, expected) in [
            (String::new(), Refusal::Malformed("form")),
            (format!("{head}.{body}"), Refusal::Malformed("form")),
            (format!("{good}.AAAA"), Refusal::Malformed("form")),
            (format!("{head}.{body}."), Refusal::Malformed("signature")),
            (format!("{head}.{body}.AAA="), Refusal::Malformed("signature")),
            (format!("{head}.{body}.AA/+"), Refusal::Malformed("signature")),
            // The last letter has bits that mean nothing: one signature, one text.
            (format!("{head}.{body}.AB"), Refusal::Malformed("signature")),
            (format!("{head}.{body}.AAAA\n"), Refusal::Malformed("signature")),
            (format!(" {good}"), Refusal::Malformed("header")),
            (format!(".{body}.AAAA"), Refusal::Malformed("header")),
            (format!("{head}..AAAA"), Refusal::Malformed("payload")),
            (text(header, "{}"), Refusal::Missing("iss")),
            (text(header, r#"{"iss": ["i"]}"#), Refusal::Malformed("`iss`")),
            (text(header, r#"{"iss": "i", "iss": "j"}"#), Refusal::Duplicate("payload")),
            (text(header, &"a".repeat(LONGEST)), Refusal::TooLong),
        ] {
            assert_eq!(refused(&text), Err(expected), "{text}");
        }
    }

    #[test]
    fn tokens_of_one_issuer_for_one_audience_are_alike() {
        let token = |iss: &str, aud: Value, jti: u8| {
            let claims = json!({"iss": iss, "aud": aud, "jti": jti}).to_string();
            Token::read(&text(r#"{"alg": "RS256"}"#, &claims)).unwrap()
        };
        let own = token("i", json!("till"), 1);
        assert!(own.is_like(&token("i", json!("till"), 2)));
        assert!(!own.is_like(&token("j", json!("till"), 2)));
        assert!(!own.is_like(&token("i", json!("vault"), 2)));
    }

    #[test]
    fn a_token_is_not_shown() {
        let token = Token::read(&text(r#"{"alg": "RS256"}"#, r#"{"iss": "i", "sub": "x"}"#));
        assert_eq!(format!("{:?}", token.unwrap()), r#"Token { issuer: "i", .. }"#);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC*", header in "\\PC*", payload in "\\PC*") {
            let _ = Token::read(&text);
            let _ = Token::read(&self::text(&header, &payload));
            let _ = Token::read(&self::text(r#"{"alg": "RS256"}"#, &payload));
        }
    }
}
