//! What a worker says while it works, and at its end.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{EscapedPath, Failure, Sealed, SnapshotId};

/// One line of a worker's output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Where it stands; about once a second.
    Progress(Progress),
    /// Something went wrong that does not stop the job: a file could not be read.
    Note(Note),
    /// A share is safe. The job may still fail for the next one.
    Copied(Copied),
    /// The job is done. The last line.
    Done(Outcome),
    /// The job failed. The last line.
    Failed(FailureReport),
}

/// Where a job stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What is being done.
    pub phase: Phase,
    /// For which share, when it is for one.
    pub share: Option<String>,
    /// Bytes (files, in phases that count) dealt with so far.
    pub done: u64,
    /// Of how many; `None` while that is not known.
    pub total: Option<u64>,
    /// Bytes sent to the destination since the start.
    pub sent: u64,
    /// Bytes fetched from it since the start.
    pub fetched: u64,
    /// Bytes sent and fetched per second, over the last seconds.
    pub per_second: u64,
    /// How long the phase still takes, in seconds, when that can be said.
    pub seconds_left: Option<u64>,
}

/// What is being done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Opening the connection and the repository.
    #[default]
    Connecting,
    /// Reading what the destination holds.
    ReadingIndex,
    /// Files are read, what is new is sent.
    Copying,
    /// Files are fetched and written.
    Restoring,
    /// What the destination holds is looked through.
    Checking,
    /// What nobody needs any more is looked for and removed.
    Tidying,
    /// What was restored is compared with the original.
    Comparing,
}

/// Something a person may want to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// For people who help, in English.
    pub detail: String,
}

/// A share was copied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copied {
    /// Which.
    pub share: String,
    /// As what.
    pub snapshot: SnapshotId,
    /// Files in it.
    pub files: u64,
    /// Bytes in it.
    pub bytes: u64,
    /// Files that were not in the last copy.
    pub files_new: u64,
    /// Files that were, and had changed.
    pub files_changed: u64,
    /// Bytes that the destination did not have yet, before compression.
    pub bytes_new: u64,
    /// Bytes that were added to the destination for it.
    pub bytes_added: u64,
    /// Files and folders that could not be read; [`Event::Note`] tells which.
    pub unreadable: u64,
}

/// What came of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case")]
pub enum Outcome {
    /// Everything that a destination must be able to do was done.
    Test {
        /// Whether a repository is there already.
        repository: RepositoryFound,
        /// Bytes that are free there, where it can be asked.
        free: Option<u64>,
    },
    /// The repository was made.
    Init,
    /// The shares are safe.
    BackUp {
        /// In the order of the job.
        copied: Vec<Copied>,
    },
    /// What there is, oldest first.
    List {
        /// All snapshots.
        snapshots: Vec<Snapshot>,
    },
    /// What a new box needs to know.
    Settings {
        /// The settings that can be read, newest first.
        kept: Vec<KeptSettings>,
        /// The snapshots of shares, oldest first.
        snapshots: Vec<Snapshot>,
    },
    /// What the folder holds, in order of names.
    Browse {
        /// Its entries.
        entries: Vec<Entry>,
    },
    /// What was found.
    Search {
        /// Newest snapshot first.
        found: Vec<Found>,
        /// Whether there is more than was asked for.
        more: bool,
    },
    /// The files are back.
    Restore {
        /// Files written.
        files: u64,
        /// Bytes written.
        bytes: u64,
        /// Files that were there with the same content.
        unchanged: u64,
        /// Attributes or files that could not be set; notes tell which.
        incomplete: u64,
    },
    /// Snapshots were removed.
    Forget {
        /// Which.
        removed: Vec<SnapshotId>,
        /// How many stay.
        kept: u64,
    },
    /// Room was given back.
    Prune {
        /// Bytes that the repository no longer takes.
        freed: u64,
        /// Bytes that are unused and stay, until a later run.
        unused_left: u64,
    },
    /// It is in no snapshot any more, and nothing unused is left.
    Strike {
        /// Snapshots that held it.
        snapshots: u64,
        /// Bytes that the repository no longer takes.
        freed: u64,
    },
    /// All is well. What is not is [`Failure::Damaged`].
    Check {
        /// Bytes of data that were fetched and compared.
        read: u64,
    },
    /// What was restored is what was copied.
    Drill {
        /// Files compared.
        files: u64,
        /// Bytes compared.
        bytes: u64,
        /// The folder that was restored as a whole; the empty path where it was all.
        folder: Option<EscapedPath>,
    },
}

/// Settings that were copied along.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptSettings {
    /// When.
    pub time: Timestamp,
    /// By which machine.
    pub host: String,
    /// The document.
    pub sealed: Sealed,
}

/// Whether a repository is at a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepositoryFound {
    /// There is one.
    Present,
    /// There is none: it may be made.
    Absent,
}

/// A snapshot at a destination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Its name there.
    pub id: SnapshotId,
    /// When its files were as they are in it.
    pub time: Timestamp,
    /// Of which share; a snapshot that somebody else made has the last part of its
    /// path here.
    pub share: String,
    /// Of which machine.
    pub host: String,
    /// Files in it, when whoever made it wrote that down.
    pub files: Option<u64>,
    /// Bytes in it, likewise.
    pub bytes: Option<u64>,
}

/// A file or folder in a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its name.
    pub name: EscapedPath,
    /// What it is.
    pub kind: EntryKind,
    /// Bytes, for a file.
    pub size: u64,
    /// When it was last changed.
    pub modified: Option<Timestamp>,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A device, pipe or socket.
    Other,
}

/// A file or folder that a search found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// In which snapshot.
    pub snapshot: SnapshotId,
    /// Where, counted from the share's root.
    pub path: EscapedPath,
    /// What it is.
    pub entry: Entry,
}

/// A failed job's last line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureReport {
    /// What is wrong, for programs.
    pub failure: Failure,
    /// What was being done and what came back, in English, for people who help. It
    /// carries no secret.
    pub detail: String,
}
