//! Times, money, tokens, rates and names as people type them: what is taken is written back as the
//! same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use till::cli::amount;
use till::domain::money::Picodollars;
use till::domain::rate::Rate;
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
        // Written in whole seconds, which can be before what was read by less than one.
        let written =
            parse_expiry(&at.to_rfc3339(), Timestamp(0)).expect("what till writes is read");
        assert!(at > NOW && at.since(written) < Span::seconds(1) && written <= at);
    }
    if let Ok(at) = parse_past(text, NOW) {
        assert!(at <= NOW);
    }
    let _ = (max_price(text), names::name(text), names::label(text));
});
