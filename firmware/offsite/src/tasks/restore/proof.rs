//! Whether what was restored is what was copied. A destination could answer with other
//! pieces of the same repository: they decrypt, and only their hash tells.
//!
//! One part of a restore is proved while the next is fetched: a million small files are
//! the kernel's work, and one thread alone would have it do one thing after the other.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, SyncSender};
use std::thread::{Scope, ScopedJoinHandle};

use jiff::Timestamp;
use preau_offsite_job::{Failure, Phase};
use rustic_core::repofile::Node;
use rustic_core::{DataId, Id, IndexedFull, LsOptions, Repository, RusticError};
use sha2::{Digest, Sha256};

use super::{judge_io, target_of};
use crate::repository::{JobError, JobResult};
use crate::talk::Reporter;
use crate::tasks::Room;
use crate::tasks::drill::Hashing;

/// Paths that the failure names.
const NAMED: usize = 5;
/// Parts that wait to be proved, beside the one that is: what was just written is still in
/// memory.
const WAITING: usize = 1;

/// Which files may be removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removed {
    /// Those with the time that the restore gave them: a file that somebody has changed
    /// since is theirs.
    AsRestored,
    /// All: the restore was cut before it set times, in a folder of its own.
    All,
}

/// A restored file, and what it must be.
#[derive(Debug)]
pub struct Restored {
    /// Below what was restored.
    below: PathBuf,
    size: u64,
    modified: Option<Timestamp>,
    content: Vec<DataId>,
}

impl Restored {
    /// Of what was listed; nothing unless it is a file.
    pub fn of(below: &Path, node: &Node) -> Option<Self> {
        node.is_file().then(|| Self {
            below: below.to_owned(),
            size: node.meta.size,
            modified: node.meta.mtime,
            content: node.content.clone().unwrap_or_default(),
        })
    }
}

/// The proof of a restore that is under way.
#[derive(Debug)]
pub struct Proof<'scope> {
    parts: SyncSender<Vec<Restored>>,
    course: Arc<Course>,
    thread: ScopedJoinHandle<'scope, JobResult<Vec<String>>>,
}

/// How far the proof is.
#[derive(Debug, Default)]
struct Course {
    /// Bytes that it was given and has not read.
    left: AtomicU64,
    /// It is all that is left to do.
    is_last: AtomicBool,
    /// Nobody wants to know any more.
    given_up: AtomicBool,
}

impl<'scope> Proof<'scope> {
    /// Waits for parts of what is restored to `to`, in a thread of its own.
    pub fn start<'env, S: IndexedFull + Sync>(
        scope: &'scope Scope<'scope, 'env>,
        room: &'env Room<'_>,
        repository: &'env Repository<S>,
        node: &'env Node,
        to: &'env Path,
    ) -> Self {
        let (parts, waiting) = mpsc::sync_channel::<Vec<Restored>>(WAITING);
        let course = Arc::<Course>::default();
        let thread = scope.spawn({
            let course = course.clone();
            move || {
                let judge = Judge::new(room, repository, node, to)?;
                let mut wrong = Vec::new();
                for file in waiting.into_iter().flatten() {
                    if course.given_up.load(Ordering::Relaxed) {
                        break;
                    }
                    wrong.extend(judge.remove_if_untrue(&file, Removed::AsRestored)?);
                    course.count(file.size, &room.bench.reporter);
                }
                Ok(wrong)
            }
        });
        Self {
            parts,
            course,
            thread,
        }
    }

    /// Reads these files again. One that is not what was copied is removed, since no file
    /// is better than one that lies.
    pub fn take(&self, part: Vec<Restored>) {
        let bytes = part.iter().map(|file| file.size).sum();
        self.course.left.fetch_add(bytes, Ordering::Relaxed);
        // Whoever takes nothing any more has failed, and says so in the end.
        let _ = self.parts.send(part);
    }

    /// Waits until all is proved. The restore has failed if a file was removed.
    pub fn end(self, reporter: &Reporter) -> JobResult<()> {
        let left = self.course.left.load(Ordering::Relaxed);
        reporter.phase(Phase::Comparing, Some(left));
        self.course.is_last.store(true, Ordering::Relaxed);
        let wrong = self.finish()?;
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

    /// The restore has failed already.
    pub fn give_up(self) {
        self.course.given_up.store(true, Ordering::Relaxed);
        if let Err(error) = self.finish() {
            log::info!("proving what was restored: {error}");
        }
    }

    fn finish(self) -> JobResult<Vec<String>> {
        drop(self.parts);
        self.thread
            .join()
            .unwrap_or_else(|panic| resume_unwind(panic))
    }
}

impl Course {
    fn count(&self, bytes: u64, reporter: &Reporter) {
        self.left.fetch_sub(bytes, Ordering::Relaxed);
        if self.is_last.load(Ordering::Relaxed) {
            reporter.advance(bytes);
        }
    }
}

/// Removes the files that are not what was copied, and says how many those were.
pub fn remove_untrue<S: IndexedFull>(
    room: &Room<'_>,
    repository: &Repository<S>,
    node: &Node,
    to: &Path,
) -> JobResult<usize> {
    let explain = |error: Box<RusticError>| room.bench.explain("comparing", &error);
    let judge = Judge::new(room, repository, node, to)?;
    let mut removed = 0;
    let listing = repository.ls(node, &LsOptions::default());
    for item in listing.map_err(explain)? {
        let (below, node) = item.map_err(explain)?;
        if let Some(file) = Restored::of(&below, &node)
            && judge.remove_if_untrue(&file, Removed::All)?.is_some()
        {
            removed += 1;
        }
    }
    Ok(removed)
}

/// Tells true files from others.
struct Judge<'a, S> {
    room: &'a Room<'a>,
    repository: &'a Repository<S>,
    place: PathBuf,
    /// The place is the one file that was restored.
    alone: bool,
}

impl<'a, S: IndexedFull> Judge<'a, S> {
    fn new(
        room: &'a Room<'a>,
        repository: &'a Repository<S>,
        node: &Node,
        to: &Path,
    ) -> JobResult<Self> {
        Ok(Self {
            room,
            repository,
            place: target_of(node, to)?,
            alone: !node.is_dir(),
        })
    }

    /// Removes a file that is not what was copied, and says which that was.
    fn remove_if_untrue(&self, wanted: &Restored, removed: Removed) -> JobResult<Option<String>> {
        let path = if self.alone {
            self.place.clone()
        } else {
            self.place.join(&wanted.below)
        };
        let file = match File::open(&path) {
            // Nothing false is there.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file.map_err(|error| at(&path, &error))?,
        };
        let facts = file.metadata().map_err(|error| at(&path, &error))?;
        let theirs = removed == Removed::AsRestored && !has_time(&facts, wanted.modified);
        if theirs || self.is_true(wanted, file, &path)? {
            return Ok(None);
        }
        fs::remove_file(&path).map_err(|error| at(&path, &error))?;
        Ok(Some(wanted.below.display().to_string()))
    }

    fn is_true(&self, wanted: &Restored, mut file: File, path: &Path) -> JobResult<bool> {
        for id in &wanted.content {
            let entry = self
                .repository
                .get_index_entry(id)
                .map_err(|error| self.room.bench.explain("comparing", &error))?;
            let length = u64::from(entry.location.data_length());
            let hash = hash(&mut file.by_ref().take(length)).map_err(|error| at(path, &error))?;
            if *id != hash {
                return Ok(false);
            }
        }
        let rest = file.read(&mut [0]).map_err(|error| at(path, &error))?;
        Ok(rest == 0)
    }
}

fn has_time(facts: &Metadata, wanted: Option<Timestamp>) -> bool {
    let found = facts.modified().ok().map(Timestamp::try_from);
    matches!((found, wanted), (Some(Ok(found)), Some(wanted)) if found == wanted)
}

fn hash(piece: &mut impl Read) -> io::Result<DataId> {
    let mut hasher = Sha256::new();
    io::copy(piece, &mut Hashing(&mut hasher))?;
    Ok(Id::new(hasher.finalize().into()).into())
}

fn at(path: &Path, error: &io::Error) -> JobError {
    let detail = format!("reading {} again: {error}", path.display());
    JobError::new(judge_io(error), detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::Flow;

    /// Until then what is told is how much has come.
    #[test]
    fn only_what_is_left_in_the_end_is_told() {
        let reporter = Reporter::new(Arc::new(Flow::new(None)));
        let course = Course::default();
        course.left.store(30, Ordering::Relaxed);
        course.count(10, &reporter);
        assert_eq!(reporter.done(), 0);
        course.is_last.store(true, Ordering::Relaxed);
        course.count(10, &reporter);
        assert_eq!(
            (reporter.done(), course.left.load(Ordering::Relaxed)),
            (10, 10)
        );
    }
}
