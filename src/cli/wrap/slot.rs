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

/// How it is known whose key one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// It is a master key, whose destination is known whatever base URL is set.
    Sealed,
    /// The variable's name says so.
    ByName,
    /// Its form says so.
    ByShape,
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
    /// Where that lies, when not where the table or the master says.
    pub(super) base_url: Option<BaseUrl>,
    /// None where nothing can point it at the proxy.
    pub(super) routes: Vec<Route>,
    /// The variable of a base URL that the operator keeps: then nothing points it at the proxy.
    pub(super) kept: Option<String>,
    /// What is said about base URLs that were set.
    pub(super) notes: Vec<Note>,
}

impl Slot {
    /// The slot of the variables that belong to `home`.
    ///
    /// A base URL that is set there decides whose API it is: `OPENAI_BASE_URL` may lead to
    /// `OpenRouter`.
    pub(super) fn of(home: &Provider, told: Told, asked: &Asked) -> Result<Self, Unusable> {
        let names = names(home);
        let choices = asked.choices;
        let mut set = Vec::new();
        for base in &names.bases {
            if choices.keeps(&base.name) || choices.drops(&base.name) {
                continue;
            }
            if let Some(url) = base_url(asked.environment, &base.name)? {
                set.push((base, url));
            }
        }
        let is_kept = |base: &&BaseName| {
            let is_set = asked.environment.get(&base.name).is_some();
            choices.keeps(&base.name) && (is_set || is_read(base, told, asked))
        };
        let kept_base = names.bases.iter().find(is_kept);
        let first = set.first();
        let theirs = first.filter(|_| told != Told::Sealed).and_then(|(_, url)| owner(url));
        let provider = theirs.unwrap_or(home);
        let elsewhere = first.filter(|(_, url)| url.origin() != &provider.origin);
        let note = first.filter(|_| kept_base.is_none()).and_then(|(base, url)| {
            let to = match elsewhere {
                // A path may hold a secret of its own.
                Some(_) if told == Told::Sealed => provider.origin.to_string(),
                Some(_) => url.origin().to_string(),
                None if provider.name != home.name => format!("the API of `{}`", provider.name),
                None => return None,
            };
            Some(Note::said(format!("`{}` was set: requests go on to {to}", base.name)))
        });
        let others = set.iter().skip(1).filter_map(|(base, url)| {
            let (used, leading) = first.filter(|_| kept_base.is_none())?;
            let same = url.origin() == leading.origin()
                && (elsewhere.is_none() || url.path() == leading.path());
            let note = format!(
                "`{}` was set to another base URL than `{}`, which is used for both",
                base.name, used.name
            );
            Some(Note::said(note)).filter(|_| !same)
        });
        // A key that the client keeps would be sent to the proxy, which does not know it.
        let kept = kept_base.is_some() || names.keys.iter().any(|name| choices.keeps(name));
        let routes = names.bases.iter().filter(|_| !kept).filter_map(|base| {
            let own = set.iter().find(|(one, _)| *one == base).map(|(_, url)| url);
            if own.is_none() && !is_read(base, told, asked) {
                return None;
            }
            let path = match (own, first) {
                (Some(url), _) if url.origin() == &provider.origin => url.path(),
                (_, Some((_, url))) if provider.name != home.name => url.path(),
                _ => base.path,
            };
            Some(Route { variable: base.name.to_string(), path: path.to_owned() })
        });
        Ok(Self {
            provider: provider.clone(),
            base_url: elsewhere.filter(|_| told != Told::Sealed).map(|(_, url)| url.clone()),
            routes: routes.collect(),
            kept: kept_base.map(|base| base.name.to_string()),
            notes: note.into_iter().chain(others).collect(),
        })
    }
}

/// The built-in provider whose API lies there.
fn owner(url: &BaseUrl) -> Option<&'static Provider> {
    builtin().iter().find(|row| &row.origin == url.origin())
}

/// Whether the command's clients read the variable, as far as can be known. `LiteLLM` reads keys
/// from the usual variables alone.
fn is_read(base: &BaseName, told: Told, asked: &Asked) -> bool {
    let aider = || asked.client().is_some_and(|client| client.agent == Agent::Aider);
    match base.reader {
        Reader::Sdk => true,
        Reader::LiteLlm => told != Told::ByShape && aider(),
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
