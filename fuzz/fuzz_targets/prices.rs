//! Price files: a file is taken whole or refused, and no row of it is free by accident.
#![no_main]

use libfuzzer_sys::fuzz_target;
use till::provider::price::PriceTable;

fuzz_target!(|text: &str| {
    if let Ok(table) = PriceTable::builtin().overridden(text) {
        assert!(table.rows().count() >= PriceTable::builtin().rows().count());
        let read: serde_json::Value = serde_json::from_str(text).expect("what is taken is JSON");
        for (provider, models) in read.as_object().expect("of providers") {
            for (model, _) in models.as_object().expect("and their models") {
                let _ = table.find(provider, model);
            }
        }
    }
});
