//! Variables whose names say that they hold secrets, of services that till does not know.

use super::super::environment::Environment;
use super::choices::Choices;
use super::inventory::Inventory;
use super::note::Note;
use super::swap::DISTINCT;
use crate::domain::key_text::PREFIX;

/// One line for all of them: the command gets them as they are.
pub(super) fn left(
    environment: &Environment,
    inventory: &Inventory,
    choices: &Choices,
) -> Option<Note> {
    let said =
        |name: &str| choices.keeps(name) || inventory.beside.iter().any(|one| one.variable == name);
    let names: Vec<_> = environment
        .variables()
        .filter_map(|(name, value)| {
            let (name, value) = (name.to_str()?, value.to_string_lossy());
            let secret = is_secret(name) && value.len() >= DISTINCT && !value.contains(PREFIX);
            (secret && !said(name)).then_some(name)
        })
        .collect();
    let (first, rest) = names.split_first()?;
    let text = if rest.is_empty() {
        format!("`{first}` is left; `--drop-env {first}` removes it")
    } else {
        format!("`{}` are left; `--drop-env NAME` removes one", names.join("`, `"))
    };
    Some(Note::said(text))
}

fn is_secret(name: &str) -> bool {
    let ends = ["_API_KEY", "_TOKEN", "_ACCESS_KEY"].iter().any(|end| name.ends_with(end));
    // A file's name is none.
    ends || (name.contains("_SECRET") && !name.ends_with("_FILE"))
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Case, proxy_key, real};

    #[test]
    fn secrets_that_are_left_are_said_in_one_line() {
        let (secret, own) = (real("v"), proxy_key());
        let alone = Case::of(&[("VERCEL_TOKEN", &secret), ("TERM_PROGRAM", &secret)]);
        assert_eq!(alone.notes(), "`VERCEL_TOKEN` is left; `--drop-env VERCEL_TOKEN` removes it\n");
        let several = Case::of(&[
            ("AWS_SECRET_ACCESS_KEY", &secret),
            ("APP_SECRET_KEY_BASE", &secret),
            ("A_SECRET_FILE", "/run/secrets/of-the-app"),
            ("MY_API_KEY", &secret),
            ("SHORT_TOKEN", "1"),
            ("MINE_TOKEN", own.expose()),
        ]);
        assert_eq!(
            several.notes(),
            "`APP_SECRET_KEY_BASE`, `AWS_SECRET_ACCESS_KEY`, `MY_API_KEY` are left; `--drop-env \
             NAME` removes one\n"
        );
        let (_, handover) = several.handover();
        assert!(handover.notes.iter().all(|note| !note.warning));
        // What is said already is not said twice.
        let known = Case::of(&[("STRIPE_API_KEY", &secret), ("A_TOKEN", &secret)]);
        let known = known.keeping("A_TOKEN").notes();
        assert!(!known.contains("`STRIPE_API_KEY` is left;"), "{known}");
        assert!(!known.contains("`A_TOKEN` is left;"), "{known}");
    }
}
