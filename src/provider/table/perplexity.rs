//! `perplexity`.

use super::Provider;
use crate::provider::endpoint::{list, metered, minting};
use crate::provider::{Dialect, Endpoint};

pub(super) const PROVIDER: Provider = Provider::at("perplexity", "api.perplexity.ai", "")
    .keys(&["PERPLEXITY_API_KEY", "PERPLEXITYAI_API_KEY"])
    .base_url_in("PERPLEXITY_BASE_URL", "")
    .metered(Dialect::OpenAi, &ENDPOINTS);

static ENDPOINTS: [Endpoint; 9] = [
    metered("/chat/completions"),
    metered("/search"),
    metered("/v1/responses"),
    metered("/v1/embeddings"),
    metered("/v1/contextualizedembeddings"),
    list("/models/**"),
    list("/v1/models/**"),
    minting("/generate_auth_token"),
    minting("/revoke_auth_token"),
];
