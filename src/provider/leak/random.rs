//! Whether a text looks drawn by lot: in whole numbers, without a logarithm.
//!
//! Words, names in camel case, counted digits and repeated patterns do not. Of keys that were drawn
//! at random, the rules pass over less than one in a hundred.

/// Different characters that the text has at least: half as many as it is long, up to this many.
const DISTINCT: usize = 14;
/// The same of text in hexadecimal, which has sixteen at most.
const DISTINCT_HEX: usize = 9;
/// The longest period that is looked for.
const LONGEST_PERIOD: usize = 32;

/// Whether it looks random.
pub(super) fn is_random(text: &[u8]) -> bool {
    // What joins parts is no part.
    let text: Vec<u8> = text.iter().copied().filter(u8::is_ascii_alphanumeric).collect();
    has_variety(&text) && changes_kind(&text) && !counts_up(&text) && !repeats(&text)
}

fn has_variety(text: &[u8]) -> bool {
    let mut bytes = text.to_vec();
    bytes.sort_unstable();
    bytes.dedup();
    let hex = text.iter().all(u8::is_ascii_hexdigit);
    let most = if hex { DISTINCT_HEX } else { DISTINCT };
    !bytes.is_empty() && bytes.len() >= (text.len() / 2).min(most)
}

/// Small letters, capitals and digits take turns: in words they stand together.
fn changes_kind(text: &[u8]) -> bool {
    let kind = |byte: &u8| match byte {
        b'0'..=b'9' => 0,
        b'A'..=b'Z' => 1,
        _ => 2,
    };
    let pairs = || text.iter().zip(text.iter().skip(1));
    let changes = pairs().filter(|(one, next)| kind(one) != kind(next)).count();
    let small = text.iter().any(u8::is_ascii_lowercase);
    let both = small && text.iter().any(u8::is_ascii_uppercase);
    // With digits and one case fewer neighbours differ.
    let weight: usize = if both { 3 } else { 5 };
    changes.saturating_mul(weight) >= pairs().count()
}

/// `abcdef`, `123456`: a quarter of the characters follow on those before.
fn counts_up(text: &[u8]) -> bool {
    let pairs = text.iter().zip(text.iter().skip(1));
    let steps = pairs.filter(|(one, next)| one.checked_add(1) == Some(**next)).count();
    steps.saturating_mul(4) >= text.len()
}

/// Most characters are those of some places before.
fn repeats(text: &[u8]) -> bool {
    (1..=LONGEST_PERIOD.min(text.len() / 2)).any(|period| {
        let rest = text.len().saturating_sub(period);
        let same = text.iter().zip(text.iter().skip(period)).filter(|(one, later)| one == later);
        same.count().saturating_mul(4) >= rest.saturating_mul(3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_not_random() {
        for text in [
            "",
            "aaaaaaaaaaaaaaaaaaaaaaaa",
            "0aB1cD2eF30aB1cD2eF30aB1cD2eF3",
            "abcdefghijklmnopqrstuvwxyz0123456789",
            "1234567890abcdef1234567890abcdef",
            "my-project-name-for-the-launch-in-2026",
            "HeaderNavigationContainerWide2",
            "0123456789012345678901234567890",
        ] {
            assert!(!is_random(text.as_bytes()), "{text}");
        }
        for text in ["Zk3vQ9tB1nLxW7pR4sYd", "9f86d081884c7d659a2feaa0c55ad015"] {
            assert!(is_random(text.as_bytes()), "{text}");
        }
    }
}
