//! The short history is judged as the long one is.

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::health::tests::{Seeded, day, line, random, silent, with};
use crate::health::{Celsius, Reason, Verdict};

#[test]
fn what_is_kept_is_judged_like_everything_that_was_read() {
    let mut seeded = Seeded(0x1dea);
    for _ in 0..20 {
        let mut all: Vec<DiskReading> = Vec::new();
        let mut kept = History::default();
        let mut at = day(0);
        for _ in 0..120 {
            at += SignedDuration::from_mins(10 + seeded.below(3000) as i64);
            let reading = match seeded.below(10) {
                0 => silent(at),
                1 => random(&mut seeded, at),
                // As before: the usual thing.
                _ => match all.last() {
                    Some(last) => {
                        let mut same = last.clone();
                        same.move_to(at);
                        same
                    }
                    None => random(&mut seeded, at),
                },
            };
            kept.add(&reading);
            all.push(reading);
            assert_eq!(kept.judge(at), judge(&all, at), "at {at}");
        }
        assert!(kept.len() < 150, "{} are kept", kept.len());
    }
}

#[test]
fn a_healthy_year_is_two_readings() {
    let mut kept = History::default();
    assert_eq!(kept.add(&with(day(0), &[line(9, 1)])), News::Changed);
    for days in 1..365 {
        let mut reading = with(day(days), &[line(194, 30), line(9, 24 * days as u64)]);
        reading.temperature = Reading::at(Celsius(30 + (days % 9) as i16), day(days));
        let first = days == 1;
        assert_eq!(kept.add(&reading) == News::Changed, first, "day {days}");
    }
    assert_eq!(kept.len(), 2);
}

#[test]
fn a_counter_that_changes_at_every_visit_does_not_fill_the_memory_and_its_growth_is_seen() {
    let mut kept = History::default();
    let start = day(0);
    let mut at = start;
    for visit in 0..2000_u64 {
        at = start + SignedDuration::from_mins(10 * visit as i64);
        kept.add(&with(at, &[line(199, visit)]));
    }
    assert!(kept.len() <= AT_MOST);
    let judged = kept.judge(at);
    assert_eq!(judged.reasons, [Reason::Cable { grown: 1999 }]);
}

#[test]
fn a_clock_that_is_set_changes_no_verdict() {
    let mut kept = History::default();
    kept.add(&with(day(0), &[]));
    kept.add(&silent(day(0) + SignedDuration::from_mins(10)));
    let later = day(0) + SignedDuration::from_mins(20);
    assert_eq!(kept.judge(later).verdict, Verdict::Unreadable);
    let years = SignedDuration::from_hours(24 * 365 * 50);
    for by in [years, -years, -years, years] {
        kept.shift(by);
    }
    assert_eq!(kept.judge(later).verdict, Verdict::Unreadable);
    kept.shift(years);
    assert_eq!(kept.judge(later + years).verdict, Verdict::Unreadable);
}

#[test]
fn what_is_stored_comes_back() {
    let mut kept = History::default();
    kept.add(&random(&mut Seeded(7), Timestamp::UNIX_EPOCH));
    let stored = serde_json::to_string(&kept).unwrap();
    assert_eq!(serde_json::from_str::<History>(&stored).unwrap(), kept);
}
