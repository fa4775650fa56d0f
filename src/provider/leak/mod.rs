//! Real keys in the middle of any text: files, histories, variables.
//!
//! What is found has the form of a provider's keys, or stands in a variable that holds one; it
//! carries the right checksum where its provider gives one, looks random, and is no example of a
//! document. It is the key's place that is handed on, never the key.

mod checksum;
mod example;
mod named;
mod random;

use std::ops::Range;

use super::key_shape::{Shaped, key_at_start};
use crate::domain::admin_text::{self, AdminText};
use crate::domain::key_text::{self, KeyText};

pub use named::is_credential;

/// What the tokens of a Claude subscription begin with: no API takes them as keys.
const LOGINS: [&[u8]; 2] = [b"sk-ant-oat", b"sk-ant-ort"];

/// Something that opens something, in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leak {
    /// Where it stands, in bytes.
    pub at: Range<usize>,
    /// What it is.
    pub kind: Kind,
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A real key: of this built-in provider, or one that till does not forward with.
    Real(Option<&'static str>),
    /// A proxy key of till.
    Proxy,
    /// An admin token of till.
    Admin,
}

/// Everything in the text that is a key, in the order of its places.
#[must_use]
pub fn leaks(text: &[u8]) -> Vec<Leak> {
    let mut found: Vec<Leak> = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let begins = rest.first().is_some_and(u8::is_ascii_alphabetic) && begins_word(text, at);
        let step = match begins.then(|| leak_at(text, rest, at)).flatten() {
            Some(leak) => {
                let end = leak.at.end;
                // A variable's value may be found by its name and by its form.
                if found.last().is_none_or(|last| last.at.end <= leak.at.start) {
                    found.push(leak);
                }
                end.saturating_sub(at).max(1)
            }
            None => 1,
        };
        at = at.saturating_add(step);
    }
    found
}

/// The key that begins here, or that the variable holds whose name begins here.
fn leak_at(text: &[u8], rest: &[u8], at: usize) -> Option<Leak> {
    let of_len = |kind, len: usize| Leak { at: at..at.saturating_add(len), kind };
    if let Some((kind, len)) = own_at_start(rest) {
        return Some(of_len(kind, len));
    }
    if let Some(shaped) = key_at_start(rest) {
        let real = is_real(rest, shaped) && !in_a_blob(text, at, shaped.len);
        let login = LOGINS.iter().any(|prefix| rest.starts_with(prefix));
        let provider = Some(shaped.provider).filter(|_| !login);
        return real.then(|| of_len(Kind::Real(provider), shaped.len));
    }
    let (value, provider) = named::value_at_start(text, at)?;
    Some(Leak { at: value, kind: Kind::Real(provider) })
}

/// A key or token of till, told by its checksum.
fn own_at_start(rest: &[u8]) -> Option<(Kind, usize)> {
    let kind = if rest.starts_with(key_text::PREFIX.as_bytes()) {
        Kind::Proxy
    } else if rest.starts_with(admin_text::PREFIX.as_bytes()) {
        Kind::Admin
    } else {
        return None;
    };
    let len = rest.iter().take_while(|byte| part_of_word(**byte)).count();
    let word = str::from_utf8(rest.get(..len)?).ok()?;
    let whole = match kind {
        Kind::Proxy => word.parse::<KeyText>().is_ok(),
        _ => word.parse::<AdminText>().is_ok(),
    };
    whole.then_some((kind, len))
}

/// Whether what has the form of a key is one.
fn is_real(rest: &[u8], shaped: Shaped) -> bool {
    let Some(key) = rest.get(..shaped.len) else { return false };
    let secret = key.get(shaped.prefix.len()..).unwrap_or_default();
    match checksum::verdict(shaped, secret) {
        Some(right) => right && !example::is_known(key),
        None => random::is_random(of_chance(shaped, secret)) && !example::is_one(key, secret),
    }
}

/// The part of a key that was drawn by lot: what `Slack` puts before it are numbers.
fn of_chance(shaped: Shaped, secret: &[u8]) -> &[u8] {
    let last = secret.rsplit(|byte| *byte == b'-').next().unwrap_or(secret);
    if shaped.provider == "slack" && last.len() >= 16 { last } else { secret }
}

/// Whether a key can begin here: no letter, digit, `_` or `-` comes before, unless that ends an
/// escape (`\n`, `%3D`, `\u0022`).
fn begins_word(text: &[u8], at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    let Some(last) = before.last().filter(|byte| part_of_word(**byte)) else { return true };
    let ends = |escape: &[u8], digits: usize| {
        let cut = before.len().checked_sub(digits);
        let (head, tail) = cut.and_then(|cut| before.split_at_checked(cut)).unwrap_or_default();
        head.ends_with(escape) && tail.iter().all(u8::is_ascii_hexdigit)
    };
    let letter = b"nrt".contains(last) && ends_with_escape(before);
    letter || ends(b"%", 2) || ends(br"\x", 2) || ends(br"\u", 4)
}

fn ends_with_escape(before: &[u8]) -> bool {
    before.len().checked_sub(2).and_then(|at| before.get(at)) == Some(&b'\\')
}

/// Whether the place lies within base64 of something larger, as an image, where a long mixed run of
/// its alphabet touches it with `/` or `+`, which no key has; or is a digest that says so.
fn in_a_blob(text: &[u8], at: usize, len: usize) -> bool {
    const LONG: usize = 24;
    const DIGESTS: [&[u8]; 4] = [b"sha1=", b"sha256=", b"sha384=", b"sha512="];
    let part = |byte: &&u8| byte.is_ascii_alphanumeric() || b"+/".contains(byte);
    let mixed = |side: &[u8]| {
        side.len() >= LONG
            && side.iter().any(u8::is_ascii_digit)
            && side.iter().any(u8::is_ascii_lowercase)
            && side.iter().any(u8::is_ascii_uppercase)
    };
    let before: Vec<u8> = text
        .get(..at)
        .unwrap_or_default()
        .iter()
        .rev()
        .take_while(part)
        .take(64)
        .copied()
        .collect();
    let after: Vec<u8> = text
        .get(at.saturating_add(len)..)
        .unwrap_or_default()
        .iter()
        .take_while(part)
        .take(64)
        .copied()
        .collect();
    let head = text.get(..at).unwrap_or_default();
    mixed(&before) || mixed(&after) || DIGESTS.iter().any(|name| head.ends_with(name))
}

const fn part_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

#[cfg(test)]
mod tests;
