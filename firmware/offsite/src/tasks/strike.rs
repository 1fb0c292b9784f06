//! Takes a file or folder out of every copy: snapshots are written again without it, the
//! old ones are removed, and what nothing needs any more is packed out, all of it. Cut
//! anywhere, the next run goes on: what still has it is written again, and what is
//! unused goes.

use std::path::Path;

use preau_offsite_job::{EscapedPath, Failure, Outcome, Phase};
use rustic_core::repofile::SnapshotFile;
use rustic_core::{
    Excludes, IndexedFull, LimitOption, Repository, RewriteOptions, RewriteTreesOptions,
};

use super::back_up::escape;
use super::browse::node_at;
use super::snapshots::{TAG, all, locate, share_of};
use super::{Need, Room, tidy};
use crate::locks::in_hexadecimal;
use crate::repository::{JobError, JobResult};
use crate::store::{Act, Kind, Place};

/// Strikes it.
pub fn run(room: &Room<'_>, share: &str, path: &EscapedPath) -> JobResult<Outcome> {
    let below = path.to_path();
    let below = below.strip_prefix("/").unwrap_or(&below);
    if below.as_os_str().is_empty() {
        let detail = "a whole share is not struck".to_owned();
        return Err(JobError::new(Failure::BadJob, detail));
    }
    if below.to_str().is_none() {
        // The library takes patterns of text alone.
        let detail = format!("{path} is no text: strike the folder that it is in");
        return Err(JobError::new(Failure::BadJob, detail));
    }
    let (repository, _lock) = room.open(Need::Delete)?;
    may_delete_snapshots(room)?;
    room.clear_drafts()?;
    let host = &room.bench.host;
    let mut snapshots = all(room, &repository)?;
    snapshots.retain(|snapshot| {
        snapshot.hostname == *host && snapshot.tags.contains(TAG) && share_of(snapshot) == share
    });
    let repository = repository
        .to_indexed()
        .map_err(|error| room.bench.explain("reading the index", &error))?;
    room.bench.reporter.phase(Phase::Tidying, None);
    let mut holding = Vec::new();
    for snapshot in snapshots {
        if holds(room, &repository, &snapshot, below)? {
            holding.push(snapshot);
        }
    }
    let count = holding.len() as u64;
    rewrite(room, &repository, holding, below)?;
    let (freed, unused_left) = tidy::give_back(
        room,
        &repository.drop_index(),
        LimitOption::Unlimited,
        LimitOption::Percentage(0),
    )?;
    if unused_left > 0 {
        let detail = format!("{unused_left} unused bytes are left, which may be what was struck");
        return Err(JobError::new(Failure::Internal, detail));
    }
    Ok(Outcome::Strike {
        snapshots: count,
        freed,
    })
}

/// A server that keeps whatever it has is found out before anything is written: it
/// refuses to remove even what it does not have.
fn may_delete_snapshots(room: &Room<'_>) -> JobResult<()> {
    let mut name = [0; 32];
    getrandom::fill(&mut name)
        .map_err(|error| JobError::new(Failure::Internal, error.to_string()))?;
    let nobody = Place {
        kind: Kind::Snapshot,
        name: in_hexadecimal(&name),
    };
    let depot = &room.bench.depot;
    Ok(depot.ask(Act::Remove, &nobody.path(), |store| store.remove(&nobody))?)
}

fn holds<S: IndexedFull>(
    room: &Room<'_>,
    repository: &Repository<S>,
    snapshot: &SnapshotFile,
    below: &Path,
) -> JobResult<bool> {
    match node_at(room, repository, snapshot, below) {
        Ok(_) => Ok(true),
        Err(error) if error.failure == Failure::PathMissing => Ok(false),
        Err(error) => Err(error),
    }
}

fn rewrite<S: IndexedFull>(
    room: &Room<'_>,
    repository: &Repository<S>,
    snapshots: Vec<SnapshotFile>,
    below: &Path,
) -> JobResult<()> {
    let Some(first) = snapshots.first() else {
        return Ok(());
    };
    // All are of one share of this box, and so begin at the same folder.
    let pattern = pattern(&locate(first, below));
    let excludes = Excludes::default().globs(vec![pattern]);
    let trees = RewriteTreesOptions::default().excludes(excludes);
    let options = RewriteOptions::default().forget(true);
    repository
        .rewrite_snapshots_and_trees(snapshots, &options, &trees)
        .map(drop)
        .map_err(|error| room.bench.explain("writing copies without it", &error))
}

/// Exactly this path, from the root: `!` leaves out.
fn pattern(path: &Path) -> String {
    let text = path.to_string_lossy();
    format!("!/{}", escape(text.trim_start_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_wildcards_in_it_is_that_name_alone() {
        assert_eq!(
            pattern(Path::new("/commun/CP/* ? [ab].odt")),
            r"!/commun/CP/\* \? \[ab\].odt"
        );
    }
}
