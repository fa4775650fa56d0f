//! `google`: the Gemini API.

use super::{Branch, Provider};
use crate::provider::endpoint::{by_path, free_by_path, list, metered, minting, other};
use crate::provider::{Auth, Dialect, Endpoint};

pub(super) const PROVIDER: Provider = Provider::with_root(
    "google",
    "generativelanguage.googleapis.com",
    "",
    "/v1beta",
    Auth::header("x-goog-api-key"),
)
.or(&ALTERNATIVES)
.branching(&BRANCHES)
.keys(&["GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_GENERATIVE_AI_API_KEY"])
.base_url_in("GOOGLE_GEMINI_BASE_URL", "")
.metered(Dialect::Google, &ENDPOINTS);

static ALTERNATIVES: [Auth; 1] = [Auth::query("key")];

/// The part for the SDKs of `openai`.
static BRANCHES: [Branch; 1] =
    [Branch { under: "/v1beta/openai", auth: Auth::Bearer, dialect: Dialect::OpenAi }];

/// Long-running generation (`:predictLongRunning`, batches), caches, files and tuning are `other`:
/// they are billed later, or by the hour.
static ENDPOINTS: [Endpoint; 39] = [
    by_path("/v1beta/models/*:generateContent"),
    by_path("/v1beta/models/*:streamGenerateContent"),
    by_path("/v1beta/models/*:embedContent"),
    by_path("/v1beta/models/*:batchEmbedContents"),
    by_path("/v1beta/models/*:predict"),
    free_by_path("/v1beta/models/*:countTokens"),
    list("/v1beta/models"),
    list("/v1beta/models/*"),
    by_path("/v1/models/*:generateContent"),
    by_path("/v1/models/*:streamGenerateContent"),
    by_path("/v1/models/*:embedContent"),
    by_path("/v1/models/*:batchEmbedContents"),
    by_path("/v1/models/*:predict"),
    free_by_path("/v1/models/*:countTokens"),
    list("/v1/models"),
    list("/v1/models/*"),
    by_path("/v1alpha/models/*:generateContent"),
    by_path("/v1alpha/models/*:streamGenerateContent"),
    by_path("/v1alpha/models/*:embedContent"),
    by_path("/v1alpha/models/*:batchEmbedContents"),
    by_path("/v1alpha/models/*:predict"),
    free_by_path("/v1alpha/models/*:countTokens"),
    list("/v1alpha/models"),
    list("/v1alpha/models/*"),
    by_path("/v1beta/tunedModels/*:generateContent"),
    by_path("/v1beta/tunedModels/*:streamGenerateContent"),
    by_path("/v1alpha/tunedModels/*:generateContent"),
    by_path("/v1alpha/tunedModels/*:streamGenerateContent"),
    metered("/v1beta/openai/chat/completions"),
    metered("/v1beta/openai/embeddings"),
    metered("/v1beta/openai/images/generations"),
    list("/v1beta/openai/models/**"),
    metered("/v1beta/interactions"),
    minting("/*/auth_tokens/**"),
    minting("/*/authTokens/**"),
    other("/v1/**"),
    other("/v1alpha/**"),
    other("/upload/**"),
    other("/download/**"),
];
