//! HTTP/2 frame by frame (RFC 9113 §4.1), for what no library sends.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use rustls::{ClientConfig, ClientConnection, StreamOwned};
use rustls_pki_types::ServerName;

use super::PATIENCE;

pub(crate) const DATA: u8 = 0x0;
pub(crate) const HEADERS: u8 = 0x1;
pub(crate) const RST_STREAM: u8 = 0x3;
pub(crate) const SETTINGS: u8 = 0x4;
pub(crate) const GOAWAY: u8 = 0x7;
pub(crate) const CONTINUATION: u8 = 0x9;

pub(crate) const END_STREAM: u8 = 0x1;
pub(crate) const END_HEADERS: u8 = 0x4;

/// A connection after its preface.
pub(crate) struct Frames<S = Box<dyn Stream>>(S);

/// Bytes both ways, with TLS or without.
pub(crate) trait Stream: Read + Write {}

impl<T: Read + Write> Stream for T {}

/// One frame.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) stream: u32,
    pub(crate) payload: Vec<u8>,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Answered with 200.
    Answered,
    /// Answered with another status.
    Refused,
    /// The stream was reset, or the connection ended.
    Reset,
}

impl Frames {
    pub(crate) fn open(to: SocketAddr) -> Self {
        Self::over(Box::new(connect(to)))
    }

    /// Over TLS, to a server with a certificate for `localhost`.
    pub(crate) fn open_tls(to: SocketAddr, config: Arc<ClientConfig>) -> Self {
        Self::over(Box::new(secured(to, config)))
    }

    fn over(mut stream: Box<dyn Stream>) -> Self {
        stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap();
        let mut frames = Self(stream);
        frames.send(SETTINGS, 0, 0, &[]).unwrap();
        frames
    }
}

impl<S: Read + Write> Frames<S> {
    /// The server's side of a connection.
    pub(crate) fn serve(mut stream: S) -> io::Result<Self> {
        stream.read_exact(&mut [0; 24])?;
        let mut frames = Self(stream);
        frames.send(SETTINGS, 0, 0, &[])?;
        Ok(frames)
    }

    /// Reads a request whole, and returns its stream.
    pub(crate) fn request(&mut self) -> io::Result<u32> {
        loop {
            let frame = self.next()?;
            if matches!(frame.kind, HEADERS | DATA) && frame.flags & END_STREAM != 0 {
                return Ok(frame.stream);
            }
        }
    }

    /// The connection itself.
    pub(crate) fn stream(&mut self) -> &mut S {
        &mut self.0
    }

    pub(crate) fn send(
        &mut self,
        kind: u8,
        flags: u8,
        stream: u32,
        payload: &[u8],
    ) -> io::Result<()> {
        let mut frame = u32::try_from(payload.len()).unwrap().to_be_bytes()[1..].to_vec();
        frame.extend([kind, flags]);
        frame.extend(stream.to_be_bytes());
        frame.extend(payload);
        self.0.write_all(&frame)
    }

    pub(crate) fn next(&mut self) -> io::Result<Frame> {
        let mut head = [0; 9];
        self.0.read_exact(&mut head)?;
        let [a, b, c, kind, flags, stream @ ..] = head;
        let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
        self.0.read_exact(&mut payload)?;
        Ok(Frame { kind, flags, stream: u32::from_be_bytes(stream), payload })
    }

    /// The next frame: its kind, its stream and its payload.
    pub(crate) fn read(&mut self) -> io::Result<(u8, u32, Vec<u8>)> {
        let frame = self.next()?;
        Ok((frame.kind, frame.stream, frame.payload))
    }

    /// How the request on this stream ends.
    pub(crate) fn end_of(&mut self, stream: u32) -> End {
        loop {
            match self.read() {
                // `:status: 200` is entry 8 of the static table (RFC 7541, appendix A).
                Ok((HEADERS, of, block)) if of == stream && block[0] == 0x88 => {
                    return End::Answered;
                }
                Ok((HEADERS, of, _)) if of == stream => return End::Refused,
                Ok((RST_STREAM, of, _)) if of == stream => return End::Reset,
                Ok((GOAWAY, ..)) | Err(_) => return End::Reset,
                Ok(_) => {}
            }
        }
    }
}

/// A connection that waits for as long as a test may.
pub(crate) fn connect(to: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(to).expect("a connection");
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// The same over TLS, after its handshake.
pub(crate) fn secured(
    to: SocketAddr,
    config: Arc<ClientConfig>,
) -> StreamOwned<ClientConnection, TcpStream> {
    let server = ServerName::try_from("localhost").unwrap();
    let session = ClientConnection::new(config, server).expect("a session");
    let mut stream = StreamOwned::new(session, connect(to));
    while stream.conn.is_handshaking() {
        stream.conn.complete_io(&mut stream.sock).expect("a handshake");
    }
    stream
}

/// A header block of literal fields, without indexing and Huffman (RFC 7541 §6.2.2).
pub(crate) fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in fields {
        block.push(0);
        for text in [name, value] {
            assert!(text.len() < 127, "longer than one byte of length can say");
            block.push(u8::try_from(text.len()).unwrap());
            block.extend_from_slice(text.as_bytes());
        }
    }
    block
}
