//! The master key taken out of what an upstream answers, should it echo what it was sent.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use memchr::memmem;

use crate::vault::SecretText;

/// What stands in its place, byte for byte, so that no length changes.
const MASK: u8 = b'*';

/// Takes one master key out of the pieces of a body, however they are cut. Only what could be the
/// beginning of the key is held back.
#[derive(Debug)]
pub(super) struct Scrubber {
    secret: SecretText,
    /// The end of what has come so far, where the key could begin in it.
    held: Vec<u8>,
}

impl Scrubber {
    pub(super) fn new(secret: SecretText) -> Self {
        Self { secret, held: Vec::new() }
    }

    /// Takes the next bytes, and returns those that may go on.
    pub(super) fn push(&mut self, bytes: Bytes) -> Bytes {
        let secret = self.secret.expose().as_bytes();
        if self.held.is_empty() {
            let found = memmem::find(&bytes, secret).is_some();
            if !found && beginning(&bytes, secret) == 0 {
                return bytes;
            }
        }
        let mut all = std::mem::take(&mut self.held);
        all.extend_from_slice(&bytes);
        mask(&mut all, secret);
        let kept = all.len().saturating_sub(beginning(&all, secret));
        self.held = all.split_off(kept);
        all.into()
    }

    /// The body has ended: what was held back was no key.
    pub(super) fn finish(&mut self) -> Bytes {
        std::mem::take(&mut self.held).into()
    }

    /// Whether the key stands in these bytes.
    pub(super) fn stands_in(&self, bytes: &[u8]) -> bool {
        memmem::find(bytes, self.secret.expose().as_bytes()).is_some()
    }

    /// Takes the key out of header fields, or trailers. Of a name nothing can be masked: such a
    /// field is left out.
    pub(super) fn fields(&self, fields: &mut HeaderMap) {
        let secret = self.secret.expose().as_bytes();
        let lower = self.secret.expose().to_ascii_lowercase();
        let holds = |name: &&HeaderName| name.as_str().contains(&lower);
        let names: Vec<HeaderName> = fields.keys().filter(holds).cloned().collect();
        for name in names {
            fields.remove(name);
        }
        for value in fields.values_mut() {
            let mut bytes = value.as_bytes().to_vec();
            // Asterisks are fit for any field.
            if mask(&mut bytes, secret)
                && let Ok(masked) = HeaderValue::from_bytes(&bytes)
            {
                *value = masked;
            }
        }
    }
}

/// Masks every occurrence; says whether there was one.
fn mask(bytes: &mut [u8], secret: &[u8]) -> bool {
    let places: Vec<usize> = memmem::find_iter(bytes, secret).collect();
    for place in &places {
        let end = place.saturating_add(secret.len());
        if let Some(found) = bytes.get_mut(*place..end) {
            found.fill(MASK);
        }
    }
    !places.is_empty()
}

/// How many bytes at the end could be the beginning of the key, the whole of it excepted.
fn beginning(bytes: &[u8], secret: &[u8]) -> usize {
    let most = secret.len().saturating_sub(1).min(bytes.len());
    let begins = |count: &usize| secret.get(..*count).is_some_and(|start| bytes.ends_with(start));
    (1..=most).rev().find(begins).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KEY: &str = "sk-sk-key-0";

    fn scrubbed(pieces: &[&[u8]]) -> Vec<u8> {
        let mut scrubber = Scrubber::new(KEY.to_owned().into());
        let mut out = Vec::new();
        for piece in pieces {
            out.extend(scrubber.push(Bytes::copy_from_slice(piece)));
        }
        out.extend(scrubber.finish());
        out
    }

    #[test]
    fn an_event_that_is_whole_waits_for_nothing() {
        let mut scrubber = Scrubber::new(KEY.to_owned().into());
        let event = Bytes::from_static(b"data: sk-\n\n");
        assert_eq!(scrubber.push(event.clone()), event);
        assert_eq!(scrubber.push(Bytes::from_static(b"x sk-sk")), "x ");
        assert_eq!(scrubber.push(Bytes::from_static(b"y")), "sk-sky");
    }

    #[test]
    fn fields_lose_the_key() {
        let scrubber = Scrubber::new(KEY.to_owned().into());
        let mut fields = HeaderMap::new();
        fields.insert("x-echo", format!("Bearer {KEY}, {KEY}").parse().unwrap());
        fields.insert("x-other", "sk-sk".parse().unwrap());
        fields.insert("x-sk-sk-key-0", "1".parse().unwrap());
        scrubber.fields(&mut fields);
        assert_eq!(fields["x-echo"], "Bearer ***********, ***********");
        assert_eq!(fields["x-other"], "sk-sk");
        assert_eq!(fields.len(), 2);
    }

    proptest! {
        /// Wherever the key stands and however the body is cut, it does not pass, and all else does.
        #[test]
        fn no_cut_lets_the_key_pass(
            parts in prop::collection::vec("[sk0e-]{0,6}", 0..6),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        ) {
            let text = parts.join(KEY);
            let mut places: Vec<_> = cuts.iter().map(|cut| cut.index(text.len().saturating_add(1))).collect();
            places.extend([0, text.len()]);
            places.sort_unstable();
            let pieces: Vec<&[u8]> =
                places.windows(2).map(|pair| &text.as_bytes()[pair[0]..pair[1]]).collect();
            let expected = text.replace(KEY, &"*".repeat(KEY.len()));
            prop_assert_eq!(String::from_utf8(scrubbed(&pieces)).unwrap(), expected);
        }
    }
}
