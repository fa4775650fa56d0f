//! Price files: a file is taken whole or refused, and no row of it is free by accident.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde::de::IgnoredAny;
use till::provider::price::PriceTable;

fuzz_target!(|text: &str| {
    // Without the list prices below it, which are a thousand rows to look at each time.
    if let Ok(table) = PriceTable::default().overridden(text) {
        serde_json::from_str::<IgnoredAny>(text).expect("what is taken is JSON");
        for (provider, model, _) in table.rows() {
            assert!(
                table.find(provider, model).is_some() || model.is_empty(),
                "{provider} {model}"
            );
        }
    }
});
