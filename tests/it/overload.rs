//! More requests than there is room for: refused before they cost anything, and never at the
//! expense of another key.

use serde_json::json;

use crate::support::answer::{Answer, Body, Gate};
use crate::support::home::{Home, Key};
use crate::support::http::{Connection, Reply, Request};
use crate::support::upstream::Upstream;
use crate::support::wait_until;

const MIB: usize = 1 << 20;

/// Of eight places a key has four; the others are for others, of whom each finds one.
#[test]
fn a_greedy_key_leaves_places_for_others() {
    let (upstream, gate) = withheld();
    let home = Home::with_openai(&upstream);
    let greedy = home.mint("openai -n 100 --delegate");
    let (second, third) = (home.mint("openai -n 100"), home.mint("openai -n 100"));
    let proxy = home.proxy_with("--max-connections 8");
    let to = proxy.address();
    let child = {
        let asking = Request::new("POST", "/till/v1/keys").bearer(&greedy.text);
        let wish = json!({ "max_activations": 50 }).to_string();
        Key::of(&asking.json(wish.as_bytes()).send(to).json())
    };
    let mut waiting = Vec::new();
    for number in 1..=4 {
        waiting.push(start(to, &greedy));
        wait_until("it is in flight", || upstream.count() == number);
    }
    // A key that was made from another has no places of its own.
    for key in [&greedy, &child] {
        let refused = Request::chat(&key.text).send(to);
        assert_overloaded(&refused);
        assert!(refused.text().contains("in flight"), "{}", refused.text());
    }
    for (number, key) in [(5, &second), (6, &second), (7, &third)] {
        waiting.push(start(to, key));
        wait_until("it is in flight", || upstream.count() == number);
    }
    assert_overloaded(&Request::chat(&second.text).send(to));
    // Where a client stays, it has its place again as soon as an answer has ended.
    gate.open(100);
    for connection in &mut waiting {
        connection.reply().unwrap().expect(200, "");
    }
    drop(waiting);
    Request::chat(&greedy.text).send(to).expect(200, "");
    wait_until("all is settled", || home.activations(&greedy, "used") == 5);
    assert_eq!(home.activations(&second, "used"), 2);
    assert_eq!(home.activations(&child, "used"), 0, "what is refused costs nothing");
}

/// Bodies that a limit has to read have 256 MiB together, and a key half of what is left.
#[test]
fn bodies_that_are_read_have_bounded_room() {
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    let greedy = home.mint("openai --model gpt-4o-mini -n 100");
    let other = home.mint("openai --model gpt-4o-mini -n 100");
    let proxy = home.proxy();
    let to = proxy.address();
    let piece = vec![b' '; MIB];
    let mut unfinished: Vec<_> = (0..9).map(|_| large(to, &greedy)).collect();
    let (last, eight) = unfinished.split_last_mut().unwrap();
    // 15 MiB each, and then a little more than what is left of the half.
    for connection in eight {
        (0..15).for_each(|_| connection.write(&piece).unwrap());
    }
    wait_until("all of it is read", || proxy.memory() > 120 << 20);
    (0..8).for_each(|_| last.write(&piece).unwrap());
    let mut refused = None;
    for _ in 0..64 {
        last.write(&piece[..64 << 10]).unwrap();
        last.set_patience(std::time::Duration::from_millis(100));
        refused = last.reply().ok();
        if refused.is_some() {
            break;
        }
    }
    let refused = refused.expect("a refusal");
    assert_overloaded(&refused);
    assert!(refused.text().contains("room for bodies"), "{}", refused.text());

    let spaces = " ".repeat(8 * MIB);
    let body = format!("{{\"model\":\"gpt-4o-mini\",\"messages\":[]{spaces}}}");
    let ask = |key: &Key| {
        let request = Request::new("POST", "/openai/v1/chat/completions").bearer(&key.text);
        request.json(body.as_bytes()).try_send(to)
    };
    ask(&other).unwrap().expect(200, "");
    let peak = proxy.peak_memory();
    assert!(peak < 512 << 20, "{} MiB", peak >> 20);
    drop(unfinished);
    wait_until("what was read is gone", || ask(&greedy).is_ok_and(|reply| reply.status == 200));
    assert_eq!(home.activations(&greedy, "limit") - home.activations(&greedy, "remaining"), 1);
}

#[track_caller]
fn assert_overloaded(reply: &Reply) {
    reply.expect(503, "overloaded");
    assert_eq!(reply.field("retry-after"), "1");
    assert_eq!(reply.field("connection"), "close");
}

fn withheld() -> (Upstream, Gate) {
    let gate = Gate::default();
    let opened = gate.clone();
    let upstream = Upstream::new(move |_| {
        Answer::status(200).body(Body::Withheld(b"{}".to_vec(), opened.clone()))
    });
    (upstream, gate)
}

fn start(to: std::net::SocketAddr, key: &Key) -> Connection {
    let mut connection = Connection::open(to).unwrap();
    connection.start(&Request::chat(&key.text)).unwrap();
    connection
}

/// The head of a request with the largest body that is read, and nothing of that yet.
fn large(to: std::net::SocketAddr, key: &Key) -> Connection {
    let mut connection = Connection::open(to).unwrap();
    let head = format!(
        "POST /openai/v1/chat/completions HTTP/1.1\r\nHost: {to}\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        key.text,
        16 * MIB
    );
    connection.write(head.as_bytes()).unwrap();
    connection
}
