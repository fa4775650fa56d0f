//! Durable admissions per second, each with its settlement, beside what redb itself does with the
//! same number of waiters: a group commit of one row for each of them. And the same admissions with
//! all that `--metrics` counts.
//!
//! `cargo bench --bench admissions`. It asserts nothing: figures belong to the machine they were
//! taken on.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::arithmetic_side_effects,
    reason = "a bench that cannot go on fails, reads the clock, prints, and writes with redb itself"
)]

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use redb::{ConcurrencyMode, Database, TableDefinition};
use till::domain::cost::Cost;
use till::domain::endpoint::EndpointClass;
use till::domain::ids::{KeyId, SlotId, StoreId};
use till::domain::limits::{Limits, MAX_ACTIVATIONS};
use till::domain::scope::{Models, Scope, Target};
use till::domain::settlement::Outcome;
use till::domain::slot::SlotKind;
use till::ledger::op::{AddMaster, Admit, KeyTemplate, Mint, create};
use till::ledger::{Clock, Forwarding, Ledger, Options, Rollback, Running, SystemClock};
use till::metrics::{Counting, Ended};
use till::store::RowsMut;
use till::store::redb::RedbStore;
use till::vault::{Key32, RootKey, SlotSecret, seal_slot};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

const IN_FLIGHT: [u64; 4] = [1, 8, 64, 256];
/// The two take turns, so that a machine that is slow for a moment is slow for both.
const ROUNDS: u32 = 4;
const ROUND: Duration = Duration::from_millis(250);
/// Proxy keys that the requests are spread over; and rows of the plain commits.
const KEYS: u32 = 64;

fn main() {
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (till, running) = Till::open(&dir.path().join("till"), Counting::default());
    let counting = Counting::new(Arc::default());
    let (counted, counted_running) = Till::open(&dir.path().join("counted"), counting);
    let (till, counted) = (Arc::new(till), Arc::new(counted));
    let plain = Arc::new(Plain::open(&dir.path().join("plain.redb")));
    println!("in flight   admissions/s   plain puts/s   till of plain   counted of not");
    for in_flight in IN_FLIGHT {
        let (mut admitted, mut put, mut measured) = (0, 0, 0);
        for round in 0..ROUNDS {
            // Each of the two comes as often after what the disk is still busy with.
            if round % 2 == 0 {
                admitted += runtime.block_on(count(&till, in_flight));
                measured += runtime.block_on(count(&counted, in_flight));
            } else {
                measured += runtime.block_on(count(&counted, in_flight));
                admitted += runtime.block_on(count(&till, in_flight));
            }
            put += runtime.block_on(count(&plain, in_flight));
        }
        let per_second = |done: u64| u128::from(done) * 1_000 / (ROUND * ROUNDS).as_millis();
        println!(
            "{in_flight:>9}   {:>12}   {:>12}   {:>11} %   {:>12} %",
            per_second(admitted),
            per_second(put),
            admitted * 100 / put.max(1),
            measured * 100 / admitted.max(1)
        );
    }
    println!("counting alone: {} ns a request", nanos_of_counting());
    runtime.block_on(till.forwarding.stop(running)).unwrap();
    runtime.block_on(counted.forwarding.stop(counted_running)).unwrap();
}

/// How often the contender does its work within a round, when so many wait for it at once.
async fn count<C: Contender>(contender: &Arc<C>, in_flight: u64) -> u64 {
    let end = Instant::now() + ROUND;
    let mut workers = JoinSet::new();
    for number in 0..in_flight {
        let contender = Arc::clone(contender);
        workers.spawn(async move {
            let mut done = 0;
            while Instant::now() < end {
                contender.work(number).await;
                done += 1;
            }
            done
        });
    }
    workers.join_all().await.into_iter().sum()
}

/// What it takes to count one request, without the store: nanoseconds.
fn nanos_of_counting() -> u128 {
    const REQUESTS: u32 = 1_000_000;
    let counting = Counting::new(Arc::default());
    let start = Instant::now();
    for number in 0..REQUESTS {
        counting.began();
        counting.decided(start.elapsed());
        counting.departed(start.elapsed());
        counting.first_byte("openai", start.elapsed());
        let ended = Ended {
            key: KeyId::from_bits((number % KEYS).into()),
            provider: "openai",
            model: "gpt-4o-mini",
            outcome: Outcome::Answered(200),
            activation: true,
            cost: Cost::default(),
            cached: 0,
        };
        counting.ended(&ended, Some(start.elapsed()));
    }
    start.elapsed().as_nanos() / u128::from(REQUESTS)
}

/// What is measured.
trait Contender: Send + Sync + 'static {
    /// Comes back when one piece of work of this worker is durable.
    fn work(&self, worker: u64) -> impl Future<Output = ()> + Send;
}

/// A forwarder on a store of its own, with keys that do not run out.
struct Till {
    forwarding: Arc<Forwarding>,
    requests: Vec<Admit>,
    counting: Counting,
}

impl Till {
    fn open(dir: &Path, counting: Counting) -> (Self, Running) {
        let root = RootKey::random().unwrap();
        let operator = root.operator_keys();
        let reading = SystemClock.read();
        let (id, kind) = (StoreId([1; 16]), SlotKind::KeyFile);
        let secret = SlotSecret::Random(Key32::random().unwrap());
        let slot =
            seal_slot(&root, &secret, id, SlotId(1), kind, String::new(), reading.wall).unwrap();
        let first_rows = |rows: &mut dyn RowsMut| create(rows, &operator.proxy, id, &slot, reading);
        let store = RedbStore::create(&dir.join("store/till.redb"), &mut { first_rows }).unwrap();
        let options = Options {
            locks: dir.join("locks"),
            state_dir: dir.join("state"),
            rollback: Rollback::Refuse,
        };
        let ledger = Ledger::open(Arc::new(store), Arc::new(SystemClock), options).unwrap();
        let add = AddMaster {
            operator: &operator,
            secret: &"sk-of-a-bench".to_owned().into(),
            name: "openai".to_owned(),
            provider: "openai".to_owned(),
            base_url: None,
            origin: "https://api.openai.com".to_owned(),
            local: false,
            headers: Vec::new(),
            ends_with: None,
        };
        let master = ledger.run(&operator.proxy, &add).unwrap().id;
        let template = KeyTemplate {
            name: String::new(),
            labels: Vec::new(),
            masters: vec![master],
            limits: Limits { activations: Some(MAX_ACTIVATIONS), ..Limits::default() },
            scope: Scope::default(),
            unlimited: false,
            ends_with: None,
            delegate: 0,
        };
        let mint = Mint { operator: &operator, template: &template, minter: None, count: KEYS };
        let minted = ledger.run(&operator.proxy, &mint).unwrap();
        let request = |key| Admit { key, master, target: target(), demand: None };
        let requests = minted.iter().map(|minted| request(minted.record.seq)).collect();
        let (forwarding, running) = Forwarding::start_counting(
            ledger,
            operator.proxy,
            "http://127.0.0.1:0",
            counting.clone(),
        )
        .unwrap();
        (Self { forwarding, requests, counting }, running)
    }
}

impl Contender for Till {
    async fn work(&self, worker: u64) {
        let keys = self.requests.len();
        let request = &self.requests[usize::try_from(worker).unwrap() % keys];
        let start = Instant::now();
        let mut admission = self.forwarding.admit(request.clone()).await.unwrap();
        self.counting.decided(start.elapsed());
        self.counting.departed(start.elapsed());
        admission.sent();
        // Dropped, it is settled, in the next commit.
        admission.answered(200);
    }
}

fn target() -> Target {
    Target {
        method: "POST".to_owned(),
        path: "/v1/chat/completions".to_owned(),
        class: EndpointClass::Metered,
        metered_provider: true,
        models: Models::None,
        client: [127, 0, 0, 1].into(),
    }
}

const ROWS: TableDefinition<'_, u64, u64> = TableDefinition::new("rows");

/// redb in the same mode, with one thread that commits what waits: one row for each worker.
struct Plain {
    waiting: mpsc::Sender<(u64, oneshot::Sender<()>)>,
}

impl Plain {
    fn open(path: &Path) -> Self {
        let mut builder = Database::builder();
        builder.set_concurrency_mode(ConcurrencyMode::MultiWriter).set_cache_size(8 << 20);
        let database = builder.create(path).unwrap();
        let (waiting, inbox) = mpsc::channel::<(u64, oneshot::Sender<()>)>();
        std::thread::spawn(move || {
            let mut counter = 0;
            while let Ok(first) = inbox.recv() {
                let batch: Vec<_> = std::iter::once(first).chain(inbox.try_iter()).collect();
                let transaction = database.begin_write().unwrap();
                {
                    let mut rows = transaction.open_table(ROWS).unwrap();
                    for (row, _) in &batch {
                        counter += 1;
                        rows.insert(row, counter).unwrap();
                    }
                }
                transaction.commit().unwrap();
                for (_, done) in batch {
                    // Whoever does not wait any more need not know.
                    let _ = done.send(());
                }
            }
        });
        Self { waiting }
    }
}

impl Contender for Plain {
    async fn work(&self, worker: u64) {
        let (done, durable) = oneshot::channel();
        self.waiting.send((worker % u64::from(KEYS), done)).unwrap();
        durable.await.unwrap();
    }
}
