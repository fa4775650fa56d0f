//! Bodies of requests that a limit reads: whatever is planned keeps to its bound when it is read
//! again.
#![no_main]

use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use till::provider::find_builtin;
use till::provider::price::PriceTable;
use till::provider::request::{Inquiry, plan};

const PLACES: [(&str, &str); 12] = [
    ("openai", "/v1/chat/completions"),
    ("openai", "/v1/responses"),
    ("openai", "/v1/completions"),
    ("openai", "/v1/embeddings"),
    ("openai", "/v1/images/generations"),
    ("openai", "/v1/audio/transcriptions"),
    ("anthropic", "/v1/messages"),
    ("google", "/v1beta/models/gemini-2.5-flash:generateContent"),
    ("google", "/v1beta/models/gemini-2.5-flash:streamGenerateContent"),
    ("cohere", "/v2/chat"),
    ("deepseek", "/chat/completions"),
    ("openrouter", "/api/v1/chat/completions"),
];
const TYPES: [Option<&str>; 4] =
    [None, Some("application/json"), Some("multipart/form-data; boundary=x"), Some("text/plain")];

static PRICES: LazyLock<Arc<PriceTable>> =
    LazyLock::new(|| Arc::new(PriceTable::builtin().clone()));

// The first byte chooses the place, the second the rest; what follows is the body.
fuzz_target!(|input: &[u8]| {
    let [place, choice, body @ ..] = input else { return };
    let (provider, path) = PLACES[usize::from(*place) % PLACES.len()];
    let inquiry = Inquiry {
        provider: find_builtin(provider).unwrap(),
        method: "POST",
        path,
        query: None,
        content_type: TYPES[usize::from(choice >> 3) % TYPES.len()],
        body,
        prices: &PRICES,
        spend: choice & 1 != 0,
        max_price: None,
        soft: choice & 2 != 0,
        watched: choice & 4 != 0,
    };
    let Ok(first) = plan(&inquiry) else { return };
    let demand = first.demand;
    assert!(demand.least_output <= demand.output);
    if !demand.bounded
        || inquiry.watched
        || inquiry.content_type.is_some_and(|it| it.starts_with("multi"))
    {
        return;
    }
    let granted = demand.least_output + (demand.output - demand.least_output) / 2;
    let rewritten = first.body(Bytes::copy_from_slice(body), granted);
    let second =
        plan(&Inquiry { body: &rewritten, ..inquiry }).expect("what was brought down is as good");
    assert!(
        second.demand.output <= granted.max(demand.least_output),
        "it asks for what was granted"
    );
    assert_eq!(second.demand.multiplicity, demand.multiplicity);
});
