//! How fast answers are looked into for the real key, beside what is done with every answer anyway:
//! the same bytes copied once, and decrypted once, as TLS does (AES-128-GCM in records of 16 KiB).
//!
//! `cargo bench --bench scrubbing`. It asserts nothing: figures belong to the machine they were
//! taken on, and ratios are what to compare.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::arithmetic_side_effects,
    reason = "a bench that cannot go on fails, reads the clock and prints"
)]

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use bytes::Bytes;
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use till::provider::Auth;
use till::proxy::scrub::Scrubber;
use till::vault::SecretText;

/// What comes from a connection at once.
const PIECE: usize = 16 * 1024;
/// How much of each kind of answer is looked into in a round.
const AMOUNT: usize = 64 * 1024 * 1024;
/// The three take turns, so that a machine that is slow for a moment is slow for all.
const ROUNDS: u32 = 5;

fn main() {
    let key = "sk-proj-4Zq8w2Xv7Yt1Kc9Lm3Nb6Rd5Hf0Jg-Ps_Ua4Ei8Ow2Qx7Vz1Tk9Cl3Mn6Bb5Dr0Fh";
    let credential: SecretText = key.to_owned().into();
    let scrubber = Scrubber::new(&credential, &Auth::Bearer);
    println!("of {key:.8}…, in pieces of {} KiB, best of {ROUNDS} rounds\n", PIECE >> 10);
    println!(
        "{:<34} {:>12} {:>16} {:>16}",
        "answers", "looked into", "of a copy's", "of a decryption's"
    );
    for (name, text) in corpora(key) {
        let pieces: Vec<Bytes> = text.chunks(PIECE).map(Bytes::copy_from_slice).collect();
        let mut best = [Duration::MAX; 3];
        for _ in 0..ROUNDS {
            let taken = [looked_into(&scrubber, &pieces), copied(&pieces), decrypted(&pieces)];
            for (best, taken) in best.iter_mut().zip(taken) {
                *best = taken.min(*best);
            }
        }
        let [looked, copied, decrypted] = best.map(|best| best.as_nanos().max(1));
        let megabytes = u128::try_from(text.len()).unwrap() * 1_000 / looked;
        let percent = |of: u128| format!("{} %", looked * 100 / of);
        println!(
            "{name:<34} {:>7} MB/s {:>16} {:>16}",
            megabytes,
            percent(copied),
            percent(decrypted)
        );
    }
    let began = Instant::now();
    for _ in 0..1_000 {
        black_box(Scrubber::new(black_box(&credential), &Auth::Bearer));
    }
    println!("\nmade ready for a request in {:?}", began.elapsed() / 1_000);
}

/// Kinds of answers, each repeated until there is enough of it.
fn corpora(key: &str) -> Vec<(&'static str, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/streams");
    let mut recorded = [Vec::new(), Vec::new()];
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let [streams, documents] = &mut recorded;
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("sse") => streams.extend(std::fs::read(path).unwrap()),
            Some("json") => documents.extend(std::fs::read(path).unwrap()),
            _ => {}
        }
    }
    let [streams, documents] = recorded;
    let mut state = 1_u64;
    let mut noise = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        state.to_be_bytes()[0]
    };
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let base64 = (0..1 << 20).map(|_| alphabet[usize::from(noise() % 64)]).collect();
    let chinese = "\\u4f60\\u597d\\uff0c\\u4e16\\u754c\\n".repeat(1 << 12).into_bytes();
    let percent = "q%3Da%26b%3Dc%2Fd%20".repeat(1 << 12).into_bytes();
    let beginnings = key[..8].repeat(1 << 12).into_bytes();
    let kinds = [
        ("recorded streams of events", streams),
        ("recorded JSON", documents),
        ("an image in base64", base64),
        ("text escaped as in \\u4f60", chinese),
        ("a text in percent escapes", percent),
        ("beginnings of the key, no end", beginnings),
    ];
    kinds
        .map(|(name, part): (_, Vec<u8>)| {
            (name, part.iter().copied().cycle().take(AMOUNT).collect())
        })
        .into()
}

fn looked_into(scrubber: &Scrubber, pieces: &[Bytes]) -> Duration {
    let mut scrubber = scrubber.another(false);
    let began = Instant::now();
    for piece in pieces {
        black_box(scrubber.push(black_box(piece.clone())));
    }
    black_box(scrubber.finish());
    began.elapsed()
}

fn copied(pieces: &[Bytes]) -> Duration {
    let mut room = vec![0; PIECE];
    let began = Instant::now();
    for piece in pieces {
        room[..piece.len()].copy_from_slice(black_box(piece));
        black_box(&mut room);
    }
    began.elapsed()
}

fn decrypted(pieces: &[Bytes]) -> Duration {
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &[7; 16]).unwrap());
    let nonce = || Nonce::assume_unique_for_key([1; NONCE_LEN]);
    let sealed: Vec<Vec<u8>> = pieces
        .iter()
        .map(|piece| {
            let mut record = piece.to_vec();
            key.seal_in_place_append_tag(nonce(), Aad::empty(), &mut record).unwrap();
            record
        })
        .collect();
    let mut records = sealed;
    let began = Instant::now();
    for record in &mut records {
        black_box(key.open_in_place(nonce(), Aad::empty(), record).unwrap());
    }
    began.elapsed()
}
