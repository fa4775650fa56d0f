//! Providers that are added by hand: URL, auth style, headers and name as they are typed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use till::provider::custom::parse_header;
use till::provider::{Auth, BaseUrl, CustomProvider};

// Lines: the name, the URL, the auth style, and headers.
fuzz_target!(|text: &str| {
    let mut lines = text.split('\n');
    let name = lines.next().unwrap_or_default();
    let url = lines.next().unwrap_or_default();
    let auth = lines.next().unwrap_or_default().parse::<Auth>();
    let headers: Vec<_> = lines.filter_map(|line| parse_header(line).ok()).collect();
    for local in [false, true] {
        if let Ok(base) = BaseUrl::parse(url, local) {
            assert!(base.is_local() || base.origin().to_string().starts_with("https://"));
            let again = BaseUrl::parse(&format!("{}{}", base.origin(), base.path()), local);
            assert_eq!(again.expect("one spelling"), base);
        }
        let Ok(auth) = &auth else { continue };
        assert_eq!(auth.to_string().parse::<Auth>().as_ref(), Ok(auth));
        if let Ok(custom) = CustomProvider::new(name, url, auth.clone(), headers.clone(), local) {
            let provider = custom.provider();
            for path in ["/", "/v1/x", ""] {
                assert!(provider.upstream_path(path).starts_with('/'));
            }
        }
    }
});
