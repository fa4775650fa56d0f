//! `fireworks`.

use super::{Branch, Provider};
use crate::provider::endpoint::{list, metered, minting, other};
use crate::provider::{Auth, Dialect, Endpoint};

// `FIREWORKS_BASE_URL` was not confirmed in an official source. Without a path it serves both an
// SDK that adds `/inference/v1` and one that does not.
pub(super) const PROVIDER: Provider =
    Provider::at("fireworks", "api.fireworks.ai", "/inference/v1")
        .branching(&BRANCHES)
        .keys(&["FIREWORKS_API_KEY"])
        .base_url_in("FIREWORKS_BASE_URL", "")
        .metered(Dialect::OpenAi, &ENDPOINTS);

/// The endpoint for Anthropic's SDKs.
static BRANCHES: [Branch; 1] =
    [Branch { under: "/inference/v1/messages", auth: Auth::Bearer, dialect: Dialect::Anthropic }];

static ENDPOINTS: [Endpoint; 9] = [
    metered("/inference/v1/chat/completions"),
    metered("/inference/v1/completions"),
    metered("/inference/v1/responses"),
    metered("/inference/v1/messages"),
    metered("/inference/v1/embeddings"),
    metered("/inference/v1/rerank"),
    list("/inference/v1/models/**"),
    minting("/v1/accounts/*/users/*/apiKeys/**"),
    other("/v1/accounts/**"),
];
