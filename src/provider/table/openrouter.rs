//! `openrouter`.

use super::{Branch, Provider};
use crate::provider::endpoint::{list, metered, minting};
use crate::provider::{Auth, Dialect, Endpoint};

pub(super) const PROVIDER: Provider = Provider::at("openrouter", "openrouter.ai", "/api/v1")
    .branching(&BRANCHES)
    .keys(&["OPENROUTER_API_KEY"])
    .metered(Dialect::OpenAi, &ENDPOINTS);

/// The endpoint for Anthropic's SDKs.
static BRANCHES: [Branch; 1] =
    [Branch { under: "/api/v1/messages", auth: Auth::Bearer, dialect: Dialect::Anthropic }];

static ENDPOINTS: [Endpoint; 14] = [
    metered("/api/v1/chat/completions"),
    metered("/api/v1/completions"),
    metered("/api/v1/responses"),
    metered("/api/v1/messages"),
    metered("/api/v1/embeddings"),
    metered("/api/v1/rerank"),
    list("/api/v1/models/**"),
    list("/api/v1/embeddings/models"),
    list("/api/v1/endpoints/**"),
    list("/api/v1/providers"),
    list("/api/v1/generation"),
    minting("/api/v1/keys/**"),
    minting("/api/v1/auth/keys/**"),
    minting("/api/v1/provisioning/**"),
];
