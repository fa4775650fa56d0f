//! A stand-in for `api.openai.com`, the provider that the old stores' master keys are sealed for:
//! behind a proxy on the way to it, with a certificate of its name.

use std::path::PathBuf;

use crate::support::answer::{Answer, Body, Gate};
use crate::support::connect_proxy::ConnectProxy;
use crate::support::home::Home;
use crate::support::proxy::Proxy;
use crate::support::tls::Authority;
use crate::support::upstream::Upstream;

/// What a request says whose answer is never to come.
pub(super) const HELD: &str = "never answer this";

const ANSWER: &[u8] = br#"{"id":"1","object":"chat.completion","model":"gpt-4o-mini",
"choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"hi"}}],
"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}}"#;

#[derive(Debug)]
pub(super) struct Provider {
    upstream: Upstream,
    connect: ConnectProxy,
    authority: Authority,
}

impl Provider {
    pub(super) fn start() -> Self {
        let authority = Authority::new();
        let gate = Gate::default();
        let upstream =
            Upstream::over_tls_with(authority.server_for("api.openai.com"), move |seen| {
                let answer = Answer::json(200, ANSWER);
                if String::from_utf8_lossy(&seen.body).contains(HELD) {
                    return answer.body(Body::Withheld(ANSWER.to_vec(), gate.clone()));
                }
                answer
            });
        let connect = ConnectProxy::start(Some(upstream.address()));
        Self { upstream, connect, authority }
    }

    /// A proxy on the home's store that reaches it.
    pub(super) fn proxy(&self, home: &Home) -> Proxy {
        let ca: PathBuf = home.path("ca.pem");
        self.authority.write_pem(&ca);
        let run = home.till("proxy --listen 127.0.0.1:0 --upstream-ca").arg(ca.to_str().unwrap());
        Proxy::start(run.arg("--upstream-proxy").arg(&self.connect.url()))
    }

    /// How many requests arrived.
    pub(super) fn count(&self) -> usize {
        self.upstream.count()
    }
}
