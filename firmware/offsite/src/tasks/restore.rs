//! Brings files back. The library plans first (what is there already, what must be
//! fetched), then fetches and writes, then sets attributes; a part at a time ([`parts`]),
//! since it remembers every piece of what it plans. What was written is read again and
//! compared with its hashes ([`proof`]), one part while the next is fetched.

mod parts;
mod proof;

use std::ops::AddAssign;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use preau_offsite_job::{EscapedPath, Existing, Failure, Job, Outcome, Phase, SnapshotId, Task};
use rustic_core::repofile::Node;
use rustic_core::{
    IndexedFull, LocalDestination, LsOptions, Repository, RestoreOptions, RestorePlan, RusticError,
};

use parts::{OpenFolders, Part, Survey};
use proof::{Proof, Restored};

use super::browse::node_at;
use super::snapshots::find;
use super::{Need, Room, free_bytes};
use crate::repository::{JobError, JobResult, one_line};

/// What was written.
#[derive(Debug, Clone, Copy, Default)]
pub struct Written {
    /// Files whose content was fetched.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files that were there with the same content.
    pub unchanged: u64,
}

impl AddAssign for Written {
    fn add_assign(&mut self, more: Self) {
        self.files += more.files;
        self.bytes += more.bytes;
        self.unchanged += more.unchanged;
    }
}

/// Restores a snapshot or a path of it.
pub fn run(
    room: &Room<'_>,
    snapshot: &SnapshotId,
    path: &EscapedPath,
    to: &Path,
    existing: Existing,
) -> JobResult<Outcome> {
    prepare(to, existing)?;
    let (repository, _lock) = room.open(Need::Read)?;
    let snapshot = find(room, &repository, snapshot)?;
    let repository = repository
        .to_indexed()
        .map_err(|error| room.bench.explain("reading the index", &error))?;
    let node = node_at(room, &repository, &snapshot, &path.to_path())?;
    let notes_before = room.bench.reporter.notes();
    let written = std::thread::scope(|scope| {
        let proof = Proof::start(scope, room, &repository, &node, to);
        let writing = || write(room, &repository, &node, to, Some(&proof));
        match catch_unwind(AssertUnwindSafe(writing)) {
            Ok(Ok(written)) => proof.end(&room.bench.reporter).map(|()| written),
            failed => {
                proof.give_up();
                if existing == Existing::Refuse {
                    clear(room, &repository, &node, to);
                }
                failed.unwrap_or_else(|panic| resume_unwind(panic))
            }
        }
    })?;
    Ok(Outcome::Restore {
        files: written.files,
        bytes: written.bytes,
        unchanged: written.unchanged,
        incomplete: room.bench.reporter.notes() - notes_before,
    })
}

/// After a restore that failed, a file that is half there has its whole size: it must not
/// be taken for the one that was lost.
fn clear<S: IndexedFull>(room: &Room<'_>, repository: &Repository<S>, node: &Node, to: &Path) {
    let failure = room.bench.depot.last_failure();
    match proof::remove_untrue(room, repository, node, to) {
        Ok(removed) => log::info!("{removed} half-written files removed"),
        Err(error) => log::info!("removing half-written files: {error}"),
    }
    room.bench.depot.tell_instead(failure);
}

/// Makes the folder, or looks at what is in it.
fn prepare(to: &Path, existing: Existing) -> JobResult<()> {
    let fail = |error: &std::io::Error| {
        let detail = format!("looking at {}: {error}", to.display());
        JobError::new(judge_io(error), detail)
    };
    match std::fs::create_dir(to) {
        Ok(()) => return Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(fail(&error)),
    }
    let mut entries = std::fs::read_dir(to).map_err(|error| fail(&error))?;
    match (existing, entries.next()) {
        (Existing::Refuse, Some(_)) => Err(JobError::new(
            Failure::TargetNotEmpty,
            format!("{} is not empty", to.display()),
        )),
        _ => Ok(()),
    }
}

/// Restores a folder's content into `to`, or a file under its name in `to`, and gives each
/// part that is there to the proof.
pub fn write<S: IndexedFull>(
    room: &Room<'_>,
    repository: &Repository<S>,
    node: &Node,
    to: &Path,
    proof: Option<&Proof<'_>>,
) -> JobResult<Written> {
    let explain = |error: Box<RusticError>| explain(room, to, &error);
    let place = target_of(node, to)?;
    let text = place.to_str().ok_or_else(|| {
        let detail = format!("{} is no text", place.display());
        JobError::new(Failure::BadJob, detail)
    })?;
    let target = LocalDestination::new(text, true, !node.is_dir()).map_err(explain)?;
    // A file of the same size and time may still be another one.
    let mut options = RestoreOptions::default().verify_existing(true);
    // Holes stay holes. The library does not export the name of this type.
    options.sparse = serde_json::from_str("\"ByContent\"").ok();
    let everything = LsOptions::default();
    let restore = Restore {
        room,
        repository,
        target: &target,
        to,
        options,
        proof,
    };
    let listing = || repository.ls(node, &everything).map_err(explain);
    room.bench.reporter.phase(Phase::Restoring, None);
    remember_target(to);
    let is_new = is_empty(&place);
    let is_there =
        |below: &Path, node: &Node| !is_new && has_size(&place.join(below), node.meta.size);
    let Survey {
        mut parts,
        several_names,
    } = Survey::of(listing()?, is_there).map_err(explain)?;
    let mut written = Written::default();
    let mut rest = listing()?;
    let mut open = OpenFolders::default();
    while parts.pop_front().is_some() {
        let mut ahead = rest.clone();
        let plan = restore.plan(Part::of(&mut ahead))?;
        let next = ahead.next().transpose().map_err(explain)?;
        let next = next.as_ref().map(|(path, _)| path.as_path());
        let after = parts.iter().sum::<u64>() + several_names.unwrap_or_default();
        written += restore.bring(plan, open.close(Part::of(&mut rest), next), after)?;
    }
    if several_names.is_some() {
        let plan = restore.plan(parts::last(listing()?))?;
        if !is_new {
            for below in parts::further_names(listing()?) {
                make_way(&place.join(below.map_err(explain)?))?;
            }
        }
        written += restore.bring(plan, parts::last(listing()?), 0)?;
    }
    Ok(written)
}

/// What all parts of a restore have in common.
struct Restore<'a, 'b, S> {
    room: &'a Room<'b>,
    repository: &'a Repository<S>,
    target: &'a LocalDestination,
    to: &'a Path,
    options: RestoreOptions,
    proof: Option<&'a Proof<'a>>,
}

impl<S: IndexedFull> Restore<'_, '_, S> {
    /// Looks at what is there, and makes the folders.
    fn plan(&self, listed: impl Iterator<Item = parts::Item>) -> JobResult<RestorePlan> {
        self.repository
            .prepare_restore(&self.options, listed, self.target, false)
            .map_err(|error| explain(self.room, self.to, &error))
    }

    /// Fetches and writes what was planned; `after` so many bytes more will follow.
    fn bring(
        &self,
        plan: RestorePlan,
        listed: impl Iterator<Item = parts::Item>,
        after: u64,
    ) -> JobResult<Written> {
        let wanted = plan.restore_size + after;
        if let Some(free) = free_bytes(self.to)
            && free < wanted
        {
            return Err(JobError::new(
                Failure::TargetFull,
                format!("{wanted} bytes to write, {free} free"),
            ));
        }
        let written = Written {
            files: plan.stats.files.restore + plan.stats.files.modify,
            bytes: plan.restore_size,
            unchanged: plan.stats.files.unchanged + plan.stats.files.verified,
        };
        let reporter = &self.room.bench.reporter;
        reporter.around(reporter.done() + after);
        let mut restored = Vec::new();
        let listed = listed.inspect(|item| {
            if let (Some(_), Ok((below, node))) = (self.proof, item) {
                restored.extend(Restored::of(below, node));
            }
        });
        self.repository
            .restore(plan, &self.options, listed, self.target)
            .map_err(|error| explain(self.room, self.to, &error))?;
        if let Some(proof) = self.proof {
            proof.take(restored);
        }
        Ok(written)
    }
}

/// Removes a name of which the copy says that it is another name of a file: the library
/// makes it only where nothing is.
fn make_way(name: &Path) -> JobResult<()> {
    match std::fs::remove_file(name) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            let detail = format!("replacing {}: {error}", name.display());
            Err(JobError::new(judge_io(&error), detail))
        }
        _ => Ok(()),
    }
}

/// Whether nothing is there yet, be it a folder or a file.
fn is_empty(place: &Path) -> bool {
    std::fs::read_dir(place).map_or(!place.exists(), |mut entries| entries.next().is_none())
}

fn has_size(path: &Path, size: u64) -> bool {
    path.symlink_metadata()
        .is_ok_and(|found| found.is_file() && found.len() == size)
}

/// Where a node is written to.
fn target_of(node: &Node, to: &Path) -> JobResult<PathBuf> {
    Ok(if node.is_dir() {
        to.to_path_buf()
    } else {
        to.join(node.name())
    })
}

/// What an error while restoring comes down to: the destination's failure, else the
/// disk's that is written to.
fn explain(room: &Room<'_>, to: &Path, error: &RusticError) -> JobError {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(inner) = cause {
        if let Some(found) = inner.downcast_ref::<std::io::Error>() {
            let detail = format!("writing to {}: {found}", to.display());
            return JobError::new(judge_io(found), detail);
        }
        cause = inner.source();
    }
    room.bench.explain("restoring", error)
}

fn judge_io(error: &std::io::Error) -> Failure {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Failure::TargetFull,
        _ => Failure::TargetUnwritable,
    }
}

/// Where the last restore wrote to, for the case that the library panics there.
static TARGET: Mutex<Option<PathBuf>> = Mutex::new(None);

fn remember_target(to: &Path) {
    *TARGET.lock().unwrap_or_else(PoisonError::into_inner) = Some(to.to_path_buf());
}

/// What a panic of the library means when the destination did not fail: what came is
/// not what was written, the disk that is restored to failed, or the library did.
pub fn after_a_panic(job: &Job, words: &str) -> JobError {
    /// Less than what the library writes at once.
    const NEARLY_NOTHING: u64 = 16 * 1024 * 1024;
    let target = TARGET.lock().unwrap_or_else(PoisonError::into_inner).take();
    let restores = matches!(job.task, Task::Restore { .. } | Task::Drill { .. });
    let failure = match target {
        Some(_) if restores && speaks_of_content(words) => Failure::Damaged,
        Some(to) if restores => match free_bytes(&to) {
            Some(free) if free < NEARLY_NOTHING => Failure::TargetFull,
            _ => Failure::TargetUnwritable,
        },
        _ => Failure::Internal,
    };
    JobError::new(failure, one_line(words))
}

/// Whether the library's last words are about what it read, not about where it wrote:
/// it decrypts and unpacks in the same breath as it writes.
fn speaks_of_content(words: &str) -> bool {
    words.contains("RusticError")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_decrypted_is_damage_wherever_it_was_written_to() {
        // The beginnings of what rustic_core 0.13 says, with a pack of which a byte
        // was changed and with a folder that was removed under it.
        assert!(speaks_of_content(
            "called `Result::unwrap()` on an `Err` value: RusticError { kind: Cryptography"
        ));
        assert!(!speaks_of_content(
            "called `Result::unwrap()` on an `Err` value: OpeningFileFailed"
        ));
    }
}
