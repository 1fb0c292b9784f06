//! What people rely on when the box copies by itself, in tables.

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
fn what_is_due_next_follows_from_the_history() {
    let refused = |began| failed(Work::BackUp, began, Failure::LoginRefused);
    let cut = |began| failed(Work::BackUp, began, Failure::Cut);
    // The newest run is the last of each list. Proofs are of this week.
    let proved = || {
        vec![
            made(),
            copy("2026-11-22T02:30"),
            drilled("2026-11-22T03:00"),
            checked(data(1), "2026-11-22T03:30"),
        ]
    };
    let with = |more: Vec<Run>| {
        let mut runs = proved();
        runs.extend(more);
        runs
    };
    type Case = (&'static str, Vec<Run>, &'static str, Work, &'static str);
    let cases: Vec<Case> = vec![
        (
            "a repository is made first",
            vec![],
            "2026-11-01T17:00",
            Work::Init,
            "2026-11-01T17:00",
        ),
        (
            "the first copy does not wait for the night",
            vec![made()],
            "2026-11-01T17:05",
            Work::BackUp,
            "2026-11-01T17:05",
        ),
        (
            "a repository that is there is used",
            vec![failed(
                Work::Init,
                "2026-11-01T17:00",
                Failure::RepositoryExists,
            )],
            "2026-11-01T17:30",
            Work::BackUp,
            "2026-11-01T17:30",
        ),
        (
            "a repository that could not be made is tried again",
            vec![failed(Work::Init, "2026-11-01T17:00", Failure::Cut)],
            "2026-11-01T17:21",
            Work::Init,
            "2026-11-01T17:35",
        ),
        (
            "the first copy is proved at once",
            vec![made(), copy("2026-11-01T17:05")],
            "2026-11-01T17:30",
            Work::Drill,
            "2026-11-01T17:30",
        ),
        (
            "then the night is waited for",
            with(vec![]),
            "2026-11-22T12:00",
            Work::BackUp,
            "2026-11-23T02:30",
        ),
        (
            "the night's copy begins",
            with(vec![]),
            "2026-11-23T02:31",
            Work::BackUp,
            "2026-11-23T02:30",
        ),
        (
            "a cut copy is tried again soon",
            with(vec![cut("2026-11-23T02:30")]),
            "2026-11-23T02:51",
            Work::BackUp,
            "2026-11-23T03:05",
        ),
        (
            "and then later",
            with(vec![cut("2026-11-23T02:30"), cut("2026-11-23T03:05")]),
            "2026-11-23T03:30",
            Work::BackUp,
            "2026-11-23T04:25",
        ),
        (
            "and at last the next night",
            with(vec![
                cut("2026-11-23T02:30"),
                cut("2026-11-23T03:05"),
                cut("2026-11-23T04:25"),
                cut("2026-11-23T07:45"),
            ]),
            "2026-11-23T08:10",
            Work::BackUp,
            "2026-11-24T02:30",
        ),
        (
            "a refusal is tried once more",
            with(vec![refused("2026-11-23T02:30")]),
            "2026-11-23T02:51",
            Work::BackUp,
            "2026-11-23T03:05",
        ),
        (
            "and then waits for a person, and the night",
            with(vec![
                refused("2026-11-23T02:30"),
                refused("2026-11-23T03:05"),
            ]),
            "2026-11-23T04:00",
            Work::BackUp,
            "2026-11-24T02:30",
        ),
        (
            "every night begins afresh",
            with(vec![
                refused("2026-11-23T02:30"),
                refused("2026-11-23T03:05"),
            ]),
            "2026-11-24T02:31",
            Work::BackUp,
            "2026-11-24T02:30",
        ),
        (
            "what somebody stopped stays stopped",
            with(vec![failed(
                Work::BackUp,
                "2026-11-23T02:30",
                Failure::Cancelled,
            )]),
            "2026-11-23T03:00",
            Work::BackUp,
            "2026-11-24T02:30",
        ),
        (
            "proofs of a week ago are made again",
            with(vec![copy("2026-11-29T02:30")]),
            "2026-11-29T03:00",
            Work::Drill,
            "2026-11-29T03:00",
        ),
        (
            "then the next part of the data is read",
            with(vec![copy("2026-11-29T02:30"), drilled("2026-11-29T02:55")]),
            "2026-11-29T03:20",
            data(2),
            "2026-11-29T03:20",
        ),
        (
            "a proof that failed waits for the next copy",
            with(vec![
                copy("2026-11-29T02:30"),
                failed(Work::Drill, "2026-11-29T02:55", Failure::Cut),
                failed(data(2), "2026-11-29T03:20", Failure::Cut),
            ]),
            "2026-11-29T04:00",
            Work::BackUp,
            "2026-11-30T02:30",
        ),
        (
            "proofs do not take the school's line by day",
            with(vec![copy("2026-11-29T02:30")]),
            "2026-11-29T09:00",
            Work::BackUp,
            "2026-11-30T02:30",
        ),
    ];
    let (zone, place) = (zone(), destination());
    for (what, mut runs, now, work, when) in cases {
        runs.reverse();
        let found = next(&place, &runs, &around(now, zone));
        assert_eq!(found, Next::At(work, at(when)), "{what}");
    }
}

/// A month after the beginning, everything proved, one copy tonight.
fn ripe() -> Vec<Run> {
    let mut runs = vec![
        made(),
        copy("2026-11-30T02:30"),
        copy("2026-12-01T02:30"),
        drilled("2026-12-01T02:55"),
        checked(data(5), "2026-12-01T03:20"),
    ];
    runs.reverse();
    runs
}

fn add(runs: &mut Vec<Run>, run: Run) {
    runs.insert(0, run);
}

#[test]
fn room_is_made_monthly_and_what_is_left_is_looked_through() {
    let (zone, place) = (zone(), destination());
    let now = around("2026-12-01T04:00", zone);
    let due = |runs: &[Run]| match next(&place, runs, &now) {
        Next::At(work, _) => work,
        other => panic!("{other:?}"),
    };
    let mut runs = ripe();
    assert_eq!(due(&runs), Work::Forget);
    let forgot = Outcome::Forget {
        removed: vec![],
        kept: 2,
    };
    add(
        &mut runs,
        run(Work::Forget, "2026-12-01T03:40", Some(Ending::Done(forgot))),
    );
    assert_eq!(due(&runs), Work::Prune);
    let pruned = Outcome::Prune {
        freed: 1,
        unused_left: 0,
    };
    add(
        &mut runs,
        run(Work::Prune, "2026-12-01T03:41", Some(Ending::Done(pruned))),
    );
    assert_eq!(due(&runs), Work::Check);
    add(&mut runs, checked(Work::Check, "2026-12-01T03:42"));
    assert_eq!(due(&runs), Work::BackUp);
}

#[test]
fn nothing_is_removed_while_it_is_held() {
    let (zone, place) = (zone(), destination());
    let now = around("2026-12-01T04:00", zone);
    let waits_for_night = Next::At(Work::BackUp, at("2026-12-02T02:30"));

    let untrusted = Circumstances {
        clock: ClockTrust::Untrusted,
        ..now
    };
    assert_eq!(next(&place, &ripe(), &untrusted), waits_for_night);

    let mut lost = ripe();
    lost[2] = run(Work::BackUp, "2026-12-01T02:30", Some(copied(400, 0)));
    assert_eq!(next(&place, &lost, &now), waits_for_night);
    let Some(Hold::Vanished(found)) = hold(&place, &lost, ClockTrust::Trusted, now.now) else {
        panic!("600 of 1000 files are gone");
    };
    assert_eq!((found.files, found.of), (600, 1000));
    let accepted = Destination {
        vanished_accepted_at: Some(at("2026-12-01T03:50")),
        ..place.clone()
    };
    assert_eq!(
        next(&accepted, &lost, &now),
        Next::At(Work::Forget, now.now)
    );

    let mut unproved = ripe();
    unproved[1] = failed(Work::Drill, "2026-12-01T02:55", Failure::DrillMismatch);
    let hold = hold(&place, &unproved, ClockTrust::Trusted, now.now);
    assert_eq!(hold, Some(Hold::NotProved));
}

#[test]
fn what_is_missing_or_switched_off_is_said_instead_of_tried() {
    let (zone, place) = (zone(), destination());
    let now = around("2026-11-22T12:00", zone);
    for waiting in [Waiting::Sheet, Waiting::Volume, Waiting::Disk] {
        let waits = Circumstances {
            waiting: Some(waiting),
            ..now
        };
        assert_eq!(next(&place, &[], &waits), Next::Waits(waiting));
    }
    let off = Destination {
        enabled: false,
        ..place.clone()
    };
    assert_eq!(next(&off, &[], &now), Next::Off);
    let in_1970 = Circumstances {
        now: Timestamp::UNIX_EPOCH,
        clock: ClockTrust::Untrusted,
        ..now
    };
    let runs = [copy("2026-11-22T02:30"), made()];
    assert_eq!(next(&place, &runs, &in_1970), Next::Waits(Waiting::Clock));
}

#[test]
fn a_run_that_was_missed_is_made_up_for_soon_after_power_on() {
    let (zone, place) = (zone(), destination());
    let runs = [copy("2026-11-21T02:30"), made()];
    let morning = Circumstances {
        up_since: at("2026-11-23T08:00"),
        ..around("2026-11-23T08:01", zone)
    };
    let soon = Next::At(Work::BackUp, at("2026-11-23T08:10"));
    assert_eq!(next(&place, &runs, &morning), soon);
}

#[test]
fn a_disk_that_comes_on_fridays_is_asked_for_on_fridays() {
    let fridays = Destination {
        days: vec![Day::Friday],
        hour: 14,
        ..destination()
    };
    let zone = paris();
    // 2026-11-27 is a Friday.
    assert_eq!(
        next_slot(&fridays, at("2026-11-24T12:00"), &zone),
        Some(at("2026-11-27T14:30"))
    );
    assert_eq!(
        last_slot(&fridays, at("2026-11-27T14:29"), &zone),
        Some(at("2026-11-20T14:30"))
    );
    assert_eq!(
        last_slot(&fridays, at("2026-11-27T14:30"), &zone),
        Some(at("2026-11-27T14:30"))
    );
}

#[test]
fn summer_time_moves_no_night() {
    let zone = paris();
    let place = destination();
    // 02:30 does not exist on that Sunday; it is there twice on the other.
    for day in ["2026-03-29", "2026-10-25"] {
        let noon = at(&format!("{day}T12:00"));
        let slot = last_slot(&place, noon, &zone).unwrap();
        assert_eq!(zone.to_datetime(slot).date().to_string(), day);
        let day_before = slot.checked_sub(1.second()).unwrap();
        assert_eq!(next_slot(&place, day_before, &zone), Some(slot));
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

#[test]
fn incidents_begin_when_a_person_should_hear_of_it() {
    let refused = |began| failed(Work::BackUp, began, Failure::LoginRefused);
    let cut_drill = failed(Work::Drill, "2026-11-22T03:00", Failure::Cut);
    let bad_drill = failed(Work::Drill, "2026-11-22T03:00", Failure::DrillMismatch);
    let running = run(Work::BackUp, "2026-11-01T17:05", None);
    let (good, bad, unknown) = ("good", "bad", "unknown");
    // stale, failed, proof.
    type Case = (&'static str, Vec<Run>, &'static str, [&'static str; 3]);
    let cases: Vec<Case> = vec![
        (
            "all is well",
            vec![copy("2026-11-22T02:30"), drilled("2026-11-22T03:00")],
            "2026-11-22T12:00",
            [good, good, good],
        ),
        (
            "one failure is tried again first",
            vec![copy("2026-11-21T02:30"), refused("2026-11-22T02:30")],
            "2026-11-22T03:00",
            [good, unknown, unknown],
        ),
        (
            "two in a row are told",
            vec![
                copy("2026-11-21T02:30"),
                refused("2026-11-22T02:30"),
                refused("2026-11-22T03:05"),
            ],
            "2026-11-22T04:00",
            [good, bad, unknown],
        ),
        (
            "two nights are not three",
            vec![copy("2026-11-20T02:30")],
            "2026-11-22T15:00",
            [good, good, unknown],
        ),
        (
            "three nights are told",
            vec![copy("2026-11-20T02:30")],
            "2026-11-23T15:00",
            [bad, good, unknown],
        ),
        (
            "a first copy takes its time",
            vec![made(), running.clone()],
            "2026-11-15T12:00",
            [unknown, good, unknown],
        ),
        (
            "but not for ever",
            vec![made(), running],
            "2026-12-01T12:00",
            [bad, good, unknown],
        ),
        (
            "a drill without connection says nothing",
            vec![copy("2026-11-22T02:30"), cut_drill],
            "2026-11-22T12:00",
            [good, good, unknown],
        ),
        (
            "a drill that differs is told",
            vec![copy("2026-11-22T02:30"), bad_drill.clone()],
            "2026-11-22T12:00",
            [good, good, bad],
        ),
        (
            "and no check makes up for it",
            vec![
                copy("2026-11-22T02:30"),
                bad_drill.clone(),
                checked(data(3), "2026-11-22T04:00"),
            ],
            "2026-11-22T12:00",
            [good, good, bad],
        ),
        (
            "but a drill does",
            vec![
                copy("2026-11-22T02:30"),
                bad_drill,
                drilled("2026-11-22T05:00"),
            ],
            "2026-11-22T12:00",
            [good, good, good],
        ),
    ];
    let word = |verdict: &Verdict| match verdict {
        Verdict::Good => good,
        Verdict::Bad(..) => bad,
        Verdict::Unknown => unknown,
    };
    for (what, mut runs, now, wanted) in cases {
        runs.reverse();
        let found = health(&destination(), &runs, at(now), &paris()).unwrap();
        let found = [&found.stale, &found.failed, &found.proof].map(word);
        assert_eq!(found, wanted, "{what}");
    }
}

#[test]
fn a_disk_that_is_kept_at_home_fails_nothing() {
    let disk = Destination {
        place: Place::UsbDisk {
            filesystem: "1234-ABCD".to_owned(),
        },
        ..destination()
    };
    let away = |began| failed(Work::BackUp, began, Failure::FolderMissing);
    let runs = [
        away("2026-11-22T03:05"),
        away("2026-11-22T02:30"),
        copy("2026-11-21T02:30"),
    ];
    let found = health(&disk, &runs, at("2026-11-22T12:00"), &paris()).unwrap();
    assert_eq!(found.failed, Verdict::Unknown);
}

fn dictation() -> StrikeWork {
    StrikeWork {
        share: "commun".to_owned(),
        path: EscapedPath::from("CM2/dictée.odt"),
    }
}

fn with_strike() -> Destination {
    let strike = Strike {
        work: dictation(),
        asked_at: at("2026-11-24T10:00"),
    };
    Destination {
        strikes: vec![strike],
        ..destination()
    }
}

#[test]
fn what_is_to_be_struck_goes_first_and_is_tried_again_until_it_is_gone() {
    let destination = with_strike();
    let around = around("2026-11-24T10:00", zone());
    let mut runs = vec![copy("2026-11-24T02:30"), made()];
    let strike = || Work::Strike(dictation());
    let due = |runs: &[Run], around: &Circumstances<'_>| next(&destination, runs, around);
    assert_eq!(due(&runs, &around), Next::At(strike(), around.now));

    let untrusted = Circumstances {
        clock: ClockTrust::Untrusted,
        ..around
    };
    assert!(matches!(due(&runs, &untrusted), Next::At(work, _) if work != strike()));
    let promised = |runs: &[Run], around: &Circumstances<'_>| {
        gone(&destination, &destination.strikes[0], runs, around)
    };
    assert_eq!(promised(&runs, &untrusted), Gone::Once(Waiting::Clock));
    let Gone::By(by) = promised(&runs, &around) else {
        panic!("no date");
    };
    let night = next_slot(&destination, around.now, zone()).unwrap();
    assert!(by > night && by < night + SignedDuration::from_hours(24));

    runs.insert(0, failed(strike(), "2026-11-24T10:00", Failure::Cut));
    let Next::At(work, at) = due(&runs, &around) else {
        panic!("nothing is due");
    };
    assert!(work == strike() && at > around.now, "{work:?} {at}");
    let plugged_out = Circumstances {
        waiting: Some(Waiting::Disk),
        ..around
    };
    assert_eq!(promised(&runs, &plugged_out), Gone::Once(Waiting::Disk));

    runs.insert(
        0,
        failed(strike(), "2026-11-24T10:15", Failure::DeleteRefused),
    );
    assert_eq!(promised(&runs, &around), Gone::Never);
    assert!(matches!(due(&runs, &around), Next::At(work, _) if work != strike()));
}

#[test]
fn a_copy_from_which_something_was_struck_is_proved_by_the_next_one() {
    let copied = copy("2026-11-24T02:30");
    let struck = Outcome::Strike {
        snapshots: 3,
        freed: 1,
    };
    let strike = run(
        Work::Strike(dictation()),
        "2026-11-24T02:50",
        Some(Ending::Done(struck)),
    );
    let around = around("2026-11-24T03:00", zone());
    let before = vec![copied.clone(), made()];
    assert!(matches!(
        next(&destination(), &before, &around),
        Next::At(Work::Drill, _)
    ));
    let mut runs = vec![drilled("2026-11-24T02:40"), copied, made()];
    runs.insert(0, strike);
    let due = |runs: &[Run]| match next(&destination(), runs, &around) {
        Next::At(work, at) => (work, at <= around.now),
        other => panic!("{other:?}"),
    };
    assert_eq!(due(&runs), (Work::BackUp, false));
    // Somebody asks for that copy at once: it is proved although another was this week,
    // and what is left is looked through.
    runs.insert(0, copy("2026-11-24T02:55"));
    assert_eq!(due(&runs), (Work::Drill, true));
    runs.insert(0, drilled("2026-11-24T02:57"));
    runs.insert(0, checked(data(1), "2026-11-24T02:58"));
    let pruned = Outcome::Prune {
        freed: 0,
        unused_left: 0,
    };
    let forgotten = Outcome::Forget {
        removed: Vec::new(),
        kept: 1,
    };
    let earlier = |work, began, outcome| run(work, began, Some(Ending::Done(outcome)));
    runs.push(checked(Work::Check, "2026-11-10T02:32"));
    runs.push(earlier(Work::Prune, "2026-11-10T02:31", pruned));
    runs.push(earlier(Work::Forget, "2026-11-10T02:30", forgotten));
    assert_eq!(due(&runs), (Work::Check, true));
}

#[test]
fn a_share_that_comes_back_in_a_night_is_restored_whole_once_a_quarter() {
    const GIB: u64 = 1 << 30;
    let place = destination();
    let began = place.added_at;
    let after = |days: i64| began + SignedDuration::from_hours(24 * days);
    let due =
        |runs: &[Run], bytes, free, days| is_whole_due(&place, runs, bytes, free, after(days));
    assert!(
        !due(&[], GIB, 100 * GIB, 1),
        "the first proof must not take a night"
    );
    assert!(due(&[], GIB, 100 * GIB, 91));
    assert!(!due(&[], 21 * GIB, 100 * GIB, 91), "more than a night");
    assert!(!due(&[], 10 * GIB, 19 * GIB, 91), "it does not fit");
    let drill = |folder: Option<&str>, days| {
        let outcome = Outcome::Drill {
            files: 1,
            bytes: 1,
            folder: folder.map(EscapedPath::new),
        };
        let done = run(Work::Drill, "2026-11-24T03:00", Some(Ending::Done(outcome)));
        Run {
            started_at: after(days),
            ..done
        }
    };
    assert!(
        due(&[drill(Some("CP"), 90)], GIB, 100 * GIB, 91),
        "a folder is not all"
    );
    assert!(!due(&[drill(Some(""), 60)], GIB, 100 * GIB, 91));
    assert!(due(&[drill(Some(""), 60)], GIB, 100 * GIB, 151));
}
