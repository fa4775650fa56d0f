//! The SDKs: how each is called, which of the recordings its API answers with, which models it is
//! asked for.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use crate::support::driver::Step;
use crate::support::home::MASTER;
use crate::support::upstream::{Place, Upstream};

/// The most output that a call asks for.
pub(super) const LIMIT: u64 = 1_000;

/// What is done with each SDK.
const CALLS: &str = include_str!("../../python/limited/calls.py");

/// One API of one SDK.
#[derive(Debug)]
pub(super) struct Sdk {
    pub(super) provider: &'static str,
    /// How it is called.
    code: &'static str,
    /// Where it takes its base URL and its key from.
    environment: [&'static str; 2],
    /// What stands behind the host of the provider's own base URL.
    root: &'static str,
    pub(super) plain: Recorded,
    pub(super) streamed: Recorded,
    /// A model with a list price that shows all that it bills.
    pub(super) open: &'static str,
    /// The same, which can think unseen.
    pub(super) thinking: &'static str,
    /// Whether a stream says its input before its end.
    pub(super) tells_input: bool,
    /// The output limit in the body (RFC 6901).
    pub(super) limit_at: &'static str,
    /// The class of errors that a refusal raises, and its field with the status.
    pub(super) error: (&'static str, &'static str),
    /// Options that nothing bounds, and what is said of them.
    pub(super) unbounded: (&'static str, &'static str),
}

/// A recorded answer.
#[derive(Debug)]
pub(super) struct Recorded {
    pub(super) file: &'static str,
    /// The model that it names.
    pub(super) model: &'static str,
    /// Where its input tokens stand, or the text of each event (RFC 6901).
    pub(super) at: &'static str,
}

/// Chat completions.
pub(super) static OPENAI_CHAT: Sdk = Sdk {
    provider: "openai",
    code: include_str!("../../python/limited/openai_chat.py"),
    environment: ["OPENAI_BASE_URL", "OPENAI_API_KEY"],
    root: "/v1",
    plain: Recorded {
        file: "openai.chat.openai-text.json",
        model: "gpt-4.1-nano-2025-04-14",
        at: "/usage/prompt_tokens",
    },
    streamed: Recorded {
        file: "openai.chat.openai-text.sse",
        model: "gpt-4.1-nano-2025-04-14",
        at: "/choices/0/delta/content",
    },
    open: "gpt-4.1-nano",
    thinking: "gpt-5-mini",
    tells_input: false,
    limit_at: "/max_completion_tokens",
    error: ("openai.APIStatusError", "status_code"),
    unbounded: ("web_search_options={}", "`web_search_options` makes the model search"),
};

/// Responses.
pub(super) static OPENAI_RESPONSES: Sdk = Sdk {
    provider: "openai",
    code: include_str!("../../python/limited/openai_responses.py"),
    environment: ["OPENAI_BASE_URL", "OPENAI_API_KEY"],
    root: "/v1",
    plain: Recorded {
        file: "openai.responses.openai-phase.1.json",
        model: "gpt-5.3-codex",
        at: "/usage/input_tokens",
    },
    streamed: Recorded {
        file: "openai.responses.programmatic-tool-calling.3.sse",
        model: "gpt-5.6-sol",
        at: "/delta",
    },
    open: "gpt-4.1-nano",
    thinking: "gpt-5-mini",
    tells_input: false,
    limit_at: "/max_output_tokens",
    error: ("openai.APIStatusError", "status_code"),
    unbounded: ("background=True", "`background` has the answer come before its usage is known"),
};

/// Messages.
pub(super) static MESSAGES: Sdk = Sdk {
    provider: "anthropic",
    code: include_str!("../../python/limited/anthropic_messages.py"),
    environment: ["ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY"],
    root: "",
    plain: Recorded {
        file: "anthropic.messages.anthropic-clear-tool-uses.1.json",
        model: "claude-haiku-4-5-20251001",
        at: "/usage/input_tokens",
    },
    streamed: Recorded {
        file: "anthropic.messages.anthropic-text.sse",
        model: "claude-sonnet-4-5-20250929",
        at: "/delta/text",
    },
    open: "claude-haiku-4-5",
    thinking: "claude-sonnet-5",
    tells_input: true,
    limit_at: "/max_tokens",
    error: ("anthropic.APIStatusError", "status_code"),
    unbounded: (
        "tools=[{'type': 'code_execution_20250825', 'name': 'code_execution'}]",
        "the tool `code_execution_20250825` runs upstream",
    ),
};

/// Gemini.
pub(super) static GEMINI: Sdk = Sdk {
    provider: "google",
    code: include_str!("../../python/limited/google_gemini.py"),
    environment: ["GOOGLE_GEMINI_BASE_URL", "GEMINI_API_KEY"],
    root: "",
    plain: Recorded {
        file: "google.gemini.google-text.json",
        model: "gemini-3-pro-preview",
        at: "/usageMetadata/promptTokenCount",
    },
    streamed: Recorded {
        file: "google.gemini.google-text.sse",
        model: "gemini-3-pro-preview",
        at: "/candidates/0/content/parts/0/text",
    },
    open: "gemini-2.0-flash",
    thinking: "gemini-2.5-flash",
    tells_input: true,
    limit_at: "/generationConfig/maxOutputTokens",
    error: ("google.genai.errors.ClientError", "code"),
    unbounded: ("tools=[{'google_search': {}}]", "the tool `googleSearch` runs upstream"),
};

impl Sdk {
    /// A call of this SDK through the proxy.
    pub(super) fn through(&self, proxy: SocketAddr, key: &str, call: &str) -> Step {
        let root = if self.provider == "openai" { "/v1" } else { "" };
        self.step(format!("http://{proxy}/{}{root}", self.provider), key, call)
    }

    /// The same call without the proxy.
    pub(super) fn direct(&self, upstream: &Upstream, call: &str) -> Step {
        self.step(upstream.base_url(self.root), MASTER, call)
    }

    fn step(&self, base_url: String, key: &str, call: &str) -> Step {
        let values = [base_url, key.to_owned()];
        let environment = self.environment.iter().map(ToString::to_string).zip(values);
        let environment: BTreeMap<_, _> = environment.collect();
        Step { code: format!("{}\n\n{CALLS}\n\n{call}\n", self.code), environment }
    }

    /// Where it places its key by itself.
    pub(super) fn place(&self) -> Place {
        if self.provider == "google" { Place::raw("x-goog-api-key") } else { Place::bearer() }
    }
}
