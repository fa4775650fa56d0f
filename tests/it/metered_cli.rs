//! Limits in tokens and money, and prices, as they are typed and shown.

use std::fs;

use serde_json::{Value, json};

use crate::support::answer::Answer;
use crate::support::home::{Home, Key, MASTER};
use crate::support::http::Request;
use crate::support::upstream::Upstream;

/// Nothing listens there.
const NOBODY: &str = "http://127.0.0.1:1/v1";

/// What is typed, the exit code, and what is said.
type Transcript = (&'static str, i32, &'static [&'static str]);

const TYPED: &[Transcript] = &[
    ("key mint openai --tokens 0", 2, &["from 1 to 1000000000000000"]),
    ("key mint openai --tokens 1000001G", 2, &["from 1 to 1000000000000000"]),
    ("key mint openai --tokens -5", 2, &["-5", "100k"]),
    ("key mint openai --tokens 1.5", 2, &["no whole number"]),
    ("key mint openai --tokens many", 2, &["many", "100k, 1.5M"]),
    ("key mint openai --tokens 5m", 2, &["5m", "1.5M"]),
    ("key mint openai --tokens 1_000", 2, &["1_000"]),
    ("key mint openai --input-tokens 1e3", 2, &["--input-tokens", "100k"]),
    ("key mint openai --output-tokens=", 2, &["--output-tokens"]),
    ("key mint openai --spend 0", 2, &["more than 0"]),
    ("key mint openai --spend 1000000.01", 2, &["at most 1000000"]),
    ("key mint openai --spend 0.0000000000001", 2, &["12 digits"]),
    ("key mint openai --spend 5,00", 2, &["5.00"]),
    ("key mint openai --spend -5", 2, &["-5", "5.00"]),
    ("key mint openai --spend 5 --overshoot maybe", 2, &["never", "last-call"]),
    ("key mint openai --spend 5 --on-cancel maybe", 2, &["stop", "drain"]),
    ("key mint openrouter --spend 5 --max-price 1", 2, &["prompt=1,completion=4"]),
    ("key mint openrouter --spend 5 --max-price -1,4", 2, &["prompt=1,completion=4"]),
    ("key mint openrouter --spend 5 --max-price 1,0.0000001", 2, &["6 digits"]),
    ("key mint openrouter --spend 5", 2, &["chooses the host", "--max-price 1,4", "last-call"]),
    ("key mint openai --spend 5 --max-price 1,4", 2, &["limit nothing", "openrouter"]),
    (
        "key mint github --spend 5",
        2,
        &["nothing of `github`", "do not say what they cost", "-n 50"],
    ),
    ("key mint openai github --tokens 5k", 2, &["`github`"]),
    ("key mint github --tokens 5k --overshoot last-call", 2, &["`github`"]),
    ("key mint openai", 2, &["no end", "--tokens 100k", "--spend 5.00", "--unlimited"]),
    ("key mint openai --overshoot last-call", 2, &["no end"]),
    ("key edit 0 --tokens 5k --clear tokens", 2, &["--tokens", "--clear tokens", "contradict"]),
    ("key edit 0 --max-price 1,4 --clear max-price", 2, &["--clear max-price"]),
    ("key edit 0 --clear money", 2, &["input-tokens", "spend", "max-price"]),
    ("key extend 0 --tokens 0", 2, &["from 1 to"]),
    ("key extend 0 --spend x", 2, &["dollars"]),
    ("key extend 0", 2, &["--tokens", "--spend"]),
    ("master limit openai --spend 20/w", 2, &["/m, /h or /d"]),
    ("master limit openai --spend 20/s", 2, &["/m, /h or /d"]),
    ("master limit openai --spend /d", 2, &["dollars"]),
    ("master limit openai --spend 0/d", 2, &["more than 0"]),
    ("master limit openai --tokens 1.5/h", 2, &["no whole number"]),
    ("master limit openai --clear money", 2, &["spend/d"]),
    ("master limit openai --spend 1/d --spend 2/d", 2, &["`spend/d` is given twice"]),
    ("master limit openai --spend 1/d --clear spend/d", 2, &["`spend/d` is given twice"]),
    ("master limit openai --clear spend/d", 3, &["no cap `spend/d`", "till master limit openai"]),
    ("master limit nothing --spend 1/d", 3, &["nothing", "till master ls"]),
    ("master limit nothing", 3, &["nothing"]),
    ("master limit github --tokens 5M/h", 2, &["nothing of `github`", "-n 50"]),
    ("prices ls opnai", 3, &["opnai", "openai"]),
    ("prices show gpt-55555", 3, &["no price", "till prices set"]),
    ("prices set openai gpt-7", 2, &["--input"]),
    ("prices set openai gpt-7 --input -1", 2, &["-1"]),
    ("prices set openai gpt-7 --input 1 --max-output 1.5", 2, &["no whole number"]),
    ("prices rm openai gpt-7", 3, &["no price was set", "till prices set"]),
    ("prices ls --prices nowhere.json", 1, &["nowhere.json", "TILL_PRICES"]),
    ("proxy --prices nowhere.json --listen 127.0.0.1:0", 1, &["nowhere.json", "--prices"]),
];

fn home() -> Home {
    let home = Home::new();
    home.add_openai(NOBODY);
    for provider in ["github", "openrouter"] {
        home.till(&format!("master add {provider}")).stdin(MASTER).ok();
    }
    home
}

fn money(picodollars: u64, usd: &str) -> Value {
    json!({ "picodollars": picodollars, "usd": usd })
}

#[test]
fn what_is_typed_wrongly_is_refused() {
    let home = home();
    for (line, code, says) in TYPED {
        home.till(line).fails(*code, says);
    }
    assert_eq!(home.key_count(), 0);
}

#[test]
fn each_limit_alone_is_enough() {
    let home = home();
    for flag in ["--tokens 100k", "--input-tokens 1.5M", "--output-tokens 5000", "--spend $0.25"] {
        home.mint(&format!("openai {flag}"));
    }
    home.mint("openrouter --tokens 5k");
    home.mint("openrouter --spend 5 --overshoot last-call");
    home.mint("openai github --tokens 5k --overshoot last-call");
}

#[test]
fn limits_are_shown_with_what_is_left_of_them() {
    let home = home();
    let key = home.mint(
        "openrouter openai --tokens 100k --input-tokens 80k --output-tokens 1.5M --spend 5 -n 500 \
         --overshoot last-call --on-cancel drain --max-price prompt=1,completion=4.25",
    );
    let shown = home.show(&key);
    let tokens = json!({ "limit": 100_000, "used": 0, "held": 0, "remaining": 100_000 });
    assert_eq!(shown["tokens"], tokens);
    assert_eq!(shown["input_tokens"]["limit"], 80_000);
    assert_eq!(shown["output_tokens"]["remaining"], 1_500_000);
    assert_eq!(shown["spend"]["limit"], money(5_000_000_000_000, "5.00"));
    assert_eq!(shown["spend"]["used"], money(0, "0.00"));
    assert_eq!((&shown["overshoot"], &shown["on_cancel"]), (&json!("last-call"), &json!("drain")));
    assert_eq!(shown["max_price"]["prompt"], money(1_000_000, "0.000001"));
    assert_eq!(shown["max_price"]["completion"], money(4_250_000, "0.00000425"));

    let text = home.till("key show").arg(&key.id).ok();
    for line in [
        "tokens        0 used, 0 held, 100000 remaining of 100000  -",
        "input tokens  0 used, 0 held, 80000 remaining of 80000  -",
        "output tokens 0 used, 0 held, 1500000 remaining of 1500000  -",
        "spend         $0.00 used, $0.00 held, $5.00 remaining of $5.00  -",
        "overshoot     last-call\n",
        "on cancel     drain\n",
        "max price     $1.00 for a million tokens of input, $4.25 of output\n",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    let table = home.till("key ls").ok();
    assert!(table.contains("0/100k in 0/80k out 0/1.5M"), "{table}");
    assert!(table.contains("$0.00/$5.00"), "{table}");
}

#[test]
fn keys_without_such_limits_show_nothing_of_them() {
    let home = home();
    let key = home.mint("openai -n 5");
    let table = home.till("key ls").ok();
    assert!(!table.contains("TOKENS") && !table.contains("SPEND"), "{table}");
    let text = home.till("key show").arg(&key.id).ok();
    assert!(!text.contains("tokens") && !text.contains("overshoot"), "{text}");
    let shown = home.show(&key);
    assert_eq!(shown["tokens"]["limit"], Value::Null);
    assert_eq!(shown["spend"]["limit"], Value::Null);
    assert_eq!(shown["max_price"], Value::Null);
}

#[test]
fn limits_are_edited_extended_and_lifted() {
    let home = home();
    let key = home.mint("openai -n 5");
    let change = |line: &str| home.till(&line.replace("ID", &key.id));
    change("key extend ID --spend 5").fails(8, &["no limit of spend", "key edit ID --spend 5.00"]);
    change("key edit ID --tokens 100k --spend 5 --overshoot last-call --on-cancel drain").ok();
    change("key extend ID --tokens 1k --spend 0.50").ok();
    let shown = home.show(&key);
    assert_eq!(shown["tokens"]["limit"], 101_000);
    assert_eq!(shown["spend"]["limit"]["usd"], "5.50");
    assert_eq!((&shown["overshoot"], &shown["on_cancel"]), (&json!("last-call"), &json!("drain")));
    change("key extend ID --tokens 1000000G").fails(2, &["between 1 and 1000000000000000"]);
    change("key extend ID --spend 1000000").fails(2, &["between 1 and $1000000.00"]);
    change("key edit ID --max-price 1,4").fails(2, &["limit nothing"]);
    change("key edit ID --clear tokens --clear spend --overshoot never").ok();
    let shown = home.show(&key);
    assert_eq!((&shown["tokens"]["limit"], &shown["spend"]["limit"]), (&Value::Null, &Value::Null));
    assert_eq!(shown["overshoot"], "never");
    change("key edit ID --spend 5 --clear activations").ok();
    change("key edit ID --clear spend").fails(2, &["no end"]);
}

#[test]
fn an_edit_is_refused_where_minting_would_be() {
    let home = home();
    let github = home.mint("github -n 5");
    home.till("key edit").arg(&github.id).arg("--spend=5").fails(2, &["nothing of `github`"]);
    let routed = home.mint("openrouter --spend 5 --max-price 1,4");
    let edit = |flags: &str| home.till(&format!("key edit {} {flags}", routed.id));
    edit("--clear max-price").fails(2, &["--max-price 1,4"]);
    edit("--clear max-price --overshoot last-call").ok();
    assert_eq!(home.show(&routed)["max_price"], Value::Null);
    edit("--overshoot never").fails(2, &["--max-price 1,4"]);
}

#[test]
fn masters_are_limited_over_all_their_keys() {
    let home = home();
    home.till("master limit openai").ok();
    assert_eq!(home.till("master limit openai").json(), json!([]));
    home.till("master limit openai --spend 20/d --spend 500 --tokens 5M/h").ok();
    home.till("master limit openai --spend 30/d").ok();
    // Looking needs no unlock; changing does.
    let caps = home.till("master limit openai").without("TILL_KEY_FILE").json();
    home.till("master limit openai --spend 1/d").without("TILL_KEY_FILE").fails(1, &["no secret"]);
    let caps = caps.as_array().unwrap();
    let names: Vec<_> = caps.iter().map(|cap| (&cap["on"], &cap["window"])).collect();
    let null = Value::Null;
    let (spend, tokens, day, hour) = (json!("spend"), json!("tokens"), json!("d"), json!("h"));
    assert_eq!(names, [(&tokens, &hour), (&spend, &day), (&spend, &null)]);
    assert_eq!(caps[0]["limit"], 5_000_000);
    assert_eq!(caps[1]["limit"], money(30_000_000_000_000, "30.00"));
    assert_eq!(caps[1]["remaining"]["usd"], "30.00");
    assert!(caps[1]["resets_at"].as_str().unwrap().contains("T00:00:00"), "{caps:?}");
    assert_eq!(caps[2]["resets_at"], null);
    assert_eq!(home.till("master ls").json()[0]["caps"], json!(caps));

    let table = home.till("master limit openai").ok();
    let line = table.lines().nth(2).unwrap();
    assert!(
        line.starts_with("$30.00/d") && line.contains("$0.00") && line.contains("in "),
        "{table}"
    );
    let table = home.till("master ls").ok();
    assert!(table.contains("0 of 5M tokens/h, $0.00 of $30.00/d, $0.00 of $500.00"), "{table}");

    home.till("master limit openai --clear spend --clear spend/d --clear tokens/h").ok();
    assert_eq!(home.till("master limit openai").json(), json!([]));
    let table = home.till("master ls").ok();
    assert!(!table.contains("CAPS"), "{table}");
}

#[test]
fn answers_and_left_say_what_is_left() {
    // It reads as many tokens as the request's body allows, less a little.
    let upstream = Upstream::new(|seen| {
        let input = seen.body.len().saturating_sub(200);
        let usage = json!({ "prompt_tokens": input, "completion_tokens": 5 });
        Answer::json(200, json!({ "choices": [], "usage": usage }).to_string().as_bytes())
    });
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai --tokens 10k --spend 5");
    let proxy = home.proxy();
    let body = json!({ "model": "gpt-4o", "max_tokens": 5, "messages": [] }).to_string();
    let chat = || Request::new("POST", "/openai/v1/chat/completions").bearer(&key.text);
    let padded = format!("{}{}", body, " ".repeat(9_300));
    let reply = chat().json(padded.as_bytes()).send(proxy.address());
    reply.expect(200, "");
    assert_eq!(reply.field("till-tokens-limit"), "10000");
    assert_eq!(reply.field("till-spend-limit"), "5.00");
    assert_eq!(reply.head.get("till-warning"), None, "what is held is no reason to warn");
    let next = chat().json(body.as_bytes()).send(proxy.address());
    let warning = next.expect(200, "").field("till-warning").to_owned();
    assert!(warning.ends_with(" of 10000 tokens left"), "{warning}");
    let left = |key: &Key| {
        let url = format!("http://{}", proxy.address());
        home.till("left --url").arg(&url).env("TILL_KEY", &key.text)
    };
    let shown = left(&key).json();
    assert_eq!(shown["tokens"]["limit"], 10_000);
    assert_eq!(shown["spend"]["limit"], money(5_000_000_000_000, "5.00"));
    assert_eq!(shown.get("input_tokens"), None);
    let text = left(&key).ok();
    assert!(text.contains(" of 10000 tokens left, $"), "{text}");
    assert!(text.contains(" of $5.00 left"), "{text}");
    let plain = home.mint("openai --expires 1h");
    assert!(left(&plain).ok().contains("no limit of activations"));
}

#[test]
fn prices_are_shown_set_and_removed() {
    let home = home();
    let shown = home.till("prices show gpt-4o").json();
    assert_eq!(shown[0]["provider"], "openai");
    assert_eq!(shown[0]["usable"], true);
    let table = home.till("prices ls anthropic").ok();
    assert!(table.starts_with("PROVIDER") && table.contains("claude-haiku-4-5"), "{table}");
    assert!(!table.contains("openai "), "{table}");

    home.till("prices set openai gpt-7 --input 2.50 --output 15 --max-output 128k").ok();
    let shown = home.till("prices show gpt-7").json();
    assert_eq!(shown[0]["max_output"], 128_000);
    assert_eq!(shown[0]["usable"], true);
    assert!(home.till("prices show gpt-7").ok().contains("prices.json"));
    let own = home.path("own.json");
    let row = r#"{"input_cost_per_token":1e-6,"output_cost_per_token":2e-6,"max_output_tokens":9}"#;
    fs::write(&own, format!(r#"{{"openai":{{"gpt-7":{row}}}}}"#)).unwrap();
    let over = home.till("prices show gpt-7").env("TILL_PRICES", &own).json();
    assert_eq!(over[0]["max_output"], 9);
    home.till("prices rm openai gpt-7").ok();
    home.till("prices show gpt-7").fails(3, &["no price"]);
}

#[test]
fn a_malformed_price_file_is_refused_whole() {
    let home = home();
    let own = home.path("own.json");
    let files = [
        ("{\n  \"openai\": {\n", "line 3"),
        ("{\n\"openai\": {\"m\": {}, \n\"m\": {}}}", "line 3"),
        ("{\"openai\":\n {\"m\": {\"input_cost_per_token\":\n \"two\"}}}", "line 3"),
        ("{\"openai\":\n {\"m\": {\"input_cost_per_token\": -1}}}", "line 2"),
        ("[]", "line 1"),
    ];
    for (text, says) in files {
        fs::write(&own, text).unwrap();
        let with = |line: &str| home.till(line).env("TILL_PRICES", &own);
        for line in ["prices ls", "key mint openai --spend 5", "proxy --listen 127.0.0.1:0"] {
            with(line).fails(1, &["own.json", "malformed", says]);
        }
        // What needs no price does not read it.
        with("key mint openai -n 5").ok();
    }
}

#[test]
fn minting_warns_where_no_model_has_a_price() {
    let home = home();
    let warned = home.till("key mint openai --spend 5 --model").arg("my-own-*").run();
    assert!(warned.stderr.contains("till prices set openai MODEL"), "{warned:?}");
    assert_eq!(warned.code, Some(0), "{warned:?}");
    home.till("prices set openai my-own-1 --input 1 --output 2 --max-output 8k").ok();
    let quiet = home.till("key mint openai --spend 5 --model").arg("my-own-*").run();
    assert_eq!(quiet.stderr, "");
}
