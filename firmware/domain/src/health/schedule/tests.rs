//! When a disk tests itself, and when not.

use super::*;
use crate::health::{DiskReading, Medium, Percent, SelfTestLine, SelfTestMinutes};
use crate::reading::Reading;
use jiff::Timestamp;
use jiff::civil::date;

const ON: u64 = 20_000;

fn disk(number: u8) -> DiskId {
    DiskId::from_identity(Some(&format!("0x{number}")), "", None).unwrap()
}

/// A disk whose tests of these kinds ended that many hours ago.
fn report(tests: &[(SelfTestKind, SelfTestOutcome, u64)]) -> Report {
    let at = Timestamp::UNIX_EPOCH;
    let line = |(kind, outcome, ago): &(SelfTestKind, SelfTestOutcome, u64)| SelfTestLine {
        kind: *kind,
        outcome: *outcome,
        at: Hours(ON - ago),
        failing_block: None,
    };
    let mut report = Report::of_a_disk_without_smart(DiskReading {
        powered_on: Reading::at(Hours(ON), at),
        ..DiskReading::without_smart(at, Medium::Platters)
    });
    report.self_test = SelfTestState::Idle;
    report.self_tests = Some(tests.iter().map(line).collect());
    report.self_test_minutes = Some(SelfTestMinutes {
        short: 2,
        extended: 480,
    });
    report
}

fn due_of(reports: &[Report], copying: bool, now: DateTime) -> Vec<(u8, SelfTestKind)> {
    let ids: Vec<DiskId> = (1..).map(disk).take(reports.len()).collect();
    let testable = |(disk, report)| Testable {
        disk,
        report,
        tried_lately: false,
    };
    let disks: Vec<_> = ids.iter().zip(reports).map(testable).collect();
    let due = self_tests_due(&disks, copying, now, &SchoolHours::default());
    let number = |due: Due| {
        let place = ids.iter().position(|id| *id == due.disk).unwrap();
        (place as u8 + 1, due.kind)
    };
    due.into_iter().map(number).collect()
}

use SelfTestKind::{Extended, Short};
use SelfTestOutcome::{Failed, Passed, Unfinished};

/// A Tuesday in term.
fn tuesday(hour: i8) -> DateTime {
    date(2026, 11, 24).at(hour, 0, 0, 0)
}

#[test]
fn a_short_test_is_due_after_a_week_and_a_long_one_after_a_month() {
    let night = tuesday(20);
    let of = |long, short| {
        let report = report(&[(Short, Passed, short), (Extended, Passed, long)]);
        due_of(&[report], false, night)
    };
    assert!(of(100, 100).is_empty());
    assert_eq!(of(600, 7 * 24), [(1, Short)]);
    assert_eq!(of(30 * 24, 10), [(1, Extended)]);
    assert!(of(167, 1000).is_empty(), "the long one tested all");
}

#[test]
fn a_test_that_was_stopped_does_not_count_and_one_that_failed_does() {
    let night = tuesday(20);
    let of = |outcome| {
        let tests = [(Short, outcome, 5), (Extended, Passed, 200)];
        due_of(&[report(&tests)], false, night)
    };
    assert_eq!(of(Unfinished), [(1, Short)]);
    assert!(of(Failed).is_empty());
}

#[test]
fn nothing_is_tested_at_school_or_so_late_that_it_would_run_into_it() {
    let never = report(&[]);
    let at = |now| due_of(std::slice::from_ref(&never), false, now);
    for hour in 7..19 {
        assert!(at(tuesday(hour)).is_empty(), "{hour}");
    }
    assert_eq!(at(tuesday(19)), [(1, Extended)]);
    // Eight hours do not fit before seven; minutes do.
    assert_eq!(at(tuesday(2)), [(1, Short)]);
    let saturday = date(2026, 11, 28).at(10, 0, 0, 0);
    assert_eq!(at(saturday), [(1, Extended)]);
    let late_on_sunday = date(2026, 11, 29).at(23, 30, 0, 0);
    assert_eq!(at(late_on_sunday), [(1, Short)]);
}

#[test]
fn nothing_is_tested_while_copies_are_made_or_another_disk_is_at_it() {
    let night = tuesday(20);
    let never = report(&[]);
    assert!(due_of(std::slice::from_ref(&never), true, night).is_empty());
    let mut running = report(&[]);
    running.self_test = SelfTestState::Running { done: Percent(10) };
    assert!(due_of(&[running, never.clone()], false, night).is_empty());
    let late = report(&[(Short, Passed, 200), (Extended, Passed, 300)]);
    let later = report(&[(Short, Passed, 400), (Extended, Passed, 400)]);
    let due = due_of(&[late, later], false, night);
    assert_eq!(due, [(2, Short), (1, Short)], "the latest first");
}

#[test]
fn disks_without_tests_or_hours_and_those_just_tried_are_left_alone() {
    let night = tuesday(20);
    let mut without = report(&[]);
    without.self_test = SelfTestState::Unsupported;
    assert!(due_of(&[without], false, night).is_empty());
    let mut timeless = report(&[]);
    timeless.reading.powered_on = Reading::Absent;
    assert!(due_of(&[timeless], false, night).is_empty());
    let never = report(&[]);
    let tried = Testable {
        disk: &disk(1),
        report: &never,
        tried_lately: true,
    };
    let due = self_tests_due(&[tried], false, night, &SchoolHours::default());
    assert!(due.is_empty());
}

#[test]
fn hours_that_wrapped_in_the_log_are_counted_on() {
    let mut old = report(&[]);
    old.reading.powered_on = Reading::at(Hours(WRAPS_AT + 100), Timestamp::UNIX_EPOCH);
    old.self_tests = Some(vec![SelfTestLine {
        kind: Extended,
        outcome: Passed,
        at: Hours(50),
        failing_block: None,
    }]);
    assert!(due_of(&[old], false, tuesday(20)).is_empty());
}
