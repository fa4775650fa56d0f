#![expect(clippy::arithmetic_side_effects, reason = "small numbers, in tests")]

mod addresses;
mod days;
mod rates;

use super::{Figure, Figures, History};

fn requests(requests: u64) -> Figures {
    Figures { requests, ..Figures::default() }
}

/// Hours of the second day of the year 2026 and after.
fn at(day: u64, time: u64) -> u64 {
    (20_455 + day) * 24 + time
}

/// A key that is used at office hours, so much in an hour, for so many days.
fn office(days: u64, each: u64) -> History {
    let mut history = History::default();
    for day in 0..days {
        for time in 9..18 {
            history.add(at(day, time), requests(each));
        }
    }
    history
}

#[test]
fn it_judges_after_five_days_of_use() {
    assert!(office(4, 100).baseline(at(4, 9)).is_none());
    assert!(office(5, 100).baseline(at(5, 9)).is_some());
    // What is long ago counts no more.
    assert!(office(5, 100).baseline(at(15, 9)).is_none());
}

#[test]
fn three_times_the_second_highest_peak_is_unusual() {
    let mut history = office(5, 100);
    // One odd day is not what is usual; two are.
    history.add(at(4, 10), requests(5_000));
    let limit = |history: &History| history.baseline(at(5, 9)).unwrap().limit(Figure::Requests);
    assert_eq!(limit(&history), 300);
    history.add(at(3, 10), requests(4_000));
    assert_eq!(limit(&history), 12_000);
}

#[test]
fn what_is_unusual_is_more_than_the_limit_and_names_what_is_usual() {
    let baseline = office(5, 100).baseline(at(5, 9)).unwrap();
    assert_eq!(baseline.judge(&requests(300)), []);
    let found = baseline.judge(&requests(301));
    assert_eq!((found.len(), found[0].figure, found[0].amount), (1, Figure::Requests, 301));
    assert_eq!((found[0].usual, found[0].quiet), (100, false));
}

#[test]
fn at_a_time_at_which_hardly_anything_is_used_half_is_unusual_already() {
    let limit =
        |history: &History, time| history.baseline(at(8, time)).unwrap().limit(Figure::Requests);
    let mut history = office(8, 1_000);
    assert_eq!((limit(&history, 3), limit(&history, 7)), (500, 3_000));
    // A night's leak does not become usual by itself, but with the second one.
    history.add(at(7, 3), requests(700));
    assert_eq!(limit(&history, 3), 500);
    history.add(at(6, 2), requests(700));
    assert_eq!(limit(&history, 3), 3_000);
    // Midnight is within a time of day like any other hour.
    history.add(at(6, 23), requests(700));
    history.add(at(5, 23), requests(700));
    assert_eq!(limit(&history, 1), 3_000);
    let few = office(6, 1_000);
    assert_eq!(few.baseline(at(6, 3)).unwrap().limit(Figure::Requests), 3_000);
}

#[test]
fn what_is_small_is_never_unusual() {
    let baseline = office(5, 1).baseline(at(5, 9)).unwrap();
    let figures = Figures { requests: 100, spend: 1_000_000_000_000, denials: 50, errors: 30 };
    assert_eq!(baseline.judge(&figures), []);
    let more = figures.plus(Figures { requests: 1, spend: 1, denials: 1, errors: 1 });
    let found: Vec<Figure> = baseline.judge(&more).iter().map(|found| found.figure).collect();
    assert_eq!(found, Figure::ALL.map(|(figure, ..)| figure));
}

#[test]
fn a_clock_that_leaps_makes_nothing_unusual() {
    let history = office(8, 1_000);
    for day in [9, 12, 400] {
        let judged = history.baseline(at(day, 10)).map(|it| it.judge(&requests(1_000)));
        assert_eq!(judged.unwrap_or_default(), []);
    }
    // What was noted of days to come is none of the days before.
    let mut history = history;
    history.add(at(300, 10), requests(9));
    assert_eq!(history.baseline(at(8, 10)).unwrap().limit(Figure::Requests), 3_000);
}
