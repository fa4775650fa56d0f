//! Answers that are compressed, though nobody asked for it: they are decoded, looked into for the
//! real key, and read for what they cost.

use std::time::Duration;

use async_compression::tokio::write::{BrotliEncoder, GzipEncoder, ZlibEncoder, ZstdEncoder};
use bytes::Bytes;
use http::Response;
use tokio::io::AsyncWriteExt;

use crate::support::answer::{Answer, Body, Gate};
use crate::support::home::{Home, MASTER};
use crate::support::http::{Connection, Request};
use crate::support::http2::Http2;
use crate::support::hyper_body::Sent;
use crate::support::hyper_upstream::HyperUpstream;
use crate::support::model::{INPUT, chat, completion};
use crate::support::upstream::Upstream;
use crate::support::wait_until;

const CODINGS: [&str; 5] = ["gzip", "x-gzip", "deflate", "br", "zstd"];
/// What an answer may use at the most.
const OUTPUT: u64 = 500;

/// The pieces compressed one after the other, each so that it can be decoded as soon as it is
/// there.
fn compressed(coding: &str, pieces: &[&[u8]]) -> Vec<Vec<u8>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    macro_rules! with {
        ($encoder:expr) => {{
            let mut encoder = $encoder;
            let mut chunks = Vec::new();
            for piece in pieces {
                encoder.write_all(piece).await.unwrap();
                encoder.flush().await.unwrap();
                chunks.push(std::mem::take(encoder.get_mut()));
            }
            encoder.shutdown().await.unwrap();
            chunks.push(encoder.into_inner());
            chunks
        }};
    }
    runtime.block_on(async {
        match coding {
            "gzip" | "x-gzip" => with!(GzipEncoder::new(Vec::new())),
            "deflate" => with!(ZlibEncoder::new(Vec::new())),
            "br" => with!(BrotliEncoder::new(Vec::new())),
            "zstd" => with!(ZstdEncoder::new(Vec::new())),
            _ => panic!("{coding}"),
        }
    })
}

fn whole(coding: &str, bytes: &[u8]) -> Vec<u8> {
    compressed(coding, &[bytes]).concat()
}

/// The echo is gone, what the answer cost is known to the token, and the client sees nothing of the
/// coding.
#[test]
fn an_answer_is_decoded_scrubbed_and_charged_by_what_it_says() {
    for coding in CODINGS {
        let upstream = Upstream::new(move |seen| {
            assert_eq!(seen.head.all("accept-encoding"), ["identity"]);
            let plain = completion(INPUT, 50);
            let Body::Whole(body) = &plain.body else { panic!("{plain:?}") };
            let text = String::from_utf8(body.clone()).unwrap();
            let body = text.replacen('{', &format!("{{\"echo\":\"{MASTER}\","), 1);
            let body = Body::Whole(whole(coding, body.as_bytes()));
            plain.field("Content-Encoding", coding).field("ETag", "\"1\"").body(body)
        });
        let home = Home::with_openai(&upstream);
        let key = home.mint("openai --tokens 10k --spend 1");
        let proxy = home.proxy();
        let request = chat(&key.text, OUTPUT).field("Accept-Encoding", "gzip, br, zstd");
        let reply = request.send(proxy.address());
        reply.expect(200, "");
        assert_eq!(reply.json()["echo"], "********", "{coding}");
        assert_eq!(reply.head.get("content-encoding"), None, "{coding}");
        assert_eq!(reply.field("etag"), "W/\"1\"", "{coding}");
        let (input, output, _) = home.spent(&key);
        assert_eq!((input, output), (INPUT, 50), "{coding}");
    }
}

/// An event goes on as soon as its bytes are there.
#[test]
fn an_event_of_a_compressed_stream_waits_for_nothing() {
    for coding in CODINGS {
        let gate = Gate::default();
        let opened = gate.clone();
        let upstream = Upstream::new(move |_| {
            let events: [&[u8]; 2] = [b"data: one\n\n", b"data: two\n\n"];
            let body = Body::Gated(compressed(coding, &events), opened.clone());
            Answer::events(Vec::new()).field("Content-Encoding", coding).body(body)
        });
        let home = Home::with_openai(&upstream);
        let key = home.mint("openai -n 5");
        let proxy = home.proxy();
        let mut connection = Connection::open(proxy.address()).unwrap();
        connection.start(&Request::chat(&key.text)).unwrap();
        assert_eq!(connection.head().unwrap().status, 200, "{coding}");
        assert_eq!(connection.chunk().unwrap().unwrap(), b"data: one\n\n", "{coding}");
        gate.open_once();
        assert_eq!(connection.chunk().unwrap().unwrap(), b"data: two\n\n", "{coding}");
        gate.open(9);
        assert_eq!(connection.chunk().unwrap(), None, "{coding}");
    }
}

/// What cannot be looked into is refused: it was sent, so it counts, and is charged whole.
#[test]
fn what_cannot_be_decoded_is_refused() {
    let gzip = || whole("gzip", b"{}");
    for (status, coding) in [(200, "compress"), (200, "gzip, br"), (206, "gzip")] {
        let answer = Answer::status(status).field("Content-Encoding", coding);
        let upstream = Upstream::answering(answer.body(Body::Whole(gzip())));
        let home = Home::with_openai(&upstream);
        let key = home.mint("openai --tokens 10k");
        let proxy = home.proxy();
        let reply = chat(&key.text, OUTPUT).send(proxy.address());
        reply.expect(502, "upstream_encoding");
        assert_eq!(reply.field("x-should-retry"), "false");
        assert!(home.settled(&key)["status"] == "live");
        assert_eq!((home.spent(&key).1, home.activations(&key, "used")), (OUTPUT, 1), "{coding}");
    }
}

/// One that is cut off, or is no such stream at all, breaks off: the client never takes it for
/// whole.
#[test]
fn a_damaged_stream_breaks_off() {
    for coding in CODINGS {
        let mut cut = whole(coding, b"{\"answered\": 200}");
        cut.truncate(cut.len() - 5);
        let mut more = whole(coding, b"{\"answered\": 200}");
        more.extend_from_slice(b"more");
        for body in [cut, more, b"no stream at all".to_vec()] {
            let answer = Answer::status(200).field("Content-Encoding", coding);
            let upstream = Upstream::answering(answer.body(Body::Whole(body)));
            let home = Home::with_openai(&upstream);
            let key = home.mint("openai --tokens 10k");
            let proxy = home.proxy();
            let reply = chat(&key.text, OUTPUT).try_send(proxy.address());
            assert!(reply.is_err(), "{coding}: {reply:?}");
            wait_until("it is settled", || home.activations(&key, "used") == 1);
            assert_eq!(home.spent(&key).1, OUTPUT, "{coding}");
        }
    }
}

#[test]
fn an_answer_without_a_body_may_name_a_coding() {
    for coding in CODINGS {
        let empty = Answer::status(200).field("Content-Encoding", coding);
        let upstream = Upstream::answering(empty.body(Body::Chunks(Vec::new(), Duration::ZERO)));
        let home = Home::with_openai(&upstream);
        let key = home.mint("openai -n 5");
        let proxy = home.proxy();
        let reply = Request::chat(&key.text).send(proxy.address());
        reply.expect(200, "");
        assert_eq!(reply.body, b"", "{coding}");
        assert_eq!(reply.head.get("content-encoding"), None, "{coding}");
    }
}

/// Zeros from a few kilobytes take no memory, and go as fast as they are read.
#[test]
fn a_bomb_takes_no_memory() {
    bombs(128);
}

#[test]
#[ignore = "takes a minute"]
fn a_bomb_of_a_gigabyte_takes_no_memory() {
    bombs(1024);
}

fn bombs(megabytes: usize) {
    for coding in ["gzip", "deflate", "br", "zstd"] {
        let zeros = vec![0; 1 << 20];
        let pieces: Vec<&[u8]> = (0..megabytes).map(|_| &*zeros).collect();
        let bomb: Bytes = compressed(coding, &pieces).concat().into();
        assert!(bomb.len() < 4 << 20, "{coding}: {}", bomb.len());
        let upstream = HyperUpstream::plain(move |_| {
            let response =
                Response::builder().header("content-encoding", coding).header("trailer", "x-sum");
            response.body(Sent::once(&bomb).trailer("x-sum", "1")).unwrap()
        });
        let home = Home::new();
        home.add_openai(&upstream.base_url("/v1"));
        let key = home.mint("openai -n 5");
        let proxy = home.proxy();
        let mut client = Http2::open(proxy.address());
        let call = client.call("GET", "/openai/v1/models", &key.text).header("te", "trailers");
        let mut body = client.start(call.body(Sent::empty()).unwrap()).into_body();
        let (mut length, mut trailers) = (0, None);
        while let Some(frame) = client.frame(&mut body) {
            match frame.expect("a frame").into_data() {
                Ok(data) => length += data.len(),
                Err(last) => trailers = last.into_trailers().ok(),
            }
        }
        assert_eq!(length, megabytes << 20, "{coding}");
        assert_eq!(trailers.unwrap()["x-sum"], "1", "{coding}");
        let peak = proxy.peak_memory();
        assert!(peak < 100 << 20, "{coding}: {} MiB", peak >> 20);
    }
}
