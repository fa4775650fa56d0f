//! `till demo`: the main job, with no account and no set-up.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use clap::Args;
use serde::Serialize;

use crate::proxy::upstream::tls_config;
use crate::serve::forwarder::{Forwarder, ForwarderOptions};
use crate::serve::listener::{Exposure, listen};
use crate::serve::signals::{Asked, Signals};
use crate::serve::stop::Stop;

use super::super::cause::innermost;
use super::super::context::Context;
use super::super::failure::Failure;
use super::super::harden::harden;
use super::demo_stage::{Stage, TempDir, failed, mint};

/// What the demo's key works for.
const ACTIVATIONS: u64 = 3;
/// What is left for trying by hand.
const FOR_CURL: u64 = 5;
/// How long a request may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// See the whole thing work in a temporary store, with no account and no set-up
///
/// A master key for a stand-in provider is sealed, a proxy key of 3 activations is minted, and 4
/// requests go through the real forwarder. Then the proxy stays up to be tried by hand; with
/// `--quiet`, which prints failures alone, and with `--json`, it ends.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  till demo\n  till demo --once\n  till demo --json")]
pub struct DemoArgs {
    /// End after the four requests
    #[arg(long)]
    pub once: bool,
}

/// Runs the command.
///
/// # Errors
/// Where anything that it claims did not happen.
pub fn run(context: &Context, args: &DemoArgs) -> Result<(), Failure> {
    harden(&context.terminal, context.cores);
    let place = TempDir::create()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| failed("the demo cannot be started").why(error))?;
    runtime.block_on(show(context, args, &place.0))
}

async fn show(context: &Context, args: &DemoArgs, dir: &Path) -> Result<(), Failure> {
    let say = |text: &str| tell(context, text);
    let signals =
        Signals::listen().map_err(|error| failed("signals cannot be taken").why(error))?;
    let stage = Stage::set_up(dir, ACTIVATIONS).await?;
    say("sealed a master key for a stand-in provider, in a temporary store")?;
    say(&format!("minted a proxy key of {ACTIVATIONS} activations"))?;
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let (ready, url) = tokio::sync::oneshot::channel();
    let forwarder = Forwarder {
        ledger: stage.ledger.clone(),
        keys: stage.operator.proxy.clone(),
        listener: listen(SocketAddr::from(([127, 0, 0, 1], 0)), Exposure::Loopback)
            .map_err(|error| failed("the proxy cannot listen").why(error))?,
        tls: tls_config(None).map_err(|error| failed("TLS cannot be set up").why(error))?,
        drain: PATIENCE,
        options: ForwarderOptions::default(),
    };
    let running = forwarder.run(Stop::Told(stopped), move |url, _| {
        // Nobody waits for it only where the demo has failed already.
        let _ = ready.send(url.to_owned());
    });
    let playing = async {
        let url = url.await.map_err(|_| failed("the proxy did not start"))?;
        let played = play(context, &stage, &url).await;
        if played.is_ok() && !args.once && tells(context) {
            stay(context, &stage, &url, signals).await?;
        }
        // The receiver is gone only where the proxy has ended by itself.
        let _ = stop.send(());
        played
    };
    let (ran, played) = tokio::join!(running, playing);
    ran?;
    let played = played?;
    if context.globals.json { context.print_json(&played) } else { Ok(()) }
}

/// What happened, as JSON.
#[derive(Debug, Serialize)]
struct Played {
    activations: u64,
    requests: Vec<Request>,
    upstream_requests: u64,
    key_destroyed: bool,
    real_key_seen_by_caller: bool,
    proxy_key_seen_by_provider: bool,
}

#[derive(Debug, Serialize)]
struct Request {
    status: u16,
    streamed: bool,
    chunks: usize,
    remaining: u64,
    denial: Option<String>,
}

/// Whether anything is told as it happens.
fn tells(context: &Context) -> bool {
    !context.globals.json && !context.globals.quiet
}

fn tell(context: &Context, text: &str) -> Result<(), Failure> {
    if tells(context) { context.terminal.line(text) } else { Ok(()) }
}

/// Four requests, three answers.
async fn play(context: &Context, stage: &Stage, url: &str) -> Result<Played, Failure> {
    let say = |text: &str| tell(context, text);
    say(&format!("started the proxy on {url}\n"))?;
    let client = client()?;
    let mut seen = String::new();
    let mut requests = Vec::new();
    for number in 1..=ACTIVATIONS.saturating_add(1) {
        let streamed = number == 2;
        let answer = call(&client, url, stage.key.expose(), streamed).await?;
        seen.push_str(&answer.head);
        seen.push_str(&answer.body);
        let how = if streamed {
            format!("streamed in {} chunks", answer.chunks)
        } else {
            "plain".to_owned()
        };
        let remaining = answer.remaining.as_deref().unwrap_or("0");
        if number <= ACTIVATIONS {
            check(answer.status == 200, "a request within the limit was refused")?;
            check(!streamed || answer.chunks > 1, "the stream did not arrive as it was sent")?;
            say(&format!("request {number}: 200, {how}, {remaining} remaining"))?;
        } else {
            let code = answer.denial.as_deref().unwrap_or("-");
            check(answer.status == 402, "the request beyond the limit was answered")?;
            check(code == "activation_limit", "the refusal does not name the limit")?;
            say(&format!("request {number}: 402, {code}: refused before it reached the provider"))?;
        }
        requests.push(Request {
            status: answer.status,
            streamed,
            chunks: answer.chunks,
            remaining: remaining.parse().unwrap_or_default(),
            denial: answer.denial,
        });
    }
    let received = stage.upstream.received();
    let expected = format!("Bearer {}", stage.secret.expose());
    let count = u64::try_from(received.len()).unwrap_or(u64::MAX);
    check(
        count == ACTIVATIONS,
        "the provider did not get exactly as many requests as were admitted",
    )?;
    check(
        received.iter().all(|one| one.authorization == expected),
        "a request reached the provider without the real key",
    )?;
    check(
        !received.iter().any(|one| one.head.contains(stage.key.expose())),
        "the proxy key reached the provider",
    )?;
    check(!seen.contains(stage.secret.expose()), "the real key reached the caller")?;
    check(stage.is_destroyed().await?, "the key did not destroy itself")?;
    say(&format!("\nthe provider got {count} requests, each with the real key"))?;
    say("the caller never saw the real key")?;
    say("the proxy key is used up and destroyed: what it opened the real key with is erased")?;
    Ok(Played {
        activations: ACTIVATIONS,
        requests,
        upstream_requests: count,
        key_destroyed: true,
        real_key_seen_by_caller: false,
        proxy_key_seen_by_provider: false,
    })
}

/// Keeps the proxy up, with a fresh key to try.
async fn stay(
    context: &Context,
    stage: &Stage,
    url: &str,
    mut signals: Signals,
) -> Result<(), Failure> {
    let say = |text: &str| tell(context, text);
    let key = mint(&stage.ledger, &stage.operator, FOR_CURL)?;
    say(&format!("\ntry it yourself, {FOR_CURL} times, until Ctrl-C:\n"))?;
    say(&format!(
        "curl {url}/openai/v1/chat/completions -H 'Authorization: Bearer {}' -d \
         '{{\"model\":\"stand-in\",\"stream\":true}}'\n",
        key.expose()
    ))?;
    while signals.next().await != Asked::Stop {}
    Ok(())
}

/// What a request of the demo's brought back.
struct Answer {
    status: u16,
    remaining: Option<String>,
    denial: Option<String>,
    head: String,
    body: String,
    chunks: usize,
}

async fn call(
    client: &reqwest::Client,
    url: &str,
    key: &str,
    streamed: bool,
) -> Result<Answer, Failure> {
    let broken =
        |error: reqwest::Error| failed("a request went wrong").why(innermost(&error.without_url()));
    let body = format!(r#"{{"model":"stand-in","messages":[],"stream":{streamed}}}"#);
    let url = format!("{url}/openai/v1/chat/completions");
    let request = client.post(url).bearer_auth(key).header("content-type", "application/json");
    let mut response = request.body(body).send().await.map_err(broken)?;
    let header = |name: &str| {
        response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
    };
    let (remaining, denial) = (header("till-activations-remaining"), header("till-denial"));
    let (status, head) = (response.status().as_u16(), format!("{:?}", response.headers()));
    let (mut body, mut chunks) = (String::new(), 0_usize);
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        chunks = chunks.saturating_add(1);
        body.push_str(&String::from_utf8_lossy(&chunk));
    }
    Ok(Answer { status, remaining, denial, head, body, chunks })
}

fn client() -> Result<reqwest::Client, Failure> {
    let tls = tls_config(None).map_err(|error| failed("TLS cannot be set up").why(error))?;
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .timeout(PATIENCE)
        .build()
        .map_err(|error| failed("the demo's client cannot be made").why(error))
}

fn check(happened: bool, otherwise: &str) -> Result<(), Failure> {
    if happened { Ok(()) } else { Err(failed(otherwise)) }
}
