//! `cohere`.

use super::{Branch, Provider};
use crate::provider::endpoint::{free, list, metered, other, upload};
use crate::provider::{Auth, Dialect, Endpoint};

// `CO_API_URL` was not confirmed in an official source.
pub(super) const PROVIDER: Provider =
    Provider::with_root("cohere", "api.cohere.com", "", "/v2", Auth::Bearer)
        .branching(&BRANCHES)
        .keys(&["CO_API_KEY", "COHERE_API_KEY"])
        .base_url_in("CO_API_URL", "")
        .metered(Dialect::Cohere, &ENDPOINTS);

/// The part for the SDKs of `openai`.
static BRANCHES: [Branch; 1] =
    [Branch { under: "/compatibility", auth: Auth::Bearer, dialect: Dialect::OpenAi }];

/// No endpoint of its API is known to hand out credentials.
static ENDPOINTS: [Endpoint; 19] = [
    metered("/v2/chat"),
    metered("/v2/embed"),
    metered("/v2/rerank"),
    upload("/v2/audio/transcriptions"),
    metered("/v1/chat"),
    metered("/v1/generate"),
    metered("/v1/embed"),
    metered("/v1/rerank"),
    metered("/v1/classify"),
    metered("/v1/summarize"),
    free("/v1/tokenize"),
    free("/v1/detokenize"),
    free("/v1/check-api-key"),
    list("/v1/models/**"),
    metered("/compatibility/v1/chat/completions"),
    metered("/compatibility/v1/embeddings"),
    list("/compatibility/v1/models/**"),
    other("/v1/**"),
    other("/compatibility/**"),
];
