//! What the copies elsewhere need of the system: shares held still, the worker as a
//! unit of its own, disks that are plugged in for a copy, and whether the clock can be
//! believed. Apart from [`System`](crate::System), since nothing here is planned or
//! part of a snapshot of the machine.

mod disks;
mod still;
mod unit;
mod worker;

pub(crate) use worker::Conversation;
pub use worker::Worker;

use crate::machine::Machine;
use crate::system::HostError;
use jiff::{SignedDuration, Timestamp};
use preau_domain::copies::ClockTrust;
use preau_offsite_job::Job;
use std::fs;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;

/// An answer that comes later.
pub type Promise<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// systemd-timesyncd makes this file when it has set the clock for the first time
/// since the start (systemd-timesyncd.service(8)).
const SYNCHRONIZED: &str = "run/systemd/timesync/synchronized";
/// Seconds since the start, and seconds idle (proc_uptime(5)).
const UPTIME: &str = "proc/uptime";

/// For whom a worker works: each has one unit, so that nobody waits for the night's
/// copy in order to look something up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// What is due: copies, proofs, room.
    Night,
    /// Somebody's files come back.
    Restore,
    /// Somebody waits for an answer.
    Look,
}

impl Lane {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Night, Self::Restore, Self::Look];
}

/// A share as it was at one moment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct StillShare {
    /// Which share.
    pub share: String,
    /// For what: the name of its folder.
    pub mark: String,
    /// Where it can be read.
    pub path: PathBuf,
}

/// Where workers may write on the volume besides the shares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkPlaces {
    /// What can be fetched again.
    pub cache: PathBuf,
    /// For drills; made and removed by whoever uses it.
    pub scratch: PathBuf,
}

/// A disk on USB that could get copies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyDisk {
    /// The UUID of its file system, as udev writes it.
    pub filesystem: String,
    /// Its name.
    pub label: Option<String>,
    /// `exfat`, `ext4`, …
    pub kind: String,
    /// Bytes in all.
    pub size: u64,
}

/// What the copies need of the system.
pub trait Copying: Send + Sync + 'static {
    /// Makes a read-only snapshot of a share in a place that only root may enter. One
    /// of the same mark is kept as it is.
    fn hold_still<'a>(
        &'a self,
        share: &'a str,
        mark: &'a str,
    ) -> Promise<'a, Result<StillShare, HostError>>;

    /// The snapshots that were made so and not let go of yet.
    fn still_shares(&self) -> Promise<'_, Result<Vec<StillShare>, HostError>>;

    /// Removes such a snapshot; removing it again changes nothing.
    fn let_go<'a>(&'a self, still: &'a StillShare)
    -> Promise<'a, Result<crate::Change, HostError>>;

    /// Clears what a drill that was cut left.
    fn clear_scratch(&self) -> Promise<'_, Result<(), HostError>>;

    /// Makes the places for workers.
    fn work_places(&self) -> Promise<'_, Result<WorkPlaces, HostError>>;

    /// Makes a folder in a share, and those above it, as the share's own folder is: who
    /// may write there may write here. Returns its path. What is there already stays.
    fn make_folder<'a>(
        &'a self,
        share: &'a str,
        below: &'a Path,
    ) -> Promise<'a, Result<PathBuf, HostError>>;

    /// The disks on USB that carry a file system and are none of the box's own.
    fn copy_disks(&self) -> Promise<'_, Result<Vec<CopyDisk>, HostError>>;

    /// Mounts such a disk, and returns the repository's folder on it.
    fn open_copy_disk<'a>(&'a self, filesystem: &'a str)
    -> Promise<'a, Result<PathBuf, HostError>>;

    /// Unmounts it: it may be unplugged.
    fn close_copy_disk<'a>(
        &'a self,
        filesystem: &'a str,
    ) -> Promise<'a, Result<crate::Change, HostError>>;

    /// Starts a worker on a job. A second one in the same lane is refused with
    /// [`HostError::InUse`]. A worker whose handle is dropped is ended.
    fn start_worker<'a>(
        &'a self,
        job: &'a Job,
        lane: Lane,
    ) -> Promise<'a, Result<Worker, HostError>>;

    /// Ends workers that a supervisor before this one left.
    fn end_workers(&self) -> Promise<'_, ()>;

    /// Whether the clock was set by a source that the box trusts.
    fn clock_trust(&self) -> ClockTrust;

    /// When the box was switched on, by the clock of `now`.
    fn up_since(&self, now: Timestamp) -> Timestamp;
}

impl Copying for Machine {
    fn hold_still<'a>(
        &'a self,
        share: &'a str,
        mark: &'a str,
    ) -> Promise<'a, Result<StillShare, HostError>> {
        Box::pin(self.snapshot_share(share, mark))
    }

    fn still_shares(&self) -> Promise<'_, Result<Vec<StillShare>, HostError>> {
        Box::pin(async { self.list_still() })
    }

    fn let_go<'a>(
        &'a self,
        still: &'a StillShare,
    ) -> Promise<'a, Result<crate::Change, HostError>> {
        Box::pin(self.remove_still(still))
    }

    fn clear_scratch(&self) -> Promise<'_, Result<(), HostError>> {
        Box::pin(async { self.remove_scratch() })
    }

    fn work_places(&self) -> Promise<'_, Result<WorkPlaces, HostError>> {
        Box::pin(async { self.make_work_places() })
    }

    fn make_folder<'a>(
        &'a self,
        share: &'a str,
        below: &'a Path,
    ) -> Promise<'a, Result<PathBuf, HostError>> {
        Box::pin(async move { self.make_share_folder(share, below) })
    }

    fn copy_disks(&self) -> Promise<'_, Result<Vec<CopyDisk>, HostError>> {
        Box::pin(self.list_copy_disks())
    }

    fn open_copy_disk<'a>(
        &'a self,
        filesystem: &'a str,
    ) -> Promise<'a, Result<PathBuf, HostError>> {
        Box::pin(self.mount_copy_disk(filesystem))
    }

    fn close_copy_disk<'a>(
        &'a self,
        filesystem: &'a str,
    ) -> Promise<'a, Result<crate::Change, HostError>> {
        Box::pin(self.unmount_copy_disk(filesystem))
    }

    fn start_worker<'a>(
        &'a self,
        job: &'a Job,
        lane: Lane,
    ) -> Promise<'a, Result<Worker, HostError>> {
        Box::pin(unit::start(job, lane))
    }

    fn end_workers(&self) -> Promise<'_, ()> {
        Box::pin(unit::end_all())
    }

    fn clock_trust(&self) -> ClockTrust {
        if self.path(SYNCHRONIZED).exists() {
            ClockTrust::Trusted
        } else {
            ClockTrust::Untrusted
        }
    }

    fn up_since(&self, now: Timestamp) -> Timestamp {
        let text = match fs::read_to_string(self.path(UPTIME)) {
            Ok(text) => text,
            Err(error) => {
                tracing::warn!(%error, "reading {UPTIME}");
                return now;
            }
        };
        let seconds = parse_uptime(&text).unwrap_or(0);
        now.checked_sub(SignedDuration::from_secs(seconds))
            .unwrap_or(now)
    }
}

/// Whole seconds since the start.
fn parse_uptime(text: &str) -> Option<i64> {
    text.split(['.', ' ']).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Folder;

    #[test]
    fn the_clock_is_trusted_once_it_was_set() {
        let folder = Folder::new("clock");
        let machine = Machine::below(folder.path());
        assert_eq!(machine.clock_trust(), ClockTrust::Untrusted);
        let mark = folder.path().join(SYNCHRONIZED);
        fs::create_dir_all(&mark).unwrap();
        assert_eq!(machine.clock_trust(), ClockTrust::Trusted);
    }

    #[test]
    fn the_start_is_told_from_the_uptime() {
        assert_eq!(parse_uptime("350735.47 234388.90\n"), Some(350_735));
        assert_eq!(parse_uptime(""), None);
    }
}
