//! A client that closes its stream in the middle.

use std::path::Path;
use std::thread;

use super::AMPLE;
use super::price::{Price, Used};
use super::sdk::{LIMIT, Sdk};
use super::stage::{Stage, arguments, printed};
use crate::support::wait_until;

/// After three chunks of a long answer: of an open model, of one that can think unseen, and where
/// the key has the answer read to its end.
pub(super) fn a_client_that_hangs_up(sdk: &'static Sdk) {
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
    let figures = |place: usize| {
        let shown = |limit| stage.home.figure(&keys[place], limit, "held");
        (shown("input_tokens"), shown("output_tokens"), shown("spend"))
    };
    thread::scope(|scope| {
        let client = scope.spawn(|| stage.run(&steps));
        for (place, (model, _)) in rows.iter().enumerate() {
            let price = Price::of(sdk.provider, model);
            wait_for(&folders[place].join("seen"));
            let hold = figures(place);
            assert_eq!(hold.1, LIMIT);
            assert!(hold.0 > 0 && hold.2 >= price.at_most(hold.0, hold.1, ""), "{hold:?}");
            tell(&folders[place].join("close"));
            wait_for(&folders[place].join("closed"));
            if place < 2 {
                wait_until("the upstream sees the cancel", || {
                    stage.upstream.hung_up() == place + 1
                });
            } else {
                assert_eq!(figures(place), hold);
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

/// Waits for a file of the client's.
#[track_caller]
fn wait_for(path: &Path) {
    wait_until(&path.display().to_string(), || path.exists());
}

/// Makes a file that the client waits for.
fn tell(path: &Path) {
    std::fs::write(path, "").unwrap();
}
