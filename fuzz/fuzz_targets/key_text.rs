//! Texts that are keys: what is taken for one is what was written, to the letter.
#![no_main]

use libfuzzer_sys::fuzz_target;
use till::domain::admin_text::AdminText;
use till::domain::ids::KeyId;
use till::domain::key_text::KeyText;
use till::vault::{check_master, last4, parse_key_file};

fuzz_target!(|text: &str| {
    if let Ok(key) = text.parse::<KeyText>() {
        assert_eq!(key.expose(), text);
        assert!(text.starts_with("till_sk_") && text.len() == 47);
        assert!(!format!("{key:?}").contains(text));
    }
    if let Ok(token) = text.parse::<AdminText>() {
        assert_eq!(token.expose(), text);
        assert!(text.parse::<KeyText>().is_err());
    }
    if let Ok(id) = text.parse::<KeyId>() {
        assert_eq!(id.to_string(), text);
    }
    if let Ok(master) = check_master(text) {
        assert!(master.expose().bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        assert!(last4(&master).len() <= 4);
    }
    let _ = parse_key_file(text);
});
