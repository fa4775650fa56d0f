//! Environment variables that SDKs read. Only their names: nothing here reads one.

use super::{Provider, builtin};

/// Variables that hold API keys of providers which have no row of their own.
pub const OTHER_KEY_VARIABLES: &[&str] = &["AZURE_OPENAI_API_KEY"];

/// Every variable that a built-in provider's key may lie in, with the provider.
pub fn key_variables() -> impl Iterator<Item = (&'static str, &'static Provider)> {
    builtin().iter().flat_map(|row| row.key_variables.iter().map(move |name| (*name, row)))
}

/// Every variable that is known to hold an API key, for whoever clears them.
pub fn all_key_variables() -> impl Iterator<Item = &'static str> {
    key_variables().map(|(name, _)| name).chain(OTHER_KEY_VARIABLES.iter().copied())
}

/// The variables, with their values, that point a provider's SDK at the proxy.
///
/// `proxy_base` is scheme, host and port (`http://127.0.0.1:4100`). A provider whose row names no
/// variable for its key gets one named after it (`STRIPE_API_KEY`). One whose SDK reads no base
/// URL gets none; for an added provider, which has no SDK, it is named after it too.
#[must_use]
pub fn lines_for(provider: &Provider, proxy_base: &str, key: &str) -> Vec<(String, String)> {
    let named = |what: &str| {
        let name = provider.name.to_ascii_uppercase().replace('-', "_");
        format!("{name}_{what}")
    };
    let key_name = match provider.key_variables.first() {
        Some(name) => (*name).to_owned(),
        None => named("API_KEY"),
    };
    let base = match provider.base_url_variable {
        Some(variable) => Some((variable.name.to_owned(), variable.path)),
        None if provider.custom => Some((named("BASE_URL"), "")),
        None => None,
    };
    let proxy_base = proxy_base.trim_end_matches('/');
    let mut lines = vec![(key_name, key.to_owned())];
    lines.extend(base.map(|(name, path)| (name, format!("{proxy_base}/{}{path}", provider.name))));
    lines
}

#[cfg(test)]
mod tests {
    use super::super::{Auth, CustomProvider, find_builtin};
    use super::*;

    fn lines(provider: &Provider) -> Vec<String> {
        let lines = lines_for(provider, "http://127.0.0.1:4100/", "till_sk_x");
        lines.into_iter().map(|(name, value)| format!("{name}={value}")).collect()
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
        let custom =
            CustomProvider::new("my-api", "https://x.example", Auth::Bearer, vec![], false);
        assert_eq!(
            lines(&custom.unwrap().provider()),
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
        ] {
            assert!(all_key_variables().any(|known| known == name), "{name}");
        }
    }
}
