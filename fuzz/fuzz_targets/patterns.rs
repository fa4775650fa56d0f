//! Patterns over names and paths, and what a key may call, as people type them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use till::domain::pattern::Pattern;
use till::domain::scope::Allow;

fuzz_target!(|text: &str| {
    if let Ok(allow) = text.parse::<Allow>() {
        assert_eq!(allow.to_string().parse::<Allow>().ok().as_ref(), Some(&allow));
    }
    for pattern in [Pattern::over_names(text), Pattern::over_paths(text)].into_iter().flatten() {
        assert_eq!(pattern.as_str(), text);
        assert!(pattern.holds(&pattern));
        assert!(pattern.has_wildcards() || pattern.matches(text));
    }
});
