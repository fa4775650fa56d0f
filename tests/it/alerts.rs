//! Alerts, from what happens to the webhook that is told of it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac::{HMAC_SHA256, Key, verify};

use crate::support::answer::Answer;
use crate::support::home::{Home, MASTER};
use crate::support::hook::Hook;
use crate::support::http::Request;
use crate::support::rows::{put, rows};
use crate::support::upstream::Upstream;
use crate::support::wait_until;

/// Each level once, signed, also over a restart, and by one of two proxies.
#[test]
fn levels_are_told_once() {
    let hook = Hook::start(204);
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    let secret = home.till(&format!("alert add ops --local --webhook {}", hook.url())).ok();
    let key = home.mint("openai -n 10 --name ci --label team=search");
    let proxy = home.proxy();
    let other = home.proxy();
    let send = |count: usize| {
        for _ in 0..count {
            Request::chat(&key.text).send(other.address()).expect(200, "");
        }
    };
    send(5);
    wait_until("half is told", || hook.new_levels() == [50]);
    proxy.stop();
    send(3);
    wait_until("four fifths are told", || hook.new_levels() == [50, 80]);
    other.stop();
    let proxy = home.proxy();
    for _ in 0..2 {
        Request::chat(&key.text).send(proxy.address()).expect(200, "");
    }
    wait_until("the whole is told", || hook.new_levels() == [50, 80, 100]);

    let told = hook.seen();
    let secret = STANDARD.decode(secret.trim().strip_prefix("whsec_").unwrap()).unwrap();
    let secret = Key::new(HMAC_SHA256, &secret);
    for seen in &told {
        let [id, at] = ["webhook-id", "webhook-timestamp"].map(|name| seen.field(name));
        let signature = seen.field("webhook-signature").strip_prefix("v1,").unwrap();
        let signed = format!("{id}.{at}.{}", seen.body);
        verify(&secret, signed.as_bytes(), &STANDARD.decode(signature).unwrap()).unwrap();
        assert_eq!(seen.json()["id"], id);
        assert!(!seen.body.contains(MASTER) && !seen.body.contains(&key.text));
    }
    let last = told.last().unwrap().json();
    assert_eq!((&last["used"], &last["of"]), (&10.into(), &10.into()), "{last:#}");
    assert_eq!(last["key"]["labels"]["team"], "search");
    wait_until("it is written down", || home.till("alert ls").json()[0]["delivered"] == 3);
    let listed = home.till("alert ls").json();
    assert_eq!(
        (&listed[0]["delivered"], &listed[0]["waiting"]),
        (&3.into(), &0.into()),
        "{listed:#}"
    );
    assert_eq!(listed[0]["to"], "127.0.0.1");
    home.has_nowhere(&["token=secret", "whsec_"]);
    home.till("log verify").ok();
}

/// A receiver that is down, redirects or never answers stops no request, and has it in the end.
#[test]
fn what_is_not_taken_is_told_again() {
    let hook = Hook::start(302);
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    home.till(&format!("alert add ops --local --webhook {}", hook.url())).ok();
    home.till("alert test ops").fails(1, &["redirect to 127.0.0.1", "not followed", "hint"]);
    hook.answers(0);
    let key = home.mint("openai -n 2");
    let proxy = home.proxy();
    Request::chat(&key.text).send(proxy.address()).expect(200, "");
    wait_until("it is tried", || hook.levels() == [50]);
    Request::chat(&key.text).send(proxy.address()).expect(200, "");
    // The holder dies in the middle of it.
    proxy.kill();
    hook.answers(200);
    let proxy = home.proxy();
    wait_until("both are told", || home.till("alert ls").json()[0]["delivered"] == 2);
    assert_eq!(hook.levels(), [50, 50, 100]);
    let ids: Vec<String> =
        hook.seen().iter().skip(1).map(|seen| seen.field("webhook-id").to_owned()).collect();
    assert!(ids[0] == ids[1] && ids[1] != ids[2], "{ids:?}");
    proxy.stop();
    home.till("alert rm ops").ok();
    home.till("alert rm ops").fails(3, &["no target of alerts `ops`", "hint"]);
}

/// A key that has ended and is still tried, and one that nobody knows.
#[test]
fn keys_that_are_none_are_told_of() {
    let hook = Hook::start(200);
    let upstream = Upstream::answering(Answer::status(200)).may_idle();
    let home = Home::with_openai(&upstream);
    let to = hook.url();
    home.till(&format!("alert add ops --local --slack {to} --on ended-key,unknown-key")).ok();
    let [ended, gone] =
        ["x", "<!channel>"].map(|name| home.mint(&format!("openai -n 2 --name {name}")));
    home.till(&format!("key revoke {} --yes", gone.id)).ok();
    let elsewhere = Home::with_openai(&upstream).mint("openai -n 2");
    let proxy = home.proxy();
    for key in [&gone, &elsewhere] {
        for _ in 0..6 {
            Request::chat(&key.text).send(proxy.address());
        }
    }
    let texts = || -> Vec<String> {
        hook.seen().iter().map(|seen| seen.json()["text"].as_str().unwrap().to_owned()).collect()
    };
    wait_until("both are told", || texts().len() >= 2);
    let texts = texts();
    assert!(texts.iter().any(|text| text.contains("does not know")), "{texts:?}");
    let leaked = texts.iter().find(|text| text.contains("&lt;!channel&gt;"));
    assert!(leaked.is_some_and(|text| text.contains("may have leaked")), "{texts:?}");
    assert!(!texts.iter().any(|text| text.contains(&ended.id)), "{texts:?}");
}

/// A command gets the message on its stdin and nothing of the environment; failed unlocks are told.
#[test]
fn a_command_is_told_of_failed_unlocks() {
    let upstream = Upstream::answering(Answer::status(200)).may_idle();
    let home = Home::with_openai(&upstream);
    let (told, script) = (home.path("told"), home.path("on-alert"));
    let lines =
        format!("#!/bin/sh\n{{ cat; echo; env; }} > {0}.new && mv {0}.new {0}\n", told.display());
    std::fs::write(&script, lines).unwrap();
    std::fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    home.till("alert add desk --on failed-unlock --command").arg(script.to_str().unwrap()).ok();
    home.till("alert test desk").ok();
    let said = || std::fs::read_to_string(&told).unwrap_or_default();
    assert!(said().contains("\"type\":\"test\""), "{}", said());
    let proxy = home.proxy();
    let wrong = home.path("wrong");
    std::fs::write(&wrong, "not the passphrase\n").unwrap();
    std::fs::set_permissions(&wrong, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let mint = home.till("unlock add passphrase --new-passphrase-file");
    let right = home.path("right");
    std::fs::write(&right, "the right passphrase\n").unwrap();
    std::fs::set_permissions(&right, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    mint.arg(right.to_str().unwrap()).ok();
    let mint = home.till("key mint openai -n 1 --passphrase-file").arg(wrong.to_str().unwrap());
    mint.without("TILL_KEY_FILE").fails(6, &[]);
    wait_until("it is told", || said().contains("unlock.failed"));
    let said = said();
    assert!(said.contains("\"count\":1") && !said.contains("TILL_"), "{said}");
    proxy.stop();
}

/// A target whose row was edited stops itself, and nobody else.
#[test]
fn an_edited_target_stops_itself_alone() {
    let hook = Hook::start(200);
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    for name in ["edited", "intact"] {
        home.till(&format!("alert add {name} --local --webhook {}", hook.url())).ok();
    }
    let mut targets = rows(home.store(), "alert_targets");
    targets[0].1[12] ^= 1;
    put(home.store(), "alert_targets", &targets[..1]);
    // Nor does an alert that waits, and cannot be read.
    let (second, first) = (2_u64.to_be_bytes(), 1_u64.to_be_bytes());
    put(home.store(), "alerts", &[([second, first].concat(), vec![7; 60])]);
    let key = home.mint("openai -n 2");
    let proxy = home.proxy();
    Request::chat(&key.text).send(proxy.address()).expect(200, "");
    wait_until("the other is told", || hook.levels() == [50]);
    home.till(&format!("alert add another --local --webhook {}", hook.url())).ok();
    home.till("alert rm another").ok();
    let listed = home.till("alert ls").json();
    let intact = listed.as_array().unwrap().iter().find(|one| one["name"] == "intact");
    assert!(intact.is_some(), "{listed:#}");
    let check = home.till("check").run();
    assert!(check.code == Some(7) && check.stdout.contains("alert_targets"), "{check}");
    proxy.stop();
}
