//! What belongs to the operator's account stays with the operator: cookies, and the headers that
//! select an account. And what an answer tells an agent beside the answer.

use crate::support::answer::Answer;
use crate::support::home::{Home, MASTER};
use crate::support::http::Request;
use crate::support::upstream::Upstream;

#[test]
fn cookies_stay_with_the_operator_unless_the_provider_keeps_them() {
    let upstream = Upstream::answering(Answer::status(200).field("Set-Cookie", "session=1"));
    let home = Home::with_openai(&upstream);
    let url = upstream.base_url("/v1");
    for (name, flag) in [("plain", ""), ("kept", " --keep-cookies")] {
        home.till(&format!("provider add {name} --auth bearer{flag} --url")).arg(&url).ok();
        home.till(&format!("master add {name}")).stdin(MASTER).ok();
    }
    let proxy = home.proxy();
    for (provider, kept) in [("openai", false), ("plain", false), ("kept", true)] {
        let key = home.mint(&format!("{provider} -n 1 --allow /**"));
        let path = format!("/{provider}/v1/chat/completions");
        let request = Request::new("POST", &path).bearer(&key.text).field("Cookie", "mine=1");
        let reply = request.send(proxy.address());
        reply.expect(200, "");
        assert_eq!(reply.head.get("set-cookie").is_some(), kept, "{provider}");
        let sent = upstream.seen().pop().unwrap();
        assert_eq!(sent.head.get("cookie").is_some(), kept, "{provider}");
    }
}

#[test]
fn a_master_pins_the_headers_that_select_its_account() {
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::new();
    let add = home.till("master add openai --header").arg("OpenAI-Organization: org-ours");
    let add = add.arg("--base-url").arg(&upstream.base_url("/v1")).stdin(MASTER);
    assert_eq!(add.json()["headers"][0], "openai-organization: org-ours");
    let key = home.mint("openai -n 1");
    let proxy = home.proxy();
    let request = Request::chat(&key.text)
        .field("OpenAI-Organization", "org-theirs")
        .field("OpenAI-Project", "proj-theirs");
    request.send(proxy.address()).expect(200, "");
    let head = upstream.only().head;
    assert_eq!(head.all("openai-organization"), ["org-ours"]);
    assert_eq!(head.get("openai-project"), None);
}

#[test]
fn from_nine_tenths_on_an_answer_warns() {
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 10");
    let proxy = home.proxy();
    for sent in 1..=10 {
        let reply = Request::chat(&key.text).send(proxy.address());
        reply.expect(200, "");
        let warning = reply.head.get("till-warning");
        match sent {
            9 => assert_eq!(warning, Some("1 of 10 activations left")),
            10 => assert_eq!(warning, Some("0 of 10 activations left")),
            _ => assert_eq!(warning, None, "{sent}"),
        }
    }
}

#[test]
fn a_provider_is_shown_with_its_endpoints() {
    let home = Home::new();
    let shown = home.till("provider show openai").ok();
    for text in ["https://api.openai.com/v1", "bearer", "POST", "/v1/chat/completions", "minting"] {
        assert!(shown.contains(text), "{shown}");
    }
    let shown = home.till("provider show openai").json();
    let listed = home.till("provider ls").json();
    assert_eq!(shown, listed[0]);
    home.till("provider show openia").fails(3, &["openia", "`openai`"]);
}
