//! Who knows the secrets, and looks for them in whatever is written.

/// The prefixes that anybody may see.
const PREFIX: usize = 8;
/// Bytes of a secret that nobody says by chance.
const PART: usize = 16;
/// Characters of a proxy key or an admin token after its prefix.
const REST: usize = 39;

/// Knows the secrets of a test.
#[derive(Debug)]
pub(super) struct Witness(Vec<String>);

impl Witness {
    pub(super) fn of(secrets: &[&str]) -> Self {
        Self(secrets.iter().map(|secret| (*secret).to_owned()).collect())
    }

    /// Fails where a secret stands in these bytes, whole or in a longer part.
    #[track_caller]
    pub(super) fn sees_none(&self, place: &str, bytes: &[u8]) {
        for secret in &self.0 {
            let rest = secret.as_bytes().get(PREFIX..).unwrap_or_default();
            for part in rest.chunks(PART).filter(|part| part.len() == PART) {
                let found = bytes.windows(part.len()).any(|window| window == part);
                assert!(!found, "{secret} in {place}: {}", String::from_utf8_lossy(bytes));
            }
        }
    }

    /// Fails where any proxy key or admin token stands in the text, known or not.
    #[track_caller]
    pub(super) fn sees_no_key(&self, place: &str, text: &str) {
        self.sees_none(place, text.as_bytes());
        for prefix in ["till_sk_", "till_admin_"] {
            for (at, _) in text.match_indices(prefix) {
                let rest = text[at + prefix.len()..].bytes();
                let len = rest.take_while(u8::is_ascii_alphanumeric).count();
                assert!(len < REST, "a key in {place}: {text}");
            }
        }
    }
}

#[test]
fn a_witness_sees_what_there_is() {
    let secret = "sk-proj-0123456789abcdefghijklmnopqrstuvw";
    let witness = Witness::of(&[secret]);
    witness.sees_none("nowhere", b"sk-proj-0123");
    let key = format!("till_sk_{}", "x".repeat(REST));
    for text in [secret.to_owned(), format!("…{}…", &secret[8..24]), key] {
        let seen = std::panic::catch_unwind(|| witness.sees_no_key("a text", &text));
        assert!(seen.is_err(), "{text}");
    }
}
