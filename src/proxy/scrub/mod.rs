//! The master key taken out of what an upstream answers, should it echo what it was sent:
//! `docs/scrubbing.md` says in which forms.

mod form;
mod pattern;
mod spelling;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use memchr::memmem;

use crate::provider::Auth;
use crate::vault::SecretText;

use form::{forms, hidden};
use pattern::{Found, Patterns};

/// What stands in a key's place where the length is free, so that it does not tell the key's.
const MASK: &[u8] = b"********";

/// Takes one master key out of one answer.
///
/// Of a body that comes in pieces, what could be the beginning of the key is held back, and nothing
/// else.
#[derive(Clone, Debug)]
pub struct Scrubber {
    patterns: Arc<Patterns>,
    /// Whether as many bytes go on as come: then a mask is as long as what it stands for.
    keeps_length: bool,
    /// The end of what has come so far, where the key could begin in it.
    held: Vec<u8>,
}

impl Scrubber {
    /// For a credential that goes upstream in this way.
    #[must_use]
    pub fn new(credential: &SecretText, auth: &Auth) -> Self {
        let patterns = Patterns::new(forms(hidden(credential.expose(), auth)));
        Self { patterns: Arc::new(patterns), keeps_length: false, held: Vec::new() }
    }

    /// For another answer, with the same key. With `keeps_length` as many bytes go on as come.
    #[must_use]
    pub fn another(&self, keeps_length: bool) -> Self {
        Self { patterns: Arc::clone(&self.patterns), keeps_length, held: Vec::new() }
    }

    /// Whether as many bytes go on as come.
    #[must_use]
    pub const fn keeps_length(&self) -> bool {
        self.keeps_length
    }

    /// Takes the next bytes of a body, and returns those that may go on.
    pub fn push(&mut self, bytes: Bytes) -> Bytes {
        let bytes = match self.held.as_slice() {
            [] => bytes,
            held => [held, &bytes].concat().into(),
        };
        let (masked, rest) = self.masked(&bytes, false);
        self.held = bytes.get(rest..).unwrap_or_default().to_vec();
        masked.map_or_else(|| bytes.slice(..rest), Into::into)
    }

    /// The body has ended: what was held back.
    pub fn finish(&mut self) -> Bytes {
        let held = std::mem::take(&mut self.held);
        self.without(&held).unwrap_or(held).into()
    }

    /// The text without the key; none where it does not stand in it.
    #[must_use]
    pub fn without(&self, text: &[u8]) -> Option<Vec<u8>> {
        self.masked(text, true).0
    }

    /// Takes the key out of header fields, or trailers. Of a name nothing can be masked: such a
    /// field is left out.
    pub fn fields(&self, fields: &mut HeaderMap) {
        let holds = |name: &&HeaderName| self.stands_in_name(name.as_str());
        let names: Vec<HeaderName> = fields.keys().filter(holds).cloned().collect();
        for name in names {
            fields.remove(name);
        }
        for value in fields.values_mut() {
            // Asterisks are fit for any field.
            if let Some(masked) = self.without(value.as_bytes())
                && let Ok(masked) = HeaderValue::from_bytes(&masked)
            {
                *value = masked;
            }
        }
    }

    /// A field's name is in lower case, whatever it was.
    fn stands_in_name(&self, name: &str) -> bool {
        self.patterns.forms().any(|form| {
            name.len() >= form.len()
                && memmem::find(name.as_bytes(), &form.to_ascii_lowercase()).is_some()
        })
    }

    /// What of a text is decided, with each key masked, if there is one; and the place from which
    /// on it is not decided: nowhere, if it `ends` there.
    fn masked(&self, text: &[u8], ends: bool) -> (Option<Vec<u8>>, usize) {
        let mut masked: Option<Vec<u8>> = None;
        let mut done = 0;
        for start in self.patterns.candidates(text) {
            if start < done {
                continue;
            }
            let end = match self.patterns.at(text, start) {
                Found::Until(end) => end,
                Found::Not => continue,
                Found::Cut if ends => continue,
                Found::Cut => {
                    if let Some(masked) = &mut masked {
                        masked.extend_from_slice(text.get(done..start).unwrap_or_default());
                    }
                    return (masked, start);
                }
            };
            let masked = masked.get_or_insert_default();
            masked.extend_from_slice(text.get(done..start).unwrap_or_default());
            if self.keeps_length {
                masked.resize(masked.len().saturating_add(end.saturating_sub(start)), b'*');
            } else {
                masked.extend_from_slice(MASK);
            }
            done = end;
        }
        if let Some(masked) = &mut masked {
            masked.extend_from_slice(text.get(done..).unwrap_or_default());
        }
        (masked, text.len())
    }
}
