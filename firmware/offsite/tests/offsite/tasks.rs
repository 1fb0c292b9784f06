//! What the worker does besides copying: rules, room, checks, drills, searches.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use preau_offsite_job::{ClockTrusted, Destination, Failure, Outcome, SnapshotId, Task};

use crate::restic::{check, restic};
use crate::scratch::Scratch;
use crate::tree::{assert_same, change, noise, plain};
use crate::worker::{
    back_up, copied, forget_task, init, list, outcome, prune_task, restore_over_task, restore_task,
    run, share,
};

/// A repository on a disk with one copy of a plain share.
struct Place {
    scratch: Scratch,
    share: PathBuf,
    kept: PathBuf,
    destination: Destination,
    snapshot: SnapshotId,
}

fn place(name: &str) -> Place {
    let scratch = Scratch::new(name);
    let (share, kept) = (scratch.join("commun"), scratch.join("copies"));
    plain(&share, 1);
    let (destination, snapshot) = copied(&scratch);
    Place {
        scratch,
        share,
        kept,
        destination,
        snapshot,
    }
}

fn drill_task(place: &Place) -> Task {
    Task::Drill {
        snapshot: place.snapshot.clone(),
        original: place.share.clone(),
        scratch: place.scratch.join("drill"),
        whole: false,
        files: 6,
        bytes_at_most: 50 << 20,
        seed: 3,
    }
}

fn size_of(folder: &Path) -> u64 {
    let mut size = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let facts = entry.metadata().unwrap();
        size += if facts.is_dir() {
            size_of(&entry.path())
        } else {
            facts.len()
        };
    }
    size
}

/// The pack with the most data.
fn largest_pack(kept: &Path) -> PathBuf {
    fs::read_dir(kept.join("data"))
        .unwrap()
        .flat_map(|folder| fs::read_dir(folder.unwrap().path()).unwrap())
        .map(|entry| entry.unwrap().path())
        .max_by_key(|path| fs::metadata(path).unwrap().len())
        .unwrap()
}

#[test]
fn nothing_is_deleted_while_the_clock_is_not_trusted() {
    let place = place("clock");
    let forget = Task::Forget {
        keep: [].into(),
        clock_trusted: ClockTrusted(false),
    };
    let prune = Task::Prune {
        fetch_at_most: None,
        clock_trusted: ClockTrusted(false),
    };
    for task in [forget, prune] {
        assert_eq!(
            run(&place.destination, task).failure(),
            Failure::ClockNotTrusted
        );
    }
    assert_eq!(list(&place.destination).len(), 1);
}

#[test]
fn what_no_rule_keeps_is_forgotten_and_its_room_given_back() {
    let place = place("rules");
    fs::write(place.share.join("film.mp4"), noise(5, 6 << 20)).unwrap();
    let mut task = share(&place.share);
    task.taken_at = Timestamp::now() - SignedDuration::from_hours(24 * 9);
    outcome(
        &place.destination,
        Task::BackUp {
            shares: vec![task],
            settings: None,
        },
    );
    fs::remove_file(place.share.join("film.mp4")).unwrap();
    change(&place.share, 2);
    let newest = back_up(&place.destination, &place.share).snapshot;
    let before = size_of(&place.kept);

    // The first and the newest are of the same day: the newest of the day stays.
    match outcome(&place.destination, forget_task(1)) {
        Outcome::Forget { removed, kept } => assert_eq!((removed.len(), kept), (2, 1)),
        other => panic!("{other:?}"),
    }
    let Outcome::Prune { freed, .. } = outcome(&place.destination, prune_task()) else {
        panic!("no prune");
    };
    assert!(freed > 6 << 20, "{freed}");
    assert!(size_of(&place.kept) + (6 << 20) < before + (1 << 16));
    check(&place.kept);
    let back = place.scratch.join("back");
    outcome(&place.destination, restore_task(&newest, "", &back));
    assert_same(&place.share, &back);
}

#[test]
fn a_drill_of_the_whole_share_compares_every_file_and_finds_one_that_differs() {
    let place = place("drill-whole");
    let mut task = drill_task(&place);
    if let Task::Drill { whole, .. } = &mut task {
        *whole = true;
    }
    match outcome(&place.destination, task.clone()) {
        Outcome::Drill {
            bytes,
            folder: Some(folder),
            ..
        } => assert_eq!((folder.is_empty(), bytes), (true, size_of(&place.share))),
        other => panic!("{other:?}"),
    }
    assert!(!place.scratch.join("drill").exists());
    fs::write(place.share.join("later.txt"), "not in the copy").unwrap();
    assert_eq!(
        run(&place.destination, task).failure(),
        Failure::DrillMismatch
    );
}

#[test]
fn a_drill_passes_and_finds_a_missing_or_corrupted_pack() {
    let place = place("drill");
    match outcome(&place.destination, drill_task(&place)) {
        Outcome::Drill {
            files,
            bytes,
            folder,
        } => {
            assert!(
                files > 12 && bytes > 0 && folder.is_some(),
                "{files} {bytes} {folder:?}"
            );
        }
        other => panic!("{other:?}"),
    }
    assert!(!place.scratch.join("drill").exists());

    let pack = largest_pack(&place.kept);
    let whole = fs::read(&pack).unwrap();
    let mut wrong = whole.clone();
    let mut at = 100;
    while at < wrong.len() {
        wrong[at] ^= 1;
        at += 500;
    }
    fs::write(&pack, wrong).unwrap();
    assert_eq!(
        run(&place.destination, drill_task(&place)).failure(),
        Failure::Damaged
    );
    let check_data = Task::CheckData { part: 1, of: 1 };
    assert_eq!(
        run(&place.destination, check_data).failure(),
        Failure::Damaged
    );
    fs::remove_file(&pack).unwrap();
    assert_eq!(
        run(&place.destination, drill_task(&place)).failure(),
        Failure::Damaged
    );
    assert_eq!(
        run(&place.destination, Task::Check).failure(),
        Failure::Damaged
    );
    fs::write(&pack, whole).unwrap();
    outcome(&place.destination, drill_task(&place));
}

#[test]
fn a_drill_finds_a_file_that_is_not_what_was_copied() {
    let place = place("other-content");
    let file = place.share.join("Direction/archive.zip");
    let time = fs::metadata(&file).unwrap().modified().unwrap();
    let mut content = fs::read(&file).unwrap();
    content[5] ^= 1;
    fs::write(&file, content).unwrap();
    fs::File::options()
        .write(true)
        .open(&file)
        .unwrap()
        .set_modified(time)
        .unwrap();
    let mut task = drill_task(&place);
    if let Task::Drill { files, .. } = &mut task {
        *files = 1000;
    }
    assert_eq!(
        run(&place.destination, task).failure(),
        Failure::DrillMismatch
    );
}

#[test]
fn the_parts_of_a_check_read_everything_once() {
    let place = place("parts");
    let mut read = 0;
    for part in 1..=3 {
        match outcome(&place.destination, Task::CheckData { part, of: 3 }) {
            Outcome::Check { read: part } => read += part,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(read, size_of(&place.kept.join("data")));
    match outcome(&place.destination, Task::Check) {
        Outcome::Check { read } => assert_eq!(read, 0),
        other => panic!("{other:?}"),
    }
    let wrong = Task::CheckData { part: 4, of: 3 };
    assert_eq!(run(&place.destination, wrong).failure(), Failure::BadJob);
}

#[test]
fn a_name_is_found_in_every_snapshot() {
    let place = place("search");
    change(&place.share, 2);
    back_up(&place.destination, &place.share);
    let search = |name: &str, at_most| {
        let task = Task::Search {
            snapshots: Vec::new(),
            name: name.into(),
            at_most,
        };
        match outcome(&place.destination, task) {
            Outcome::Search { found, more } => (found, more),
            other => panic!("{other:?}"),
        }
    };
    let (found, more) = search("élève 3", 100);
    assert_eq!((found.len(), more), (6, false));
    assert!(
        found
            .iter()
            .any(|hit| hit.path.as_str() == "CE2/Élève 3.odt")
    );
    let (found, more) = search("élève", 10);
    assert_eq!((found.len(), more), (10, true));
    assert_eq!(search("introuvable", 10), (Vec::new(), false));
}

#[test]
fn a_restore_beside_keeps_what_is_there_and_one_over_replaces_it() {
    let place = place("over");
    let to = place.scratch.join("to");
    fs::create_dir(&to).unwrap();
    fs::write(to.join("vide.txt"), b"not empty").unwrap();
    fs::write(to.join("mine.txt"), b"mine").unwrap();
    let beside = run(&place.destination, restore_task(&place.snapshot, "", &to));
    assert_eq!(beside.failure(), Failure::TargetNotEmpty);

    let over = |path: &str| restore_over_task(&place.snapshot, path, &to);
    outcome(&place.destination, over(""));
    assert_eq!(fs::read(to.join("vide.txt")).unwrap(), b"");
    assert_eq!(fs::read(to.join("mine.txt")).unwrap(), b"mine");
    fs::remove_file(to.join("mine.txt")).unwrap();
    assert_same(&place.share, &to);
    match outcome(&place.destination, over("CP")) {
        Outcome::Restore { files, .. } => assert_eq!(files, 12),
        other => panic!("{other:?}"),
    }
    assert_eq!(
        run(&place.destination, over("CM2")).failure(),
        Failure::PathMissing
    );
    let unknown = SnapshotId("00".repeat(32));
    let missing = run(
        &place.destination,
        restore_task(&unknown, "", &place.scratch.join("x")),
    );
    assert_eq!(missing.failure(), Failure::SnapshotMissing);
}

#[test]
fn excluded_names_are_not_copied() {
    let place = place("exclude");
    fs::create_dir(place.share.join("CP/brouillons")).unwrap();
    fs::write(place.share.join("CP/brouillons/a.odt"), b"a").unwrap();
    fs::write(place.share.join("CP/x.tmp"), b"x").unwrap();
    let mut source = share(&place.share);
    source.exclude = ["*.tmp", "CP/brouillons", "/CE1"]
        .map(String::from)
        .to_vec();
    outcome(
        &place.destination,
        Task::BackUp {
            shares: vec![source],
            settings: None,
        },
    );
    let listed = restic(place.kept.to_str().unwrap(), &["ls", "latest"]);
    assert!(listed.contains("/commun/CP/Élève 3.odt"), "{listed}");
    for left_out in ["x.tmp", "brouillons", "CE1"] {
        assert!(!listed.contains(left_out), "{left_out} in {listed}");
    }
}

#[test]
fn the_cache_saves_fetching_and_changes_nothing() {
    let place = place("cache");
    let cache = place.scratch.join("cache");
    fs::create_dir(&cache).unwrap();
    let mut job = crate::worker::job(&place.destination, Task::List);
    job.cache = Some(cache.clone());
    let first = crate::worker::Running::start(&job).finish().outcome();
    assert_eq!(
        crate::worker::Running::start(&job).finish().outcome(),
        first
    );
    assert!(size_of(&cache) > 0);
}

/// A file of several pieces that restic copies after the box, with something put into its
/// middle: neither finds the other's pieces anew.
#[test]
fn restic_cuts_files_where_the_box_does() {
    let scratch = Scratch::new("cuts-alike");
    let (share, kept) = (scratch.join("commun"), scratch.join("copies"));
    fs::create_dir_all(&share).unwrap();
    let film = noise(7, 24 << 20);
    fs::write(share.join("film.mkv"), &film).unwrap();
    let destination = Destination::Folder { path: kept.clone() };
    init(&destination);
    back_up(&destination, &share);

    let changed = [&film[..10 << 20], b"une seconde de plus", &film[10 << 20..]].concat();
    fs::write(share.join("film.mkv"), &changed).unwrap();
    let folder = share.display().to_string();
    let added = restic(&kept, &["backup", "--json", &folder]);
    let summary: serde_json::Value = added
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .find(|said: &serde_json::Value| said["message_type"] == "summary")
        .unwrap();
    let pieces = summary["data_blobs"].as_u64().unwrap();
    assert!((1..=2).contains(&pieces), "{summary}");
    // The folder's list alone; the smallest piece has 512 KiB.
    let added = back_up(&destination, &share).bytes_new;
    assert!(added < 64 << 10, "{added} bytes were copied again");
    check(&kept);
}
