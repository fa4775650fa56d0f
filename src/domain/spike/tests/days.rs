//! Synthetic days: hours of keys of several kinds, out of a seed.

use crate::domain::spike::Figures;

/// What a request costs by itself: a cent.
pub(super) const CENT: u64 = 10_000_000_000;

/// Numbers out of a seed (xorshift64*).
#[derive(Debug)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// Some number below.
    pub(super) fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % most
    }

    /// Whether something happens that does so many times in a hundred.
    pub(super) fn happens(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// About so much: within so many percent of it.
    fn about(&mut self, amount: u64, percent: u64) -> u64 {
        amount * (100 - percent + self.below(2 * percent + 1)) / 100
    }
}

/// A kind of key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Steady,
    Office,
    Nightly,
    Weekly,
    Agents,
    Growing,
    New,
    Idle,
}

impl Kind {
    pub(super) const ALL: [(Self, &'static str); 8] = [
        (Self::Steady, "steady, less at night"),
        (Self::Office, "office hours"),
        (Self::Nightly, "a CI burst each night"),
        (Self::Weekly, "a batch each week"),
        (Self::Agents, "agents in bursts"),
        (Self::Growing, "growing 4 % a day"),
        (Self::New, "new, agents in bursts"),
        (Self::Idle, "mostly idle"),
    ];

    /// Requests of an hour in which it is busy.
    pub(super) fn busy(self, day: u64) -> u64 {
        match self {
            Self::Steady => 200,
            Self::Growing => grown(day),
            Self::Office => 300,
            Self::Nightly => 2_000,
            Self::Weekly => 3_000,
            Self::Agents | Self::New => 250,
            Self::Idle => 30,
        }
    }

    /// What it uses in an hour. Day 0 is a Monday.
    pub(super) fn hour(self, dice: &mut Dice, day: u64, time: u64) -> Figures {
        let working = day % 7 < 5 && (9..18).contains(&time);
        let requests = match self {
            Self::Steady if (7..23).contains(&time) => dice.about(200, 40),
            Self::Steady => dice.about(80, 60),
            Self::Office if working => dice.about(300, 60),
            Self::Office if dice.happens(3) => dice.below(20),
            Self::Nightly if time == 3 => dice.about(2_000, 40),
            Self::Nightly if working => dice.about(20, 100),
            Self::Weekly if day.is_multiple_of(7) && time == 2 => dice.about(3_000, 40),
            Self::Weekly if working => dice.about(30, 100),
            Self::Agents | Self::New => bursts(dice, self == Self::New && day < 18),
            Self::Growing if working => dice.about(grown(day), 40),
            Self::Growing => dice.about(grown(day) / 20, 100),
            Self::Idle if dice.happens(2) => 1 + dice.below(40),
            Self::Office | Self::Nightly | Self::Weekly | Self::Idle => 0,
        };
        let (errors, denials) = (few(dice, requests), few(dice, requests));
        let spend = dice.about(CENT, 30).saturating_mul(requests);
        Figures { requests, spend, denials, errors }
    }
}

/// 200 and 4 % more each day.
fn grown(day: u64) -> u64 {
    (0..day).fold(200_000, |sum, _| sum * 104 / 100) / 1_000
}

/// Sessions that come when they come, of very different sizes.
fn bursts(dice: &mut Dice, not_yet: bool) -> u64 {
    const SIZES: [u64; 10] = [10, 30, 60, 100, 100, 150, 150, 250, 400, 700];
    let busy = dice.happens(20);
    let size = SIZES[usize::try_from(dice.below(10)).unwrap()];
    let requests = dice.about(size, 50);
    if busy && !not_yet { requests } else { 0 }
}

/// One in a hundred; now and then four times as many.
fn few(dice: &mut Dice, requests: u64) -> u64 {
    let one = requests / 100 + u64::from(dice.happens(20) && requests > 0);
    if dice.happens(2) { one * 4 } else { one }
}
