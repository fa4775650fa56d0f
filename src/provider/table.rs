//! The provider table: what is built in, row by row.
//!
//! What could not be confirmed in an official source is marked so in its row.

mod anthropic;
mod apis;
mod cohere;
mod deepseek;
mod fireworks;
mod google;
mod groq;
mod mistral;
mod openai;
mod openrouter;
mod perplexity;
mod together;
mod xai;

use std::borrow::Cow;

use super::{Auth, Dialect, Endpoint, Origin};

/// One API that till forwards to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Provider {
    /// Its name, which its routes begin with.
    pub name: Cow<'static, str>,
    /// Scheme, host and port; no request ever changes them.
    pub origin: Origin,
    /// The path of its base URL: empty, or a slash and segments.
    pub base_path: Cow<'static, str>,
    /// What a path that the table does not know is put behind. Begins with the base path.
    pub root: Cow<'static, str>,
    /// How it takes its credential.
    pub auth: Auth,
    /// Further ways in which it would take one, so in which clients may bring a proxy key.
    pub alternatives: &'static [Auth],
    /// Parts of it that speak another dialect.
    pub branches: &'static [Branch],
    /// Headers that every request carries. What a client chooses itself, as `anthropic-version`
    /// and `Notion-Version`, is left to it.
    pub headers: Vec<(String, String)>,
    /// Whether cookies go through, both ways. They would be the account's: an agent gets none
    /// unless the operator wants it.
    pub cookies: bool,
    /// Variables that SDKs read its key from; the first is the one to set.
    pub key_variables: &'static [&'static str],
    /// The variable that its SDK reads a base URL from, if it reads one.
    pub base_url_variable: Option<BaseUrlVariable>,
    /// What is known of its endpoints. The first row that covers a request decides.
    pub endpoints: &'static [Endpoint],
    /// Whether its answers say what they cost: of a provider without a meter, `other` endpoints
    /// are open.
    pub meter: bool,
    /// The form of its errors.
    pub dialect: Dialect,
    /// Whether the operator added it.
    pub custom: bool,
    /// Whether plain http and private addresses are allowed.
    pub local: bool,
    /// Where the table's paths are, when a base URL of a master's own has moved the API.
    pub moved_from: Option<Place>,
}

/// Base path and root, as in [`Provider`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The path of the base URL.
    pub base_path: Cow<'static, str>,
    /// What unknown paths are put behind.
    pub root: Cow<'static, str>,
}

/// A part of an API with ways of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// The path that the part begins with, by segments.
    pub under: &'static str,
    /// How the part takes its credential.
    pub auth: Auth,
    /// The form of its errors.
    pub dialect: Dialect,
}

/// A variable that points an SDK elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BaseUrlVariable {
    /// Its name.
    pub name: &'static str,
    /// What stands in it after `http://HOST:PORT/{provider}`.
    pub path: &'static str,
}

/// The built-in providers: first those of AI models, then other APIs.
#[must_use]
pub fn builtin() -> &'static [Provider] {
    &TABLE
}

/// The built-in provider of this name.
#[must_use]
pub fn find_builtin(name: &str) -> Option<&'static Provider> {
    TABLE.iter().find(|provider| provider.name == name)
}

static TABLE: [Provider; 23] = [
    openai::PROVIDER,
    anthropic::PROVIDER,
    google::PROVIDER,
    openrouter::PROVIDER,
    mistral::PROVIDER,
    groq::PROVIDER,
    together::PROVIDER,
    fireworks::PROVIDER,
    perplexity::PROVIDER,
    deepseek::PROVIDER,
    xai::PROVIDER,
    cohere::PROVIDER,
    apis::GITHUB,
    apis::STRIPE,
    apis::SLACK,
    apis::LINEAR,
    apis::NOTION,
    apis::TAVILY,
    apis::BRAVE,
    apis::SERPAPI,
    apis::ELEVENLABS,
    apis::REPLICATE,
    apis::HUGGINGFACE,
];

/// What the rows are written in.
impl Provider {
    /// An API at this host and base path, which is its root too, that takes a Bearer token.
    const fn at(name: &'static str, host: &'static str, base_path: &'static str) -> Self {
        Self::with_root(name, host, base_path, base_path, Auth::Bearer)
    }

    const fn with_root(
        name: &'static str,
        host: &'static str,
        base_path: &'static str,
        root: &'static str,
        auth: Auth,
    ) -> Self {
        Self {
            name: Cow::Borrowed(name),
            origin: Origin::https(host),
            base_path: Cow::Borrowed(base_path),
            root: Cow::Borrowed(root),
            auth,
            alternatives: &[],
            branches: &[],
            headers: Vec::new(),
            cookies: false,
            key_variables: &[],
            base_url_variable: None,
            endpoints: &[],
            meter: false,
            dialect: Dialect::Plain,
            custom: false,
            local: false,
            moved_from: None,
        }
    }

    const fn keys(mut self, variables: &'static [&'static str]) -> Self {
        self.key_variables = variables;
        self
    }

    const fn base_url_in(mut self, name: &'static str, path: &'static str) -> Self {
        self.base_url_variable = Some(BaseUrlVariable { name, path });
        self
    }

    const fn or(mut self, alternatives: &'static [Auth]) -> Self {
        self.alternatives = alternatives;
        self
    }

    const fn branching(mut self, branches: &'static [Branch]) -> Self {
        self.branches = branches;
        self
    }

    const fn knowing(mut self, endpoints: &'static [Endpoint]) -> Self {
        self.endpoints = endpoints;
        self
    }

    /// Its answers are metered, and its errors look so.
    const fn metered(mut self, dialect: Dialect, endpoints: &'static [Endpoint]) -> Self {
        self.meter = true;
        self.dialect = dialect;
        self.endpoints = endpoints;
        self
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::paths::below;
    use super::super::{BaseUrl, Scheme};
    use super::*;
    use crate::domain::endpoint::EndpointClass;

    #[test]
    fn every_row_is_one_that_the_parsers_would_take() {
        for row in builtin() {
            let base = BaseUrl::parse(&row.base_url(), false).unwrap();
            assert_eq!(base.origin(), &row.origin, "{}", row.name);
            assert_eq!(base.path(), row.base_path, "{}", row.name);
            assert_eq!(row.origin.scheme, Scheme::Https);
            assert!(below(&row.root, &row.base_path).is_some(), "{}", row.name);
            assert!(!row.custom && !row.local && row.moved_from.is_none());
            for auth in row.alternatives.iter().chain([&row.auth]) {
                assert_eq!(auth.to_string().parse().as_ref(), Ok(auth), "{}", row.name);
            }
        }
    }

    #[test]
    fn names_are_unique_and_all_there() {
        let names: HashSet<_> = builtin().iter().map(|row| &row.name).collect();
        assert_eq!(names.len(), builtin().len());
        assert_eq!(builtin().iter().filter(|row| row.meter).count(), 12);
        assert_eq!(builtin().iter().filter(|row| !row.meter).count(), 11);
    }

    #[test]
    fn variables_belong_to_one_provider() {
        let mut seen = HashSet::new();
        for row in builtin() {
            let base = row.base_url_variable.map(|variable| variable.name);
            for variable in row.key_variables.iter().copied().chain(base) {
                assert!(seen.insert(variable), "{variable}");
            }
            assert!(!row.meter || !row.key_variables.is_empty(), "{}", row.name);
        }
    }

    #[test]
    fn every_endpoint_is_found_at_its_own_path() {
        for row in builtin() {
            let mut seen = HashSet::new();
            for endpoint in row.endpoints {
                let Endpoint { method, path, class, .. } = *endpoint;
                assert!(path.starts_with('/') && !path.ends_with('/'), "{path}");
                assert!(seen.insert((method, path)), "{} {path} stands twice", row.name);
                let sample = path.replace("/**", "/rest").replace('*', "name");
                let got = row.classify(method.unwrap_or("POST"), &sample);
                assert_eq!(got, class, "{}: an earlier row hides {path}", row.name);
                assert_eq!(row.upstream_path(&sample), sample, "{}", row.name);
                let colon = path.contains(':') && class == EndpointClass::Minting;
                assert!(!colon, "{path}: minting paths are matched without their colons");
            }
        }
    }
}
