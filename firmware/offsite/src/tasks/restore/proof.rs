//! Whether what was restored is what was copied. A destination could answer with other
//! pieces of the same repository: they decrypt, and only their hash tells. The disk that
//! is written to is proved in the same go.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::Path;

use jiff::Timestamp;
use preau_offsite_job::{Failure, Phase};
use rustic_core::repofile::Node;
use rustic_core::{IndexedFull, LsOptions, Repository, RusticError};
use sha2::{Digest, Sha256};

use super::{judge_io, target_of};
use crate::locks::in_hexadecimal;
use crate::repository::{JobError, JobResult};
use crate::tasks::Room;
use crate::tasks::drill::Hashing;

/// Paths that the failure names.
const NAMED: usize = 5;

/// Which files may be removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removed {
    /// Those with the time that the restore gave them: a file that somebody has changed
    /// since is theirs.
    AsRestored,
    /// All: the restore was cut before it set times, in a folder of its own.
    All,
}

/// Reads every restored file again. One that is not what was copied is removed, since no
/// file is better than one that lies, and the restore has failed.
pub fn prove<S: IndexedFull>(
    room: &Room<'_>,
    repository: &Repository<S>,
    node: &Node,
    to: &Path,
) -> JobResult<()> {
    room.bench.reporter.phase(Phase::Comparing, None);
    let wrong = remove_untrue(room, repository, node, to, Removed::AsRestored)?;
    if wrong.is_empty() {
        return Ok(());
    }
    let named: Vec<&str> = wrong.iter().take(NAMED).map(String::as_str).collect();
    Err(JobError::new(
        Failure::Damaged,
        format!(
            "{} files came as others than were copied, and were not kept: {}",
            wrong.len(),
            named.join(", ")
        ),
    ))
}

/// Removes the files that are not what was copied, and says which those were.
pub fn remove_untrue<S: IndexedFull>(
    room: &Room<'_>,
    repository: &Repository<S>,
    node: &Node,
    to: &Path,
    removed: Removed,
) -> JobResult<Vec<String>> {
    let explain = |error: Box<RusticError>| room.bench.explain("comparing", &error);
    let target = target_of(node, to)?;
    let alone = !node.is_dir();
    let mut wrong = Vec::new();
    for item in repository
        .ls(node, &LsOptions::default())
        .map_err(explain)?
    {
        let (below, node) = item.map_err(explain)?;
        if !node.is_file() {
            continue;
        }
        let path = if alone {
            target.clone()
        } else {
            target.join(&below)
        };
        let file = match File::open(&path) {
            // Nothing false is there.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            file => file.map_err(|error| at(&path, &error))?,
        };
        let facts = file.metadata().map_err(|error| at(&path, &error))?;
        let theirs = removed == Removed::AsRestored && !has_time_of(&facts, &node);
        if theirs || is_true(room, repository, &node, file, &path)? {
            continue;
        }
        fs::remove_file(&path).map_err(|error| at(&path, &error))?;
        wrong.push(below.display().to_string());
    }
    Ok(wrong)
}

fn has_time_of(facts: &Metadata, node: &Node) -> bool {
    let found = facts.modified().ok().map(Timestamp::try_from);
    matches!((found, node.meta.mtime), (Some(Ok(found)), Some(wanted)) if found == wanted)
}

fn is_true<S: IndexedFull>(
    room: &Room<'_>,
    repository: &Repository<S>,
    node: &Node,
    mut file: File,
    path: &Path,
) -> JobResult<bool> {
    for id in node.content.iter().flatten() {
        let entry = repository
            .get_index_entry(id)
            .map_err(|error| room.bench.explain("comparing", &error))?;
        let length = u64::from(entry.location.data_length());
        let hash = hash(&mut file.by_ref().take(length)).map_err(|error| at(path, &error))?;
        if id.to_hex().as_str() != hash {
            return Ok(false);
        }
        room.bench.reporter.advance(length);
    }
    let rest = file.read(&mut [0]).map_err(|error| at(path, &error))?;
    Ok(rest == 0)
}

fn hash(piece: &mut impl Read) -> io::Result<String> {
    let mut hasher = Sha256::new();
    io::copy(piece, &mut Hashing(&mut hasher))?;
    Ok(in_hexadecimal(&hasher.finalize()))
}

fn at(path: &Path, error: &io::Error) -> JobError {
    let detail = format!("reading {} again: {error}", path.display());
    JobError::new(judge_io(error), detail)
}
