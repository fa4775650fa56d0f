//! A message before it has a number: what it says, as JSON and as one line.

use serde_json::{Map, Value, json};

use crate::domain::alert::Topic;
use crate::domain::alert_target::WaitingAlert;
use crate::domain::cost::Measure;
use crate::domain::ids::{AlertId, StoreId};
use crate::domain::key::KeyRecord;
use crate::domain::money::Picodollars;
use crate::domain::time::Timestamp;

/// The version of the messages' schema. It grows when a field changes its meaning or goes.
const SCHEMA: u64 = 1;

/// What is to be told.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    /// The topic; none for what concerns every target.
    pub(super) topic: Option<Topic>,
    /// The key that it is about.
    pub(super) key: Option<KeyRecord>,
    /// What it is, as in `limit.reached`.
    pub(super) kind: &'static str,
    /// What it says beside the fields of every message.
    pub(super) fields: Map<String, Value>,
    /// The same for people.
    pub(super) text: String,
}

impl Draft {
    /// A message with nothing but its kind and its line.
    pub(super) fn new(topic: Option<Topic>, kind: &'static str, text: impl Into<String>) -> Self {
        Self { topic, key: None, kind, fields: Map::new(), text: text.into() }
    }

    /// The same, about this key.
    pub(super) fn about(mut self, key: KeyRecord) -> Self {
        self.key = Some(key);
        self
    }

    /// The same, with one more field.
    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.to_owned(), value.into());
        self
    }

    /// The message, with its number.
    pub(super) fn numbered(&self, store: StoreId, id: AlertId, at: Timestamp) -> WaitingAlert {
        let text = plain(&self.text);
        let mut body = self.fields.clone();
        let fixed = [
            ("version", json!(SCHEMA)),
            ("id", json!(message_id(store, id))),
            ("type", json!(self.kind)),
            ("at", json!(at.to_rfc3339())),
            ("store", json!(store.to_string())),
            ("text", json!(text)),
        ];
        body.extend(fixed.map(|(name, value)| (name.to_owned(), value)));
        if let Some(key) = &self.key {
            body.insert("key".to_owned(), key_json(key));
        }
        WaitingAlert { id, at, body: Value::Object(body).to_string(), text }
    }
}

/// What receivers tell a repeated message by.
fn message_id(store: StoreId, id: AlertId) -> String {
    format!("msg_{store}_{id}")
}

/// A message that tells nothing but that it arrives. Its number is none that an alert has.
#[must_use]
pub fn test_alert(store: StoreId, target: &str, at: Timestamp) -> WaitingAlert {
    let text = format!("till: a test of the alerts to {target}");
    let draft = Draft::new(None, "test", text).with("target", target);
    let mut alert = draft.numbered(store, AlertId(0), at);
    // Two tests are two messages.
    let (old, new) = (message_id(store, AlertId(0)), format!("msg_{store}_test_{}", at.0));
    alert.body = alert.body.replace(&old, &new);
    alert
}

fn key_json(key: &KeyRecord) -> Value {
    let labels = key.labels.iter().map(|(name, value)| (name.clone(), json!(value)));
    json!({
        "id": key.id.to_string(),
        "name": key.name,
        "labels": labels.collect::<Map<_, _>>(),
        "expires_at": key.limits.expires_at.map(Timestamp::to_rfc3339),
    })
}

/// What a key is called in a line.
pub(super) fn called(key: &KeyRecord) -> String {
    if key.name.is_empty() {
        format!("key {}", key.id)
    } else {
        format!("key {} ({})", key.name, key.id)
    }
}

/// A figure of a measure, as other JSON of till's has it.
pub(super) fn figure(measure: Option<Measure>, figure: u64) -> Value {
    match measure {
        Some(Measure::Spend) => {
            let usd = Picodollars(figure).to_string();
            json!({"picodollars": figure, "usd": usd.trim_start_matches('$')})
        }
        Some(Measure::Tokens | Measure::InputTokens | Measure::OutputTokens) | None => {
            json!(figure)
        }
    }
}

/// The line without what would move a cursor, change a colour or turn the reading direction.
fn plain(text: &str) -> String {
    let formats = |c: char| {
        matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    text.chars().filter(|c| !c.is_control() && !formats(*c)).collect()
}
