//! What was done for a destination, one piece of work at a time.

use super::strike::StrikeWork;
use jiff::Timestamp;
use preau_offsite_job::{Copied, EscapedPath, Failure, Outcome, Retry, SnapshotId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A piece of work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "work", rename_all = "snake_case")]
pub enum Work {
    /// Make the repository.
    Init,
    /// Copy the shares.
    BackUp,
    /// Let go of copies that no rule keeps.
    Forget,
    /// Give back the room of what no copy needs.
    Prune,
    /// Look whether everything is there.
    Check,
    /// The same, and read a part of the data, from 1.
    CheckData {
        /// Which part.
        part: u32,
        /// Of how many.
        of: u32,
    },
    /// Restore some files and compare them with the originals.
    Drill,
    /// Bring files back.
    Restore(RestoreWork),
    /// Take a file or folder out of every copy.
    Strike(StrikeWork),
}

impl Work {
    /// As the API writes it.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Init => "init",
            Self::BackUp => "back_up",
            Self::Forget => "forget",
            Self::Prune => "prune",
            Self::Check => "check",
            Self::CheckData { .. } => "check_data",
            Self::Drill => "drill",
            Self::Restore(_) => "restore",
            Self::Strike(_) => "strike",
        }
    }

    /// It brings everything of a share back to where it was.
    pub fn is_whole_restore(&self) -> bool {
        matches!(self, Self::Restore(restore) if restore.is_whole_share())
    }

    /// It proves that what is there can be read.
    pub const fn is_proof(&self) -> bool {
        matches!(self, Self::Check | Self::CheckData { .. } | Self::Drill)
    }
}

/// Which files are brought back, and where to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RestoreWork {
    /// From which snapshot.
    pub snapshot: SnapshotId,
    /// Of which share.
    pub share: String,
    /// Which file or folder, counted from the share's root; empty is all of it.
    pub path: EscapedPath,
    /// What it is there.
    pub kind: Restored,
    /// Where to.
    pub to: RestoreTo,
}

impl RestoreWork {
    /// Everything that a share held, to where it was.
    pub fn is_whole_share(&self) -> bool {
        self.path.as_str().is_empty() && self.to == RestoreTo::Over
    }
}

/// What is restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Restored {
    /// A file.
    File,
    /// A folder with all in it.
    Folder,
}

/// Where restored files go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RestoreTo {
    /// Into a folder of that name at the top of the share: nothing is replaced.
    Beside(String),
    /// To where they were: files of the same name are replaced.
    Over,
}

/// Why it was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// It was due.
    Planned,
    /// Somebody asked for it.
    Asked,
}

/// One run of the worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Its number in the history; 0 until it is stored.
    pub number: u64,
    /// For which destination.
    pub destination: Uuid,
    /// What it does.
    pub work: Work,
    /// Why.
    pub because: Because,
    /// When it began.
    pub started_at: Timestamp,
    /// How it ended; `None` while it goes on.
    pub end: Option<End>,
}

/// The end of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// When.
    pub at: Timestamp,
    /// How.
    pub ending: Ending,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// As it should.
    Done(Outcome),
    /// Not.
    Failed {
        /// What is wrong.
        failure: Failure,
        /// For people who help, in English.
        detail: String,
    },
    /// The worker ended without a word: the power went, or it was killed.
    Cut,
}

impl Run {
    /// It ended well.
    pub fn is_done(&self) -> bool {
        matches!(&self.end, Some(end) if matches!(end.ending, Ending::Done(_)))
    }

    /// Why it failed, when it did and said so.
    pub fn failure(&self) -> Option<&Failure> {
        match &self.end.as_ref()?.ending {
            Ending::Failed { failure, .. } => Some(failure),
            Ending::Done(_) | Ending::Cut => None,
        }
    }

    /// What the worker said of its failure.
    pub fn detail(&self) -> &str {
        match self.end.as_ref().map(|end| &end.ending) {
            Some(Ending::Failed { detail, .. }) => detail,
            _ => "",
        }
    }

    /// Whether waiting may help; `None` when it did not fail.
    pub fn retry(&self) -> Option<Retry> {
        match &self.end.as_ref()?.ending {
            Ending::Done(_) => None,
            Ending::Failed { failure, .. } => Some(failure.retry()),
            Ending::Cut => Some(Retry::Later),
        }
    }

    /// Somebody stopped it: that says nothing about the destination.
    pub fn was_cancelled(&self) -> bool {
        self.failure() == Some(&Failure::Cancelled)
    }

    /// The shares that it copied.
    pub fn copied(&self) -> &[Copied] {
        match self.end.as_ref().map(|end| &end.ending) {
            Some(Ending::Done(Outcome::BackUp { copied })) => copied,
            _ => &[],
        }
    }

    /// When it ended.
    pub fn ended_at(&self) -> Option<Timestamp> {
        self.end.as_ref().map(|end| end.at)
    }
}
