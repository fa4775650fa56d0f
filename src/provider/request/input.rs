//! The most input tokens of a request.
//!
//! Byte-level tokenizers give no more tokens than there are bytes of text (UTF-8), so the bytes
//! of all that can reach the model are counted, and the rest by what it can be at the most.

use std::collections::HashMap;

use super::members::{OPAQUE, OPAQUE_COHERE, PAYLOADS, PLACES, TEXTS};
use super::names;
use super::part::{Part, part};
use super::refusal::Refusal;
use crate::provider::api::Api;
use crate::provider::json::{Node, Value};
use crate::provider::price::{CacheWrite, Media};

/// What providers put before every prompt: the date, rules of the format.
const PREFACE: u64 = 512;
/// What frames one message, item or part.
const FRAME: u64 = 32;

/// What a request brings to the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Input {
    /// The most tokens of its text, audio and frames.
    pub(super) written: u64,
    /// Its images.
    pub(super) images: u64,
    /// Whether it has parts whose size it does not show.
    pub(super) unseen: bool,
    /// What stands beside its text.
    pub(super) media: Media,
    /// The caches that it asks to write to.
    pub(super) cache_write: CacheWrite,
}

/// Counts what a body brings to the model.
///
/// # Errors
/// Where a name in it may be taken for another.
pub(super) fn read(api: Api, root: &Node<'_>) -> Result<Input, Refusal> {
    let input = Input {
        written: PREFACE,
        images: 0,
        unseen: false,
        media: Media::default(),
        cache_write: CacheWrite::Never,
    };
    let mut tools = HashMap::new();
    for tool in root.get("tools").map(Node::items).unwrap_or_default() {
        if let Some(name) = tool.get("name").and_then(Node::text) {
            let longest: &mut u64 = tools.entry(name).or_default();
            *longest = len(tool.span.len()).max(*longest);
        }
    }
    let mut count = Count { api, tools, input };
    count.value(root, "", Inside::Open)?;
    let images = root.get("images").map(Node::items).unwrap_or_default();
    if api == Api::CohereEmbeddings && !images.is_empty() {
        count.input.media.image = true;
    }
    Ok(count.input)
}

/// Where a value stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    /// Among messages and their parts.
    Open,
    /// Within an image.
    Image,
    /// Within what is only text to the API.
    Opaque,
}

struct Count<'a> {
    api: Api,
    /// The tools by their names, and the most bytes of each.
    tools: HashMap<&'a str, u64>,
    input: Input,
}

impl Count<'_> {
    fn add(&mut self, tokens: u64) {
        self.input.written = self.input.written.saturating_add(tokens);
    }

    /// Adds a value that stands under this name.
    fn value(&mut self, node: &Node<'_>, name: &str, inside: Inside) -> Result<(), Refusal> {
        match &node.value {
            Value::Text(_) if inside == Inside::Image && PAYLOADS.contains(&name) => {}
            Value::Text(text) if inside != Inside::Opaque && TEXTS.contains(&name) => {
                self.add(len(text.len()));
            }
            Value::List(items) => {
                self.add(2);
                for item in items {
                    let frame = matches!(item.value, Value::Object(_) | Value::Text(_));
                    self.add(if frame { FRAME } else { 1 });
                    self.value(item, name, inside)?;
                }
            }
            Value::Object(_) => return self.object(node, name, inside),
            _ => self.add(len(node.span.len())),
        }
        Ok(())
    }

    fn object(&mut self, node: &Node<'_>, name: &str, inside: Inside) -> Result<(), Refusal> {
        let inside = if inside == Inside::Opaque {
            inside
        } else {
            names::nested(node)?;
            self.open(node, name, inside)
        };
        self.cache(node, name);
        self.add(2);
        let kind = node.get("type").and_then(Node::text);
        let own_input = matches!(kind, Some("tool_use" | "server_tool_use" | "mcp_tool_use"));
        for member in node.members() {
            let name = &*member.name;
            // Quotes, colon and comma; a name with escapes is written longer than it reads.
            self.add(len(name.len()).saturating_mul(2).saturating_add(4));
            if name == "tools" && inside != Inside::Opaque {
                names::tools(&member.node)?;
            }
            let opaque = OPAQUE.contains(&name)
                || own_input && name == "input"
                || self.api == Api::Cohere && OPAQUE_COHERE.contains(&name)
                || name == "arguments" && !member.node.members().is_empty();
            let within = if opaque && inside == Inside::Open { Inside::Opaque } else { inside };
            self.value(&member.node, name, within)?;
        }
        Ok(())
    }

    /// Adds an object as a part of the input; where what is in it stands.
    fn open(&mut self, node: &Node<'_>, name: &str, inside: Inside) -> Inside {
        if node.get("type").and_then(Node::text) == Some("tool_reference") {
            self.reference(node);
        }
        let listed = PLACES.contains(&name) && inside == Inside::Open;
        match part(self.api, node, listed) {
            Part::Written => return inside,
            Part::Image => {
                self.input.images = self.input.images.saturating_add(1);
                self.input.media.image = true;
                return Inside::Image;
            }
            Part::Audio => self.input.media.audio = true,
            Part::Unseen => {
                self.input.unseen = true;
                self.input.media = Media { audio: true, image: true };
            }
        }
        Inside::Open
    }

    /// Adds a tool once more, which a search has found and the model is shown here.
    fn reference(&mut self, node: &Node<'_>) {
        let name = node.get("tool_name").and_then(Node::text);
        match name.and_then(|name| self.tools.get(name)) {
            Some(bytes) => self.add(*bytes),
            None => self.input.unseen = true,
        }
    }

    /// Notes what an object asks to have cached, wherever it stands.
    fn cache(&mut self, node: &Node<'_>, name: &str) {
        if name != "cache_control" {
            return;
        }
        let ttl = node.get("ttl").filter(|ttl| !ttl.is_null());
        let minutes = ttl.is_none_or(|ttl| ttl.text() == Some("5m"));
        let asked = if minutes { CacheWrite::Minutes } else { CacheWrite::Hour };
        self.input.cache_write = self.input.cache_write.max(asked);
    }
}

fn len(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}
