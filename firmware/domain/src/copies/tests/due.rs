//! What is done next, and when.

use super::*;

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
