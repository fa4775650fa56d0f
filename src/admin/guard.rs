//! Refused tokens: each is slowed, and all are counted.
//!
//! A token has 192 random bits, so that guessing is hopeless at any speed; what is slowed here is
//! the noise, and whoever makes it. Tokens that are good are never slowed, wherever they come from.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};

/// The first wait; each further refusal of an address doubles it.
const FIRST: Duration = Duration::from_millis(50);
/// How often it is doubled at the most: to 0.8 s.
const DOUBLINGS: u32 = 4;
/// How long an address's refusals are remembered.
const MEMORY: Duration = Duration::from_mins(10);
/// Refusals that wait at once; beyond it there is no wait, and another answer.
const WAITING: usize = 64;
/// Addresses that are remembered at once.
const ADDRESSES: usize = 4_096;

/// Remembers who was refused.
#[derive(Debug)]
pub(super) struct Guard {
    known: Mutex<HashMap<IpAddr, Refused>>,
    waiting: Semaphore,
}

#[derive(Clone, Copy, Debug)]
struct Refused {
    count: u32,
    last: Instant,
    /// What has not been written down yet.
    unwritten: u64,
}

/// Too many wait already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Crowded;

impl Default for Guard {
    fn default() -> Self {
        Self { known: Mutex::default(), waiting: Semaphore::new(WAITING) }
    }
}

impl Guard {
    /// Counts a refusal, and returns when it may be answered.
    ///
    /// # Errors
    /// Where too many wait.
    pub(super) async fn refused(&self, client: IpAddr) -> Result<(), Crowded> {
        let wait = self.count(network_of(client), Instant::now());
        let _place = self.waiting.try_acquire().map_err(|_| Crowded)?;
        sleep(wait).await;
        Ok(())
    }

    /// The refusals since the last time, by address.
    pub(super) fn take(&self) -> Vec<(IpAddr, u64)> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = known.iter_mut().filter(|(_, refused)| refused.unwritten > 0);
        let taken =
            counted.map(|(client, refused)| (*client, std::mem::take(&mut refused.unwritten)));
        taken.collect()
    }

    /// What was taken and could not be written down counts again.
    pub(super) fn put_back(&self, taken: &[(IpAddr, u64)]) {
        let now = Instant::now();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        for (client, count) in taken {
            let entry =
                known.entry(*client).or_insert(Refused { count: 0, last: now, unwritten: 0 });
            entry.unwritten = entry.unwritten.saturating_add(*count);
        }
    }

    fn count(&self, client: IpAddr, now: Instant) -> Duration {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= ADDRESSES && !known.contains_key(&client) {
            // What is not written down yet is kept, under the address of nobody.
            let fresh = |refused: &Refused| now.duration_since(refused.last) < MEMORY;
            let lost: u64 = known.values().filter(|one| !fresh(one)).map(|one| one.unwritten).sum();
            known.retain(|_, refused| fresh(refused));
            let client = if known.len() < ADDRESSES { client } else { NOBODY };
            let entry =
                known.entry(NOBODY).or_insert(Refused { count: 0, last: now, unwritten: 0 });
            entry.unwritten = entry.unwritten.saturating_add(lost);
            return Self::note(&mut known, client, now);
        }
        Self::note(&mut known, client, now)
    }

    fn note(known: &mut HashMap<IpAddr, Refused>, client: IpAddr, now: Instant) -> Duration {
        let entry = known.entry(client).or_insert(Refused { count: 0, last: now, unwritten: 0 });
        if now.duration_since(entry.last) >= MEMORY {
            entry.count = 0;
        }
        let wait = FIRST.saturating_mul(2_u32.saturating_pow(entry.count.min(DOUBLINGS)));
        entry.count = entry.count.saturating_add(1);
        entry.unwritten = entry.unwritten.saturating_add(1);
        entry.last = now;
        wait
    }
}

/// Stands for addresses that there was no room for.
const NOBODY: IpAddr = IpAddr::V6(Ipv6Addr::UNSPECIFIED);

/// Whose address it is: whoever has one IPv6 address has 2⁶⁴ of them.
fn network_of(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(address) => {
            let prefix = u128::from(address) & !u128::from(u64::MAX);
            IpAddr::V6(prefix.into())
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_waits_longer_and_is_written_once() {
        let guard = Guard::default();
        let client: IpAddr = "10.0.0.1".parse().unwrap();
        let now = Instant::now();
        let waits: Vec<Duration> = (0..10).map(|_| guard.count(client, now)).collect();
        assert_eq!(waits[0], FIRST);
        assert!(waits.windows(2).all(|pair| pair[0] <= pair[1]));
        assert_eq!(waits[9], Duration::from_millis(800));
        assert_eq!(guard.take(), [(client, 10)]);
        assert_eq!(guard.take(), []);
        guard.put_back(&[(client, 10)]);
        assert_eq!(guard.take(), [(client, 10)]);
        assert_eq!(guard.count(client, now + MEMORY), FIRST);
    }

    #[test]
    fn addresses_without_end_take_no_memory_and_are_counted() {
        let guard = Guard::default();
        let now = Instant::now();
        for number in 0..10_000_u32 {
            guard.count(IpAddr::V4(number.into()), now);
        }
        assert!(guard.known.lock().unwrap().len() <= ADDRESSES + 1);
        assert_eq!(guard.take().iter().map(|(_, count)| count).sum::<u64>(), 10_000);
        let neighbours = ["fe80::1", "fe80::2"].map(|text| network_of(text.parse().unwrap()));
        assert_eq!(neighbours[0], neighbours[1]);
    }

    #[tokio::test]
    async fn a_crowd_is_not_kept_waiting() {
        let guard = Guard::default();
        let client: IpAddr = "10.0.0.1".parse().unwrap();
        let everybody = u32::try_from(WAITING).unwrap();
        let places = guard.waiting.acquire_many(everybody).await.unwrap();
        assert_eq!(guard.refused(client).await, Err(Crowded));
        drop(places);
        assert_eq!(guard.refused(client).await, Ok(()));
        assert_eq!(guard.take(), [(client, 2)]);
    }
}
