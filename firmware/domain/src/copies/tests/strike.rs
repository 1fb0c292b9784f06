//! What is to be gone from every copy.

use super::*;

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
fn what_is_still_there_after_a_week_is_told_with_what_stands_in_the_way() {
    let refused = [failed(
        Work::Strike(dictation()),
        "2026-11-24T10:05",
        Failure::LoginRefused,
    )];
    let told = |destination: &Destination, runs: &[Run], now: &str| {
        let found = health(destination, runs, at(now), &paris());
        found.unwrap().struck
    };
    let asked = with_strike();
    assert_eq!(told(&asked, &refused, "2026-12-01T09:00"), Verdict::Good);
    let Verdict::Bad(failure, _) = told(&asked, &refused, "2026-12-01T10:00") else {
        panic!("a week later it is late");
    };
    assert_eq!(failure, Some(Failure::LoginRefused));
    // A disk that nobody has plugged in since: nothing was tried.
    let Verdict::Bad(failure, _) = told(&asked, &[], "2026-12-01T10:00") else {
        panic!("a week later it is late");
    };
    assert_eq!(failure, None);
    // Struck, or no longer asked for.
    assert_eq!(told(&destination(), &[], "2026-12-01T10:00"), Verdict::Good);
}
