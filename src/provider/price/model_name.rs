//! Names of models: the dated ones, aliases and fine-tunes that the table does not list itself.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::{Kind, Price, Tier};

/// The name of the row for a model. It is always the same model, of another date at the most.
///
/// A fine-tune has a price only where its base has one as a fine-tune: it costs more.
pub(super) fn resolve<'a>(models: &'a BTreeMap<String, Price>, name: &str) -> Option<&'a str> {
    let exact = |name: &str| models.get_key_value(name).map(|(known, _)| known.as_str());
    let short = name.strip_prefix("models/").unwrap_or(name);
    if let Some(known) = exact(short).or_else(|| exact(name)) {
        return Some(known);
    }
    let name = short;
    if let Some(tuned) = name.strip_prefix("ft:") {
        let base = tuned.split(':').next().unwrap_or_default();
        return exact(&format!("ft:{base}"));
    }
    let base = undated(name).unwrap_or(name);
    // A date that the table does not have: the undated row must be there.
    if base != name && !models.contains_key(base) {
        return None;
    }
    let same = models.iter().filter(|(known, _)| {
        known.as_str() == base || undated(known).is_some_and(|known| known == base)
    });
    same.max_by_key(|(_, price)| dearness(price)).map(|(known, _)| known.as_str())
}

/// The name without the date at its end, or what stands in its place; none where there is none.
fn undated(name: &str) -> Option<&str> {
    if let Some((base, snapshot)) = name.rsplit_once(['@', ':']) {
        let dated = snapshot == "latest" || snapshot.starts_with(|c: char| c.is_ascii_digit());
        return Some(base).filter(|base| dated && !base.starts_with("ft:"));
    }
    name.strip_suffix("-latest").or_else(|| DATES.iter().find_map(|date| without(name, date)))
}

/// How names end in dates: `Y` is a digit of a year, `M` of a month, `D` of a day, `V` of a
/// version of Google's.
const DATES: [&str; 6] = ["-YYYY-MM-DD", "-YYYYMMDD", "-MM-YYYY", "-MMDD", "-YYMM", "-0VV"];

/// The name without its end, where that is a date of this form.
fn without<'a>(name: &'a str, form: &str) -> Option<&'a str> {
    let (base, end) = name.split_at_checked(name.len().checked_sub(form.len())?)?;
    let pairs = || form.chars().zip(end.chars());
    let fits = pairs().all(|(form, c)| match form {
        'Y' | 'M' | 'D' | 'V' => c.is_ascii_digit(),
        plain => plain == c,
    });
    let part = |letter| {
        let digits: String = pairs().filter(|(form, _)| *form == letter).map(|(_, c)| c).collect();
        digits.parse::<u32>().ok()
    };
    let within = |part: Option<u32>, range: RangeInclusive<u32>| {
        part.is_none_or(|part| range.contains(&part))
    };
    let year = within(part('Y'), 2020..=2099) || within(part('Y'), 20..=99);
    let real = fits && year && within(part('M'), 1..=12) && within(part('D'), 1..=31);
    Some(base).filter(|base| real && !base.is_empty())
}

/// What dear rows are told from cheap ones by; a row that is of no use for a limit is the cheapest.
fn dearness(price: &Price) -> (bool, u64) {
    let each = |kind| price.rates.rate(kind, Tier::Standard, 0);
    (price.usable().is_ok(), each(Kind::Input).plus(each(Kind::Output)).0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_found_by_its_own_name() {
        let names = ["models/a", "b", "ft:c", "d-2024-08-06"];
        let rows = names.map(|name| format!(r#""{name}": {{"mode": "chat"}}"#)).join(", ");
        let rows = super::super::read::rows(&format!(r#"{{"p": {{{rows}}}}}"#)).unwrap();
        let models = &rows["p"];
        for name in names {
            assert_eq!(resolve(models, name), Some(name));
        }
        assert_eq!(resolve(models, "models/b"), Some("b"));
    }

    #[test]
    fn dates_at_the_end_of_a_name_are_told_from_names() {
        let cases = [
            ("gpt-4o-2024-08-06", Some("gpt-4o")),
            ("claude-sonnet-4-5-20250929", Some("claude-sonnet-4-5")),
            ("claude-sonnet-4-5@20250929", Some("claude-sonnet-4-5")),
            ("gpt-3.5-turbo-instruct:20230824-v2", Some("gpt-3.5-turbo-instruct")),
            ("gpt-4-0613", Some("gpt-4")),
            ("mistral-large-2512", Some("mistral-large")),
            ("command-r-08-2024", Some("command-r")),
            ("gemini-2.5-flash-001", Some("gemini-2.5-flash")),
            ("grok-4.3-latest", Some("grok-4.3")),
            ("gpt-4o-mini", None),
            ("gpt-5.4", None),
            ("claude-opus-4-5", None),
            ("model-2024-13-06", None),
            ("model-1399", None),
            ("model-123", None),
            ("-20250929", None),
            ("model:free", None),
            ("ft:gpt-4o:2", None),
            ("é-0613", Some("é")),
            ("ééé", None),
        ];
        for (name, base) in cases {
            assert_eq!(undated(name), base, "{name}");
        }
    }
}
