//! A repository at a destination: opened, made, and what can be wrong with it.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use preau_offsite_job::{Failure, FailureReport, Phase, Secret};
use rustic_core::repofile::{Chunker, MasterKey};
use rustic_core::{
    ConfigOptions, Credentials, KeyOptions, OpenStatus, Repository, RepositoryBackends,
    RepositoryOptions, RusticError,
};

use crate::backend::Depot;
use crate::keys;
use crate::store::Act;
use crate::talk::{Bars, Reporter};

/// The size of new packs. Small enough that a cut costs little on a slow line (less than a
/// minute at a megabit per second) and that a copy, which has three of them in hand, stays
/// within half of restic's memory; large enough that a terabyte is some 160,000 files.
const PACK_SIZE: u64 = 6 * 1024 * 1024;
/// zstd's quickest ordinary level: most of what a school keeps (pictures, films, office
/// files) is compressed already.
const COMPRESSION: i32 = 1;

/// An error of the job, with the failure that the supervisor is told.
#[derive(Debug, thiserror::Error)]
#[error("{detail}")]
pub struct JobError {
    /// What is wrong.
    pub failure: Failure,
    /// What was being done and what came back.
    pub detail: String,
}

impl JobError {
    /// An error of this kind.
    pub fn new(failure: Failure, detail: impl Into<String>) -> Self {
        Self {
            failure,
            detail: detail.into(),
        }
    }

    /// As it is told.
    pub fn report(self) -> FailureReport {
        FailureReport {
            failure: self.failure,
            detail: self.detail,
        }
    }
}

impl From<crate::store::StoreError> for JobError {
    fn from(error: crate::store::StoreError) -> Self {
        Self::new(error.failure(), error.to_string())
    }
}

/// The outcome of a part of a job.
pub type JobResult<T> = Result<T, JobError>;

/// What a job works with.
#[derive(Debug)]
pub struct Bench {
    /// The destination.
    pub depot: Arc<Depot>,
    /// Who is told.
    pub reporter: Reporter,
    /// The box's name.
    pub host: String,
}

impl Bench {
    /// What an error of the repository's library comes down to. The destination's own
    /// failure is nearer the truth than what the library makes of it.
    pub fn explain(&self, doing: &str, error: &RusticError) -> JobError {
        if let Some(cause) = find_store_error(error) {
            return JobError::new(cause.failure(), format!("{doing}: {cause}"));
        }
        if error.is_incorrect_password() {
            return JobError::new(
                Failure::WrongKey,
                format!("{doing}: no key fits the password"),
            );
        }
        let failure = if error.is_code("C001") || error.is_code("C003") {
            Failure::Damaged
        } else if let Some(cause) = self.depot.last_failure() {
            return JobError::new(cause.failure(), format!("{doing}: {cause}"));
        } else {
            Failure::Damaged
        };
        JobError::new(
            failure,
            format!("{doing}: {}", one_line(&error.display_log())),
        )
    }

    /// Reaches the destination.
    pub fn connect(&self) -> JobResult<()> {
        self.reporter.phase(Phase::Connecting, None);
        // Without patience: somebody may be waiting for the answer.
        let store = self.depot.store();
        store.connect().or_else(|error| {
            if error.failure() == Failure::Cut {
                // A line that was cut while greeting: once more is polite.
                store.connect()
            } else {
                Err(error)
            }
        })?;
        Ok(())
    }

    fn unopened(&self, cache: Option<&Path>) -> JobResult<Repository<()>> {
        let backends = RepositoryBackends::new(self.depot.clone(), None);
        let mut options = RepositoryOptions::default().no_cache(cache.is_none());
        if let Some(cache) = cache {
            options = options.cache_dir(cache);
        }
        Repository::new_with_progress(&options, &backends, Bars(self.reporter.clone()))
            .map_err(|error| self.explain("getting ready", &error))
    }

    /// Whether there is a repository.
    pub fn is_present(&self) -> JobResult<bool> {
        let listed = self.depot.ask(Act::List, "config", |store| {
            store.list(crate::store::Kind::Config)
        })?;
        Ok(!listed.is_empty())
    }

    /// Opens the repository.
    pub fn open(
        &self,
        password: &Secret,
        cache: Option<&Path>,
    ) -> JobResult<Repository<OpenStatus>> {
        if !self.is_present()? {
            return Err(JobError::new(
                Failure::NoRepository,
                "there is no config file",
            ));
        }
        self.unopened(cache)?
            .open(&credentials(password))
            .map_err(|error| self.explain("opening the repository", &error))
    }

    /// Makes the repository.
    pub fn make(&self, password: &Secret, now: Timestamp) -> JobResult<()> {
        if self.is_present()? {
            return Err(JobError::new(
                Failure::RepositoryExists,
                "there is a config file already",
            ));
        }
        self.depot
            .ask(Act::MakeFolders, "the repository", |store| {
                store.make_folders()
            })?;
        let key = keys::find_or_make(&self.depot, password, &self.host, now)?;
        let config = ConfigOptions::default()
            .set_version(2_u32)
            .set_chunker(Chunker::Rabin)
            .set_datapack_size(bytesize::ByteSize::b(PACK_SIZE))
            .set_datapack_growfactor(0_u32)
            .set_compression(COMPRESSION);
        self.unopened(None)?
            .init(
                &Credentials::Masterkey(key),
                &KeyOptions::default(),
                &config,
            )
            .map(drop)
            .map_err(|error| self.explain("making the repository", &error))
    }
}

/// The key that opens everything in the repository.
pub fn master_key(repository: &Repository<OpenStatus>) -> MasterKey {
    repository.key()
}

fn credentials(password: &Secret) -> Credentials {
    Credentials::password(password.reveal())
}

fn find_store_error<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> Option<&'a crate::store::StoreError> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        cause = error.source();
    }
    None
}

/// Library messages span lines and advise a person at a terminal.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
