//! The scrub in the supervisor: the book remembers, on the card, how far it is; the
//! scrubber sees and does what [`preau_domain::scrub::next`] says, in a task of its own
//! and one act at a time. People begin, pause and go on by changing the book.

mod book;
mod view;

pub use book::Book;
pub use view::{Progress, view};

use crate::desk::Desk;
use crate::reconcile::chain;
use jiff::Timestamp;
use preau_domain::arrays::SyncAction;
use preau_domain::scrub::{self, Pace, ScrubSeen, Scrubs, Volume};
use preau_domain::settings::{Settings, VolumeSettings};
use preau_domain::snapshot::Snapshot;
use preau_host::{Change, HostError};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use uuid::Uuid;

/// Between two looks at a scrub that goes on: what people watch.
const OFTEN: Duration = Duration::from_secs(10);
/// Between two looks while none does: md's counts change seldom.
const SELDOM: Duration = Duration::from_secs(600);
/// After an act that failed.
const AFTER_FAILURE: Duration = Duration::from_secs(120);

type Outcome = Result<Change, HostError>;

/// Carries scrubs out.
pub struct Scrubber {
    desk: Arc<Desk>,
    /// What is being done, and what is remembered once it is.
    running: Option<(Scrubs, JoinHandle<Outcome>)>,
    seen: Option<ScrubSeen>,
    not_before: Option<Instant>,
    /// The book that was last looked at: a change is looked at without waiting.
    known: Option<Scrubs>,
}

impl Scrubber {
    /// Nothing is known yet.
    pub const fn new(desk: Arc<Desk>) -> Self {
        Self {
            desk,
            running: None,
            seen: None,
            not_before: None,
            known: None,
        }
    }

    /// Looks, remembers, and begins what is to be done.
    pub async fn go_on(&mut self, settings: &Settings, snapshot: &Snapshot, now: Timestamp) {
        let Some(volume) = settings.volume.as_ref().filter(|volume| volume.formatted) else {
            return;
        };
        let scrubs = self.desk.scrubs.read();
        let waits = self.not_before.is_some_and(|at| Instant::now() < at);
        if self.running.is_some() || (waits && self.known.as_ref() == Some(&scrubs)) {
            return;
        }
        let state = state_of(volume, snapshot);
        let since = scrubs.run.as_ref().map_or(now, |run| run.started);
        let seen = match self.desk.machine.read_scrub(volume.array, since).await {
            Ok(seen) => seen,
            // Without its array there is nothing to read, which is told elsewhere.
            Err(error) => {
                tracing::debug!("reading how the scrub goes: {}", chain(&error));
                self.not_before = Some(Instant::now() + OFTEN);
                return;
            }
        };
        let zone = crate::status::time_zone(settings);
        let (next, act) = scrub::next(&scrubs, &seen, state, now, &zone);
        let goes = next.run.as_ref().is_some_and(|run| run.pace == Pace::Going);
        self.not_before = Some(Instant::now() + if goes { OFTEN } else { SELDOM });
        self.seen = Some(seen);
        let Some(act) = act else {
            self.desk.scrubs.commit(&scrubs, next);
            self.known = Some(self.desk.scrubs.read());
            return;
        };
        self.known = Some(scrubs);
        let desk = Arc::clone(&self.desk);
        let array: Uuid = volume.array;
        let carry_out = async move {
            tracing::info!("carrying out {act:?}");
            desk.machine.scrub(array, act).await
        };
        self.running = Some((next, tokio::spawn(carry_out)));
    }

    /// Waits for the end of what is being done; for ever when nothing is.
    pub async fn finished(&mut self) {
        let Some((_, running)) = &mut self.running else {
            return std::future::pending().await;
        };
        let outcome = running.await;
        let Some((next, _)) = self.running.take() else {
            return;
        };
        match outcome {
            Ok(Ok(_)) => {
                if let Some(before) = &self.known {
                    self.desk.scrubs.commit(before, next);
                }
                self.not_before = None;
            }
            Ok(Err(error)) => {
                tracing::warn!("a part of the scrub: {}", chain(&error));
                self.not_before = Some(Instant::now() + AFTER_FAILURE);
            }
            Err(error) => {
                tracing::error!("a part of the scrub ended badly: {error}");
                self.not_before = Some(Instant::now() + AFTER_FAILURE);
            }
        }
    }

    /// Whether something is being done.
    pub const fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        Progress {
            scrubs: self.desk.scrubs.read(),
            seen: self.seen.clone(),
        }
    }

    /// How long the next look may wait.
    pub fn pause(&self) -> Option<Duration> {
        let scrubs = self.desk.scrubs.read();
        let goes = scrubs.run.is_some_and(|run| run.pace == Pace::Going);
        goes.then_some(OFTEN)
    }
}

fn state_of(volume: &VolumeSettings, snapshot: &Snapshot) -> Volume {
    let array = crate::status::array_of(volume, snapshot);
    let whole = array.is_some_and(|array| {
        let checks = |sync: &preau_domain::arrays::SyncProgress| sync.action == SyncAction::Check;
        array.running && array.missing_members == 0 && array.sync.as_ref().is_none_or(checks)
    });
    let mounted = snapshot
        .volume
        .known()
        .is_some_and(|found| found.filesystem == volume.filesystem && !found.read_only);
    if whole && mounted {
        Volume::Whole
    } else {
        Volume::Busy
    }
}
