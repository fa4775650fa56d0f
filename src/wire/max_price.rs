//! `--max-price`, as it is typed and shown: dollars for a million tokens, as routers publish it.

use crate::domain::limits::MaxPrice;
use crate::domain::money::{MAX_SPEND, Picodollars};

/// The tokens that the price is for.
const MILLION: u64 = 1_000_000;

/// Reads `1,4` or `prompt=1,completion=4`: dollars for a million tokens of each kind.
///
/// # Errors
/// What is wrong with it, in words.
pub fn max_price(text: &str) -> Result<MaxPrice, String> {
    let form = || "write it as in 1,4 or prompt=1,completion=4: dollars for a million tokens";
    let (first, second) = text.split_once(',').ok_or_else(form)?;
    let (prompt, completion) = match (first.split_once('='), second.split_once('=')) {
        (None, None) => (first, second),
        (Some(("prompt", prompt)), Some(("completion", completion)))
        | (Some(("completion", completion)), Some(("prompt", prompt))) => (prompt, completion),
        _ => return Err(form().to_owned()),
    };
    let each = |price: &str| per_token(price).map_err(|why| why.unwrap_or_else(form).to_owned());
    Ok(MaxPrice { prompt: each(prompt)?, completion: each(completion)? })
}

/// A price as it is typed, without the dollar sign: `1.00`.
#[must_use]
pub fn per_million(price: Picodollars) -> Picodollars {
    price.times(MILLION)
}

/// The price of one token, in whole picodollars: none finer is taken, for a router would be told
/// another one. Says why not; nothing where it is no decimal number.
fn per_token(text: &str) -> Result<Picodollars, Option<&'static str>> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return Err(None);
    }
    if fraction.trim_end_matches('0').len() > 6 {
        return Err(Some("a price has more than 6 digits after the point"));
    }
    let million = Picodollars::from_decimal(text).filter(|price| *price <= MAX_SPEND);
    let million = million.ok_or(Some("a price is more than 1000000 dollars"))?;
    Ok(Picodollars(million.0 / MILLION))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_exact() {
        let price = |prompt, completion| {
            Ok(MaxPrice { prompt: Picodollars(prompt), completion: Picodollars(completion) })
        };
        assert_eq!(max_price("1,4"), price(1_000_000, 4_000_000));
        assert_eq!(max_price("0.25,1.50"), price(250_000, 1_500_000));
        assert_eq!(max_price("0,0.000001"), price(0, 1));
        assert_eq!(max_price("completion=4,prompt=1"), price(1_000_000, 4_000_000));
        assert_eq!(per_million(Picodollars(250_000)).to_string(), "$0.25");
        let form = ["", "1", "1,", ",4", "1,4,5", "1,x", "-1,4", "1e3,4", "prompt=1,4"];
        for text in
            form.into_iter().chain(["prompt=1,prompt=4", "input=1,output=4", ".5,1", "$1,4"])
        {
            let why = max_price(text).unwrap_err();
            assert!(why.contains("prompt=1,completion=4"), "{text}: {why}");
        }
        assert!(max_price("0.0000001,1").unwrap_err().contains("more than 6 digits"));
        assert!(max_price("1,1000001").unwrap_err().contains("1000000 dollars"));
    }
}
