//! The Python SDKs of `OpenAI`, Anthropic and Google on keys that are limited in tokens and money:
//! what they see, what is charged, what is held after it.

mod answers;
mod hang_up;
mod price;
mod sdk;
mod stage;

use serde_json::Value;

use answers::body;
use hang_up::a_client_that_hangs_up;
use price::Price;
use sdk::{GEMINI, LIMIT, MESSAGES, OPENAI_CHAT, OPENAI_RESPONSES, Sdk};
use stage::{Stage, arguments, printed};

use crate::support::answer::Answer;
use crate::support::driver::Outcome;
use crate::support::upstream::Upstream;

/// The limits of a key that has enough of everything.
const AMPLE: &str = "--tokens 100k --spend 5";

/// Each of these with each SDK.
macro_rules! with_each_sdk {
    ($($test:ident)*) => {
        $(mod $test {
            #[test]
            fn openai_chat() {
                super::$test(&super::OPENAI_CHAT);
            }

            #[test]
            fn openai_responses() {
                super::$test(&super::OPENAI_RESPONSES);
            }

            #[test]
            fn anthropic_messages() {
                super::$test(&super::MESSAGES);
            }

            #[test]
            fn google_gemini() {
                super::$test(&super::GEMINI);
            }
        })*
    };
}

with_each_sdk! {
    an_answer_is_charged_exactly
    a_client_that_hangs_up
    a_limit_is_one_request_and_the_sdks_own_error
    the_output_is_clamped
}

/// Plain and streamed: the SDK sees what it sees without till.
fn an_answer_is_charged_exactly(sdk: &'static Sdk) {
    let Some(stage) = Stage::recorded(sdk) else { return };
    let bare = Upstream::expecting(sdk.place(), |seen| sdk.answer(seen));
    let calls =
        ["plain", "streamed"].map(|call| format!("{call}({})", arguments(sdk.thinking, LIMIT, "")));
    let keys = calls.each_ref().map(|_| stage.mint(AMPLE));
    let mut steps = Vec::new();
    for (key, call) in keys.iter().zip(&calls) {
        steps.push(stage.step(key, call));
        steps.push(sdk.direct(&bare, call));
    }
    let outcomes = stage.run(&steps);

    for both in outcomes.chunks(2) {
        assert_eq!(printed(&both[0]), printed(&both[1]));
        assert!(!printed(&both[0]).is_empty());
    }
    let price = Price::of(sdk.provider, sdk.thinking);
    for (key, recorded) in keys.iter().zip([&sdk.plain, &sdk.streamed]) {
        let used = recorded.used();
        let charge = (used.input, used.output, price.exact(used));
        assert_eq!(stage.home.spent(key), charge, "{recorded:?}");
    }
}

/// `OpenAI` tells the usage of a chat's stream to whom asks for it; till asks always.
#[test]
fn a_chat_shows_its_usage_to_whom_asks_for_it() {
    let Some(stage) = Stage::recorded(&OPENAI_CHAT) else { return };
    let wishes = [
        ("", false),
        ("stream_options={'include_usage': False}", false),
        ("stream_options={'include_usage': True}", true),
    ];
    let bare = Upstream::expecting(OPENAI_CHAT.place(), |seen| OPENAI_CHAT.answer(seen));
    let used = OPENAI_CHAT.streamed.used();
    let price = Price::of("openai", OPENAI_CHAT.open);
    for (options, asked) in wishes {
        let key = stage.mint(AMPLE);
        let call = format!("streamed({})", arguments(OPENAI_CHAT.open, LIMIT, options));
        let steps = [stage.step(&key, &call), OPENAI_CHAT.direct(&bare, &call)];
        let outcomes = stage.run(&steps);
        assert_eq!(printed(&outcomes[0]), printed(&outcomes[1]), "{options}");
        let last: Value =
            serde_json::from_str(printed(&outcomes[0]).lines().last().unwrap()).unwrap();
        let shown = last["usage"]["completion_tokens"].as_u64();
        assert_eq!(shown, asked.then_some(used.output), "{options}");
        let charge = (used.input, used.output, price.exact(used));
        assert_eq!(stage.home.spent(&key), charge, "{options}");
    }
}

fn a_limit_is_one_request_and_the_sdks_own_error(sdk: &'static Sdk) {
    // All the tokens of a key, in one call, and more money than some have.
    let costly = move |seen: &_| Answer::json(200, &sdk.costly(seen, 150_000));
    let Some(stage) = Stage::new(sdk, costly) else { return };
    let (options, unbounded) = sdk.unbounded;
    let unpriced = format!("till prices set {} no-such-model", sdk.provider);
    // The least that this API takes for a limit, behind the model's whole context.
    let context = Price::of(sdk.provider, sdk.open).context() + 16;
    let whole = format!("may cost {context} tokens even with the least output");
    let row = |code, limits, model, options, says| (code, stage.mint(limits), model, options, says);
    let mut rows = vec![
        row("token_limit", AMPLE, sdk.open, "", "of 100000 tokens are used"),
        row("spend_limit", "--spend 0.01", sdk.open, "", "of $0.01 are used"),
        row("request_too_large", "--tokens 100", sdk.open, "", "has 100 tokens left of 100 tokens"),
        row("unmetered", AMPLE, sdk.open, options, unbounded),
        row("unpriced_model", "--spend 5", "no-such-model", "", &unpriced),
    ];
    if sdk.limit_at == OPENAI_RESPONSES.limit_at {
        let kept = "previous_response_id='resp_1'";
        rows.push(row("request_too_large", AMPLE, sdk.open, kept, &whole));
    }
    let mut steps = Vec::new();
    for (_, key, model, ..) in &rows[..2] {
        steps.push(stage.step(key, &format!("plain({})", arguments(model, LIMIT, ""))));
    }
    for (_, key, model, options, _) in &rows {
        for call in ["plain", "streamed"] {
            let call = format!("{call}({})", arguments(model, LIMIT, options));
            steps.push(stage.step(key, &call));
        }
    }
    let outcomes = stage.run(&steps);

    let (answered, refused) = outcomes.split_at(2);
    assert!(answered.iter().all(|outcome| !printed(outcome).is_empty()));
    for (both, (code, _, _, _, says)) in refused.chunks(2).zip(&rows) {
        let status = if code.starts_with("un") { "403" } else { "402" };
        for outcome in both {
            let Outcome::Failed { kinds, message, fields, .. } = outcome else {
                panic!("{code}: {outcome:#?}")
            };
            assert!(message.contains(says), "{code}: {outcome:#?}");
            let (class, field) = sdk.error;
            assert!(kinds.iter().any(|kind| kind == class), "not `{class}`: {outcome:#?}");
            assert_eq!(fields.get(field).map(String::as_str), Some(status), "{outcome:#?}");
        }
    }
    assert_eq!(stage.upstream.count(), 2);
    let Stage { home, proxy, .. } = &stage;
    for (code, key, ..) in &rows {
        let (input, output, spend) = home.spent(key);
        let paid = matches!(*code, "token_limit" | "spend_limit");
        assert_eq!(input + output + spend > 0, paid, "{code}");
    }
    let log = proxy.said();
    let denials = |code: &str| {
        log.lines().filter(|line| line.contains(" denied ") && line.contains(code)).count()
    };
    for (code, ..) in &rows {
        let same = rows.iter().filter(|row| row.0 == *code).count();
        assert_eq!(denials(&format!("code={code}")), 2 * same, "{code}: {log}");
    }
    assert_eq!(denials("code="), 2 * rows.len(), "{log}");
}

fn the_output_is_clamped(sdk: &'static Sdk) {
    let Some(stage) = Stage::recorded(sdk) else { return };
    let asked = 8_000;
    let key = stage.mint("--tokens 2000 --spend 5");
    let call = format!("clamped({})", arguments(sdk.open, asked, ""));
    let outcomes = stage.run(&[stage.step(&key, &call)]);

    let seen = body(&stage.upstream.only());
    let limit = seen.pointer(sdk.limit_at).and_then(Value::as_u64).expect("a limit");
    assert!((1_000..2_000).contains(&limit), "{seen}");
    let name = sdk.limit_at.rsplit('/').next().unwrap();
    assert_eq!(printed(&outcomes[0]).trim(), format!("{name}={limit}"));
    let used = sdk.plain.used();
    let price = Price::of(sdk.provider, sdk.open);
    assert_eq!(stage.home.spent(&key), (used.input, used.output, price.exact(used)));
}
