//! A field of a body that limits its output.

use crate::provider::json::{Edits, Member, Node, Value};

/// A place for an output limit.
#[derive(Clone, Debug)]
pub(super) struct Limit {
    /// The places of the members of the object that it belongs in.
    pub(super) object: Node<'static>,
    pub(super) name: String,
    /// What it is as the request has it.
    pub(super) sent: Option<u64>,
    /// The member that the object lacks and the limit stands in.
    pub(super) within: Option<&'static str>,
    /// Whether it is put in even where nothing is brought down.
    pub(super) always: bool,
}

impl Limit {
    /// A limit of this object that is not there.
    pub(super) fn missing(object: &Node<'_>, name: &str) -> Self {
        Self {
            object: outline(object),
            name: name.to_owned(),
            sent: None,
            within: None,
            always: false,
        }
    }

    /// Its name, as it stands in the request.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether this grant changes it, where so much was asked for.
    pub(super) fn is_lowered(&self, granted: u64, asked: u64) -> bool {
        granted < self.sent.unwrap_or(asked)
    }

    /// Brings it down to this grant, where so much was asked for.
    pub(super) fn lower(&self, edits: &mut Edits, granted: u64, asked: u64) {
        let missing = self.sent.is_none() && self.always;
        if !missing && !self.is_lowered(granted, asked) {
            return;
        }
        match self.within {
            None => edits.set(&self.object, &self.name, granted.to_string()),
            Some(outer) => {
                edits.set(&self.object, outer, format!("{{\"{}\":{granted}}}", self.name));
            }
        }
    }
}

/// The places of an object's members, without what they hold.
fn outline(object: &Node<'_>) -> Node<'static> {
    let bare = |node: &Node<'_>| Node { value: Value::Null, span: node.span.clone() };
    let members = object.members().iter().map(|member| Member {
        name: member.name.clone().into_owned().into(),
        node: bare(&member.node),
    });
    Node { value: Value::Object(members.collect()), span: object.span.clone() }
}
