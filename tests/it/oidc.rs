//! OIDC tokens from the job's side to the server's, over the wire.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;
use till::admin::oidc::issuers::PAUSE;
use till::admin::oidc::{Issuer as Trusted, Issuers, Rejection, Token, Verified, claims, kinds};
use till::cli::environment::Environment;
use till::cli::remote::job_token;
use till::domain::pattern::Pattern;
use till::domain::time::{Span, Timestamp};
use till::proxy::upstream::tls_config;

use crate::support::issuer::{Issuer, Signed};
use crate::support::tls::Authority;

const AUDIENCE: &str = "https://till.example/?for=keys&more";

fn issuers() -> Issuers {
    Issuers::new(&tls_config(None).unwrap()).unwrap()
}

fn shown(
    issuers: &Issuers,
    issuer: &Issuer,
    text: &str,
    later: Span,
) -> Result<Verified, Rejection> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now = Timestamp(u64::try_from(since.as_millis()).unwrap()).after(later);
    let trusted = Trusted::new(issuer.url(), true).unwrap();
    runtime.block_on(issuers.verify(&Token::read(text)?, &trusted, AUDIENCE, now))
}

#[test]
fn a_jobs_own_token_is_believed() {
    let (issuer, issuers) = (Issuer::start(), issuers());
    let mut environment = Environment::default();
    for (name, value) in issuer.job(json!({"repository": "octo/app", "ref": "refs/heads/main"})) {
        environment.set(name, value);
    }
    let token = job_token::fetch(&environment, AUDIENCE).unwrap();
    let verified = shown(&issuers, &issuer, token.expose(), Span(0)).unwrap();
    let flag = |name: &str, pattern: &str| {
        let claim = kinds::GITHUB.flag(name).unwrap().claim.to_owned();
        (claim, Pattern::over_names(pattern).unwrap())
    };
    let trust = [flag("repo", "octo/*"), flag("ref", "refs/heads/main")];
    assert_eq!(claims::check(&trust, &verified.claims), Ok(()));
    let other = [flag("repo", "octo/app"), flag("environment", "production")];
    assert!(claims::check(&other, &verified.claims).is_err());
}

#[test]
fn an_issuer_shows_a_certificate_that_is_trusted() {
    let authority = Authority::new();
    let issuer = Issuer::over_tls(authority.server_for("localhost"));
    let token = issuer.token(Signed::Rs256, &json!({ "aud": AUDIENCE }));
    let refused = shown(&issuers(), &issuer, &token, Span(0)).unwrap_err();
    assert_eq!(refused.code(), "issuer_unreachable", "{refused}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    authority.write_pem(&file);
    let trusting = Issuers::new(&tls_config(Some(&file)).unwrap()).unwrap();
    shown(&trusting, &issuer, &token, Span(0)).unwrap();
}

#[test]
fn a_runner_that_refuses_is_reported() {
    let issuer = Issuer::start();
    let mut environment = Environment::default();
    for (name, value) in issuer.job(json!({})) {
        environment.set(name, value);
    }
    environment.set(job_token::REQUEST_TOKEN, "another");
    let failure = job_token::fetch(&environment, AUDIENCE).unwrap_err();
    assert!(failure.to_string().contains("id-token: write"), "{failure}");
}

#[test]
fn keys_are_rotated_and_outlive_their_issuer() {
    let (issuer, issuers) = (Issuer::start(), issuers());
    let claims = json!({ "aud": [AUDIENCE] });
    for signed in [Signed::Rs256, Signed::Es256] {
        let token = issuer.token(signed, &claims);
        shown(&issuers, &issuer, &token, Span(0)).unwrap();
    }
    assert_eq!(issuer.fetches(), 1);
    issuer.rotate();
    for signed in [Signed::Rs256, Signed::Es256] {
        let token = issuer.token(signed, &claims);
        shown(&issuers, &issuer, &token, PAUSE).unwrap();
    }
    assert_eq!(issuer.fetches(), 2);
    issuer.set_away(true);
    let token = issuer.token(Signed::Es256, &claims);
    shown(&issuers, &issuer, &token, PAUSE).unwrap();
    let for_another = issuer.token(Signed::Es256, &json!({"aud": "another"}));
    let refused = shown(&issuers, &issuer, &for_another, PAUSE).unwrap_err();
    assert_eq!(refused.code(), "wrong_audience");
}
