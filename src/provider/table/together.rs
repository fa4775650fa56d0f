//! `together`.

use super::Provider;
use crate::provider::endpoint::{list, metered, other, upload};
use crate::provider::{Dialect, Endpoint};

pub(super) const PROVIDER: Provider = Provider::at("together", "api.together.ai", "/v1")
    .keys(&["TOGETHER_API_KEY", "TOGETHERAI_API_KEY"])
    .base_url_in("TOGETHER_BASE_URL", "/v1")
    .metered(Dialect::OpenAi, &ENDPOINTS);

/// No endpoint of its API is known to hand out credentials.
static ENDPOINTS: [Endpoint; 10] = [
    metered("/v1/chat/completions"),
    metered("/v1/completions"),
    metered("/v1/embeddings"),
    metered("/v1/rerank"),
    metered("/v1/images/generations"),
    metered("/v1/audio/speech"),
    upload("/v1/audio/transcriptions"),
    upload("/v1/audio/translations"),
    list("/v1/models/**"),
    other("/v2/**"),
];
