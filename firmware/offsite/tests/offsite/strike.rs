//! A file or folder is taken out of every copy, and with it what nobody else has.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use preau_offsite_job::{ClockTrusted, Destination, EscapedPath, Failure, Outcome, Task};

use crate::restic::{check, restic};
use crate::scratch::Scratch;
use crate::servers::{Rest, Sshd};
use crate::tree::{assert_same, change, noise, plain};
use crate::worker::{
    Running, back_up, init, job, list, outcome, restore_task, run, run_cached, share,
};

fn strike_task(path: &str) -> Task {
    Task::Strike {
        share: "commun".into(),
        path: EscapedPath::from(path),
        clock_trusted: ClockTrusted(true),
    }
}

fn struck(outcome: Outcome) -> (u64, u64) {
    match outcome {
        Outcome::Strike { snapshots, freed } => (snapshots, freed),
        other => panic!("{other:?}"),
    }
}

/// Whether nothing that `restic` lists has this in its name.
fn is_nowhere(kept: &Path, name: &str) {
    let kept = kept.to_str().unwrap();
    for snapshot in restic(kept, &["snapshots", "--json"])
        .split(r#""id":""#)
        .skip(1)
    {
        let listed = restic(kept, &["ls", &snapshot[..64]]);
        assert!(!listed.contains(name), "{name} in {listed}");
    }
}

struct Two {
    scratch: Scratch,
    share: PathBuf,
}

impl Two {
    /// Two copies that both hold a large film and what is left of it.
    fn copies(destination: &Destination) -> Self {
        let scratch = Scratch::new("strike");
        let share = scratch.join("commun");
        plain(&share, 1);
        let person = share.join("Personnes/Camille");
        fs::create_dir_all(&person).unwrap();
        fs::write(person.join("film.mp4"), noise(50, 6 << 20)).unwrap();
        fs::write(person.join("note.txt"), b"a name").unwrap();
        init(destination);
        back_up(destination, &share);
        change(&share, 2);
        back_up(destination, &share);
        Self { scratch, share }
    }
}

#[test]
fn what_is_struck_is_in_no_copy_and_takes_no_room() {
    let place = Scratch::new("strike-disk");
    let kept = place.join("copies");
    let destination = Destination::Folder { path: kept.clone() };
    let two = Two::copies(&destination);
    let cache = place.join("cache");
    fs::create_dir(&cache).unwrap();
    let task = strike_task("Personnes/Camille");
    let (snapshots, freed) = struck(run_cached(&destination, task.clone(), &cache).outcome());
    assert!(snapshots == 2 && freed > 6 << 20, "{snapshots} {freed}");
    check(&kept);
    is_nowhere(&kept, "Camille");
    let all = list(&destination);
    assert_eq!(all.len(), 2, "each copy is still there, once");

    fs::remove_dir_all(two.share.join("Personnes/Camille")).unwrap();
    let back = two.scratch.join("back");
    outcome(&destination, restore_task(&all[1].id, "", &back));
    fs::remove_dir(two.share.join("Personnes")).unwrap();
    fs::remove_dir(back.join("Personnes")).unwrap();
    assert_same(&two.share, &back);

    // Asked for again there is nothing to do.
    assert_eq!(struck(outcome(&destination, task)).0, 0);
    let (third, _) = (back_up(&destination, &two.share), check(&kept));
    assert_eq!(third.files_new, 0, "the copies are gone on with");
}

#[test]
fn only_what_is_named_is_struck() {
    let place = Scratch::new("strike-names");
    let kept = place.join("copies");
    let destination = Destination::Folder { path: kept.clone() };
    let folder = place.join("commun");
    fs::create_dir_all(folder.join("CP")).unwrap();
    for name in ["* ? [ab].odt", "un ? a.odt", "x y b.odt", "CP/* ? [ab].odt"] {
        fs::write(folder.join(name), name).unwrap();
    }
    let mut other = share(&folder);
    other.share = "direction".into();
    init(&destination);
    back_up(&destination, &folder);
    let both = Task::BackUp {
        shares: vec![other],
        settings: None,
    };
    outcome(&destination, both);
    assert_eq!(
        struck(outcome(&destination, strike_task("* ? [ab].odt"))).0,
        1
    );
    fs::remove_file(folder.join("* ? [ab].odt")).unwrap();
    let all = list(&destination);
    let ours = all.iter().find(|found| found.share == "commun").unwrap();
    let back = place.join("back");
    outcome(&destination, restore_task(&ours.id, "", &back));
    assert_same(&folder, &back);
    let other = all.iter().find(|found| found.share == "direction").unwrap();
    let listed = restic(kept.to_str().unwrap(), &["ls", &other.id.0]);
    assert!(listed.contains("/direction/* ? [ab].odt"), "{listed}");
    check(&kept);
    for wrong in ["", "/"] {
        let refused = run(&destination, strike_task(wrong));
        assert_eq!(refused.failure(), Failure::BadJob, "{wrong}");
    }
    let mut untrusted = strike_task("CP");
    if let Task::Strike { clock_trusted, .. } = &mut untrusted {
        *clock_trusted = ClockTrusted(false);
    }
    assert_eq!(
        run(&destination, untrusted).failure(),
        Failure::ClockNotTrusted
    );
}

#[test]
fn a_server_that_never_deletes_refuses_before_anything_is_written() {
    let rest = Rest::start("strike-rest");
    let destination = rest.destination();
    let two = Two::copies(&destination);
    let before = list(&destination);
    let refused = run(&destination, strike_task("Personnes/Camille"));
    assert_eq!(refused.failure(), Failure::DeleteRefused);
    assert_eq!(list(&destination), before);
    check(&rest.0.folder);
    drop(two);
}

#[test]
fn a_strike_that_is_cut_is_gone_on_with() {
    let sshd = Sshd::start("strike-cut");
    let destination = sshd.destination();
    let kept = sshd.server.folder.join("préau");
    let two = Two::copies(&destination);
    let started = Instant::now();
    outcome(&destination, strike_task("CP"));
    let usual = started.elapsed();
    for (part, path) in [(0.3, "CE2"), (0.5, "Direction"), (0.8, "Personnes")] {
        let worker = Running::start(&job(&destination, strike_task(path)));
        worker.kill_after(usual.mul_f64(part));
        outcome(&destination, strike_task(path));
        check(&kept);
        is_nowhere(&kept, path);
    }
    back_up(&destination, &two.share);
    check(&kept);
}
