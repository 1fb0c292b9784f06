//! Which snapshots there are, and what a snapshot is a copy of.

use std::path::{Path, PathBuf};

use preau_offsite_job::{Failure, Outcome, SETTINGS, Snapshot, SnapshotId};
use rustic_core::repofile::{SnapshotFile, SnapshotSummary};
use rustic_core::{Open, Repository};

use super::{Need, Room};
use crate::repository::{JobError, JobResult};

/// The tag of snapshots that the box made, and may forget.
pub const TAG: &str = "preau";

/// Lists the snapshots of shares, oldest first.
pub fn list(room: &Room<'_>) -> JobResult<Outcome> {
    let (repository, _lock) = room.open(Need::Read)?;
    Ok(Outcome::List {
        snapshots: of_shares(&all(room, &repository)?),
    })
}

/// The snapshots of shares, oldest first.
pub fn of_shares(all: &[SnapshotFile]) -> Vec<Snapshot> {
    let shares = all.iter().filter(|snapshot| !is_settings(snapshot));
    let mut snapshots: Vec<Snapshot> = shares.map(describe).collect();
    snapshots.sort_by(|a, b| (a.time, &a.id).cmp(&(b.time, &b.id)));
    snapshots
}

/// Whether it is no share, but the settings that were copied along.
pub fn is_settings(snapshot: &SnapshotFile) -> bool {
    snapshot.tags.contains(TAG) && share_of(snapshot) == SETTINGS
}

/// All snapshots.
pub fn all<S: Open>(room: &Room<'_>, repository: &Repository<S>) -> JobResult<Vec<SnapshotFile>> {
    repository
        .get_all_snapshots()
        .map_err(|error| room.bench.explain("reading the snapshots", &error))
}

/// One snapshot.
pub fn find<S: Open>(
    room: &Room<'_>,
    repository: &Repository<S>,
    id: &SnapshotId,
) -> JobResult<SnapshotFile> {
    all(room, repository)?
        .into_iter()
        .find(|snapshot| id_of(snapshot) == *id)
        .ok_or_else(|| JobError::new(Failure::SnapshotMissing, format!("no snapshot {}", id.0)))
}

/// A snapshot's name.
pub fn id_of(snapshot: &SnapshotFile) -> SnapshotId {
    SnapshotId(snapshot.id.to_hex().to_string())
}

/// Where, in a snapshot's tree, what was copied begins. One of the box begins at
/// `/share`; restic begins at the path that it was given, or at the root for several.
pub fn root_of(snapshot: &SnapshotFile) -> PathBuf {
    let mut paths = snapshot.paths.iter();
    match (paths.next(), paths.next()) {
        (Some(path), None) => PathBuf::from(path),
        _ => PathBuf::from("/"),
    }
}

/// The share that a snapshot is a copy of.
pub fn share_of(snapshot: &SnapshotFile) -> String {
    let root = root_of(snapshot);
    let name = root.file_name().map(|name| name.to_string_lossy());
    name.map_or_else(|| root.display().to_string(), |name| name.into_owned())
}

/// Where a path counted from the share's root lies in the snapshot's tree.
pub fn locate(snapshot: &SnapshotFile, below: &Path) -> PathBuf {
    let below = below.strip_prefix("/").unwrap_or(below);
    root_of(snapshot).join(below)
}

fn describe(snapshot: &SnapshotFile) -> Snapshot {
    let summary: Option<&SnapshotSummary> = snapshot.summary.as_ref();
    Snapshot {
        id: id_of(snapshot),
        time: snapshot.time.timestamp(),
        share: share_of(snapshot),
        host: snapshot.hostname.clone(),
        files: summary.map(|summary| summary.total_files_processed),
        bytes: summary.map(|summary| summary.total_bytes_processed),
    }
}
