//! The usage object of `OpenAI` and of those who took it over, under each of its names.

use super::reading::Tokens;
use crate::domain::money::Picodollars;
use crate::provider::json::Node;

/// Picodollars in one of xAI's ticks, 1e-10 dollars.
const TICK: u64 = 100;

/// The tokens of a usage object; none where it counts none, as one that counts seconds.
pub(super) fn tokens(usage: &Node<'_>) -> Option<Tokens> {
    let count = |names: &[&str]| usage.get_any(names).and_then(Node::count);
    let detail = |objects: &[&str], name: &str| {
        usage.get_any(objects).and_then(|details| details.get(name)).and_then(Node::count)
    };
    let inputs = ["prompt_tokens_details", "input_tokens_details", "input_token_details"];
    let outputs = ["completion_tokens_details", "output_tokens_details", "output_token_details"];

    let total = count(&["total_tokens"]);
    let said_input = count(&["prompt_tokens", "input_tokens"]);
    let said_output = count(&["completion_tokens", "output_tokens"]);
    // Some embeddings have a total alone.
    let input = said_input.or(total.filter(|_| said_output.is_none()));
    if input.is_none() && said_output.is_none() {
        return None;
    }
    let input = input.unwrap_or_default();
    let cache_read = detail(&inputs, "cached_tokens")
        .or_else(|| count(&["prompt_cache_hit_tokens", "cached_tokens", "num_cached_tokens"]))
        .unwrap_or_default();
    let reasoning = detail(&outputs, "reasoning_tokens");
    let reasoning = reasoning.or_else(|| count(&["reasoning_tokens"])).unwrap_or_default();
    let output = with_reasoning(input, said_output.unwrap_or_default(), reasoning, total);
    Some(Tokens {
        // More read from a cache than there is input: it was left out of it.
        input: if cache_read > input { input.saturating_add(cache_read) } else { input },
        cache_read,
        cache_write: detail(&inputs, "cache_write_tokens").unwrap_or_default(),
        input_audio: detail(&inputs, "audio_tokens").unwrap_or_default(),
        input_image: detail(&inputs, "image_tokens").unwrap_or_default(),
        output,
        reasoning,
        output_audio: detail(&outputs, "audio_tokens").unwrap_or_default(),
        output_image: detail(&outputs, "image_tokens").unwrap_or_default(),
        ..Tokens::default()
    })
}

/// The output with the reasoning: xAI leaves it out of the output, which the total shows, and so
/// does whoever has more of it than output.
fn with_reasoning(input: u64, output: u64, reasoning: u64, total: Option<u64>) -> u64 {
    let both = output.saturating_add(reasoning);
    let outside = total == Some(input.saturating_add(both)) || reasoning > output;
    if outside { both } else { output }
}

/// What a usage object says that the answer costs: `OpenRouter`'s `cost`, Perplexity's
/// `cost.total_cost`, xAI's `cost_in_usd_ticks`.
///
/// With a key of one's own at the model's provider (`is_byok`), `OpenRouter`'s is its fee alone,
/// and the provider's bill stands beside it.
pub(super) fn cost(usage: &Node<'_>) -> Option<Picodollars> {
    let decimal = |node: &Node<'_>| node.number().and_then(Picodollars::from_decimal);
    let dollars = usage
        .get("cost")
        .and_then(|cost| decimal(cost).or_else(|| cost.get("total_cost").and_then(decimal)));
    if usage.get("is_byok").and_then(Node::flag) == Some(true) {
        let provider = usage.at(&["cost_details", "upstream_inference_cost"]).and_then(decimal);
        return Some(dollars?.plus(provider?));
    }
    dollars.or_else(|| {
        let ticks = usage.get("cost_in_usd_ticks").and_then(Node::count)?;
        Some(Picodollars(TICK).times(ticks))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(usage: &str) -> Option<Tokens> {
        tokens(&Node::parse(usage.as_bytes()).unwrap())
    }

    #[test]
    fn each_spelling_is_read() {
        let plain = Tokens { input: 10, output: 5, ..Tokens::default() };
        let cases = [
            (r#"{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}"#, plain),
            (r#"{"input_tokens":10,"output_tokens":5}"#, plain),
            (r#"{"total_tokens":10}"#, Tokens { output: 0, ..plain }),
            (
                r#"{"prompt_tokens":10,"completion_tokens":5,"prompt_cache_hit_tokens":4}"#,
                Tokens { cache_read: 4, ..plain },
            ),
            (
                r#"{"prompt_tokens":2,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":8}}"#,
                Tokens { cache_read: 8, ..plain },
            ),
            (
                r#"{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"completion_tokens_details":{"reasoning_tokens":3,"audio_tokens":1}}"#,
                Tokens { reasoning: 3, output_audio: 1, ..plain },
            ),
            (
                r#"{"prompt_tokens":10,"completion_tokens":2,"total_tokens":15,"completion_tokens_details":{"reasoning_tokens":3}}"#,
                Tokens { reasoning: 3, ..plain },
            ),
            (
                r#"{"prompt_tokens":10,"completion_tokens":2,"total_tokens":12,"reasoning_tokens":3}"#,
                Tokens { reasoning: 3, ..plain },
            ),
            (
                r#"{"type":"tokens","input_tokens":10,"output_tokens":5,"input_token_details":{"audio_tokens":9,"text_tokens":1}}"#,
                Tokens { input_audio: 9, ..plain },
            ),
            (
                r#"{"input_tokens":10,"input_tokens_details":{"cached_tokens":1,"cache_write_tokens":2,"image_tokens":3},"output_tokens":5}"#,
                Tokens { cache_read: 1, cache_write: 2, input_image: 3, ..plain },
            ),
        ];
        for (usage, expected) in cases {
            assert_eq!(read(usage), Some(expected), "{usage}");
        }
        for usage in [r#"{"type":"duration","seconds":3}"#, "{}", "null", r#"{"prompt_tokens":-1}"#]
        {
            assert_eq!(read(usage), None, "{usage}");
        }
    }

    #[test]
    fn costs_are_read_without_a_float() {
        let cases = [
            (r#"{"cost":0.00014,"cost_details":{"upstream_inference_cost":9}}"#, Some(140_000_000)),
            (r#"{"cost":{"input_tokens_cost":1,"total_cost":5.4e-05}}"#, Some(54_000_000)),
            (r#"{"cost_in_usd_ticks":1466250}"#, Some(146_625_000)),
            (
                r#"{"cost":0.00014,"is_byok":true,"cost_details":{"upstream_inference_cost":0.00286}}"#,
                Some(3_000_000_000),
            ),
            (
                r#"{"cost":0.5,"is_byok":true,"cost_details":{"upstream_inference_cost":null}}"#,
                None,
            ),
            (r#"{"cost":0.00014,"is_byok":false,"cost_details":null}"#, Some(140_000_000)),
            (r#"{"cost":null}"#, None),
            (r#"{"cost":-1}"#, None),
        ];
        for (usage, expected) in cases {
            let node = Node::parse(usage.as_bytes()).unwrap();
            assert_eq!(cost(&node), expected.map(Picodollars), "{usage}");
        }
    }
}
