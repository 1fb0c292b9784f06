//! Each rule by itself, and absence in long random histories.

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::reading::Reading;

pub(super) fn day(days: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * days)
}

pub(super) fn silent(at: Timestamp) -> DiskReading {
    let unreadable = || "no answer".to_owned();
    DiskReading {
        at,
        medium: Medium::Platters,
        own_verdict: Reading::Unreadable {
            reason: unreadable(),
        },
        powered_on: Reading::Absent,
        temperature: Reading::Absent,
        used: Reading::Absent,
        attributes: Reading::Unreadable {
            reason: unreadable(),
        },
        nvme: Reading::Absent,
        scsi: Reading::Absent,
        self_tests: Reading::Absent,
    }
}

pub(super) fn line(id: u8, raw: u64) -> Attribute {
    Attribute {
        id,
        value: Some(100),
        threshold: Some(10),
        prefailure: true,
        raw,
    }
}

pub(super) fn with(at: Timestamp, attributes: &[Attribute]) -> DiskReading {
    DiskReading {
        own_verdict: Reading::at(OwnVerdict::Passed, at),
        attributes: Reading::at(attributes.to_vec(), at),
        ..silent(at)
    }
}

/// The verdict on a counter that read like this, a day apart.
fn counted(id: u8, raws: &[u64]) -> Verdict {
    let days = 0..;
    let history: Vec<_> = days
        .zip(raws)
        .map(|(days, raw)| with(day(days), &[line(id, *raw)]))
        .collect();
    judge(&history, history.last().unwrap().at).verdict
}

#[test]
fn what_the_disk_says_of_itself_is_believed() {
    let mut reading = with(day(0), &[]);
    assert_eq!(judge(&[reading.clone()], day(0)).verdict, Verdict::Healthy);
    reading.own_verdict = Reading::at(OwnVerdict::Failed, day(0));
    let judged = judge(&[reading], day(0));
    assert_eq!(judged.verdict, Verdict::Failed);
    assert_eq!(judged.reasons, [Reason::OwnVerdict]);
}

#[test]
fn a_prefailure_attribute_at_its_threshold_has_failed_and_an_old_one_has_not() {
    let mut worn = line(5, 0);
    worn.value = Some(10);
    let judged = |line| judge(&[with(day(0), &[line])], day(0)).verdict;
    assert_eq!(judged(worn), Verdict::Failed);
    worn.prefailure = false;
    assert_eq!(judged(worn), Verdict::Healthy);
}

#[test]
fn unreadable_sectors_are_watched_while_few_and_stable() {
    for id in [197, 198] {
        assert_eq!(counted(id, &[0, 2, 2]), Verdict::Watch);
        assert_eq!(counted(id, &[0, 2, 3]), Verdict::ReplaceSoon);
        assert_eq!(counted(id, &[40]), Verdict::ReplaceSoon);
        assert_eq!(counted(id, &[8, 0]), Verdict::Healthy);
    }
}

#[test]
fn replaced_sectors_matter_by_growth_or_number() {
    assert_eq!(counted(5, &[3, 3]), Verdict::Healthy);
    assert_eq!(counted(5, &[3, 4]), Verdict::Watch);
    assert_eq!(counted(5, &[3, 30]), Verdict::ReplaceSoon);
    assert_eq!(counted(5, &[2000 << 32]), Verdict::Healthy);
}

#[test]
fn errors_told_to_the_host_are_watched_and_many_are_grave() {
    assert_eq!(counted(187, &[7]), Verdict::Watch);
    assert_eq!(counted(187, &[7, 20]), Verdict::ReplaceSoon);
}

#[test]
fn counters_that_a_maker_packs_never_alarm() {
    for id in [1, 7, 188] {
        assert_eq!(counted(id, &[0, 73_015_558_161]), Verdict::Healthy);
    }
    assert_eq!(counted(197, &[0x6464_6464]), Verdict::Healthy);
}

#[test]
fn garbled_transfers_are_the_cable_and_only_while_they_grow() {
    assert_eq!(counted(199, &[7328, 7328]), Verdict::Healthy);
    let history = [
        with(day(0), &[line(199, 5)]),
        with(day(1), &[line(199, 50)]),
    ];
    let judged = judge(&history, day(1));
    assert_eq!(judged.verdict, Verdict::Watch);
    assert_eq!(judged.reasons, [Reason::Cable { grown: 45 }]);
}

#[test]
fn an_nvme_disk_is_judged_by_spare_warning_errors_and_wear() {
    let judged = |warning, spare, errors, used| {
        let mut reading = with(day(0), &[]);
        let log = NvmeLog {
            critical_warning: warning,
            spare: Percent(spare),
            spare_threshold: Percent(10),
            media_errors: errors,
        };
        reading.nvme = Reading::at(log, day(0));
        reading.used = Reading::at(Percent(used), day(0));
        judge(&[reading], day(0)).verdict
    };
    assert_eq!(judged(0, 100, 0, 10), Verdict::Healthy);
    assert_eq!(judged(2, 100, 0, 10), Verdict::Healthy);
    assert_eq!(judged(4, 100, 0, 10), Verdict::ReplaceSoon);
    assert_eq!(judged(0, 9, 0, 10), Verdict::ReplaceSoon);
    assert_eq!(judged(0, 100, 23, 10), Verdict::Watch);
    assert_eq!(judged(0, 100, 1 << 80, 10), Verdict::Healthy);
    assert_eq!(judged(0, 100, 0, 92), Verdict::Watch);
    assert_eq!(judged(0, 100, 0, 100), Verdict::ReplaceSoon);
}

#[test]
fn a_failed_self_test_stands_until_one_as_thorough_passes() {
    use SelfTestKind::{Extended, Short};
    use SelfTestOutcome::{Failed, Passed, Unfinished};
    let judged = |tests: &[(SelfTestKind, SelfTestOutcome)]| {
        let test = |&(kind, outcome)| SelfTest {
            kind,
            outcome,
            at: Hours(900),
        };
        let mut reading = with(day(0), &[]);
        let tests = tests.iter().map(test).collect();
        reading.self_tests = Reading::at(tests, day(0));
        judge(&[reading], day(0)).verdict
    };
    let failed = (Extended, Failed);
    assert_eq!(judged(&[failed]), Verdict::ReplaceSoon);
    let stopped = (Extended, Unfinished);
    assert_eq!(judged(&[stopped, failed]), Verdict::ReplaceSoon);
    assert_eq!(judged(&[(Short, Passed), failed]), Verdict::ReplaceSoon);
    assert_eq!(judged(&[(Extended, Passed), failed]), Verdict::Healthy);
}

#[test]
fn a_hot_disk_is_hot_until_it_is_clearly_cooler() {
    let judged = |degrees: &[i16]| {
        let mut history = Vec::new();
        for (days, found) in (0..).zip(degrees) {
            let mut reading = with(day(days), &[]);
            reading.temperature = Reading::at(Celsius(*found), day(days));
            history.push(reading);
        }
        judge(&history, day(9)).verdict
    };
    assert_eq!(judged(&[59]), Verdict::Healthy);
    assert_eq!(judged(&[60, 57]), Verdict::Watch);
    assert_eq!(judged(&[60, 54, 57]), Verdict::Healthy);
}

#[test]
fn a_silent_disk_is_unreadable_after_a_while_and_never_better() {
    assert_eq!(judge(&[], day(0)).verdict, Verdict::Unreadable);
    let well = with(day(0), &[]);
    let soon = day(0) + SignedDuration::from_mins(5);
    let quiet = [well.clone(), silent(soon)];
    assert_eq!(judge(&quiet, soon).verdict, Verdict::Healthy);
    assert_eq!(judge(&quiet, day(1)).verdict, Verdict::Unreadable);
    // Nobody asked it: it sleeps.
    assert_eq!(judge(&[well], day(1)).verdict, Verdict::Healthy);
    let bad = [with(day(0), &[line(197, 40)]), silent(day(1))];
    assert_eq!(judge(&bad, day(1)).verdict, Verdict::ReplaceSoon);
}

/// Numbers that look random and are the same in every run (xorshift64).
pub(super) struct Seeded(pub(super) u64);

impl Seeded {
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

pub(super) fn random(seeded: &mut Seeded, at: Timestamp) -> DiskReading {
    let mut lines = Vec::new();
    for id in [5, 184, 187, 197, 198, 199] {
        if seeded.below(3) > 0 {
            let most = [1, 3, 50][seeded.below(3) as usize];
            lines.push(line(id, seeded.below(most)));
        }
    }
    let mut reading = with(at, &lines);
    if seeded.below(3) == 0 {
        reading.attributes = Reading::Absent;
    }
    if seeded.below(8) == 0 {
        reading.own_verdict = Reading::at(OwnVerdict::Failed, at);
    }
    let degrees = Celsius(40 + seeded.below(25) as i16);
    reading.temperature = Reading::at(degrees, at);
    reading
}

#[test]
fn absence_never_improves_the_verdict_that_stood() {
    let mut seeded = Seeded(0x5eed);
    for _ in 0..200 {
        let mut history = Vec::new();
        let mut stood = Verdict::Healthy;
        for days in 0..30 {
            let at = day(3 * days);
            let absent = seeded.below(2) == 0;
            history.push(match absent {
                true => silent(at),
                false => random(&mut seeded, at),
            });
            let verdict = judge(&history, at).verdict;
            assert!(!absent || verdict >= stood, "{stood:?} became {verdict:?}");
            stood = verdict;
        }
    }
}
