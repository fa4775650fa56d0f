//! Real keys in the environment, by the variable's name and by what stands in it.

use std::os::unix::ffi::OsStrExt;

use super::super::environment::{Environment, LEADING_TO_SECRETS};
use super::search::{NOT_TO_SEAL, last4};
use crate::domain::key_text::PREFIX;
use crate::provider::environment::{OTHER_KEY_VARIABLES, provider_of_variable};
use crate::provider::leak::{Kind, is_credential, leaks};
use crate::report::doctor::{Check, Finding};

/// What is to be said of the environment. A proxy key is where it belongs.
pub(super) fn of_environment(environment: &Environment) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, value) in environment.variables() {
        let (name, value) = (name.to_string_lossy(), value.as_bytes());
        if name == "TILL_PASSPHRASE" {
            if !value.is_empty() {
                // Not a character of it: it is no key.
                findings.push(Finding::new(Check::PassphraseInEnvironment, &*name, &name));
            }
            continue;
        }
        for (key, kind) in keys_in(&name, value) {
            let (check, provider) = match kind {
                Kind::Real(provider) if !LEADING_TO_SECRETS.contains(&&*name) => {
                    (Check::KeyInEnvironment, provider)
                }
                Kind::Admin => (Check::AdminTokenInEnvironment, None),
                Kind::Real(_) | Kind::Proxy => continue,
            };
            let whose = provider.map(|provider| format!(", {provider}")).unwrap_or_default();
            let place = format!("{name}{whose}");
            let found = Finding::new(check, place, provider.unwrap_or_default());
            let found = found.ending_in(last4(key));
            let sealable = kind != Kind::Real(None);
            findings.push(if sealable { found } else { found.mended_by(NOT_TO_SEAL) });
        }
    }
    findings
}

/// The keys of one variable.
fn keys_in<'a>(name: &str, value: &'a [u8]) -> Vec<(&'a [u8], Kind)> {
    let found = leaks(value).into_iter();
    let mut found: Vec<_> =
        found.filter_map(|leak| Some((value.get(leak.at)?, leak.kind))).collect();
    found.sort_by_key(|(key, _)| *key);
    found.dedup_by_key(|(key, _)| *key);
    if !found.is_empty() {
        return found;
    }
    let provider = provider_of_variable(name).map(|row| &*row.name);
    let known = provider.is_some() || OTHER_KEY_VARIABLES.contains(&name);
    let value = value.trim_ascii();
    if known && !value.starts_with(PREFIX.as_bytes()) && is_credential(value) {
        found.push((value, Kind::Real(provider)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_by_name_and_by_form() {
        let checks = |name: &str, value: &str| {
            let found = of_environment(&Environment::from_pairs([(name, value)]));
            found.into_iter().map(|finding| (finding.check, finding.place)).collect::<Vec<_>>()
        };
        let chance = "9f86d081884c7d659a2feaa0c55ad015";
        let key = |place: &str| vec![(Check::KeyInEnvironment, place.to_owned())];
        assert_eq!(checks("MISTRAL_API_KEY", chance), key("MISTRAL_API_KEY, mistral"));
        assert_eq!(checks("AZURE_API_KEY", chance), key("AZURE_API_KEY"));
        assert_eq!(checks("HEADER", &format!("Bearer sk-{chance}")), key("HEADER, deepseek"));
        for (name, value) in [
            ("MISTRAL_API_KEY", "none"),
            ("OTHER", chance),
            ("TILL_PASSPHRASE", ""),
            ("OPENAI_API_KEY", "till_sk_2lFA6LboL2xx0ldQH2K1TdSrwuqMMiME31Zs9bW"),
        ] {
            assert_eq!(checks(name, value), []);
        }
        let passphrase = of_environment(&Environment::from_pairs([("TILL_PASSPHRASE", chance)]));
        assert_eq!(passphrase.len(), 1);
        assert_eq!(passphrase[0].last4, None);
    }
}
