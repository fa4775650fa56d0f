//! The event-stream reader: however the bytes are cut, it finds the same events.
#![no_main]

use libfuzzer_sys::fuzz_target;
use till::provider::sse::{Event, Reader, Step};

fuzz_target!(|input: &[u8]| {
    let Some((size, stream)) = input.split_first() else { return };
    let size = usize::from(*size).max(1);
    assert_eq!(events(stream.chunks(size)), events([stream].into_iter()));
});

/// The events of a stream that comes in these pieces: name and data.
fn events<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut reader = Reader::default();
    let mut events = Vec::new();
    let mut note = |step: Step<'_>| {
        if let Step::Event(Event { name, data }) = step {
            events.push((name.to_vec(), data.to_vec()));
        }
    };
    for piece in pieces {
        let mut rest = piece;
        while !rest.is_empty() {
            let (taken, step) = reader.step(rest);
            note(step);
            rest = &rest[taken..];
        }
    }
    note(reader.finish());
    events
}
