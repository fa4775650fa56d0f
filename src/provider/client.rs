//! Clients whose habits differ from those of their provider's other clients.

/// A client, as its `User-Agent` names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Client {
    /// Codex: sends a refused request six times, whatever the status but for 400, and shows the
    /// body of a 400 as it stands.
    Codex,
    /// Any other: goes by its provider's dialect.
    #[default]
    Other,
}

impl Client {
    /// The client with this `User-Agent` (`codex_exec/0.169.0 (…)`, `codex_cli_rs/…`).
    #[must_use]
    pub fn of(user_agent: &str) -> Self {
        let codex = user_agent.get(..5).is_some_and(|name| name.eq_ignore_ascii_case("codex"));
        if codex { Self::Codex } else { Self::Other }
    }

    /// Whether a denial with this status is answered with 400 and the bare message. The upgrade
    /// that was refused (426) and what may succeed later (429) the client understands.
    #[must_use]
    pub fn wants_bad_request(self, status: u16) -> bool {
        self == Self::Codex && (400..500).contains(&status) && !matches!(status, 426 | 429)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_told_by_their_names() {
        for agent in ["codex_exec/0.169.0 (x)", "codex-tui/1", "Codex Desktop/1"] {
            assert_eq!(Client::of(agent), Client::Codex, "{agent}");
        }
        for agent in ["", "code", "OpenAI/Python 2.20.0", "claude-cli/2.1", "my-codex/1", "é"] {
            assert_eq!(Client::of(agent), Client::Other, "{agent}");
        }
        let wants = |status| Client::Codex.wants_bad_request(status);
        assert!([401, 402, 403, 404, 413].into_iter().all(wants));
        assert!(![426, 429, 502, 503].into_iter().any(wants));
        assert!(!Client::Other.wants_bad_request(402));
    }
}
