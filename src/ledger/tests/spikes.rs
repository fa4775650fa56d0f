//! What is unusual is found in the rows, told once, and pauses the keys that say so.

use std::sync::Arc;

use crate::domain::cost::Cost;
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::KeySeq;
use crate::domain::key::{EndCause, Usage};
use crate::domain::limits::Limits;
use crate::domain::money::Picodollars;
use crate::domain::pause::OnSpike;
use crate::domain::rollup::{Facts, Rollup, RollupKey};
use crate::domain::settlement::{Charge, Outcome};
use crate::domain::spike::Addresses;
use crate::domain::time::Span;
use crate::ledger::op::{EndKeys, ResumeKeys, SeeAddresses};
use crate::ledger::{ClockPolicy, Forwarding, Operation, Session, Spikes};
use crate::store::Table;
use crate::store::rows::from_bytes;

use super::stage::Stage;

const HOUR: u64 = 3_600_000;

/// So many requests of the key in the hour that is so many hours ago.
fn used(stage: &Stage, key: KeySeq, hours_ago: u64, requests: u64, model: &str) {
    let now = RollupKey::hour_of(stage.clock_now());
    let about =
        RollupKey { hour: now - hours_ago, key, master: stage.master, model: model.to_owned() };
    let cost = Cost { input: 1, output: 1, spend: Picodollars(1_000) };
    let charge = Charge { cost, estimated: false };
    let mut sum = Rollup::default();
    for _ in 0..requests {
        sum.count(Outcome::Answered(200), true, &charge, &Facts::default());
    }
    let add = |session: &mut Session<'_>| {
        session.sum(about.clone(), |known| known.merge(&sum));
        Ok(())
    };
    stage.ledger.transact(&stage.keys, ClockPolicy::Distrust, add).unwrap();
}

/// Ten days of a hundred requests in each working hour, up to yesterday.
fn history(stage: &Stage, key: KeySeq) {
    for day in 1..=10 {
        for hour in 0..8 {
            used(stage, key, day * 24 + hour, 100, "usual");
        }
    }
}

fn spikes(stage: &Stage) -> Vec<Event> {
    let events = stage.rows(Table::Events);
    let events = events.iter().map(|(_, row)| from_bytes::<Event>(&row[..row.len() - 32]).unwrap());
    events.filter(|event| event.kind == EventKind::Spike).collect()
}

fn look(forwarding: &Arc<Forwarding>) {
    Spikes::default().look(forwarding).unwrap();
}

#[test]
fn a_spike_is_told_once_whoever_looks() {
    let stage = Stage::new();
    let key = stage.mint_limited(100_000).record.seq;
    history(&stage, key);
    let (forwarding, _running) = stage.forwarding();
    used(&stage, key, 0, 300, "usual");
    look(&forwarding);
    assert_eq!(spikes(&stage), []);
    used(&stage, key, 0, 1, "usual");
    for _ in 0..3 {
        look(&forwarding);
    }
    let told = spikes(&stage);
    let [of_key, of_master] = &told[..] else { panic!("{told:?}") };
    assert_eq!((of_key.key, of_key.count), (Some(key), 301));
    assert_eq!(of_key.note, "requests: 301 in the hour, usually at most 100");
    assert_eq!((of_master.master, of_master.key), (Some(stage.master), None));
    // The next hour is another one.
    stage.clock.pass(Span(HOUR));
    used(&stage, key, 0, 400, "usual");
    look(&forwarding);
    assert_eq!(spikes(&stage).len(), 4);
}

#[test]
fn what_a_process_remembers_does_not_grow_with_new_or_ended_keys() {
    let stage = Stage::new();
    let old = stage.mint_limited(100_000).record.seq;
    history(&stage, old);
    let (forwarding, _running) = stage.forwarding();
    let remembered = |spikes: &mut Spikes| {
        spikes.look(&forwarding).unwrap();
        format!("{spikes:?}").matches("KeySeq(").count()
    };
    let mut spikes = Spikes::default();
    let before = remembered(&mut spikes);
    assert!(before > 0, "the old key has a history");
    for number in 0..8 {
        let key = stage.mint_limited(9).record.seq;
        used(&stage, key, 0, 1, "usual");
        if number % 2 == 0 {
            history(&stage, key);
            stage.run(&EndKeys { keys: vec![key], cause: EndCause::Revoked }).unwrap();
        }
        // Each one that looks has read the days before anew, as at the beginning of an hour.
        assert_eq!(remembered(&mut Spikes::default()), before);
        assert_eq!(remembered(&mut spikes), before);
    }
}

#[test]
fn a_new_model_is_told_after_the_first_day() {
    let stage = Stage::new();
    let (old, new) = (stage.mint_limited(9).record.seq, stage.mint_limited(9).record.seq);
    used(&stage, old, 30, 1, "usual");
    used(&stage, new, 2, 1, "usual");
    let (forwarding, _running) = stage.forwarding();
    for key in [old, new] {
        used(&stage, key, 0, 1, "usual");
        used(&stage, key, 0, 1, "another\u{1b}");
    }
    look(&forwarding);
    let told = spikes(&stage);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!((told[0].key, told[0].note.as_str()), (Some(old), "a new model: another\u{1b}"));
}

#[test]
fn a_key_that_says_so_is_paused_and_once_in_the_hour() {
    let stage = Stage::new();
    let paused = Limits { on_spike: OnSpike::Pause, ..Limits::default() };
    let paused = Limits { activations: Some(100_000), ..paused };
    let (paused, other) = (stage.mint(paused).record.seq, stage.mint_limited(100_000).record.seq);
    let (forwarding, _running) = stage.forwarding();
    for key in [paused, other] {
        history(&stage, key);
        used(&stage, key, 0, 1_000, "usual");
    }
    look(&forwarding);
    let is_paused = |key: KeySeq| stage.row::<Usage>(&key).unwrap().paused_since().is_some();
    assert_eq!((is_paused(paused), is_paused(other)), (true, false));
    stage.run(&ResumeKeys { keys: vec![paused] }).unwrap();
    used(&stage, paused, 0, 1_000, "another");
    look(&forwarding);
    assert!(!is_paused(paused), "it was looked at");
    stage.clock.pass(Span(HOUR));
    used(&stage, paused, 0, 1_000, "usual");
    look(&forwarding);
    assert!(is_paused(paused));
}

#[test]
fn addresses_are_learnt_for_a_day_and_then_told() {
    let stage = Stage::new();
    let key = stage.mint_limited(9).record.seq;
    let see = |address: &str| {
        let see = SeeAddresses { seen: vec![(key, address.parse().unwrap())] };
        let apply = |session: &mut Session<'_>| see.apply(session);
        stage.ledger.transact(&stage.keys, ClockPolicy::Distrust, apply).unwrap();
    };
    see("203.0.113.1");
    see("203.0.113.2");
    stage.clock.pass(Span(25 * HOUR));
    see("203.0.113.1");
    assert_eq!(spikes(&stage), []);
    see("203.0.113.3");
    see("203.0.113.3");
    let told: Vec<String> = spikes(&stage).into_iter().map(|event| event.note).collect();
    assert_eq!(told, ["a new client address: 203.0.113.3/32"]);
    // A row that was edited begins anew, and stops nothing.
    let (place, mut row) = stage.rows(Table::Addresses).remove(0);
    row[3] ^= 1;
    stage.overwrite(Table::Addresses, &place, &row);
    see("203.0.113.4");
    assert_eq!(stage.row::<Addresses>(&key).unwrap().seen.len(), 1);
}

#[test]
fn a_clock_that_is_set_ahead_or_back_tells_nothing() {
    let stage = Stage::new();
    let key = stage.mint_limited(100_000).record.seq;
    history(&stage, key);
    let (forwarding, _running) = stage.forwarding();
    let mut spikes_seen = Spikes::default();
    for change in [86_400_000_i64, -172_800_000, 400 * 86_400_000] {
        used(&stage, key, 0, 100, "usual");
        spikes_seen.look(&forwarding).unwrap();
        stage.clock.set(|wall| wall.saturating_add_signed(change));
        spikes_seen.look(&forwarding).unwrap();
    }
    assert_eq!(spikes(&stage), []);
}
