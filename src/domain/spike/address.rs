//! The client addresses that a key is used from.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv6Net};

use crate::domain::time::{Span, Timestamp};

/// How many are told apart; a key that is used from more is used from many.
pub const MAX_ADDRESSES: usize = 16;
/// After how many days without use one is forgotten.
pub const DAYS_KEPT: u64 = 30;
/// Milliseconds in a day.
const DAY: u64 = 86_400_000;

/// The addresses of one key.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Addresses {
    /// When the first one was seen: those of a day after it are learnt without a word.
    pub since: Timestamp,
    /// The addresses.
    pub seen: Vec<Seen>,
    /// Whether it was said that there are more than are told apart.
    pub many: bool,
}

/// One address: a host of IPv4, a /64 of IPv6, all of loopback as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The network.
    pub network: IpNet,
    /// The day of its last use, counted from the epoch.
    pub day: u64,
}

/// What an address is to a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sighting {
    /// Seen today: nothing is to be written.
    Known,
    /// To be remembered, without a word.
    Learnt,
    /// To be remembered and told.
    New,
    /// One more than are told apart: to be told once.
    Many,
}

impl Addresses {
    /// Takes in that a request came from an address.
    pub fn see(&mut self, network: IpNet, now: Timestamp) -> Sighting {
        let day = now.0 / DAY;
        self.seen.retain(|seen| seen.day.saturating_add(DAYS_KEPT) >= day);
        if let Some(seen) = self.seen.iter_mut().find(|seen| seen.network == network) {
            if seen.day >= day {
                return Sighting::Known;
            }
            seen.day = day;
            return Sighting::Learnt;
        }
        if self.seen.len() >= MAX_ADDRESSES {
            let said = std::mem::replace(&mut self.many, true);
            return if said { Sighting::Known } else { Sighting::Many };
        }
        let is_first = self.since.0 == 0;
        if is_first {
            self.since = now;
        }
        self.many = false;
        self.seen.push(Seen { network, day });
        if now < self.since.after(Span(DAY)) { Sighting::Learnt } else { Sighting::New }
    }
}

/// What an address is remembered as.
#[must_use]
pub fn network_of(address: IpAddr) -> IpNet {
    let address = address.to_canonical();
    if address.is_loopback() {
        return IpNet::from(IpAddr::from([127, 0, 0, 1]));
    }
    match address {
        IpAddr::V4(_) => IpNet::from(address),
        IpAddr::V6(host) => {
            Ipv6Net::new(host, 64).map_or(IpNet::from(address), |net| IpNet::V6(net.trunc()))
        }
    }
}
