//! The model that a request asks for, read only where a key's limit must see it.

use std::fmt;

use http::HeaderMap;
use serde::Deserializer as _;
use serde::de::{IgnoredAny, MapAccess, Visitor};

use crate::domain::denial::Denial;
use crate::domain::scope::Models;
use crate::provider::ModelPlace;
use crate::provider::request::is_alike;

use super::ingress::bad;
use super::look::{Unsent, Way, aside};
use super::router::Proxy;
use super::shares::Share;
use super::whole_body::read;

/// What was seen of the request's models, and its body, which was read for it or not.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) models: Models,
    pub(super) body: Unsent,
}

/// Looks for the models that a request names.
pub(super) async fn see(
    proxy: &Proxy,
    way: Way<'_>,
    headers: &HeaderMap,
    body: axum::body::Body,
    room: Share,
) -> Result<Seen, Denial> {
    let models = match way.provider.model_place(way.path) {
        ModelPlace::Path(name) => Models::Named(vec![name]),
        ModelPlace::None => Models::None,
        ModelPlace::Multipart | ModelPlace::Unknown => Models::Unseen,
        ModelPlace::Body => {
            let whole = read(headers, body, "models", room).await?;
            let bytes = whole.bytes().clone();
            let models = aside(proxy, bytes.len(), move || in_json(&bytes)).await??;
            return Ok(Seen { models, body: Unsent::Read(whole) });
        }
    };
    Ok(Seen { models, body: Unsent::Untouched(body) })
}

/// The models of a JSON body: `model`, and the fallbacks of `models` (`OpenRouter`).
pub(super) fn in_json(body: &[u8]) -> Result<Models, Denial> {
    if body.is_empty() {
        return Ok(Models::Unseen);
    }
    let mut reader = serde_json::Deserializer::from_slice(body);
    let fields =
        reader.deserialize_map(Fields::default()).and_then(|fields| reader.end().map(|()| fields));
    let fields = fields.map_err(|error| {
        bad(&format!("the key is limited to models, and the body cannot be read: {error}"))
    })?;
    let Some(model) = fields.model else { return Ok(Models::Unseen) };
    let mut names = fields.models;
    names.push(model);
    Ok(Models::Named(names))
}

/// The fields that name models.
const FIELDS: [&str; 2] = ["model", "models"];
/// Fields of a body at the most: their names are remembered while it is read.
const MOST_FIELDS: usize = 10_000;

#[derive(Default)]
struct Fields {
    model: Option<String>,
    models: Vec<String>,
}

impl<'de> Visitor<'de> for Fields {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self, A::Error> {
        use serde::de::Error;
        let mut names = std::collections::HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "model" => self.model = Some(map.next_value()?),
                "models" => self.models = map.next_value()?,
                other => {
                    // Servers disagree about whether it counts.
                    if let Some(known) = FIELDS.iter().find(|known| is_alike(known, other)) {
                        let why = format!("write the field `{other}` as `{known}`");
                        return Err(A::Error::custom(why));
                    }
                    map.next_value::<IgnoredAny>()?;
                }
            }
            if names.len() >= MOST_FIELDS {
                return Err(A::Error::custom(format!("it has more than {MOST_FIELDS} fields")));
            }
            // Servers disagree about which of two fields of one name counts.
            if !names.insert(name) {
                return Err(A::Error::custom("a field is there twice"));
            }
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn named(names: &[&str]) -> Models {
        Models::Named(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn models_in_bodies() {
        assert_eq!(in_json(br#"{"model":"a","x":{"model":"b"}}"#), Ok(named(&["a"])));
        assert_eq!(in_json(br#"{"models":["b","c"],"model":"a"}"#), Ok(named(&["b", "c", "a"])));
        assert_eq!(in_json(br#"{"mod\u0065l":"a"}"#), Ok(named(&["a"])));
        assert_eq!(in_json(b"{}"), Ok(Models::Unseen));
        assert_eq!(in_json(b""), Ok(Models::Unseen));
        for body in [
            &br#"{"model":"a","model":"b"}"#[..],
            br#"{"model":"a","mod\u0065l":"b"}"#,
            br#"{"x":1,"x":2}"#,
            br#"{"model":"a","Model":"b"}"#,
            br#"{"MODEL":"a"}"#,
            br#"{"model":"a","model\u017f":["b"]}"#,
            br#"{"model":1}"#,
            br#"["model"]"#,
            br#"{"model":"a"} {}"#,
            br#"{"model":"a""#,
        ] {
            assert!(in_json(body).is_err(), "{}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn fields_without_end_are_refused() {
        let wide = |count: usize| {
            let fields =
                (1..count).fold(String::new(), |fields, n| fields + &format!(",\"{n}\":0"));
            in_json(format!("{{\"model\":\"a\"{fields}}}").as_bytes())
        };
        assert_eq!(wide(MOST_FIELDS), Ok(named(&["a"])));
        assert!(wide(MOST_FIELDS + 1).unwrap_err().message.contains("more than 10000 fields"));
    }

    proptest! {
        #[test]
        fn no_body_panics(body in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = in_json(&body);
        }
    }
}
