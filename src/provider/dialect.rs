//! Error bodies, each in the form that its provider's SDKs know, so that they show the message.

use std::fmt;

use serde_json::{Value, json};

/// The form of a provider's errors. All are JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// `openai`, and all who took over its API.
    OpenAi,
    /// Anthropic.
    Anthropic,
    /// Google: `google.rpc.Status` (AIP-193).
    Google,
    /// Cohere.
    Cohere,
    /// till's own, for APIs without a known form.
    Plain,
}

impl Dialect {
    /// The body of an answer with this HTTP status.
    ///
    /// `code` is the denial's. It stands where the dialect leaves room for free text; what SDKs
    /// decide by (`type`, `status`) follows the HTTP status.
    #[must_use]
    pub fn render(self, status: u16, code: &str, message: &str) -> Vec<u8> {
        self.body(status, code, message).to_string().into_bytes()
    }

    /// The same error in the middle of a stream of server-sent events (WHATWG HTML §9.2), which an
    /// SDK of the dialect raises as it does one that comes at the beginning.
    #[must_use]
    pub fn render_event(self, status: u16, code: &str, message: &str) -> Vec<u8> {
        let body = self.body(status, code, message);
        match self {
            Self::Anthropic => format!("event: error\ndata: {body}\n\n").into_bytes(),
            _ => format!("data: {body}\n\n").into_bytes(),
        }
    }

    /// The dialect's name, as tables and JSON print it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::Google => "google",
            Self::Cohere => "cohere",
            Self::Plain => "plain",
        }
    }

    fn body(self, status: u16, code: &str, message: &str) -> Value {
        match self {
            Self::OpenAi => {
                let kind = openai_type(status);
                json!({"error": {"message": message, "type": kind, "param": null, "code": code}})
            }
            Self::Anthropic => {
                let kind = anthropic_type(status);
                let error = json!({"type": kind, "message": message, "details": {"code": code}});
                json!({"type": "error", "error": error})
            }
            Self::Google => json!({"error": {
                "code": status,
                "message": message,
                "status": google_status(status),
                "details": [{
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": code,
                    "domain": "till",
                }],
            }}),
            Self::Cohere => json!({"message": message, "code": code}),
            Self::Plain => json!({"error": {"code": code, "message": message}}),
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// 402 and 403 are invalid requests: what is called a matter of quota or permission, `LiteLLM` takes
/// for one that passes, and aider repeats it.
fn openai_type(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        404 => "not_found_error",
        429 => "rate_limit_error",
        500.. => "server_error",
        _ => "invalid_request_error",
    }
}

/// The types of <https://docs.anthropic.com/en/api/errors>.
fn anthropic_type(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        503 | 529 => "overloaded_error",
        504 => "timeout_error",
        500.. => "api_error",
        _ => "invalid_request_error",
    }
}

/// The names of `google.rpc.Code` by HTTP status. 402 has none: what is missing is a condition,
/// and clients would retry `RESOURCE_EXHAUSTED`.
fn google_status(status: u16) -> &'static str {
    match status {
        401 => "UNAUTHENTICATED",
        402 | 426 => "FAILED_PRECONDITION",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        405 => "UNIMPLEMENTED",
        429 => "RESOURCE_EXHAUSTED",
        502 | 503 => "UNAVAILABLE",
        504 => "DEADLINE_EXCEEDED",
        500.. => "INTERNAL",
        _ => "INVALID_ARGUMENT",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::denial::RULES;

    const DIALECTS: [Dialect; 5] =
        [Dialect::OpenAi, Dialect::Anthropic, Dialect::Google, Dialect::Cohere, Dialect::Plain];

    /// Where the dialect's SDKs look for the message, and where our code stands.
    fn places(dialect: Dialect) -> (&'static str, &'static str) {
        match dialect {
            Dialect::OpenAi | Dialect::Plain => ("/error/message", "/error/code"),
            Dialect::Anthropic => ("/error/message", "/error/details/code"),
            Dialect::Google => ("/error/message", "/error/details/0/reason"),
            Dialect::Cohere => ("/message", "/code"),
        }
    }

    #[test]
    fn every_denial_is_read_in_every_dialect() {
        let message = "key `k` is used up: \"50\" of 50\nünd \u{1}";
        for dialect in DIALECTS {
            for rule in RULES {
                let body = dialect.render(rule.status, rule.code, message);
                let body: Value = serde_json::from_slice(&body).unwrap();
                let (message_at, code_at) = places(dialect);
                assert_eq!(body.pointer(message_at).unwrap(), message, "{dialect}");
                assert_eq!(body.pointer(code_at).unwrap(), rule.code, "{dialect}");
            }
        }
    }

    #[test]
    fn kinds_follow_the_status() {
        let kind = |dialect: Dialect, status, at: &str| {
            let body: Value = serde_json::from_slice(&dialect.render(status, "c", "m")).unwrap();
            body.pointer(at).and_then(Value::as_str).map(str::to_owned)
        };
        let cases = [
            (401, "authentication_error", "authentication_error", "UNAUTHENTICATED"),
            (402, "invalid_request_error", "billing_error", "FAILED_PRECONDITION"),
            (403, "invalid_request_error", "permission_error", "PERMISSION_DENIED"),
            (404, "not_found_error", "not_found_error", "NOT_FOUND"),
            (413, "invalid_request_error", "request_too_large", "INVALID_ARGUMENT"),
            (429, "rate_limit_error", "rate_limit_error", "RESOURCE_EXHAUSTED"),
            (502, "server_error", "api_error", "UNAVAILABLE"),
            (503, "server_error", "overloaded_error", "UNAVAILABLE"),
        ];
        for (status, openai, anthropic, google) in cases {
            assert_eq!(kind(Dialect::OpenAi, status, "/error/type").as_deref(), Some(openai));
            assert_eq!(kind(Dialect::Anthropic, status, "/error/type").as_deref(), Some(anthropic));
            assert_eq!(kind(Dialect::Google, status, "/error/status").as_deref(), Some(google));
        }
    }
}
