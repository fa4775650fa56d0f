//! Where, how fast and in which service tier a request runs.

use super::case::Case;
use crate::provider::api::Api;
use crate::provider::json::{Node, Value};
use crate::provider::price::{Media, Mode, Region, Tier, Tiers};

/// The service tiers that the request can run in.
pub(super) fn tiers(case: &mut Case<'_>) -> Tiers {
    let standard = Tiers::only(Tier::Standard);
    let node = case.root.get_any(&["service_tier", "serviceTier"]);
    let asked = node.map(|node| node.text().unwrap_or_default().to_ascii_lowercase());
    match asked.as_deref() {
        // What an account's project is set to, which no request shows.
        None | Some("auto") if case.provider() == "openai" => standard.and(Tier::Priority),
        None | Some("auto" | "service_tier_unspecified" | "unspecified") => standard,
        Some(name) => match Tier::named(name) {
            Some(Tier::Standard) => standard,
            Some(Tier::Flex) if case.provider() == "openrouter" => standard,
            Some(tier) if case.provider() != "openrouter" => Tiers::only(tier),
            _ => {
                case.unbound("the service tier has no known price", "leave `service_tier` out");
                standard
            }
        },
    }
}

/// The region that can be charged for.
pub(super) fn region(case: &Case<'_>) -> Region {
    let geo = case.root.get("inference_geo").and_then(Node::text);
    let host = case.inquiry.provider.origin.to_string();
    match case.provider() {
        "anthropic" if geo != Some("global") => Region::Us,
        "openai" if host.contains("://us.") => Region::Us,
        "openai" if host.contains("://eu.") => Region::Eu,
        _ => Region::Global,
    }
}

/// Whether the fast mode is asked for.
pub(super) fn fast(case: &mut Case<'_>) -> bool {
    let speed = case.root.get("speed").filter(|node| !node.is_null());
    match speed.map(|node| node.text().unwrap_or_default()) {
        Some("fast") => true,
        None | Some("standard") => false,
        Some(_) => {
            case.unbound("the speed has no known price", "leave `speed` out");
            false
        }
    }
}

/// What the answer can hold beside text.
pub(super) fn output_media(case: &Case<'_>) -> Media {
    let root = case.root;
    let configs = ["generationConfig", "generation_config"];
    let gemini = configs
        .iter()
        .filter_map(|name| root.get(name))
        .flat_map(|config| [config.get("responseModalities"), config.get("response_modalities")]);
    let lists: Vec<_> = gemini.chain([root.get("modalities")]).flatten().collect();
    // One that is not known, a number perhaps, may be any. A scalar counts as a list of one.
    let asks = |name: &str| {
        let may = |node: &Node<'_>| match node.text().map(str::to_ascii_lowercase).as_deref() {
            Some("text") => false,
            Some(known @ ("audio" | "image")) => known == name,
            _ => !node.is_null(),
        };
        lists.iter().any(|list| match list.value {
            Value::List(ref items) => items.iter().any(may),
            _ => may(list),
        })
    };
    let mode = case.price.map(|price| price.mode);
    let gemini = case.api == Api::Gemini;
    let named = |part: &str| gemini && case.model().contains(part);
    Media {
        audio: asks("audio") || named("tts") || mode == Some(Mode::Speech),
        image: asks("image") || named("image") || named("banana") || mode == Some(Mode::Image),
    }
}
