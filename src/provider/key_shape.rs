//! What real keys look like, provider by provider: to find them where no name says so.
//!
//! The lengths leave room on both sides of what was seen; the prefixes decide. Keys without a mark
//! of their own (Mistral, Cohere, `SerpApi`, older ones of Together) cannot be told from other
//! values.

use Alphabet::{Base64Url, Dotted, Hex, Letters, Word};

use crate::domain::key_text::PREFIX;

/// The provider whose keys look like this text, the whole of it; none for a proxy key.
#[must_use]
pub fn provider_of_key(text: &str) -> Option<&'static str> {
    if text.starts_with(PREFIX) {
        return None;
    }
    let shape = SHAPES.iter().find(|shape| shape.fits(text));
    shape.map(|shape| shape.provider)
}

/// A text of a provider's form at the start of another text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shaped {
    /// Whose form it is.
    pub(super) provider: &'static str,
    /// The form's prefix.
    pub(super) prefix: &'static str,
    /// Bytes of the whole, prefix and all.
    pub(super) len: usize,
}

/// What begins the text and has the form of a key, as far as the key's characters go.
pub(super) fn key_at_start(text: &[u8]) -> Option<Shaped> {
    SHAPES.iter().find_map(|shape| shape.at_start(text))
}

/// The form of a provider's keys.
struct Shape {
    provider: &'static str,
    prefix: &'static str,
    /// What the rest consists of.
    alphabet: Alphabet,
    /// Characters of the rest, at least and at most.
    shortest: usize,
    longest: usize,
}

/// The characters after a prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Alphabet {
    /// `0-9a-f`
    Hex,
    /// `0-9A-Za-z`
    Letters,
    /// Those, and `_`.
    Word,
    /// Those, and `-`.
    Base64Url,
    /// Those, and `.`.
    Dotted,
}

impl Alphabet {
    fn has(self, byte: u8) -> bool {
        match self {
            Hex => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
            Letters => byte.is_ascii_alphanumeric(),
            Word => byte.is_ascii_alphanumeric() || byte == b'_',
            Base64Url => byte.is_ascii_alphanumeric() || b"_-".contains(&byte),
            Dotted => byte.is_ascii_alphanumeric() || b"_-.".contains(&byte),
        }
    }
}

impl Shape {
    fn fits(&self, text: &str) -> bool {
        text.strip_prefix(self.prefix).is_some_and(|rest| self.has_rest(rest.as_bytes()))
    }

    fn has_rest(&self, rest: &[u8]) -> bool {
        (self.shortest..=self.longest).contains(&rest.len())
            && rest.iter().all(|byte| self.alphabet.has(*byte))
            // Words joined by hyphens are names, not keys.
            && rest.iter().any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
    }

    fn at_start(&self, text: &[u8]) -> Option<Shaped> {
        let rest = text.strip_prefix(self.prefix.as_bytes())?;
        let run = rest.iter().take_while(|byte| self.alphabet.has(**byte)).count();
        let (run, next) = rest.split_at_checked(run)?;
        // The full stop of a sentence is none of the key's.
        let run = run.strip_suffix(b".").unwrap_or(run);
        let goes_on = next.first().is_some_and(|byte| Base64Url.has(*byte));
        let len = self.prefix.len().checked_add(run.len())?;
        let Self { provider, prefix, .. } = *self;
        (!goes_on && self.has_rest(run)).then_some(Shaped { provider, prefix, len })
    }
}

const fn shape(
    provider: &'static str,
    prefix: &'static str,
    alphabet: Alphabet,
    shortest: usize,
    longest: usize,
) -> Shape {
    Shape { provider, prefix, alphabet, shortest, longest }
}

/// The first that fits decides.
static SHAPES: [Shape; 42] = [
    shape("anthropic", "sk-ant-", Base64Url, 24, 256),
    shape("openrouter", "sk-or-", Base64Url, 32, 128),
    shape("openai", "sk-proj-", Base64Url, 20, 256),
    shape("openai", "sk-svcacct-", Base64Url, 20, 256),
    shape("openai", "sk-service-", Base64Url, 20, 256),
    shape("openai", "sk-admin-", Base64Url, 20, 256),
    shape("openai", "sk-None-", Base64Url, 20, 256),
    shape("deepseek", "sk-", Hex, 32, 32),
    shape("openai", "sk-", Letters, 40, 64),
    shape("google", "AIza", Base64Url, 35, 35),
    shape("google", "AQ.", Base64Url, 40, 128),
    shape("groq", "gsk_", Letters, 40, 64),
    shape("xai", "xai-", Letters, 40, 128),
    shape("perplexity", "pplx-", Letters, 32, 64),
    shape("together", "tgp_v1_", Base64Url, 32, 64),
    shape("fireworks", "fw_", Letters, 20, 40),
    shape("github", "ghp_", Letters, 36, 255),
    shape("github", "gho_", Letters, 36, 255),
    shape("github", "ghu_", Letters, 36, 255),
    shape("github", "ghs_", Dotted, 36, 1024),
    shape("github", "ghr_", Letters, 36, 255),
    shape("github", "github_pat_", Word, 40, 255),
    shape("stripe", "sk_live_", Letters, 16, 255),
    shape("stripe", "sk_test_", Letters, 16, 255),
    shape("stripe", "rk_live_", Letters, 16, 255),
    shape("stripe", "rk_test_", Letters, 16, 255),
    shape("slack", "xoxa-", Base64Url, 20, 255),
    shape("slack", "xoxb-", Base64Url, 20, 255),
    shape("slack", "xoxp-", Base64Url, 20, 255),
    shape("slack", "xoxe-", Base64Url, 20, 255),
    shape("slack", "xoxe.xox", Base64Url, 20, 255),
    shape("slack", "xapp-", Base64Url, 20, 255),
    shape("linear", "lin_api_", Letters, 32, 64),
    shape("linear", "lin_oauth_", Letters, 32, 128),
    shape("notion", "ntn_", Letters, 40, 64),
    shape("notion", "secret_", Letters, 43, 43),
    shape("tavily", "tvly-", Base64Url, 20, 64),
    shape("brave", "BSA", Base64Url, 28, 28),
    shape("elevenlabs", "sk_", Hex, 40, 64),
    shape("replicate", "r8_", Letters, 32, 40),
    shape("huggingface", "hf_", Letters, 30, 40),
    shape("huggingface", "api_org_", Letters, 30, 40),
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::find_builtin;
    use super::*;
    use crate::domain::key_text::{KeyText, SECRET_BYTES};

    /// Digits and letters without a meaning, put together here: no scanner takes them for keys.
    fn rest(len: usize) -> String {
        "0aB1cD2eF3".chars().cycle().take(len).collect()
    }

    fn hex(len: usize) -> String {
        "0a1b2c3d4e5f".chars().cycle().take(len).collect()
    }

    #[test]
    fn keys_are_told_by_their_form() {
        let cases = [
            ("openai", format!("sk-{}", rest(48))),
            ("openai", format!("sk-proj-{}-_{}", rest(60), rest(60))),
            ("openai", format!("sk-svcacct-{}", rest(120))),
            ("anthropic", format!("sk-ant-api03-{}-{}AA", rest(50), rest(40))),
            ("openrouter", format!("sk-or-v1-{}", hex(64))),
            ("deepseek", format!("sk-{}", hex(32))),
            ("google", format!("AIza{}", rest(35))),
            ("groq", format!("gsk_{}", rest(52))),
            ("xai", format!("xai-{}", rest(80))),
            ("perplexity", format!("pplx-{}", rest(48))),
            ("together", format!("tgp_v1_{}", rest(43))),
            ("fireworks", format!("fw_{}", rest(24))),
            ("github", format!("ghp_{}", rest(36))),
            ("github", format!("ghs_{}", rest(36))),
            ("github", format!("github_pat_{}_{}", rest(22), rest(59))),
            ("stripe", format!("sk_live_{}", rest(24))),
            ("stripe", format!("rk_live_{}", rest(99))),
            ("slack", format!("xoxb-{}-{}", rest(12), rest(24))),
            ("notion", format!("ntn_{}", rest(46))),
            ("notion", format!("secret_{}", rest(43))),
            ("linear", format!("lin_api_{}", rest(40))),
            ("tavily", format!("tvly-dev-{}", rest(32))),
            ("elevenlabs", format!("sk_{}", hex(48))),
            ("replicate", format!("r8_{}", rest(37))),
            ("huggingface", format!("hf_{}", rest(34))),
            ("brave", format!("BSA{}", rest(28))),
        ];
        for (provider, key) in cases {
            assert_eq!(provider_of_key(&key), Some(provider), "{key}");
            assert_eq!(provider_of_key(&format!("{key} ")), None);
            assert_eq!(provider_of_key(&format!("key={key}")), None);
        }
    }

    #[test]
    fn ordinary_values_are_no_keys() {
        for text in [
            "",
            "sk-",
            "sk-ant-",
            "sk-learn-with-me-and-many-others-in-2026",
            "/usr/local/bin:/usr/bin",
            "https://api.openai.com/v1",
            "secret_santa",
            "secret_key_base_of_the_application_in_production",
            "hf_hub_cache_directory_of_this_machine",
            "xai-cluster-west-4.internal",
            "fw_rules",
            "tvly-",
            "xapp-com-example-application-name",
            "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "0b5bc6b0-2a4c-4d0e-8a5e-5d1c1f5b3c1a",
        ] {
            assert_eq!(provider_of_key(text), None, "{text}");
        }
    }

    #[test]
    fn shapes_are_of_providers_and_can_be_reached() {
        for shape in &SHAPES {
            assert!(find_builtin(shape.provider).is_some(), "{}", shape.provider);
            assert!(shape.shortest >= 16 && shape.shortest <= shape.longest, "{}", shape.prefix);
        }
    }

    proptest! {
        #[test]
        fn a_proxy_key_is_never_taken_for_a_real_one(random: [u8; SECRET_BYTES]) {
            prop_assert_eq!(provider_of_key(KeyText::from_random(&random).expose()), None);
        }
    }
}
