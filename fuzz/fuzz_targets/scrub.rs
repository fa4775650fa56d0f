//! The scrubber: however an answer is cut, the same goes on, and no form of the key does.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use till::provider::Auth;
use till::proxy::scrub::Scrubber;

/// A key like others, one that begins again within itself, one that is like escapes.
const KEYS: [&str; 3] = ["sk-?>~/key+0", "aaaaaaaab", "%25\\u0041\\\"x"];

// The first byte chooses the key, the second how long pieces are, the third whether the length is
// kept.
fuzz_target!(|input: &[u8]| {
    let [choice, size, keeps, text @ ..] = input else { return };
    let key = KEYS[usize::from(*choice) % KEYS.len()];
    let scrubber = Scrubber::new(&key.to_owned().into(), &Auth::Bearer).another(keeps % 2 == 0);
    let whole = scrubbed(&scrubber, [text].into_iter());
    let size = usize::from(*size).max(1);
    assert_eq!(scrubbed(&scrubber, text.chunks(size)), whole);
    // A mask is no part of a key, but what stood around it may be one now.
    if !scrubber.keeps_length() {
        return;
    }
    assert_eq!(whole.len(), text.len());
    assert!(!whole.windows(key.len()).any(|window| window == key.as_bytes()));
    assert_eq!(scrubber.without(&whole), None);
});

fn scrubbed<'a>(scrubber: &Scrubber, pieces: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut scrubber = scrubber.another(scrubber.keeps_length());
    let mut out = Vec::new();
    for piece in pieces {
        out.extend(scrubber.push(Bytes::copy_from_slice(piece)));
    }
    out.extend(scrubber.finish());
    out
}
