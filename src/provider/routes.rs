//! From the path that a client asks for to the path that is sent upstream.

use std::borrow::Cow;

use super::BaseUrl;
use super::paths::below;
use super::table::{Place, Provider};

impl Provider {
    /// The path to send upstream for `/{provider}` + `rest`, both without a query.
    ///
    /// `rest` itself where it begins with the root or stands in the endpoint table, else the root
    /// and `rest`. It begins with exactly one slash.
    #[must_use]
    pub fn upstream_path(&self, rest: &str) -> String {
        let path = one_slash(rest);
        if below(&path, &self.root).is_some() {
            return path.into_owned();
        }
        let (base_path, root) = self.home();
        if below(&path, root).is_some() || self.endpoint(&path, |_| true).is_some() {
            return match below(&path, base_path) {
                Some(tail) => one_slash(&format!("{}{tail}", self.base_path)).into_owned(),
                None => path.into_owned(),
            };
        }
        self.at_root(&path)
    }

    /// The path to send upstream for `/v1` + `rest`, where the provider is known from the key:
    /// the root and `rest`.
    ///
    /// An API that has `/v1` itself, as its root or, having no root, in the endpoint table, is
    /// asked as it is spelled.
    #[must_use]
    pub fn rooted_path(&self, rest: &str) -> String {
        let path = one_slash(rest);
        let literal = format!("/v1{path}");
        let rooted = self.at_root(&path);
        let known = |path: &str| self.endpoint(path, |_| true).is_some();
        let (_, root) = self.home();
        let own = root.is_empty() && known(&literal) && !known(&rooted);
        if own || root == "/v1" {
            return self.upstream_path(&literal);
        }
        rooted
    }

    /// The same provider at a base URL of a master's own.
    ///
    /// The URL's path replaces the provider's base path. Where that stops short of the root
    /// (`ANTHROPIC_BASE_URL` has no `/v1`), what is missing is added unless the URL has it.
    #[must_use]
    pub fn with_base_url(&self, base: &BaseUrl) -> Self {
        let (home_base, home_root) = self.home();
        let missing = below(home_root, home_base).unwrap_or_default();
        let path = base.path();
        let base_path = match path.strip_suffix(missing) {
            Some(shorter) => shorter,
            None => path,
        };
        let moved_from = Place {
            base_path: Cow::Owned(home_base.to_owned()),
            root: Cow::Owned(home_root.to_owned()),
        };
        Self {
            origin: base.origin().clone(),
            root: Cow::Owned(format!("{base_path}{missing}")),
            base_path: Cow::Owned(base_path.to_owned()),
            local: self.local || base.is_local(),
            moved_from: Some(moved_from),
            ..self.clone()
        }
    }

    /// The base URL as people write it.
    #[must_use]
    pub fn base_url(&self) -> String {
        let Self { origin, base_path, .. } = self;
        format!("{origin}{base_path}")
    }

    /// Base path and root that the table's paths were written for.
    fn home(&self) -> (&str, &str) {
        match &self.moved_from {
            Some(home) => (&home.base_path, &home.root),
            None => (&self.base_path, &self.root),
        }
    }

    fn at_root(&self, path: &str) -> String {
        match (&*self.root, path) {
            ("", path) => path.to_owned(),
            (root, "/") => root.to_owned(),
            (root, path) => format!("{root}{path}"),
        }
    }
}

/// The path with exactly one slash before it: two would begin an authority (RFC 3986 §3.3).
fn one_slash(path: &str) -> Cow<'_, str> {
    let bare = path.trim_start_matches('/');
    match path.len().saturating_sub(bare.len()) {
        1 => Cow::Borrowed(path),
        _ => Cow::Owned(format!("/{bare}")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{builtin, find_builtin};
    use super::*;

    #[test]
    fn each_provider_is_asked_where_its_api_lies() {
        let cases = [
            ("openai", "/v1/chat/completions", "/v1/chat/completions"),
            ("openai", "/chat/completions", "/v1/chat/completions"),
            ("openai", "/v1extra", "/v1/v1extra"),
            ("openai", "", "/v1"),
            ("anthropic", "/v1/messages", "/v1/messages"),
            ("anthropic", "/messages", "/v1/messages"),
            ("google", "/v1beta/models/g:generateContent", "/v1beta/models/g:generateContent"),
            ("google", "/models/g:generateContent", "/v1beta/models/g:generateContent"),
            ("google", "/v1/models/g:generateContent", "/v1/models/g:generateContent"),
            ("google", "/v1beta/openai/chat/completions", "/v1beta/openai/chat/completions"),
            ("google", "/openai/chat/completions", "/v1beta/openai/chat/completions"),
            ("google", "/upload/v1beta/files", "/upload/v1beta/files"),
            ("google", "/v1alpha/auth_tokens", "/v1alpha/auth_tokens"),
            ("openrouter", "/chat/completions", "/api/v1/chat/completions"),
            ("openrouter", "/api/v1/messages", "/api/v1/messages"),
            ("mistral", "/chat/completions", "/v1/chat/completions"),
            ("groq", "/openai/v1/chat/completions", "/openai/v1/chat/completions"),
            ("groq", "/chat/completions", "/openai/v1/chat/completions"),
            ("together", "/v1/chat/completions", "/v1/chat/completions"),
            ("together", "/v2/videos", "/v2/videos"),
            ("fireworks", "/chat/completions", "/inference/v1/chat/completions"),
            ("fireworks", "/v1/accounts/a/models", "/v1/accounts/a/models"),
            ("perplexity", "/chat/completions", "/chat/completions"),
            ("deepseek", "/anthropic/v1/messages", "/anthropic/v1/messages"),
            ("deepseek", "/beta/completions", "/beta/completions"),
            ("xai", "/responses", "/v1/responses"),
            ("cohere", "/v2/chat", "/v2/chat"),
            ("cohere", "/chat", "/v2/chat"),
            ("cohere", "/v1/embed-jobs", "/v1/embed-jobs"),
            ("cohere", "/compatibility/v1/chat/completions", "/compatibility/v1/chat/completions"),
            ("github", "/repos/a/b", "/repos/a/b"),
            ("stripe", "/v1/charges", "/v1/charges"),
            ("slack", "/chat.postMessage", "/api/chat.postMessage"),
            ("slack", "/api/chat.postMessage", "/api/chat.postMessage"),
            ("linear", "/graphql", "/graphql"),
            ("notion", "/v1/pages", "/v1/pages"),
            ("tavily", "/search", "/search"),
            ("brave", "/res/v1/web/search", "/res/v1/web/search"),
            ("serpapi", "/search.json", "/search.json"),
            ("elevenlabs", "/v1/text-to-speech/x", "/v1/text-to-speech/x"),
            ("replicate", "/v1/predictions", "/v1/predictions"),
            ("huggingface", "/v1/chat/completions", "/v1/chat/completions"),
        ];
        for (name, rest, path) in cases {
            assert_eq!(find_builtin(name).unwrap().upstream_path(rest), path, "{name} {rest}");
        }
        for provider in builtin() {
            assert!(cases.iter().any(|(name, ..)| provider.name == *name), "{}", provider.name);
        }
    }

    #[test]
    fn v1_means_the_root() {
        let cases = [
            ("openai", "/chat/completions", "/v1/chat/completions"),
            ("groq", "/chat/completions", "/openai/v1/chat/completions"),
            ("deepseek", "/chat/completions", "/chat/completions"),
            ("google", "/models/g:generateContent", "/v1beta/models/g:generateContent"),
            ("cohere", "/chat", "/v2/chat"),
            ("google", "/files", "/v1beta/files"),
            ("perplexity", "/chat/completions", "/chat/completions"),
            ("perplexity", "/responses", "/v1/responses"),
            ("stripe", "/charges", "/v1/charges"),
            ("huggingface", "/chat/completions", "/v1/chat/completions"),
            ("github", "/user", "/user"),
        ];
        for (name, rest, path) in cases {
            assert_eq!(find_builtin(name).unwrap().rooted_path(rest), path, "{name} {rest}");
        }
    }

    #[test]
    fn a_base_url_takes_the_place_of_the_root() {
        let cases = [
            ("openai", "https://gw.example/openai/v1", "/v1/models", "/openai/v1/models"),
            ("openai", "https://gw.example/openai/v1", "/models", "/openai/v1/models"),
            ("openai", "https://gw.example/openai/v1", "/openai/v1/models", "/openai/v1/models"),
            ("openai", "http://localhost:8000", "/v1/models", "/v1/models"),
            ("openai", "http://localhost:8000/v1", "/models", "/v1/models"),
            ("anthropic", "https://gw.example/anthropic", "/v1/messages", "/anthropic/v1/messages"),
            ("anthropic", "https://gw.example/anthropic", "/messages", "/anthropic/v1/messages"),
            ("anthropic", "https://gw.example/a/v1", "/v1/messages", "/a/v1/messages"),
            ("google", "https://gw.example/g", "/v1alpha/auth_tokens", "/g/v1alpha/auth_tokens"),
            ("groq", "http://localhost:1/v1", "/openai/v1/models", "/v1/models"),
            ("github", "https://ghe.example/api/v3", "/user", "/api/v3/user"),
        ];
        for (name, url, rest, path) in cases {
            let base = BaseUrl::parse(url, false).unwrap();
            let moved = find_builtin(name).unwrap().with_base_url(&base);
            assert_eq!(moved.upstream_path(rest), path, "{name} at {url}: {rest}");
            assert!(moved.base_url().starts_with(&moved.origin.to_string()));
            assert_eq!(moved.with_base_url(&base), moved, "moving twice is moving once");
        }
    }

    proptest! {
        #[test]
        fn a_path_begins_with_one_slash(rest in "/{0,3}([/@.:a-z0-9%\\\\?#]|\\PC)*") {
            for provider in builtin() {
                for path in [provider.upstream_path(&rest), provider.rooted_path(&rest)] {
                    prop_assert!(path.starts_with('/') && !path.starts_with("//"), "{path}");
                    prop_assert_eq!(provider.upstream_path(&path), path);
                }
            }
        }
    }
}
