//! The proof: files chosen by chance and a whole folder, or all of a share, are restored
//! from the destination into an empty place, and compared with what they are copies of.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use preau_offsite_job::{EscapedPath, Failure, Outcome, Phase, SnapshotId, Task};
use rustic_core::repofile::Node;
use rustic_core::{IndexedFull, LsOptions, Repository};
use sha2::{Digest, Sha256};

use super::browse::node_at;
use super::restore::{self, Written};
use super::snapshots::find;
use super::{Need, Room};
use crate::repository::{JobError, JobResult};
use crate::talk::Reporter;

/// A drill's terms.
#[derive(Debug, Clone, Copy)]
struct Terms<'a> {
    snapshot: &'a SnapshotId,
    original: &'a Path,
    scratch: &'a Path,
    whole: bool,
    files: usize,
    bytes_at_most: u64,
    seed: u64,
}

/// Runs the drill and clears its place, whatever came of it.
pub fn run(room: &Room<'_>) -> JobResult<Outcome> {
    let Task::Drill {
        snapshot,
        original,
        scratch,
        whole,
        files,
        bytes_at_most,
        seed,
    } = &room.job.task
    else {
        return Err(JobError::new(Failure::Internal, "no drill"));
    };
    let terms = Terms {
        snapshot,
        original,
        scratch,
        whole: *whole,
        files: usize::try_from(*files).unwrap_or(usize::MAX),
        bytes_at_most: *bytes_at_most,
        seed: *seed,
    };
    clear(scratch)?;
    fs::create_dir(scratch).map_err(|error| at(scratch, &error))?;
    let outcome = drill(room, terms);
    let cleared = clear(scratch);
    let outcome = outcome?;
    cleared?;
    Ok(outcome)
}

fn clear(scratch: &Path) -> JobResult<()> {
    match fs::remove_dir_all(scratch) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(scratch, &error)),
        _ => Ok(()),
    }
}

fn at(path: &Path, error: &io::Error) -> JobError {
    let failure = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Failure::TargetFull,
        _ => Failure::TargetUnwritable,
    };
    JobError::new(failure, format!("{}: {error}", path.display()))
}

fn drill(room: &Room<'_>, terms: Terms<'_>) -> JobResult<Outcome> {
    let (repository, _lock) = room.open(Need::Read)?;
    let snapshot = find(room, &repository, terms.snapshot)?;
    let repository = repository
        .to_indexed()
        .map_err(|error| room.bench.explain("reading the index", &error))?;
    let root = node_at(room, &repository, &snapshot, Path::new(""))?;
    let mut compared = Compared::new(&room.bench.reporter);
    if terms.whole {
        restore_and_compare(
            room,
            &repository,
            &root,
            Path::new(""),
            terms,
            &mut compared,
        )?;
        return Ok(Outcome::Drill {
            files: compared.files,
            bytes: compared.bytes,
            folder: Some(EscapedPath::from(Path::new(""))),
        });
    }
    let chosen = choose(room, &repository, &root, terms)?;
    for (number, (path, node)) in chosen.iter().enumerate() {
        let place = terms.scratch.join(number.to_string());
        fs::create_dir(&place).map_err(|error| at(&place, &error))?;
        let written = restore::write(room, &repository, node, &place, None)?;
        compared.begin(written);
        compare(
            &terms.original.join(path),
            &place.join(node.name()),
            &mut compared,
        )?;
        clear(&place)?;
    }

    let folder = chosen
        .iter()
        .filter_map(|(path, _)| path.parent())
        .find(|folder| *folder != Path::new(""));
    let mut whole = None;
    if let Some(folder) = folder {
        let node = node_at(room, &repository, &snapshot, folder)?;
        let size = size_below(room, &repository, &node)?;
        if compared.bytes + size <= terms.bytes_at_most {
            restore_and_compare(room, &repository, &node, folder, terms, &mut compared)?;
            whole = Some(EscapedPath::from(folder));
        }
    }
    Ok(Outcome::Drill {
        files: compared.files,
        bytes: compared.bytes,
        folder: whole,
    })
}

/// Restores a folder with all that is in it, and compares it with the original.
fn restore_and_compare<S: IndexedFull>(
    room: &Room<'_>,
    repository: &Repository<S>,
    node: &Node,
    folder: &Path,
    terms: Terms<'_>,
    compared: &mut Compared<'_>,
) -> JobResult<()> {
    let place = terms.scratch.join("folder");
    fs::create_dir(&place).map_err(|error| at(&place, &error))?;
    let written = restore::write(room, repository, node, &place, None)?;
    compared.begin(written);
    compare_folder(&terms.original.join(folder), &place, compared)
}

/// Every file is as likely as any other to be chosen, in one pass and without holding
/// all names (reservoir sampling).
fn choose<S: IndexedFull>(
    room: &Room<'_>,
    repository: &Repository<S>,
    root: &Node,
    terms: Terms<'_>,
) -> JobResult<Vec<(PathBuf, Node)>> {
    let explain =
        |error: Box<rustic_core::RusticError>| room.bench.explain("reading the folders", &error);
    let mut dice = Dice(terms.seed);
    let mut chosen: Vec<(PathBuf, Node)> = Vec::new();
    let mut seen = 0_u64;
    for item in repository
        .ls(root, &LsOptions::default())
        .map_err(explain)?
    {
        let (path, node) = item.map_err(explain)?;
        if !node.is_file() || node.meta.size > terms.bytes_at_most / 2 {
            continue;
        }
        seen += 1;
        if chosen.len() < terms.files {
            chosen.push((path, node));
        } else {
            let place = usize::try_from(dice.below(seen)).unwrap_or(usize::MAX);
            if let Some(slot) = chosen.get_mut(place) {
                *slot = (path, node);
            }
        }
    }
    // Half of what may be fetched is for the files, the rest for the folder.
    let mut left = terms.bytes_at_most / 2;
    chosen.retain(|(_, node)| match left.checked_sub(node.meta.size) {
        Some(rest) => {
            left = rest;
            true
        }
        None => false,
    });
    Ok(chosen)
}

fn size_below<S: IndexedFull>(
    room: &Room<'_>,
    repository: &Repository<S>,
    node: &Node,
) -> JobResult<u64> {
    let explain =
        |error: Box<rustic_core::RusticError>| room.bench.explain("reading a folder", &error);
    let mut size = 0;
    for item in repository
        .ls(node, &LsOptions::default())
        .map_err(explain)?
    {
        size += item.map_err(explain)?.1.meta.size;
    }
    Ok(size)
}

#[derive(Debug)]
struct Compared<'a> {
    reporter: &'a Reporter,
    files: u64,
    bytes: u64,
}

impl<'a> Compared<'a> {
    const fn new(reporter: &'a Reporter) -> Self {
        Self {
            reporter,
            files: 0,
            bytes: 0,
        }
    }

    /// What was written is compared next.
    fn begin(&self, written: Written) {
        self.reporter.phase(Phase::Comparing, Some(written.bytes));
    }

    fn add(&mut self, bytes: u64) {
        self.files += 1;
        self.bytes += bytes;
        self.reporter.advance(bytes);
    }
}

/// Compares a restored folder with its original, entry by entry, both ways.
fn compare_folder(original: &Path, restored: &Path, compared: &mut Compared<'_>) -> JobResult<()> {
    let names = |folder: &Path| -> JobResult<Vec<std::ffi::OsString>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(folder).map_err(|error| at(folder, &error))? {
            names.push(entry.map_err(|error| at(folder, &error))?.file_name());
        }
        names.sort();
        Ok(names)
    };
    let (wanted, found) = (names(original)?, names(restored)?);
    if wanted != found {
        let detail = format!("{}: other names in it", original.display());
        return Err(JobError::new(Failure::DrillMismatch, detail));
    }
    for name in wanted {
        let (original, restored) = (original.join(&name), restored.join(&name));
        let facts = fs::symlink_metadata(&original).map_err(|error| at(&original, &error))?;
        if facts.is_dir() {
            compare_folder(&original, &restored, compared)?;
        } else if facts.is_file() {
            compare(&original, &restored, compared)?;
        }
    }
    Ok(())
}

fn compare(original: &Path, restored: &Path, compared: &mut Compared<'_>) -> JobResult<()> {
    let differs = |what: &str| {
        let detail = format!("{}: {what} differs", original.display());
        Err(JobError::new(Failure::DrillMismatch, detail))
    };
    let facts = |path: &Path| fs::symlink_metadata(path).map_err(|error| at(path, &error));
    let (before, after) = (facts(original)?, facts(restored)?);
    if before.mode() != after.mode() {
        return differs("the mode");
    }
    if (before.mtime(), before.mtime_nsec()) != (after.mtime(), after.mtime_nsec()) {
        return differs("the time");
    }
    if hash(original)? != hash(restored)? {
        return differs("the content");
    }
    compared.add(before.len());
    Ok(())
}

fn hash(path: &Path) -> JobResult<[u8; 32]> {
    let hashed = || -> io::Result<[u8; 32]> {
        let mut file = File::open(path)?;
        let mut hasher = Sha256::new();
        io::copy(&mut file, &mut Hashing(&mut hasher))?;
        Ok(hasher.finalize().into())
    };
    hashed().map_err(|error| at(path, &error))
}

/// What is written to it is hashed.
pub struct Hashing<'a>(pub &'a mut Sha256);

impl io::Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Numbers that a seed decides (SplitMix64): a drill can be repeated.
#[derive(Debug)]
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_decides_what_is_drilled() {
        let roll = |seed| {
            let mut dice = Dice(seed);
            (0..8).map(|_| dice.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(roll(7), roll(7));
        assert_ne!(roll(7), roll(8));
        assert!(roll(7).iter().all(|number| *number < 1000));
    }
}
