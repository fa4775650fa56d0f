//! What a command does that has a proxy key and no store: it finds the key, and asks the proxy.

use crate::domain::key_text::{KeyText, NotAKey, PREFIX};
use crate::provider::environment;

use super::super::context::Context;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::remote::client::exchange;
use super::key_mint::default_url;
use super::master_add::read_stdin;

/// Where the proxy is: as it was said, as the environment says, or where one listens unless told.
pub(super) fn find_url(context: &Context, said: Option<&str>) -> String {
    let own = || context.environment.get("TILL_URL").map(str::to_owned);
    said.map(str::to_owned).or_else(own).unwrap_or_else(default_url)
}

/// The proxy key of the environment, or of stdin.
///
/// # Errors
/// Where there is none, or it is no proxy key.
pub(super) fn find_key(context: &Context) -> Result<KeyText, Failure> {
    let own = context.environment.get("TILL_KEY").map(str::to_owned);
    let of_providers = || {
        environment::all_key_variables()
            .filter_map(|name| context.environment.get(name))
            .find(|value| value.starts_with(PREFIX))
            .map(str::to_owned)
    };
    let text = match own.or_else(of_providers) {
        Some(text) => text,
        None if context.terminal.stdin_is_tty => String::new(),
        None => read_stdin()?.expose().to_owned(),
    };
    let text = zeroize::Zeroizing::new(text);
    if text.trim().is_empty() {
        return Err(Failure::new(Exit::Usage, "there is no proxy key to ask about")
            .hint("put it into `TILL_KEY`, or pipe it to stdin"));
    }
    text.trim().parse().map_err(|error| match error {
        NotAKey::Foreign => Failure::new(Exit::Usage, "this is no proxy key of till")
            .why("proxy keys begin with `till_sk_`")
            .hint("put one into `TILL_KEY`, or pipe it to stdin"),
        NotAKey::Mistyped => Failure::new(Exit::Usage, "the proxy key has a typing error")
            .why("its checksum is wrong")
            .hint("copy it whole"),
    })
}

/// An answer of the proxy's: its status, and its JSON.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) status: u16,
    pub(super) json: serde_json::Value,
}

impl Told {
    /// A text in it.
    pub(super) fn text(&self, pointer: &str) -> Option<&str> {
        self.json.pointer(pointer).and_then(|value| value.as_str())
    }
}

/// Asks the proxy with a key: what it is, or, with a body, for what that wishes for.
///
/// # Errors
/// Where no proxy answers there, or something that is none.
pub(super) fn ask(
    context: &Context,
    url: &str,
    path: &str,
    key: &KeyText,
    body: Option<Vec<u8>>,
) -> Result<Told, Failure> {
    context.explain(&format!("asking the proxy at {url}"));
    let target = format!("{}{path}", url.trim_end_matches('/'));
    let answer = exchange(
        |client| {
            let request = match body {
                None => client.get(target),
                Some(body) => client
                    .post(target)
                    .header(http::header::CONTENT_TYPE, "application/json")
                    .body(body),
            };
            request.bearer_auth(key.expose())
        },
        |why| {
            Failure::new(Exit::Failed, format!("no proxy answers at `{url}`"))
                .why(why)
                .hint("start one with `till proxy`, or name its address with `--url`")
        },
    )?;
    let status = answer.status;
    let json = serde_json::from_slice(&answer.body).map_err(|_| unreadable(url, status))?;
    Ok(Told { status, json })
}

/// The failure of something that answers and is no proxy of till.
pub(super) fn unreadable(url: &str, status: u16) -> Failure {
    Failure::new(Exit::Failed, format!("`{url}` does not answer like a proxy of till"))
        .why(format!("it answered with status {status}"))
        .hint("name the proxy's address with `--url`")
}
