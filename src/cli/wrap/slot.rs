//! Where a client that reads its key from one of a provider's variables is sent: which variables
//! hold its base URL, what goes into them, and where its requests then go on to.

use super::super::environment::Environment;
use super::asked::Asked;
use super::clients::Agent;
use super::note::Note;
use crate::provider::base_url::BaseUrlError;
use crate::provider::environment::{BaseName, Reader, names};
use crate::provider::{BaseUrl, Provider, builtin};

/// A base URL in the environment that till cannot forward to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{variable}` holds a base URL that cannot be used: {why}")]
pub struct Unusable {
    /// The variable that holds it.
    pub variable: String,
    /// What is wrong with it.
    pub why: BaseUrlError,
}

/// A variable that gets a URL of the proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) variable: String,
    /// What stands after `http://HOST:PORT/{provider}`.
    pub(super) path: String,
}

/// What becomes of a client.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    /// Whose API it calls.
    pub(super) provider: Provider,
    /// Where that lies, when not where the table says.
    pub(super) base_url: Option<BaseUrl>,
    /// None where nothing can point it at the proxy.
    pub(super) routes: Vec<Route>,
    /// What is said about a base URL that was set.
    pub(super) note: Option<Note>,
}

impl Slot {
    /// The slot of the variables that belong to `home`.
    ///
    /// A base URL that is set there decides whose API it is: `OPENAI_BASE_URL` may lead to
    /// `OpenRouter`. Not so for a key that is `sealed` as a master, whose destination is known.
    pub(super) fn of(home: &Provider, sealed: bool, asked: &Asked) -> Result<Self, Unusable> {
        let names = names(home);
        let touched = |name: &str| asked.choices.keeps(name) || asked.choices.drops(name);
        let bases: Vec<_> = names.bases.iter().filter(|base| !touched(&base.name)).collect();
        let mut set = Vec::new();
        for base in &bases {
            if let Some(url) = base_url(asked.environment, &base.name)? {
                set.push((*base, url));
            }
        }
        let first = set.first().filter(|_| !sealed);
        let there =
            first.and_then(|(_, url)| builtin().iter().find(|row| &row.origin == url.origin()));
        let provider = there.unwrap_or(home);
        let elsewhere = first.filter(|(_, url)| url.origin() != &provider.origin);
        let note = first.and_then(|(base, url)| match (there, elsewhere) {
            (_, Some(_)) => Some(format!("`{}` was set: requests go on to {url}", base.name)),
            (Some(there), _) if there.name != home.name => Some(format!(
                "`{}` was set: requests go on to the API of `{}`",
                base.name, there.name
            )),
            _ => None,
        });
        // A key that the client keeps would be sent to the proxy, which does not know it.
        let kept = names.keys.iter().any(|name| asked.choices.keeps(name));
        let routes = bases.iter().filter(|_| !kept).filter_map(|base| {
            let own = set.iter().find(|(one, _)| one == base).map(|(_, url)| url);
            if own.is_none() && !is_read(base, asked) {
                return None;
            }
            let path = match (own, first) {
                (Some(url), _) if url.origin() == &provider.origin => url.path(),
                _ if provider.name == home.name => base.path,
                (_, Some((_, url))) => url.path(),
                _ => base.path,
            };
            Some(Route { variable: base.name.to_string(), path: path.to_owned() })
        });
        Ok(Self {
            provider: provider.clone(),
            base_url: elsewhere.map(|(_, url)| url.clone()),
            routes: routes.collect(),
            note: note.map(Note::said),
        })
    }
}

/// Whether the command's clients read the variable, as far as can be known.
fn is_read(base: &BaseName, asked: &Asked) -> bool {
    match base.reader {
        Reader::Sdk => true,
        Reader::LiteLlm => asked.client().is_some_and(|client| client.agent == Agent::Aider),
        Reader::Some => false,
    }
}

/// The base URL that a variable holds. That it may be plain http or a private address was decided
/// by whoever set it.
fn base_url(environment: &Environment, name: &str) -> Result<Option<BaseUrl>, Unusable> {
    let Some(text) = environment.get(name).map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let url = BaseUrl::parse(text, false).or_else(|_| BaseUrl::parse(text, true));
    url.map(Some).map_err(|why| Unusable { variable: name.to_owned(), why })
}
