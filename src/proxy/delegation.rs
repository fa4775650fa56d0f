//! `POST /till/v1/keys`: keys that are made from a key, by whoever holds it.

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::{HeaderValue, Method, StatusCode, header};
use serde::{Serialize, Serializer};

use crate::domain::admission::ended_denial;
use crate::domain::delegation::Wish;
use crate::domain::denial::{Denial, Reason};
use crate::domain::key::Usage;
use crate::domain::key_text::KeyText;
use crate::domain::limits::Counting;
use crate::domain::pause::paused_denial;
use crate::domain::status::Status;
use crate::domain::unfit::Unfit;
use crate::ledger::op::{Delegate, Minted, NotMade};
use crate::ledger::{Caller, Refusal};
use crate::wire::{BodyFault, FieldFault, KeyRequest, Peer, read_json};

use super::answer::{self, Plain};
use super::key_state::KeyState;
use super::router::{Proxy, caller_of};

/// The methods that the path takes.
const METHODS: HeaderValue = HeaderValue::from_static("POST");

/// Why no key was made.
enum Refused {
    /// As any other request would have been refused.
    Denied(Denial),
    /// Something of this request alone.
    Plain(Plain),
}

/// A key that was made, with its text, which is shown this once.
#[derive(Serialize)]
struct Made<'a> {
    #[serde(serialize_with = "exposed")]
    key: &'a KeyText,
    #[serde(flatten)]
    state: KeyState<'a>,
}

#[derive(Serialize)]
struct AllMade<'a> {
    keys: Vec<Made<'a>>,
}

/// Makes what a request asks for.
pub(super) async fn make(proxy: &Proxy, peer: Peer, request: Request) -> Response {
    match made(proxy, peer, request).await {
        Ok(response) => response,
        Err(Refused::Denied(denial)) => {
            proxy.counting.denied(denial.key, denial.reason);
            answer::denied_plainly(&denial)
        }
        Err(Refused::Plain(plain)) => plain.response(),
    }
}

async fn made(proxy: &Proxy, peer: Peer, request: Request) -> Result<Response, Refused> {
    if request.method() != Method::POST {
        let message = "this path takes POST alone";
        return Err(
            Plain { allow: Some(METHODS), ..Plain::new(405, "method_refused", message) }.into()
        );
    }
    let (parts, body) = request.into_parts();
    let (key, caller, status) =
        caller_of(proxy, peer, (&parts.method, &parts.uri, parts.version), &parts.headers)?;
    let id = caller.record.id;
    if let Status::Ended(cause) = status {
        let denial = ended_denial(&caller.record, &caller.usage, cause);
        return Err(proxy.ledger.denied(Some(caller.record.seq), denial).into());
    }
    if let Some(pause) = caller.pause {
        let denial = paused_denial(id, pause);
        return Err(proxy.ledger.denied(Some(caller.record.seq), denial).into());
    }
    let asked: KeyRequest = read_json(&parts.headers, body).await?;
    let wish = wish(&asked, &caller).map_err(|fault| Plain::from(fault).of(id))?;
    let count = asked.count().map_err(|fault| Plain::from(fault).of(id))?;
    let delegate = Delegate { parent: caller.record.seq, key, wish, count };
    let children = proxy.ledger.delegate(delegate).await.map_err(|why| match why {
        NotMade::Denied(denial) => {
            Refused::Denied(proxy.ledger.denied(Some(caller.record.seq), denial.of(id)))
        }
        NotMade::Refused(refusal) => Refused::Plain(of_refusal(&refusal).of(id)),
    })?;
    Ok(created(&children, asked.count.is_some())?)
}

/// What a request wishes for.
fn wish(asked: &KeyRequest, parent: &Caller) -> Result<Wish, FieldFault> {
    if asked.upstream_key.is_some() {
        let why = "a key that is made from a key opens what that one opens";
        return Err(FieldFault::new("upstream_key", why));
    }
    let limits = asked.limits(parent.now)?;
    let (name, labels) = asked.name_and_labels()?;
    Ok(Wish {
        name,
        labels,
        providers: asked.targets().into_iter().map(str::to_owned).collect(),
        activations: limits.activations,
        caps: limits.caps,
        expires_at: limits.expires_at,
        rate: limits.rate,
        concurrency: limits.concurrency,
        counting: asked
            .count_answered
            .map(|answered| if answered { Counting::Answered } else { Counting::Sent }),
        overshoot: None,
        on_cancel: asked.on_cancel.is_some().then_some(limits.on_cancel),
        on_spike: asked.on_spike.is_some().then_some(limits.on_spike),
        max_price: limits.max_price,
        scope: asked.scope()?,
        delegate: asked.generations()?,
    })
}

fn created(children: &[Minted], list: bool) -> Result<Response, Denial> {
    let fresh = Usage::default();
    let all: Vec<Made<'_>> = children
        .iter()
        .map(|child| Made {
            key: &child.text,
            state: KeyState::new(&child.record, &fresh, Status::Live, None),
        })
        .collect();
    let body = match all.as_slice() {
        [one] if !list => serde_json::to_vec(one),
        _ => serde_json::to_vec(&AllMade { keys: all }),
    };
    let body =
        body.map_err(|_| Denial::new(Reason::StoreUnavailable, "the keys cannot be written down"))?;
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::CREATED;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// What the rules refuse. Most of it has its row in the table of `domain/delegation.rs`.
fn of_refusal(refusal: &Refusal) -> Plain {
    match refusal {
        Refusal::Unfit(unfit) => {
            let (status, code) = unfit.rule();
            Plain::new(status, code, unfit.to_string())
        }
        Refusal::Unbounded => {
            let (status, code) = Unfit::NO_END;
            let message = "the key would have no end: give `max_activations`, `max_tokens`, \
                           `max_spend` or `expires`";
            Plain::new(status, code, message)
        }
        refusal => Plain::new(400, "bad_request", refusal.to_string()),
    }
}

fn exposed<S: Serializer>(key: &KeyText, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(key.expose())
}

impl From<Denial> for Refused {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}

impl From<Plain> for Refused {
    fn from(plain: Plain) -> Self {
        Self::Plain(plain)
    }
}

impl From<BodyFault> for Refused {
    fn from(fault: BodyFault) -> Self {
        let code = match fault.status {
            413 => "body_too_large",
            415 => "content_type",
            _ => "bad_request",
        };
        Self::Plain(Plain::new(fault.status, code, fault.message))
    }
}

impl From<FieldFault> for Plain {
    fn from(fault: FieldFault) -> Self {
        Self::new(400, "bad_request", fault.to_string())
    }
}
