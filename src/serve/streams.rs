//! The requests of one HTTP/2 connection. hyper asks for more of an answer only when the client has
//! opened its window for what it has: one that never does would hold the answer, its activation and
//! its place for ever, while it says that it is there.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use http_body_util::combinators::UnsyncBoxBody;
use tokio::time::{Instant, sleep};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Answers that are remembered at the most, ended ones among them: more than a connection has at
/// once.
const REMEMBERED: usize = 1_024;

/// The requests that a connection has, and has had.
#[derive(Clone, Debug)]
pub(super) struct Streams(Arc<Mutex<Table>>);

#[derive(Debug)]
struct Table {
    open: usize,
    /// Since when there is none.
    quiet_since: Instant,
    answers: Vec<Weak<Mutex<Given>>>,
}

/// A request that is not at its end.
#[derive(Debug)]
pub(super) struct Open(Streams);

impl Streams {
    pub(super) fn new() -> Self {
        let quiet_since = Instant::now();
        Self(Arc::new(Mutex::new(Table { open: 0, quiet_since, answers: Vec::new() })))
    }

    /// One more.
    pub(super) fn open(&self) -> Open {
        let mut table = self.table();
        table.open = table.open.saturating_add(1);
        Open(self.clone())
    }

    /// Takes answers away that their client has not asked more of for `read`, without end.
    pub(super) async fn withdraw(&self, read: Duration) {
        loop {
            sleep(pause(read)).await;
            let mut table = self.table();
            table.answers.retain(|answer| answer.strong_count() > 0);
            let answers = table.answers.clone();
            // What ends in a look takes itself out of the table.
            drop(table);
            for answer in answers.iter().filter_map(Weak::upgrade) {
                Given::withdraw(&answer, read);
            }
        }
    }

    /// Returns where there was no request for `idle`.
    pub(super) async fn quiet(&self, idle: Duration) {
        loop {
            sleep(pause(idle)).await;
            let table = self.table();
            if table.open == 0 && table.quiet_since.elapsed() >= idle {
                return;
            }
        }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    /// Its answer's body, which ends the request.
    pub(super) fn answer<B>(self, body: B) -> Taken<B>
    where
        B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        if body.is_end_stream() {
            return Taken::AsItIs(body);
        }
        let body = Some(UnsyncBoxBody::new(body.map_err(Into::into)));
        let given = Arc::new(Mutex::new(Given { body, at: None }));
        let mut table = self.0.table();
        if table.answers.len() >= REMEMBERED {
            table.answers.retain(|answer| answer.strong_count() > 0);
        }
        table.answers.push(Arc::downgrade(&given));
        drop(table);
        Taken::Watched { given, _open: self }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let mut table = self.0.table();
        table.open = table.open.saturating_sub(1);
        table.quiet_since = Instant::now();
    }
}

/// An answer's body, in the hands of hyper.
#[derive(Debug)]
pub(super) enum Taken<B> {
    /// Nobody looks after it.
    AsItIs(B),
    /// It can be taken away.
    Watched {
        /// The body.
        given: Arc<Mutex<Given>>,
        /// Until hyper has done with it.
        _open: Open,
    },
}

/// A body, and since when its client has had something of it and not come back.
#[derive(Debug)]
pub(super) struct Given {
    body: Option<UnsyncBoxBody<Bytes, BoxError>>,
    at: Option<Instant>,
}

impl Given {
    fn of(given: &Mutex<Self>) -> MutexGuard<'_, Self> {
        given.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the body away where its client has not come back for this long.
    fn withdraw(given: &Mutex<Self>, read: Duration) {
        let mut given = Self::of(given);
        let is_late = given.at.is_some_and(|at| at.elapsed() >= read);
        let late = if is_late { given.body.take() } else { None };
        // What it does at its end is its own.
        drop(given);
        drop(late);
    }
}

/// The client took nothing of an answer for too long.
#[derive(Debug, thiserror::Error)]
#[error("the client reads no more")]
struct Withdrawn;

impl<B> Body for Taken<B>
where
    B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match self.get_mut() {
            Self::AsItIs(body) => Pin::new(body).poll_frame(context).map_err(Into::into),
            Self::Watched { given, .. } => {
                let mut given = Given::of(given);
                let Some(body) = &mut given.body else {
                    return Poll::Ready(Some(Err(Withdrawn.into())));
                };
                let frame = Pin::new(body).poll_frame(context);
                given.at = frame.is_ready().then(Instant::now);
                frame
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::AsItIs(body) => body.is_end_stream(),
            Self::Watched { given, .. } => {
                Given::of(given).body.as_ref().is_some_and(Body::is_end_stream)
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::AsItIs(body) => body.size_hint(),
            Self::Watched { given, .. } => {
                Given::of(given).body.as_ref().map_or_else(SizeHint::default, Body::size_hint)
            }
        }
    }
}

/// How long to wait between looks for what may take this long.
fn pause(patience: Duration) -> Duration {
    patience.checked_div(4).unwrap_or(patience)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::timeout;

    const SHORT: Duration = Duration::from_millis(100);
    const LONG: Duration = Duration::from_millis(500);

    /// Has something to say always, or never.
    struct Endless(Option<Bytes>, #[expect(dead_code, reason = "it is counted")] Arc<()>);

    impl Body for Endless {
        type Data = Bytes;
        type Error = BoxError;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
            match &self.0 {
                Some(bytes) => Poll::Ready(Some(Ok(Frame::data(bytes.clone())))),
                None => Poll::Pending,
            }
        }
    }

    #[tokio::test]
    async fn a_connection_without_requests_is_told_from_one_with_them() {
        let streams = Streams::new();
        let open = streams.open();
        assert!(timeout(LONG, streams.quiet(SHORT)).await.is_err());
        drop(open);
        streams.quiet(SHORT).await;
    }

    #[tokio::test]
    async fn an_answer_that_nobody_takes_is_taken_away() {
        let streams = Streams::new();
        let alive = Arc::new(());
        let says = Some(Bytes::from_static(b"data: 1\n\n"));
        let mut given = streams.open().answer(Endless(says.clone(), Arc::clone(&alive)));
        assert_eq!(given.frame().await.unwrap().unwrap().into_data().ok(), says);
        // One that was not begun, and one whose provider thinks, wait for nobody.
        let untouched = streams.open().answer(Endless(says, Arc::clone(&alive)));
        let mut silent = streams.open().answer(Endless(None, Arc::clone(&alive)));
        assert!(timeout(SHORT, silent.frame()).await.is_err());
        assert_eq!(Arc::strong_count(&alive), 4);
        assert!(timeout(LONG, streams.withdraw(SHORT)).await.is_err());
        assert_eq!(Arc::strong_count(&alive), 3);
        assert!(given.frame().await.unwrap().is_err());
        drop((given, untouched, silent));
        assert_eq!((Arc::strong_count(&alive), streams.table().open), (1, 0));
    }
}
