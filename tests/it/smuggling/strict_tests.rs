//! The strict reader, tested by itself: an oracle that takes everything finds nothing.

use super::strict::{Fault, Rest, read};
use super::strict_fault;

const GET: &str = "GET /x HTTP/1.1\r\nHost: h\r\n";

#[test]
fn the_parser_reads_what_is_right() {
    let text = format!(
        "{GET}\r\nPOST /y?a=b HTTP/1.1\r\nHost: h:1\r\nContent-Length: 3\r\n\r\nabcPOST /z HTTP/1.1\r\nhost: h\
         \r\nTransfer-Encoding: Chunked\r\n\r\n2;a=\"b\"\r\nab\r\n01\r\nc\r\n0\r\nX-T: 1\r\n\r\n"
    );
    let found = read(text.as_bytes(), &[]);
    assert!(matches!(found.rest, Rest::Nothing), "{:?}", found.rest);
    let told: Vec<_> = found
        .messages
        .iter()
        .map(|message| (&*message.method, &*message.target, &*message.body))
        .collect();
    assert_eq!(told, [("GET", "/x", &b""[..]), ("POST", "/y?a=b", b"abc"), ("POST", "/z", b"abc")]);
    assert_eq!(found.messages[2].trailers, [("x-t".to_owned(), b"1".to_vec())]);
    // Cut anywhere, it is never refused, and never more than what is there.
    for cut in 0..text.len() {
        let found = read(&text.as_bytes()[..cut], &[]);
        assert!(!matches!(found.rest, Rest::Refused(..)), "{cut}: {:?}", found.rest);
        assert!(found.end <= cut && found.messages.len() < 3);
    }
}

#[test]
fn the_parser_refuses_what_is_not() {
    let cases = [
        ("\r\nGET /x HTTP/1.1\r\nHost: h\r\n\r\n", Fault::EmptyLine),
        ("GET /x HTTP/1.1\nHost: h\r\n\r\n", Fault::BareLf),
        ("GET /x HTTP/1.1\r\nHost: h\r\nA: b\rc\r\n\r\n", Fault::Control),
        ("GET /x HTTP/1.1\r\nHost: h\r\nA: b\0c\r\n\r\n", Fault::Control),
        ("GET  /x HTTP/1.1\r\nHost: h\r\n\r\n", Fault::RequestLine),
        ("GET /x\r\nHost: h\r\n\r\n", Fault::RequestLine),
        ("G(T /x HTTP/1.1\r\nHost: h\r\n\r\n", Fault::Method),
        ("GET http://h/x HTTP/1.1\r\nHost: h\r\n\r\n", Fault::Target),
        ("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", Fault::Target),
        ("GET /x#y HTTP/1.1\r\nHost: h\r\n\r\n", Fault::Fragment),
        ("GET /x{y HTTP/1.1\r\nHost: h\r\n\r\n", Fault::Unescaped),
        ("GET /x?\u{e9} HTTP/1.1\r\nHost: h\r\n\r\n", Fault::Target),
        ("GET /x HTTP/1.0\r\nHost: h\r\n\r\n", Fault::Old),
        ("GET /x HTTP/2.0\r\nHost: h\r\n\r\n", Fault::Version),
        ("GET /x HTTP/1.1\r\nHost : h\r\n\r\n", Fault::FieldName),
        ("GET /x HTTP/1.1\r\nHost: h\r\n: h\r\n\r\n", Fault::FieldName),
        ("GET /x HTTP/1.1\r\nHost: h\r\n h\r\n\r\n", Fault::Fold),
        ("GET /x HTTP/1.1\r\n\r\n", Fault::Host),
        ("GET /x HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n", Fault::Host),
        ("GET /x HTTP/1.1\r\nHost: u@h\r\n\r\n", Fault::Host),
    ];
    for (text, fault) in cases {
        assert_eq!(strict_fault(text.as_bytes()), Some(fault), "{text:?}");
    }
    let bodies = [
        ("Content-Length: +1\r\n\r\na", Fault::Length),
        ("Content-Length: 1, 1\r\n\r\na", Fault::Length),
        ("Content-Length: \r\n\r\na", Fault::Length),
        ("Content-Length: 99999999999999999999\r\n\r\na", Fault::Length),
        ("Content-Length: 1\r\nContent-Length: 2\r\n\r\na", Fault::Length),
        ("Content-Length: 1\r\nContent-Length: 1\r\n\r\na", Fault::SameLengthTwice),
        ("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", Fault::LengthAndChunks),
        ("Transfer-Encoding: x, chunked\r\n\r\n", Fault::Coding),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", Fault::Coding),
        ("Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n", Fault::ChunkSize),
        ("Transfer-Encoding: chunked\r\n\r\n-1\r\na\r\n", Fault::ChunkSize),
        ("Transfer-Encoding: chunked\r\n\r\n1\na\r\n", Fault::ChunkSize),
        ("Transfer-Encoding: chunked\r\n\r\n1 \r\na\r\n", Fault::SpaceAfterSize),
        ("Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", Fault::ChunkEnd),
        ("Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 1\r\n\r\n", Fault::Trailer),
    ];
    for (text, fault) in bodies {
        assert_eq!(strict_fault(format!("{GET}{text}").as_bytes()), Some(fault), "{text:?}");
    }
}
