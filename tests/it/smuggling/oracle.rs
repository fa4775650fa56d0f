//! What is right: held for one client connection, whatever its bytes are.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use crate::support::PATIENCE;
use crate::support::home::{Home, Key, MASTER};
use crate::support::http::{Connection, Request};
use crate::support::proxy::Proxy;

use super::recorder::{Arrived, Recorder};
use super::strict::{Message, NEUTRAL, Read, Rest, read};

/// How long a client that has not said all waits before it gives up.
const SILENCE: Duration = Duration::from_millis(60);
/// The same, where an answer is likely.
const LENIENCE: Duration = Duration::from_secs(3);
/// Fields that are the forwarder's own to say.
const OWN: [&str; 6] =
    ["host", "authorization", "content-length", "transfer-encoding", "accept-encoding", "te"];

/// One proxy and one upstream for all cases.
pub(super) struct Stage {
    proxy: Proxy,
    recorder: Recorder,
    key: Key,
    asking: Connection,
    used: u64,
    whole: u64,
    /// The request that the case before had begun: it may arrive late.
    late: Option<Message>,
    _home: Home,
}

/// What became of a case.
pub(super) struct Outcome {
    pub(super) whole: usize,
    pub(super) answered: usize,
}

impl Stage {
    pub(super) fn new() -> Self {
        let (recorder, address) = Recorder::start();
        let home = Home::new();
        home.add_openai(&format!("http://{address}/v1"));
        let key = home.mint("openai -n 1000000 --allow /**");
        let proxy = home.proxy();
        let asking = Connection::open(proxy.address()).unwrap();
        Self { proxy, recorder, key, asking, used: 0, whole: 0, late: None, _home: home }
    }

    /// The text with the proxy's address and the key's field put in.
    pub(super) fn filled(&self, text: &str) -> Vec<u8> {
        let auth = format!("Authorization: Bearer {}\r\n", self.key.text);
        let host = self.proxy.address().to_string();
        text.replace("{host}", &host).replace("{auth}", &auth).into_bytes()
    }

    pub(super) fn totals(&self) -> (u64, u64) {
        (self.whole, self.used)
    }

    #[track_caller]
    pub(super) fn judge(&mut self, bytes: &[u8], cut: usize) -> Outcome {
        self.check(bytes, cut).unwrap_or_else(|why| panic!("{why}: {}", bytes.escape_ascii()))
    }

    /// Sends the bytes in two writes, and holds what arrived against them.
    pub(super) fn check(&mut self, bytes: &[u8], cut: usize) -> Result<Outcome, String> {
        let tolerated = NEUTRAL.map(|(fault, _)| fault);
        let strict = read(bytes, &[]);
        let expected = read(bytes, &tolerated);
        let ends = strict.messages.last().is_some_and(closes);
        // Behind chunks the proxy ends the connection, perhaps with bytes unread.
        let (_, before) = strict.messages.split_last().unzip();
        let chunked = |message: &Message| !message.all("transfer-encoding").is_empty();
        let goes_on = before.is_none_or(|before: &[Message]| !before.iter().any(chunked));
        let complete = matches!(strict.rest, Rest::Nothing) && ends && goes_on;
        let mark = self.recorder.mark();
        let last = |message: &Message| closes(message) || chunked(message);
        let patience = match (complete, expected.messages.iter().any(last)) {
            (true, _) => PATIENCE,
            // What till reads over ends the connection as well, if it reads as we do.
            (false, true) => LENIENCE,
            (false, false) => SILENCE,
        };
        let said =
            converse(&self.proxy, bytes, cut, patience).map_err(|error| error.to_string())?;
        let used = self.settled()?;
        let arrived = self.arrived(&mark, used);
        let answered = count_of_200(&said);
        self.whole += arrived.whole.len() as u64;
        self.hold(&expected, &arrived)?;
        let begun = match &expected.rest {
            Rest::Begun(message) | Rest::Refused(_, message) => message.clone(),
            Rest::Nothing => None,
        };
        self.late = begun;
        let counted = arrived.whole.len() + arrived.cut.len();
        // The last may have been counted, and broken off before a byte of it was sent.
        let slack = usize::from(!complete);
        if !(counted as u64..=(counted + slack) as u64).contains(&used) {
            return Err(format!("{used} counted, {counted} forwarded"));
        }
        if answered > arrived.whole.len() || (complete && answered != arrived.whole.len()) {
            let whole = arrived.whole.len();
            return Err(format!("{answered} answers for {whole}: {}", said.escape_ascii()));
        }
        Ok(Outcome { whole: arrived.whole.len(), answered })
    }

    /// What arrived, once as much did as was counted, or will.
    fn arrived(&self, mark: &[usize], used: u64) -> Arrived {
        let end = Instant::now() + SILENCE;
        loop {
            let arrived = self.recorder.since(&mark.to_vec());
            let count = arrived.whole.len() + arrived.cut.len();
            if count as u64 >= used || Instant::now() > end {
                return arrived;
            }
            std::thread::yield_now();
        }
    }

    /// How many activations the case has used, once none is held.
    fn settled(&mut self) -> Result<u64, String> {
        let request = Request::new("GET", "/till/v1/key").bearer(&self.key.text);
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            let state = self.asking.request(&request).map_err(|error| error.to_string())?.json();
            let figure = |name: &str| state["activations"][name].as_u64();
            let (Some(used), Some(held)) = (figure("used"), figure("held")) else {
                return Err(format!("no figures: {state}"));
            };
            if held == 0 {
                return Ok(used - std::mem::replace(&mut self.used, used));
            }
        }
        Err("something is held for ever".to_owned())
    }

    /// Everything that arrived stands in the client's bytes, in this order.
    fn hold(&self, expected: &Read, arrived: &Arrived) -> Result<(), String> {
        if let Some(fault) = arrived.faults.first() {
            return Err(format!("upstream: {fault}"));
        }
        let mut candidates = expected.messages.iter().chain(&self.late);
        for message in &arrived.whole {
            check_alone(message)?;
            if !candidates.any(|client| sent_for(client, message, true)) {
                return Err(format!("no strict reader finds {message:?} in {expected:?}"));
            }
        }
        let begun = match &expected.rest {
            Rest::Begun(message) | Rest::Refused(_, message) => message.as_ref(),
            Rest::Nothing => None,
        };
        for message in arrived.cut.iter().flatten() {
            check_alone(message)?;
            let mut candidates = begun.iter().copied().chain(&self.late).chain(&expected.messages);
            if !candidates.any(|client| sent_for(client, message, false)) {
                return Err(format!("no strict reader finds the cut {message:?}"));
            }
        }
        Ok(())
    }
}

/// One framing, one credential, no proxy key.
fn check_alone(message: &Message) -> Result<(), String> {
    let framings = message.all("content-length").len() + message.all("transfer-encoding").len();
    let credential = format!("Bearer {MASTER}");
    if framings > 1
        || message.refused.is_some()
        || message.all("authorization") != [credential.as_bytes()]
    {
        return Err(format!("framings or credentials: {message:?}"));
    }
    let fields = message.fields.iter().chain(&message.trailers);
    let told: Vec<String> = fields
        .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value)))
        .chain([message.target.clone()])
        .collect();
    let disguised = |(name, _): &(String, Vec<u8>)| name.contains('_') || name.contains("method");
    if message.fields.iter().chain(&message.trailers).any(disguised) {
        return Err(format!("a field that should have stayed behind: {message:?}"));
    }
    let told = told.join("\n");
    if told.contains("till_sk_") || told.matches(MASTER).count() != 1 {
        return Err(format!("a key where it has no business: {told}"));
    }
    Ok(())
}

/// Whether a client's message is what this one was made of.
fn sent_for(client: &Message, sent: &Message, whole: bool) -> bool {
    let body = if whole { client.body == sent.body } else { client.body.starts_with(&sent.body) };
    let known = |fields: &[(String, Vec<u8>)], name: &str, value: &[u8]| {
        OWN.contains(&name) || fields.iter().any(|(own, theirs)| own == name && theirs == value)
    };
    let fields = sent.fields.iter().all(|(name, value)| known(&client.fields, name, value));
    let trailers = sent.trailers.iter().all(|(name, value)| known(&client.trailers, name, value));
    client.refused.is_none()
        && client.method == sent.method
        && body
        && fields
        && trailers
        && targets(client).contains(&sent.target)
}

/// Where a message of a client's may go upstream.
fn targets(client: &Message) -> Vec<String> {
    let target = client.target.split('#').next().unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let kept: Vec<&str> = query.split('&').filter(|part| !part.contains("till_sk_")).collect();
    let query =
        if kept.concat().is_empty() { String::new() } else { format!("?{}", kept.join("&")) };
    let path = path.strip_prefix("/proxy").unwrap_or(path);
    let path = path.strip_prefix("/openai").unwrap_or(path);
    let path = if path.is_empty() { "/" } else { path };
    vec![format!("{path}{query}"), format!("/v1{path}{query}"), format!("/v1{query}")]
}

fn closes(message: &Message) -> bool {
    message.all("connection").iter().any(|value| value.eq_ignore_ascii_case(b"close"))
}

/// Sends the bytes, and reads until the proxy ends the connection, or is silent and told that no
/// more will come.
fn converse(proxy: &Proxy, bytes: &[u8], cut: usize, patience: Duration) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(proxy.address())?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(patience))?;
    let (first, second) = bytes.split_at(cut.min(bytes.len()));
    // It may be refused before it was said to its end.
    let _ = stream.write_all(first).and_then(|()| stream.write_all(second));
    let (mut said, mut buffer) = (Vec::new(), [0; 16 * 1024]);
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return Ok(said),
            Ok(len) => said.extend_from_slice(&buffer[..len]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && patience < PATIENCE => {
                stream.set_read_timeout(Some(PATIENCE))?;
                let _ = stream.shutdown(Shutdown::Write);
                // What is said from here on is counted as well.
                let mut rest = Vec::new();
                let _ = stream.read_to_end(&mut rest);
                said.extend(rest);
                return Ok(said);
            }
            // A connection that is closed with bytes unread is reset.
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => return Ok(said),
            Err(error) => return Err(error),
        }
    }
}

fn count_of_200(said: &[u8]) -> usize {
    let said = String::from_utf8_lossy(said);
    said.matches("HTTP/1.1 200 ").count() + said.matches("HTTP/1.0 200 ").count()
}
