//! What a worker can be asked to do.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{EscapedPath, Sealed};

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case", deny_unknown_fields)]
pub enum Task {
    /// Connect, write a small file, read it back, delete it.
    Test,
    /// Make the repository. Refused where one is.
    Init,
    /// Copy shares, one snapshot each.
    BackUp {
        /// In this order.
        shares: Vec<ShareSource>,
        /// What a new box needs to become this one. Copied first: it is small, and a
        /// first copy may take weeks.
        #[serde(default)]
        settings: Option<SettingsSource>,
    },
    /// Which snapshots of shares there are.
    List,
    /// The settings that were copied along, and which snapshots of shares there are:
    /// all that a new box asks before it restores.
    Settings {
        /// The newest so many.
        at_most: usize,
    },
    /// What a folder of a snapshot holds.
    Browse {
        /// Of which snapshot.
        snapshot: SnapshotId,
        /// Counted from the share's root; empty is the root.
        folder: EscapedPath,
    },
    /// Files and folders whose name contains a text, without regard to case.
    Search {
        /// In which snapshots; empty is all.
        snapshots: Vec<SnapshotId>,
        /// A part of the name.
        name: String,
        /// Stop after so many.
        at_most: usize,
    },
    /// Bring a snapshot, or a part of it, back.
    Restore {
        /// From which snapshot.
        snapshot: SnapshotId,
        /// What: a file or folder, counted from the share's root; empty is all.
        path: EscapedPath,
        /// Where to. It is made if it does not exist; its parent must.
        to: PathBuf,
        /// What to do with what is there already.
        existing: Existing,
    },
    /// Remove snapshots that no rule keeps. Their data stays until [`Task::Prune`].
    Forget {
        /// The rule of each share. A share that is not named keeps everything.
        keep: BTreeMap<String, Keep>,
        /// Whether the machine's clock was set by a source that it trusts. Without
        /// it nothing is removed.
        clock_trusted: ClockTrusted,
    },
    /// Give back the room of what no snapshot needs any more.
    Prune {
        /// At most so many bytes are fetched in order to be packed again; `None` is
        /// a tenth of the repository. Zero removes only what is wholly unused.
        fetch_at_most: Option<u64>,
        /// As for [`Task::Forget`].
        clock_trusted: ClockTrusted,
    },
    /// Take a file or folder out of every snapshot that this box made of a share, and
    /// its content out of the repository, whatever has to be packed again for that.
    Strike {
        /// Of which share.
        share: String,
        /// What, counted from the share's root; never empty.
        path: EscapedPath,
        /// As for [`Task::Forget`].
        clock_trusted: ClockTrusted,
    },
    /// Everything that indexes, snapshots and folders speak of is there.
    Check,
    /// As [`Task::Check`], and a part of the data is fetched and compared with its
    /// hashes. Parts 1 to `of` in turn read everything once.
    CheckData {
        /// Which part, from 1.
        part: u32,
        /// Of how many.
        of: u32,
    },
    /// Restore some files and a folder, or all of the share, into an empty place, and
    /// compare them by hash with the original: the proof that the copy is one.
    Drill {
        /// From which snapshot.
        snapshot: SnapshotId,
        /// The btrfs snapshot that it was made from.
        original: PathBuf,
        /// Where to restore to; made, and removed at the end.
        scratch: PathBuf,
        /// All of it; how many files and bytes then does not matter.
        whole: bool,
        /// How many files, chosen by `seed`.
        files: u32,
        /// At most so many bytes, over all.
        bytes_at_most: u64,
        /// Which ones: the same seed chooses the same files.
        seed: u64,
    },
}

impl Task {
    /// What the worker is started with for it: glibc's rules for memory that was freed.
    /// A pool for each of the library's many threads would double what a job takes. What
    /// a restore unpacks waits to be written, in blocks that come and go: it is given back
    /// to the kernel at once, for which a copy would pay half as much processor again. A
    /// copy gives back large blocks and what is more than a pack: without rules glibc keeps
    /// twice the largest block that was ever freed, which is an index.
    pub const fn environment(&self) -> (&'static str, &'static str) {
        let rules = match self {
            Self::Restore { .. } | Self::Drill { .. } => {
                "glibc.malloc.arena_max=2:glibc.malloc.mmap_threshold=4194304"
            }
            _ => {
                "glibc.malloc.arena_max=2:glibc.malloc.mmap_threshold=1048576:\
                 glibc.malloc.trim_threshold=8388608"
            }
        };
        ("GLIBC_TUNABLES", rules)
    }
}

/// A share, and the read-only btrfs snapshot that holds it still.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareSource {
    /// The share's name. The copy appears as the folder `/name`.
    pub share: String,
    /// The snapshot's folder.
    pub path: PathBuf,
    /// When it was taken: the copy's date.
    pub taken_at: Timestamp,
    /// What is left out: patterns as in `.gitignore`, counted from the share's root.
    pub exclude: Vec<String>,
}

/// The settings to copy along, as the snapshot [`SETTINGS`](crate::SETTINGS).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettingsSource {
    /// The document.
    pub sealed: Sealed,
    /// When it was read: the copy's date.
    pub taken_at: Timestamp,
}

/// What a restore does with files that are already there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Existing {
    /// The folder must be empty or missing: beside what there is.
    Refuse,
    /// Files of the copy replace those of the same name; others stay.
    Replace,
}

/// Whether the clock can be relied on. A type of its own, so that nobody passes
/// `true` without having read what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClockTrusted(pub bool);

/// How many snapshots of a share stay.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keep {
    /// The last of each of so many days.
    pub daily: u32,
    /// The last of each of so many weeks.
    pub weekly: u32,
    /// The last of each of so many months.
    pub monthly: u32,
    /// The last of each of so many years.
    pub yearly: u32,
}

impl Keep {
    /// Whether it would remove everything, which is never meant.
    pub const fn is_nothing(&self) -> bool {
        self.daily == 0 && self.weekly == 0 && self.monthly == 0 && self.yearly == 0
    }
}

/// A snapshot at a destination: 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SnapshotId(pub String);
