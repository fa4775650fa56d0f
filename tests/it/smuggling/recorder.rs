//! An upstream that reads as strictly as can be, and keeps every byte by its connection.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use super::strict::{Fault, Message, Read, Rest, read};

/// The one thing that goes upstream as it came, and is not strict.
const TAKEN: [Fault; 1] = [Fault::Unescaped];

/// All that arrived, by connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Recorder(Arc<Mutex<Vec<Vec<u8>>>>);

/// What arrived since some moment.
#[derive(Clone, Debug, Default)]
pub(super) struct Arrived {
    pub(super) whole: Vec<Message>,
    /// Requests that broke off before their end.
    pub(super) cut: Vec<Option<Message>>,
    /// Bytes that are no request.
    pub(super) faults: Vec<String>,
}

/// How far each connection had come.
pub(super) type Mark = Vec<usize>;

impl Recorder {
    pub(super) fn start() -> (Self, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().unwrap();
        let recorder = Self::default();
        let accepting = recorder.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut all = accepting.0.lock().unwrap();
                all.push(Vec::new());
                let (recorder, number) = (accepting.clone(), all.len() - 1);
                thread::spawn(move || recorder.serve(stream, number));
            }
        });
        (recorder, address)
    }

    /// Answers every whole request, and ends the connection at the first byte that is none.
    fn serve(&self, mut stream: TcpStream, number: usize) {
        let _ = stream.set_nodelay(true);
        let (mut buffer, mut answered) = ([0; 16 * 1024], 0);
        while let Ok(len @ 1..) = stream.read(&mut buffer) {
            let found = {
                let mut all = self.0.lock().unwrap();
                all[number].extend_from_slice(&buffer[..len]);
                read(&all[number], &TAKEN)
            };
            for _ in answered..found.messages.len() {
                if stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").is_err() {
                    return;
                }
            }
            answered = found.messages.len();
            if matches!(found.rest, Rest::Refused(..)) {
                return;
            }
        }
    }

    /// How much has come on each connection.
    pub(super) fn mark(&self) -> Mark {
        self.0.lock().unwrap().iter().map(Vec::len).collect()
    }

    /// What came behind a mark. A message that had begun before it is not new.
    pub(super) fn since(&self, mark: &Mark) -> Arrived {
        let mut arrived = Arrived::default();
        for (number, bytes) in self.0.lock().unwrap().iter().enumerate() {
            let from = mark.get(number).copied().unwrap_or_default();
            // A connection that broke off is used no more, and one that idles ends with a message.
            if from > 0 && read(&bytes[..from], &TAKEN).end != from {
                continue;
            }
            let Read { messages, rest, .. } = read(&bytes[from..], &TAKEN);
            arrived.whole.extend(messages);
            match rest {
                Rest::Nothing => {}
                Rest::Begun(message) => arrived.cut.push(message),
                Rest::Refused(fault, _) => {
                    arrived.faults.push(format!("{fault:?}: {}", bytes[from..].escape_ascii()));
                }
            }
        }
        arrived
    }
}
