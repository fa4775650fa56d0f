//! Keys without a form of their own, told by the variable that they stand in.

use std::ops::Range;

use super::super::environment::{OTHER_KEY_VARIABLES, provider_of_variable};
use super::super::key_shape::key_at_start;
use super::{example, random};
use crate::domain::admin_text;
use crate::domain::key_text;

/// What the names of all known variables end in.
const ENDINGS: [&[u8]; 3] = [b"KEY", b"TOKEN", b"BEDROCK"];

/// Bytes of a value, at least and at most.
const SHORTEST: usize = 16;
const LONGEST: usize = 1_024;

/// The value of the variable whose name begins at `at`, where it is a key, and whose.
pub(super) fn value_at_start(
    text: &[u8],
    at: usize,
) -> Option<(Range<usize>, Option<&'static str>)> {
    let rest = text.get(at..)?;
    let len = rest.iter().take_while(|byte| part_of_name(**byte)).count();
    let (name, after) = rest.split_at_checked(len)?;
    if !ENDINGS.iter().any(|ending| name.ends_with(ending)) {
        return None;
    }
    let name = str::from_utf8(name).ok()?;
    let provider = provider_of_variable(name).map(|row| &*row.name);
    if provider.is_none() && !OTHER_KEY_VARIABLES.contains(&name) {
        return None;
    }
    let value = value_after(after, text.get(..at)?)?;
    let len = value.iter().take_while(|byte| part_of_value(**byte)).count();
    let (value, next) = value.split_at_checked(len)?;
    if next.first().is_some_and(|byte| b"$(){<:@%*".contains(byte)) || !is_credential(value) {
        return None;
    }
    let end = text.len().saturating_sub(next.len());
    Some((end.saturating_sub(len)..end, provider))
}

/// Whether the value of a variable for a key is one. What has the form of a provider's key is
/// judged by that.
#[must_use]
pub fn is_credential(value: &[u8]) -> bool {
    let own = [key_text::PREFIX, admin_text::PREFIX];
    (SHORTEST..=LONGEST).contains(&value.len())
        && value.iter().any(u8::is_ascii_digit)
        && value.iter().all(|byte| part_of_value(*byte))
        && !value.starts_with(b"/")
        && !own.iter().any(|prefix| value.starts_with(prefix.as_bytes()))
        && key_at_start(value).is_none()
        && random::is_random(value)
        && !example::is_one(value, value)
}

/// What comes after `=` or `:`, and a quote; or after a space, where fish and csh set variables.
fn value_after<'a>(after: &'a [u8], before: &[u8]) -> Option<&'a [u8]> {
    let after = after.strip_prefix(b"\\").unwrap_or(after);
    let after = unquoted(after);
    let trimmed = unindented(after);
    // `${NAME:-value}` is what a variable is where it is not set.
    let operators = [&b":="[..], b":-", b"="];
    let assigned = operators.into_iter().find_map(|operator| trimmed.strip_prefix(operator));
    let assigned = assigned.or_else(|| trimmed.strip_prefix(b":"));
    let value = match assigned {
        Some(value) => value,
        None if trimmed.len() < after.len() && is_set(before) => trimmed,
        None => return None,
    };
    let value = unindented(value);
    Some(unquoted(value.strip_prefix(b"\\").unwrap_or(value)))
}

/// The text without the blanks before it; no line is left.
fn unindented(text: &[u8]) -> &[u8] {
    let blank = text.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    text.get(blank..).unwrap_or_default()
}

fn unquoted(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\"").or_else(|| text.strip_prefix(b"'")).unwrap_or(text)
}

/// Whether the line up to here is `set -gx` or `setenv`.
fn is_set(before: &[u8]) -> bool {
    let line = before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    let mut words = line.split(u8::is_ascii_whitespace);
    words.any(|word| word == b"set" || word == b"setenv")
}

const fn part_of_name(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_'
}

const fn part_of_value(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'+' | b'/' | b'=')
}

#[cfg(test)]
mod tests {
    use super::super::super::environment::all_key_variables;
    use super::*;

    #[test]
    fn every_known_name_ends_so() {
        for name in all_key_variables() {
            let known = ENDINGS.iter().any(|ending| name.as_bytes().ends_with(ending));
            assert!(known && name.bytes().all(part_of_name), "{name}");
        }
    }
}
