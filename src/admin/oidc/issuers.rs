//! The keys of the issuers that are trusted, fetched when they are needed and kept for a while.
//!
//! Nobody can make this ask an issuer often: not by tokens with made-up keys, and not by going away
//! while it asks. Who waits for keys waits for one fetch, whoever began it.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::ClientConfig;
use tokio::sync::OwnedMutexGuard;

use super::fetch::Fetcher;
use super::issuer::Issuer;
use super::keys::KeySet;
use super::refusal::{IssuerFailure, Refusal};
use super::token::Token;
use super::verify::{Expected, Verified, verify};
use crate::domain::time::{Span, Timestamp};

/// How long keys are used without asking again.
pub const FRESH: Span = Span::minutes(10);
/// How long keys are used while their issuer cannot be asked.
pub const USABLE: Span = Span::minutes(24 * 60);
/// The least time from one fetch to the next that an unknown key or a failure calls for. It is more
/// than a fetch may take, so that who waits for one never queues up for the next.
pub const PAUSE: Span = Span::seconds(30);

/// The issuers and their keys.
///
/// An issuer takes a place with the first token that is held against it. Only ask it of trusted
/// ones: what a token says of its issuer is anybody's word.
#[derive(Debug)]
pub struct Issuers {
    pub(super) fetcher: Arc<Fetcher>,
    places: Mutex<HashMap<Issuer, Arc<Place>>>,
}

/// Why a token of a trusted issuer is not believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// By the token.
    Token(Refusal),
    /// By its issuer, whose keys cannot be had.
    Issuer(IssuerFailure),
}

impl Rejection {
    /// What programs know it by.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Token(refusal) => refusal.code(),
            Self::Issuer(failure) => failure.code(),
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(refusal) => refusal.fmt(f),
            Self::Issuer(failure) => failure.fmt(f),
        }
    }
}

impl std::error::Error for Rejection {}

impl From<Refusal> for Rejection {
    fn from(refusal: Refusal) -> Self {
        Self::Token(refusal)
    }
}

impl From<IssuerFailure> for Rejection {
    fn from(failure: IssuerFailure) -> Self {
        Self::Issuer(failure)
    }
}

impl Issuers {
    /// None yet. Public issuers must show a certificate that `tls` trusts.
    ///
    /// # Errors
    /// Where the HTTP client cannot be made.
    pub fn new(tls: &ClientConfig) -> Result<Self, reqwest::Error> {
        Ok(Self { fetcher: Arc::new(Fetcher::new(tls)?), places: Mutex::default() })
    }

    /// Believes a token of this issuer for this audience, or says why not.
    ///
    /// The fetch that this may begin goes on by itself where the caller goes away.
    ///
    /// # Errors
    /// As [`verify()`], and where the issuer's keys cannot be had.
    pub async fn verify(
        &self,
        token: &Token,
        issuer: &Issuer,
        audience: &str,
        now: Timestamp,
    ) -> Result<Verified, Rejection> {
        let expected = Expected { issuer: issuer.as_str(), audience, now };
        if token.unverified_issuer() != expected.issuer {
            return Err(Refusal::WrongIssuer.into());
        }
        let place = self.place(issuer);
        let kept = self.current(issuer, &place, now).await?;
        match verify(token, &kept.keys, &expected) {
            Err(Refusal::UnknownKey) => {}
            decided => return Ok(decided?),
        }
        let newer = self.newer(issuer, &place, &kept, now).await.ok_or(Refusal::UnknownKey)?;
        Ok(verify(token, &newer.keys, &expected)?)
    }

    /// Keys that are fresh, or the newest ones where the issuer cannot be asked.
    async fn current(
        &self,
        issuer: &Issuer,
        place: &Arc<Place>,
        now: Timestamp,
    ) -> Result<Kept, IssuerFailure> {
        if let Some(kept) = place.state().fresh(now) {
            return Ok(kept);
        }
        let turn = Arc::clone(&place.turn).lock_owned().await;
        // Who waited for another's fetch finds that it began just now.
        let early = !place.state().may_try(now);
        if !early {
            self.fetch(issuer, place, turn, now).await;
        }
        place.state().usable(now)
    }

    /// Keys that were fetched after `known`; none where there are none, or it is too early to ask.
    async fn newer(
        &self,
        issuer: &Issuer,
        place: &Arc<Place>,
        known: &Kept,
        now: Timestamp,
    ) -> Option<Kept> {
        let turn = Arc::clone(&place.turn).lock_owned().await;
        let newer = |state: &State| state.kept.clone().filter(|kept| kept.number != known.number);
        let found = newer(&place.state());
        let early = !place.state().may_try(now);
        if found.is_some() || early {
            return found;
        }
        self.fetch(issuer, place, turn, now).await;
        newer(&place.state())
    }

    /// Fetches the keys, in a task of its own: who waits for it may go away.
    async fn fetch(
        &self,
        issuer: &Issuer,
        place: &Arc<Place>,
        turn: OwnedMutexGuard<()>,
        now: Timestamp,
    ) {
        place.state().tried_at = Some(now);
        let (fetcher, place, issuer) =
            (Arc::clone(&self.fetcher), Arc::clone(place), issuer.clone());
        let task = tokio::spawn(async move {
            let outcome = fetcher.keys(&issuer).await;
            place.state().take_in(outcome, now);
            drop(turn);
        });
        // A task that was ended has left the state as it was.
        drop(task.await);
    }

    fn place(&self, issuer: &Issuer) -> Arc<Place> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(places.entry(issuer.clone()).or_default())
    }
}

/// What is known of one issuer.
#[derive(Debug, Default)]
struct Place {
    state: Mutex<State>,
    /// Held by who fetches, and waited for by those who need what is fetched.
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl Place {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, Default)]
struct State {
    kept: Option<Kept>,
    /// When the last fetch began.
    tried_at: Option<Timestamp>,
    /// Why the last fetch failed.
    failure: Option<IssuerFailure>,
}

/// Keys as they were fetched.
#[derive(Clone, Debug)]
struct Kept {
    keys: Arc<KeySet>,
    fetched_at: Timestamp,
    /// Tells two fetches of one moment apart.
    number: u64,
}

impl State {
    fn fresh(&self, now: Timestamp) -> Option<Kept> {
        self.kept.clone().filter(|kept| within(FRESH, kept.fetched_at, now))
    }

    fn usable(&self, now: Timestamp) -> Result<Kept, IssuerFailure> {
        let kept = self.kept.clone().filter(|kept| within(USABLE, kept.fetched_at, now));
        kept.ok_or_else(|| {
            let interrupted = || IssuerFailure::Unreachable("asking it was broken off".to_owned());
            self.failure.clone().unwrap_or_else(interrupted)
        })
    }

    fn may_try(&self, now: Timestamp) -> bool {
        !self.tried_at.is_some_and(|tried_at| within(PAUSE, tried_at, now))
    }

    fn take_in(&mut self, outcome: Result<KeySet, IssuerFailure>, now: Timestamp) {
        match outcome {
            Ok(keys) => {
                let number = self.kept.as_ref().map_or(0, |kept| kept.number).saturating_add(1);
                self.kept = Some(Kept { keys: Arc::new(keys), fetched_at: now, number });
                self.failure = None;
            }
            Err(failure) => {
                tracing::warn!(
                    code = failure.code(),
                    "an issuer's keys were not fetched: {failure}"
                );
                self.failure = Some(failure);
            }
        }
    }
}

/// Whether two points are closer than the span, whichever comes first: a clock that was set back
/// must not keep keys for as long as it went.
fn within(span: Span, one: Timestamp, other: Timestamp) -> bool {
    one.0.abs_diff(other.0) < span.0
}
