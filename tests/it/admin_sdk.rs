//! The published SDK for Python, `till-ac`, against the admin API; its keys through a proxy.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::admin::text;
use crate::support::answer::Answer;
use crate::support::connect_proxy::ConnectProxy;
use crate::support::driver::{Driver, Outcome, Step};
use crate::support::home::{Home, MASTER};
use crate::support::proxy::Proxy;
use crate::support::tls::Authority;
use crate::support::upstream::Upstream;
use crate::support::wait_until;

/// The real key comes with the SDK's requests; the store knows none. It is seen by the provider
/// and by nobody else.
#[test]
fn every_call_and_every_error_and_its_keys_work() {
    let Some(driver) = Driver::of("python") else { return };
    let authority = Authority::new();
    let answer = Answer::replay("openai.chat.openai-text.json");
    let upstream = Upstream::over_tls(authority.server_for("api.openai.com"), answer);
    let connect = ConnectProxy::start(Some(upstream.address()));
    let home = Home::new();
    let pem = home.path("authority.pem");
    authority.write_pem(&pem);
    let admin = Proxy::start(home.till("-vv admin serve --listen 127.0.0.1:0"));
    let proxy = home.till("-vv proxy --listen 127.0.0.1:0 --upstream-ca");
    let proxy = proxy.arg(pem.to_str().unwrap()).arg("--upstream-proxy").arg(&connect.url());
    let proxy = Proxy::start(proxy);
    let flags = "--may-bring-keys --max-live-keys 20 --max-expires 1h --max-activations 100";
    // Without a bound on activations a key may have none.
    let wide = "--may-bring-keys --max-live-keys 20 --max-expires 1h";
    let sdk = home.client(&admin, "sdk", wide);
    let bounded = home.token("bounded", flags);
    home.add_openai(&upstream.base_url("/v1"));
    let narrow = home.token("narrow", "--provider openai --max-activations 5");
    let code = include_str!("../python/admin_sdk.py").to_owned();
    let environment = BTreeMap::from(
        [
            ("ADMIN_URL", format!("http://{}", admin.address())),
            ("PROXY_URL", format!("http://{}", proxy.address())),
            ("REAL_KEY", MASTER.to_owned()),
            ("TOKEN", sdk.token.clone()),
            ("BOUNDED_TOKEN", bounded),
            ("NARROW_TOKEN", narrow),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    );
    let outcomes = driver.run(&[Step { code, environment }], &home.path("home-of-the-client"));
    let [Outcome::Printed(printed)] = outcomes.as_slice() else { panic!("{outcomes:#?}") };
    let living: Vec<Value> = serde_json::from_str(printed).unwrap();
    assert_eq!((living.len(), upstream.count()), (2, 8), "{:#?}", upstream.seen());
    let scoped: Vec<&str> = living.iter().map(|key| text(key, "key")).collect();
    for key in &living {
        wait_until("all is settled", || sdk.show(text(key, "id"))["usedActivations"] == 4);
    }

    // Sealed once for both, under a name that says nothing of it; erased with the last of them.
    let masters = || home.till("master ls").json().as_array().map_or(0, Vec::len);
    assert_eq!(masters(), 2);
    sdk.revoke(text(&living[0], "id"));
    assert_eq!(masters(), 2);
    let answers =
        sdk.send("GET", "/admin/keys").text() + &home.till("master ls").json().to_string();
    let (_, admin_said) = admin.stop();
    let (_, proxy_said) = proxy.stop();
    let secrets = [&[MASTER, &sdk.token], scoped.as_slice()].concat();
    home.has_nowhere(&secrets);
    for secret in secrets {
        for said in [&answers, &admin_said, &proxy_said] {
            assert!(!said.contains(secret), "{secret}: {said}");
        }
    }
    let admin = home.admin();
    sdk.at(&admin).revoke(text(&living[1], "id"));
    assert_eq!(masters(), 1);
    assert!(connect.bytes_passed() > 0 && !connect.has_read(MASTER));
}
