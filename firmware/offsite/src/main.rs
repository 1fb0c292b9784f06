//! `preau-offsite`: one job on a repository in restic's format, then gone. What is
//! said to it and what it says is in `preau-offsite-job`.
//!
//! ```text
//! tasks ─▶ repository (rustic_core) ─▶ backend: retries ─▶ store: folder, SFTP, REST, S3, WebDAV
//!   │                                                        │
//!   └──────────────▶ talk ◀── progress, notes ── flow ◀──────┘ bytes, limit, stop
//! ```

mod backend;
mod cipher;
mod flow;
mod keys;
mod locks;
mod repository;
mod store;
mod talk;
mod tasks;

use std::io::{self, BufReader};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use preau_offsite_job::{Event, Failure, Job, Task};

use backend::{Depot, Packs};
use flow::Flow;
use repository::{Bench, JobError, JobResult};
use talk::{Reporter, Warnings};

fn main() -> ExitCode {
    // `ssh` starts this program again to ask for a password.
    if let Some(answered) = store::answer_ssh() {
        return match answered {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        };
    }
    let mut input = BufReader::new(io::stdin());
    let job = talk::read_job(&mut input);
    let limit = job.as_ref().ok().and_then(|job| job.upload_limit);
    let flow = Arc::new(Flow::new(limit));
    let reporter = Reporter::new(flow.clone());
    let job = match job {
        Ok(job) => job,
        Err(report) => {
            reporter.tell(&Event::Failed(report));
            return ExitCode::FAILURE;
        }
    };
    talk::obey(input, flow.clone());
    if log::set_boxed_logger(Box::new(Warnings(reporter.clone()))).is_ok() {
        log::set_max_level(log::LevelFilter::Info);
    }
    reporter.keep_telling();
    std::panic::set_hook(Box::new(|panic| {
        let words = panic.to_string();
        eprintln!("{words}");
        *LAST_WORDS.lock().unwrap_or_else(PoisonError::into_inner) = words;
    }));
    match run(&job, &flow, &reporter) {
        Ok(outcome) => {
            reporter.tell(&Event::Done(outcome));
            ExitCode::SUCCESS
        }
        Err(error) => {
            // What fails after the order to stop fails because of it.
            let failure = if flow.is_cancelled() {
                Failure::Cancelled
            } else {
                error.failure
            };
            reporter.tell(&Event::Failed(
                JobError::new(failure, error.detail).report(),
            ));
            ExitCode::FAILURE
        }
    }
}

/// What the library said when it panicked.
static LAST_WORDS: Mutex<String> = Mutex::new(String::new());

fn last_words() -> String {
    LAST_WORDS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone()
}

fn run(job: &Job, flow: &Arc<Flow>, reporter: &Reporter) -> JobResult<preau_offsite_job::Outcome> {
    let store = store::open(&job.destination, flow)?;
    let bench = Bench {
        depot: Arc::new(Depot::new(
            store,
            flow.clone(),
            patience(&job.task),
            packs(&job.task),
        )),
        reporter: reporter.clone(),
        host: job.host.clone(),
    };
    // The library underneath panics where a destination fails in the middle of a
    // restore; the destination's own failure says why.
    catch_unwind(AssertUnwindSafe(|| tasks::run(job, &bench))).unwrap_or_else(|_| {
        Err(match bench.depot.last_failure() {
            Some(error) => error.into(),
            None => tasks::after_a_panic(job, &last_words()),
        })
    })
}

/// How long to try again: a person waits for some answers, the night for others.
const fn patience(task: &Task) -> &'static [std::time::Duration] {
    match task {
        Task::Test
        | Task::Init
        | Task::List
        | Task::Settings { .. }
        | Task::Browse { .. }
        | Task::Search { .. } => backend::HURRIED,
        Task::BackUp { .. }
        | Task::Restore { .. }
        | Task::Forget { .. }
        | Task::Prune { .. }
        | Task::Strike { .. }
        | Task::Check
        | Task::CheckData { .. }
        | Task::Drill { .. } => backend::PATIENT,
    }
}

/// How packs of data are fetched.
const fn packs(task: &Task) -> Packs {
    match task {
        Task::Prune { .. } | Task::Strike { .. } => Packs::Whole,
        Task::Restore { .. } | Task::Drill { .. } => Packs::UntilWritten,
        _ => Packs::AsWanted,
    }
}
