//! Those who mint without an unlock, over time: identity tokens, real keys that came along, and a
//! new root key.

use super::stage::{ORIGIN, Stage, hold, slot};
use crate::domain::bounds::Bounds;
use crate::domain::ids::{MasterId, MinterId};
use crate::domain::key::EndCause;
use crate::domain::limits::Limits;
use crate::domain::master::Master;
use crate::domain::minter::Trust;
use crate::domain::pattern::Pattern;
use crate::domain::settlement::Outcome;
use crate::domain::time::Span;
use crate::domain::totals::{MinterUsage, Quantity};
use crate::ledger::op::{
    AddMinter, BroughtSecret, EndKeys, KeyTemplate, MintAs, Minted, MinterTemplate, Rekey,
    RotateMaster, UsedToken,
};
use crate::ledger::{Clock, LedgerError, Refusal};
use crate::store::Verdict;
use crate::vault::{OperatorKeys, RootKey};

const MINUTE: Span = Span::minutes(1);

/// A trust of the stage's master key, of 100 activations for ever.
fn trust(stage: &Stage) -> MinterId {
    let trust = Trust {
        kind: "oidc".into(),
        issuer: "https://issuer.example".into(),
        audience: "till".into(),
        claims: vec![("project".into(), Pattern::over_names("search").unwrap())],
        local: false,
    };
    let bounds = Bounds {
        masters: vec![(stage.master, "openai".into())],
        bring_keys: true,
        ..Bounds::default()
    };
    let template = MinterTemplate {
        name: "ci".into(),
        trust: Some(trust),
        bounds,
        max_live_keys: Some(10),
        totals: vec![(Quantity::Activations, None, 100)],
    };
    stage.run(&AddMinter { template }).unwrap().minter.id
}

fn template(stage: &Stage, limit: u64) -> KeyTemplate {
    stage.template(Limits { activations: Some(limit), ..Limits::default() })
}

fn mint(
    stage: &Stage,
    minter: MinterId,
    token: Option<&UsedToken>,
    limit: u64,
) -> Result<Minted, LedgerError> {
    let template = template(stage, limit);
    let operator = &stage.operator;
    let token = token.cloned();
    let mint = MintAs { operator, minter, token, template: &template, brought: None, count: 1 };
    stage.run(&mint).map(|mut minted| minted.remove(0))
}

/// A token that is issued now, and is good for five minutes.
fn token(stage: &Stage, signed: &[u8]) -> UsedToken {
    let now = stage.clock.read().wall;
    UsedToken { signed: signed.to_vec(), good_from: now, expires_at: now.after(Span::minutes(5)) }
}

fn new_root(stage: &mut Stage) {
    let new: OperatorKeys = RootKey::random().unwrap().operator_keys();
    let rekey = Rekey {
        is_alive: &|_| false,
        old: &stage.operator,
        new: &new,
        slot: &slot(2),
        reading: stage.clock.read(),
        progress: &|_| {},
    };
    let applied = stage.ledger.store().transact(&mut |rows| {
        rekey.apply(rows).unwrap();
        Ok(Verdict::Commit)
    });
    applied.unwrap();
    stage.keys = new.proxy.clone();
    stage.operator = new;
}

/// A body that comes slowly lies between the look at a token and the minting with it.
#[test]
fn a_token_whose_time_is_over_mints_nothing_though_nobody_remembers_it() {
    let stage = Stage::new();
    let minter = trust(&stage);
    let first = token(&stage, b"first");
    mint(&stage, minter, Some(&first), 1).unwrap();
    stage.clock.pass(Span::minutes(6));
    // This one drops the row of the first.
    mint(&stage, minter, Some(&token(&stage, b"second")), 1).unwrap();
    let again = mint(&stage, minter, Some(&first), 1);
    assert!(matches!(again, Err(LedgerError::Refused(_))), "{again:?}");
}

/// What used tokens are known by is gone with the old root key.
#[test]
fn a_token_does_not_mint_again_after_a_new_root_key() {
    let mut stage = Stage::new();
    let minter = trust(&stage);
    let first = token(&stage, b"first");
    mint(&stage, minter, Some(&first), 1).unwrap();
    stage.clock.pass(MINUTE);
    new_root(&mut stage);
    let again = mint(&stage, minter, Some(&first), 1);
    assert!(matches!(again, Err(LedgerError::Refused(_))), "{again:?}");
    stage.clock.pass(MINUTE);
    mint(&stage, minter, Some(&token(&stage, b"second")), 1).unwrap();
}

#[test]
fn what_a_new_root_key_ends_is_given_back() {
    let mut stage = Stage::new();
    let minter = trust(&stage);
    let key = mint(&stage, minter, None, 40).unwrap();
    for number in [1, 2] {
        stage.admit(key.record.seq, 1, number).unwrap().unwrap();
    }
    stage.settle(hold(1, 1), Outcome::Answered(200)).unwrap();
    let over = mint(&stage, minter, None, 10).unwrap();
    let keys = vec![over.record.seq];
    stage.run(&EndKeys { keys, cause: EndCause::Revoked }).unwrap();
    let granted = |stage: &Stage| {
        let usage: MinterUsage = stage.row(&minter).unwrap();
        (usage.live_keys, usage.totals[0].granted)
    };
    assert_eq!(granted(&stage), (1, 40));
    new_root(&mut stage);
    // One was used, and one was in flight.
    assert_eq!(granted(&stage), (0, 2));
}

/// Whoever has the old secret of a master key that was rotated does not get the new one for it.
#[test]
fn a_real_key_that_was_rotated_is_another() {
    let stage = Stage::new();
    let minter = trust(&stage);
    let bring = |text: &str| -> MasterId {
        let secret = text.to_owned().into();
        let template = KeyTemplate { masters: Vec::new(), ..template(&stage, 1) };
        let provider = "groq".to_owned();
        let brought =
            BroughtSecret { secret: &secret, provider, origin: ORIGIN.to_owned(), local: false };
        let operator = &stage.operator;
        let brought = Some(brought);
        let mint = MintAs { operator, minter, token: None, template: &template, brought, count: 1 };
        stage.run(&mint).unwrap()[0].record.masters[0].0
    };
    let first = bring("sk-brought-1");
    assert_eq!(bring("sk-brought-1"), first);
    let name = stage.row::<Master>(&first).unwrap().name;
    let secret = "sk-brought-2".to_owned().into();
    let rotate = RotateMaster { operator: &stage.operator, secret: &secret, name, end_keys: false };
    stage.run(&rotate).unwrap();
    assert_ne!(bring("sk-brought-1"), first);
    assert_eq!(bring("sk-brought-2"), first);
}

/// A refusal of a token says so, and is none of the bounds.
#[test]
fn a_token_mints_once() {
    let stage = Stage::new();
    let minter = trust(&stage);
    let first = token(&stage, b"first");
    mint(&stage, minter, Some(&first), 1).unwrap();
    let again = mint(&stage, minter, Some(&first), 1);
    assert!(matches!(again, Err(LedgerError::Refused(Refusal::Replayed))), "{again:?}");
}
