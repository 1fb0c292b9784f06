//! The settings that are copied along: a new box finds them with the password alone.

use std::collections::BTreeMap;
use std::fs;

use jiff::{SignedDuration, Timestamp};
use preau_offsite_job::{
    ClockTrusted, Destination, Failure, Keep, KeptSettings, Outcome, SETTINGS, Sealed, Secret,
    SettingsSource, Task,
};

use crate::restic::{check, restic};
use crate::scratch::Scratch;
use crate::tree::{noise, plain};
use crate::worker::{Running, init, job, list, outcome, run, share};

fn copy(scratch: &Scratch, destination: &Destination, sealed: &[u8], hours_ago: i64) {
    let taken_at = Timestamp::now() - SignedDuration::from_hours(hours_ago);
    let mut source = share(&scratch.join("commun"));
    source.taken_at = taken_at;
    let task = Task::BackUp {
        shares: vec![source],
        settings: Some(SettingsSource {
            sealed: Sealed(sealed.to_vec()),
            taken_at,
        }),
    };
    match outcome(destination, task) {
        Outcome::BackUp { copied } => assert_eq!(copied.len(), 1, "settings are no share"),
        other => panic!("{other:?}"),
    }
}

fn settings(destination: &Destination, at_most: usize) -> Vec<KeptSettings> {
    match outcome(destination, Task::Settings { at_most }) {
        Outcome::Settings { kept, snapshots } => {
            assert!(snapshots.iter().all(|snapshot| snapshot.share == "commun"));
            kept
        }
        other => panic!("{other:?}"),
    }
}

fn place(name: &str) -> (Scratch, Destination) {
    let scratch = Scratch::new(name);
    plain(&scratch.join("commun"), 1);
    let destination = Destination::Folder {
        path: scratch.join("copies"),
    };
    init(&destination);
    (scratch, destination)
}

#[test]
fn the_newest_settings_come_back_byte_for_byte_and_restic_has_them_too() {
    let (scratch, destination) = place("settings");
    assert!(settings(&destination, 3).is_empty(), "no copy, no settings");
    let (old, new) = (noise(1, 40_000), noise(2, 40_000));
    copy(&scratch, &destination, &old, 48);
    // Of the same length, and the share unchanged: only the bytes tell.
    copy(&scratch, &destination, &new, 24);
    let kept = settings(&destination, 3);
    assert_eq!(kept.len(), 2);
    assert!(kept[0].sealed.0 == new && kept[1].sealed.0 == old);
    assert_eq!(kept[0].host, "preau-ecole");
    assert_eq!(settings(&destination, 1).len(), 1);

    // Whoever looks for files does not stumble over them.
    assert_eq!(list(&destination).len(), 2);
    let search = Task::Search {
        snapshots: Vec::new(),
        name: "settings".into(),
        at_most: 10,
    };
    let Outcome::Search { found, .. } = outcome(&destination, search) else {
        panic!("no search");
    };
    assert!(found.is_empty(), "{found:?}");

    let kept_at = scratch.join("copies");
    check(&kept_at);
    let out = scratch.join("out");
    let filter = ["--path", "/.preau"];
    let into = ["--target", out.to_str().unwrap()];
    restic(
        &kept_at,
        &[&["restore", "latest"], &filter[..], &into].concat(),
    );
    let file = out.join(SETTINGS).join("settings.sealed");
    assert!(fs::read(file).unwrap() == new);
}

#[test]
fn settings_are_let_go_of_by_a_rule_of_their_own() {
    let (scratch, destination) = place("settings-rule");
    for (number, days_ago) in [3, 2, 1].into_iter().enumerate() {
        copy(
            &scratch,
            &destination,
            &noise(number as u64, 500),
            days_ago * 24,
        );
    }
    let keep = Keep {
        daily: 2,
        ..Keep::default()
    };
    let forget = |name: &str| Task::Forget {
        keep: BTreeMap::from([(name.to_owned(), keep)]),
        clock_trusted: ClockTrusted(true),
    };
    outcome(&destination, forget("commun"));
    assert_eq!(
        (list(&destination).len(), settings(&destination, 9).len()),
        (2, 3)
    );
    outcome(&destination, forget(SETTINGS));
    assert_eq!(
        (list(&destination).len(), settings(&destination, 9).len()),
        (2, 2)
    );
}

#[test]
fn another_sheet_opens_nothing_and_an_empty_place_says_so() {
    let (scratch, destination) = place("settings-key");
    copy(&scratch, &destination, b"sealed", 1);
    let mut wrong = job(&destination, Task::Settings { at_most: 3 });
    wrong.password = Some(Secret::new("une autre fiche"));
    assert_eq!(Running::start(&wrong).finish().failure(), Failure::WrongKey);
    let elsewhere = Destination::Folder {
        path: scratch.join("ailleurs"),
    };
    let said = run(&elsewhere, Task::Settings { at_most: 3 });
    assert_eq!(said.failure(), Failure::NoRepository);
}
