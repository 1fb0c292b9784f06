//! The readings of the disks. Every ten minutes, and when a disk appears, each is
//! visited; what it tells is added to its history, judged, and put on the desk for
//! the watch and the pages. What must be known after a restart is written to the
//! card: a changed figure at once, all else once an hour.
//!
//! Lengths of time are counted by the machine's own clock. The box's clock may be in
//! 1970 after a power cut and be set meanwhile: the histories move with it.

use crate::clock::Clocks;
use crate::desk::Desk;
use crate::reconcile::chain;
use crate::store::Sample;
use jiff::{SignedDuration, Timestamp};
use preau_domain::health::{History, Judgement, News, Report, SelfTestState, Visit};
use preau_domain::ids::DiskId;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use touch::Touched;

mod self_tests;
mod touch;

#[cfg(test)]
mod tests;

/// Between two visits: a disk that grows bad does so over hours or days.
const EVERY: Duration = Duration::from_secs(600);
/// While a disk is silent, a test runs, or the disks could not be found.
const SOON: Duration = Duration::from_secs(60);
/// Between two reads of a block: an idle disk that died is found within minutes.
const TOUCH_EVERY: Duration = Duration::from_secs(60);
/// A disk that was plugged in spins up first.
const SPIN_UP: Duration = Duration::from_secs(5);
/// Between two writes of what has not changed.
const HOUR: Duration = Duration::from_secs(3600);
/// Between two thinnings.
const DAY: Duration = Duration::from_secs(24 * 3600);
/// Before this there was no Préau: a box that says so has not been told the time yet,
/// and what it wrote would stand in the wrong year for good.
const FIRST_YEAR: i16 = 2026;

/// How one disk is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiskHealth {
    /// When it was last visited.
    pub at: Timestamp,
    /// What its readings say; `None` of one that has been asleep ever since the start.
    pub judgement: Option<Judgement>,
    /// What it told when it last told anything.
    pub report: Option<Arc<Report>>,
    /// It sleeps, and was left in peace.
    pub asleep: bool,
}

/// How the disks are that are plugged in.
pub type Health = BTreeMap<DiskId, DiskHealth>;

/// The judgements alone.
pub fn judgements(health: &Health) -> BTreeMap<DiskId, Judgement> {
    let judged =
        |(disk, health): (&DiskId, &DiskHealth)| Some((disk.clone(), health.judgement.clone()?));
    health.iter().filter_map(judged).collect()
}

/// Visits the disks.
pub struct Readings {
    desk: Arc<Desk>,
    disks: BTreeMap<DiskId, Known>,
    clocks: Clocks,
    written: Option<Instant>,
    thinned: Option<Instant>,
    /// The disks could not be found at the last visit.
    lost: bool,
    /// Counts the reads of blocks.
    turn: u64,
    /// When a disk was last told to test itself.
    tested: BTreeMap<DiskId, Instant>,
}

/// What is known of a disk that is plugged in.
#[derive(Default)]
struct Known {
    history: History,
    report: Option<Arc<Report>>,
    asleep: bool,
    touched: Touched,
}

impl Readings {
    /// Nothing is known yet.
    pub fn new(desk: Arc<Desk>) -> Self {
        Self {
            desk,
            disks: BTreeMap::new(),
            clocks: Clocks::default(),
            written: None,
            thinned: None,
            lost: false,
            turn: 0,
            tested: BTreeMap::new(),
        }
    }

    /// Visits for ever.
    pub async fn run(mut self) {
        loop {
            let mut pause = self.visit().await;
            if self.test().await {
                pause = SOON;
            }
            let next = Instant::now() + pause;
            let desk = Arc::clone(&self.desk);
            loop {
                tokio::select! {
                    () = tokio::time::sleep_until(next) => break,
                    () = desk.visit.notified() => break,
                    () = self.newcomer() => {
                        tokio::time::sleep(SPIN_UP).await;
                        break;
                    }
                    () = tokio::time::sleep(TOUCH_EVERY) => {
                        if self.touch().await {
                            break;
                        }
                    }
                }
            }
        }
    }

    /// Waits for a disk that was never visited.
    async fn newcomer(&self) {
        if self.lost {
            // It is tried again soon in any case.
            return std::future::pending().await;
        }
        let mut pictures = self.desk.picture.subscribe();
        let is_new = |picture: &Option<Arc<crate::picture::Picture>>| {
            let disks = picture
                .as_ref()
                .and_then(|picture| picture.snapshot.disks.known());
            let mut disks = disks.into_iter().flatten();
            disks.any(|disk| !self.disks.contains_key(&disk.id))
        };
        if pictures.wait_for(is_new).await.is_err() {
            // The desk is gone, and the supervisor with it.
            std::future::pending::<()>().await;
        }
    }

    /// Visits every disk once, and says how long the next visit may wait.
    pub async fn visit(&mut self) -> Duration {
        let surveyed = self.desk.machine.survey(self.desk.now()).await;
        self.lost = surveyed.is_err();
        let visits = match surveyed {
            Ok(visits) => visits,
            Err(error) => {
                tracing::warn!("visiting the disks: {}", chain(&error));
                return SOON;
            }
        };
        self.follow_the_clock();
        let now = self.desk.now();
        let due = self.written.is_none_or(|written| written.elapsed() >= HOUR);
        // One that was pulled comes back with what was stored of it.
        self.disks.retain(|disk, _| visits.contains_key(disk));
        let mut samples = Vec::new();
        let mut soon = false;
        for (disk, visit) in &visits {
            let known = self.known(disk).await;
            soon |= wants_another_soon(visit);
            known.take(visit);
            let Some(reading) = visit.reading(now) else {
                continue;
            };
            let news = known.history.add(&reading);
            if news == News::Changed || due {
                samples.push(Sample {
                    disk: disk.clone(),
                    at: now,
                    temperature: reading.temperature.known().copied(),
                    reading: known
                        .history
                        .last()
                        .filter(|_| news == News::Changed)
                        .cloned(),
                });
            }
        }
        self.publish(now);
        self.write(samples, due, now).await;
        if soon { SOON } else { EVERY }
    }

    /// What is known of a disk; of one that is new, what the card knows.
    async fn known(&mut self, disk: &DiskId) -> &mut Known {
        if !self.disks.contains_key(disk) {
            let stored = self.desk.store.disk_history(disk.clone()).await;
            let mut history = stored.unwrap_or_else(|error| {
                tracing::error!("reading what was stored of {disk}: {}", chain(&error));
                History::default()
            });
            // Stored while the clock was ahead of today's.
            let now = self.desk.now();
            let ahead = history.last().map(|last| last.at.duration_since(now));
            if let Some(ahead) = ahead.filter(SignedDuration::is_positive) {
                history.shift(-ahead);
            }
            let known = Known {
                history,
                ..Known::default()
            };
            self.disks.insert(disk.clone(), known);
        }
        self.disks.entry(disk.clone()).or_default()
    }

    /// Moves the histories by what the box's clock was set.
    fn follow_the_clock(&mut self) {
        let Some(set) = self.clocks.set_by(self.desk.now()) else {
            return;
        };
        tracing::info!("the clock was set by {} s", set.as_secs());
        for known in self.disks.values_mut() {
            known.history.shift(set);
        }
    }

    /// Puts it on the desk, and calls the watch when a verdict changed.
    fn publish(&self, now: Timestamp) {
        let health: Health = self
            .disks
            .iter()
            .map(|(disk, known)| (disk.clone(), known.describe(now)))
            .collect();
        let before = self.desk.health.send_replace(Arc::new(health));
        if judgements(&before) != judgements(&self.desk.health.borrow()) {
            self.desk.look.notify_one();
        }
    }

    async fn write(&mut self, samples: Vec<Sample>, due: bool, now: Timestamp) {
        if !is_plausible(now) {
            return;
        }
        if !samples.is_empty()
            && let Err(error) = self.desk.store.keep_samples(samples).await
        {
            tracing::error!("storing readings: {}", chain(&error));
        }
        if due {
            self.written = Some(Instant::now());
        }
        if self.thinned.is_none_or(|thinned| thinned.elapsed() >= DAY) {
            self.thinned = Some(Instant::now());
            if let Err(error) = self.desk.store.thin_samples(now).await {
                tracing::error!("thinning readings: {}", chain(&error));
            }
        }
    }
}

impl Known {
    fn take(&mut self, visit: &Visit) {
        self.asleep = *visit == Visit::Asleep;
        if let Visit::Told(report) = visit {
            self.report = Some(Arc::new(Report::clone(report)));
        }
    }

    fn describe(&self, now: Timestamp) -> DiskHealth {
        DiskHealth {
            at: now,
            judgement: (!self.history.is_empty())
                .then(|| self.touched.judge(self.history.judge(now), now)),
            report: self.report.clone(),
            asleep: self.asleep,
        }
    }
}

/// Somebody has told the box the time.
fn is_plausible(now: Timestamp) -> bool {
    now.to_zoned(jiff::tz::TimeZone::UTC).year() >= FIRST_YEAR
}

/// One that is silent may answer again; one that tests itself is being watched.
fn wants_another_soon(visit: &Visit) -> bool {
    match visit {
        Visit::Asleep => false,
        Visit::Silent { .. } => true,
        Visit::Told(report) => matches!(report.self_test, SelfTestState::Running { .. }),
    }
}
