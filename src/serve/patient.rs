//! A connection whose client must begin, and go on reading.

use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::rt::{Read, ReadBuf, ReadBufCursor, Write};
use tokio::time::{Sleep, sleep};

/// The most bytes that make a beginning: an HTTP/2 preface (RFC 9113 §3.4).
const BEGINNING: usize = 24;

/// A stream whose writes fail once its other side has taken nothing for too long, and whose first
/// reads do where it has not begun in time.
///
/// An answer's own deadlines do not see a client that never reads: nobody asks for more of an
/// answer whose last part has not left, so that it would hold it, its activation and its place for
/// ever. And hyper waits without end for an HTTP/2 preface: none of its timers runs before that.
#[derive(Debug)]
pub(super) struct Patient<T> {
    stream: T,
    patience: Duration,
    /// Since the first write that had to wait; none while writes go through.
    stalled: Option<Pin<Box<Sleep>>>,
    /// How many bytes it still has to say, and until when; none once it has begun.
    unbegun: Option<(usize, Pin<Box<Sleep>>)>,
}

impl<T> Patient<T> {
    pub(super) fn new(stream: T, patience: Duration) -> Self {
        Self { stream, patience, stalled: None, unbegun: None }
    }

    /// The client has begun once it has said this many bytes, of 24 at the most, and must have
    /// within this time.
    pub(super) fn begins(self, bytes: usize, within: Duration) -> Self {
        Self { unbegun: Some((bytes.min(BEGINNING), Box::pin(sleep(within)))), ..self }
    }

    fn watch<R>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<R>>,
    ) -> Poll<io::Result<R>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let patience = self.patience;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(patience)));
        ready!(stalled.as_mut().poll(context));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client reads no more")))
    }
}

impl<T: Read + Unpin> Read for Patient<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let Self { stream, unbegun, .. } = &mut *self;
        let Some((missing, end)) = unbegun else {
            return Pin::new(stream).poll_read(context, buffer);
        };
        // Read apart, because a cursor does not tell how much was put behind it.
        let mut bytes = [0; BEGINNING];
        let room = bytes.get_mut(..buffer.remaining().min(BEGINNING)).unwrap_or_default();
        let mut said = ReadBuf::new(room);
        let Poll::Ready(read) = Pin::new(stream).poll_read(context, said.unfilled()) else {
            ready!(end.as_mut().poll(context));
            let late = io::Error::new(io::ErrorKind::TimedOut, "the client did not begin in time");
            return Poll::Ready(Err(late));
        };
        read?;
        let said = said.filled();
        buffer.put_slice(said);
        *missing = missing.saturating_sub(said.len());
        if *missing == 0 || said.is_empty() {
            *unbegun = None;
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: Write + Unpin> Write for Patient<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.watch(context, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.watch(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(context);
        self.watch(context, shut)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.watch(context, written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper_util::rt::TokioIo;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    #[test]
    fn a_side_that_reads_no_more_ends_the_connection() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (near, mut far) = duplex(8);
            // Both wrappers of hyper-util's, so that tokio's traits can be used on ours.
            let mut near =
                TokioIo::new(Patient::new(TokioIo::new(near), Duration::from_millis(50)));
            let mut eight = [0; 8];
            for _ in 0..3 {
                near.write_all(b"12345678").await.unwrap();
                far.read_exact(&mut eight).await.unwrap();
            }
            near.write_all(b"12345678").await.unwrap();
            let error = near.write_all(b"9").await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        });
    }

    #[test]
    fn a_side_that_does_not_begin_ends_the_connection() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            for said in [&b""[..], b"123"] {
                let (near, mut far) = duplex(64);
                let near = Patient::new(TokioIo::new(near), Duration::from_mins(1));
                let mut near = TokioIo::new(near.begins(4, Duration::from_millis(50)));
                far.write_all(said).await.unwrap();
                let mut all = [0; 8];
                let error = near.read_exact(&mut all).await.unwrap_err();
                assert_eq!(error.kind(), io::ErrorKind::TimedOut);
            }
            // One that has begun may be silent for as long as it likes.
            let (near, mut far) = duplex(64);
            let near = Patient::new(TokioIo::new(near), Duration::from_mins(1));
            let mut near = TokioIo::new(near.begins(4, Duration::from_millis(50)));
            let mut all = [0; 12];
            far.write_all(b"1").await.unwrap();
            near.read_exact(all.get_mut(..1).unwrap()).await.unwrap();
            far.write_all(b"2345").await.unwrap();
            near.read_exact(all.get_mut(1..5).unwrap()).await.unwrap();
            let (read, ()) = tokio::join!(near.read_exact(all.get_mut(5..).unwrap()), async {
                sleep(Duration::from_millis(100)).await;
                far.write_all(b"6789abc").await.unwrap();
            });
            read.unwrap();
            assert_eq!(&all, b"123456789abc");
        });
    }
}
