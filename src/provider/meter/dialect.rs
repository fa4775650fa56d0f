//! Which API's answers are read, and by what.

use super::account::Account;
use super::chat::Chat;
use super::cohere::Cohere;
use super::gemini::Gemini;
use super::messages::Messages;
use super::responses::Responses;
use super::single::Single;
use crate::provider::api::Api;
use crate::provider::json::Node;
use crate::provider::sse::Event;

/// What one API's answers say, and how they end.
#[derive(Debug)]
pub(super) enum Dialect {
    Chat(Chat),
    Responses(Responses),
    Messages(Messages),
    Gemini(Gemini),
    Cohere(Cohere),
    Single(Single),
}

impl Dialect {
    pub(super) fn new(api: Api) -> Self {
        match api {
            Api::Chat => Self::Chat(Chat::new(false)),
            Api::Completions => Self::Chat(Chat::new(true)),
            Api::Responses => Self::Responses(Responses::default()),
            Api::Messages => Self::Messages(Messages::default()),
            Api::Gemini => Self::Gemini(Gemini::new(true)),
            Api::GeminiEmbeddings => Self::Gemini(Gemini::new(false)),
            Api::Cohere | Api::CohereEmbeddings => Self::Cohere(Cohere::default()),
            Api::Embeddings | Api::Transcription => Self::Single(Single::new(false)),
            Api::Images => Self::Single(Single::new(true)),
        }
    }

    /// Whether the event is there for the usage alone.
    pub(super) fn take_event(&mut self, event: Event<'_>, account: &mut Account) -> bool {
        let data = event.data.trim_ascii();
        if data.is_empty() {
            return false;
        }
        if data == b"[DONE]" {
            if let Self::Chat(_) = self {
                Chat::done(account);
            }
            return false;
        }
        let before = account.shown;
        let hidden = self.take(data, account);
        if account.shown == before {
            account.show(0);
        }
        if event.name == b"error" {
            account.outdate();
        }
        hidden
    }

    /// Reads what is kept of an event that is too long to be read whole: it showed more than its
    /// usage, and how many of its choices are left is not known.
    pub(super) fn take_condensed(&mut self, document: &[u8], account: &mut Account) {
        account.outdate();
        self.take(document, account);
        if let Self::Chat(_) = self {
            account.is_final = false;
        }
    }

    /// Whether the document is there for the usage alone. What a malformed one said is not known.
    pub(super) fn take(&mut self, document: &[u8], account: &mut Account) -> bool {
        let Ok(node) = Node::parse(document) else {
            account.outdate();
            return false;
        };
        match self {
            Self::Chat(chat) => return chat.take(&node, account),
            Self::Responses(responses) => responses.take(&node, document, account),
            Self::Messages(messages) => messages.take(&node, account),
            Self::Gemini(gemini) => gemini.take(&node, account),
            Self::Cohere(cohere) => cohere.take(&node, account),
            Self::Single(single) => single.take(&node, account),
        }
        false
    }

    pub(super) fn closing(&self, account: &Account) -> String {
        match self {
            Self::Chat(chat) => chat.closing(),
            Self::Responses(responses) => responses.closing(),
            Self::Messages(messages) => messages.closing(account),
            Self::Gemini(gemini) => format!("data: {}\n\n", gemini.closing(account)),
            Self::Cohere(cohere) => cohere.closing(),
            Self::Single(_) => String::new(),
        }
    }
}
