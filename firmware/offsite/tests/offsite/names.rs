//! Everything that a file system allows, through both implementations.

use std::fs;
use std::os::unix::fs::MetadataExt;

use preau_offsite_job::{Destination, EntryKind, EscapedPath, Outcome, Task};

use crate::restic::{check, restic};
use crate::scratch::Scratch;
use crate::tree::{assert_same, hard};
use crate::worker::{back_up, init, list, outcome, restore_task};

#[test]
fn both_implementations_agree_on_every_name_and_attribute() {
    let scratch = Scratch::new("names");
    let share = scratch.join("commun");
    hard(&share);
    let kept = scratch.join("copies");
    let destination = Destination::Folder { path: kept.clone() };
    init(&destination);
    let copied = back_up(&destination, &share);
    assert_eq!(copied.unreadable, 0);
    let repository = kept.to_str().unwrap();

    let ours = scratch.join("ours from ours");
    outcome(&destination, restore_task(&copied.snapshot, "", &ours));
    assert_same(&share, &ours);
    let sparse = fs::metadata(ours.join("sparse")).unwrap();
    assert!(sparse.blocks() * 512 < 8 << 20, "holes stay holes");

    let theirs = scratch.join("theirs from ours");
    restic(
        repository,
        &[
            "restore",
            &copied.snapshot.0,
            "--target",
            theirs.to_str().unwrap(),
        ],
    );
    assert_same(&share, &theirs.join("commun"));

    restic(repository, &["backup", share.to_str().unwrap()]);
    let snapshot = list(&destination).pop().unwrap().id;
    assert_ne!(snapshot, copied.snapshot);
    let ours = scratch.join("ours from theirs");
    outcome(&destination, restore_task(&snapshot, "", &ours));
    assert_same(&share, &ours);
    check(&kept);
}

#[test]
fn a_folder_shows_its_names_as_they_are_and_gives_back_one_file() {
    let scratch = Scratch::new("browse");
    let share = scratch.join("commun");
    hard(&share);
    let destination = Destination::Folder {
        path: scratch.join("copies"),
    };
    init(&destination);
    let snapshot = back_up(&destination, &share).snapshot;

    let browse = |folder: &EscapedPath| {
        let task = Task::Browse {
            snapshot: snapshot.clone(),
            folder: folder.clone(),
        };
        match outcome(&destination, task) {
            Outcome::Browse { entries } => entries,
            other => panic!("{other:?}"),
        }
    };
    let entries = browse(&EscapedPath::default());
    let mut wanted: Vec<_> = fs::read_dir(&share)
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    wanted.sort();
    let mut found: Vec<_> = entries
        .iter()
        .map(|e| e.name.to_path().into_os_string())
        .collect();
    found.sort();
    assert_eq!(found, wanted);
    let odd = entries
        .iter()
        .find(|e| e.name.as_str() == r"dossier \xe9t\xe9")
        .unwrap();
    assert_eq!(odd.kind, EntryKind::Folder);
    let below = browse(&odd.name);
    assert_eq!((below.len(), below[0].size), (1, 6));

    let to = scratch.join("one file");
    let path = format!("{}/dedans", odd.name);
    let task = Task::Restore {
        snapshot,
        path: serde_json::from_value(path.into()).unwrap(),
        to: to.clone(),
        existing: preau_offsite_job::Existing::Refuse,
    };
    outcome(&destination, task);
    assert_eq!(fs::read(to.join("dedans")).unwrap(), b"inside");
}
