//! What people rely on when the box copies by itself, in tables.

mod due;
mod health;
mod strike;

use super::*;
use crate::settings::SchoolHours;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use preau_offsite_job::{Copied, EscapedPath, Failure, Outcome, SnapshotId};
use uuid::Uuid;

/// Thirty minutes after the hour is this box's minute.
const ID: Uuid = Uuid::from_u128(30);

fn paris() -> TimeZone {
    TimeZone::get("Europe/Paris").unwrap()
}

/// A time of Paris, e.g. `2026-11-24T02:30`.
fn at(text: &str) -> Timestamp {
    let local: jiff::civil::DateTime = text.parse().unwrap();
    paris().to_timestamp(local).unwrap()
}

fn destination() -> Destination {
    Destination {
        id: ID,
        name: "Mairie".to_owned(),
        place: Place::Sftp {
            host: "sauvegarde.mairie.example".to_owned(),
            port: 22,
            user: "ecole".to_owned(),
            folder: "preau".to_owned(),
            host_key: None,
            login: SftpLogin::Key,
        },
        days: Day::ALL.to_vec(),
        hour: 2,
        keep: KeepCounts::default(),
        keep_of_share: Default::default(),
        kilobits_at_school: None,
        enabled: true,
        added_at: at("2026-10-31T17:00"),
        vanished_accepted_at: None,
        strikes: Vec::new(),
    }
}

fn run(work: Work, began: &str, ending: Option<Ending>) -> Run {
    let started_at = at(began);
    Run {
        number: 0,
        destination: ID,
        work,
        because: Because::Planned,
        started_at,
        end: ending.map(|ending| End {
            at: started_at + SignedDuration::from_mins(20),
            ending,
        }),
    }
}

fn copied(files: u64, files_new: u64) -> Ending {
    Ending::Done(Outcome::BackUp {
        copied: vec![Copied {
            share: "commun".to_owned(),
            snapshot: SnapshotId("a".repeat(64)),
            files,
            bytes: files * 1000,
            files_new,
            files_changed: 0,
            bytes_new: 0,
            bytes_added: 0,
            unreadable: 0,
        }],
    })
}

fn copy(began: &str) -> Run {
    run(Work::BackUp, began, Some(copied(1000, 0)))
}

fn failed(work: Work, began: &str, failure: Failure) -> Run {
    let detail = "ssh: refused".to_owned();
    run(work, began, Some(Ending::Failed { failure, detail }))
}

fn drilled(began: &str) -> Run {
    let outcome = Outcome::Drill {
        files: 20,
        bytes: 9,
        folder: None,
    };
    run(Work::Drill, began, Some(Ending::Done(outcome)))
}

fn checked(work: Work, began: &str) -> Run {
    run(work, began, Some(Ending::Done(Outcome::Check { read: 1 })))
}

fn made() -> Run {
    run(
        Work::Init,
        "2026-11-01T17:00",
        Some(Ending::Done(Outcome::Init)),
    )
}

fn around(now: &str, zone: &'static TimeZone) -> Circumstances<'static> {
    Circumstances {
        now: at(now),
        zone,
        up_since: at("2026-11-01T08:00"),
        clock: ClockTrust::Trusted,
        waiting: None,
    }
}

fn zone() -> &'static TimeZone {
    Box::leak(Box::new(paris()))
}

fn data(part: u32) -> Work {
    Work::CheckData {
        part,
        of: DATA_PARTS,
    }
}

#[test]
fn the_line_is_the_schools_in_school_hours() {
    let limited = Destination {
        kilobits_at_school: Some(1000),
        ..destination()
    };
    let school = SchoolHours {
        from: 8,
        to: 18,
        weekends: false,
    };
    let zone = paris();
    for (now, limit) in [
        ("2026-11-24T07:59", None),
        ("2026-11-24T08:00", Some(125_000)),
        ("2026-11-24T17:59", Some(125_000)),
        ("2026-11-24T18:00", None),
        ("2026-11-28T10:00", None),
    ] {
        let found = upload_limit(&limited, &school, at(now), &zone);
        assert_eq!(found, limit, "{now}");
    }
    let lent = SchoolHours {
        weekends: true,
        ..school.clone()
    };
    let saturday = at("2026-11-28T10:00");
    let found = upload_limit(&limited, &lent, saturday, &zone);
    assert_eq!(found, Some(125_000));
    let now = at("2026-11-24T09:00");
    assert_eq!(upload_limit(&destination(), &school, now, &zone), None);
}

#[test]
fn only_more_than_usual_counts_as_vanished() {
    // Files and new files of each copy; how many of them are unusually gone.
    type Case = (&'static str, &'static [(u64, u64)], Option<u64>);
    let cases: [Case; 7] = [
        ("nothing changes", &[(1000, 0), (1000, 0)], None),
        ("files come", &[(1000, 0), (3000, 2000)], None),
        ("a folder is tidied up", &[(1000, 0), (951, 0)], None),
        ("a tenth goes", &[(1000, 0), (900, 0)], None),
        ("more than a tenth goes", &[(1000, 0), (899, 0)], Some(101)),
        (
            "all are replaced by others",
            &[(1000, 0), (1000, 1000)],
            Some(1000),
        ),
        (
            "this share is always turned over",
            &[(1000, 0), (1000, 90), (1000, 95), (1000, 100), (1000, 300)],
            None,
        ),
    ];
    for (what, copies, gone) in cases {
        let mut runs: Vec<Run> = copies
            .iter()
            .enumerate()
            .map(|(day, (files, new))| {
                let began = format!("2026-11-{:02}T02:30", day + 2);
                run(Work::BackUp, &began, Some(copied(*files, *new)))
            })
            .collect();
        runs.reverse();
        assert_eq!(
            vanished(&runs, None).map(|found| found.files),
            gone,
            "{what}"
        );
    }
}
