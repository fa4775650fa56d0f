//! Every meter: however the bytes are cut, it answers the same, and passes the bytes on.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use till::provider::api::Api;
use till::provider::meter::{Form, Meter};

const APIS: [Api; 11] = [
    Api::Chat,
    Api::Completions,
    Api::Responses,
    Api::Messages,
    Api::Gemini,
    Api::GeminiEmbeddings,
    Api::Cohere,
    Api::CohereEmbeddings,
    Api::Embeddings,
    Api::Transcription,
    Api::Images,
];

fuzz_target!(|input: &[u8]| {
    let [kind, size, body @ ..] = input else { return };
    let api = APIS[usize::from(kind >> 2) % APIS.len()];
    let form = if kind & 1 == 0 { Form::EventStream } else { Form::Json };
    let hide_usage = kind & 2 != 0;
    let new = || Meter::new(api, form, hide_usage);

    let (whole, passed) = read(new(), [body].into_iter());
    let (pieced, passed_in_pieces) = read(new(), body.chunks(usize::from(*size).max(1)));
    assert_eq!(passed, passed_in_pieces);
    assert!(hide_usage || passed == body);
    assert!(whole.reading() == pieced.reading() && whole.is_final() == pieced.is_final());
    assert!(whole.shown() == pieced.shown() && whole.at_least() == pieced.at_least());
    assert_eq!(whole.closing(), pieced.closing());
});

/// The meter after these pieces, and what went downstream.
fn read<'a>(mut meter: Meter, pieces: impl Iterator<Item = &'a [u8]>) -> (Meter, Vec<u8>) {
    let mut passed = Vec::new();
    for piece in pieces {
        passed.extend_from_slice(&meter.push(Bytes::copy_from_slice(piece)));
    }
    passed.extend_from_slice(&meter.finish());
    (meter, passed)
}
