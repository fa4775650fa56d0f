//! `groq`.

use super::Provider;
use crate::provider::endpoint::{list, metered, upload};
use crate::provider::{Dialect, Endpoint};

// `GROQ_BASE_URL`, without `/openai/v1`, was not confirmed in an official source.
pub(super) const PROVIDER: Provider = Provider::at("groq", "api.groq.com", "/openai/v1")
    .keys(&["GROQ_API_KEY"])
    .base_url_in("GROQ_BASE_URL", "")
    .metered(Dialect::OpenAi, &ENDPOINTS);

/// No endpoint of its API is known to hand out credentials.
static ENDPOINTS: [Endpoint; 8] = [
    metered("/openai/v1/chat/completions"),
    metered("/openai/v1/completions"),
    metered("/openai/v1/responses"),
    metered("/openai/v1/embeddings"),
    metered("/openai/v1/audio/speech"),
    upload("/openai/v1/audio/transcriptions"),
    upload("/openai/v1/audio/translations"),
    list("/openai/v1/models/**"),
];
