//! A running `till admin serve`, tokens for it, and requests with them.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::home::Home;
use super::http::{Reply, Request};
use super::proxy::Proxy;

/// What an admin token can do at one server.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) to: SocketAddr,
    pub(crate) token: String,
}

impl Home {
    /// A running admin server on this home's store.
    pub(crate) fn admin(&self) -> Proxy {
        Proxy::start(self.till("admin serve --listen 127.0.0.1:0"))
    }

    /// A new admin token of this name, with these flags.
    #[track_caller]
    pub(crate) fn token(&self, name: &str, flags: &str) -> String {
        let token = self.till(&format!("admin mint --name {name} {flags}")).ok();
        token.trim_end().to_owned()
    }

    /// The same, and a client that shows it to this server.
    #[track_caller]
    pub(crate) fn client(&self, admin: &Proxy, name: &str, flags: &str) -> Client {
        Client { to: admin.address(), token: self.token(name, flags) }
    }
}

impl Client {
    /// The same token at another server.
    pub(crate) fn at(&self, admin: &Proxy) -> Self {
        Self { to: admin.address(), ..self.clone() }
    }

    /// A request with the token.
    pub(crate) fn request(&self, method: &str, path: &str) -> Request {
        Request::new(method, path).bearer(&self.token)
    }

    #[track_caller]
    pub(crate) fn send(&self, method: &str, path: &str) -> Reply {
        self.request(method, path).send(self.to)
    }

    /// Asks for keys.
    #[track_caller]
    pub(crate) fn create(&self, asked: &Value) -> Reply {
        self.try_create(asked).expect("an answer")
    }

    /// The same, where the server may die.
    pub(crate) fn try_create(&self, asked: &Value) -> std::io::Result<Reply> {
        let request = self.request("POST", "/admin/keys").json(asked.to_string().as_bytes());
        request.try_send(self.to)
    }

    /// Mints one key.
    #[track_caller]
    pub(crate) fn mint(&self, asked: &Value) -> Value {
        let reply = self.create(asked);
        assert_eq!(reply.status, 201, "{}", reply.text());
        reply.json()["key"].take()
    }

    /// The key as it stands.
    #[track_caller]
    pub(crate) fn show(&self, id: &str) -> Value {
        of(&self.send("GET", &format!("/admin/keys/{id}")), "key")
    }

    #[track_caller]
    pub(crate) fn revoke(&self, id: &str) -> Value {
        of(&self.send("DELETE", &format!("/admin/keys/{id}")), "key")
    }

    /// Its keys that live.
    #[track_caller]
    pub(crate) fn live(&self) -> Vec<Value> {
        let keys = of(&self.send("GET", "/admin/keys?status=active"), "keys");
        keys.as_array().expect("a list").clone()
    }

    /// The token itself, with its bounds and totals.
    #[track_caller]
    pub(crate) fn tenant(&self) -> Value {
        of(&self.send("GET", "/admin/account"), "account")["tenant"].take()
    }
}

/// A text of an answer.
#[track_caller]
pub(crate) fn text<'a>(answer: &'a Value, field: &str) -> &'a str {
    answer[field].as_str().unwrap_or_else(|| panic!("no `{field}`: {answer}"))
}

/// The status, the code and the message of a refusal, which has nothing else in it.
#[track_caller]
pub(crate) fn refusal(reply: &Reply) -> (u16, String, String) {
    assert_eq!(reply.field("content-type"), "application/json", "{}", reply.text());
    let whole = reply.json();
    let (code, message) = (text(&whole["error"], "code"), text(&whole["error"], "message"));
    assert_eq!(whole, json!({"error": {"code": code, "message": message}}));
    (reply.status, code.to_owned(), message.to_owned())
}

/// Expects a refusal with these texts in its message.
#[track_caller]
pub(crate) fn refused(reply: &Reply, status: u16, code: &str, says: &[&str]) {
    let (found, of, message) = refusal(reply);
    assert_eq!((found, of.as_str()), (status, code), "{message}");
    for said in says {
        assert!(message.contains(said), "nothing of {said:?}: {message}");
    }
}

#[track_caller]
fn of(reply: &Reply, field: &str) -> Value {
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.field("content-type"), "application/json");
    reply.json()[field].take()
}
