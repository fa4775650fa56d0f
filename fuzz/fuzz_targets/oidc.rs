//! Identity tokens and key sets, before anything of them is believed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use till::admin::oidc::{Issuer, KeySet, Token};

fuzz_target!(|bytes: &[u8]| {
    let _ = KeySet::read(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        if let Ok(token) = Token::read(text) {
            let _ = token.unverified_issuer();
            assert!(token.is_like(&token));
            assert!(!format!("{token:?}").contains(text));
        }
        for local in [false, true] {
            if let Ok(issuer) = Issuer::new(text, local) {
                assert_eq!(issuer.as_str(), text);
            }
        }
    }
});
