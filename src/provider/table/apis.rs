//! Other APIs that agents call, without a meter.
//!
//! Of these the table names what hands out credentials; everything else is open. `other` rows say
//! that `/v1` belongs to the API's own paths.

use super::Provider;
use crate::provider::endpoint::{minting, other};
use crate::provider::{Auth, Endpoint};

pub(super) const GITHUB: Provider = Provider::at("github", "api.github.com", "")
    .keys(&["GITHUB_TOKEN", "GH_TOKEN"])
    .base_url_in("GITHUB_API_URL", "")
    .knowing(&[
        minting("/app/installations/*/access_tokens"),
        minting("/app-manifests/*/conversions"),
        minting("/applications/*/token/**"),
        minting("/authorizations/**"),
        minting("/enterprises/*/actions/runners/**"),
        minting("/orgs/*/actions/runners/**"),
        minting("/repos/*/*/actions/runners/**"),
        minting("/repos/*/*/keys/**"),
        minting("/user/keys/**"),
    ]);

pub(super) const STRIPE: Provider =
    Provider::at("stripe", "api.stripe.com", "").or(&[Auth::Basic]).knowing(&[
        minting("/v1/ephemeral_keys/**"),
        minting("/v1/account_sessions"),
        minting("/v1/customer_sessions"),
        minting("/v1/terminal/connection_tokens"),
        other("/v1/**"),
    ]);

/// Its web-socket addresses are tickets: whoever has one is let in.
pub(super) const SLACK: Provider = Provider::at("slack", "slack.com", "/api").knowing(&[
    minting("/api/apps.connections.open"),
    minting("/api/oauth.access"),
    minting("/api/oauth.v2.access"),
    minting("/api/oauth.v2.exchange"),
    minting("/api/openid.connect.token"),
    minting("/api/rtm.connect"),
    minting("/api/rtm.start"),
    minting("/api/tooling.tokens.rotate"),
]);

/// GraphQL: what a query does is not seen in its path.
pub(super) const LINEAR: Provider =
    Provider::with_root("linear", "api.linear.app", "", "", Auth::Raw)
        .knowing(&[minting("/oauth/**")]);

/// `Notion-Version` must be sent, and is the client's to choose.
pub(super) const NOTION: Provider = Provider::at("notion", "api.notion.com", "")
    .knowing(&[minting("/v1/oauth/**"), other("/v1/**")]);

pub(super) const TAVILY: Provider =
    Provider::at("tavily", "api.tavily.com", "").knowing(&[minting("/generate-keys")]);

pub(super) const BRAVE: Provider = Provider::with_root(
    "brave",
    "api.search.brave.com",
    "",
    "",
    Auth::header("x-subscription-token"),
);

/// The account's description contains its key.
pub(super) const SERPAPI: Provider =
    Provider::with_root("serpapi", "serpapi.com", "", "", Auth::query("api_key"))
        .knowing(&[minting("/account"), minting("/account.json")]);

/// A user's description contains a key; signed addresses of conversations are tickets.
pub(super) const ELEVENLABS: Provider =
    Provider::with_root("elevenlabs", "api.elevenlabs.io", "", "", Auth::header("xi-api-key"))
        .knowing(&ELEVENLABS_ENDPOINTS);

static ELEVENLABS_ENDPOINTS: [Endpoint; 7] = [
    minting("/v1/user"),
    minting("/v1/single-use-token/**"),
    minting("/v1/service-accounts/**"),
    minting("/v1/convai/conversation/get-signed-url"),
    minting("/v1/convai/conversation/get_signed_url"),
    minting("/v1/convai/conversation/token"),
    other("/v1/**"),
];

pub(super) const REPLICATE: Provider = Provider::at("replicate", "api.replicate.com", "")
    .keys(&["REPLICATE_API_TOKEN"])
    .knowing(&[minting("/v1/webhooks/default/secret"), other("/v1/**")]);

pub(super) const HUGGINGFACE: Provider = Provider::at("huggingface", "router.huggingface.co", "")
    .keys(&["HF_TOKEN"])
    .knowing(&[other("/v1/**")]);
