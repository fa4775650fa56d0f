//! What a key may be used for: models, endpoints, client addresses.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;

use super::endpoint::EndpointClass;
use super::pattern::Pattern;

/// The scope of a key. An empty list allows what the list is about.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Scope {
    /// Models, by name.
    pub models: Vec<Pattern>,
    /// Endpoints. Where there are none: what the provider's table calls metered or free, or, of
    /// a provider without a meter, everything but minting endpoints.
    pub allow: Vec<Allow>,
    /// Client addresses.
    pub networks: Vec<IpNet>,
}

/// One `--allow`: a method and a path, both on what is sent upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allow {
    /// The method in capitals, or any.
    pub method: Option<String>,
    /// The path, from its first slash.
    pub path: Pattern,
}

impl FromStr for Allow {
    type Err = String;

    /// Reads `POST /v1/chat/*`; without a method, or with `*` for it, any method is meant.
    fn from_str(text: &str) -> Result<Self, String> {
        let (method, path) = match text.split_once(' ') {
            Some((method, path)) => (Some(method), path.trim_start()),
            None => (None, text),
        };
        let method = method.filter(|method| *method != "*");
        if method.is_some_and(|method| {
            method.is_empty() || !method.bytes().all(|byte| byte.is_ascii_uppercase())
        }) {
            return Err("the method is not in capitals; write it as in `POST /v1/chat/*`".into());
        }
        if !path.starts_with('/') {
            return Err("the path does not begin with `/`; write it as in `POST /v1/chat/*`".into());
        }
        Ok(Self { method: method.map(str::to_owned), path: Pattern::over_paths(path)? })
    }
}

impl fmt::Display for Allow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method.as_deref().unwrap_or("*"), self.path)
    }
}

/// The models that a request asks for, as far as anybody looked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Models {
    /// The endpoint has none: a list, a count.
    None,
    /// Nobody looked, or there was none to be found.
    Unseen,
    /// These: more than one where the request names fallbacks.
    Named(Vec<String>),
}

/// What a scope is held against.
#[derive(Clone, Debug)]
pub struct Target {
    /// The method, as sent.
    pub method: String,
    /// The path, as sent upstream, without its query.
    pub path: String,
    /// The class of that endpoint.
    pub class: EndpointClass,
    /// Whether the provider has a meter: of one without, `other` endpoints are open.
    pub metered_provider: bool,
    /// The models.
    pub models: Models,
    /// Where the client calls from.
    pub client: IpAddr,
}

impl Scope {
    /// Whether the scope allows the request.
    ///
    /// # Errors
    /// What is not allowed, in words with the figures.
    pub fn check(&self, target: &Target) -> Result<(), String> {
        self.check_endpoint(target)?;
        self.check_model(target)?;
        let client = target.client.to_canonical();
        if self.networks.is_empty() || self.networks.iter().any(|net| net.contains(&client)) {
            Ok(())
        } else {
            Err(format!("the key may not be used from {client}"))
        }
    }

    /// Refuses a scope that can be shown to be wider than this one. An empty list allows all, so
    /// where there is one here there has to be one there.
    ///
    /// # Errors
    /// What is wider, in words.
    pub fn holds(&self, narrower: &Self) -> Result<(), String> {
        let outside = outside_of(&self.models, &narrower.models, Pattern::holds);
        outside.map_or(Ok(()), |model| Err(format!("the models {model}")))?;
        let outside = outside_of(&self.allow, &narrower.allow, Allow::holds);
        outside.map_or(Ok(()), |allow| Err(format!("the endpoints {allow}")))?;
        let inside = |net: &IpNet, other: &IpNet| net.contains(other);
        let outside = outside_of(&self.networks, &narrower.networks, inside);
        outside.map_or(Ok(()), |net| Err(format!("the addresses {net}")))
    }

    /// The scope with what it leaves open as `bound` has it.
    #[must_use]
    pub fn filled(mut self, bound: &Self) -> Self {
        if self.models.is_empty() {
            self.models.clone_from(&bound.models);
        }
        if self.allow.is_empty() {
            self.allow.clone_from(&bound.allow);
        }
        if self.networks.is_empty() {
            self.networks.clone_from(&bound.networks);
        }
        self
    }

    fn check_endpoint(&self, target: &Target) -> Result<(), String> {
        let Target { method, path, class, .. } = target;
        let open = if self.allow.is_empty() {
            match class {
                EndpointClass::Metered | EndpointClass::Free => true,
                EndpointClass::Other => !target.metered_provider,
                EndpointClass::Minting => false,
            }
        } else {
            self.allow.iter().any(|allow| allow.covers(target))
        };
        if open {
            return Ok(());
        }
        let hint = if self.allow.is_empty() { "; `--allow` at minting would open it" } else { "" };
        Err(format!("the key may not call {method} {path} (an endpoint of class {class}){hint}"))
    }

    fn check_model(&self, target: &Target) -> Result<(), String> {
        if self.models.is_empty() {
            return Ok(());
        }
        let names = match &target.models {
            Models::None => return Ok(()),
            Models::Unseen => {
                return Err("the key is limited to models, and the request's model cannot be seen"
                    .to_owned());
            }
            Models::Named(names) => names,
        };
        let closed = |name: &&String| !self.models.iter().any(|model| model.matches(name));
        names.iter().find(closed).map_or(Ok(()), |name| {
            let shown: String = name.chars().filter(|c| !c.is_control()).take(80).collect();
            Err(format!("the key may not use the model `{shown}`"))
        })
    }
}

impl Allow {
    /// Refuses a pattern that matches nothing: the proxy sends no path on that has dot segments,
    /// empty segments or encoded slashes. Rows that were written with one are still read.
    ///
    /// # Errors
    /// What it spells out that no path has.
    pub fn check_reachable(&self) -> Result<(), String> {
        let never = |what| Err(format!("it can never match: no path that is sent on has {what}"));
        let path = self.path.as_str().to_ascii_lowercase().replace("%2e", ".");
        if path.contains("%2f") || path.contains("%5c") {
            return never("an encoded slash");
        }
        if path.split('/').any(|segment| segment == "." || segment == "..") {
            return never("a segment `.` or `..`");
        }
        if path.contains("//") { never("an empty segment, `//`") } else { Ok(()) }
    }

    /// Whether everything that `narrower` opens is opened here, as far as that can be shown.
    fn holds(&self, narrower: &Self) -> bool {
        let method = self.method.is_none() || self.method == narrower.method;
        method && self.path.holds(&narrower.path)
    }

    /// A minting endpoint is opened by its exact path alone, never by a wildcard.
    fn covers(&self, target: &Target) -> bool {
        self.method.as_ref().is_none_or(|method| *method == target.method)
            && self.path.matches(&target.path)
            && (target.class != EndpointClass::Minting || !self.path.has_wildcards())
    }
}

/// The first of `narrower` that nothing in `wider` holds, in words. An empty list is everything.
fn outside_of<T: fmt::Display>(
    wider: &[T],
    narrower: &[T],
    holds: impl Fn(&T, &T) -> bool,
) -> Option<String> {
    if wider.is_empty() {
        return None;
    }
    if narrower.is_empty() {
        return Some("of every name".to_owned());
    }
    let inside = |one: &T| wider.iter().any(|wide| holds(wide, one));
    narrower.iter().find(|one| !inside(one)).map(|one| format!("`{one}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(method: &str, path: &str, class: EndpointClass) -> Target {
        Target {
            method: method.into(),
            path: path.into(),
            class,
            metered_provider: true,
            models: Models::Named(vec!["gpt-4o-mini".into()]),
            client: "10.1.2.3".parse().unwrap(),
        }
    }

    fn allowing(patterns: &[&str]) -> Scope {
        let allow = patterns.iter().map(|text| text.parse().unwrap()).collect();
        Scope { allow, ..Scope::default() }
    }

    #[test]
    fn patterns_match_by_segments() {
        let cases = [
            ("POST /v1/chat/*", "/v1/chat/completions", true),
            ("POST /v1/chat/*", "/v1/chat/completions/abc", false),
            ("POST /v1/chat/*", "/v1/chatter", false),
            ("/v1", "/v1extra", false),
            ("/v1/**", "/v1/chat/completions", true),
            ("/v1/**", "/v1extra/chat", false),
            ("GET /v1/**", "/v1/models", false),
        ];
        for (pattern, path, open) in cases {
            let scope = allowing(&[pattern]);
            let answer = scope.check(&target("POST", path, EndpointClass::Metered));
            assert_eq!(answer.is_ok(), open, "{pattern} on {path}: {answer:?}");
        }
    }

    #[test]
    fn patterns_that_match_nothing_are_refused() {
        for path in ["/v1//chat", "//v1", "/v1/../x", "/v1/.", "/v1/%2e%2E/x", "/a%2Fb", "/a%5cb"] {
            let allow: Allow = format!("POST {path}").parse().unwrap();
            assert!(allow.check_reachable().is_err(), "{path}");
        }
        for path in ["/", "/v1/", "/v1/a..b", "/.well-known/x", "/v1/...", "/v1/a%20b", "/v1/**"] {
            assert_eq!(path.parse::<Allow>().unwrap().check_reachable(), Ok(()), "{path}");
        }
    }

    #[test]
    fn minting_endpoints_open_by_name_alone() {
        let minting = target("POST", "/v1/realtime/client_secrets", EndpointClass::Minting);
        assert!(Scope::default().check(&minting).is_err());
        assert!(allowing(&["/**"]).check(&minting).is_err());
        assert!(allowing(&["/v1/realtime/client_secret?"]).check(&minting).is_err());
        assert!(allowing(&["POST /v1/realtime/client_secrets"]).check(&minting).is_ok());
    }

    #[test]
    fn a_hidden_model_is_no_model_that_is_allowed() {
        let models = vec![Pattern::over_names("gpt-4o*").unwrap()];
        let scope = Scope { models, ..Scope::default() };
        let mut request = target("POST", "/v1/chat/completions", EndpointClass::Metered);
        assert!(scope.check(&request).is_ok());
        request.models = Models::Unseen;
        assert!(scope.check(&request).is_err());
        request.models = Models::Named(vec!["gpt-4o".into(), "o3".into()]);
        assert!(scope.check(&request).is_err());
        request.models = Models::None;
        assert!(scope.check(&request).is_ok());
    }

    #[test]
    fn a_scope_holds_what_is_inside() {
        let scope = |models: &[&str], allow: &[&str], networks: &[&str]| Scope {
            models: models.iter().map(|text| Pattern::over_names(text).unwrap()).collect(),
            allow: allow.iter().map(|text| text.parse().unwrap()).collect(),
            networks: networks.iter().map(|text| text.parse().unwrap()).collect(),
        };
        let wide = scope(&["gpt-*"], &["POST /v1/**"], &["10.0.0.0/8"]);
        let inside = scope(&["gpt-4o"], &["POST /v1/chat/*"], &["10.1.0.0/16", "10.2.3.4/32"]);
        assert_eq!(wide.holds(&inside), Ok(()));
        assert_eq!(Scope::default().holds(&wide), Ok(()));
        for wider in [
            Scope { models: Vec::new(), ..inside.clone() },
            scope(&["gpt-4o", "o3"], &["POST /v1/chat/*"], &["10.1.0.0/16"]),
            scope(&["gpt-4o"], &["/v1/chat/*"], &["10.1.0.0/16"]),
            scope(&["gpt-4o"], &["POST /v1/chat/*"], &["0.0.0.0/0"]),
        ] {
            assert!(wide.holds(&wider).is_err(), "{wider:?}");
        }
    }

    #[test]
    fn mapped_addresses_are_the_addresses_they_map() {
        let scope = Scope { networks: vec!["10.0.0.0/8".parse().unwrap()], ..Scope::default() };
        let mut request = target("GET", "/v1/models", EndpointClass::Free);
        request.client = "::ffff:10.9.9.9".parse().unwrap();
        assert!(scope.check(&request).is_ok());
        request.client = "192.168.0.1".parse().unwrap();
        assert!(scope.check(&request).is_err());
    }
}
