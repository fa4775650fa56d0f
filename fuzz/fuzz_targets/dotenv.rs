//! `.env` files: what is read has names that a shell takes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use till::cli::wrap::dotenv::parse;

fuzz_target!(|text: &str| {
    let Ok(pairs) = parse(text) else { return };
    for (name, _) in pairs {
        assert!(!name.is_empty() && !name.contains(['=', '\n', '\0', ' ']), "{name:?}");
    }
});
