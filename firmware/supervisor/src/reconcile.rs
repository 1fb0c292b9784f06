//! The reconciler: carries out the first planned step in a task of its own, then
//! waits for the next look. A step that fails, or that is planned again right after
//! it was done, is tried again after a pause that doubles; a change of the settings
//! ends the pause. A disk that cannot be opened or added does not keep the volume from
//! being served: such a step is passed over while it waits.

use crate::desk::Desk;
use preau_domain::ids::DiskId;
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

/// A pause that is over is looked at soon, and not in a tight loop.
const SHORTEST_PAUSE: Duration = Duration::from_millis(10);

type Outcome = Result<Change, HostError>;

/// Why a step failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// A disk is not what a person confirmed.
    NotAsConfirmed,
    /// A chosen disk is no longer there.
    DiskGone,
    /// Only a person can say whether the array is started.
    Unclean,
    /// Something else, in technical words.
    Failed(String),
}

/// A step that waits before it is tried again.
struct Held {
    step: Step,
    not_before: Instant,
    /// The next pause.
    pause: Duration,
    /// Why it failed; `None` when it only was planned again right after it was done.
    problem: Option<Problem>,
}

/// Carries out steps, one at a time.
pub struct Reconciler {
    desk: Arc<Desk>,
    running: Option<(Step, JoinHandle<Outcome>)>,
    /// Done since the last plan.
    done: Option<Step>,
    /// The generation of the settings that the pauses were made under.
    generation: u64,
    held: Vec<Held>,
    diverged: Option<DiskId>,
}

impl Reconciler {
    /// Nothing to do yet.
    pub const fn new(desk: Arc<Desk>) -> Self {
        Self {
            desk,
            running: None,
            done: None,
            generation: 0,
            held: Vec::new(),
            diverged: None,
        }
    }

    /// Starts the first of the planned steps that does not wait, unless one runs. One
    /// that waits holds up those after it, but for a step about single disks.
    pub fn go_on(&mut self, steps: Vec<Step>) {
        if self.running.is_some() {
            return;
        }
        self.held.retain(|held| steps.contains(&held.step));
        let generation = self.desk.settings().generation;
        if self.generation != generation {
            for held in &mut self.held {
                held.not_before = Instant::now();
                held.pause = FIRST_PAUSE;
            }
        }
        self.generation = generation;
        if let Some(done) = self.done.take().filter(|done| steps.contains(done)) {
            // Planned again: what it should change does not show. Not in a tight loop.
            self.hold_back(done, None);
        }
        let waits = |step: &Step| {
            let held = self.held.iter().find(|held| held.step == *step);
            held.is_some_and(|held| Instant::now() < held.not_before)
        };
        let next = steps
            .into_iter()
            .find(|step| !(waits(step) && step.may_be_passed_over()));
        let Some(step) = next.filter(|step| !waits(step)) else {
            return;
        };
        let desk = Arc::clone(&self.desk);
        let apply = {
            let step = step.clone();
            async move {
                tracing::info!("carrying out {step:?}");
                desk.machine.apply(&step).await
            }
        };
        self.running = Some((step, tokio::spawn(apply)));
    }

    /// Waits for the end of the running step; for ever when none runs.
    pub async fn finished(&mut self) {
        let Some((_, running)) = &mut self.running else {
            return std::future::pending().await;
        };
        let outcome = running.await;
        let Some((step, _)) = self.running.take() else {
            return;
        };
        match outcome {
            Ok(Ok(_)) => {
                // Its pause goes on growing if it is planned again at once.
                for held in self.held.iter_mut().filter(|held| held.step == step) {
                    held.problem = None;
                }
                self.done = Some(step);
            }
            // Trying again changes nothing: a person decides what becomes of it.
            Ok(Err(HostError::Diverged { .. })) => {
                if let Step::AddMember { disk, .. } = step {
                    tracing::warn!("{disk} was used without the other disks, and is held out");
                    self.diverged = Some(disk);
                }
            }
            Ok(Err(error)) => {
                let why = chain(&error);
                let waits = matches!(error, HostError::Unclean { .. });
                if !waits && self.held.iter().any(|held| held.step == step) {
                    tracing::error!("carrying out {step:?}, again: {why}");
                } else {
                    // Once: a disk that was pulled between the look and the step. And
                    // what waits for a person is no failure, however often it is tried.
                    tracing::warn!("carrying out {step:?}: {why}");
                }
                let problem = match error {
                    HostError::NotAsConfirmed { .. } => Problem::NotAsConfirmed,
                    HostError::Unclean { .. } => Problem::Unclean,
                    _ => Problem::Failed(why),
                };
                self.hold_back(step, Some(problem));
            }
            Err(error) => {
                tracing::error!("a step ended badly: {error}");
                self.hold_back(step, Some(Problem::Failed(error.to_string())));
            }
        }
    }

    /// Whether a step runs.
    pub const fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// Whether the array is being started, and no step has failed on the way.
    pub fn is_starting(&self) -> bool {
        let running = self.running.as_ref().map(|(step, _)| step);
        let starts = matches!(
            running,
            Some(Step::OpenLayers { .. } | Step::Assemble { .. })
        );
        starts && self.problem().is_none()
    }

    /// Why a step failed, until it goes well or is no longer wanted.
    pub fn problem(&self) -> Option<Problem> {
        self.held.iter().find_map(|held| held.problem.clone())
    }

    /// The disk that the array refused since the last call: it was used elsewhere
    /// without the others.
    pub const fn take_diverged(&mut self) -> Option<DiskId> {
        self.diverged.take()
    }

    /// How long the next try waits, when one waits.
    pub fn pause(&self) -> Option<Duration> {
        let next = self.held.iter().map(|held| held.not_before).min()?;
        let left = next.saturating_duration_since(Instant::now());
        Some(left.max(SHORTEST_PAUSE))
    }

    fn hold_back(&mut self, step: Step, problem: Option<Problem>) {
        let before = self.held.iter().find(|held| held.step == step);
        let pause = before.map_or(FIRST_PAUSE, |held| held.pause);
        self.held.retain(|held| held.step != step);
        self.held.push(Held {
            step,
            not_before: Instant::now() + pause,
            pause: (pause * 2).min(LONGEST_PAUSE),
            problem,
        });
    }
}
