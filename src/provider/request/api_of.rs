//! Which API a path is.

use crate::domain::endpoint::EndpointClass;
use crate::provider::Provider;
use crate::provider::api::Api;

/// The ends of the table's paths whose requests are bounded and whose answers are metered. The
/// first that fits decides.
const ENDS: [(&str, Option<Api>); 19] = [
    // Agents, whose tools and prompts are kept upstream.
    ("/agents/completions", None),
    ("/chat/completions", Some(Api::Chat)),
    ("/completions", Some(Api::Completions)),
    ("/responses", Some(Api::Responses)),
    ("/messages", Some(Api::Messages)),
    (":generateContent", Some(Api::Gemini)),
    (":streamGenerateContent", Some(Api::Gemini)),
    (":embedContent", Some(Api::GeminiEmbeddings)),
    (":batchEmbedContents", Some(Api::GeminiEmbeddings)),
    ("/v2/chat", Some(Api::Cohere)),
    ("/v1/chat", Some(Api::Cohere)),
    ("/v2/embed", Some(Api::CohereEmbeddings)),
    ("/v1/embed", Some(Api::CohereEmbeddings)),
    ("/embeddings", Some(Api::Embeddings)),
    ("/audio/transcriptions", Some(Api::Transcription)),
    ("/audio/translations", Some(Api::Transcription)),
    ("/images/generations", Some(Api::Images)),
    ("/images/edits", Some(Api::Images)),
    ("/images/variations", Some(Api::Images)),
];

/// The API of a metered path, which is the one sent upstream; none where till has no meter for
/// it.
pub(super) fn api_of(provider: &Provider, path: &str) -> Option<Api> {
    let metered = |class| class == EndpointClass::Metered;
    let endpoint = provider.endpoint(path, |endpoint| metered(endpoint.class))?;
    // Its presets and steps search as they please.
    if provider.name == "perplexity" && endpoint.path.ends_with("/responses") {
        return None;
    }
    ENDS.iter().find(|(end, _)| endpoint.path.ends_with(end)).and_then(|(_, api)| *api)
}
