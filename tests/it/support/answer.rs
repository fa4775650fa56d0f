//! What the fake upstream answers.

use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use super::PATIENCE;

/// One answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Body,
}

/// How the body goes out.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    /// At once, with its length.
    Whole(Vec<u8>),
    /// Chunk by chunk, the pause before each but the first.
    Chunks(Vec<Vec<u8>>, Duration),
    /// Chunk by chunk, each but the first only when the gate lets it through.
    Gated(Vec<Vec<u8>>, Gate),
    /// As much as this of a body twice as long, and then the connection is closed.
    CutOff(Vec<u8>),
    /// Not even the head before the gate lets it through; then whole.
    Withheld(Vec<u8>, Gate),
    /// No byte: the connection is closed after the request was read.
    Nothing,
}

/// Lets chunks through one by one, when the test says so.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gate(Arc<(Mutex<usize>, Condvar)>);

impl Gate {
    /// Lets one more chunk through.
    pub(crate) fn open_once(&self) {
        *self.0.0.lock().unwrap() += 1;
        self.0.1.notify_all();
    }

    /// Lets this many more through.
    pub(crate) fn open(&self, times: usize) {
        *self.0.0.lock().unwrap() += times;
        self.0.1.notify_all();
    }

    /// Waits for one passage; false where the test has forgotten the gate.
    pub(crate) fn pass(&self) -> bool {
        self.pass_within(PATIENCE)
    }

    /// The same, and not for longer than this.
    pub(crate) fn pass_within(&self, patience: Duration) -> bool {
        let (count, opened) = &*self.0;
        let closed = |count: &mut usize| *count == 0;
        let (mut count, wait) =
            opened.wait_timeout_while(count.lock().unwrap(), patience, closed).unwrap();
        if !wait.timed_out() {
            *count -= 1;
        }
        !wait.timed_out()
    }
}

impl Answer {
    /// An answer with this status and a JSON body that says so.
    pub(crate) fn status(status: u16) -> Self {
        Self::json(status, format!(r#"{{"answered":{status}}}"#).as_bytes())
    }

    pub(crate) fn json(status: u16, body: &[u8]) -> Self {
        let fields = vec![("Content-Type".to_owned(), "application/json".to_owned())];
        Self { status, fields, body: Body::Whole(body.to_vec()) }
    }

    /// The recording of this name in `tests/fixtures/streams`: an `.sse` event by event, a
    /// `.json` whole.
    pub(crate) fn replay(name: &str) -> Self {
        let bytes = recording(name);
        if std::path::Path::new(name).extension().is_some_and(|ext| ext == "sse") {
            Self::events(events(&bytes))
        } else {
            Self::json(200, &bytes)
        }
    }

    /// A stream of these server-sent events.
    pub(crate) fn events(events: Vec<Vec<u8>>) -> Self {
        let fields = vec![("Content-Type".to_owned(), "text/event-stream".to_owned())];
        let body = Body::Chunks(events, Duration::ZERO);
        Self { status: 200, fields, body }
    }

    pub(crate) fn field(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn body(self, body: Body) -> Self {
        Self { body, ..self }
    }
}

/// The bytes of a recording.
pub(crate) fn recording(name: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/streams");
    std::fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A stream cut after each empty line.
pub(crate) fn events(stream: &[u8]) -> Vec<Vec<u8>> {
    let mut events = vec![Vec::new()];
    for line in stream.split_inclusive(|byte| *byte == b'\n') {
        let event = events.last_mut().expect("never empty");
        event.extend_from_slice(line);
        if line == b"\n" || line == b"\r\n" {
            events.push(Vec::new());
        }
    }
    events.retain(|event| !event.is_empty());
    events
}
