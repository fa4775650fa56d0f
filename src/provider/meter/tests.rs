//! Every recording, however it is cut, and synthetic streams of every API.

use std::path::PathBuf;

use proptest::prelude::*;

use super::*;

mod long;
mod recordings;
mod streams;

/// The meter after these pieces, and what went downstream.
fn read(api: Api, form: Form, hide_usage: bool, pieces: &[&[u8]]) -> (Meter, Vec<u8>) {
    let mut meter = Meter::new(api, form, hide_usage);
    let mut passed = Vec::new();
    for piece in pieces {
        passed.extend_from_slice(&meter.push(Bytes::copy_from_slice(piece)));
    }
    passed.extend_from_slice(&meter.finish());
    (meter, passed)
}

/// Everything that a meter answers.
fn answers(meter: &Meter) -> (Option<Reading>, bool, Option<u64>, u64, Bytes) {
    let reading = meter.reading().cloned();
    (reading, meter.is_final(), meter.shown(), meter.at_least(), meter.closing())
}

/// Cuts bytes into pieces of these lengths, over and over.
fn cut<'a>(bytes: &'a [u8], lengths: &[usize]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    let mut rest = bytes;
    for length in lengths.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, others) = rest.split_at((*length).clamp(1, rest.len()));
        pieces.push(piece);
        rest = others;
    }
    pieces
}
