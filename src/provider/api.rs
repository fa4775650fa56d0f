//! The APIs whose requests and answers can be metered.

/// One API: the shape of its requests, of its answers, and where they say what was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Api {
    /// `OpenAI`'s chat completions, and all who took them over.
    Chat,
    /// `OpenAI`'s older completions.
    Completions,
    /// `OpenAI`'s responses.
    Responses,
    /// Anthropic's messages.
    Messages,
    /// Gemini's `generateContent` and `streamGenerateContent`.
    Gemini,
    /// Gemini's `embedContent` and `batchEmbedContents`.
    GeminiEmbeddings,
    /// Cohere's chat, versions 1 and 2.
    Cohere,
    /// Cohere's embeddings.
    CohereEmbeddings,
    /// `OpenAI`'s embeddings.
    Embeddings,
    /// Speech to text.
    Transcription,
    /// Images made from a text.
    Images,
}
