//! More files than one plan of a restore may hold: they come back in parts.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use preau_offsite_job::{Failure, Outcome};

use crate::scratch::{Mounted, Scratch};
use crate::tree::{assert_same, describe, noise};
use crate::worker::{copied, outcome, restore_over_task, restore_task, run};

const FILES: u64 = 18_000;
const BYTES: usize = 1_000;

/// Three folders, files with names in the first and in the last, and times of long ago.
fn many(root: &Path) {
    for class in ["CM1", "CM2", "CP"] {
        fs::create_dir_all(root.join(class)).unwrap();
        for number in 0..FILES / 3 {
            let path = root.join(class).join(format!("{number}.txt"));
            fs::write(path, noise(number + 1, BYTES)).unwrap();
        }
    }
    for (name, further) in [("CM1/7.txt", "CP/again.txt"), ("CM1/8.txt", "CP/more.txt")] {
        fs::hard_link(root.join(name), root.join(further)).unwrap();
    }
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_500_000_000);
    for class in ["CM1", "CM2", "CP", ""] {
        let folder = File::open(root.join(class)).unwrap();
        folder.set_modified(long_ago).unwrap();
    }
}

#[test]
fn a_restore_in_parts_is_whole() {
    let scratch = Scratch::new("parts");
    many(&scratch.join("commun"));
    let (destination, snapshot) = copied(&scratch);
    let (share, back) = (scratch.join("commun"), scratch.join("back"));
    let Outcome::Restore {
        files,
        bytes,
        unchanged,
        incomplete,
    } = outcome(&destination, restore_task(&snapshot, "", &back))
    else {
        panic!("another outcome")
    };
    // Both names of one file are one file.
    assert_eq!((files, unchanged, incomplete), (FILES, 0, 0));
    assert_eq!(bytes, FILES * BYTES as u64);
    assert_same(&share, &back);

    // Over what is there only what differs is fetched, wherever it is; names of one file
    // are that again, whether they still are or not.
    for changed in ["CM1/0.txt", "CM2/3000.txt", "CP/5999.txt"] {
        fs::write(back.join(changed), b"written over").unwrap();
    }
    fs::remove_file(back.join("CP/again.txt")).unwrap();
    fs::write(back.join("CP/again.txt"), b"another file").unwrap();
    let over = restore_over_task(&snapshot, "", &back);
    let Outcome::Restore {
        files, unchanged, ..
    } = outcome(&destination, over)
    else {
        panic!("another outcome")
    };
    assert_eq!((files, unchanged), (3, FILES - 3));
    assert_same(&share, &back);
}

/// Each part alone would fit.
#[test]
fn a_restore_in_parts_that_does_not_fit_writes_nothing() {
    let scratch = Scratch::new("parts-full");
    many(&scratch.join("commun"));
    let (destination, snapshot) = copied(&scratch);
    let disk = scratch.join("disk");
    let mounted = Mounted::new(&disk, "16m");
    let said = run(&destination, restore_task(&snapshot, "", &disk.join("to")));
    assert_eq!(said.failure(), Failure::TargetFull);
    let found = describe(&disk.join("to"));
    assert!(found.values().all(|facts| facts.content.is_none()));
    drop(mounted);
}
