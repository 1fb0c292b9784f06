//! The reconciler: carries out the first planned step in a task of its own, then
//! waits for the next look. A step that fails, or that is planned again right after
//! it was done, is tried again after a pause that doubles; a change of the settings
//! or another step ends the pause.

use crate::desk::Desk;
use preau_domain::plan::Step;
pub use preau_host::chain;
use preau_host::{Change, HostError};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// The first pause after a failure.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// The longest one.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

type Outcome = (Step, Result<Change, HostError>);

/// Why a step failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// A disk is not what a person confirmed.
    NotAsConfirmed,
    /// A chosen disk is no longer there.
    DiskGone,
    /// Something else, in technical words.
    Failed(String),
}

/// Carries out steps, one at a time.
pub struct Reconciler {
    desk: Arc<Desk>,
    running: Option<JoinHandle<Outcome>>,
    last: Option<Step>,
    /// The generation of the settings that the pause was made under.
    generation: u64,
    pause: Duration,
    not_before: Option<Instant>,
    problem: Option<Problem>,
}

impl Reconciler {
    /// Nothing to do yet.
    pub const fn new(desk: Arc<Desk>) -> Self {
        Self {
            desk,
            running: None,
            last: None,
            generation: 0,
            pause: FIRST_PAUSE,
            not_before: None,
            problem: None,
        }
    }

    /// Starts the first of the planned steps, unless one runs or a pause holds.
    pub fn go_on(&mut self, steps: Vec<Step>) {
        if self.running.is_some() {
            return;
        }
        let Some(step) = steps.into_iter().next() else {
            self.last = None;
            self.problem = None;
            self.forget_pause();
            return;
        };
        let generation = self.desk.settings().generation;
        if self.last.as_ref() != Some(&step) || self.generation != generation {
            self.forget_pause();
        } else if self.not_before.is_none() {
            // Done a moment ago, and planned again: what it should change does not
            // show. Not in a tight loop.
            self.hold_back();
        }
        if self.not_before.is_some_and(|at| Instant::now() < at) {
            return;
        }
        self.not_before = None;
        self.generation = generation;
        self.last = Some(step.clone());
        let desk = Arc::clone(&self.desk);
        self.running = Some(tokio::spawn(async move {
            tracing::info!("carrying out {step:?}");
            let result = desk.machine.apply(&step).await;
            (step, result)
        }));
    }

    /// Waits for the end of the running step; for ever when none runs.
    pub async fn finished(&mut self) {
        let Some(running) = &mut self.running else {
            return std::future::pending().await;
        };
        let outcome = running.await;
        self.running = None;
        match outcome {
            Ok((_, Ok(_))) => self.problem = None,
            Ok((step, Err(error))) => {
                let why = chain(&error);
                if self.pause == FIRST_PAUSE {
                    // Once: a disk that was pulled between the look and the step.
                    tracing::warn!("carrying out {step:?}: {why}");
                } else {
                    tracing::error!("carrying out {step:?}, again: {why}");
                }
                self.problem = Some(match error {
                    HostError::NotAsConfirmed { .. } => Problem::NotAsConfirmed,
                    _ => Problem::Failed(why),
                });
                self.hold_back();
            }
            Err(error) => {
                tracing::error!("a step ended badly: {error}");
                self.problem = Some(Problem::Failed(error.to_string()));
                self.hold_back();
            }
        }
    }

    /// Whether a step runs.
    pub const fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// Why the last step failed, until one goes well.
    pub fn problem(&self) -> Option<Problem> {
        self.problem.clone()
    }

    /// How long the next try waits, when one waits.
    pub fn pause(&self) -> Option<Duration> {
        let left = self.not_before?.saturating_duration_since(Instant::now());
        Some(left.max(Duration::from_millis(10)))
    }

    fn hold_back(&mut self) {
        self.not_before = Some(Instant::now() + self.pause);
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
    }

    const fn forget_pause(&mut self) {
        self.pause = FIRST_PAUSE;
        self.not_before = None;
    }
}
