//! Where in a text a key begins, in whichever form and spelling.

use std::fmt;
use std::sync::OnceLock;

use aho_corasick::packed::{Config, Searcher};
use memchr::memchr2_iter;

use super::form::Form;
use super::spelling::{Spelt, escaped, escapes, plainly};

/// As many characters of a form are looked for first, in all places at once.
const FIRST: usize = 4;
/// In less than this many bytes each is looked at: that is done before a searcher is made.
const SHORT: usize = 4 * 1024;

/// The forms of one key, and what finds them.
pub(super) struct Patterns {
    forms: Vec<Form>,
    /// Whether one has a character of its own that escapes begin with.
    has_escapes: bool,
    /// The characters that forms begin with.
    first: [bool; 256],
    /// Those among what is looked for first.
    early: [bool; 256],
    /// Finds what forms begin with, many bytes at a time; none on a machine that cannot. Made when
    /// there is enough to look into.
    searcher: OnceLock<Option<Searcher>>,
}

/// What stands at one place of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The key, up to this place.
    Until(usize),
    /// Perhaps: the text ends too early.
    Cut,
    /// Something else.
    Not,
}

impl Patterns {
    pub(super) fn new(forms: Vec<Form>) -> Self {
        let (mut first, mut early) = ([false; 256], [false; 256]);
        for form in &forms {
            mark(&mut first, form.iter().take(1));
            mark(&mut early, form.iter().take(FIRST));
        }
        let has_escapes = forms.iter().flat_map(|form| form.iter()).copied().any(escapes);
        Self { forms, has_escapes, first, early, searcher: OnceLock::new() }
    }

    fn searcher(&self) -> Option<&Searcher> {
        let made = self.searcher.get_or_init(|| {
            let beginnings = self.forms().map(|form| form.get(..FIRST).unwrap_or(form));
            Config::new().builder().extend(beginnings).build()
        });
        made.as_ref()
    }

    /// The forms, as they are without escapes.
    pub(super) fn forms(&self) -> impl Iterator<Item = &[u8]> {
        self.forms.iter().map(|form| form.as_slice())
    }

    /// The places where the key may begin, in order. None is left out.
    pub(super) fn candidates(&self, text: &[u8]) -> Vec<usize> {
        let mut all = Vec::new();
        self.beginnings(text, &mut all);
        for at in memchr2_iter(b'%', b'\\', text) {
            if self.is_early_escape(text.get(at..).unwrap_or_default()) {
                // The first escape of an occurrence has none before it.
                let first = at.saturating_sub(FIRST.saturating_sub(1));
                all.extend((first..=at).filter(|start| self.begins(text.get(*start..at))));
            }
        }
        // What is too short to have been looked for.
        let tail = text.len().saturating_sub(FIRST.saturating_sub(1));
        all.extend((tail..text.len()).filter(|start| self.begins(text.get(*start..))));
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The places where a form begins plainly.
    fn beginnings(&self, text: &[u8], all: &mut Vec<usize>) {
        let searcher = if text.len() < SHORT { None } else { self.searcher() };
        let Some(searcher) = searcher else {
            let places = text.iter().enumerate().filter(|(_, byte)| is(&self.first, **byte));
            all.extend(places.map(|(start, _)| start).filter(|start| {
                let end = start.saturating_add(FIRST);
                self.begins(text.get(*start..end))
            }));
            return;
        };
        let mut from = 0;
        while let Some(found) = searcher.find_in(text, (from..text.len()).into()) {
            all.push(found.start());
            from = found.start().saturating_add(1);
        }
    }

    /// Whether a form begins with all of this.
    fn begins(&self, text: Option<&[u8]>) -> bool {
        text.is_some_and(|text| self.forms().any(|form| form.starts_with(text)))
    }

    /// Whether a text begins with an escape, or what may be one, of a character that forms begin
    /// with.
    fn is_early_escape(&self, text: &[u8]) -> bool {
        let digit =
            |digit: &u8| char::from(*digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
        let byte = match text {
            [b'%', high, low, ..] | [b'\\', b'u', b'0', b'0', high, low, ..] => {
                let (Some(high), Some(low)) = (digit(high), digit(low)) else { return false };
                high << 4 | low
            }
            [b'\\', b'u', _, _, _, _, ..] => return false,
            [b'%', ..] | [b'\\'] | [b'\\', b'u', ..] => return true,
            [b'\\', next @ (b'/' | b'"' | b'\\'), ..] => *next,
            _ => return false,
        };
        is(&self.early, byte)
    }

    /// What stands at `start`: the shortest form, where several do.
    pub(super) fn at(&self, text: &[u8], start: usize) -> Found {
        let rest = text.get(start..).unwrap_or_default();
        let mut shortest = Found::Not;
        for form in self.forms() {
            shortest = match (shortest, self.spelt(form, rest)) {
                (Found::Until(one), Found::Until(other)) => Found::Until(one.min(other)),
                (until @ Found::Until(_), _) | (_, until @ Found::Until(_)) => until,
                (Found::Cut, _) | (_, Found::Cut) => Found::Cut,
                (Found::Not, Found::Not) => Found::Not,
            };
        }
        match shortest {
            Found::Until(length) => Found::Until(start.saturating_add(length)),
            cut_or_not => cut_or_not,
        }
    }

    /// Whether a text begins with a form, each of its characters in any spelling.
    fn spelt(&self, form: &[u8], text: &[u8]) -> Found {
        let same = form.iter().zip(text).take_while(|(one, other)| one == other).count();
        if same == form.len() {
            return Found::Until(same);
        }
        match text.get(same) {
            None => return Found::Cut,
            Some(byte) if !escapes(*byte) && !self.has_escapes => return Found::Not,
            Some(_) => {}
        }
        // Where what has been read so far may end: in one place, but for keys with `%` or `\`.
        let mut places = vec![0];
        let mut next = Vec::new();
        let mut is_cut = false;
        for character in form {
            for place in places.drain(..) {
                let rest = text.get(place..).unwrap_or_default();
                for spelt in [plainly(rest, *character), escaped(rest, *character)] {
                    match spelt {
                        Spelt::In(bytes) => next.push(place.saturating_add(bytes)),
                        Spelt::Cut => is_cut = true,
                        Spelt::Not => {}
                    }
                }
            }
            next.sort_unstable();
            next.dedup();
            std::mem::swap(&mut places, &mut next);
            if places.is_empty() {
                return if is_cut { Found::Cut } else { Found::Not };
            }
        }
        places.first().map_or(Found::Not, |end| Found::Until(*end))
    }
}

fn mark<'a>(set: &mut [bool; 256], bytes: impl Iterator<Item = &'a u8>) {
    for byte in bytes {
        if let Some(member) = set.get_mut(usize::from(*byte)) {
            *member = true;
        }
    }
}

fn is(set: &[bool; 256], byte: u8) -> bool {
    set.get(usize::from(byte)).is_some_and(|member| *member)
}

impl fmt::Debug for Patterns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Patterns(…)")
    }
}
