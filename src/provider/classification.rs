//! Looking a path up in a provider's rows.

use std::borrow::Cow;

use super::paths::{below, lax, plain};
use super::{Auth, Dialect, Endpoint, Provider};
use crate::domain::endpoint::EndpointClass;

impl Provider {
    /// The class of the endpoint that a request goes to, by the path that is sent upstream,
    /// without its query.
    ///
    /// A minting endpoint is found however its path is spelled and whatever the method; the
    /// others by their exact path.
    #[must_use]
    pub fn classify(&self, method: &str, path: &str) -> EndpointClass {
        if self.mints(path) {
            return EndpointClass::Minting;
        }
        self.endpoint(path, |endpoint| endpoint.takes(method))
            .map_or(EndpointClass::Other, |endpoint| endpoint.class)
    }

    /// How the credential is placed in a request for this path, which is the one sent upstream.
    #[must_use]
    pub fn auth_for(&self, path: &str) -> &Auth {
        self.branch(path).map_or(&self.auth, |branch| &branch.auth)
    }

    /// The dialect in which a client of this path, which is the one sent upstream, expects its
    /// errors.
    #[must_use]
    pub fn dialect_for(&self, path: &str) -> Dialect {
        self.branch(path).map_or(self.dialect, |branch| branch.dialect)
    }

    /// The first row about this path, of those that `also` is true of.
    pub(super) fn endpoint(
        &self,
        path: &str,
        also: impl Fn(&Endpoint) -> bool,
    ) -> Option<&'static Endpoint> {
        self.spellings(path).find_map(|path| {
            let segments = plain(&path)?;
            self.endpoints.iter().find(|endpoint| also(endpoint) && endpoint.covers(&segments))
        })
    }

    fn mints(&self, path: &str) -> bool {
        let minting = |endpoint: &&Endpoint| endpoint.class == EndpointClass::Minting;
        let mut rows = self.endpoints.iter().filter(minting).peekable();
        if rows.peek().is_none() {
            return false;
        }
        let spellings: Vec<_> = self.spellings(path).map(|path| lax(&path)).collect();
        rows.any(|row| spellings.iter().any(|segments| row.covers_in_any_case(segments)))
    }

    fn branch(&self, path: &str) -> Option<&'static super::table::Branch> {
        self.spellings(path)
            .find_map(|path| self.branches.iter().find(|row| below(&path, row.under).is_some()))
    }

    /// The path, and, where a base URL has moved the API, the one that the table has for it.
    fn spellings<'a>(&self, path: &'a str) -> impl Iterator<Item = Cow<'a, str>> {
        let at_home = self.moved_from.as_ref().and_then(|home| {
            let tail = below(path, &self.base_path)?;
            Some(Cow::Owned(format!("{}{tail}", home.base_path)))
        });
        std::iter::once(Cow::Borrowed(path)).chain(at_home)
    }
}

#[cfg(test)]
mod tests {
    use EndpointClass::{Free, Metered, Minting, Other};
    use proptest::prelude::*;

    use super::super::{BaseUrl, builtin, find_builtin};
    use super::*;

    #[test]
    fn endpoints_have_their_classes() {
        let cases = [
            ("openai", "POST", "/v1/chat/completions", Metered),
            ("openai", "POST", "/v1/chat/completions/", Metered),
            ("openai", "GET", "/v1/chat/completions", Other),
            ("openai", "POST", "/v1/chat//completions", Other),
            ("openai", "POST", "/v1/moderations", Free),
            ("openai", "HEAD", "/v1/models", Free),
            ("openai", "GET", "/v1/models/ft:gpt-4o:org::id", Free),
            ("openai", "DELETE", "/v1/models/ft:gpt-4o:org::id", Other),
            ("openai", "POST", "/v1/batches", Other),
            ("openai", "GET", "/v1/organization/admin_api_keys", Minting),
            ("openai", "GET", "/v1/organizational", Other),
            ("anthropic", "POST", "/v1/messages", Metered),
            ("anthropic", "POST", "/v1/messages/count_tokens", Free),
            ("anthropic", "POST", "/v1/messages/batches", Other),
            ("anthropic", "GET", "/v1/organizations/api_keys", Minting),
            ("google", "POST", "/v1beta/models/gemini-2.0-flash:generateContent", Metered),
            ("google", "POST", "/v1beta/models/gemini-2.0-flash%3AgenerateContent", Metered),
            ("google", "POST", "/v1/models/gemini-2.0-flash:streamGenerateContent", Metered),
            ("google", "POST", "/v1beta/models/gemini-2.0-flash:countTokens", Free),
            ("google", "POST", "/v1beta/models/gemini-2.0-flash:novelty", Other),
            ("google", "GET", "/v1beta/models/gemini-2.0-flash", Free),
            ("google", "POST", "/v1beta/openai/chat/completions", Metered),
            ("google", "POST", "/v1beta/auth_tokens", Minting),
            ("openrouter", "POST", "/api/v1/keys/", Minting),
            ("openrouter", "GET", "/api/v1/key", Other),
            ("openrouter", "GET", "/api/v1/models/a/b:free/endpoints", Free),
            ("groq", "POST", "/openai/v1/chat/completions", Metered),
            ("groq", "GET", "/openai/v1/models/openai/gpt-oss-20b", Free),
            ("fireworks", "POST", "/v1/accounts/a/users/u/apiKeys:delete", Minting),
            ("perplexity", "POST", "/generate_auth_token", Minting),
            ("deepseek", "POST", "/anthropic/v1/messages", Metered),
            ("cohere", "POST", "/compatibility/v1/chat/completions", Metered),
            ("serpapi", "GET", "/account.json", Minting),
            ("stripe", "POST", "/v1/charges", Other),
        ];
        for (name, method, path, class) in cases {
            assert_eq!(
                find_builtin(name).unwrap().classify(method, path),
                class,
                "{method} {path}"
            );
        }
    }

    #[test]
    fn minting_endpoints_are_closed_however_they_are_spelled() {
        for path in [
            "/v1/realtime/client_secrets",
            "/v1/realtime/client_secrets/",
            "/v1/realtime/client_secrets/x",
            "/V1/Realtime/CLIENT_SECRETS",
            "/v1//realtime///client_secrets",
            "/v1/realtime/./client_secrets",
            "/v1/realtime/x/../client_secrets",
            "/v1;a=b/realtime;c/client_secrets;d",
            "/v1/realtime/client%5Fsecrets",
            "/v1/realtime/client%255Fsecrets",
            "/v1%2Frealtime%2fclient_secrets",
            "/v1\\realtime\\client_secrets",
            "/v1/realtime/client_secrets%3Fa=b",
            "/v1/realtime/client_secrets%00",
            "/v1/realtime/client_secrets%20",
            "/%76%31/%72ealtime/sessions",
        ] {
            for method in ["GET", "POST", "post", "PUT"] {
                let openai = find_builtin("openai").unwrap();
                assert_eq!(openai.classify(method, path), Minting, "{method} {path}");
            }
        }
    }

    #[test]
    fn a_base_url_moves_the_classes_too() {
        let base = BaseUrl::parse("https://gateway.example/openai/v1", false).unwrap();
        let moved = find_builtin("openai").unwrap().with_base_url(&base);
        assert_eq!(moved.classify("POST", "/openai/v1/chat/completions"), Metered);
        assert_eq!(moved.classify("POST", "/openai/v1/Realtime/Client_Secrets/"), Minting);
        let base = BaseUrl::parse("http://localhost:8000", false).unwrap();
        let moved = find_builtin("openai").unwrap().with_base_url(&base);
        assert_eq!(moved.classify("POST", "/v1/realtime/client_secrets"), Minting);
        assert_eq!(moved.classify("POST", "/realtime/client_secrets"), Minting);
        assert_eq!(moved.classify("POST", "/v1/chat/completions"), Metered);
    }

    #[test]
    fn parts_of_an_api_have_their_own_auth_and_dialect() {
        let cases = [
            ("deepseek", "/anthropic/v1/messages", Auth::header("x-api-key"), Dialect::Anthropic),
            ("deepseek", "/anthropicx", Auth::Bearer, Dialect::OpenAi),
            ("google", "/v1beta/openai/chat/completions", Auth::Bearer, Dialect::OpenAi),
            ("google", "/v1beta/models", Auth::header("x-goog-api-key"), Dialect::Google),
            ("cohere", "/compatibility/v1/embeddings", Auth::Bearer, Dialect::OpenAi),
            ("cohere", "/v2/chat", Auth::Bearer, Dialect::Cohere),
            ("openrouter", "/api/v1/messages", Auth::Bearer, Dialect::Anthropic),
        ];
        for (name, path, auth, dialect) in cases {
            let provider = find_builtin(name).unwrap();
            assert_eq!(provider.auth_for(path), &auth, "{path}");
            assert_eq!(provider.dialect_for(path), dialect, "{path}");
        }
    }

    proptest! {
        #[test]
        fn no_path_panics(path in "/([a-z0-9.:;%/\\\\]|\\PC)*", method in "[A-Z]{0,7}") {
            for provider in builtin() {
                let _ = provider.classify(&method, &path);
                let _ = provider.auth_for(&path);
                let _ = provider.model_place(&path);
            }
        }

        /// Whatever is encoded, a minting endpoint stays one.
        #[test]
        fn encodings_open_no_minting_endpoint(mask in any::<u32>()) {
            let path: String = "/v1/realtime/client_secrets"
                .bytes()
                .enumerate()
                .map(|(at, byte)| match mask.checked_shr(at.try_into().unwrap()) {
                    Some(bits) if bits & 1 == 1 => format!("%{byte:02x}"),
                    _ => char::from(byte).to_string(),
                })
                .collect();
            prop_assert_eq!(find_builtin("openai").unwrap().classify("POST", &path), Minting);
        }
    }
}
