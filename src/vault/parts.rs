//! Several values as one message that has one reading: each part after its length.

/// Feeds each part to `sink`: its length in bytes as 64 bits, little-endian, then itself.
pub(super) fn write(parts: &[&[u8]], mut sink: impl FnMut(&[u8])) {
    for part in parts {
        let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
        sink(&length.to_le_bytes());
        sink(part);
    }
}
