//! Environment variables that clients read. Only their names: nothing here reads one.

use std::borrow::Cow;

use super::{Provider, builtin, find_builtin};

/// Variables that hold credentials of AI services which no row of the table forwards: those of
/// clouds, of gateways and of other providers, and the token of a Claude subscription.
pub const OTHER_KEY_VARIABLES: &[&str] = &[
    "AI21_API_KEY",
    "AI_GATEWAY_API_KEY",
    "ANTHROPIC_AWS_API_KEY",
    "ANTHROPIC_FOUNDRY_API_KEY",
    "ANTHROPIC_FOUNDRY_AUTH_TOKEN",
    "ARK_API_KEY",
    "ASSEMBLYAI_API_KEY",
    "AWS_BEARER_TOKEN_BEDROCK",
    "AZURE_API_KEY",
    "AZURE_OPENAI_API_KEY",
    "CEREBRAS_API_KEY",
    "CLAUDE_CODE_OAUTH_TOKEN",
    "DASHSCOPE_API_KEY",
    "DEEPGRAM_API_KEY",
    "DEEPINFRA_API_KEY",
    "FAL_KEY",
    "HYPERBOLIC_API_KEY",
    "JINA_API_KEY",
    "LITELLM_API_KEY",
    "LLAMA_CLOUD_API_KEY",
    "MINIMAX_API_KEY",
    "MOONSHOT_API_KEY",
    "NEBIUS_API_KEY",
    "NOVITA_API_KEY",
    "NVIDIA_API_KEY",
    "OLLAMA_API_KEY",
    "SAMBANOVA_API_KEY",
    "SILICONFLOW_API_KEY",
    "STABILITY_API_KEY",
    "VOYAGE_API_KEY",
    "ZAI_API_KEY",
    "ZHIPUAI_API_KEY",
];

/// The variables of one provider's clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// Those that its key may lie in; the first is the one to set.
    pub keys: Vec<Cow<'static, str>>,
    /// Those that a base URL may lie in; the first goes before the others.
    pub bases: Vec<BaseName>,
}

/// A variable that clients read a base URL from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseName {
    /// Its name.
    pub name: Cow<'static, str>,
    /// What stands in it after `http://HOST:PORT/{provider}`.
    pub path: &'static str,
    /// Who reads it.
    pub reader: Reader,
}

/// Who reads a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// The provider's SDK, or most clients.
    Sdk,
    /// `LiteLLM`, so aider.
    LiteLlm,
    /// Some client; that somebody has set it shows that one does.
    Some,
}

/// Every variable that a built-in provider's key may lie in, with the provider.
pub fn key_variables() -> impl Iterator<Item = (&'static str, &'static Provider)> {
    builtin().iter().flat_map(|row| {
        let further = FURTHER.iter().filter(|further| further.provider == row.name);
        let further = further.flat_map(|further| further.keys);
        row.key_variables.iter().chain(further).map(move |name| (*name, row))
    })
}

/// Every variable that is known to hold an API key, for whoever clears them.
pub fn all_key_variables() -> impl Iterator<Item = &'static str> {
    key_variables().map(|(name, _)| name).chain(OTHER_KEY_VARIABLES.iter().copied())
}

/// The built-in provider whose key lies in the variable of this name.
#[must_use]
pub fn provider_of_variable(name: &str) -> Option<&'static Provider> {
    key_variables().find(|(variable, _)| *variable == name).map(|(_, row)| row)
}

/// The variables of a provider's clients. Those of an added provider, which has no SDK, are named
/// after it; so is the key's of one whose row names none.
#[must_use]
pub fn names(provider: &Provider) -> Names {
    let builtin = find_builtin(&provider.name).filter(|_| !provider.custom);
    let keys = key_variables().filter(|(_, row)| builtin == Some(*row));
    let mut keys: Vec<_> = keys.map(|(name, _)| Cow::Borrowed(name)).collect();
    if keys.is_empty() {
        keys.push(Cow::Owned(named_after(provider, "API_KEY")));
    }
    let own = provider.base_url_variable.map(|variable| BaseName {
        name: Cow::Borrowed(variable.name),
        path: variable.path,
        reader: Reader::Sdk,
    });
    let mut bases: Vec<_> = own.into_iter().collect();
    if provider.custom {
        let name = Cow::Owned(named_after(provider, "BASE_URL"));
        bases.push(BaseName { name, path: "", reader: Reader::Sdk });
    }
    let further =
        FURTHER.iter().filter(|further| builtin.is_some_and(|row| row.name == further.provider));
    bases.extend(further.flat_map(|further| further.bases).map(|(name, path, reader)| BaseName {
        name: Cow::Borrowed(*name),
        path,
        reader: *reader,
    }));
    Names { keys, bases }
}

/// The variables, with their values, that point a provider's SDK at the proxy.
///
/// `proxy_base` is scheme, host and port (`http://127.0.0.1:4100`). A provider whose row names no
/// variable for its key gets one named after it (`STRIPE_API_KEY`). One whose SDK reads no base
/// URL gets none; for an added provider, which has no SDK, it is named after it too.
#[must_use]
pub fn lines_for(provider: &Provider, proxy_base: &str, key: &str) -> Vec<(String, String)> {
    let key_name = match provider.key_variables.first() {
        Some(name) => (*name).to_owned(),
        None => named_after(provider, "API_KEY"),
    };
    let base = match provider.base_url_variable {
        Some(variable) => Some((variable.name.to_owned(), variable.path)),
        None if provider.custom => Some((named_after(provider, "BASE_URL"), "")),
        None => None,
    };
    let proxy_base = proxy_base.trim_end_matches('/');
    let mut lines = vec![(key_name, key.to_owned())];
    lines.extend(base.map(|(name, path)| (name, format!("{proxy_base}/{}{path}", provider.name))));
    lines
}

fn named_after(provider: &Provider, what: &str) -> String {
    let name = provider.name.to_ascii_uppercase().replace('-', "_");
    format!("{name}_{what}")
}

/// What clients read beside the variables of a provider's row.
struct Further {
    provider: &'static str,
    keys: &'static [&'static str],
    /// Name, path and reader.
    bases: &'static [(&'static str, &'static str, Reader)],
}

const fn bases(
    provider: &'static str,
    bases: &'static [(&'static str, &'static str, Reader)],
) -> Further {
    Further { provider, keys: &[], bases }
}

const fn keys(provider: &'static str, keys: &'static [&'static str]) -> Further {
    Further { provider, keys, bases: &[] }
}

/// The paths suit a proxy of till, which adds a provider's root where it is missing.
static FURTHER: [Further; 20] = [
    // LangChain, LlamaIndex, aider; Codex reads the first key, older scripts the other.
    Further {
        provider: "openai",
        keys: &["CODEX_API_KEY", "OPENAI_KEY"],
        bases: &[("OPENAI_API_BASE", "/v1", Reader::Sdk)],
    },
    // LangChain reads the first before `ANTHROPIC_BASE_URL`.
    bases(
        "anthropic",
        &[("ANTHROPIC_API_URL", "", Reader::Some), ("ANTHROPIC_API_BASE", "", Reader::LiteLlm)],
    ),
    // `LiteLLM`, which has no other.
    bases("google", &[("GEMINI_API_BASE", "", Reader::Sdk)]),
    bases("openrouter", &[("OPENROUTER_API_BASE", "/api/v1", Reader::LiteLlm)]),
    bases("mistral", &[("MISTRAL_API_BASE", "/v1", Reader::LiteLlm)]),
    bases("groq", &[("GROQ_API_BASE", "", Reader::Some)]),
    bases("together", &[("TOGETHER_AI_API_BASE", "/v1", Reader::LiteLlm)]),
    bases("perplexity", &[("PERPLEXITY_API_BASE", "", Reader::LiteLlm)]),
    bases("deepseek", &[("DEEPSEEK_API_BASE", "", Reader::LiteLlm)]),
    bases("xai", &[("XAI_API_BASE", "/v1", Reader::LiteLlm)]),
    keys("github", &["GITHUB_PERSONAL_ACCESS_TOKEN"]),
    keys("stripe", &["STRIPE_API_KEY", "STRIPE_SECRET_KEY"]),
    keys("slack", &["SLACK_API_KEY", "SLACK_BOT_TOKEN", "SLACK_TOKEN", "SLACK_USER_TOKEN"]),
    keys("linear", &["LINEAR_API_KEY"]),
    keys("notion", &["NOTION_API_KEY", "NOTION_TOKEN"]),
    keys("tavily", &["TAVILY_API_KEY"]),
    keys("brave", &["BRAVE_API_KEY", "BRAVE_SEARCH_API_KEY"]),
    keys("serpapi", &["SERPAPI_API_KEY", "SERPAPI_KEY", "SERP_API_KEY"]),
    keys("elevenlabs", &["ELEVENLABS_API_KEY", "ELEVEN_API_KEY", "XI_API_KEY"]),
    keys(
        "huggingface",
        &[
            "HUGGINGFACEHUB_API_TOKEN",
            "HUGGINGFACE_API_KEY",
            "HUGGINGFACE_TOKEN",
            "HUGGING_FACE_HUB_TOKEN",
        ],
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::{Auth, CustomProvider};
    use super::*;

    fn lines(provider: &Provider) -> Vec<String> {
        let lines = lines_for(provider, "http://127.0.0.1:4100/", "till_sk_x");
        lines.into_iter().map(|(name, value)| format!("{name}={value}")).collect()
    }

    fn custom() -> Provider {
        let custom =
            CustomProvider::new("my-api", "https://x.example", Auth::Bearer, vec![], false);
        custom.unwrap().provider()
    }

    #[test]
    fn sdks_are_pointed_at_the_proxy() {
        let of = |name| lines(find_builtin(name).unwrap());
        assert_eq!(
            of("openai"),
            ["OPENAI_API_KEY=till_sk_x", "OPENAI_BASE_URL=http://127.0.0.1:4100/openai/v1"]
        );
        assert_eq!(
            of("anthropic"),
            ["ANTHROPIC_API_KEY=till_sk_x", "ANTHROPIC_BASE_URL=http://127.0.0.1:4100/anthropic"]
        );
        assert_eq!(of("mistral"), ["MISTRAL_API_KEY=till_sk_x"]);
        assert_eq!(of("stripe"), ["STRIPE_API_KEY=till_sk_x"]);
        assert_eq!(
            lines(&custom()),
            ["MY_API_API_KEY=till_sk_x", "MY_API_BASE_URL=http://127.0.0.1:4100/my-api"]
        );
    }

    #[test]
    fn the_further_names_of_sdks_are_known() {
        for name in [
            "ANTHROPIC_AUTH_TOKEN",
            "GOOGLE_GENERATIVE_AI_API_KEY",
            "COHERE_API_KEY",
            "AZURE_OPENAI_API_KEY",
            "PERPLEXITYAI_API_KEY",
            "TOGETHERAI_API_KEY",
            "GH_TOKEN",
            "SLACK_BOT_TOKEN",
        ] {
            assert!(all_key_variables().any(|known| known == name), "{name}");
        }
        assert_eq!(provider_of_variable("NOTION_TOKEN").unwrap().name, "notion");
        assert_eq!(provider_of_variable("AZURE_OPENAI_API_KEY"), None);
    }

    #[test]
    fn a_variable_means_one_thing() {
        let mut seen = HashSet::new();
        for row in builtin() {
            let Names { keys, bases } = names(row);
            let bases = bases.into_iter().map(|base| base.name);
            for name in keys.into_iter().chain(bases) {
                assert!(seen.insert(name.clone()), "{name}");
            }
        }
        for name in OTHER_KEY_VARIABLES {
            assert!(seen.insert((*name).into()), "{name}");
        }
        for row in &FURTHER {
            assert!(find_builtin(row.provider).is_some(), "{}", row.provider);
        }
    }

    #[test]
    fn what_is_set_by_name_is_what_the_row_names() {
        for row in builtin() {
            let names = names(row);
            let lines = lines_for(row, "", "");
            assert_eq!(names.keys.first().unwrap(), &lines[0].0, "{}", row.name);
            let base = row.base_url_variable.map(|variable| variable.name);
            assert!(base.is_none_or(|base| names.bases[0].name == base), "{}", row.name);
        }
        let own = names(&custom());
        assert_eq!(own.keys, ["MY_API_API_KEY"]);
        assert_eq!(own.bases[0].name, "MY_API_BASE_URL");
    }
}
