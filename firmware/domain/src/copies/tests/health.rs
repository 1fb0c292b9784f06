//! When somebody hears of it.

use super::*;

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
