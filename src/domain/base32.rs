//! Lower-case base32 without the letters that are taken for others (Crockford's alphabet).

/// The 32 digits, in order.
pub const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The lowest 60 bits of `bits` as 12 digits, the highest first.
#[must_use]
pub fn encode(bits: u64) -> [u8; 12] {
    let mut digits = [0; 12];
    let mut rest = bits;
    for digit in digits.iter_mut().rev() {
        let index = usize::try_from(rest & 31).unwrap_or_default();
        *digit = ALPHABET.get(index).copied().unwrap_or_default();
        rest >>= 5;
    }
    digits
}
