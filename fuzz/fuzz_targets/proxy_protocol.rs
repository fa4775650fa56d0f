//! The header that a balancer sends: no bytes panic, and no other version is taken.
#![no_main]

use libfuzzer_sys::fuzz_target;
use till::serve::fuzzing::client_of_balancer;

fuzz_target!(|input: &[u8]| {
    let Some((head, rest)) = input.split_first_chunk::<16>() else { return };
    if client_of_balancer(head, rest).is_some() {
        assert!(head.starts_with(b"\r\n\r\n\0\r\nQUIT\n\x21"));
    }
});
