//! What goes wrong on the way. After each fault the next run succeeds, and `restic`
//! finds nothing wrong.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use preau_offsite_job::{Destination, Failure, Order, Outcome, Secret, Task};

use crate::restic::{check, restic};
use crate::scratch::{Mounted, Scratch};
use crate::servers::{Rest, WebDav};
use crate::tree::{assert_same, change, noise, plain};
use crate::worker::{
    PASSWORD, Running, back_up, back_up_task, copied, init, job, list, outcome, prune_task,
    restore_over_task, restore_task, run,
};

/// A share whose copy takes some seconds at [`SLOWLY`].
fn large_share(scratch: &Scratch) -> std::path::PathBuf {
    let share = scratch.join("commun");
    plain(&share, 1);
    fs::write(share.join("gros.bin"), noise(7, 12 << 20)).unwrap();
    share
}

const SLOWLY: Option<u64> = Some(4 << 20);

#[test]
fn a_server_that_dies_and_comes_back_is_waited_for() {
    let mut webdav = WebDav::start("dies");
    let scratch = Scratch::new("dies-share");
    let share = large_share(&scratch);
    init(&webdav.destination());
    let mut job = job(&webdav.destination(), back_up_task(&share));
    job.upload_limit = SLOWLY;
    let mut worker = Running::start(&job);
    worker.wait_until_sending();
    webdav.0.die();
    worker.order(Order::UploadLimit {
        bytes_per_second: None,
    });
    webdav.0.come_back();
    let Outcome::BackUp { copied } = worker.finish().outcome() else {
        panic!("no copy");
    };
    check(webdav.kept());
    let back = scratch.join("back");
    outcome(
        &webdav.destination(),
        restore_task(&copied[0].snapshot, "", &back),
    );
    assert_same(&share, &back);
}

/// rclone's server keeps the half of a file that it got, takes the name for used, and
/// deletes nothing: that run cannot succeed, and must not believe that it did.
#[test]
fn half_a_file_that_a_server_keeps_is_not_taken_for_the_whole() {
    let mut rest = Rest::start("half");
    let scratch = Scratch::new("half-share");
    let share = large_share(&scratch);
    init(&rest.destination());
    let mut job = job(&rest.destination(), back_up_task(&share));
    job.upload_limit = SLOWLY;
    let mut worker = Running::start(&job);
    worker.wait_until_sending();
    rest.0.die();
    worker.order(Order::UploadLimit {
        bytes_per_second: None,
    });
    rest.0.come_back();
    assert_eq!(worker.finish().failure(), Failure::Cut);
    let copied = back_up(&rest.destination(), &share);
    check(&rest.0.folder);
    let back = scratch.join("back");
    outcome(
        &rest.destination(),
        restore_task(&copied.snapshot, "", &back),
    );
    assert_same(&share, &back);
}

#[test]
fn a_worker_that_is_told_to_stop_stops_and_gives_its_lock_back() {
    let rest = Rest::start("stop");
    let scratch = Scratch::new("stop-share");
    let share = scratch.join("commun");
    plain(&share, 1);
    fs::write(share.join("gros.bin"), noise(7, 12 << 20)).unwrap();
    init(&rest.destination());
    let mut job = job(&rest.destination(), back_up_task(&share));
    job.upload_limit = Some(1 << 20);
    let mut worker = Running::start(&job);
    worker.wait_until_sending();
    worker.order(Order::Cancel);
    worker.order(Order::UploadLimit {
        bytes_per_second: None,
    });
    assert_eq!(worker.finish().failure(), Failure::Cancelled);
    assert_eq!(
        restic(rest.0.folder.to_str().unwrap(), &["list", "locks"]),
        ""
    );
    check(&rest.0.folder);
}

#[test]
fn an_upload_keeps_to_its_limit() {
    let scratch = Scratch::new("limit");
    let share = scratch.join("commun");
    fs::create_dir(&share).unwrap();
    fs::write(share.join("gros.bin"), noise(7, 3 << 20)).unwrap();
    let rest = Rest::start("limit-server");
    init(&rest.destination());
    let mut job = job(&rest.destination(), back_up_task(&share));
    job.upload_limit = Some(1 << 20);
    let started = Instant::now();
    Running::start(&job).finish().outcome();
    let took = started.elapsed();
    assert!(took > Duration::from_millis(2_500), "{took:?}");
}

#[test]
fn a_wrong_password_opens_nothing() {
    let scratch = Scratch::new("wrong-key");
    let share = scratch.join("commun");
    plain(&share, 1);
    let destination = Destination::Folder {
        path: scratch.join("copies"),
    };
    assert_eq!(
        run(&destination, Task::List).failure(),
        Failure::NoRepository
    );
    init(&destination);
    let mut job = job(&destination, back_up_task(&share));
    job.password = Some(Secret::new("autre fiche"));
    let said = Running::start(&job).finish();
    assert_eq!(said.failure(), Failure::WrongKey);
    assert!(!said.words.contains("autre fiche") && !said.words.contains(PASSWORD));
}

#[test]
fn a_share_that_is_not_there_makes_no_empty_copy() {
    let scratch = Scratch::new("no-share");
    let destination = Destination::Folder {
        path: scratch.join("copies"),
    };
    init(&destination);
    let said = run(&destination, back_up_task(&scratch.join("nowhere")));
    assert_eq!(said.failure(), Failure::SourceUnreadable);
    assert!(list(&destination).is_empty());
}

#[test]
fn a_lock_of_another_machine_is_respected_and_the_boxs_own_is_cleared() {
    let scratch = Scratch::new("locks");
    let share = scratch.join("commun");
    plain(&share, 1);
    let kept = scratch.join("copies");
    let destination = Destination::Folder { path: kept.clone() };
    init(&destination);
    // restic waits for what it should copy, and holds its lock meanwhile.
    let mut restic = Command::new("/usr/bin/restic")
        .args([
            "--no-cache",
            "-r",
            kept.to_str().unwrap(),
            "backup",
            "--stdin",
        ])
        .env("RESTIC_PASSWORD", PASSWORD)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while fs::read_dir(kept.join("locks")).unwrap().next().is_none() {
        assert!(Instant::now() < deadline, "restic leaves no lock");
        std::thread::park_timeout(Duration::from_millis(5));
    }
    let held = run(&destination, prune_task());
    restic.kill().unwrap();
    restic.wait().unwrap();
    let Failure::Locked(holder) = held.failure() else {
        panic!("{:?}", held.failure());
    };
    assert!(holder.since <= Timestamp::now());
    // What was killed left its lock, which keeps nobody from copying.
    back_up(&destination, &share);
}

#[test]
fn a_disk_that_is_full_says_so_and_goes_on_when_there_is_room() {
    let scratch = Scratch::new("full");
    let share = scratch.join("commun");
    plain(&share, 1);
    let disk = scratch.join("disk");
    let mounted = Mounted::new(&disk, "16m");
    let destination = Destination::Folder {
        path: disk.join("copies"),
    };
    init(&destination);
    let first = back_up(&destination, &share).snapshot;
    fs::write(share.join("gros.bin"), noise(9, 20 << 20)).unwrap();
    assert_eq!(
        run(&destination, back_up_task(&share)).failure(),
        Failure::NoSpace
    );
    // What is there can be read and restored, though no lock can be left, and that
    // is not taken for the reason of another failure.
    mounted.fill_but(0);
    let missing = run(
        &destination,
        restore_task(&first, "CM2", &scratch.join("none")),
    );
    assert_eq!(missing.failure(), Failure::PathMissing);
    let back = scratch.join("back");
    outcome(&destination, restore_task(&first, "CP", &back));
    mounted.make_room();
    mounted.grow("64m");
    back_up(&destination, &share);
    check(disk.join("copies"));
    drop(mounted);
}

#[test]
fn a_restore_to_a_full_disk_says_so() {
    let scratch = Scratch::new("full-target");
    plain(&scratch.join("commun"), 1);
    let (destination, snapshot) = copied(&scratch);
    let disk = scratch.join("disk");
    let mounted = Mounted::new(&disk, "4m");
    let said = run(&destination, restore_task(&snapshot, "", &disk.join("to")));
    assert_eq!(said.failure(), Failure::TargetFull);
    drop(mounted);
}

#[test]
fn what_is_there_already_needs_no_room() {
    let scratch = Scratch::new("nearly-full-target");
    let share = scratch.join("commun");
    plain(&share, 1);
    fs::write(share.join("film.mp4"), noise(1, 8 << 20)).unwrap();
    fs::hard_link(share.join("film.mp4"), share.join("CP/film.mp4")).unwrap();
    let (destination, snapshot) = copied(&scratch);
    let disk = scratch.join("disk");
    let mounted = Mounted::new(&disk, "64m");
    let to = disk.join("to");
    outcome(&destination, restore_task(&snapshot, "", &to));
    fs::remove_file(to.join("CP/Élève 3.odt")).unwrap();
    mounted.fill_but(1 << 20);
    outcome(&destination, restore_over_task(&snapshot, "", &to));
    assert_same(&share, &to);
    drop(mounted);
}

#[test]
fn another_kind_of_file_where_a_key_should_be_is_damage_or_a_wrong_key() {
    let scratch = Scratch::new("damaged-index");
    let share = scratch.join("commun");
    plain(&share, 1);
    let kept = scratch.join("copies");
    let destination = Destination::Folder { path: kept.clone() };
    init(&destination);
    back_up(&destination, &share);
    change(&share, 2);
    let index = fs::read_dir(kept.join("index"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let mut content = fs::read(&index).unwrap();
    content[40] ^= 1;
    fs::write(&index, content).unwrap();
    assert_eq!(
        run(&destination, back_up_task(&share)).failure(),
        Failure::Damaged
    );
}

/// With two keys that the password opens, one of them to nothing, nobody could read it.
#[test]
fn a_repository_whose_making_was_cut_is_made_with_the_key_that_is_there() {
    let scratch = Scratch::new("cut-making");
    let share = scratch.join("commun");
    plain(&share, 1);
    let kept = scratch.join("copies");
    let destination = Destination::Folder { path: kept.clone() };
    init(&destination);
    let keys = || -> Vec<_> {
        let found = fs::read_dir(kept.join("keys")).unwrap();
        found.map(|key| key.unwrap().path()).collect()
    };
    let first = keys();
    for _ in 0..3 {
        fs::remove_file(kept.join("config")).unwrap();
        init(&destination);
    }
    assert_eq!(keys(), first);
    back_up(&destination, &share);
    check(&kept);

    // It is opened several times a night: cheaply, since nobody guesses its password.
    let key = fs::read_to_string(&first[0]).unwrap();
    assert!(key.contains(r#""N":16384,"r":8,"p":1"#), "{key}");
    let listed = restic(&kept, &["key", "list"]);
    assert!(listed.contains("preau-ecole"), "{listed}");
}
