//! Request lines and header fields: wherever a request goes, it goes to the provider, with one
//! credential, and that is the provider's own.
#![no_main]

use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use libfuzzer_sys::fuzz_target;
use till::provider::{Provider, find_builtin};
use till::proxy::fuzzing::{answer, forward};

const PROVIDERS: [&str; 4] = ["openai", "anthropic", "google", "cohere"];
const MASTER: &str = "sk-the-real-key";
const KEY: &str = "till_sk_000000000000000000000000000000000";

// The first byte chooses the provider; then lines: the method, the target, and fields.
fuzz_target!(|input: &[u8]| {
    let Some((choice, rest)) = input.split_first() else { return };
    // Who knows the real key may say it.
    if contains(input, MASTER) {
        return;
    }
    let provider = find_builtin(PROVIDERS[usize::from(*choice) % PROVIDERS.len()]).unwrap();
    let mut lines = rest.split(|byte| *byte == b'\n');
    let Some(Ok(method)) = lines.next().map(Method::from_bytes) else { return };
    let Some(Ok(uri)) = lines.next().map(Uri::try_from) else { return };
    let mut headers = HeaderMap::new();
    for line in lines {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let (name, value) = (&line[..colon], &line[colon + 1..]);
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name), HeaderValue::from_bytes(value))
        {
            headers.append(name, value);
        }
    }
    let mut answered = headers.clone();
    answer(provider, &mut answered);
    assert!(!answered.contains_key("connection") && !answered.contains_key("transfer-encoding"));
    if let Ok(sent) = forward(provider, &method, &uri, headers, MASTER) {
        check(provider, &sent.uri, &sent.headers);
        let whole = format!("{} {:?}", sent.uri, raw(&sent.headers));
        assert!(!whole.contains(sent.key.expose()), "the proxy key goes upstream: {whole}");
        assert!(!whole.contains(KEY) || KEY != sent.key.expose());
    }
});

fn check(provider: &Provider, uri: &Uri, headers: &HeaderMap) {
    let origin = format!("{}://{}", uri.scheme_str().unwrap(), uri.authority().unwrap());
    assert_eq!(origin, provider.origin.to_string());
    assert!(!uri.authority().unwrap().as_str().contains('@'));
    let path = uri.path();
    assert!(path.starts_with('/') && !path.contains("/../") && !path.ends_with("/.."));
    assert!(!path.contains("//") && !path.contains('\\'));
    let fields = raw(headers);
    let in_fields = fields.iter().filter(|(_, value)| contains(value, MASTER)).count();
    let in_query = uri.query().unwrap_or_default().matches(MASTER).count();
    assert_eq!(in_fields + in_query, 1, "one credential, and it is the provider's");
    for name in
        ["connection", "transfer-encoding", "content-length", "host", "upgrade", "keep-alive"]
    {
        assert!(!headers.contains_key(name), "{name}");
    }
    assert!(headers.keys().all(|name| !name.as_str().contains('_')));
}

fn raw(headers: &HeaderMap) -> Vec<(String, Vec<u8>)> {
    headers.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect()
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}
