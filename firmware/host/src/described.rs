//! The block devices as they were last described. `lsblk` is a program of its own, and
//! while a copy is made the box looks each second: what it said is kept for as long as
//! nothing that it is made from has changed.
//!
//! It is made from the kernel's devices, of which each change is announced and counted;
//! from udev's database, whose folder gets a new time with each entry that is written,
//! after the announcement; and from the table of mounts. Whoever is about to write on a
//! disk asks anew all the same.

use crate::lsblk::Nodes;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// Whatever is not announced is seen after this.
const KEPT_FOR: Duration = Duration::from_secs(60);

/// What a description follows from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Signs {
    /// How many changes the kernel has announced.
    announced: String,
    /// When udev last wrote down what it found.
    written: SystemTime,
    mounts: String,
}

impl Signs {
    /// Reads them below `root`.
    ///
    /// # Errors
    /// When one cannot be read: there is nothing to tell a change by.
    pub(crate) fn read(root: &Path) -> io::Result<Self> {
        Ok(Self {
            announced: fs::read_to_string(root.join("sys/kernel/uevent_seqnum"))?,
            written: fs::metadata(root.join("run/udev/data"))?.modified()?,
            mounts: fs::read_to_string(root.join("proc/self/mountinfo"))?,
        })
    }
}

/// The last description.
#[derive(Debug, Default)]
pub(crate) struct Described(Mutex<Option<(Signs, Instant, Nodes)>>);

impl Described {
    /// What was described under the same signs, not too long before `now`.
    pub(crate) fn under(&self, signs: &Signs, now: Instant) -> Option<Nodes> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (under, at, nodes) = kept.as_ref()?;
        let is_fresh = under == signs && now.duration_since(*at) < KEPT_FOR;
        is_fresh.then(|| nodes.clone())
    }

    /// Keeps what was described after `signs` were read, at `now`.
    pub(crate) fn keep(&self, signs: Signs, now: Instant, nodes: &Nodes) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = Some((signs, now, nodes.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Folder;

    #[expect(clippy::disallowed_methods, reason = "what the kernel and udev write")]
    fn write(folder: &Folder, place: &str, text: &str) {
        let path = folder.path().join(place);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn signs(folder: &Folder) -> Signs {
        Signs::read(folder.path()).unwrap()
    }

    #[test]
    fn what_was_described_is_kept_until_something_it_is_made_from_changes() {
        let folder = Folder::new("described");
        write(&folder, "sys/kernel/uevent_seqnum", "2417\n");
        write(&folder, "proc/self/mountinfo", "22 1 254:2 / / ro\n");
        write(&folder, "run/udev/data/b8:0", "E:ID_MODEL=Disk\n");
        let udev = fs::File::open(folder.path().join("run/udev/data")).unwrap();
        udev.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        let (described, start) = (Described::default(), Instant::now());
        assert_eq!(described.under(&signs(&folder), start), None);

        described.keep(signs(&folder), start, &Nodes::default());
        let kept = described.under(&signs(&folder), start);
        assert_eq!(kept, Some(Nodes::default()));
        let late = start + KEPT_FOR;
        assert_eq!(described.under(&signs(&folder), late), None, "too old");

        for (place, text) in [
            ("run/udev/data/b8:16", "E:ID_MODEL=Disk\n"),
            ("sys/kernel/uevent_seqnum", "2418\n"),
            ("proc/self/mountinfo", "22 1 254:2 / / rw\n"),
        ] {
            described.keep(signs(&folder), start, &Nodes::default());
            write(&folder, place, text);
            assert_eq!(described.under(&signs(&folder), start), None, "{place}");
        }
    }

    #[test]
    fn without_a_sign_nothing_is_kept() {
        let folder = Folder::new("described-nothing");
        assert!(Signs::read(folder.path()).is_err());
    }
}
