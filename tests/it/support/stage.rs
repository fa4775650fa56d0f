//! One upstream, one key that may call anything, one proxy: what a test of the wire needs.

use super::answer::Answer;
use super::home::{Home, Key};
use super::proxy::Proxy;
use super::upstream::Upstream;

pub(crate) struct Stage {
    pub(crate) upstream: Upstream,
    pub(crate) home: Home,
    pub(crate) key: Key,
    pub(crate) proxy: Proxy,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let upstream = Upstream::answering(Answer::status(200)).may_idle();
        let home = Home::with_openai(&upstream);
        let key = home.mint("openai -n 5000 --allow /**");
        let proxy = home.proxy();
        Self { upstream, home, key, proxy }
    }

    /// The text as bytes, with the proxy's address and the key's field put in.
    pub(crate) fn filled(&self, text: &str) -> Vec<u8> {
        let auth = format!("Authorization: Bearer {}\r\n", self.key.text);
        let host = self.proxy.address().to_string();
        text.replace("{host}", &host).replace("{auth}", &auth).into_bytes()
    }
}
