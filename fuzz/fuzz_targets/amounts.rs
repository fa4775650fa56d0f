//! Times, money, tokens, rates and patterns as people type them: what is taken is written back as the
//! same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use till::cli::amount;
use till::domain::money::Picodollars;
use till::domain::pattern::Pattern;
use till::domain::rate::Rate;
use till::domain::scope::Allow;
use till::domain::time::{Span, Timestamp};
use till::wire::max_price::max_price;
use till::wire::{names, parse_expiry, parse_past};

const NOW: Timestamp = Timestamp(1_796_000_000_000);

fuzz_target!(|text: &str| {
    if let Ok(span) = text.parse::<Span>() {
        assert_eq!(span.to_string().parse::<Span>().ok(), Some(span));
    }
    if let Ok(money) = text.parse::<Picodollars>() {
        let written = money.to_string();
        assert_eq!(written.trim_start_matches('$').parse::<Picodollars>().ok(), Some(money));
    }
    if let Some(money) = Picodollars::from_decimal(text) {
        assert!(text.bytes().any(|byte| byte.is_ascii_digit()), "{money}");
    }
    if let Ok(rate) = text.parse::<Rate>() {
        assert_eq!(rate.to_string().parse::<Rate>().ok(), Some(rate));
    }
    if let Ok(tokens) = amount::tokens(text) {
        assert!(tokens > 0 && amount::tokens(&tokens.to_string()) == Ok(tokens));
    }
    if let Ok(at) = parse_expiry(text, NOW) {
        assert!(at > NOW && parse_expiry(&at.to_rfc3339(), NOW) == Ok(at));
    }
    if let Ok(at) = parse_past(text, NOW) {
        assert!(at <= NOW);
    }
    if let Ok(allow) = text.parse::<Allow>() {
        assert_eq!(allow.to_string().parse::<Allow>().ok().as_ref(), Some(&allow));
    }
    for pattern in [Pattern::over_names(text), Pattern::over_paths(text)].into_iter().flatten() {
        assert_eq!(pattern.as_str(), text);
        assert!(pattern.holds(&pattern));
        assert!(pattern.has_wildcards() || pattern.matches(text));
    }
    let _ = (max_price(text), names::name(text), names::label(text));
});
