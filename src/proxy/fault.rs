//! Why an upstream did not answer, in words that clients and the log may have.

use std::error::Error;

use super::scrub::Scrubber;

/// As many characters are told at the most.
const LONGEST: usize = 200;

/// The cause at the bottom of an error: of a failed connection, the system's or TLS's own words.
///
/// They may hold what the upstream chose, as the names in its certificate. So the master key is
/// taken out, nothing that a terminal could take for a command is left, and they have an end. What
/// an upstream says freely, where it ends an HTTP/2 connection, is left out.
pub(super) fn told(error: &(dyn Error + 'static), scrubber: &Scrubber) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    let words = match cause.downcast_ref::<h2::Error>() {
        Some(ended) if ended.is_go_away() => {
            let reason = ended.reason().unwrap_or(h2::Reason::NO_ERROR);
            let by = if ended.is_remote() { "received" } else { "detected" };
            format!("connection error {by}: {reason}")
        }
        _ => cause.to_string(),
    };
    plain(&words, scrubber)
}

fn plain(words: &str, scrubber: &Scrubber) -> String {
    let masked = scrubber.without(words.as_bytes());
    let words = masked.as_deref().map_or(words.into(), String::from_utf8_lossy);
    let mut plain: String = words.chars().take(LONGEST).flat_map(escaped).collect();
    if words.chars().nth(LONGEST).is_some() {
        plain.push_str("...");
    }
    plain
}

/// The character itself where it is printable ASCII, and otherwise how Rust writes it.
fn escaped(character: char) -> impl Iterator<Item = char> {
    let is_plain = matches!(character, ' '..='~');
    let itself = is_plain.then_some(character);
    let written = (!is_plain).then(|| character.escape_default());
    itself.into_iter().chain(written.into_iter().flatten())
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::provider::Auth;

    const KEY: &str = "sk-canary-0123456789";

    fn of(words: &str) -> String {
        let scrubber = Scrubber::new(&KEY.to_owned().into(), &Auth::Bearer);
        told(&io::Error::other(words), &scrubber)
    }

    #[test]
    fn the_systems_words_are_told_as_they_are() {
        let words = "invalid peer certificate: \"a\" is not \\ 'b' (os error 111)";
        assert_eq!(of(words), words);
    }

    #[test]
    fn what_an_upstream_chose_has_no_key_no_command_and_an_end() {
        assert_eq!(of(&format!("only valid for {KEY}.example")), "only valid for ********.example");
        assert_eq!(of("a\x1b[2Jb\r\n\u{202e}c"), "a\\u{1b}[2Jb\\r\\n\\u{202e}c");
        let long = of(&"x".repeat(10_000));
        assert_eq!(long, "x".repeat(LONGEST) + "...");
        // A key that the end would cut in two does not stand there in part.
        let cut = of(&format!("{}{KEY}", "x".repeat(LONGEST - 10)));
        assert!(!cut.contains("sk-"), "{cut}");
    }
}
