//! One try to deliver one alert, whatever its target is.

use http::{HeaderMap, HeaderName, HeaderValue};
use rustls::ClientConfig;
use serde_json::{Value, json};

use super::command;
use super::signature::SigningSecret;
use super::web::{Web, check_url};
use crate::domain::alert_retry::{Attempt, Failure};
use crate::domain::alert_target::{AlertTarget, TargetKind, WaitingAlert};
use crate::domain::ids::StoreId;
use crate::domain::time::Timestamp;
use crate::ledger::op::{ADDRESS, SECRET};
use crate::vault::{AlertContext, AlertKey, SecretText, open_alert};

/// What delivers.
#[derive(Debug)]
pub struct Post(Web);

impl Post {
    /// Trusts whom `tls` trusts: what is trusted as a provider is trusted as a receiver.
    ///
    /// # Errors
    /// Why no client can be made.
    pub fn new(tls: &ClientConfig) -> Result<Self, String> {
        Web::new(tls).map(Self).map_err(|error| error.without_url().to_string())
    }

    /// Delivers an alert, at the time `at`.
    pub async fn deliver(
        &self,
        key: &AlertKey,
        store: StoreId,
        target: &AlertTarget,
        alert: &WaitingAlert,
        at: Timestamp,
    ) -> Attempt {
        let place = |field| AlertContext { store, id: target.id, field };
        let secret = target.secret.as_ref().map(|secret| open_alert(key, place(SECRET), secret));
        let opened = (open_alert(key, place(ADDRESS), &target.address), secret.transpose());
        let (Ok(address), Ok(secret)) = opened else {
            return failed("its address cannot be opened: the store was edited or is damaged");
        };
        match target.kind {
            TargetKind::Command => match serde_json::from_str::<Vec<String>>(address.expose()) {
                Ok(words) => command::run(&words, alert.body.clone()).await,
                Err(_) => failed("its words cannot be read"),
            },
            TargetKind::Webhook => match signed(secret.as_ref(), alert, at) {
                Some(headers) => self.web(target, &address, headers, alert.body.clone()).await,
                None => failed("its signing secret cannot be read"),
            },
            TargetKind::Slack => {
                let body = json!({ "text": for_slack(&alert.text) }).to_string();
                self.web(target, &address, json_headers(), body).await
            }
        }
    }

    async fn web(
        &self,
        target: &AlertTarget,
        address: &SecretText,
        headers: HeaderMap,
        body: String,
    ) -> Attempt {
        match check_url(address.expose(), target.local) {
            Ok(url) => self.0.post(&url, target.local, headers, body).await,
            Err(why) => failed(why),
        }
    }
}

fn failed(why: &str) -> Attempt {
    Attempt::Failed(Failure::passing(why))
}

fn json_headers() -> HeaderMap {
    let json = HeaderValue::from_static("application/json");
    HeaderMap::from_iter([(http::header::CONTENT_TYPE, json)])
}

/// The headers of a signed message.
fn signed(secret: Option<&SecretText>, alert: &WaitingAlert, at: Timestamp) -> Option<HeaderMap> {
    let secret = SigningSecret::read(secret?).ok()?;
    let body: Value = serde_json::from_str(&alert.body).ok()?;
    let id = body.get("id").and_then(Value::as_str)?;
    let seconds = at.0 / 1_000;
    let mut headers = json_headers();
    for (name, value) in [
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", seconds.to_string()),
        ("webhook-signature", secret.sign(id, seconds, &alert.body)),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_str(&value).ok()?);
    }
    Some(headers)
}

/// The three characters that mean something to Slack
/// (<https://docs.slack.dev/messaging/formatting-message-text>).
fn for_slack(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_name_means_something_to_slack() {
        assert_eq!(for_slack("<!channel> & <@U1>"), "&lt;!channel&gt; &amp; &lt;@U1&gt;");
    }
}
