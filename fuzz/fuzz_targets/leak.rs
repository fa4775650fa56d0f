//! Real keys in files and histories: no bytes panic, and what is found lies where it is said to lie.
#![no_main]

use libfuzzer_sys::fuzz_target;
use till::provider::leak::leaks;

fuzz_target!(|text: &[u8]| {
    for leak in leaks(text) {
        assert!(text.get(leak.at.clone()).is_some_and(|found| found.len() >= 8));
    }
});
