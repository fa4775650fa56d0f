//! Keys that carry a checksum.

use super::super::key_shape::Shaped;

/// Characters of a GitHub token after its prefix, the checksum's six included.
const GITHUB: usize = 36;
const CHECK: usize = 6;

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Whether the checksum of a key is right; nothing where its form has none, or none that is known.
///
/// GitHub's tokens of 36 characters end in CRC-32 of the others, in base62 (the announcement of
/// April 2021, "Behind GitHub's new authentication token formats"). What `github_pat_` ends in is
/// not published.
pub(super) fn verdict(shaped: Shaped, secret: &[u8]) -> Option<bool> {
    let has_one = shaped.provider == "github"
        && shaped.prefix.len() == 4
        && secret.len() == GITHUB
        && secret.iter().all(u8::is_ascii_alphanumeric);
    if !has_one {
        return None;
    }
    let (chosen, check) = secret.split_at_checked(GITHUB.saturating_sub(CHECK))?;
    let number = check.iter().try_fold(0_u64, |number, byte| {
        let digit = DIGITS.iter().position(|digit| digit == byte)?;
        number.checked_mul(62)?.checked_add(u64::try_from(digit).ok()?)
    });
    Some(number == Some(u64::from(crc32fast::hash(chosen))))
}

#[cfg(test)]
mod tests {
    use super::super::super::key_shape::key_at_start;
    use super::*;

    fn checked(key: &str) -> Option<bool> {
        let shaped = key_at_start(key.as_bytes()).unwrap();
        verdict(shaped, &key.as_bytes()[shaped.prefix.len()..])
    }

    /// GitHub's own example of one that is right, and a digit of it changed.
    #[test]
    fn a_wrong_digit_is_found() {
        let example = ["ghp_", "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ", "0mLq17"].concat();
        assert_eq!(checked(&example), Some(true));
        assert_eq!(checked(&example.replace('4', "5")), Some(false));
        assert_eq!(checked(&format!("hf_{}", "0aB1cD2eF3".repeat(4).split_at(34).0)), None);
    }
}
