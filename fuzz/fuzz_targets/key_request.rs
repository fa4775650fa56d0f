//! Requests for keys in JSON, as the admin API and delegation take them: what is read can be written
//! and read again, and no field is passed over in silence.
#![no_main]

use libfuzzer_sys::fuzz_target;
use till::domain::time::Timestamp;
use till::wire::KeyRequest;

const NOW: Timestamp = Timestamp(1_796_000_000_000);

fuzz_target!(|body: &[u8]| {
    let Ok(mut request) = serde_json::from_slice::<KeyRequest>(body) else { return };
    let _ = request.name_and_labels();
    // Its numbers are of any size and form, and are kept as JSON has them.
    request.metadata = None;
    let text = serde_json::to_string(&request).expect("what was read can be written");
    let again: KeyRequest = serde_json::from_str(&text).expect("and read again");
    assert_eq!(text, serde_json::to_string(&again).unwrap());
    let _ = (request.targets(), request.count(), request.generations());
    let _ = request.limits(NOW);
    if let Ok(scope) = request.scope() {
        assert!(scope.holds(&scope).is_ok(), "a scope holds itself: {scope:?}");
    }
});
