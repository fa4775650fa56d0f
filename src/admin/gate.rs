//! Whose request it is: the token that it carries, and the minter that it belongs to.

use http::{HeaderMap, header};
use tracing::warn;
use zeroize::Zeroizing;

use crate::domain::admin_text::{AdminText, PREFIX};
use crate::domain::ids::MinterId;
use crate::domain::key_text;
use crate::domain::minter::{Minter, Proof};
use crate::ledger::op::UsedToken;
use crate::ledger::{Book, number_of};
use crate::report::minters;
use crate::store::Table;
use crate::wire::{Peer, check_origin};

use super::fault::{Answer, Fault, Problem};
use super::guard::Crowded;
use super::oidc::claims::check;
use super::oidc::{Issuer, Rejection, Token};
use super::router::Admin;

/// Who asks.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    /// The minter, as it was when the request came.
    pub(super) minter: Minter,
    /// The identity token that was shown, where it was one.
    pub(super) token: Option<UsedToken>,
}

/// Lets a request in that carries a good token. One that does not is answered slowly.
pub(super) async fn enter(
    admin: &Admin,
    peer: Peer,
    headers: &HeaderMap,
    authority: Option<&str>,
) -> Answer<Caller> {
    check_origin(headers, authority, |name| admin.hosts.is_own(name, peer))?;
    let token = bearer(headers)?;
    let found = whose(admin, &token).await;
    let Err(fault) = found else { return found };
    if fault.problem.row().status != 401 {
        return Err(fault);
    }
    admin.guard.refused(peer.client.ip()).await.map_err(|Crowded| {
        let message = "too many tokens were refused; try again later";
        Fault::new(Problem::TooManyAttempts, message)
    })?;
    Err(fault)
}

/// The token of `Authorization: Bearer …` (RFC 6750 §2.1).
fn bearer(headers: &HeaderMap) -> Answer<Zeroizing<String>> {
    let missing = || {
        Fault::new(
            Problem::TokenMissing,
            "the request carries no token: send `Authorization: Bearer till_admin_…`",
        )
    };
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (given.next(), given.next()) else { return Err(missing()) };
    let text = value.to_str().map_err(|_| missing())?;
    let (scheme, token) = text.split_once(' ').ok_or_else(missing)?;
    if !scheme.eq_ignore_ascii_case("bearer") || token.trim().is_empty() {
        return Err(missing());
    }
    Ok(Zeroizing::new(token.trim().to_owned()))
}

async fn whose(admin: &Admin, token: &str) -> Answer<Caller> {
    let refused = |message: &str| Fault::new(Problem::TokenRefused, message);
    if token.starts_with(PREFIX) {
        let token = token.parse().map_err(|_| {
            refused("the admin token has a typing error: its checksum is wrong; copy it whole")
        })?;
        let minter = by_token(admin, &token)?;
        return Ok(Caller { minter, token: None });
    }
    if token.starts_with(key_text::PREFIX) {
        return Err(refused("this is a proxy key; the admin API takes `till_admin_…` tokens"));
    }
    if !token.contains('.') {
        return Err(refused("this is no admin token: those begin with `till_admin_`"));
    }
    by_identity(admin, token).await
}

/// The first trust, in the order in which they were made, that an identity token is as.
async fn by_identity(admin: &Admin, text: &str) -> Answer<Caller> {
    let refused = |why: String| Fault::new(Problem::IdentityRefused, why);
    let token = Token::read(text).map_err(|why| refused(why.to_string()))?;
    let book = Book::verified(admin.operator.proxy.row_mac());
    let (all, now) = admin.ledger.view(|rows, now| Ok((minters(rows, book, now)?, now)))?;
    let own = |minter: &Minter| {
        minter.trust().is_some_and(|trust| trust.issuer == token.unverified_issuer())
    };
    let trusting = all.into_iter().map(|view| view.minter);
    let mut why = refused("nothing here trusts the issuer of the identity token".to_owned());
    for minter in trusting.filter(|minter| own(minter) && !minter.has_expired(now)) {
        let Some(trust) = minter.trust() else { continue };
        let Ok(issuer) = Issuer::new(&trust.issuer, trust.local) else { continue };
        match admin.issuers.verify(&token, &issuer, &trust.audience, now).await {
            Ok(verified) => match check(&trust.claims, &verified.claims) {
                Ok(()) => {
                    let signed = verified.signing_input.into_bytes();
                    let (good_from, expires_at) = (verified.good_from, verified.refused_from);
                    let token = UsedToken { signed, good_from, expires_at };
                    return Ok(Caller { minter, token: Some(token) });
                }
                Err(unmatched) => why = refused(unmatched.to_string()),
            },
            Err(Rejection::Token(refusal)) => why = refused(refusal.to_string()),
            Err(Rejection::Issuer(failure)) => {
                warn!(issuer = %issuer, %failure, "the keys of an issuer cannot be had");
                why = Fault::new(Problem::IssuerUnreachable, failure.to_string());
            }
        }
    }
    Err(why)
}

/// The minter of an admin token. That it is unknown, revoked or over is one answer.
fn by_token(admin: &Admin, token: &AdminText) -> Answer<Minter> {
    let keys = &admin.operator.proxy;
    let lookup = keys.lookup().digest_token(token);
    let book = Book::verified(keys.row_mac());
    let found = admin.ledger.view(|rows, now| {
        let Some(id) = rows.get(Table::MinterIndex, &lookup)? else { return Ok(None) };
        let minter = book.get::<Minter>(rows, &MinterId(number_of(&id)?))?;
        // The index carries no MAC: the row says whether it is this one.
        let is_own =
            |minter: &Minter| matches!(minter.proof, Proof::Token { lookup: own } if own == lookup);
        Ok(minter.filter(|minter| is_own(minter) && !minter.has_expired(now)))
    })?;
    found.ok_or_else(|| {
        let message = "the admin token is unknown, was revoked or has expired";
        Fault::new(Problem::TokenRefused, message)
    })
}
