//! The text of a random unlock secret: 64 hexadecimal digits and a line break.

use super::error::VaultError;
use super::secret::{Key32, SecretText};

/// Digits of a key file.
const DIGITS: usize = 64;

/// The text of a key file that holds this secret.
#[must_use]
pub fn key_file_text(key: &Key32) -> SecretText {
    // Room for all of it: growing would leave digits behind.
    let mut text = String::with_capacity(DIGITS.saturating_add(1));
    for byte in key.expose() {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(digit), 16).unwrap_or_default());
        }
    }
    text.push('\n');
    text.into()
}

/// Reads a key file: 64 hexadecimal digits, and one line break or none after them.
///
/// # Errors
/// [`VaultError::NotAKeyFile`]
pub fn parse_key_file(text: &str) -> Result<Key32, VaultError> {
    let line = text.strip_suffix('\n').unwrap_or(text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    let digits = line.as_bytes();
    if digits.len() != DIGITS || !digits.iter().all(u8::is_ascii_hexdigit) {
        return Err(VaultError::NotAKeyFile);
    }
    Ok(Key32::written(|key| {
        for (byte, pair) in key.iter_mut().zip(digits.chunks(2)) {
            *byte = pair.iter().fold(0, |value, digit| (value << 4) | nibble(*digit));
        }
    }))
}

/// The value of a hexadecimal digit; 0 for anything else.
fn nibble(digit: u8) -> u8 {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_key_file_is_refused() {
        let digits = "0123456789abcdefABCDEF".repeat(3);
        let digits = &digits[..DIGITS];
        for text in [digits.to_owned(), format!("{digits}\n"), format!("{digits}\r\n")] {
            assert!(parse_key_file(&text).is_ok(), "{text:?}");
        }
        let refused = [
            String::new(),
            digits[1..].to_owned(),
            format!("{digits}0"),
            format!("{digits}\n\n"),
            format!(" {}", &digits[1..]),
            format!("+{}", &digits[1..]),
            format!("é{}", &digits[2..]),
        ];
        for text in refused {
            assert_eq!(parse_key_file(&text), Err(VaultError::NotAKeyFile), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_key_survives_its_text(bytes in any::<[u8; 32]>()) {
            let key = Key32::from_slice(&bytes).unwrap();
            let text = key_file_text(&key);
            prop_assert_eq!(text.expose().len(), DIGITS + 1);
            prop_assert_eq!(parse_key_file(text.expose()), Ok(key));
        }
    }
}
