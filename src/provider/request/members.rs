//! What stands under which member of a body.

/// Members whose text reaches the model as it reads, not as JSON writes it.
pub(super) const TEXTS: [&str; 8] =
    ["text", "content", "input", "prompt", "instructions", "system", "arguments", "output"];
/// Members with what a client's tools take and give, and with forms: names in them mean nothing.
pub(super) const OPAQUE: [&str; 27] = [
    "args",
    "chat_template_kwargs",
    "client_metadata",
    "env",
    "functionDeclarations",
    "function_declarations",
    "functions",
    "guided_json",
    "json_schema",
    "labels",
    "logit_bias",
    "metadata",
    "mm_processor_kwargs",
    "output_config",
    "output_format",
    "parameters",
    "partMetadata",
    "part_metadata",
    "response",
    "responseJsonSchema",
    "responseSchema",
    "response_format",
    "response_schema",
    "schema",
    "structured_outputs",
    "tools",
    "trace",
];
/// The same for Cohere, whose documents have any fields.
pub(super) const OPAQUE_COHERE: [&str; 3] = ["document", "documents", "outputs"];
/// Members whose objects are messages, items and parts.
pub(super) const PLACES: [&str; 15] = [
    "chat_history",
    "content",
    "contents",
    "input",
    "inputs",
    "instructions",
    "message",
    "messages",
    "output",
    "parts",
    "preamble",
    "prompt",
    "system",
    "systemInstruction",
    "system_instruction",
];
/// Members that hold the bytes of an image, or say where it lies.
pub(super) const PAYLOADS: [&str; 5] = ["data", "url", "image_url", "result", "file_id"];
