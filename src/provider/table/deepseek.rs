//! `deepseek`.

use super::{Branch, Provider};
use crate::provider::endpoint::{list, metered};
use crate::provider::{Auth, Dialect, Endpoint};

pub(super) const PROVIDER: Provider = Provider::at("deepseek", "api.deepseek.com", "")
    .branching(&BRANCHES)
    .keys(&["DEEPSEEK_API_KEY"])
    .metered(Dialect::OpenAi, &ENDPOINTS);

/// The part for Anthropic's SDKs.
static BRANCHES: [Branch; 1] =
    [Branch { under: "/anthropic", auth: Auth::header("x-api-key"), dialect: Dialect::Anthropic }];

/// No endpoint of its API is known to hand out credentials.
static ENDPOINTS: [Endpoint; 10] = [
    metered("/chat/completions"),
    metered("/completions"),
    metered("/v1/chat/completions"),
    metered("/v1/completions"),
    metered("/beta/chat/completions"),
    metered("/beta/completions"),
    metered("/anthropic/v1/messages"),
    list("/models/**"),
    list("/v1/models/**"),
    list("/anthropic/v1/models/**"),
];
