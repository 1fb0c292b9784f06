//! Copies on the fake machine: shares with files in them, and destinations that keep a
//! pretend repository, on which a pretend worker works.

mod work;

use super::{FakeMachine, State};
use crate::copying::{CopyDisk, Copying, Lane, Promise, StillShare, WorkPlaces, Worker};
use crate::system::{Change, HostError};
use jiff::{SignedDuration, Timestamp};
use preau_domain::copies::ClockTrust;
use preau_offsite_job::{Failure, Job, KeptSettings, Snapshot};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Where the fake volume is.
const PLACE: &str = "/srv/preau";
/// The key that a fake server shows.
pub const FAKE_HOST_KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFake";
/// Its fingerprint.
pub const FAKE_FINGERPRINT: &str = "SHA256:fakefakefakefakefakefakefakefakefakefakefak";

/// Files by their path in a share.
pub(super) type Files = BTreeMap<String, String>;

/// What is kept at a destination.
#[derive(Debug, Clone, Default)]
struct Repository {
    password: String,
    snapshots: Vec<(Snapshot, Files)>,
    settings: Vec<KeptSettings>,
}

/// Everything about copies.
#[derive(Debug, Default)]
pub(super) struct Offsite {
    /// Of each share, on the volume.
    files: BTreeMap<String, Files>,
    still: BTreeMap<(String, String), Files>,
    repositories: BTreeMap<String, Repository>,
    /// What every server answers, if a test says so.
    refusal: Option<Failure>,
    /// Workers do not end before a test says so.
    held_back: bool,
    running: BTreeSet<Lane>,
    clock_untrusted: bool,
    up_for: Option<SignedDuration>,
    disks: Vec<CopyDisk>,
    open_disks: BTreeSet<String>,
    made: u64,
}

impl Offsite {
    /// What a fire in the box leaves.
    pub(super) fn outside(&self) -> Self {
        Self {
            repositories: self.repositories.clone(),
            disks: self.disks.clone(),
            made: self.made,
            ..Self::default()
        }
    }

    /// Workers end with the power; what is on disks stays.
    pub(super) fn cut_power(&mut self) {
        self.running.clear();
        self.open_disks.clear();
    }
}

impl FakeMachine {
    /// Writes a file into a share.
    pub fn write_file(&self, share: &str, path: &str, content: &str) {
        self.change(|state| {
            let files = state.offsite.files.entry(share.to_owned()).or_default();
            files.insert(path.to_owned(), content.to_owned());
        });
    }

    /// Removes a file from a share.
    pub fn delete_file(&self, share: &str, path: &str) {
        self.change(|state| {
            if let Some(files) = state.offsite.files.get_mut(share) {
                files.remove(path);
            }
        });
    }

    /// What a file of a share holds.
    pub fn read_file(&self, share: &str, path: &str) -> Option<String> {
        self.state().offsite.files.get(share)?.get(path).cloned()
    }

    /// From now on every destination refuses with this, or no longer.
    pub fn refuse_copies(&self, failure: Option<Failure>) {
        self.change(|state| state.offsite.refusal = failure);
    }

    /// From now on workers stay under way, or go on to their end.
    pub fn hold_workers_back(&self, held: bool) {
        self.change(|state| state.offsite.held_back = held);
        self.inner.workers.notify_waiters();
    }

    /// Whether a worker is under way in a lane.
    pub fn worker_runs(&self, lane: Lane) -> bool {
        self.state().offsite.running.contains(&lane)
    }

    /// How many copies a destination keeps, over all; and how often something was
    /// written there.
    pub fn copies_kept(&self) -> (usize, u64) {
        let state = self.state();
        let all = state.offsite.repositories.values();
        let kept = all.map(|repository| repository.snapshots.len()).sum();
        (kept, state.offsite.made)
    }

    /// From now on every copy says to have so many bytes.
    pub fn say_copies_are_of(&self, bytes: u64) {
        self.change(|state| {
            let all = state.offsite.repositories.values_mut();
            for (made, _) in all.flat_map(|repository| &mut repository.snapshots) {
                made.bytes = Some(bytes);
            }
        });
    }

    /// Changes the settings that were copied along.
    pub fn change_copied_settings(&self, change: impl Fn(&mut Vec<u8>)) {
        self.change(|state| {
            let all = state.offsite.repositories.values_mut();
            for kept in all.flat_map(|repository| &mut repository.settings) {
                change(&mut kept.sealed.0);
            }
        });
    }

    /// Spoils what every destination keeps.
    pub fn spoil_copies(&self) {
        self.change(|state| {
            let all = state.offsite.repositories.values_mut();
            for (_, files) in all.flat_map(|repository| &mut repository.snapshots) {
                files.values_mut().for_each(|content| content.push('?'));
            }
        });
    }

    /// The clock can be believed, or not.
    pub fn set_clock_trust(&self, trust: ClockTrust) {
        self.change(|state| state.offsite.clock_untrusted = trust == ClockTrust::Untrusted);
    }

    /// How long the machine has been on.
    pub fn set_uptime(&self, uptime: SignedDuration) {
        self.change(|state| state.offsite.up_for = Some(uptime));
    }

    /// Plugs in a disk for copies.
    pub fn plug_copy_disk(&self, disk: CopyDisk) {
        self.change(|state| state.offsite.disks.push(disk));
    }

    /// Takes it away.
    pub fn unplug_copy_disk(&self, filesystem: &str) {
        self.change(|state| {
            state
                .offsite
                .disks
                .retain(|disk| disk.filesystem != filesystem);
            state.offsite.open_disks.remove(filesystem);
        });
    }

    /// Whether it is open.
    pub fn is_copy_disk_open(&self, filesystem: &str) -> bool {
        self.state().offsite.open_disks.contains(filesystem)
    }

    fn require_volume(state: &State) -> Result<(), HostError> {
        match state.kernel.describe_volume() {
            Some(_) => Ok(()),
            None => Err(HostError::Missing("the mounted volume".to_owned())),
        }
    }
}

impl Copying for FakeMachine {
    fn hold_still<'a>(
        &'a self,
        share: &'a str,
        mark: &'a str,
    ) -> Promise<'a, Result<StillShare, HostError>> {
        let hold = || {
            let mut state = self.state();
            Self::require_volume(&state)?;
            let volume = state.kernel.describe_volume();
            if volume.is_none_or(|volume| !volume.subvolumes.iter().any(|found| found == share)) {
                return Err(HostError::Missing(format!("the share {share}")));
            }
            let files = state.offsite.files.get(share).cloned().unwrap_or_default();
            let key = (mark.to_owned(), share.to_owned());
            state.offsite.still.entry(key).or_insert(files);
            Ok(still(mark, share))
        };
        let held = hold();
        Box::pin(async { held })
    }

    fn still_shares(&self) -> Promise<'_, Result<Vec<StillShare>, HostError>> {
        let state = self.state();
        let found = Self::require_volume(&state).map(|()| {
            let keys = state.offsite.still.keys();
            let mut found: Vec<_> = keys.map(|(mark, share)| still(mark, share)).collect();
            found.sort();
            found
        });
        Box::pin(async { found })
    }

    fn let_go<'a>(&'a self, still: &'a StillShare) -> Promise<'a, Result<Change, HostError>> {
        let key = (still.mark.clone(), still.share.clone());
        let removed = self.state().offsite.still.remove(&key);
        Box::pin(async move {
            Ok(match removed {
                Some(_) => Change::Changed,
                None => Change::Unchanged,
            })
        })
    }

    fn clear_scratch(&self) -> Promise<'_, Result<(), HostError>> {
        Box::pin(async { Ok(()) })
    }

    fn work_places(&self) -> Promise<'_, Result<WorkPlaces, HostError>> {
        let places = Self::require_volume(&self.state()).map(|()| WorkPlaces {
            cache: PathBuf::from(PLACE).join(".preau/copies/cache"),
            scratch: PathBuf::from(PLACE).join(".preau/copies/scratch"),
        });
        Box::pin(async { places })
    }

    fn make_folder<'a>(
        &'a self,
        share: &'a str,
        below: &'a Path,
    ) -> Promise<'a, Result<PathBuf, HostError>> {
        let made = Self::require_volume(&self.state())
            .map(|()| PathBuf::from(PLACE).join(share).join(below));
        Box::pin(async { made })
    }

    fn copy_disks(&self) -> Promise<'_, Result<Vec<CopyDisk>, HostError>> {
        let disks = self.state().offsite.disks.clone();
        Box::pin(async { Ok(disks) })
    }

    fn open_copy_disk<'a>(
        &'a self,
        filesystem: &'a str,
    ) -> Promise<'a, Result<PathBuf, HostError>> {
        let mut state = self.state();
        let here = |disk: &CopyDisk| disk.filesystem == filesystem;
        let opened = if state.offsite.disks.iter().any(here) {
            state.offsite.open_disks.insert(filesystem.to_owned());
            Ok(PathBuf::from(format!(
                "/run/preau/copies/{filesystem}/Préau"
            )))
        } else {
            Err(HostError::Missing(format!("the disk with {filesystem}")))
        };
        Box::pin(async { opened })
    }

    fn close_copy_disk<'a>(
        &'a self,
        filesystem: &'a str,
    ) -> Promise<'a, Result<Change, HostError>> {
        let closed = self.state().offsite.open_disks.remove(filesystem);
        Box::pin(async move {
            Ok(if closed {
                Change::Changed
            } else {
                Change::Unchanged
            })
        })
    }

    fn start_worker<'a>(
        &'a self,
        job: &'a Job,
        lane: Lane,
    ) -> Promise<'a, Result<Worker, HostError>> {
        let free = self.state().offsite.running.insert(lane);
        let job = job.clone();
        let machine = self.clone();
        Box::pin(async move {
            if !free {
                return Err(HostError::InUse(format!("{lane:?}")));
            }
            let (worker, conversation) = Worker::pair();
            tokio::spawn(async move {
                work::work(&machine, &job, conversation).await;
                machine.state().offsite.running.remove(&lane);
            });
            Ok(worker)
        })
    }

    fn end_workers(&self) -> Promise<'_, ()> {
        Box::pin(async {})
    }

    fn clock_trust(&self) -> ClockTrust {
        if self.state().offsite.clock_untrusted {
            ClockTrust::Untrusted
        } else {
            ClockTrust::Trusted
        }
    }

    fn up_since(&self, now: Timestamp) -> Timestamp {
        let up_for = self.state().offsite.up_for;
        now - up_for.unwrap_or(SignedDuration::from_hours(24))
    }
}

fn still(mark: &str, share: &str) -> StillShare {
    StillShare {
        share: share.to_owned(),
        mark: mark.to_owned(),
        path: PathBuf::from(PLACE)
            .join(".preau/copies/still")
            .join(mark)
            .join(share),
    }
}
