//! Looks whether the repository is whole.

use preau_offsite_job::{Failure, Outcome, Phase};
use rustic_core::{CheckOptions, ReadSubsetOption};

use super::{Need, Room};
use crate::repository::{JobError, JobResult};

/// Whether everything that is spoken of is there.
pub fn structure(room: &Room<'_>) -> JobResult<Outcome> {
    check(room, CheckOptions::default())
}

/// The same, and one part of the data fetched and compared with its hashes.
pub fn data(room: &Room<'_>, part: u32, of: u32) -> JobResult<Outcome> {
    if part == 0 || part > of {
        let detail = format!("there is no part {part} of {of}");
        return Err(JobError::new(Failure::BadJob, detail));
    }
    let options = CheckOptions::default()
        .read_data(true)
        .read_data_subset(ReadSubsetOption::IdSubSet((part % of, of)));
    check(room, options)
}

fn check(room: &Room<'_>, options: CheckOptions) -> JobResult<Outcome> {
    let (repository, _lock) = room.open(Need::Read)?;
    room.bench.reporter.phase(Phase::Checking, None);
    let results = repository
        .check(options)
        .map_err(|error| room.bench.explain("checking", &error))?;
    match results.is_ok() {
        Ok(()) => Ok(Outcome::Check {
            read: room.bench.reporter.done(),
        }),
        Err(_) => Err(damage(room, &results.0)),
    }
}

/// What was found to be wrong. If the destination failed on the way, that is the news:
/// what could not be fetched is not known to be damaged.
fn damage<L, E: std::fmt::Display>(room: &Room<'_>, findings: &[(L, E)]) -> JobError {
    if let Some(error) = room.bench.depot.last_failure()
        && error.failure() != Failure::Damaged
    {
        return error.into();
    }
    let found: Vec<String> = findings
        .iter()
        .take(5)
        .map(|(_, e)| e.to_string())
        .collect();
    JobError::new(
        Failure::Damaged,
        format!("{} findings: {}", findings.len(), found.join("; ")),
    )
}
