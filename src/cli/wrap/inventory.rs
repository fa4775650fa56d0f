//! Which real keys the environment holds, by name and by value, and what becomes of each.

use super::asked::Asked;
use super::note::Note;
use super::slot::{Route, Slot, Told, Unusable};
use crate::domain::key_text::PREFIX;
use crate::provider::environment::{OTHER_KEY_VARIABLES, names, provider_of_variable};
use crate::provider::key_shape::provider_of_key;
use crate::provider::{BaseUrl, Provider, find_builtin};
use crate::vault::{MasterTextError, SecretText, check_master};

/// What the tokens of a Claude subscription begin with: no API takes them as keys.
const SUBSCRIPTION: &str = "sk-ant-oat";

/// A master key of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Where it goes, as [`crate::provider::destination`] says.
    pub provider: Provider,
    /// What the store calls it.
    pub master: String,
}

/// A real key that the command gets a proxy key for.
#[derive(Clone, Debug)]
pub struct RealKey {
    /// Whose key it is.
    pub provider: Provider,
    /// The key.
    pub secret: SecretText,
    /// The variables that hold it.
    pub variables: Vec<String>,
    /// Where its requests go on to, when not where the provider's row says: the user had set it.
    pub base_url: Option<BaseUrl>,
    /// What the store calls it, where it is sealed there already.
    pub master: Option<String>,
    /// The variables that then hold a URL of the proxy.
    pub(super) routes: Vec<Route>,
}

/// What becomes of a variable with a real key that gets no proxy key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// The command does not get it.
    Removed,
    /// The command gets it as it is, since its API is no AI's.
    Left,
    /// The command gets it as it is, since the operator says so.
    Kept,
}

/// A variable with a real key that gets no proxy key.
#[derive(Clone, Debug)]
pub(super) struct Beside {
    pub(super) variable: String,
    pub(super) secret: SecretText,
    pub(super) fate: Fate,
}

/// All real keys of an environment.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// Those to mint a proxy key for, one for each provider.
    pub keys: Vec<RealKey>,
    /// What there is to say.
    pub notes: Vec<Note>,
    pub(super) beside: Vec<Beside>,
}

/// Finds the real keys. `known` tells the store's master keys.
///
/// # Errors
/// Where a base URL was set for a key, and cannot be used.
pub fn take_inventory(
    asked: &Asked,
    known: &dyn Fn(&str) -> Option<Known>,
) -> Result<Inventory, Unusable> {
    let mut inventory = Inventory::default();
    let mut candidates = Vec::new();
    for (name, value) in asked.environment.variables() {
        let (Some(name), Some(value)) = (name.to_str(), value.to_str()) else { continue };
        let Some(found) = Found::in_variable(name, value.trim(), known) else { continue };
        if let Some(candidate) = inventory.sort(asked, name, found)? {
            candidates.push(candidate);
        }
    }
    candidates.sort_by_key(|candidate| candidate.rank);
    for candidate in candidates {
        inventory.admit(candidate);
    }
    Ok(inventory)
}

/// A real key in a variable.
struct Found {
    secret: SecretText,
    /// Whose it is, and how that is known; none where till forwards to no such API.
    home: Option<(Provider, Told)>,
    /// What the store calls it.
    master: Option<String>,
}

impl Found {
    fn in_variable(name: &str, text: &str, known: &dyn Fn(&str) -> Option<Known>) -> Option<Self> {
        if text.starts_with(PREFIX) {
            return None;
        }
        let named = provider_of_variable(name);
        let other = OTHER_KEY_VARIABLES.contains(&name);
        let secret = match check_master(text) {
            Ok(secret) => secret,
            // Some local servers want any text for a key.
            Err(MasterTextError::Empty | MasterTextError::TooShort) => return None,
            Err(_) if other || named.is_some_and(|row| row.meter) => {
                return Some(Self { secret: text.to_owned().into(), home: None, master: None });
            }
            Err(_) => return None,
        };
        if let Some(Known { provider, master }) = known(text) {
            let home = Some((provider, Told::Sealed));
            return Some(Self { secret, home, master: Some(master) });
        }
        if other || text.starts_with(SUBSCRIPTION) {
            return Some(Self { secret, home: None, master: None });
        }
        let named = named.map(|row| (row, Told::ByName));
        let shaped = || Some((find_builtin(provider_of_key(text)?)?, Told::ByShape));
        let (row, told) = named.or_else(shaped)?;
        Some(Self { secret, home: Some((row.clone(), told)), master: None })
    }
}

/// A key that can be replaced.
struct Candidate {
    /// The place of the variable in its provider's order.
    rank: usize,
    key: RealKey,
    note: Option<Note>,
}

impl Inventory {
    /// Decides about one variable: what can be replaced comes back.
    fn sort(
        &mut self,
        asked: &Asked,
        name: &str,
        found: Found,
    ) -> Result<Option<Candidate>, Unusable> {
        let Found { secret, home, master } = found;
        let variable = name.to_owned();
        if asked.choices.keeps(name) {
            self.notes.push(Note::warned(format!(
                "`{name}` is kept, with the real key: the command can read it"
            )));
            self.beside.push(Beside { variable, secret, fate: Fate::Kept });
            return Ok(None);
        }
        if asked.choices.drops(name) {
            self.beside.push(Beside { variable, secret, fate: Fate::Removed });
            return Ok(None);
        }
        let Some((home, told)) = home else {
            self.set_aside(variable, secret, true, "till cannot forward with what it holds");
            return Ok(None);
        };
        let slot = Slot::of(&home, told, asked)?;
        let provider = slot.provider;
        let why = if !asked.choices.covers(&provider.name) {
            format!("`--only` does not name `{}`", provider.name)
        } else if slot.routes.is_empty() {
            format!("no variable points the clients of `{}` at till", provider.name)
        } else {
            let position = names(&provider).keys.iter().position(|own| own == name);
            let key = RealKey {
                provider,
                secret,
                variables: vec![variable],
                base_url: slot.base_url,
                master,
                routes: slot.routes,
            };
            let rank = position.unwrap_or(usize::MAX);
            return Ok(Some(Candidate { rank, key, note: slot.note }));
        };
        self.set_aside(variable, secret, provider.meter, &why);
        Ok(None)
    }

    /// What gets no proxy key is removed where it opens an AI, and else left.
    fn set_aside(&mut self, variable: String, secret: SecretText, ai: bool, why: &str) {
        let (fate, note) = if ai {
            let note = format!(
                "`{variable}` is removed: {why}; `--keep-env {variable}` leaves it, with the real \
                 key"
            );
            (Fate::Removed, Note::said(note))
        } else {
            let note = format!(
                "`{variable}` is left, with the real key: {why}; `--drop-env {variable}` removes it"
            );
            (Fate::Left, Note::warned(note))
        };
        self.notes.push(note);
        self.beside.push(Beside { variable, secret, fate });
    }

    /// Takes a key in; of several different ones of a provider the first is used.
    fn admit(&mut self, candidate: Candidate) {
        let Candidate { key, note, .. } = candidate;
        let name = &key.provider.name;
        let Some(used) = self.keys.iter_mut().find(|used| used.provider.name == *name) else {
            self.notes.extend(note);
            self.keys.push(key);
            return;
        };
        if used.secret == key.secret {
            used.variables.extend(key.variables);
            let new = key
                .routes
                .into_iter()
                .filter(|route| used.routes.iter().all(|known| known.variable != route.variable));
            let new: Vec<_> = new.collect();
            used.routes.extend(new);
            return;
        }
        let used = used.variables.first().cloned().unwrap_or_default();
        for variable in key.variables {
            self.notes.push(Note::said(format!(
                "`{variable}` is removed: it holds another key of `{name}` than `{used}`, which \
                 is used; `--keep-env {variable}` leaves it, with the real key"
            )));
            let secret = key.secret.clone();
            self.beside.push(Beside { variable, secret, fate: Fate::Removed });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Case, Row, proxy_key, real};
    use super::*;

    /// Provider, variables, and the base URL that was kept.
    fn found(case: &Case) -> Vec<String> {
        let shown = |key: RealKey| {
            let base = key.base_url.map(|url| format!(" at {url}")).unwrap_or_default();
            format!("{}: {}{base}", key.provider.name, key.variables.join(", "))
        };
        case.inventory().unwrap().keys.into_iter().map(shown).collect()
    }

    #[test]
    fn keys_are_found_by_name_and_by_value() {
        let (openai, anthropic, own) = (real("sk-proj-"), real("sk-ant-"), proxy_key());
        let cases: [Row; 9] = [
            (&[("OPENAI_API_KEY", "not-shaped-like-one")], &["openai: OPENAI_API_KEY"]),
            (&[("MY_KEY", &openai)], &["openai: MY_KEY"]),
            (&[("PATH", "/bin"), ("A", &anthropic)], &["anthropic: A"]),
            (&[("OPENAI_API_KEY", &openai), ("A", &openai)], &["openai: OPENAI_API_KEY, A"]),
            (&[("OPENAI_API_KEY", " \n")], &[]),
            (&[("OPENAI_API_KEY", "x")], &[]),
            (&[("OPENAI_API_KEY", own.expose())], &[]),
            (&[("MISTRAL_API_KEY", "abcdefgh"), ("STRIPE_API_KEY", "abcdefgh")], &[]),
            (
                &[("GOOGLE_GENERATIVE_AI_API_KEY", "abcdefgh")],
                &["google: GOOGLE_GENERATIVE_AI_API_KEY"],
            ),
        ];
        for (variables, expected) in cases {
            assert_eq!(found(&Case::of(variables)), expected, "{variables:?}");
        }
    }

    #[test]
    fn a_key_that_is_sealed_is_known_by_its_value() {
        let provider = find_builtin("groq").unwrap().clone();
        let known = Known { provider, master: "team".to_owned() };
        let mut case = Case::of(&[("X", "no-shape-at-all"), ("OPENAI_BASE_URL", "https://a.b")]);
        case.known = Some(("no-shape-at-all".to_owned(), known));
        let inventory = case.inventory().unwrap();
        assert_eq!(inventory.keys[0].master.as_deref(), Some("team"));
        assert_eq!(inventory.keys[0].base_url, None);
        assert_eq!(found(&case), ["groq: X"]);
    }

    #[test]
    fn a_base_url_that_was_set_is_kept() {
        let set = |name, url| Case::of(&[("OPENAI_API_KEY", "sk-12345678"), (name, url)]);
        let at = |url: &str| vec![format!("openai: OPENAI_API_KEY at {url}")];
        let gateway = set("OPENAI_BASE_URL", "https://gw.example/llm/v1/");
        assert_eq!(found(&gateway), at("https://gw.example/llm/v1"));
        assert!(gateway.notes().contains("requests go on to https://gw.example/llm/v1"));
        let local = set("OPENAI_API_BASE", "http://10.0.0.1:8080/v1");
        assert_eq!(found(&local), at("http://10.0.0.1:8080/v1"));
        let usual = set("OPENAI_BASE_URL", "https://api.openai.com/v1");
        assert_eq!(found(&usual), ["openai: OPENAI_API_KEY"]);
        assert_eq!(usual.notes(), "");
        let other = set("OPENAI_BASE_URL", "https://openrouter.ai/api/v1");
        assert_eq!(found(&other), ["openrouter: OPENAI_API_KEY"]);
        assert!(other.notes().contains("requests go on to the API of `openrouter`"));
        let error = set("OPENAI_BASE_URL", "https://u:p@gw.example").inventory().unwrap_err();
        assert_eq!(error.variable, "OPENAI_BASE_URL");
        assert!(!error.to_string().contains("u:p"));
    }

    #[test]
    fn of_several_keys_the_first_variable_wins() {
        let case = Case::of(&[("GOOGLE_API_KEY", "google-one"), ("GEMINI_API_KEY", "google-two")]);
        assert_eq!(found(&case), ["google: GEMINI_API_KEY"]);
        let said = "`GOOGLE_API_KEY` is removed: it holds another key of `google` than \
                    `GEMINI_API_KEY`, which is used; `--keep-env GOOGLE_API_KEY` leaves it";
        assert!(case.notes().contains(said), "{}", case.notes());
    }

    #[test]
    fn choices_decide_which_keys_are_replaced() {
        let both = Case::of(&[("OPENAI_API_KEY", "sk-12345678"), ("GROQ_API_KEY", "gsk-12345678")]);
        assert_eq!(found(&both).len(), 2);
        assert_eq!(found(&both.clone().only(&["groq"])), ["groq: GROQ_API_KEY"]);
        assert_eq!(found(&both.clone().keeping("GROQ_API_KEY")), ["openai: OPENAI_API_KEY"]);
        assert_eq!(found(&both.dropping("GROQ_API_KEY")), ["openai: OPENAI_API_KEY"]);
    }

    #[test]
    fn litellm_reads_more_than_others() {
        let case = Case::of(&[("DEEPSEEK_API_KEY", "sk-12345678")]);
        assert!(found(&case).is_empty());
        assert_eq!(found(&case.running("aider")), ["deepseek: DEEPSEEK_API_KEY"]);
        let set = [("DEEPSEEK_API_KEY", "sk-12345678"), ("DEEPSEEK_API_BASE", "https://a.b/v1")];
        let key = real("sk-").replace(char::is_uppercase, "a");
        let shaped = Case::of(&[("NOT_FOR_LITELLM", key.get(..35).unwrap())]);
        assert!(found(&shaped.running("aider")).is_empty());
        assert_eq!(found(&Case::of(&set)), ["deepseek: DEEPSEEK_API_KEY at https://a.b/v1"]);
    }
}
