//! Looks into snapshots: a folder, a name.

use std::path::Path;

use preau_offsite_job::{Entry, EntryKind, EscapedPath, Failure, Found, Outcome, SnapshotId};
use rustic_core::repofile::{Node, NodeType, SnapshotFile};
use rustic_core::{IndexedFull, LsOptions, Repository};

use super::snapshots::{all, find, id_of, is_settings, locate, root_of};
use super::{Need, Room};
use crate::repository::{JobError, JobResult};

/// What a folder holds.
pub fn browse(room: &Room<'_>, snapshot: &SnapshotId, folder: &EscapedPath) -> JobResult<Outcome> {
    let (repository, _lock) = room.open(Need::Read)?;
    let snapshot = find(room, &repository, snapshot)?;
    let repository = repository
        .to_indexed()
        .map_err(|error| room.bench.explain("reading the index", &error))?;
    let node = node_at(room, &repository, &snapshot, &folder.to_path())?;
    if !node.is_dir() {
        return Err(JobError::new(
            Failure::PathMissing,
            format!("{folder} is no folder"),
        ));
    }
    let explain = |error: Box<rustic_core::RusticError>| {
        room.bench.explain(&format!("reading {folder}"), &error)
    };
    let listed = repository
        .ls(&node, &LsOptions::default().recursive(false))
        .map_err(explain)?;
    let mut entries = Vec::new();
    for item in listed {
        let (_, node) = item.map_err(explain)?;
        entries.push(describe(&node));
    }
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Outcome::Browse { entries })
}

/// Files and folders whose name contains a text.
pub fn search(
    room: &Room<'_>,
    wanted: &[SnapshotId],
    name: &str,
    at_most: usize,
) -> JobResult<Outcome> {
    let (repository, _lock) = room.open(Need::Read)?;
    let mut snapshots = all(room, &repository)?;
    snapshots.retain(|snapshot| {
        !is_settings(snapshot) && (wanted.is_empty() || wanted.contains(&id_of(snapshot)))
    });
    snapshots.sort_by(|a, b| b.time.cmp(&a.time));
    let repository = repository
        .to_indexed()
        .map_err(|error| room.bench.explain("reading the index", &error))?;
    let part = name.to_lowercase();
    let matches = |_: &Path, node: &Node| {
        let name = node.name().to_string_lossy().to_lowercase();
        name.contains(&part)
    };
    // Folders that snapshots have in common are looked through once.
    let trees = snapshots.iter().map(|snapshot| snapshot.tree);
    let results = repository
        .find_matching_nodes(trees, &matches)
        .map_err(|error| room.bench.explain("searching", &error))?;
    let mut found = Vec::new();
    let mut more = false;
    for (snapshot, hits) in snapshots.iter().zip(&results.matches) {
        let root = root_of(snapshot);
        for (path, node) in hits {
            let path = Path::new("/").join(&results.paths[*path]);
            // The share's own folder is no find.
            let Some(below) = path
                .strip_prefix(&root)
                .ok()
                .filter(|p| *p != Path::new(""))
            else {
                continue;
            };
            if found.len() == at_most {
                more = true;
                break;
            }
            found.push(Found {
                snapshot: id_of(snapshot),
                path: below.into(),
                entry: describe(&results.nodes[*node]),
            });
        }
    }
    Ok(Outcome::Search { found, more })
}

/// What lies at a path that is counted from the share's root.
pub fn node_at<S: IndexedFull>(
    room: &Room<'_>,
    repository: &Repository<S>,
    snapshot: &SnapshotFile,
    below: &Path,
) -> JobResult<Node> {
    let path = locate(snapshot, below);
    let failed_before = room.bench.depot.last_failure().is_some();
    repository
        .node_from_path(snapshot.tree, &path)
        .map_err(|error| {
            // The library tells "no such file" by words alone.
            if !failed_before && room.bench.depot.last_failure().is_none() {
                JobError::new(Failure::PathMissing, format!("no {}", path.display()))
            } else {
                room.bench
                    .explain(&format!("reading {}", path.display()), &error)
            }
        })
}

fn describe(node: &Node) -> Entry {
    Entry {
        name: EscapedPath::new(node.name()),
        kind: match node.node_type {
            NodeType::File => EntryKind::File,
            NodeType::Dir => EntryKind::Folder,
            NodeType::Symlink { .. } => EntryKind::Link,
            _ => EntryKind::Other,
        },
        size: node.meta.size,
        modified: node.meta.mtime,
    }
}
