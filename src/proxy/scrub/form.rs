//! What a master key may look like in an answer, before anything of it is escaped.

use base64::Engine as _;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use crate::provider::Auth;
use crate::vault::SHORTEST;

/// One form.
pub(super) type Form = Zeroizing<Vec<u8>>;

/// What of a credential is secret: all of it, but where Basic carries a user and a password, the
/// password; or the user, where that stands alone.
pub(super) fn hidden<'a>(credential: &'a str, auth: &Auth) -> &'a str {
    match credential.split_once(':').filter(|_| *auth == Auth::Basic) {
        Some((_, password)) if password.len() >= SHORTEST => password,
        Some((user, "")) if user.len() >= SHORTEST => user,
        _ => credential,
    }
}

/// The forms of a text, each once: as it is, in hex, and in base64.
pub(super) fn forms(text: &str) -> Vec<Form> {
    let plain = Zeroizing::new(text.as_bytes().to_vec());
    let hex = [b"0123456789abcdef", b"0123456789ABCDEF"].map(|digits| in_hex(text, digits));
    let mut all: Vec<Form> =
        std::iter::once(plain).chain(hex).chain(in_base64(text.as_bytes())).collect();
    all.sort_by(|one, other| one.as_slice().cmp(other));
    all.dedup();
    all
}

fn in_hex(text: &str, digits: &[u8; 16]) -> Form {
    let digit = |value: u8| digits.get(usize::from(value)).copied();
    Zeroizing::new(
        text.bytes().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).flatten().collect(),
    )
}

/// What of a text in base64 (RFC 4648 §4 and §5) it alone decides, wherever in a group of three
/// bytes it begins.
fn in_base64(text: &[u8]) -> impl Iterator<Item = Form> {
    let before = [&b""[..], b"\0", b"\0\0"];
    before.into_iter().flat_map(move |before| {
        [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD].map(|alphabet| decided(alphabet, before, text))
    })
}

/// The characters of which all six bits are the text's.
fn decided(alphabet: &GeneralPurpose, before: &[u8], text: &[u8]) -> Form {
    let bits = |bytes: usize| bytes.saturating_mul(8);
    let bytes = Zeroizing::new([before, text].concat());
    let encoded = Zeroizing::new(alphabet.encode(&*bytes));
    let decided = bits(before.len()).div_ceil(6)..bits(bytes.len()) / 6;
    Zeroizing::new(encoded.as_bytes().get(decided).unwrap_or_default().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_basic_the_password_is_secret() {
        for (credential, secret) in [
            ("AC0123456789:hunter2-hunter2", "hunter2-hunter2"),
            ("sk_live_0123456789:", "sk_live_0123456789"),
            ("user-name:short", "user-name:short"),
            ("no-colon-at-all", "no-colon-at-all"),
        ] {
            assert_eq!(hidden(credential, &Auth::Basic), secret);
            assert_eq!(hidden(credential, &Auth::Bearer), credential);
        }
    }

    #[test]
    fn base64_is_found_at_each_offset() {
        let key = "sk-?>~key~>?-0123";
        let forms = forms(key);
        for before in ["", "a", "ab", "abc", "user:"] {
            for after in ["", ":", "yz", "xyz"] {
                for alphabet in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
                    let encoded = alphabet.encode(format!("{before}{key}{after}"));
                    let stands =
                        |form: &&Form| encoded.contains(std::str::from_utf8(form).unwrap());
                    let found = forms.iter().find(stands).unwrap();
                    assert!(found.len() + 4 > key.len() * 4 / 3, "{encoded}");
                }
            }
        }
    }
}
