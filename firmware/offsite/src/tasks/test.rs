//! Whether a destination can do what will be asked of it, found out by doing it.

use bytes::Bytes;
use preau_offsite_job::{Failure, Job, Outcome, RepositoryFound};

use crate::locks::name_of;
use crate::repository::{Bench, JobError, JobResult};
use crate::store::{self, Act, Kind, Place};

/// Bytes of the file that is written: enough not to fit beside a quota that is used
/// up, little enough for any line.
const PROBE: usize = 64 * 1024;

/// Writes a file, reads it back, deletes it. The file lies among the locks: every
/// server lets a box delete there, and what is no lock is cleared by the next job.
pub fn run(job: &Job, bench: &Bench) -> JobResult<Outcome> {
    let depot = &bench.depot;
    let present = bench.is_present()?;
    if !present {
        depot.ask(Act::MakeFolders, "the repository", |store| {
            store.make_folders()
        })?;
    }
    let mut content = vec![0; PROBE];
    getrandom::fill(&mut content)
        .map_err(|error| JobError::new(Failure::Internal, error.to_string()))?;
    let place = Place {
        kind: Kind::Lock,
        name: name_of(&content),
    };
    let content = Bytes::from(content);
    let path = place.path();
    depot.ask(Act::Write, &path, |store| {
        store.write(&place, std::slice::from_ref(&content))
    })?;
    let back = depot.ask(Act::Read, &path, |store| store.read(&place, None));
    let removed = depot.ask(Act::Remove, &path, |store| store.remove(&place));
    if back? != content {
        return Err(JobError::new(
            Failure::Damaged,
            "what was read back is not what was written",
        ));
    }
    match removed {
        Err(error)
            if error.failure() == Failure::DeleteRefused
                && store::may_be_append_only(&job.destination) =>
        {
            log::info!("{error}");
        }
        outcome => outcome?,
    }
    Ok(Outcome::Test {
        repository: if present {
            RepositoryFound::Present
        } else {
            RepositoryFound::Absent
        },
        free: depot.store().free(),
    })
}
