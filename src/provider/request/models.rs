//! The models that a request names.

use super::case::Case;
use super::inquiry::Inquiry;
use super::refusal::Refusal;
use crate::provider::ModelPlace;
use crate::provider::api::Api;
use crate::provider::json::{Node, Value};

/// The models that a request names, at least one: the first is the one asked for, the others are
/// fallbacks.
pub(super) fn read(
    inquiry: &Inquiry<'_>,
    api: Api,
    root: &Node<'_>,
) -> Result<Vec<String>, Refusal> {
    let mut models = Vec::new();
    if let ModelPlace::Path(model) = inquiry.provider.model_place(inquiry.path) {
        same_in_body(api, root, &model)?;
        // A tuned model may have any name, that of a dearer or cheaper one too.
        let tuned = inquiry.path.to_ascii_lowercase().contains("/tunedmodels/");
        models.push(if tuned { format!("tunedModels/{model}") } else { model });
    } else {
        let node = root.get("model").filter(|node| !node.is_null());
        models.extend(node.map(|node| named(node, "model")).transpose()?);
    }
    let none = Value::List(Vec::new());
    if let Some(list) = root.get("models").filter(|node| !node.is_null() && node.value != none) {
        if inquiry.provider.name != "openrouter" {
            return Err(Refusal::unmetered(
                "`models` names fallbacks, whose prices are not known: name one `model`",
            ));
        }
        for node in list.items() {
            models.push(named(node, "models")?);
        }
    }
    if models.is_empty() {
        return Err(Refusal::bad("the request names no `model`, and a limit must know it"));
    }
    Ok(models)
}

fn named(node: &Node<'_>, field: &str) -> Result<String, Refusal> {
    let text = node.text().filter(|text| !text.is_empty());
    text.map(str::to_owned).ok_or_else(|| Refusal::bad(format!("`{field}` must name a model")))
}

/// Gemini's bodies may name the model too, and must not name another.
fn same_in_body(api: Api, root: &Node<'_>, model: &str) -> Result<(), Refusal> {
    if !matches!(api, Api::Gemini | Api::GeminiEmbeddings) {
        return Ok(());
    }
    let requests = root.get("requests").map(Node::items).unwrap_or_default();
    for node in requests.iter().chain([root]).filter_map(|request| request.get("model")) {
        let own = named(node, "model")?;
        let bare = own.rsplit_once('/').map_or(&*own, |(_, name)| name);
        if bare != model {
            return Err(Refusal::bad(format!(
                "the path names the model `{model}` and the body `{bare}`"
            )));
        }
    }
    Ok(())
}

/// Notes models that do more than one run of what they are asked, whatever the request says.
pub(super) fn check(case: &mut Case<'_>) {
    let provider = case.provider();
    let unlimited = |model: &String| {
        let model = model.to_ascii_lowercase();
        let has = |part: &str| model.contains(part);
        let own = match provider {
            "openai" => has("-search-preview") || has("-search-api"),
            "groq" => has("compound"),
            "xai" => has("multi-agent"),
            "openrouter" => has(":online") || has("@preset") || has("/sonar"),
            "perplexity" => has("preset/"),
            _ => false,
        };
        own || has("deep-research")
    };
    if let Some(model) = case.models.iter().find(|model| unlimited(model)).cloned() {
        let why = format!("the model `{model}` searches or runs as often as it likes");
        case.unbound(why, "ask for another model");
    }
}
