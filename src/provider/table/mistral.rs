//! `mistral`.

use super::Provider;
use crate::provider::endpoint::{list, metered, upload};
use crate::provider::{Dialect, Endpoint};

pub(super) const PROVIDER: Provider = Provider::at("mistral", "api.mistral.ai", "/v1")
    .keys(&["MISTRAL_API_KEY"])
    .metered(Dialect::OpenAi, &ENDPOINTS);

/// No endpoint of its API is known to hand out credentials.
static ENDPOINTS: [Endpoint; 12] = [
    metered("/v1/chat/completions"),
    metered("/v1/fim/completions"),
    metered("/v1/agents/completions"),
    metered("/v1/embeddings"),
    metered("/v1/moderations"),
    metered("/v1/chat/moderations"),
    metered("/v1/classifications"),
    metered("/v1/chat/classifications"),
    metered("/v1/ocr"),
    metered("/v1/audio/speech"),
    upload("/v1/audio/transcriptions"),
    list("/v1/models/**"),
];
