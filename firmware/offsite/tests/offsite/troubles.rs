//! Servers that are slow, that drop, that lie, behind a wire that makes them so. What they
//! do costs time; it is never believed, and the next run succeeds.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use preau_offsite_job::{
    ClockTrusted, Copied, Destination, Event, Failure, Outcome, Phase, SnapshotId, Task,
};

use crate::restic::check;
use crate::scratch::Scratch;
use crate::servers::{BUCKET, Garage, Rest, SECRET_KEY, Sshd, WebDav};
use crate::tree::{assert_same, change, describe, light, noise, plain};
use crate::wire::{Trouble, Wire};
use crate::worker::{
    Said, back_up, back_up_task, forget_task, init, list, outcome, prune_task, restore_task, run,
    run_cached,
};

/// Everything that is done in a month, under trouble; then what is there is looked at
/// without.
fn gets_through(trouble: Trouble, wire: &Wire, destination: &Destination, kept: impl AsRef<OsStr>) {
    let scratch = Scratch::new("trouble");
    let share = scratch.join("commun");
    light(&share, 1);
    wire.set(trouble);
    outcome(destination, Task::Test);
    init(destination);
    back_up(destination, &share);
    fs::remove_dir_all(share.join("CP")).unwrap();
    light(&share, 2);
    let said = run(destination, back_up_task(&share));
    if trouble == Trouble::Slow {
        tells_how_far_it_is(&said);
    }
    let last = copied(said).snapshot;
    if !matches!(destination, Destination::Rest { .. }) {
        outcome(destination, forget_task(1));
        outcome(destination, prune_task());
    }
    outcome(destination, Task::CheckData { part: 1, of: 1 });
    let back = scratch.join("back");
    outcome(destination, restore_task(&last, "", &back));
    assert_same(&share, &back);
    assert!(wire.struck() > 0, "there was no trouble");

    wire.set(Trouble::Nothing);
    check(kept.as_ref());
    back_up(destination, &share);
    check(kept.as_ref());
}

fn copied(said: Said) -> Copied {
    match said.outcome() {
        Outcome::BackUp { mut copied } => copied.remove(0),
        other => panic!("{other:?}"),
    }
}

/// What a person sees meanwhile.
fn tells_how_far_it_is(said: &Said) {
    let shown = said.events.iter().any(
        |event| matches!(event, Event::Progress(progress) if progress.phase != Phase::Connecting),
    );
    assert!(shown, "{:?}", said.events);
}

fn ssh_gets_through(name: &str, trouble: Trouble) {
    let sshd = Sshd::start(name);
    let wire = Wire::raw(sshd.server.port);
    let kept = sshd.server.folder.join("préau");
    gets_through(trouble, &wire, &sshd.behind(wire.port), &kept);
}

fn rest_gets_through(name: &str, trouble: Trouble) {
    let rest = Rest::plain(name);
    let wire = Wire::http(rest.0.port);
    gets_through(trouble, &wire, &Rest::at(wire.port), &rest.0.folder);
}

fn web_gets_through(name: &str, trouble: Trouble) {
    let webdav = WebDav::plain(name);
    let wire = Wire::http(webdav.0.port);
    gets_through(trouble, &wire, &WebDav::at(wire.port), webdav.kept());
}

fn objects_get_through(name: &str, trouble: Trouble) {
    let garage = Garage::start(name);
    let wire = Wire::http(garage.0.port);
    let destination = Garage::at(wire.port, BUCKET, SECRET_KEY);
    gets_through(trouble, &wire, &destination, garage.kept());
}

#[test]
fn a_slow_ssh_server_gets_its_time() {
    ssh_gets_through("slow-sshd", Trouble::Slow);
}

#[test]
fn a_slow_server_that_never_deletes_gets_its_time() {
    rest_gets_through("slow-rest", Trouble::Slow);
}

#[test]
fn a_slow_web_folder_gets_its_time() {
    web_gets_through("slow-webdav", Trouble::Slow);
}

#[test]
fn a_slow_object_store_gets_its_time() {
    objects_get_through("slow-garage", Trouble::Slow);
}

#[test]
fn an_ssh_server_that_drops_every_third_connection_is_asked_again() {
    ssh_gets_through("drops-sshd", Trouble::DropsEveryThird);
}

#[test]
fn a_server_that_never_deletes_and_drops_every_third_request_is_asked_again() {
    rest_gets_through("drops-rest", Trouble::DropsEveryThird);
}

#[test]
fn a_web_folder_that_drops_every_third_request_is_asked_again() {
    web_gets_through("drops-webdav", Trouble::DropsEveryThird);
}

#[test]
fn an_object_store_that_drops_every_third_request_is_asked_again() {
    objects_get_through("drops-garage", Trouble::DropsEveryThird);
}

/// The kinds of file that a repository has.
const KINDS: [&str; 5] = ["config", "keys", "snapshots", "index", "data"];

/// One wrong bit in whatever is asked for is damage, gets into no cache, no index and no
/// restored file.
fn is_not_believed(wire: &Wire, destination: &Destination, kept: impl AsRef<OsStr>) {
    let scratch = Scratch::new("lies");
    let share = scratch.join("commun");
    plain(&share, 1);
    init(destination);
    let first = back_up(destination, &share).snapshot;
    change(&share, 2);
    for kind in KINDS {
        let cache = scratch.join(&format!("cache for {kind}"));
        fs::create_dir(&cache).unwrap();
        let back = scratch.join(&format!("back from {kind}"));
        wire.set(Trouble::Lies(kind));
        let tasks = [
            restore_task(&first, "", &back),
            back_up_task(&share),
            Task::CheckData { part: 1, of: 1 },
        ];
        for task in tasks {
            let said = run_cached(destination, task.clone(), &cache);
            assert!(wire.struck() > 0, "{kind} {task:?}");
            assert_eq!(said.failure(), Failure::Damaged, "{kind} {task:?}");
        }
        assert_no_false_file(&back);

        // With the cache that saw the lies.
        wire.set(Trouble::Nothing);
        run_cached(destination, back_up_task(&share), &cache).outcome();
        check(kept.as_ref());
        fs::remove_dir_all(&back).unwrap_or_default();
        run_cached(destination, restore_task(&first, "", &back), &cache).outcome();
    }
    let last = list(destination).pop().unwrap();
    let back = scratch.join("back");
    outcome(destination, restore_task(&last.id, "", &back));
    assert_same(&share, &back);
}

/// Whatever is there was in the first copy, byte for byte.
fn assert_no_false_file(back: &Path) {
    if !back.exists() {
        return;
    }
    let scratch = Scratch::new("first");
    let original = scratch.join("commun");
    plain(&original, 1);
    let wanted = describe(&original);
    for (path, facts) in describe(back) {
        assert_eq!(facts.content, wanted[&path].content, "{path:?}");
    }
}

#[test]
fn an_object_store_that_lies_is_not_believed() {
    let garage = Garage::start("lies-garage");
    let wire = Wire::http(garage.0.port);
    let destination = Garage::at(wire.port, BUCKET, SECRET_KEY);
    is_not_believed(&wire, &destination, garage.kept());
}

#[test]
fn a_server_that_never_deletes_and_lies_is_not_believed() {
    let rest = Rest::plain("lies-rest");
    let wire = Wire::http(rest.0.port);
    is_not_believed(&wire, &Rest::at(wire.port), &rest.0.folder);
}

/// A disk whose one pack of data holds two pieces of the same length.
struct Pieces {
    scratch: Scratch,
    share: PathBuf,
    kept: PathBuf,
    destination: Destination,
    snapshot: SnapshotId,
    pack: PathBuf,
}

impl Pieces {
    fn lay_out(name: &str) -> Self {
        let scratch = Scratch::new(name);
        let (share, kept) = (scratch.join("commun"), scratch.join("copies"));
        fs::create_dir(&share).unwrap();
        for (seed, name) in [(1, "un.bin"), (2, "deux.bin")] {
            fs::write(share.join(name), noise(seed, 300_000)).unwrap();
        }
        let destination = Destination::Folder { path: kept.clone() };
        init(&destination);
        let snapshot = back_up(&destination, &share).snapshot;
        let packs = fs::read_dir(kept.join("data"))
            .unwrap()
            .flat_map(|folder| fs::read_dir(folder.unwrap().path()).unwrap())
            .map(|pack| pack.unwrap().path());
        let pack = packs
            .max_by_key(|pack| fs::metadata(pack).unwrap().len())
            .unwrap();
        Self {
            scratch,
            share,
            kept,
            destination,
            snapshot,
            pack,
        }
    }

    /// Puts each piece in the place of the other: both decrypt, and are not what the
    /// index says that they are. By restic's format the pieces come first; a header of 41
    /// bytes for each, encrypted with 32 more, and its length in 4 bytes are the end.
    fn swap(&self) {
        let mut content = fs::read(&self.pack).unwrap();
        let pieces = content.len() - (2 * 41 + 32 + 4);
        assert_eq!(pieces % 2, 0);
        content[..pieces].rotate_left(pieces / 2);
        fs::write(&self.pack, content).unwrap();
    }
}

#[test]
fn a_piece_in_the_place_of_another_is_not_restored_as_truth() {
    let pieces = Pieces::lay_out("swapped");
    pieces.swap();
    let back = pieces.scratch.join("back");
    let restore = restore_task(&pieces.snapshot, "", &back);
    let said = run(&pieces.destination, restore.clone());
    assert_eq!(said.failure(), Failure::Damaged);
    assert_eq!(fs::read_dir(&back).unwrap().count(), 0, "{}", said.words);
    pieces.swap();
    outcome(&pieces.destination, restore);
    assert_same(&pieces.share, &back);
    check(&pieces.kept);
}

#[test]
fn a_piece_in_the_place_of_another_is_not_packed_again_as_truth() {
    let pieces = Pieces::lay_out("swapped-prune");
    fs::remove_file(pieces.share.join("deux.bin")).unwrap();
    let last = back_up(&pieces.destination, &pieces.share).snapshot;
    outcome(&pieces.destination, forget_task(1));
    pieces.swap();
    let prune = Task::Prune {
        fetch_at_most: Some(1 << 30),
        clock_trusted: ClockTrusted(true),
    };
    let said = run(&pieces.destination, prune.clone());
    assert_eq!(said.failure(), Failure::Damaged);
    pieces.swap();
    outcome(&pieces.destination, prune);
    check(&pieces.kept);
    let back = pieces.scratch.join("back");
    outcome(&pieces.destination, restore_task(&last, "", &back));
    assert_same(&pieces.share, &back);
}

#[test]
fn a_server_that_has_lost_its_snapshots_gives_no_room_back() {
    let pieces = Pieces::lay_out("no-snapshots");
    let (there, away) = (
        pieces.kept.join("snapshots"),
        pieces.scratch.join("elsewhere"),
    );
    fs::rename(&there, &away).unwrap();
    assert_eq!(
        run(&pieces.destination, prune_task()).failure(),
        Failure::Damaged
    );
    assert!(pieces.pack.exists());
    fs::rename(&away, &there).unwrap();
    outcome(&pieces.destination, prune_task());
    check(&pieces.kept);
}

/// Nothing is sent to whoever shows another key; confirmed, it is the server again.
#[test]
fn a_server_whose_key_changes_gets_nothing_until_that_is_confirmed() {
    let scratch = Scratch::new("other-key-share");
    let share = scratch.join("commun");
    light(&share, 1);
    let sshd = Sshd::start("other-key");
    let kept = sshd.server.folder.join("préau");
    init(&sshd.destination());
    back_up(&sshd.destination(), &share);
    let before = describe(&sshd.server.folder);
    light(&share, 2);

    let remembered = sshd.destination_with(Some(sshd.other_key()), sshd.key());
    let Failure::HostKeyChanged(shown) = run(&remembered, back_up_task(&share)).failure() else {
        panic!("it was believed");
    };
    assert_eq!(describe(&sshd.server.folder), before);

    let confirmed = sshd.destination_with(Some(shown.key), sshd.key());
    back_up(&confirmed, &share);
    check(&kept);
}

/// The keys to a door, one after the other: the store's, the account's, the repository's.
#[test]
fn with_a_wrong_key_nothing_changes_and_with_the_right_one_all_goes_on() {
    let scratch = Scratch::new("wrong-keys");
    let share = scratch.join("commun");
    light(&share, 1);
    let garage = Garage::start("wrong-keys-garage");
    let destination = garage.destination();
    init(&destination);
    back_up(&destination, &share);
    let wrong = garage.destination_with(BUCKET, &"f".repeat(64));
    assert_eq!(
        run(&wrong, back_up_task(&share)).failure(),
        Failure::LoginRefused
    );
    let mut job = crate::worker::job(&destination, back_up_task(&share));
    job.password = Some(preau_offsite_job::Secret::new("autre fiche"));
    let said = crate::worker::Running::start(&job).finish();
    assert_eq!(said.failure(), Failure::WrongKey);
    assert_eq!(list(&destination).len(), 1);
    back_up(&destination, &share);
    check(garage.kept());
}

/// A box without a battery wakes up in 1970: it may copy, and deletes nothing.
#[test]
fn a_box_that_thinks_it_is_1970_copies_and_deletes_nothing() {
    let pieces = Pieces::lay_out("1970");
    fs::write(pieces.share.join("trois.bin"), noise(3, 10_000)).unwrap();
    let mut share = crate::worker::share(&pieces.share);
    share.taken_at = jiff::Timestamp::UNIX_EPOCH;
    outcome(
        &pieces.destination,
        Task::BackUp {
            shares: vec![share],
            settings: None,
        },
    );
    let Task::Forget { keep, .. } = forget_task(1) else {
        panic!("no rules");
    };
    let clock_trusted = ClockTrusted(false);
    let forget = Task::Forget {
        keep,
        clock_trusted,
    };
    let prune = Task::Prune {
        fetch_at_most: None,
        clock_trusted,
    };
    for task in [forget, prune] {
        assert_eq!(
            run(&pieces.destination, task).failure(),
            Failure::ClockNotTrusted
        );
    }
    let times: Vec<_> = list(&pieces.destination).iter().map(|s| s.time).collect();
    assert_eq!((times.len(), times[0]), (2, jiff::Timestamp::UNIX_EPOCH));
    check(&pieces.kept);
    // With the right time all goes on, and the copy of 1970 is the oldest.
    back_up(&pieces.destination, &pieces.share);
    outcome(&pieces.destination, forget_task(1));
    assert!(list(&pieces.destination).len() < 3);
    check(&pieces.kept);
}
