//! A proxy before an upstream without manners, a key with activations and one with money, and what
//! each fault must come to.

use std::io;
use std::sync::Arc;

use rustls::ServerConfig;

use super::home::{Home, Key, MASTER};
use super::http::{Connection, Reply};
use super::model::{INPUT, chat, price};
use super::proxy::Proxy;
use super::rough::{Act, GOOD, GOOD_STREAM, OUTPUT, Rough};
use super::spent::read;
use super::tls::Authority;

/// What each request may use of output.
const ASKED: u64 = 500;

/// How the upstream is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Plain,
    Tls,
    Http2,
}

/// What a client gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gets {
    /// `upstream_unreachable`, and nothing is charged.
    Unreached,
    /// `upstream_unreachable`, and it may have been billed.
    NoAnswer,
    /// `upstream_timeout`, likewise.
    TooLate,
    /// A success whose body breaks off.
    HalfAnAnswer,
}

/// A row: what happens, what the client gets, and how it is done.
pub(crate) type Fault = (&'static str, Gets, Act);

pub(crate) struct Faults {
    pub(crate) way: Way,
    pub(crate) upstream: Rough,
    pub(crate) home: Home,
    pub(crate) proxy: Proxy,
    pub(crate) keys: [Key; 2],
}

impl Faults {
    pub(crate) fn new(way: Way, flags: &str) -> Self {
        let authority = Authority::new();
        let server = authority.server_for("localhost");
        Self::with(way, &authority, server, flags)
    }

    /// The same with a server of the test's own.
    pub(crate) fn with(
        way: Way,
        authority: &Authority,
        server: Arc<ServerConfig>,
        flags: &str,
    ) -> Self {
        let server = match way {
            Way::Plain => None,
            Way::Tls => Some(server),
            Way::Http2 => {
                let mut server = ServerConfig::clone(&server);
                server.alpn_protocols = vec![b"h2".to_vec()];
                Some(Arc::new(server))
            }
        };
        let upstream = Rough::start(server);
        let home = Home::new();
        home.add_openai(&upstream.base_url("/v1"));
        let keys = [home.mint("openai -n 500"), home.mint("openai --spend 100 --tokens 10M")];
        let pem = home.path("authority.pem");
        authority.write_pem(&pem);
        let line = format!("proxy --listen 127.0.0.1:0 --log-format json {flags} --upstream-ca");
        let run = home.till(&line).arg(pem.to_str().unwrap()).env("TILL_LOG", "debug");
        Self { way, upstream, home, proxy: Proxy::start(run), keys }
    }

    /// Holds each row against both keys, and each time asks once more after it.
    #[track_caller]
    pub(crate) fn hold(&self, faults: &[Fault]) {
        for key in &self.keys {
            for fault in faults {
                self.hold_one(key, fault);
            }
        }
        let said = self.proxy.said();
        assert!(!said.contains(MASTER), "the master key is in the log: {said}");
    }

    /// Holds a row against one key.
    #[track_caller]
    pub(crate) fn hold_one(&self, key: &Key, (name, gets, act): &Fault) {
        let case = format!("{name}, {:?}, {key:?}", self.way);
        let (before, requests) = (self.used(key), self.upstream.requests());
        let answer = self.ask(key, *act);
        match gets {
            Gets::Unreached | Gets::NoAnswer => expect_denial(&answer, 502, &case),
            Gets::TooLate => expect_denial(&answer, 504, &case),
            Gets::HalfAnAnswer => assert!(answer.is_err(), "{case}: {answer:?}"),
        }
        let (activations, spend) = self.used(key);
        let costs = u64::from(*gets != Gets::Unreached);
        assert_eq!(activations - before.0, costs, "{case}");
        assert!(self.upstream.requests() - requests <= 1, "{case}: it was sent again");
        if key.id == self.keys[1].id {
            // The hold, whole: nothing says that it was less.
            let least = costs * price(INPUT, ASKED);
            assert!(spend - before.1 >= least, "{case}: {} of {least}", spend - before.1);
            assert!(costs == 1 || spend == before.1, "{case}: {spend} after {}", before.1);
        }
        self.goes_on(key, &case);
    }

    /// The next request is answered, and charged what it used.
    #[track_caller]
    pub(crate) fn goes_on(&self, key: &Key, case: &str) {
        let before = self.used(key);
        let good = if self.way == Way::Http2 { GOOD_STREAM } else { GOOD };
        let reply = self.ask(key, good).unwrap_or_else(|error| panic!("after {case}: {error}"));
        assert_eq!((reply.status, reply.denial()), (200, ""), "after {case}: {}", reply.text());
        let (activations, spend) = self.used(key);
        assert_eq!(activations, before.0 + 1, "after {case}");
        let is_priced = key.id == self.keys[1].id;
        let costs = if is_priced { price(INPUT, OUTPUT) } else { 0 };
        assert_eq!(spend - before.1, costs, "after {case}");
    }

    /// One request, while the upstream does so; an error where its answer breaks off after a head
    /// that says success.
    #[track_caller]
    pub(crate) fn ask(&self, key: &Key, act: Act) -> io::Result<Reply> {
        let gate = self.upstream.set(act);
        let mut connection = Connection::open(self.proxy.address()).unwrap();
        connection.start(&chat(&key.text, ASKED)).unwrap();
        let head = connection.head().expect("a head");
        gate.open_once();
        if head.status != 200 {
            return Ok(connection.body_of(head).expect("a denial, whole"));
        }
        connection.body_of(head)
    }

    /// Activations and money, once nothing is held.
    #[track_caller]
    pub(crate) fn used(&self, key: &Key) -> (u64, u64) {
        let shown = self.home.settled(key);
        (read(&shown, "activations", "used"), read(&shown, "spend", "used"))
    }
}

#[track_caller]
fn expect_denial(answer: &io::Result<Reply>, status: u16, case: &str) {
    let reply = answer.as_ref().unwrap_or_else(|error| panic!("{case}: {error}"));
    let code = if status == 502 { "upstream_unreachable" } else { "upstream_timeout" };
    let text = reply.text();
    assert_eq!((reply.status, reply.denial()), (status, code), "{case}: {text}");
    assert_eq!(reply.json()["error"]["code"], code, "{case}: {text}");
    let head = format!("{:?}", reply.head);
    assert!(!text.contains(MASTER) && !head.contains(MASTER), "{case}: {head} {text}");
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~');
    assert!(reply.body.iter().all(|byte| is_plain(*byte)) && text.len() < 600, "{case}: {text}");
}
