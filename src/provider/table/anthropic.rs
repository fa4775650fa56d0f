//! `anthropic`.

use super::{Branch, Provider};
use crate::provider::endpoint::{free, list, metered, minting};
use crate::provider::{Auth, Dialect, Endpoint};

pub(super) const PROVIDER: Provider =
    Provider::with_root("anthropic", "api.anthropic.com", "", "/v1", Auth::header("x-api-key"))
        .or(&[Auth::Bearer])
        .branching(&BRANCHES)
        .keys(&["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"])
        .base_url_in("ANTHROPIC_BASE_URL", "")
        .metered(Dialect::Anthropic, &ENDPOINTS);

/// The endpoint for the SDKs of `openai`.
static BRANCHES: [Branch; 1] =
    [Branch { under: "/v1/chat", auth: Auth::Bearer, dialect: Dialect::OpenAi }];

static ENDPOINTS: [Endpoint; 8] = [
    metered("/v1/messages"),
    metered("/v1/complete"),
    metered("/v1/chat/completions"),
    free("/v1/messages/count_tokens"),
    list("/v1/models/**"),
    minting("/v1/organizations/**"),
    minting("/v1/oauth/**"),
    minting("/api/oauth/**"),
];
