//! Copies on the fake machine: shares with files in them, and destinations that keep a
//! pretend repository. The pretend worker does what the real one promises in
//! `preau-offsite-job`, on texts instead of packs.

use super::{FakeMachine, State};
use crate::copying::{
    Conversation, CopyDisk, Copying, Lane, Promise, StillShare, WorkPlaces, Worker,
};
use crate::system::{Change, HostError};
use jiff::{SignedDuration, Timestamp};
use preau_domain::copies::ClockTrust;
use preau_offsite_job::{
    Copied, Destination, Entry, EntryKind, EscapedPath, Event, Existing, Failure, FailureReport,
    Found, HostKey, Job, KeptSettings, Order, Outcome, Phase, Progress, RepositoryFound, Snapshot,
    SnapshotId, Task,
};
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
                work(&machine, &job, conversation).await;
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

/// Says that it works, waits as long as it is held back, does it, and says so.
async fn work(machine: &FakeMachine, job: &Job, mut conversation: Conversation) {
    let progress = Progress {
        phase: match job.task {
            Task::BackUp { .. } => Phase::Copying,
            Task::Restore { .. } => Phase::Restoring,
            _ => Phase::Connecting,
        },
        done: 300_000_000,
        total: Some(1_000_000_000),
        sent: 120_000_000,
        per_second: 2_000_000,
        seconds_left: Some(350),
        ..Progress::default()
    };
    conversation.say(Event::Progress(progress)).await;
    loop {
        let released = machine.inner.workers.notified();
        tokio::pin!(released);
        // Enabled before the look, so that no release is missed between the two.
        released.as_mut().enable();
        if !machine.state().offsite.held_back {
            break;
        }
        tokio::select! {
            () = released => {}
            order = conversation.orders.recv() => match order {
                Some(Order::UploadLimit { .. }) => {}
                Some(Order::Cancel) => {
                    conversation.say(failed(Failure::Cancelled)).await;
                    return;
                }
                None => return,
            },
        }
    }
    let outcome = machine.change(|state| act(&mut state.offsite, job));
    let last = match outcome {
        Ok(outcome) => Event::Done(outcome),
        Err(failure) => failed(failure),
    };
    conversation.say(last).await;
}

fn failed(failure: Failure) -> Event {
    Event::Failed(FailureReport {
        detail: format!("pretended: {failure:?}"),
        failure,
    })
}

fn address(destination: &Destination) -> String {
    match destination {
        Destination::Folder { path } => path.display().to_string(),
        Destination::Sftp { host, folder, .. } => format!("{host}:{folder}"),
        Destination::Rest { url, .. } | Destination::WebDav { url, .. } => url.clone(),
        Destination::S3 { bucket, folder, .. } => format!("{bucket}/{folder}"),
    }
}

fn act(offsite: &mut Offsite, job: &Job) -> Result<Outcome, Failure> {
    if let Destination::Sftp { host_key, .. } = &job.destination {
        let shown = HostKey {
            key: FAKE_HOST_KEY.to_owned(),
            fingerprint: FAKE_FINGERPRINT.to_owned(),
        };
        match host_key {
            None => return Err(Failure::HostKeyUnknown(shown)),
            Some(key) if *key != shown.key => return Err(Failure::HostKeyChanged(shown)),
            Some(_) => {}
        }
    }
    if let Destination::Folder { path } = &job.destination {
        let open = offsite
            .open_disks
            .iter()
            .any(|disk| path.parent().is_some_and(|mount| mount.ends_with(disk)));
        if !open {
            return Err(Failure::FolderMissing);
        }
    }
    if let Some(refusal) = &offsite.refusal {
        return Err(refusal.clone());
    }
    let place = address(&job.destination);
    let password = job
        .password
        .as_ref()
        .map(|secret| secret.reveal().to_owned());
    let found = offsite.repositories.get(&place);
    match (&job.task, found) {
        (Task::Test, found) => Ok(Outcome::Test {
            repository: match found {
                Some(_) => RepositoryFound::Present,
                None => RepositoryFound::Absent,
            },
            free: Some(500_000_000_000),
        }),
        (Task::Init, Some(_)) => Err(Failure::RepositoryExists),
        (Task::Init, None) => {
            let made = Repository {
                password: password.ok_or(Failure::BadJob)?,
                ..Repository::default()
            };
            offsite.repositories.insert(place, made);
            Ok(Outcome::Init)
        }
        (_, None) => Err(Failure::NoRepository),
        (_, Some(found)) if Some(&found.password) != password.as_ref() => Err(Failure::WrongKey),
        (task, Some(_)) => act_on(offsite, &place, &job.host, task),
    }
}

fn act_on(offsite: &mut Offsite, place: &str, host: &str, task: &Task) -> Result<Outcome, Failure> {
    let repository = offsite.repositories.entry(place.to_owned()).or_default();
    match task {
        Task::Test | Task::Init => Err(Failure::Internal),
        Task::BackUp { shares, settings } => {
            if let Some(settings) = settings {
                repository.settings.push(KeptSettings {
                    time: settings.taken_at,
                    host: host.to_owned(),
                    sealed: settings.sealed.clone(),
                });
            }
            let mut copied = Vec::new();
            for source in shares {
                let still = offsite
                    .still
                    .iter()
                    .find(|((mark, share), _)| still(mark, share).path == source.path)
                    .map(|(_, files)| files.clone())
                    .ok_or(Failure::SourceUnreadable)?;
                offsite.made += 1;
                copied.push(keep(repository, host, source, still, offsite.made));
            }
            Ok(Outcome::BackUp { copied })
        }
        Task::List => Ok(Outcome::List {
            snapshots: snapshots(repository),
        }),
        Task::Settings { at_most } => Ok(Outcome::Settings {
            kept: repository
                .settings
                .iter()
                .rev()
                .take(*at_most)
                .cloned()
                .collect(),
            snapshots: snapshots(repository),
        }),
        Task::Browse { snapshot, folder } => {
            let files = files_of(repository, snapshot)?;
            browse(files, &folder.to_path())
        }
        Task::Search {
            snapshots,
            name,
            at_most,
        } => Ok(search(repository, snapshots, name, *at_most)),
        Task::Restore {
            snapshot,
            path,
            to,
            existing,
        } => {
            let files = files_of(repository, snapshot)?.clone();
            restore(&mut offsite.files, &files, &path.to_path(), to, *existing)
        }
        Task::Forget {
            keep,
            clock_trusted,
        } => {
            if !clock_trusted.0 {
                return Err(Failure::ClockNotTrusted);
            }
            let mut removed = Vec::new();
            for (share, keep) in keep {
                let of_share: Vec<SnapshotId> = repository
                    .snapshots
                    .iter()
                    .filter(|(made, _)| made.share == *share)
                    .map(|(made, _)| made.id.clone())
                    .collect();
                let stay = usize::try_from(keep.daily.max(1)).unwrap_or(usize::MAX);
                removed.extend(of_share.iter().rev().skip(stay).cloned());
            }
            repository
                .snapshots
                .retain(|(made, _)| !removed.contains(&made.id));
            let kept = repository.snapshots.len() as u64;
            Ok(Outcome::Forget { removed, kept })
        }
        Task::Prune { clock_trusted, .. } if !clock_trusted.0 => Err(Failure::ClockNotTrusted),
        Task::Prune { .. } => Ok(Outcome::Prune {
            freed: 1_000_000,
            unused_left: 0,
        }),
        Task::Strike { clock_trusted, .. } if !clock_trusted.0 => Err(Failure::ClockNotTrusted),
        Task::Strike { share, path, .. } => {
            let path = path.to_path();
            let mut struck = 0;
            for (made, files) in &mut repository.snapshots {
                let before = files.len();
                if made.share == *share {
                    files.retain(|found, _| !Path::new(found).starts_with(&path));
                }
                if files.len() < before {
                    // What is written again has another name.
                    offsite.made += 1;
                    made.id = SnapshotId(format!("{:064x}", offsite.made));
                    struck += 1;
                }
            }
            Ok(Outcome::Strike {
                snapshots: struck,
                freed: 1_000_000,
            })
        }
        Task::Check | Task::CheckData { .. } => Ok(Outcome::Check { read: 1_000_000 }),
        Task::Drill {
            snapshot, original, ..
        } => {
            let copy = files_of(repository, snapshot)?;
            let held = offsite
                .still
                .iter()
                .find(|((mark, share), _)| still(mark, share).path == *original);
            let (_, original) = held.ok_or(Failure::SourceUnreadable)?;
            if copy != original {
                return Err(Failure::DrillMismatch);
            }
            Ok(Outcome::Drill {
                files: copy.len() as u64,
                bytes: size_of(copy),
                folder: None,
            })
        }
    }
}

fn snapshots(repository: &Repository) -> Vec<Snapshot> {
    let all = repository.snapshots.iter();
    all.map(|(made, _)| made.clone()).collect()
}

fn size_of(files: &Files) -> u64 {
    files.values().map(|content| content.len() as u64).sum()
}

fn keep(
    repository: &mut Repository,
    host: &str,
    source: &preau_offsite_job::ShareSource,
    files: Files,
    number: u64,
) -> Copied {
    let of_share = |(made, _): &&(Snapshot, Files)| made.share == source.share;
    let before = repository.snapshots.iter().rev().find(of_share);
    let before = before.map(|(_, files)| files.clone()).unwrap_or_default();
    let new = files
        .keys()
        .filter(|path| !before.contains_key(*path))
        .count() as u64;
    let changed = files
        .iter()
        .filter(|(path, content)| before.get(*path).is_some_and(|old| old != *content))
        .count() as u64;
    let id = SnapshotId(format!("{number:064x}"));
    let bytes = size_of(&files);
    let copied = Copied {
        share: source.share.clone(),
        snapshot: id.clone(),
        files: files.len() as u64,
        bytes,
        files_new: new,
        files_changed: changed,
        bytes_new: bytes,
        bytes_added: bytes / 2,
        unreadable: 0,
    };
    let made = Snapshot {
        id,
        time: source.taken_at,
        share: source.share.clone(),
        host: host.to_owned(),
        files: Some(copied.files),
        bytes: Some(bytes),
    };
    repository.snapshots.push((made, files));
    copied
}

fn files_of<'a>(repository: &'a Repository, id: &SnapshotId) -> Result<&'a Files, Failure> {
    let found = repository.snapshots.iter().find(|(made, _)| made.id == *id);
    found
        .map(|(_, files)| files)
        .ok_or(Failure::SnapshotMissing)
}

fn entry(name: &str, kind: EntryKind, size: u64) -> Entry {
    Entry {
        name: EscapedPath::from(name),
        kind,
        size,
        modified: None,
    }
}

fn browse(files: &Files, folder: &Path) -> Result<Outcome, Failure> {
    let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
    for (path, content) in files {
        let Ok(below) = Path::new(path).strip_prefix(folder) else {
            continue;
        };
        let mut parts = below.iter().map(|part| part.to_string_lossy().into_owned());
        let Some(name) = parts.next() else { continue };
        let found = match parts.next() {
            Some(_) => entry(&name, EntryKind::Folder, 0),
            None => entry(&name, EntryKind::File, content.len() as u64),
        };
        entries.entry(name).or_insert(found);
    }
    if entries.is_empty() && !folder.as_os_str().is_empty() {
        return Err(Failure::PathMissing);
    }
    Ok(Outcome::Browse {
        entries: entries.into_values().collect(),
    })
}

fn search(repository: &Repository, within: &[SnapshotId], name: &str, at_most: usize) -> Outcome {
    let name = name.to_lowercase();
    let mut found = Vec::new();
    for (made, files) in repository.snapshots.iter().rev() {
        if !within.is_empty() && !within.contains(&made.id) {
            continue;
        }
        for (path, content) in files {
            let last = Path::new(path)
                .file_name()
                .unwrap_or_default()
                .to_string_lossy();
            if last.to_lowercase().contains(&name) {
                found.push(Found {
                    snapshot: made.id.clone(),
                    path: EscapedPath::from(path.as_str()),
                    entry: entry(&last, EntryKind::File, content.len() as u64),
                });
            }
        }
    }
    let more = found.len() > at_most;
    found.truncate(at_most);
    Outcome::Search { found, more }
}

/// A file goes into `to` under its name, as does what is in a folder.
fn restore(
    shares: &mut BTreeMap<String, Files>,
    files: &Files,
    what: &Path,
    to: &Path,
    existing: Existing,
) -> Result<Outcome, Failure> {
    let below = to
        .strip_prefix(PLACE)
        .map_err(|_| Failure::TargetUnwritable)?;
    let mut parts = below.iter();
    let share = parts
        .next()
        .ok_or(Failure::TargetUnwritable)?
        .to_string_lossy();
    let target = parts.as_path();
    let here = shares.entry(share.into_owned()).or_default();
    let is_there = |path: &String| Path::new(path).starts_with(target);
    if existing == Existing::Refuse && here.keys().any(is_there) {
        return Err(Failure::TargetNotEmpty);
    }
    let (mut written, mut bytes, mut unchanged) = (0, 0, 0);
    for (path, content) in files {
        let Ok(rest) = Path::new(path).strip_prefix(what) else {
            continue;
        };
        let name = what.file_name().filter(|_| rest.as_os_str().is_empty());
        let place = target.join(name.map_or(rest, Path::new));
        let place = place.to_string_lossy().into_owned();
        if here.get(&place) == Some(content) {
            unchanged += 1;
            continue;
        }
        written += 1;
        bytes += content.len() as u64;
        here.insert(place, content.clone());
    }
    if written + unchanged == 0 && !what.as_os_str().is_empty() {
        return Err(Failure::PathMissing);
    }
    Ok(Outcome::Restore {
        files: written,
        bytes,
        unchanged,
        incomplete: 0,
    })
}
