//! The admin API of another machine: what `TILL_ADMIN_URL` turns some commands to, so that a CI
//! runner needs neither the store nor its passphrase.

use std::path::Path;

use http::Method;
use serde::Deserialize;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::admin::{AdminKey, FAULTS};
use crate::domain::ids::KeyId;
use crate::domain::key_text::KeyText;
use crate::vault::SecretText;
use crate::wire::KeyRequest;

use super::super::commands::admin_trust::AUDIENCE;
use super::super::commands::key_env::proxy_url;
use super::super::context::Context;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::harden::harden;
use super::super::secret_read::{Readers, from_file};
use super::client::{Answer, exchange};
use super::job_token;

/// Keys that are asked for at once.
const PAGE: u32 = 500;
/// Pages that are asked for at the most: half a million keys.
const PAGES: u32 = 1_000;

/// The admin API that a command speaks to.
#[derive(Debug)]
pub struct Remote<'a> {
    context: &'a Context,
    url: String,
}

/// What it answers with on success.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Answered {
    key: Option<AdminKey>,
    keys: Vec<AdminKey>,
    next: Option<String>,
}

impl<'a> Remote<'a> {
    /// The admin API that the environment names; none where it names none, or where a store was
    /// named on the command line.
    ///
    /// # Errors
    /// Where what it names is no URL.
    pub fn of(context: &'a Context) -> Result<Option<Self>, Failure> {
        let Some(url) = context.environment.get("TILL_ADMIN_URL") else { return Ok(None) };
        if context.globals.store.is_some() {
            return Ok(None);
        }
        let example = "set it to the URL that `till admin serve` listens on, as \
                       https://till.example.com:4101";
        let refused = |why: &str| {
            Failure::new(Exit::Usage, "`TILL_ADMIN_URL` is no URL of an admin API")
                .why(why)
                .hint(example)
        };
        let parsed = reqwest::Url::parse(url).map_err(|error| refused(&error.to_string()))?;
        if !matches!(parsed.scheme(), "https" | "http") || parsed.host_str().is_none() {
            return Err(refused("it does not begin with https:// or http:// and a host"));
        }
        if !parsed.username().is_empty() || parsed.password().is_some() {
            return Err(refused("it holds a user or a password"));
        }
        harden(&context.terminal, context.cores);
        let is_here = matches!(parsed.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        if parsed.scheme() == "http" && !is_here {
            context
                .terminal
                .warn("`TILL_ADMIN_URL` is without TLS: the token crosses the network unencrypted");
        }
        context.explain(&format!("the admin API is at {url}"));
        Ok(Some(Self { context, url: url.trim_end_matches('/').to_owned() }))
    }

    /// Mints what is asked for.
    ///
    /// # Errors
    /// Where it does not answer, or refuses.
    pub fn mint(&self, asked: &KeyRequest) -> Result<Vec<AdminKey>, Failure> {
        let body = serde_json::to_value(asked).map_err(|error| {
            Failure::new(Exit::Failed, "the request cannot be written").why(error)
        })?;
        let answered = self.ask(Method::POST, "/admin/keys", Some(&body))?;
        Ok(answered.key.into_iter().chain(answered.keys).collect())
    }

    /// The keys that the token has minted.
    ///
    /// # Errors
    /// As [`Remote::mint`].
    pub fn keys(&self) -> Result<Vec<AdminKey>, Failure> {
        let mut all = Vec::new();
        let mut after = String::new();
        for _ in 0..PAGES {
            let path = format!("/admin/keys?limit={PAGE}{after}");
            let Answered { keys, next, .. } = self.ask(Method::GET, &path, None)?;
            let Some(next) = next else {
                all.extend(keys);
                return Ok(all);
            };
            // Each page goes on from its last key, which was on none before.
            let goes_on = keys.last().is_some_and(|last| last.id == next)
                && all.last().is_none_or(|last: &AdminKey| last.id != next);
            if !goes_on {
                return Err(self.unreadable(200));
            }
            all.extend(keys);
            after = format!("&after={next}");
        }
        Err(self.unreadable(200))
    }

    /// The one key whose id begins with the text.
    ///
    /// # Errors
    /// Where there is none, or more than one.
    pub fn find(&self, text: &str) -> Result<AdminKey, Failure> {
        let mut found: Vec<AdminKey> =
            self.keys()?.into_iter().filter(|key| key.id.starts_with(text)).collect();
        let one = found.pop();
        match (one, found.is_empty()) {
            (Some(key), true) => Ok(key),
            (None, _) => Err(Failure::new(Exit::NotFound, format!("there is no key `{text}`"))
                .hint("list those that the token has minted with `till key ls`")),
            (Some(_), false) => Err(Failure::new(
                Exit::Usage,
                format!("more than one key's id begins with `{text}`"),
            )
            .hint("give more of its characters")),
        }
    }

    /// A key by its whole id.
    ///
    /// # Errors
    /// As [`Remote::mint`].
    pub fn key(&self, id: &str) -> Result<AdminKey, Failure> {
        self.one(Method::GET, id)
    }

    /// Ends a key, by its whole id.
    ///
    /// # Errors
    /// As [`Remote::mint`].
    pub fn revoke(&self, id: &str) -> Result<AdminKey, Failure> {
        self.one(Method::DELETE, id)
    }

    fn one(&self, method: Method, id: &str) -> Result<AdminKey, Failure> {
        let answered = self.ask(method, &format!("/admin/keys/{id}"), None)?;
        answered.key.ok_or_else(|| self.unreadable(200))
    }

    fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Answered, Failure> {
        let token = self.token()?;
        let url = format!("{}{path}", self.url);
        let prepare = |client: &reqwest::Client| {
            let request = client.request(method, url).bearer_auth(token.expose());
            let request = request.header("accept", "application/json");
            match body {
                Some(body) => {
                    request.header("content-type", "application/json").body(body.to_string())
                }
                None => request,
            }
        };
        let unanswered = |why: String| {
            Failure::new(Exit::Failed, format!("no admin API answers at `{}`", self.url))
                .why(why)
                .hint("see that `TILL_ADMIN_URL` names where `till admin serve` listens")
        };
        let Answer { status, body } = exchange(prepare, unanswered)?;
        let body = Zeroizing::new(body);
        if (200..300).contains(&status) {
            let answered: Answered =
                serde_json::from_slice(&body).map_err(|_| self.unreadable(status))?;
            let fit = answered.key.iter().chain(&answered.keys).all(is_fit);
            return if fit { Ok(answered) } else { Err(self.unreadable(status)) };
        }
        let said: Value = serde_json::from_slice(&body).map_err(|_| self.unreadable(status))?;
        let text = |pointer: &str| said.pointer(pointer).and_then(Value::as_str);
        match (text("/error/code"), text("/error/message")) {
            (Some(code), Some(message)) if FAULTS.iter().any(|row| row.code == code) => {
                Err(refused(status, code, message))
            }
            _ => Err(self.unreadable(status)),
        }
    }

    /// The token that was given, in a variable or a file.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn given_token(&self) -> Result<Option<SecretText>, Failure> {
        let environment = &self.context.environment;
        if let Some(token) = environment.get("TILL_ADMIN_TOKEN") {
            return Ok(Some(token.trim().to_owned().into()));
        }
        let Some(path) = environment.get_os("TILL_ADMIN_TOKEN_FILE") else { return Ok(None) };
        from_file(Path::new(path), Readers::Owner)
            .map(Some)
            .map_err(|failure| failure.hint("`TILL_ADMIN_TOKEN_FILE` names it"))
    }

    /// The token: a variable, a file, or that of the CI job.
    fn token(&self) -> Result<SecretText, Failure> {
        let environment = &self.context.environment;
        if let Some(token) = self.given_token()? {
            return Ok(token);
        }
        if job_token::is_offered(environment) {
            let audience = environment.get("TILL_ADMIN_AUDIENCE").unwrap_or(AUDIENCE);
            return job_token::fetch(environment, audience);
        }
        Err(Failure::new(Exit::Usage, "there is no token for the admin API")
            .why("`TILL_ADMIN_URL` is set, and neither `TILL_ADMIN_TOKEN` nor `TILL_ADMIN_TOKEN_FILE`")
            .hint("set one to a token of `till admin mint`, or to the identity token of a CI job")
            .hint("on GitHub Actions, with a trust, give the job `permissions: id-token: write`"))
    }

    fn unreadable(&self, status: u16) -> Failure {
        let what = format!("`{}` does not answer like an admin API of till", self.url);
        Failure::new(Exit::Failed, what)
            .why(format!("it answered with status {status}"))
            .hint("see that `TILL_ADMIN_URL` names where `till admin serve` listens")
    }
}

/// Whether what becomes paths of requests, lines that shells read and a CI system's log is what it
/// should be: the API is another machine's.
fn is_fit(key: &AdminKey) -> bool {
    let text = key.scoped_key.as_ref().map(|text| text.0.expose());
    key.id.parse::<KeyId>().is_ok_and(|id| id.as_str() == key.id)
        && text.is_none_or(|text| text.parse::<KeyText>().is_ok())
        && key.proxy_url.as_deref().is_none_or(|url| proxy_url(url).is_ok())
}

/// What a refusal is for a command.
fn refused(status: u16, code: &str, message: &str) -> Failure {
    let exit = match (status, code) {
        (400 | 413 | 415, _) => Exit::Usage,
        (401, _) => Exit::WrongSecret,
        (403, _) => Exit::Refused,
        (404, "key_unknown") => Exit::NotFound,
        (503, "store_busy") => Exit::StoreHeld,
        _ => Exit::Failed,
    };
    let failure = Failure::new(exit, format!("the admin API refuses it ({code})")).why(message);
    match code {
        "token_refused" | "token_missing" => {
            failure.hint("set `TILL_ADMIN_TOKEN` to a token of `till admin mint`")
        }
        "identity_refused" | "identity_used" => {
            failure.hint("the operator sees what is trusted with `till admin ls`")
        }
        "out_of_bounds" => failure.hint("ask for less, or for a token with wider bounds"),
        _ => failure,
    }
}
