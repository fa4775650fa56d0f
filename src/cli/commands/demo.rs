//! `till demo`: the main job, with no account and no set-up.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use crate::domain::ids::{SlotId, StoreId};
use crate::domain::key_text::KeyText;
use crate::domain::limits::Limits;
use crate::domain::scope::Scope;
use crate::domain::slot::SlotKind;
use crate::domain::status::Status;
use crate::ledger::op::{AddMaster, KeyTemplate, Mint};
use crate::ledger::{Book, Clock, Ledger, Options, SystemClock, op};
use crate::proxy::upstream::tls_config;
use crate::report::keys;
use crate::serve::forwarder::{Forwarder, ForwarderOptions, Stop};
use crate::serve::listener::{Exposure, listen};
use crate::serve::signals::{Asked, Signals};
use crate::serve::stand_in::StandIn;
use crate::store::redb::RedbStore;
use crate::vault::{Key32, OperatorKeys, RootKey, SecretText, SlotSecret, random_array, seal_slot};

use super::super::context::Context;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::harden::harden;

/// What the demo's key works for.
const ACTIVATIONS: u64 = 3;
/// What is left for trying by hand.
const FOR_CURL: u64 = 5;
/// How long a request may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long the last settlement may take to be seen.
const SETTLED: Duration = Duration::from_secs(5);

/// See the whole thing work in a temporary store, with no account and no set-up
///
/// A master key for a stand-in provider is sealed, a proxy key of 3 activations is minted, and 4
/// requests go through the real forwarder. Then the proxy stays up to be tried by hand.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  till demo\n  till demo --once")]
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
    harden(&context.terminal);
    let place = TempDir::create()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| failed("the demo cannot be started").why(error))?;
    runtime.block_on(show(context, args, &place.0))
}

/// Everything that the demo has set up.
struct Stage {
    ledger: Ledger,
    operator: OperatorKeys,
    key: KeyText,
    secret: SecretText,
    upstream: StandIn,
}

async fn show(context: &Context, args: &DemoArgs, dir: &Path) -> Result<(), Failure> {
    let say = |text: &str| context.terminal.line(text);
    let signals =
        Signals::listen().map_err(|error| failed("signals cannot be taken").why(error))?;
    let stage = set_up(dir).await?;
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
    let running = forwarder.run(Stop::Told(stopped), move |url| {
        // Nobody waits for it only where the demo has failed already.
        let _ = ready.send(url.to_owned());
    });
    let playing = async {
        let url = url.await.map_err(|_| failed("the proxy did not start"))?;
        let played = play(context, &stage, &url).await;
        if played.is_ok() && !args.once {
            stay(context, &stage, &url, signals).await?;
        }
        // The receiver is gone only where the proxy has ended by itself.
        let _ = stop.send(());
        played
    };
    let (ran, played) = tokio::join!(running, playing);
    ran?;
    played
}

/// Four requests, three answers.
async fn play(context: &Context, stage: &Stage, url: &str) -> Result<(), Failure> {
    let say = |text: &str| context.terminal.line(text);
    say(&format!("started the proxy on {url}\n"))?;
    let client = client()?;
    let mut seen = String::new();
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
    check(is_destroyed(stage).await?, "the key did not destroy itself")?;
    say(&format!("\nthe provider got {count} requests, each with the real key"))?;
    say("the caller never saw the real key")?;
    say("the proxy key is used up and destroyed: what it opened the real key with is erased")
}

/// Keeps the proxy up, with a fresh key to try.
async fn stay(
    context: &Context,
    stage: &Stage,
    url: &str,
    mut signals: Signals,
) -> Result<(), Failure> {
    let say = |text: &str| context.terminal.line(text);
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

/// Whether the key's grants are gone, once its last settlement is written.
async fn is_destroyed(stage: &Stage) -> Result<bool, Failure> {
    let book = Book::verified(stage.operator.proxy.row_mac());
    let gone = async {
        loop {
            let found = stage.ledger.view(|rows, now| keys(rows, book, now))?;
            let ended = found.iter().all(|view| view.status != Status::Live && view.grants == 0);
            if ended {
                return Ok(true);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(SETTLED, gone).await.unwrap_or(Ok(false))
}

async fn set_up(dir: &Path) -> Result<Stage, Failure> {
    let word = u64::from_be_bytes(random_array()?);
    let secret = SecretText::from(format!("sk-real-{word:016x}"));
    let upstream = StandIn::start(secret.expose())
        .await
        .map_err(|error| failed("the stand-in provider cannot be started").why(error))?;
    let root = RootKey::random()?;
    let operator = root.operator_keys();
    let store = StoreId(random_array()?);
    let reading = SystemClock.read();
    let slot_secret = SlotSecret::Random(Key32::random()?);
    let kind = SlotKind::KeyFile;
    let slot = seal_slot(&root, &slot_secret, store, SlotId(1), kind, String::new(), reading.wall)?;
    let path = dir.join("till.redb");
    let made = RedbStore::create(&path, &mut |rows| {
        op::create(rows, &operator.proxy, store, &slot, reading)
    })?;
    let options =
        Options { locks: dir.join("locks"), state_dir: dir.join("state"), accept_rollback: false };
    let ledger = Ledger::open(Arc::new(made), Arc::new(SystemClock), options)?;
    let origin = format!("http://{}", upstream.address());
    let add = AddMaster {
        operator: &operator,
        secret: &secret,
        name: "stand-in".to_owned(),
        provider: "openai".to_owned(),
        base_url: Some(format!("{origin}/v1")),
        origin,
        local: true,
        headers: Vec::new(),
    };
    ledger.run(&operator.proxy, &add)?;
    let key = mint(&ledger, &operator, ACTIVATIONS)?;
    Ok(Stage { ledger, operator, key, secret, upstream })
}

fn mint(ledger: &Ledger, operator: &OperatorKeys, activations: u64) -> Result<KeyText, Failure> {
    let template = KeyTemplate {
        name: "demo".to_owned(),
        labels: Vec::new(),
        masters: vec![crate::domain::ids::MasterId(1)],
        limits: Limits { activations: Some(activations), ..Limits::default() },
        scope: Scope::default(),
        unlimited: false,
    };
    let mut minted =
        ledger.run(&operator.proxy, &Mint { operator, template: &template, count: 1 })?;
    minted.pop().map(|minted| minted.text).ok_or_else(|| failed("no key was minted"))
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
    let broken = |error: reqwest::Error| failed("a request went wrong").why(error.without_url());
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

fn failed(what: &str) -> Failure {
    Failure::new(Exit::Failed, what)
}

/// A directory that goes with the demo.
struct TempDir(PathBuf);

impl TempDir {
    fn create() -> Result<Self, Failure> {
        use std::os::unix::fs::DirBuilderExt;
        let number = u64::from_be_bytes(random_array()?);
        let path = std::env::temp_dir().join(format!("till-demo-{number:016x}"));
        std::fs::DirBuilder::new()
            .mode(0o700)
            .create(&path)
            .map_err(|error| failed(&format!("`{}` cannot be made", path.display())).why(error))?;
        Ok(Self(path))
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        // What cannot be removed holds nothing that opens anything.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
