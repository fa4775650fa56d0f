//! The addresses of a key.

use std::net::IpAddr;

use crate::domain::spike::{Addresses, MAX_ADDRESSES, Sighting, network_of};
use crate::domain::time::Timestamp;

const DAY: u64 = 86_400_000;

fn on_day(day: u64) -> Timestamp {
    Timestamp((20_455 + day) * DAY)
}

fn see(addresses: &mut Addresses, address: &str, day: u64) -> Sighting {
    addresses.see(network_of(address.parse().unwrap()), on_day(day))
}

#[test]
fn the_first_day_is_learnt_and_then_new_ones_are_told_once() {
    let mut known = Addresses::default();
    assert_eq!(see(&mut known, "203.0.113.7", 0), Sighting::Learnt);
    assert_eq!(see(&mut known, "203.0.113.7", 0), Sighting::Known);
    assert_eq!(see(&mut known, "203.0.113.8", 0), Sighting::Learnt);
    assert_eq!(see(&mut known, "203.0.113.9", 1), Sighting::New);
    assert_eq!(see(&mut known, "203.0.113.9", 1), Sighting::Known);
    assert_eq!(see(&mut known, "203.0.113.9", 2), Sighting::Learnt);
    // Out of use for long enough, it is new again.
    assert_eq!(see(&mut known, "203.0.113.7", 40), Sighting::New);
}

#[test]
fn loopback_is_one_and_so_is_a_network_of_ipv6() {
    let text = |address: &str| network_of(address.parse::<IpAddr>().unwrap()).to_string();
    for loopback in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
        assert_eq!(text(loopback), "127.0.0.1/32", "{loopback}");
    }
    assert_eq!(text("2001:db8:1:2:3::4"), "2001:db8:1:2::/64");
    assert_eq!(text("2001:db8:1:2:ffff::9"), "2001:db8:1:2::/64");
    assert_eq!(text("::ffff:203.0.113.7"), "203.0.113.7/32");
}

#[test]
fn many_are_said_once_and_there_are_never_more() {
    let mut known = Addresses::default();
    see(&mut known, "127.0.0.1", 0);
    let mut said = Vec::new();
    for last in 1..100 {
        said.push(see(&mut known, &format!("203.0.113.{last}"), 2));
        assert!(known.seen.len() <= MAX_ADDRESSES);
    }
    let count = |what: &Sighting| said.iter().filter(|one| *one == what).count();
    assert_eq!((count(&Sighting::New), count(&Sighting::Many)), (MAX_ADDRESSES - 1, 1));
    // Once they are forgotten, new ones are told again.
    assert_eq!(see(&mut known, "198.51.100.1", 40), Sighting::New);
    assert!(!known.many);
}

#[test]
fn a_clock_set_back_tells_nothing() {
    let mut known = Addresses::default();
    see(&mut known, "203.0.113.7", 9);
    assert_eq!(see(&mut known, "203.0.113.7", 2), Sighting::Known);
}
