use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::spelling::spellings;
use super::*;

/// It begins again within itself, and has every kind of character that is escaped somewhere.
const KEY: &str = "sk-sk-k~9/Zq+?s>k";
/// Keys that are like others, like escapes, or like nothing else.
const KEYS: [&str; 8] = [
    KEY,
    "sk_live_51Habcdefgh",
    "01234567",
    "33333333",
    "aaaaaaaab",
    "e%41\\u0041\"x",
    "%25%25%2525",
    "\\\\\\\\\\\\\\\\",
];

fn scrubber(key: &str) -> Scrubber {
    Scrubber::new(&key.to_owned().into(), &Auth::Bearer)
}

fn scrubbed(scrubber: &Scrubber, keeps_length: bool, pieces: &[&[u8]]) -> String {
    let mut scrubber = scrubber.another(keeps_length);
    let mut out = Vec::new();
    for piece in pieces {
        out.extend(scrubber.push(Bytes::copy_from_slice(piece)));
    }
    out.extend(scrubber.finish());
    String::from_utf8(out).unwrap()
}

/// Every form of a key: what stands before it, what must be masked, what stands behind it.
fn echoes(key: &str) -> Vec<[String; 3]> {
    let whole = |form: String| [String::new(), form, String::new()];
    let each = |nth: usize| {
        let way = |byte| String::from_utf8(spellings(byte).swap_remove(nth)).unwrap();
        key.bytes().map(way).collect::<String>()
    };
    let hex: Vec<_> = key.bytes().map(|byte| format!("{byte:02x}")).collect();
    let hex = hex.concat();
    let json = serde_json::to_string(key).unwrap();
    let json = json.trim_matches('"').to_owned();
    let mut all: Vec<_> =
        [key.to_owned(), each(0), each(1), each(2), json, hex.to_uppercase(), hex]
            .map(whole)
            .into();
    for before in ["", "u", "ab"] {
        for behind in ["", ":", "xy"] {
            let text = format!("{before}{key}{behind}");
            for encoded in [STANDARD.encode(&text), URL_SAFE.encode(&text)] {
                // The characters at its edges are of its neighbours as well, and stay.
                let bits = |texts: &[&str]| texts.concat().len().saturating_mul(8);
                let (start, end) = (bits(&[before]).div_ceil(6), bits(&[before, key]) / 6);
                let [head, form, tail] =
                    [&encoded[..start], &encoded[start..end], &encoded[end..]].map(str::to_owned);
                let percent = form.replace('+', "%2B").replace('/', "%2f");
                for form in [form.replace('/', "\\/"), percent, form] {
                    all.push([head.clone(), form, tail.clone()]);
                }
            }
        }
    }
    all
}

fn pieces<'a>(text: &'a str, cuts: &[Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<_> =
        cuts.iter().map(|cut| cut.index(text.len().saturating_add(1))).collect();
    places.extend([0, text.len()]);
    places.sort_unstable();
    places.windows(2).map(|pair| &text.as_bytes()[pair[0]..pair[1]]).collect()
}

/// A text, each of its characters as it is or escaped in some way.
fn spelt(text: &[u8], choices: &[Index]) -> String {
    let mut choices = choices.iter().cycle();
    let ways = text.iter().map(|byte| {
        let ways = spellings(*byte);
        String::from_utf8(choices.next().unwrap().get(&ways).clone()).unwrap()
    });
    ways.collect()
}

/// Whether a text begins with a form, in whichever spelling, or with all of the text one begins.
fn begins(text: &[u8], form: &[u8]) -> bool {
    let Some((first, rest)) = form.split_first() else { return true };
    spellings(*first).iter().any(|way| {
        way.starts_with(text) || text.strip_prefix(&**way).is_some_and(|after| begins(after, rest))
    })
}

#[test]
fn every_form_at_every_split() {
    for key in [KEY, "sk_live_51Habcdefgh", "01234567"] {
        let scrubber = scrubber(key);
        for [head, form, tail] in echoes(key) {
            let text = format!("{{\"a\": \"{head}{form}{tail}\"}}\n\n");
            for (keeps_length, mask) in [(false, "*".repeat(8)), (true, "*".repeat(form.len()))] {
                let expected = format!("{{\"a\": \"{head}{mask}{tail}\"}}\n\n");
                for cut in 0..=text.len() {
                    let (one, other) = text.as_bytes().split_at(cut);
                    let out = scrubbed(&scrubber, keeps_length, &[one, other]);
                    assert_eq!(out, expected, "{form} of {key} cut at {cut}");
                }
                let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
                assert_eq!(scrubbed(&scrubber, keeps_length, &bytes), expected, "{form}");
            }
        }
    }
}

#[test]
fn keys_behind_each_other_and_within_each_other() {
    let scrubber = scrubber("sk-sk-key-0");
    for (text, expected) in [
        ("sk-sk-sk-key-0", "sk-********"),
        ("sk-sk-key-0sk-sk-key-0", "****************"),
        ("sk-sk-key-sk-sk-key-0", "sk-sk-key-********"),
        ("sk-sk-key-", "sk-sk-key-"),
        ("%73k-%73k-key-0", "********"),
        ("%7sk-sk-key-0", "%7********"),
        ("\\u00sk-sk-key-0", "\\u00********"),
        ("\\\\u0073k-sk-key-0", "\\********"),
    ] {
        assert_eq!(scrubbed(&scrubber, false, &[text.as_bytes()]), expected);
    }
}

#[test]
fn an_event_that_is_whole_waits_for_nothing() {
    let mut scrubber = scrubber("sk-sk-key-0");
    for event in ["data: sk-\n\n", "data: {\"a\": \"%7\\u00\\\\\"}\n\n", "data: sk-sk-key-\r\n\r\n"]
    {
        let event = Bytes::from_static(event.as_bytes());
        let passed = scrubber.push(event.clone());
        // It is not even copied.
        assert_eq!((passed.as_ptr(), &passed), (event.as_ptr(), &event));
    }
    for (piece, passed) in
        [("x sk-sk", "x "), ("y", "sk-sky"), ("\\", ""), ("n", "\\n"), ("%7", "")]
    {
        assert_eq!(scrubber.push(Bytes::from_static(piece.as_bytes())), passed);
    }
    assert_eq!(scrubber.finish(), "%7");
}

#[test]
fn fields_lose_the_key() {
    let scrubber = scrubber("sk-sk-key-0");
    let mut fields = HeaderMap::new();
    let basic = STANDARD.encode("sk-sk-key-0:");
    fields.insert("x-echo", "Bearer sk-sk-key-0, sk-sk-key-0".parse().unwrap());
    fields.insert("x-basic", format!("Basic {basic}").parse().unwrap());
    fields.insert("location", "/?key=sk%2Dsk%2dkey-0&a=%20".parse().unwrap());
    fields.insert("x-other", "sk-sk".parse().unwrap());
    fields.insert("x-sk-sk-key-0", "1".parse().unwrap());
    scrubber.fields(&mut fields);
    assert_eq!(fields["x-echo"], "Bearer ********, ********");
    assert_eq!(fields["location"], "/?key=********&a=%20");
    assert_eq!(fields["x-other"], "sk-sk");
    assert!(!fields["x-basic"].to_str().unwrap().contains(&basic[..12]));
    assert_eq!(fields.len(), 4);
}

proptest! {
    /// Wherever the key stands, however it is spelt and the body is cut: it does not pass, and all
    /// else does.
    #[test]
    fn no_spelling_and_no_cut_lets_the_key_pass(
        parts in prop::collection::vec("[sk.e~\n{\"-]{0,6}", 1..5),
        choices in prop::collection::vec(any::<Index>(), 1..20),
        cuts in prop::collection::vec(any::<Index>(), 0..8),
        key in select(vec![KEY, "sk-sk-sk-e", "aaaaaaaab"]),
    ) {
        let text = parts.join(&spelt(key.as_bytes(), &choices));
        let out = scrubbed(&scrubber(key), false, &pieces(&text, &cuts));
        prop_assert_eq!(out, parts.join("********"));
    }

    /// Whatever it stands in: no form of any key passes, the length is kept, and cuts change
    /// nothing.
    #[test]
    fn no_surroundings_hide_a_form(
        before in "[sk%\\\\u0-9c/-]{0,12}",
        key in select(KEYS.to_vec()),
        nth in any::<Index>(),
        choices in prop::collection::vec(any::<Index>(), 1..20),
        behind in "[sk%\\\\u0-9c/-]{0,12}",
        cuts in prop::collection::vec(any::<Index>(), 0..8),
    ) {
        let scrubber = scrubber(key);
        let forms: Vec<&[u8]> = scrubber.patterns.forms().collect();
        let form = *nth.get(&forms);
        let text = format!("{before}{}{behind}", spelt(form, &choices));
        let whole = scrubbed(&scrubber, true, &[text.as_bytes()]);
        prop_assert_eq!(whole.len(), text.len());
        prop_assert!(whole.contains("********"), "{} in {}", String::from_utf8_lossy(form), text);
        for form in forms {
            prop_assert!(memmem::find(whole.as_bytes(), form).is_none(), "{}", whole);
        }
        prop_assert_eq!(scrubbed(&scrubber, true, &pieces(&text, &cuts)), whole);
    }

    /// A long text is searched many bytes at a time, a short one byte by byte: both find the same.
    #[test]
    fn a_long_text_loses_what_its_pieces_lose(
        key in select(KEYS.to_vec()),
        fillers in prop::collection::vec("[sk%\\\\u0-9c/x -]{0,6}", 1..9),
        choices in prop::collection::vec(any::<Index>(), 1..20),
    ) {
        let scrubber = scrubber(key);
        let forms: Vec<&[u8]> = scrubber.patterns.forms().collect();
        let echoes = fillers.iter().zip(&choices).map(|(filler, nth)| {
            format!("{}{filler}{}", filler.repeat(150), spelt(nth.get::<&[u8]>(&forms), &choices))
        });
        let text = format!("{}{}", echoes.collect::<String>(), " ".repeat(5_000));
        let pieces: Vec<&[u8]> = text.as_bytes().chunks(1_000).collect();
        let whole = scrubbed(&scrubber, true, &[text.as_bytes()]);
        prop_assert!(whole.contains("********"));
        prop_assert_eq!(scrubbed(&scrubber, true, &pieces), whole);
    }

    /// What is held back is the longest end that could begin a form: nothing longer could.
    #[test]
    fn what_could_begin_a_form_is_held_and_no_more(
        key in select(KEYS.to_vec()),
        text in "[a-z]{0,3}[skc2tN%\\\\u07/-]{0,14}",
    ) {
        let mut scrubber = scrubber(key);
        let passed = scrubber.push(Bytes::copy_from_slice(text.as_bytes()));
        prop_assume!(passed == text.as_bytes()[..passed.len()]);
        let could_begin = |at: usize| {
            scrubber.patterns.forms().any(|form| begins(&text.as_bytes()[at..], form))
        };
        let longest = (0..text.len()).find(|at| could_begin(*at)).unwrap_or(text.len());
        prop_assert_eq!(passed.len(), longest, "{}", text);
    }
}
