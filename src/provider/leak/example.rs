//! Keys that documents show, and what people write where a key would stand.

/// Examples that would pass for real ones, as their documents have them: in two parts each, so that
/// no scanner stops at this file.
const KNOWN: &[&str] = &[
    // GitHub's announcement of its token formats.
    concat!("gh", "p_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17"),
    // Stripe's documents, for readers who are not logged in.
    concat!("sk_te", "st_4eC39HqLyjWDarjtT1zdp7dc"),
    concat!("sk_te", "st_BQokikJOvBiI2HlWgH4olfQ2"),
    concat!("sk_te", "st_26PHem9AhJZvU623DfE1x4sd"),
    // The documents of Google Maps.
    concat!("AI", "zaSyDaGmWKa4JsXZ-HjGw7ISLn_3namBGewQe"),
];

/// What stands in a placeholder, in small letters, and never by chance.
const WORDS: &[&str] = &[
    "abcdef",
    "apikey",
    "api-key",
    "api_key",
    "canary",
    "changeme",
    "deadbeef",
    "dummy",
    "example",
    "fixture",
    "foobar",
    "insert",
    "invalid",
    "mykey",
    "not-a-real",
    "notareal",
    "paste",
    "placeholder",
    "redacted",
    "replace",
    "sample",
    "secret",
    "your-",
    "your_",
    "yourkey",
    "xxxxx",
    "00000",
    "12345",
    "*****",
];

/// What may stand in a long key by chance: looked for in short ones alone.
const SHORT_WORDS: &[&str] = &["fake", "here", "mock", "test", "todo", "token", "your", "xxxx"];
const SHORT: usize = 48;

/// Whether it is one that documents show.
pub(super) fn is_known(key: &[u8]) -> bool {
    KNOWN.iter().any(|known| key == known.as_bytes())
}

/// Whether it is an example, or what stands for a key; `secret` is the key without its prefix.
pub(super) fn is_one(key: &[u8], secret: &[u8]) -> bool {
    let small = secret.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| contains(&small, word.as_bytes()));
    is_known(key) || has(WORDS) || (secret.len() <= SHORT && has(SHORT_WORDS))
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(text, part).is_some()
}
