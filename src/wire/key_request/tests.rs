use super::*;
use proptest::prelude::*;

fn read(text: &str) -> Result<KeyRequest, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

#[test]
fn fields_are_refused_by_name() {
    let unknown = read(r#"{"max_activation": 5}"#).unwrap_err();
    assert!(unknown.contains("unknown field `max_activation`"), "{unknown}");
    let cases = [
        (r#"{"max_activations": 0}"#, "max_activations"),
        (r#"{"max_tokens": 0}"#, "max_tokens"),
        (r#"{"max_spend_cents": 0}"#, "max_spend_cents"),
        (r#"{"max_spend_cents": 5, "max_spend": "1"}"#, "max_spend"),
        (r#"{"max_spend": "-1"}"#, "max_spend"),
        (r#"{"expires": "yesterday"}"#, "expires"),
        (r#"{"rate": "5"}"#, "rate"),
        (r#"{"concurrency": 0}"#, "concurrency"),
        (r#"{"on_cancel": "wait"}"#, "on_cancel"),
        (r#"{"on_spike": "stop"}"#, "on_spike"),
        (r#"{"max_price": "x"}"#, "max_price"),
    ];
    for (text, field) in cases {
        let fault = read(text).unwrap().limits(Timestamp(1)).unwrap_err();
        assert_eq!(fault.field, field, "{text}");
    }
    for (text, field) in [
        (r#"{"models": [""]}"#, "models"),
        (r#"{"allow": ["post /v1"]}"#, "allow"),
        (r#"{"ip_whitelist": ["localhost"]}"#, "ip_whitelist"),
    ] {
        assert_eq!(read(text).unwrap().scope().unwrap_err().field, field, "{text}");
    }
    for (text, field) in [
        (r#"{"name": "a\nb"}"#, "name"),
        (r#"{"labels": {"": "x"}}"#, "labels"),
        (r#"{"metadata": {"name": 5}}"#, "metadata"),
        (r#"{"metadata": {"name": "a"}, "name": "b"}"#, "metadata"),
        (r#"{"metadata": {"team": "a"}, "labels": {"team": "b"}}"#, "metadata"),
    ] {
        let fault = read(text).unwrap().name_and_labels().unwrap_err();
        assert_eq!(fault.field, field, "{text}");
    }
}

#[test]
fn what_the_published_client_sends_is_taken() {
    let text = r#"{"provider": "openai", "upstream_key": "sk-x", "max_activations": null,
        "metadata": {"name": "ci", "run": 7}, "ip_whitelist": ["10.0.0.0/8", "127.0.0.1"],
        "max_tokens": 1000, "max_spend_cents": 250}"#;
    let request = read(text).unwrap();
    let limits = request.limits(Timestamp(1)).unwrap();
    assert_eq!(limits.caps.tokens, Some(1_000));
    assert_eq!(limits.caps.spend, Some(Picodollars(2_500_000_000_000)));
    assert_eq!(request.scope().unwrap().networks.len(), 2);
    let (name, labels) = request.name_and_labels().unwrap();
    assert_eq!((name.as_str(), labels.len()), ("ci", 1));
    assert!(!format!("{request:?}").contains("sk-x"));
}

/// A thousand keys of one request have a thousand copies of it.
#[test]
fn texts_are_bounded_together() {
    let texts = |count: usize| (0..count).map(|n| format!("{n:0>100}")).collect::<Vec<_>>();
    let labels = |count| texts(count).into_iter().map(|text| (text.clone(), text)).collect();
    let some = KeyRequest { labels: labels(40), models: texts(80), ..KeyRequest::default() };
    assert!(some.name_and_labels().is_ok() && some.scope().is_ok());
    let many = KeyRequest { labels: labels(41), models: texts(82), ..KeyRequest::default() };
    assert_eq!(many.name_and_labels().unwrap_err().field, "labels");
    assert_eq!(many.scope().unwrap_err().field, "models");
}

#[test]
fn a_member_stands_once() {
    for text in [
        r#"{"labels": {"a": "1", "a": "2"}}"#,
        r#"{"labels": {"a": "1", "\u0061": "1"}}"#,
        r#"{"metadata": {"a": 1, "b": 2, "a": 1}}"#,
    ] {
        let refused = read(text).unwrap_err();
        assert!(refused.contains("duplicate member `a`"), "{text}: {refused}");
    }
    assert!(read(r#"{"metadata": null, "labels": {}}"#).unwrap().metadata.is_none());
    assert!(read(r#"{"labels": ["a", "b"]}"#).is_err());
}

#[test]
fn a_labels_name_is_taken_as_it_stands() {
    let request = read(r#"{"labels": {"a": "1", "a=b": "c"}}"#).unwrap();
    let labels = request.name_and_labels().unwrap().1;
    let texts = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    assert_eq!(labels, [("a", "1"), ("a=b", "c")].map(texts));
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC*") {
        let quoted = Value::from(text).to_string();
        for field in ["expires", "rate", "max_spend", "max_price", "on_cancel", "on_spike"] {
            let request = read(&format!("{{\"{field}\": {quoted}}}")).unwrap();
            let _ = request.limits(Timestamp(1));
        }
    }
}
