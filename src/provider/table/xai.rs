//! `xai`.

use super::{Branch, Provider};
use crate::provider::endpoint::{free, list, metered, minting};
use crate::provider::{Auth, Dialect, Endpoint};

pub(super) const PROVIDER: Provider = Provider::at("xai", "api.x.ai", "/v1")
    .branching(&BRANCHES)
    .keys(&["XAI_API_KEY"])
    .metered(Dialect::OpenAi, &ENDPOINTS);

/// The endpoints for Anthropic's SDKs.
static BRANCHES: [Branch; 2] = [
    Branch { under: "/v1/messages", auth: Auth::Bearer, dialect: Dialect::Anthropic },
    Branch { under: "/v1/complete", auth: Auth::Bearer, dialect: Dialect::Anthropic },
];

static ENDPOINTS: [Endpoint; 16] = [
    metered("/v1/chat/completions"),
    metered("/v1/completions"),
    metered("/v1/responses"),
    metered("/v1/messages"),
    metered("/v1/complete"),
    metered("/v1/embeddings"),
    metered("/v1/images/generations"),
    metered("/v1/images/edits"),
    free("/v1/tokenize-text"),
    list("/v1/models/**"),
    list("/v1/language-models/**"),
    list("/v1/embedding-models/**"),
    list("/v1/image-generation-models/**"),
    list("/v1/video-generation-models/**"),
    minting("/v1/realtime/client_secrets/**"),
    minting("/v1/realtime/sessions/**"),
];
