//! Incidents of single disks.

use super::*;
use crate::health::{
    Attribute, Celsius, DiskReading, History, Medium, OwnVerdict, Reason, Verdict,
};
use crate::incidents::Severity;
use std::collections::BTreeSet;

const MINUTE: i64 = 60;
const DAY: i64 = 24 * 3600;

fn judged(reasons: &[Reason]) -> Judgement {
    Judgement {
        verdict: reasons
            .iter()
            .map(Reason::verdict)
            .max()
            .unwrap_or(Verdict::Healthy),
        reasons: reasons.to_vec(),
    }
}

const DYING: Reason = Reason::Reallocated {
    sectors: 214,
    grown: 30,
};

fn silent() -> Reason {
    Reason::Silent { since: at(0) }
}

const fn hot(degrees: i16) -> Reason {
    Reason::Hot {
        temperature: Celsius(degrees),
    }
}

/// A judge whose disks 1 and 2 are judged so.
fn judge_of(one: &[Reason], two: &[Reason]) -> Judge {
    let mut judge = Judge::new();
    judge.health.insert(id(1), judged(one));
    judge.health.insert(id(2), judged(two));
    judge
}

#[test]
fn a_disk_that_is_dying_is_told_with_its_figures_and_whether_others_hold_its_files() {
    let mut judge = judge_of(&[], &[DYING]);
    let whole = snapshot(&[1, 2], None);
    assert_eq!(judge.see(&whole, 0), ["disk-failing opened mail"]);
    let incident = judge.incidents.open(IncidentCode::DiskFailing).unwrap();
    assert_eq!(incident.severity(), Severity::Attention);
    let facts = &incident.facts;
    assert_eq!(facts.serial.as_deref(), Some("WX12D9072"));
    assert_eq!(facts.bay, Some(Bay("2".to_owned())));
    assert_eq!(facts.reasons, [DYING]);
    assert!(facts.others_hold_all);

    judge.health.insert(id(2), judged(&[Reason::OwnVerdict]));
    assert_eq!(judge.see(&whole, 10), ["disk-failing worsened mail"]);
    let incident = judge.incidents.open(IncidentCode::DiskFailing).unwrap();
    assert_eq!(incident.severity(), Severity::DataAtRisk);
}

#[test]
fn what_is_only_watched_is_told_to_nobody() {
    let watched = [
        Reason::Cable { grown: 45 },
        Reason::Unreadable {
            id: 197,
            sectors: 2,
            grown: 0,
        },
    ];
    let mut judge = judge_of(&watched, &[]);
    assert!(judge.see(&snapshot(&[1, 2], None), 0).is_empty());
}

#[test]
fn only_a_disk_that_answers_well_for_a_day_is_trusted_again() {
    let mut judge = judge_of(&[], &[DYING]);
    let whole = snapshot(&[1, 2], None);
    judge.see(&whole, 0);
    judge.health.insert(id(2), judged(&[silent()]));
    judge.see(&whole, 10);
    assert!(judge.incidents.open(IncidentCode::DiskFailing).is_some());
    judge.health.remove(&id(2));
    assert!(judge.see(&whole, 3 * DAY).is_empty(), "not visited");

    judge.health.insert(id(2), judged(&[]));
    let good = 4 * DAY;
    assert!(judge.see(&whole, good).is_empty());
    assert!(judge.see(&whole, good + DAY - 1).is_empty());
    assert_eq!(judge.see(&whole, good + DAY), ["disk-failing closed mail"]);
}

#[test]
fn a_last_copy_that_is_dying_is_told_beside_the_lost_one() {
    let mut judge = judge_of(&[], &[]);
    judge.see(&snapshot(&[1, 2], None), 0);
    judge.see(&snapshot(&[1], None), 10);
    judge.health.insert(id(1), judged(&[DYING]));
    let degraded = snapshot(&[1], None);
    let told = judge.see(&degraded, 20);
    assert!(
        told.contains(&"disk-failing opened mail".to_owned()),
        "{told:?}"
    );
    let incident = judge.incidents.open(IncidentCode::DiskFailing).unwrap();
    assert!(!incident.facts.others_hold_all);
}

#[test]
fn a_copy_that_the_array_gave_up_is_told_by_the_array_alone() {
    let mut judge = judge_of(&[], &[DYING, silent()]);
    let mut given_up = snapshot(&[1], None);
    // The disk is still plugged in; md has dropped it.
    given_up.disks = snapshot(&[1, 2], None).disks;
    let told = judge.see(&given_up, 0);
    assert_eq!(told, ["array-degraded opened mail"]);
    assert!(judge.see(&given_up, DAY).is_empty());
}

#[test]
fn a_replacement_that_is_dying_while_it_is_filled_is_told() {
    let mut judge = judge_of(&[], &[DYING]);
    let told = judge.see(&snapshot(&[1], Some(2)), 0);
    assert!(
        told.contains(&"disk-failing opened mail".to_owned()),
        "{told:?}"
    );
}

#[test]
fn a_disk_that_is_replaced_takes_its_incident_with_it_without_a_mail() {
    let mut judge = judge_of(&[], &[DYING]);
    judge.see(&snapshot(&[1, 2], None), 0);
    judge.volume.members[1].disk = id(3);
    let told = judge.see(&snapshot(&[1], Some(3)), 10);
    assert!(told.contains(&"disk-failing closed".to_owned()), "{told:?}");
}

#[test]
fn a_silent_disk_is_told_after_a_while_and_its_end_too() {
    let mut judge = judge_of(&[], &[silent()]);
    let whole = snapshot(&[1, 2], None);
    assert!(judge.see(&whole, 0).is_empty());
    let told = judge.see(&whole, 2 * MINUTE);
    assert_eq!(told, ["disk-silent opened mail"]);
    judge.health.insert(id(2), judged(&[]));
    judge.see(&whole, 10 * MINUTE);
    let told = judge.see(&whole, 15 * MINUTE);
    assert_eq!(told, ["disk-silent closed mail"]);
}

#[test]
fn a_fan_that_stops_is_one_mail_in_the_name_of_the_hottest() {
    let mut judge = judge_of(&[hot(61)], &[hot(64)]);
    let whole = snapshot(&[1, 2], None);
    assert_eq!(judge.see(&whole, 0), ["disk-hot opened mail"]);
    let facts = &judge.incidents.open(IncidentCode::DiskHot).unwrap().facts;
    assert_eq!(
        (facts.disks, facts.bay.clone()),
        (2, Some(Bay("2".to_owned())))
    );

    judge.health.insert(id(2), judged(&[]));
    assert!(judge.see(&whole, 10).is_empty());
    judge.health.insert(id(1), judged(&[silent()]));
    assert!(judge.see(&whole, DAY).is_empty(), "one does not answer");
    judge.health.insert(id(1), judged(&[]));
    judge.see(&whole, 2 * DAY);
    assert_eq!(
        judge.see(&whole, 2 * DAY + 30 * MINUTE),
        ["disk-hot closed mail"]
    );
}

/// Random readings of both disks, with sleep, silence and absence between them: what
/// opens closes in turn, nothing closes without a good reading of its disk, and one
/// that says that it has failed is never called well.
#[test]
fn random_readings_open_and_close_in_turn_and_never_on_absence() {
    for seed in 1..150_u64 {
        let mut random = seed;
        let mut next = move |bound: u64| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            random % bound
        };
        let mut judge = Judge::new();
        let mut histories = [History::default(), History::default()];
        let mut second = 0;
        for _ in 0..80 {
            second += 600 * (1 + next(40) as i64);
            let now = at(second);
            let mut good = [false, false];
            for (place, history) in histories.iter_mut().enumerate() {
                let disk = id(place as u8 + 1);
                let reading = match next(5) {
                    // Asleep: not asked.
                    0 => None,
                    1 => Some(DiskReading::silent(now, "no answer")),
                    _ => Some(random_reading(&mut next, now)),
                };
                if let Some(reading) = reading {
                    history.add(&reading);
                    good[place] = reading.says_something();
                }
                if history.is_empty() {
                    continue;
                }
                let judgement = history.judge(now);
                let failed = history
                    .last()
                    .and_then(|last| last.own_verdict.known().copied());
                if failed == Some(OwnVerdict::Failed) {
                    assert_eq!(judgement.verdict, Verdict::Failed, "seed {seed}");
                }
                judge.health.insert(disk, judgement);
            }
            let there: &[u8] = match next(8) {
                0 => &[1],
                1 => &[2],
                _ => &[1, 2],
            };
            let before = judge.incidents.clone();
            let told = judge.see(&snapshot(there, None), second);
            for code in [
                IncidentCode::DiskFailing,
                IncidentCode::DiskSilent,
                IncidentCode::DiskHot,
            ] {
                let (was, is) = (subjects(&before, code), subjects(&judge.incidents, code));
                let count = |kind: &str| {
                    let line = format!("{code} {kind}");
                    told.iter().filter(|told| told.starts_with(&line)).count()
                };
                assert_eq!(count("opened"), is.difference(&was).count(), "seed {seed}");
                assert_eq!(count("closed"), was.difference(&is).count(), "seed {seed}");
            }
            // Nothing that was open about a disk that is away, asleep or silent since
            // it was last known bad has closed.
            for incident in &before.active {
                let of_a_disk = [IncidentCode::DiskFailing, IncidentCode::DiskSilent];
                if !of_a_disk.contains(&incident.code) || !incident.is_open() {
                    continue;
                }
                let place = (0..2).find(|place| id(*place as u8 + 1).as_str() == incident.subject);
                let place = place.unwrap();
                let away = !there.contains(&(place as u8 + 1));
                let still = |i: &Incident| i.code == incident.code && i.subject == incident.subject;
                let is_open = judge.incidents.active.iter().any(still);
                if away {
                    assert!(is_open, "seed {seed}: {incident:?} closed on absence");
                }
                if incident.state != IncidentState::Clearing && !good[place] {
                    assert!(is_open, "seed {seed}: {incident:?} closed unseen");
                }
            }
        }
    }
}

/// What is open of that code, each but once.
fn subjects(incidents: &Incidents, code: IncidentCode) -> BTreeSet<String> {
    let open = incidents
        .active
        .iter()
        .filter(|i| i.code == code && i.is_open());
    let subjects: Vec<String> = open.map(|incident| incident.subject.clone()).collect();
    let once: BTreeSet<String> = subjects.iter().cloned().collect();
    assert_eq!(
        once.len(),
        subjects.len(),
        "{code} is open twice: {subjects:?}"
    );
    once
}

fn random_reading(next: &mut impl FnMut(u64) -> u64, now: Timestamp) -> DiskReading {
    let line = |id, raw| Attribute {
        id,
        value: Some(100),
        threshold: Some(10),
        prefailure: true,
        raw,
    };
    let pending = [0, 0, 0, 2, 40][next(5) as usize];
    let table = vec![line(5, next(4)), line(197, pending)];
    let own = match next(10) {
        0 => OwnVerdict::Failed,
        _ => OwnVerdict::Passed,
    };
    let temperature = Celsius(30 + next(35) as i16);
    DiskReading {
        own_verdict: Reading::at(own, now),
        temperature: Reading::at(temperature, now),
        attributes: Reading::at(table, now),
        ..DiskReading::without_smart(now, Medium::Platters)
    }
}

#[test]
fn a_disk_that_was_to_be_replaced_and_fails_is_told_once_more_and_only_once() {
    let mut judge = judge_of(&[], &[DYING]);
    let whole = snapshot(&[1, 2], None);
    assert_eq!(judge.see(&whole, 0), ["disk-failing opened mail"]);
    judge.health.insert(id(2), judged(&[Reason::OwnVerdict]));
    let worse = judge.see(&whole, DAY);
    assert_eq!(worse, ["disk-failing worsened mail"]);
    let told = judge.incidents.open(IncidentCode::DiskFailing).unwrap();
    assert_eq!(told.worse_at, Some(at(DAY)));
    assert_eq!(told.severity(), Severity::DataAtRisk);
    // Its word about itself comes and goes.
    for hour in 1..20 {
        let reasons: &[Reason] = match hour % 2 {
            0 => &[Reason::OwnVerdict],
            _ => &[DYING],
        };
        judge.health.insert(id(2), judged(reasons));
        assert!(judge.see(&whole, DAY + hour * 3600).is_empty());
    }
}

#[test]
fn a_disk_that_has_failed_from_the_first_is_told_once() {
    let mut judge = judge_of(&[], &[Reason::OwnVerdict]);
    let whole = snapshot(&[1, 2], None);
    assert_eq!(judge.see(&whole, 0), ["disk-failing opened mail"]);
    judge.health.insert(id(2), judged(&[DYING]));
    assert!(judge.see(&whole, 60).is_empty());
    judge.health.insert(id(2), judged(&[Reason::OwnVerdict]));
    assert!(judge.see(&whole, 120).is_empty());
}
