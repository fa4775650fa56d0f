//! The tricks that are known, and what is right beside them.

use super::strict::Fault;

/// What is served, and how many requests it is.
pub(super) const SENT: &[(&str, usize)] = &[
    ("GET /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Connection: close\r\n\r\n", 1),
    ("HEAD /openai/v1/x?a=b%20c HTTP/1.1\r\nHost: {host}\r\n{auth}Connection: close\r\n\r\n", 1),
    ("get /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Connection: close\r\n\r\n", 1),
    (
        "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Connection: close\r\nContent-Length: 005\r\n\r\nhello",
        1,
    ),
    (
        "GET /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Connection: close\r\nContent-Length: 5\r\n\r\nhello",
        1,
    ),
    (
        "HEAD /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Connection: close\r\nContent-Length: 5\r\n\r\nhello",
        1,
    ),
    (
        "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Connection: close\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
        1,
    ),
    (
        "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Connection: close\r\nTransfer-Encoding: \tCHUNKED \r\n\r\n0003;a=\"b;c\"\r\nabc\r\nA\r\n0123456789\r\n000\r\n\r\n",
        1,
    ),
    (
        "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Connection: close\r\nTrailer: X-T\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-T: 1\r\nX-Other: 2\r\n\r\n",
        1,
    ),
    (
        "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Connection: close\r\nTrailer: X-T, X_Api_Key, X-K, X-HTTP-Method\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-T: 1\r\nX_Api_Key: 2\r\nX-HTTP-Method: PUT\r\nX-K: {auth}\r\n",
        1,
    ),
    (
        "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}X-Copy: {auth}X-A: caf\u{e9}\r\nContent-Length: 2\r\n\r\nhiGET /openai/v1/y HTTP/1.1\r\nHost: {host}\r\n{auth}Connection: close\r\n\r\n",
        2,
    ),
    (
        "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\nPOST /openai/v1/y HTTP/1.1\r\nHost: {host}\r\n{auth}Content-Length: 0\r\n\r\nGET /openai/v1/z HTTP/1.1\r\nHost: {host}\r\n{auth}Connection: close, x-a\r\nConnection: close\r\nX-A: 1\r\n\r\n",
        3,
    ),
    (
        "GET /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        1,
    ),
    (
        "HEAD /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        1,
    ),
    // CL.0: what a careless server takes for the next request is a body, and stays one.
    (
        "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Connection: close\r\nContent-Length: 38\r\n\r\nGET /v1/admin HTTP/1.1\r\nHost: evil\r\n\r\n",
        1,
    ),
];

/// What till reads though a strict parser does not, by the fault.
pub(super) const LENIENT: &[(Fault, &str)] = &[
    (
        Fault::EmptyLine,
        "\r\n\r\nGET /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Connection: close\r\n\r\n",
    ),
    (Fault::BareLf, "GET /openai/v1/x HTTP/1.1\nHost: {host}\n{auth}Connection: close\r\n\n"),
    (
        Fault::BareLf,
        "GET /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Connection: close\r\nX: a\nX-B: c\r\n\r\n",
    ),
    (
        Fault::Fragment,
        "GET /openai/v1/x#@evil HTTP/1.1\r\nHost: {host}\r\n{auth}Connection: close\r\n\r\n",
    ),
    (
        Fault::Unescaped,
        "GET /openai/v1/{x|y} HTTP/1.1\r\nHost: {host}\r\n{auth}Connection: close\r\n\r\n",
    ),
    (
        Fault::Unescaped,
        "GET /openai/v1/x?a=[b]{c}| HTTP/1.1\r\nHost: {host}\r\n{auth}Connection: close\r\n\r\n",
    ),
    (Fault::Old, "GET /openai/v1/x HTTP/1.0\r\nHost: {host}\r\n{auth}\r\n"),
    (Fault::Old, "POST /openai/v1/x HTTP/1.0\r\nHost: {host}\r\n{auth}Content-Length: 2\r\n\r\nhi"),
    (
        Fault::SameLengthTwice,
        "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Connection: close\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi",
    ),
    (
        Fault::LengthAndChunks,
        "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Connection: close\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
    ),
    (
        Fault::LengthAndChunks,
        "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Connection: close\r\nTransfer-Encoding: chunked\r\nContent-Length: +x\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
    ),
    (
        Fault::SpaceAfterSize,
        "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n2 \t\r\nhi\r\n0\r\n\r\n",
    ),
    (
        Fault::Trailer,
        "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Connection: close\r\nTrailer: Content-Length, Host, Authorization, Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nContent-Length: 99\r\nHost: evil\r\nTransfer-Encoding: x\r\nAuthorization: Basic eDp5\r\n\r\n",
    ),
];

/// What must reach nobody.
pub(super) const REFUSED: &[&str] = &[
    // The request line.
    "GET http://evil.example/openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}\r\n",
    "GET http://{host}/openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}\r\n",
    "GET //evil.example/openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}\r\n",
    "GET @evil.example/openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}\r\n",
    "GET  /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}\r\n",
    "GET\t/openai/v1/x\tHTTP/1.1\r\nHost: {host}\r\n{auth}\r\n",
    "GET /openai/v1/x  HTTP/1.1\r\nHost: {host}\r\n{auth}\r\n",
    "GET /openai/v1/x HTTP/1.1 \r\nHost: {host}\r\n{auth}\r\n",
    "GET /openai/v1/x HTTP/01.1\r\nHost: {host}\r\n{auth}\r\n",
    "GET /openai/v1/x http/1.1\r\nHost: {host}\r\n{auth}\r\n",
    "GET /openai/v1/x HTTP/1.2\r\nHost: {host}\r\n{auth}\r\n",
    "GET /openai/v1/x HTTP/2.0\r\nHost: {host}\r\n{auth}\r\n",
    "GET /openai/v1/x\r\nHost: {host}\r\n{auth}\r\n",
    " GET /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}\r\n",
    "\u{feff}GET /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}\r\n",
    "G\u{e9}T /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}\r\n",
    "GET /openai/v1/\0x HTTP/1.1\r\nHost: {host}\r\n{auth}\r\n",
    "GET /openai/v1/x?a=\0 HTTP/1.1\r\nHost: {host}\r\n{auth}\r\n",
    "GET /openai/v1/x?a=\x7f HTTP/1.1\r\nHost: {host}\r\n{auth}\r\n",
    "GET /openai/v1/x?a=\u{e9} HTTP/1.1\r\nHost: {host}\r\n{auth}\r\n",
    "GET /openai/v1/\u{e9} HTTP/1.1\r\nHost: {host}\r\n{auth}\r\n",
    "GET /openai/v1/x\rX: y HTTP/1.1\r\nHost: {host}\r\n{auth}\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: {host}\r\n{auth}\r\n",
    "CONNECT evil.example:443 HTTP/1.1\r\nHost: {host}\r\n{auth}\r\n",
    "connect /openai/v1/x HTTP/1.1\r\nHost: evil.example\r\n{auth}\r\n",
    "TRACE /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nGET /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}\r\n",
    // Hosts.
    "GET /openai/v1/x HTTP/1.1\r\n{auth}\r\n",
    "GET /openai/v1/x HTTP/1.1\r\nHost:\r\n{auth}\r\n",
    "GET /openai/v1/x HTTP/1.1\r\nHost: {host}\r\nHost: {host}\r\n{auth}\r\n",
    "GET /openai/v1/x HTTP/1.1\r\nHost: {host}\r\nhost: evil.example\r\n{auth}\r\n",
    "GET /openai/v1/x HTTP/1.1\r\nHost: {host}, evil.example\r\n{auth}\r\n",
    "GET /openai/v1/x HTTP/1.1\r\nHost: x@{host}\r\n{auth}\r\n",
    "GET /openai/v1/x HTTP/1.1\r\nHost: {host}@evil.example\r\n{auth}\r\n",
    "GET /openai/v1/x HTTP/1.1\r\nHost: {host}/x#y\r\n{auth}\r\n",
    "GET /openai/v1/x HTTP/1.1\r\nHost : {host}\r\n{auth}\r\n",
    // Fields.
    "GET /openai/v1/x HTTP/1.1\r\n Host: {host}\r\n{auth}\r\n",
    "GET /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}X: a\r\n b\r\n\r\n",
    "GET /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}X: a\r\n\tb\r\n\r\n",
    "GET /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}X: a\rb\r\n\r\n",
    "GET /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}X: a\r\r\n\r\n",
    "GET /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}X: a\0\r\n\r\n",
    "GET /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}X: a\x7f\r\n\r\n",
    "GET /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}: a\r\n\r\n",
    "GET /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}X\r\n\r\n",
    "GET /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}X Y: a\r\n\r\n",
    "GET /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}X(: a\r\n\r\n",
    "GET /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}\u{e9}: a\r\n\r\n",
    "GET /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
    "GET /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}{auth}\r\n",
    // CL.
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Content-Length: +5\r\n\r\nhello",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Content-Length: -5\r\n\r\nhello",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Content-Length: 0x5\r\n\r\nhello",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Content-Length: 5,5\r\n\r\nhello",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Content-Length: 5 5\r\n\r\nhello",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Content-Length: 5.0\r\n\r\nhello",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Content-Length: 5e0\r\n\r\nhello",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Content-Length: 1_0\r\n\r\nhellohello",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Content-Length: \u{665}\r\n\r\nhello",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Content-Length: 18446744073709551621\r\n\r\nhello",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Content-Length:\r\n\r\nhello",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Content-Length : 5\r\n\r\nhello",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Content-Length: 5\r\nContent-Length: 0\r\n\r\nhello",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Content-Length: 0\r\nContent-Length: 5\r\n\r\nhello",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Content-Length: 50\r\n\r\nhello",
    // TE.
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Transfer-Encoding: \x0bchunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Transfer-Encoding: chunked\x0c\r\n\r\n0\r\n\r\n",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}X: y\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Transfer-Encoding: ,chunked\r\n\r\n0\r\n\r\n",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Transfer-Encoding: x\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Transfer-Encoding:\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "POST /openai/v1/x HTTP/1.0\r\nHost: {host}\r\n{auth}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    // Chunks.
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Transfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Transfer-Encoding: chunked\r\n\r\n-1\r\nhello\r\n0\r\n\r\n",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Transfer-Encoding: chunked\r\n\r\n 5\r\nhello\r\n0\r\n\r\n",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Transfer-Encoding: chunked\r\n\r\n5 5\r\nhello\r\n0\r\n\r\n",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Transfer-Encoding: chunked\r\n\r\n\r\nhello\r\n0\r\n\r\n",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Transfer-Encoding: chunked\r\n\r\n5\rXhello\r\n0\r\n\r\n",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Transfer-Encoding: chunked\r\n\r\n5;a=b\nhello\r\n0\r\n\r\n",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Transfer-Encoding: chunked\r\n\r\n5;\"\r\n\"hello\r\n0\r\n\r\n",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Transfer-Encoding: chunked\r\n\r\n5\r\nhello0\r\n\r\n",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\n0\r\n\r\n",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Transfer-Encoding: chunked\r\n\r\n5\r\nhelloXX0\r\n\r\n",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Transfer-Encoding: chunked\r\n\r\n10000000000000005\r\nhello\r\n0\r\n\r\n",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX Y: z\r\n\r\n",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n a\r\n\r\n",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nGET /openai/v1/y HTTP/1.1\r\n\r\n",
];
