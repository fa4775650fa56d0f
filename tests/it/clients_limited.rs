//! The Python SDKs of `OpenAI`, Anthropic and Google on keys that are limited in tokens and money:
//! what they see, what is charged, what is held after it.

mod price;
mod sdk;
mod stage;

use std::path::Path;
use std::thread;

use serde_json::Value;

use price::{Price, Used};
use sdk::{GEMINI, LIMIT, MESSAGES, OPENAI_CHAT, OPENAI_RESPONSES, Sdk, body};
use stage::{Stage, arguments, printed};

use crate::support::answer::Answer;
use crate::support::driver::Outcome;
use crate::support::wait_until;

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
    let Some(stage) = Stage::prompt(sdk) else { return };
    let calls =
        ["plain", "streamed"].map(|call| format!("{call}({})", arguments(sdk.thinking, LIMIT, "")));
    let keys = calls.each_ref().map(|_| stage.mint(AMPLE));
    let mut steps = Vec::new();
    for (key, call) in keys.iter().zip(&calls) {
        steps.push(stage.step(key, call));
        steps.push(sdk.direct(&stage.upstream, call));
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
    let Some(stage) = Stage::prompt(&OPENAI_CHAT) else { return };
    let wishes = [
        ("", false),
        ("stream_options={'include_usage': False}", false),
        ("stream_options={'include_usage': True}", true),
    ];
    let used = OPENAI_CHAT.streamed.used();
    let price = Price::of("openai", OPENAI_CHAT.open);
    for (options, asked) in wishes {
        let key = stage.mint(AMPLE);
        let call = format!("streamed({})", arguments(OPENAI_CHAT.open, LIMIT, options));
        let steps = [stage.step(&key, &call), OPENAI_CHAT.direct(&stage.upstream, &call)];
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

/// After three chunks of a long answer: of an open model, of one that can think unseen, and where
/// the key has the answer read to its end.
fn a_client_that_hangs_up(sdk: &'static Sdk) {
    let Some((stage, gates)) = Stage::gated(sdk) else { return };
    let rows = [
        (sdk.open, "--on-cancel stop"),
        (sdk.thinking, "--on-cancel stop"),
        (sdk.thinking, "--on-cancel drain"),
    ];
    let keys = rows.map(|(_, on_cancel)| stage.mint(&format!("{AMPLE} {on_cancel}")));
    let folders = ["open", "thinking", "drained"].map(|name| stage.folder(name));
    let step = |place: usize| {
        let folder = format!("folder='{}'", folders[place].display());
        let call = format!("hang_up({})", arguments(rows[place].0, LIMIT, &folder));
        stage.step(&keys[place], &call)
    };
    let steps = [step(0), step(1), step(2)];
    let held = |place: usize| {
        let shown = |limit| stage.home.figure(&keys[place], limit, "held");
        (shown("input_tokens"), shown("output_tokens"), shown("spend"))
    };
    thread::scope(|scope| {
        let client = scope.spawn(|| stage.run(&steps));
        for (place, (model, _)) in rows.iter().enumerate() {
            let price = Price::of(sdk.provider, model);
            wait_for(&folders[place].join("seen"));
            let hold = held(place);
            assert_eq!(hold.1, LIMIT);
            assert!(hold.0 > 0 && hold.2 >= price.at_most(hold.0, hold.1, ""), "{hold:?}");
            tell(&folders[place].join("close"));
            wait_for(&folders[place].join("closed"));
            if place < 2 {
                wait_until("the upstream sees the cancel", || {
                    stage.upstream.hung_up() == place + 1
                });
            } else {
                gates.lock().unwrap()[place].open(10_000);
            }
            let spent = stage.home.spent(&keys[place]);
            match place {
                0 => check_seen(sdk, &stage, &price, hold, spent),
                1 => assert_eq!(spent, hold),
                _ => {
                    let used = sdk.long_used();
                    assert_eq!(spent, (used.input, used.output, price.exact(used)));
                }
            }
            tell(&folders[place].join("end"));
        }
        for outcome in client.join().unwrap() {
            assert_eq!(printed(&outcome), "");
        }
    });
    assert_eq!((stage.upstream.hung_up(), stage.upstream.count()), (2, 3));
}

/// Of an open model what was seen is charged, at the most that it may have cost.
#[track_caller]
fn check_seen(
    sdk: &Sdk,
    stage: &Stage,
    price: &Price,
    hold: (u64, u64, u64),
    (input, output, spend): (u64, u64, u64),
) {
    let told = sdk.long_used();
    assert_eq!(input, if sdk.tells_input { told.input } else { hold.0 });
    let (events, bytes) = sdk.three_chunks(&sdk.long_events(&stage.upstream.seen()[0]));
    // No token is shorter than a byte; what frames an event is a few.
    let few = 16 * events as u64;
    assert!((bytes..=bytes + few).contains(&output), "{output} for {bytes} bytes");
    assert!(output < hold.1 && spend < hold.2, "{output} {spend} of {hold:?}");
    // The service tier of an account's project is seen at the end alone.
    let tier = if sdk.provider == "openai" { "_priority" } else { "" };
    assert_eq!(spend, price.at_most(input, output, tier));
    let seen = Used { input: told.input, cache_read: 0, output: 3 };
    assert!(spend >= price.exact(seen), "{spend}");
}

fn a_limit_is_one_request_and_the_sdks_own_error(sdk: &'static Sdk) {
    // All the tokens of a key, in one call, and more money than some have.
    let costly = move |seen: &_| Answer::json(200, &sdk.costly(seen, 100_000));
    let Some(stage) = Stage::new(sdk, costly) else { return };
    let (options, unbounded) = sdk.unbounded;
    let unpriced = format!("till prices set {} no-such-model", sdk.provider);
    let row = |code, limits, model, options, says| (code, stage.mint(limits), model, options, says);
    let mut rows = vec![
        row("token_limit", AMPLE, sdk.open, "", "of 100000 tokens are used"),
        row("spend_limit", "--spend 0.01", sdk.open, "", "of $0.01 are used"),
        row("request_too_large", "--tokens 100", sdk.open, "", "has 100 tokens left of 100 tokens"),
        row("unmetered", AMPLE, sdk.open, options, unbounded),
        row("unpriced_model", "--spend 5", "no-such-model", "", &unpriced),
    ];
    if sdk.limit_at == OPENAI_RESPONSES.limit_at {
        // The model's whole context would have to be held.
        let kept = "previous_response_id='resp_1'";
        rows.push(row("request_too_large", AMPLE, sdk.open, kept, "may cost 1047592 tokens"));
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
    let Some(stage) = Stage::prompt(sdk) else { return };
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

/// Waits for a file of the client's.
#[track_caller]
fn wait_for(path: &Path) {
    wait_until(&path.display().to_string(), || path.exists());
}

/// Makes a file that the client waits for.
fn tell(path: &Path) {
    std::fs::write(path, "").unwrap();
}
