//! The body of an answer as it can be looked into: as it came, or decoded.

use std::error::Error;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use async_compression::tokio::bufread::{BrotliDecoder, GzipDecoder, ZlibDecoder, ZstdDecoder};
use async_compression::zstd::DParameter;
use bytes::{Buf, Bytes};
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use tokio::io::{AsyncBufRead, AsyncRead, ReadBuf};

use super::arriving::Arriving;
use super::coding::Coding;

/// What is decoded at once, in bytes: no more lies in memory, whatever it was compressed from.
const ROOM: usize = 16 * 1024;
/// The window that a zstd stream may want, as a power of two: 8 MiB (RFC 9659 §3).
const ZSTD_WINDOW: u32 = 23;

type BoxError = Box<dyn Error + Send + Sync>;

/// An upstream's body.
#[derive(Debug)]
pub(super) enum AnswerBody {
    AsIs(Arriving),
    Decoded(Box<Decoded>),
}

/// One that is decoded while it comes.
#[derive(Debug)]
pub(super) struct Decoded {
    decoder: Decoder,
    room: Box<[u8; ROOM]>,
    has_ended: bool,
}

#[derive(Debug)]
enum Decoder {
    Gzip(GzipDecoder<Source>),
    Zlib(ZlibDecoder<Source>),
    Brotli(BrotliDecoder<Source>),
    Zstd(ZstdDecoder<Source>),
}

/// The bytes as they come.
#[derive(Debug)]
struct Source {
    upstream: Arriving,
    chunk: Bytes,
    /// Whether there was a byte at all.
    has_begun: bool,
    has_ended: bool,
    trailers: Option<HeaderMap>,
}

impl AnswerBody {
    pub(super) fn new(upstream: Arriving, coding: Option<Coding>) -> Self {
        let Some(coding) = coding.filter(|_| !upstream.is_end_stream()) else {
            return Self::AsIs(upstream);
        };
        let source = Source {
            upstream,
            chunk: Bytes::new(),
            has_begun: false,
            has_ended: false,
            trailers: None,
        };
        let decoder = match coding {
            Coding::Gzip => {
                // RFC 1952 §2.2: members stand one after the other.
                let mut decoder = GzipDecoder::new(source);
                decoder.multiple_members(true);
                Decoder::Gzip(decoder)
            }
            Coding::Zlib => Decoder::Zlib(ZlibDecoder::new(source)),
            Coding::Brotli => Decoder::Brotli(BrotliDecoder::new(source)),
            Coding::Zstd => {
                let window = DParameter::window_log_max(ZSTD_WINDOW);
                let mut decoder = ZstdDecoder::with_params(source, &[window]);
                // RFC 8878 §3: so do frames.
                decoder.multiple_members(true);
                Decoder::Zstd(decoder)
            }
        };
        let room = Box::new([0; ROOM]);
        Self::Decoded(Box::new(Decoded { decoder, room, has_ended: false }))
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match self.get_mut() {
            Self::AsIs(upstream) => Pin::new(upstream).poll_frame(context),
            Self::Decoded(decoded) => decoded.poll_frame(context).map_err(BoxError::from),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::AsIs(upstream) => upstream.is_end_stream(),
            Self::Decoded(decoded) => decoded.has_ended,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::AsIs(upstream) => upstream.size_hint(),
            Self::Decoded(_) => SizeHint::default(),
        }
    }
}

impl Decoded {
    fn poll_frame(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if self.has_ended {
            return Poll::Ready(None);
        }
        let mut room = ReadBuf::new(self.room.as_mut_slice());
        let read = match ready!(self.decoder.poll_read(context, &mut room)) {
            // An answer without a body may still name a coding.
            Err(_) if self.decoder.source().is_empty() => Ok(()),
            read => read,
        };
        if let Err(error) = read {
            self.has_ended = true;
            return Poll::Ready(Some(Err(error)));
        }
        if !room.filled().is_empty() {
            let bytes = Bytes::copy_from_slice(room.filled());
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        // The coded bytes are at their end: so must the answer be.
        let source = self.decoder.source();
        let rest = ready!(Pin::new(&mut *source).poll_fill_buf(context));
        let is_over = rest.map(<[u8]>::is_empty);
        self.has_ended = true;
        Poll::Ready(match is_over {
            Ok(true) => self.decoder.source().trailers.take().map(|last| Ok(Frame::trailers(last))),
            Ok(false) => Some(Err(io::Error::other("bytes behind the end of what is compressed"))),
            Err(error) => Some(Err(error)),
        })
    }
}

impl Decoder {
    fn source(&mut self) -> &mut Source {
        match self {
            Self::Gzip(decoder) => decoder.get_mut(),
            Self::Zlib(decoder) => decoder.get_mut(),
            Self::Brotli(decoder) => decoder.get_mut(),
            Self::Zstd(decoder) => decoder.get_mut(),
        }
    }

    fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        room: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self {
            Self::Gzip(decoder) => Pin::new(decoder).poll_read(context, room),
            Self::Zlib(decoder) => Pin::new(decoder).poll_read(context, room),
            Self::Brotli(decoder) => Pin::new(decoder).poll_read(context, room),
            Self::Zstd(decoder) => Pin::new(decoder).poll_read(context, room),
        }
    }
}

impl Source {
    /// Whether it is at its end, and there was nothing.
    fn is_empty(&self) -> bool {
        self.has_ended && !self.has_begun
    }
}

impl AsyncBufRead for Source {
    fn poll_fill_buf(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        while this.chunk.is_empty() && !this.has_ended {
            let frame = ready!(Pin::new(&mut this.upstream).poll_frame(context));
            match frame.transpose().map_err(io::Error::other)?.map(Frame::into_data) {
                Some(Ok(bytes)) => {
                    this.has_begun |= !bytes.is_empty();
                    this.chunk = bytes;
                }
                Some(Err(last)) => {
                    this.trailers = last.into_trailers().ok();
                    this.has_ended = true;
                }
                None => this.has_ended = true,
            }
        }
        Poll::Ready(Ok(&this.chunk))
    }

    fn consume(mut self: Pin<&mut Self>, amount: usize) {
        let amount = amount.min(self.chunk.len());
        self.chunk.advance(amount);
    }
}

impl AsyncRead for Source {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        room: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let bytes = ready!(self.as_mut().poll_fill_buf(context))?;
        let amount = bytes.len().min(room.remaining());
        room.put_slice(bytes.get(..amount).unwrap_or_default());
        self.consume(amount);
        Poll::Ready(Ok(()))
    }
}
