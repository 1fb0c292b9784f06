//! What each task does. Every one of them leaves the destination usable wherever it
//! is cut: what is written first is nothing until what is written last refers to it.

mod back_up;
mod browse;
mod check;
mod drill;
mod restore;
mod settings;
mod snapshots;
mod strike;
mod test;
mod tidy;

use std::path::Path;

use jiff::Timestamp;
use preau_offsite_job::{ClockTrusted, Failure, Job, Outcome, Phase, Secret, Task};
use rustic_core::{OpenStatus, Repository};

use crate::locks::{self, Held, Sharing};
use crate::repository::{Bench, JobError, JobResult, master_key};
use crate::store::{Act, DRAFTS};

pub use restore::after_a_panic;

/// Does the job.
pub fn run(job: &Job, bench: &Bench) -> JobResult<Outcome> {
    // Before anything is asked of anybody: without a clock nothing is deleted.
    may_delete(&job.task, now())?;
    bench.connect()?;
    let room = Room { job, bench };
    match &job.task {
        Task::Test => test::run(job, bench),
        Task::Init => {
            bench.make(room.password()?, now())?;
            Ok(Outcome::Init)
        }
        Task::BackUp { shares, settings } => back_up::run(&room, shares, settings.as_ref()),
        Task::List => snapshots::list(&room),
        Task::Settings { at_most } => settings::read(&room, *at_most),
        Task::Browse { snapshot, folder } => browse::browse(&room, snapshot, folder),
        Task::Search {
            snapshots,
            name,
            at_most,
        } => browse::search(&room, snapshots, name, *at_most),
        Task::Restore {
            snapshot,
            path,
            to,
            existing,
        } => restore::run(&room, snapshot, path, to, *existing),
        Task::Forget { keep, .. } => tidy::forget(&room, keep),
        Task::Prune { fetch_at_most, .. } => tidy::prune(&room, *fetch_at_most),
        Task::Strike { share, path, .. } => strike::run(&room, share, path),
        Task::Check => check::structure(&room),
        Task::CheckData { part, of } => check::data(&room, *part, *of),
        Task::Drill { .. } => drill::run(&room),
    }
}

/// Before this no box was built: a clock that stands there stands where it was when it
/// had no battery, whoever vouches for it.
const FIRST_BOX: Timestamp = Timestamp::constant(1_767_225_600, 0);

/// Whether a task that deletes may.
fn may_delete(task: &Task, now: Timestamp) -> JobResult<()> {
    let (Task::Forget { clock_trusted, .. }
    | Task::Prune { clock_trusted, .. }
    | Task::Strike { clock_trusted, .. }) = task
    else {
        return Ok(());
    };
    let refuse = |detail: String| Err(JobError::new(Failure::ClockNotTrusted, detail));
    if *clock_trusted != ClockTrusted(true) {
        return refuse("the job does not say that the clock is trusted".into());
    }
    if now < FIRST_BOX {
        return refuse(format!("the clock says {now}"));
    }
    Ok(())
}

/// A job at its destination.
#[derive(Debug, Clone, Copy)]
struct Room<'a> {
    job: &'a Job,
    bench: &'a Bench,
}

/// What a lock is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    /// Something is added.
    Add,
    /// Something is deleted.
    Delete,
    /// Something is only read, with whatever rights there are.
    Read,
}

impl Room<'_> {
    fn password(&self) -> JobResult<&Secret> {
        self.job
            .password
            .as_ref()
            .ok_or_else(|| JobError::new(Failure::BadJob, "the job has no password"))
    }

    /// Opens the repository and leaves a lock there.
    fn open(&self, need: Need) -> JobResult<(Repository<OpenStatus>, Option<Held>)> {
        let cache = self.job.cache.as_deref();
        let repository = self.bench.open(self.password()?, cache)?;
        let held = self.lock(&repository, need)?;
        self.bench.reporter.phase(Phase::ReadingIndex, None);
        Ok((repository, held))
    }

    /// Removes what an earlier run left half-written.
    fn clear_drafts(&self) -> JobResult<()> {
        let depot = &self.bench.depot;
        Ok(depot.ask(Act::Remove, DRAFTS, |store| store.remove_drafts())?)
    }

    fn lock(&self, repository: &Repository<OpenStatus>, need: Need) -> JobResult<Option<Held>> {
        let sharing = match need {
            Need::Add | Need::Read => Sharing::Shared,
            Need::Delete => Sharing::Alone,
        };
        let key = master_key(repository);
        match locks::take(&self.bench.depot, &key, &self.bench.host, sharing, now) {
            Ok(held) => Ok(Some(held)),
            // Whoever restores from a full disk, or with rights to read only, is not
            // to be stopped by it.
            Err(error)
                if need == Need::Read
                    && matches!(error.failure, Failure::WriteRefused | Failure::NoSpace) =>
            {
                log::info!("going on without a lock: {error}");
                self.bench.depot.tell_instead(None);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the time of a lock is when it was written"
)]
fn now() -> Timestamp {
    Timestamp::now()
}

/// A folder's free bytes, as far as they are known.
fn free_bytes(folder: &Path) -> Option<u64> {
    let facts = rustix::fs::statvfs(folder).ok()?;
    Some(facts.f_bavail * facts.f_frsize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_deleted_under_a_clock_that_is_not_trusted_or_stands_in_1970() {
        let delete = |trusted, now: &str| {
            let task = Task::Prune {
                fetch_at_most: None,
                clock_trusted: ClockTrusted(trusted),
            };
            may_delete(&task, now.parse().unwrap()).map_err(|error| error.failure)
        };
        let refused = Err(Failure::ClockNotTrusted);
        assert_eq!(delete(true, "1970-01-01T00:02:00Z"), refused);
        assert_eq!(delete(true, "2025-12-31T23:59:59Z"), refused);
        assert_eq!(delete(false, "2026-11-24T07:42:00Z"), refused);
        assert_eq!(delete(true, "2026-11-24T07:42:00Z"), Ok(()));
        assert!(may_delete(&Task::Check, Timestamp::UNIX_EPOCH).is_ok());
    }
}
