//! `openai`.

use super::Provider;
use crate::provider::endpoint::{free, list, metered, minting, upload};
use crate::provider::{Dialect, Endpoint};

pub(super) const PROVIDER: Provider = Provider::at("openai", "api.openai.com", "/v1")
    .keys(&["OPENAI_API_KEY"])
    .base_url_in("OPENAI_BASE_URL", "/v1")
    .metered(Dialect::OpenAi, &ENDPOINTS);

/// Batches, fine-tuning, videos, stored responses and sockets are `other`: they are billed later
/// or elsewhere, or read what others stored.
static ENDPOINTS: [Endpoint; 23] = [
    metered("/v1/chat/completions"),
    metered("/v1/completions"),
    metered("/v1/responses"),
    metered("/v1/responses/compact"),
    metered("/v1/embeddings"),
    metered("/v1/images/generations"),
    upload("/v1/images/edits"),
    upload("/v1/images/variations"),
    metered("/v1/audio/speech"),
    upload("/v1/audio/transcriptions"),
    upload("/v1/audio/translations"),
    free("/v1/moderations"),
    free("/v1/responses/input_tokens"),
    list("/v1/models/**"),
    minting("/v1/realtime/client_secrets/**"),
    minting("/v1/realtime/*/client_secrets/**"),
    minting("/v1/realtime/sessions/**"),
    minting("/v1/realtime/transcription_sessions/**"),
    minting("/v1/chatkit/sessions/**"),
    minting("/v1/organization/**"),
    minting("/v1/organizations/**"),
    minting("/v1/projects/**"),
    minting("/dashboard/**"),
];
