//! How one character may be spelt: as it is, percent-encoded (RFC 3986 §2.1), or as JSON allows
//! (RFC 8259 §7).

/// Whether a byte may be the first of an escape.
pub(super) const fn escapes(byte: u8) -> bool {
    matches!(byte, b'%' | b'\\')
}

/// What stands at the beginning of a text, held against one character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelt {
    /// The character, in this many bytes.
    In(usize),
    /// The text ends before it is decided.
    Cut,
    /// Another.
    Not,
}

/// The character as it is, in one byte.
pub(super) fn plainly(text: &[u8], character: u8) -> Spelt {
    match text.first() {
        None => Spelt::Cut,
        Some(first) if *first == character => Spelt::In(1),
        Some(_) => Spelt::Not,
    }
}

/// The character in an escape.
pub(super) fn escaped(text: &[u8], character: u8) -> Spelt {
    match text {
        [] | [b'\\'] => Spelt::Cut,
        [b'%', digits @ ..] => in_hex(digits, 0, 2, character, 1),
        [b'\\', b'u', digits @ ..] => in_hex(digits, 2, 2, character, 2),
        [b'\\', next, ..] if *next == character && matches!(next, b'/' | b'"' | b'\\') => {
            Spelt::In(2)
        }
        _ => Spelt::Not,
    }
}

/// The character's number, behind as many `zeros`, and a prefix of as many bytes.
fn in_hex(digits: &[u8], zeros: usize, count: usize, character: u8, prefix: usize) -> Spelt {
    let expected = [character >> 4, character & 0xf];
    let expected = std::iter::repeat_n(0, zeros).chain(expected);
    let all = zeros.saturating_add(count);
    let value = |digit: u8| char::from(digit).to_digit(16);
    let agree =
        digits.iter().zip(expected).all(|(digit, wanted)| value(*digit) == Some(wanted.into()));
    match (agree, digits.len() < all) {
        (false, _) => Spelt::Not,
        (true, true) => Spelt::Cut,
        (true, false) => Spelt::In(prefix.saturating_add(all)),
    }
}

/// Every spelling of a character.
#[cfg(test)]
pub(super) fn spellings(character: u8) -> Vec<Vec<u8>> {
    let mut all = vec![vec![character]];
    for digits in [format!("{character:02x}"), format!("{character:02X}")] {
        all.push([b"%", digits.as_bytes()].concat());
        all.push([b"\\u00", digits.as_bytes()].concat());
    }
    if matches!(character, b'/' | b'"' | b'\\') {
        all.push(vec![b'\\', character]);
    }
    all.sort();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_spelling_is_read_and_each_beginning_of_one_is_cut() {
        for character in 0x21..0x7f {
            for spelling in spellings(character) {
                let read = if spelling.len() == 1 { plainly } else { escaped };
                assert_eq!(read(&spelling, character), Spelt::In(spelling.len()));
                for end in 0..spelling.len() {
                    assert_eq!(read(&spelling[..end], character), Spelt::Cut, "{spelling:?}");
                }
            }
        }
    }

    #[test]
    fn other_characters_are_others() {
        for (text, character) in [
            ("%62", b'a'),
            ("%6", b'q'),
            ("%6g", b'a'),
            ("%g", b'a'),
            ("\\u0062", b'a'),
            ("\\u0161", b'a'),
            ("\\u1", b'a'),
            ("\\n", b'n'),
            ("\\U0061", b'a'),
            ("a", b'a'),
        ] {
            assert_eq!(escaped(text.as_bytes(), character), Spelt::Not, "{text}");
        }
        assert_eq!(plainly(b"b", b'a'), Spelt::Not);
    }
}
