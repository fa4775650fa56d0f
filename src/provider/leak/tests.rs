//! The corpus in `tests/fixtures/doctor/`, measured.

use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::domain::key_text::SECRET_BYTES;

/// Keys that are made of each form.
const EACH: u64 = 100;

/// Letters by lot, the same in every run (splitmix64).
struct Lot(u64);

impl Lot {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    fn text(&mut self, alphabet: &str, len: usize) -> String {
        let count = u64::try_from(alphabet.len()).unwrap();
        let mut one = || usize::try_from(self.next().checked_rem(count).unwrap()).unwrap();
        (0..len).map(|_| char::from(alphabet.as_bytes()[one()])).collect()
    }

    /// The text with what stands in braces drawn anew.
    fn fill(&mut self, form: &str) -> String {
        const B62: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        let mut text = String::new();
        let mut rest = form;
        while let Some((before, after)) = rest.split_once('{') {
            let Some((what, tail)) = after.split_once('}') else { break };
            text.push_str(before);
            let (kind, len) = what.split_once(':').unwrap_or((what, "0"));
            let len = len.parse().unwrap_or_default();
            match kind {
                "" => {}
                "b62" => text.push_str(&self.text(B62, len)),
                "b64" => text.push_str(&self.text(&format!("{B62}-_"), len)),
                "b36" => text.push_str(&self.text("0123456789abcdefghijklmnopqrstuvwxyz", len)),
                "hex" => text.push_str(&self.text("0123456789abcdef", len)),
                "dig" => text.push_str(&self.text("0123456789", len)),
                "github" => {
                    let chosen = self.text(B62, 30);
                    let mut number = crc32fast::hash(chosen.as_bytes());
                    let mut check = String::new();
                    for _ in 0..6 {
                        let digit = usize::try_from(number % 62).unwrap();
                        check.insert(0, char::from(B62.as_bytes()[digit]));
                        number /= 62;
                    }
                    text.push_str(&chosen);
                    text.push_str(&check);
                }
                // A brace of the text's own.
                _ => {
                    text.push('{');
                    rest = after;
                    continue;
                }
            }
            rest = tail;
        }
        text.push_str(rest);
        text
    }
}

fn lines(file: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/doctor").join(file);
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().filter(|line| !line.starts_with("# ")).map(str::to_owned).collect()
}

/// Of made-up keys of every form at least 99 in 100 are found, each where it stands and as its
/// provider's.
#[test]
fn keys_are_found() {
    let (mut lot, mut all, mut missed) = (Lot(1), 0, Vec::new());
    for line in lines("keys.txt") {
        let (provider, form) = line.split_once('\t').unwrap();
        let provider = Some(provider).filter(|name| *name != "-");
        for _ in 0..EACH {
            let text = lot.fill(form);
            let (before, rest) = text.split_once('«').unwrap();
            let (key, after) = rest.split_once('»').unwrap();
            let text = format!("{before}{key}{after}");
            let found = leaks(text.as_bytes());
            let right = found.len() == 1
                && text.get(found[0].at.clone()) == Some(key)
                && matches!(found[0].kind, Kind::Real(named) if named == provider);
            all += 1;
            if !right {
                missed.push(text);
            }
        }
    }
    println!("{} of {all} keys are not found", missed.len());
    assert!(missed.len() * 100 <= all, "{} of {all} are not found: {missed:#?}", missed.len());
}

#[test]
fn every_provider_has_its_keys_in_the_corpus() {
    let lines = lines("keys.txt");
    for row in super::super::builtin() {
        let there = |line: &String| line.split('\t').next() == Some(&*row.name);
        assert!(lines.iter().any(there), "{}", row.name);
    }
}

/// Nothing of what only looks like a key is found.
#[test]
fn lookalikes_are_not_found() {
    let all = lines("lookalikes.txt");
    assert!(all.len() >= 60, "{}", all.len());
    let mut lot = Lot(2);
    let mut wrong: Vec<_> = all.iter().map(|line| lot.fill(line)).collect();
    wrong.retain(|line| !leaks(line.as_bytes()).is_empty());
    assert!(wrong.is_empty(), "{wrong:#?}");
    // Nor do they make one together.
    assert!(leaks(all.join("\n").as_bytes()).is_empty());
}

#[test]
fn tills_own_keys_are_told_apart() {
    let key = KeyText::from_random(&[7; SECRET_BYTES]);
    let token = AdminText::from_random(&[9; SECRET_BYTES]);
    let text = format!("OPENAI_API_KEY={} T='{}'.", key.expose(), token.expose());
    let kinds: Vec<_> = leaks(text.as_bytes()).into_iter().map(|leak| leak.kind).collect();
    assert_eq!(kinds, [Kind::Proxy, Kind::Admin]);
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        for leak in leaks(&bytes) {
            prop_assert!(bytes.get(leak.at).is_some());
        }
    }

    #[test]
    fn no_text_panics(text in "(sk-|sk-ant-|AIza|ghp_|ghs_|xoxb-|till_sk_|OPENAI_API_KEY|CO_API_KEY|set |[=:\"'\\\\ \n.%+/]|[a-zA-Z0-9_-]{1,40}|\u{fc}){0,12}") {
        let found = leaks(text.as_bytes());
        // They stand apart, in order.
        for (one, next) in found.iter().zip(found.iter().skip(1)) {
            prop_assert!(one.at.end <= next.at.start);
        }
        for leak in found {
            prop_assert!(text.get(leak.at).is_some());
        }
    }
}
