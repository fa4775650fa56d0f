//! Amounts of tokens and money as they are typed, and as narrow tables show them.

use crate::domain::cost::{MAX_TOKENS, Measure};
use crate::domain::money::{NotMoney, Picodollars};

/// The letters that stand for thousands, millions and billions, with their zeros.
const LETTERS: [(char, u32); 3] = [('k', 3), ('M', 6), ('G', 9)];
/// What a narrow table rounds money up to: a hundredth of a cent.
const GRAIN: u64 = 100_000_000;

/// Reads an amount of tokens: `5000`, `100k`, `1.5M`.
///
/// # Errors
/// What is wrong with it, in words.
pub fn tokens(text: &str) -> Result<u64, String> {
    let suffixed = LETTERS
        .iter()
        .find_map(|(letter, zeros)| text.strip_suffix(*letter).map(|number| (number, *zeros)));
    let (number, zeros) = suffixed.unwrap_or((text, 0));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return Err("write it as in 5000, 100k, 1.5M or 2G".to_owned());
    }
    let fraction = fraction.trim_end_matches('0');
    let places = u32::try_from(fraction.len()).unwrap_or(u32::MAX);
    let Some(shift) = zeros.checked_sub(places) else {
        return Err("it is no whole number of tokens".to_owned());
    };
    let amount = [whole, fraction].concat().parse::<u64>().ok();
    let amount = amount.and_then(|amount| amount.checked_mul(10u64.checked_pow(shift)?));
    amount
        .filter(|amount| (1..=MAX_TOKENS).contains(amount))
        .ok_or_else(|| format!("it must be from 1 to {MAX_TOKENS} tokens"))
}

/// Reads an amount of money: `5`, `5.00`, `0.25`.
///
/// # Errors
/// What is wrong with it, in words.
pub fn money(text: &str) -> Result<Picodollars, String> {
    text.parse().map_err(|error: NotMoney| error.to_string())
}

/// Reads an amount of this measure: tokens, or picodollars.
///
/// # Errors
/// What is wrong with it, in words.
pub fn amount(measure: Measure, text: &str) -> Result<u64, String> {
    match measure {
        Measure::Tokens | Measure::InputTokens | Measure::OutputTokens => tokens(text),
        Measure::Spend => money(text).map(|money| money.0),
    }
}

/// An amount for a narrow table: `98.5k`, rounded down, or `$0.1235`, rounded up.
#[must_use]
pub fn short(measure: Measure, figure: u64) -> String {
    match measure {
        Measure::Tokens | Measure::InputTokens | Measure::OutputTokens => short_tokens(figure),
        Measure::Spend => {
            let rounded = figure.div_ceil(GRAIN).saturating_mul(GRAIN);
            Picodollars(rounded).to_string()
        }
    }
}

fn short_tokens(figure: u64) -> String {
    if figure < 10_000 {
        return figure.to_string();
    }
    let fits = |(_, zeros): &&(char, u32)| 10u64.pow(*zeros) <= figure;
    let Some((letter, zeros)) = LETTERS.iter().rev().find(fits) else {
        return figure.to_string();
    };
    let hundredth = 10u64.pow(zeros.saturating_sub(2));
    let hundredths = figure.checked_div(hundredth).unwrap_or_default();
    let number = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    format!("{}{letter}", number.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tokens_are_whole_and_bounded() {
        let good = [
            ("1", 1),
            ("5000", 5_000),
            ("100k", 100_000),
            ("5M", 5_000_000),
            ("2G", 2_000_000_000),
            ("1.5M", 1_500_000),
            ("0.001k", 1),
            ("1.0", 1),
            ("1000000G", MAX_TOKENS),
        ];
        for (text, amount) in good {
            assert_eq!(tokens(text), Ok(amount), "{text}");
        }
        let form = [
            "", "k", "100kk", "5m", "5K", "1_000", "1,000", "-5", "+5", "1e3", ".5k", "5.k", "5 k",
        ];
        for text in form {
            assert!(tokens(text).unwrap_err().contains("100k"), "{text}");
        }
        for text in ["1.5", "1.0001k", "0.1"] {
            assert!(tokens(text).unwrap_err().contains("no whole number"), "{text}");
        }
        for text in ["0", "0k", "1000001G", "99999999999999999999", "18446744073709551616k"] {
            assert!(tokens(text).unwrap_err().contains("from 1 to 1000000000000000"), "{text}");
        }
    }

    #[test]
    fn narrow_tables_neither_overstate_tokens_nor_understate_money() {
        let tokens = |figure| short(Measure::Tokens, figure);
        let cases = [(0, "0"), (9_999, "9999"), (100_000, "100k"), (99_999, "99.99k")];
        for (figure, text) in
            cases.into_iter().chain([(1_234_567, "1.23M"), (MAX_TOKENS, "1000000G")])
        {
            assert_eq!(tokens(figure), text);
        }
        let money = |figure| short(Measure::Spend, figure);
        assert_eq!(money(1), "$0.0001");
        assert_eq!(money(5_000_000_000_000), "$5.00");
        assert_eq!(money(123_456_789_000), "$0.1235");
    }

    proptest! {
        #[test]
        fn what_a_table_shows_of_tokens_can_be_typed(figure in 1..=MAX_TOKENS) {
            let typed = tokens(&short(Measure::Tokens, figure)).unwrap();
            prop_assert!(typed <= figure && figure.saturating_sub(typed) <= figure / 100);
        }
    }
}
