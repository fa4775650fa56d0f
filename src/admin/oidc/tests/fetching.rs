//! Issuers that answer, that do not, and that answer something else.

use std::sync::Arc;
use std::time::Duration;

use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value, json};

use super::super::fetch::{Fetcher, LARGEST};
use super::super::fixture::{AUDIENCE, NOW, Signer, claims};
use super::super::issuers::{FRESH, PAUSE, USABLE};
use super::super::{Issuer, IssuerFailure, Issuers, Refusal, Rejection, Token};
use super::issuer::{Answer, CONFIGURATION, KEYS, Loopback};
use crate::domain::time::{Span, Timestamp};

fn tls() -> ClientConfig {
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth()
}

/// Issuers that are waited for a short time only.
fn impatient() -> Issuers {
    let mut issuers = Issuers::new(&tls()).unwrap();
    let mut fetcher = Fetcher::new(&tls()).unwrap();
    fetcher.patience = Duration::from_millis(200);
    issuers.fetcher = Arc::new(fetcher);
    issuers
}

/// An issuer, what tokens of it are held against, and who signs for it.
struct Stage {
    server: Loopback,
    issuers: Issuers,
    issuer: Issuer,
    signer: Signer,
}

impl Stage {
    async fn new() -> Self {
        let signer = Signer::new();
        let server = Loopback::start(&signer.jwks()).await;
        let issuer = Issuer::new(&server.url, true).unwrap();
        Self { issuer, issuers: impatient(), server, signer }
    }

    /// A token that is good so long after [`NOW`].
    fn token(&self, signer: &Signer, later: Span) -> Token {
        let mut claims = claims();
        claims["iss"] = json!(self.server.url);
        for name in ["iat", "nbf", "exp"] {
            let point = Timestamp(Span::seconds(claims[name].as_u64().unwrap()).0).after(later);
            claims[name] = json!(point.0.div_euclid(1_000));
        }
        Token::read(&signer.token("ES256", &claims)).unwrap()
    }

    /// What becomes of a token that `signer` signs then.
    async fn shown_of(&self, signer: &Signer, later: Span) -> Result<(), Rejection> {
        let token = self.token(signer, later);
        let now = Timestamp(NOW * 1_000).after(later);
        self.issuers.verify(&token, &self.issuer, AUDIENCE, now).await.map(drop)
    }

    async fn shown(&self, later: Span) -> Result<(), Rejection> {
        self.shown_of(&self.signer, later).await
    }
}

const START: Span = Span(0);
const UNKNOWN: Result<(), Rejection> = Err(Rejection::Token(Refusal::UnknownKey));

fn code(outcome: Result<(), Rejection>) -> &'static str {
    outcome.map_or_else(|rejection| rejection.code(), |()| "believed")
}

#[tokio::test]
async fn keys_are_kept_while_they_are_fresh() {
    let stage = Stage::new().await;
    for _ in 0..3 {
        assert_eq!(stage.shown(START).await, Ok(()));
    }
    assert_eq!(stage.shown(Span(FRESH.0 - 1)).await, Ok(()));
    assert_eq!(stage.server.asked(), [CONFIGURATION, KEYS]);
    assert_eq!(stage.shown(FRESH).await, Ok(()));
    assert_eq!(stage.server.fetches(), 2);
}

/// Nor for as long as a clock was set back.
#[tokio::test]
async fn keys_of_the_future_are_not_fresh() {
    let stage = Stage::new().await;
    assert_eq!(stage.shown(USABLE).await, Ok(()));
    assert_eq!(stage.shown(START).await, Ok(()));
    assert_eq!(stage.server.fetches(), 2);
    stage.server.set(CONFIGURATION, Answer::status(500));
    assert_eq!(stage.shown(USABLE).await, Err(IssuerFailure::Status(500).into()));
}

#[tokio::test]
async fn a_token_of_another_issuer_asks_nobody() {
    let stage = Stage::new().await;
    let token = Token::read(&stage.signer.token("ES256", &claims())).unwrap();
    let now = Timestamp(NOW * 1_000);
    let refused = stage.issuers.verify(&token, &stage.issuer, AUDIENCE, now).await;
    assert_eq!(refused, Err(Refusal::WrongIssuer.into()));
    assert_eq!(stage.server.asked().len(), 0);
}

#[tokio::test]
async fn rotated_keys_are_found() {
    let stage = Stage::new().await;
    let rotated = Signer::rotated();
    assert_eq!(stage.shown(START).await, Ok(()));
    stage.server.publish(&rotated.jwks());
    // What was fetched just now is not asked for again.
    assert_eq!(stage.shown_of(&rotated, Span(PAUSE.0 - 1)).await, UNKNOWN);
    assert_eq!(stage.shown_of(&rotated, PAUSE).await, Ok(()));
    assert_eq!(stage.server.fetches(), 2);
    // The key that is published no more has ended.
    assert_eq!(stage.shown(PAUSE).await, UNKNOWN);
    assert_eq!(stage.server.fetches(), 2);
}

#[tokio::test]
async fn a_flood_of_unknown_keys_is_one_fetch() {
    let stage = Stage::new().await;
    let stranger = Signer::rotated();
    assert_eq!(stage.shown(START).await, Ok(()));
    for round in 1..=3_usize {
        let later = Span(PAUSE.0 * u64::try_from(round).unwrap());
        let flood = (0..50).map(|_| stage.shown_of(&stranger, later));
        for refused in together(flood).await {
            assert_eq!(refused, UNKNOWN);
        }
        assert_eq!(stage.server.fetches(), 1 + round);
    }
}

#[tokio::test]
async fn many_at_once_wait_for_one_fetch() {
    let stage = Stage::new().await;
    for outcome in together((0..50).map(|_| stage.shown(START))).await {
        assert_eq!(outcome, Ok(()));
    }
    assert_eq!(stage.server.asked(), [CONFIGURATION, KEYS]);
}

/// Fetches go on without who began them: nobody keeps new keys away by going.
#[tokio::test]
async fn who_goes_away_takes_no_fetch_along() {
    let stage = Stage::new().await;
    let slow = Answer { after: Duration::from_millis(50), ..Answer::json(&stage.signer.jwks()) };
    stage.server.set(KEYS, slow);
    let gone = tokio::time::timeout(Duration::from_millis(10), stage.shown(START)).await;
    assert!(gone.is_err());
    assert_eq!(stage.shown(START).await, Ok(()));
    assert_eq!(stage.server.fetches(), 1);
}

#[tokio::test]
async fn known_keys_go_on_while_the_issuer_is_away() {
    let stage = Stage::new().await;
    assert_eq!(stage.shown(START).await, Ok(()));
    let nonsense = Answer { body: b"<html>".to_vec(), ..Answer::status(200) };
    let slow = Answer { after: Duration::from_secs(5), ..Answer::status(200) };
    for (answer, in_the_end) in [
        (Answer::status(503), "issuer_unreachable"),
        (nonsense, "issuer_malformed"),
        (slow, "issuer_unreachable"),
    ] {
        stage.server.set(CONFIGURATION, answer);
        assert_eq!(stage.shown(FRESH).await, Ok(()));
        assert_eq!(stage.shown(Span(USABLE.0 - 1)).await, Ok(()));
        assert_eq!(code(stage.shown(USABLE).await), in_the_end);
    }
    assert_eq!(stage.server.fetches(), 1);
}

#[tokio::test]
async fn an_issuer_that_fails_is_left_in_peace() {
    let stage = Stage::new().await;
    stage.server.set(CONFIGURATION, Answer::status(500));
    for _ in 0..3 {
        assert_eq!(stage.shown(START).await, Err(IssuerFailure::Status(500).into()));
    }
    assert_eq!(stage.server.asked(), [CONFIGURATION]);
    assert_eq!(stage.shown(PAUSE).await, Err(IssuerFailure::Status(500).into()));
    assert_eq!(stage.server.asked().len(), 2);
}

#[tokio::test]
async fn a_configuration_is_held_against_the_rules() {
    let other = Loopback::start(&Signer::new().jwks()).await;
    for (member, value, expected) in [
        ("issuer", json!("https://issuer.example"), "issuer_mismatch"),
        ("issuer", json!(null), "issuer_mismatch"),
        ("jwks_uri", json!(null), "issuer_malformed"),
        ("jwks_uri", json!("keys"), "issuer_malformed"),
        ("jwks_uri", json!("file:///etc/passwd"), "issuer_forbidden"),
        ("jwks_uri", json!("http://user:secret@127.0.0.1/"), "issuer_forbidden"),
        ("jwks_uri", json!(format!("{}/nothing", other.url)), "issuer_unreachable"),
        ("jwks_uri", json!(format!("{}{KEYS}", other.url)), "wrong_signature"),
        ("jwks_uri", json!("http://127.0.0.1:1/"), "issuer_unreachable"),
    ] {
        let stage = Stage::new().await;
        let mut configuration =
            json!({"issuer": stage.server.url, "jwks_uri": format!("{}{KEYS}", stage.server.url)});
        configuration[member] = value.clone();
        stage.server.configure(&configuration);
        assert_eq!(code(stage.shown(START).await), expected, "{member} {value}");
    }
}

#[tokio::test]
async fn answers_are_held_against_the_rules() {
    let keys = Signer::new().jwks();
    let padded = |len: usize| {
        let mut keys = keys.to_string().into_bytes();
        keys.resize(len, b' ');
        keys
    };
    for path in [CONFIGURATION, KEYS] {
        for (answer, expected) in [
            (Answer::status(204), Err(IssuerFailure::Status(204))),
            (Answer::status(404), Err(IssuerFailure::Status(404))),
            (
                Answer { body: padded(LARGEST + 1), ..Answer::status(200) },
                Err(IssuerFailure::TooLarge),
            ),
            (
                Answer { after: Duration::from_secs(5), ..Answer::status(200) },
                Err(IssuerFailure::Unreachable("it takes too long to answer".to_owned())),
            ),
        ] {
            let stage = Stage::new().await;
            stage.server.set(path, answer.clone());
            assert_eq!(stage.shown(START).await, expected.map_err(Rejection::Issuer), "{path}");
        }
        let stage = Stage::new().await;
        let location = Some(format!("{}{KEYS}", stage.server.url));
        stage.server.set(path, Answer { location, ..Answer::status(302) });
        assert_eq!(stage.shown(START).await, Err(IssuerFailure::Status(302).into()));
        assert_eq!(*stage.server.asked().last().unwrap(), path, "a redirect was followed");
    }
    let stage = Stage::new().await;
    stage.server.set(KEYS, Answer { body: padded(LARGEST), ..Answer::status(200) });
    assert_eq!(code(stage.shown(START).await), "wrong_signature");
}

/// A name in the public DNS may lead anywhere.
#[tokio::test]
async fn public_issuers_are_at_public_addresses() {
    let stage = Stage::new().await;
    let port = stage.server.url.rsplit(':').next().unwrap();
    let text = format!("https://localhost:{port}");
    let mut claims: Value = claims();
    claims["iss"] = json!(text);
    let token = Token::read(&stage.signer.token("ES256", &claims)).unwrap();
    let issuer = Issuer::new(&text, false).unwrap();
    let now = Timestamp(NOW * 1_000);
    let refused = stage.issuers.verify(&token, &issuer, AUDIENCE, now).await.unwrap_err();
    assert_eq!(refused.code(), "issuer_unreachable");
    assert!(refused.to_string().contains("private addresses only"), "{refused}");
    assert_eq!(stage.server.asked().len(), 0);
}

/// All of them at once, on this thread.
async fn together<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut waiting: Vec<_> = futures.map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(|context| {
        for (future, outcome) in waiting.iter_mut().filter(|(_, outcome)| outcome.is_none()) {
            if let std::task::Poll::Ready(output) = future.as_mut().poll(context) {
                *outcome = Some(output);
            }
        }
        let done = waiting.iter().all(|(_, outcome)| outcome.is_some());
        if done { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    waiting.into_iter().filter_map(|(_, outcome)| outcome).collect()
}
