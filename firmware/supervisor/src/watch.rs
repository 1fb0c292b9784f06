//! The watch: observe, judge, write down, tell, then let the reconciler do one step
//! and look again. It wakes when the kernel or a request says so, each second while
//! a copy is going on, and every half minute in any case. Steps run in a task of
//! their own: a long one never keeps the watch from seeing a disk fail.

use crate::clock::Clocks;
use crate::desk::{Damage, Desk};
use crate::keep::KeepError;
use crate::notices::with_notices;
use crate::picture::Picture;
use crate::readings::{Health, judgements};
use crate::reconcile::{Problem, Reconciler, chain};
use crate::refusal::Reason;
use crate::scrub::Scrubber;
use crate::status::{array_of, lost_members};
use crate::store::{OutboxState, StoreError};
use preau_domain::arrays::{Array, SyncAction};
use preau_domain::assess::{View, assess};
use preau_domain::drops::Drops;
use preau_domain::ids::DiskId;
use preau_domain::incidents::{Incident, IncidentState, Incidents};
use preau_domain::plan::{self, Step};
use preau_domain::reading::Reading;
use preau_domain::remaining::Remaining;
use preau_domain::settings::{HeldWhy, Settings, SetupStep, VolumeSettings};
use preau_domain::snapshot::Snapshot;
use preau_host::HostError;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// The longest time between two looks: an idle array tells nothing by itself.
const EVERY: Duration = Duration::from_secs(30);
/// Between two looks while a copy runs, which people watch, and the least that is
/// waited for an incident to ripen.
const OFTEN: Duration = Duration::from_secs(1);
/// How long after start members may still appear before an array is started without
/// them: spinning up takes a disk up to twenty seconds.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a chosen disk may be away before people are told.
const GONE_FOR: Duration = Duration::from_secs(10);
/// For one observation; long, since a small machine under load takes many seconds.
const OBSERVE_LIMIT: Duration = Duration::from_secs(90);
/// Between two tries at accounts and configuration; it doubles, up to the second.
const TEND_PAUSE: Duration = Duration::from_secs(5);
const TEND_PAUSE_MAX: Duration = Duration::from_secs(600);

/// How often the settings on the disks are looked at although nothing changed.
const KEEP_CHECKED_EVERY: Duration = Duration::from_secs(3600);

/// What is on the disks.
struct Kept {
    /// The count of changes that it has.
    changes: u64,
    /// When that was seen.
    at: Instant,
}

/// The watch.
pub struct Watch {
    desk: Arc<Desk>,
    incidents: Incidents,
    clocks: Clocks,
    reconciler: Reconciler,
    /// What dropped out of the array lately.
    drops: Drops,
    /// A disk that the array refused, since it was used without the others.
    diverged: Option<DiskId>,
    /// How long md still needs.
    remaining: Remaining,
    scrubber: Scrubber,
    /// Accounts and configuration are being made.
    tending: Option<JoinHandle<Result<(), HostError>>>,
    /// The settings are being kept on the disks.
    keeping: Option<JoinHandle<Result<u64, KeepError>>>,
    kept: Option<Kept>,
    keep_not_before: Option<Instant>,
    keep_pause: Duration,
    /// Since when a chosen disk is gone before the volume was ever made.
    gone_since: Option<Instant>,
    tend_not_before: Option<Instant>,
    tend_pause: Duration,
    started: Instant,
    heartbeat: Duration,
    alive: fn(),
}

impl Watch {
    /// Takes up the incidents of before.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub async fn new(desk: Arc<Desk>) -> Result<Self, StoreError> {
        Ok(Self {
            incidents: desk.store.active_incidents().await?,
            clocks: Clocks::default(),
            reconciler: Reconciler::new(Arc::clone(&desk)),
            scrubber: Scrubber::new(Arc::clone(&desk)),
            desk,
            drops: Drops::default(),
            diverged: None,
            remaining: Remaining::default(),
            tending: None,
            keeping: None,
            kept: None,
            keep_not_before: None,
            keep_pause: TEND_PAUSE,
            gone_since: None,
            tend_not_before: None,
            tend_pause: TEND_PAUSE,
            started: Instant::now(),
            heartbeat: EVERY,
            alive: || {},
        })
    }

    /// Watches for ever. `alive` is called at each stage of a look and, between two,
    /// as often as `heartbeat` says: a watch that hangs anywhere is noticed by its
    /// silence.
    pub async fn run(mut self, heartbeat: Duration, alive: fn()) {
        (self.heartbeat, self.alive) = (heartbeat, alive);
        loop {
            let next = Instant::now() + self.look().await;
            alive();
            while !self.is_woken(next).await {
                alive();
            }
        }
    }

    /// Waits for `next`, or for something to look at, at most until the next sign of
    /// life is due; says whether it is time to look.
    async fn is_woken(&mut self, next: Instant) -> bool {
        let desk = Arc::clone(&self.desk);
        tokio::select! {
            () = desk.machine.changed() => true,
            () = desk.look.notified() => true,
            () = self.reconciler.finished() => true,
            () = self.scrubber.finished() => true,
            tended = finished(&mut self.tending) => {
                self.tended(tended);
                true
            }
            kept = finished_keeping(&mut self.keeping) => {
                self.keep_ended(kept);
                true
            }
            () = tokio::time::sleep_until(next) => true,
            () = tokio::time::sleep(self.heartbeat) => false,
        }
    }

    fn tended(&mut self, outcome: Result<(), HostError>) {
        match outcome {
            Ok(()) => {
                self.tend_pause = TEND_PAUSE;
                self.tend_not_before = None;
            }
            Err(error) => {
                tracing::error!("keeping accounts: {}", chain(&error));
                self.tend_not_before = Some(Instant::now() + self.tend_pause);
                self.tend_pause = (self.tend_pause * 2).min(TEND_PAUSE_MAX);
            }
        }
    }

    /// Waits for the running step, if one runs, and says whether one did.
    #[cfg(test)]
    pub async fn finish_step(&mut self) -> bool {
        let tends = self.tending.is_some();
        if tends {
            let outcome = finished(&mut self.tending).await;
            self.tended(outcome);
        }
        let keeps = self.keeping.is_some();
        if keeps {
            let outcome = finished_keeping(&mut self.keeping).await;
            self.keep_ended(outcome);
        }
        let ran = self.reconciler.is_running();
        if ran {
            self.reconciler.finished().await;
        }
        let scrubs = self.scrubber.is_running();
        if scrubs {
            self.scrubber.finished().await;
        }
        ran || tends || keeps || scrubs
    }

    /// Looks once, and says how long the next look may wait.
    pub async fn look(&mut self) -> Duration {
        self.take_acknowledgements().await;
        let settings = self.desk.settings();
        self.tend();
        let snapshot = self.observe().await;
        if let Reading::Unreadable { reason } = &snapshot.arrays {
            tracing::info!("the disks could not be read: {reason}");
        }
        let outbox = self.outbox().await;
        if let Some(volume) = &settings.volume {
            self.drops.see(volume, &snapshot, self.desk.now());
        }
        self.hold_out(&settings).await;
        let settings = self.desk.settings();
        let health = with_notices(
            &self.desk.health.borrow(),
            &snapshot,
            &self.desk.scrubs.read(),
            self.desk.now(),
        );
        self.judge(&snapshot, &settings, &health, &outbox).await;
        self.settle(&snapshot).await;
        self.keep(&snapshot);

        if self.desk.damage() != Damage::Lost {
            let patient = self.started.elapsed() < PATIENCE;
            let settings = self.desk.settings();
            let mut steps = plan::plan(settings.volume.as_ref(), &snapshot, patient);
            if !self.desk.may_serve() {
                steps.retain(|step| *step != Step::ServeShares);
            }
            let idle = steps.is_empty();
            self.reconciler.go_on(steps);
            // Repairing goes first, and needs the disks for itself.
            if idle {
                let now = self.desk.now();
                self.scrubber.go_on(&settings, &snapshot, now).await;
            }
        }
        let array = settings
            .volume
            .as_ref()
            .and_then(|volume| array_of(volume, &snapshot));
        let sync = array.and_then(|array| array.sync);
        self.remaining.see(self.started.elapsed(), sync);
        let busy = is_syncing(&snapshot);
        let problem = self.problem(&snapshot);
        self.desk.picture.send_replace(Some(Arc::new(Picture {
            at: self.desk.now(),
            problem,
            remaining_seconds: self.remaining.seconds(self.started.elapsed()),
            scrub: self.scrubber.progress(),
            snapshot,
            health: Arc::new(health),
            incidents: self.incidents.clone(),
            settings: self.desk.settings(),
            damage: self.desk.damage(),
            sheet: self.desk.sheet_dates(),
            outbox,
        })));
        // What was just seen may be a disk that is open to copy from it, and has gone.
        self.tend();
        let pause = if busy { OFTEN } else { EVERY };
        let waits = self.started + PATIENCE;
        let until_patience_ends = waits.saturating_duration_since(Instant::now());
        [
            Some(pause),
            self.reconciler.pause(),
            self.until_ripe(),
            self.scrubber.pause(),
            Some(until_patience_ends),
        ]
        .into_iter()
        .flatten()
        .filter(|pause| !pause.is_zero())
        .min()
        .unwrap_or(pause)
    }

    /// How long until an incident opens or closes if all stays as it is.
    fn until_ripe(&self) -> Option<Duration> {
        let now = self.desk.now();
        let ripe = self.incidents.active.iter().filter_map(Incident::ripe_at);
        let left = ripe.min()?.duration_since(now);
        Some(Duration::try_from(left).unwrap_or_default().max(OFTEN))
    }

    /// Why the volume does not become what it should be. A disk that is being
    /// written to is away for a moment, while udev looks at it again.
    fn problem(&mut self, snapshot: &Snapshot) -> Option<Problem> {
        let settings = self.desk.settings();
        let unmade = settings.volume.as_ref().filter(|volume| !volume.formatted);
        let gone = unmade.is_some_and(|volume| !lost_members(volume, snapshot).is_empty());
        if !gone || self.reconciler.is_running() {
            self.gone_since = None;
            return self.reconciler.problem();
        }
        let since = *self.gone_since.get_or_insert_with(Instant::now);
        if since.elapsed() >= GONE_FOR {
            return Some(Problem::DiskGone);
        }
        self.reconciler.problem()
    }

    /// Observes the machine. What does not answer in time is not known: a disk that
    /// hangs must not keep the watch from the others for ever.
    async fn observe(&self) -> Snapshot {
        let observed = self.desk.machine.observe(self.desk.now());
        let observed = tokio::time::timeout(OBSERVE_LIMIT, observed);
        tokio::pin!(observed);
        loop {
            tokio::select! {
                outcome = &mut observed => {
                    return outcome.unwrap_or_else(|_| {
                        let seconds = OBSERVE_LIMIT.as_secs();
                        tracing::warn!("the machine did not answer within {seconds} s");
                        unreadable(&format!("no answer within {seconds} s"))
                    });
                }
                // Waiting for an end that is set is alive.
                () = tokio::time::sleep(self.heartbeat) => (self.alive)(),
            }
        }
    }

    async fn outbox(&self) -> OutboxState {
        match self.desk.store.outbox().await {
            Ok(state) => state,
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "reading the outbox"
                );
                OutboxState::default()
            }
        }
    }

    /// Judges what was observed and writes down what happened. When the card does
    /// not take it, the incidents stay as they were and are judged again.
    async fn judge(
        &mut self,
        snapshot: &Snapshot,
        settings: &Settings,
        health: &Health,
        outbox: &OutboxState,
    ) {
        let now = self.desk.now();
        if let Some(set) = self.clocks.set_by(now) {
            self.incidents.follow_clock(set);
        }
        let scrubs = self.desk.scrubs.read();
        let view = View {
            snapshot,
            volume: settings.volume.as_ref(),
            health: &judgements(health),
            outbox: &outbox.health,
            scrub: scrubs.last.as_ref(),
            settings_damaged: self.desk.damage() != Damage::None,
            sheet: self
                .desk
                .sheet_dates()
                .filter(|_| settings.setup_step() == SetupStep::Done),
            copies: &self.desk.copies_health(),
            recovery: &crate::coming_back::news(&self.desk, now),
            drops: &self.drops.times(),
            waits_for_consent: self.reconciler.problem() == Some(Problem::Unclean),
            starting: self.reconciler.is_starting(),
        };
        let (incidents, transitions) = assess(&view, &self.incidents, now);
        if transitions.is_empty() {
            self.incidents = incidents;
            return;
        }
        for transition in &transitions {
            let incident = &transition.incident;
            let happened = crate::mail::message::transition(transition.kind);
            tracing::info!(
                notify = transition.notify,
                "incident {} {happened}: {}",
                incident.number,
                incident.code
            );
        }
        let recipients = settings
            .mail
            .as_ref()
            .map_or_else(Vec::new, |mail| mail.recipients.clone());
        match self.desk.store.record(transitions, recipients, now).await {
            Ok(()) => {
                self.incidents = incidents;
                self.desk.post.notify_one();
            }
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "storing incidents"
                );
            }
        }
    }

    /// Takes over what people acknowledged since the last look, and answers them.
    async fn take_acknowledgements(&mut self) {
        for (number, answer) in self.desk.take_acknowledged() {
            let now = self.desk.now();
            let found = self
                .incidents
                .active
                .iter_mut()
                .find(|incident| incident.number == number && incident.is_open());
            let mut outcome = Err(Reason::NoSuchIncident);
            if let Some(incident) = found {
                outcome = Ok(());
                if incident.state == IncidentState::Open {
                    let mut acknowledged = incident.clone();
                    acknowledged.state = IncidentState::Acknowledged;
                    acknowledged.since = now;
                    match self.desk.store.keep_incident(acknowledged.clone()).await {
                        Ok(()) => *incident = acknowledged,
                        Err(error) => {
                            tracing::error!(
                                error = &error as &dyn std::error::Error,
                                "storing an incident"
                            );
                            outcome = Err(Reason::NotStored);
                        }
                    }
                }
            }
            // Whoever asked may have left.
            let _ = answer.send(outcome);
        }
    }

    /// Starts to make accounts, Samba's configuration and the notice those of the
    /// settings, in a task of its own: Samba's tools are slow on a small machine.
    fn tend(&mut self) {
        let waits = self.tend_not_before.is_some_and(|at| Instant::now() < at);
        if self.tending.is_some() || waits || self.desk.is_tended() {
            return;
        }
        let desk = Arc::clone(&self.desk);
        self.tending = Some(tokio::spawn(async move { desk.tend().await }));
    }

    /// Holds out the disks that come and go too often, and the one that the array
    /// refused. It is written down at once: the plan that follows leaves them alone,
    /// and so does the one after a restart.
    async fn hold_out(&mut self, settings: &Settings) {
        if let Some(disk) = self.reconciler.take_diverged() {
            self.diverged = Some(disk);
        }
        let flapping = self.drops.flapping();
        let reasons = flapping
            .iter()
            .map(|disk| (disk, HeldWhy::Flapping))
            .chain(self.diverged.iter().map(|disk| (disk, HeldWhy::Diverged)));
        let held = |volume: &VolumeSettings| {
            reasons.clone().fold(None, |held, (disk, why)| {
                plan::hold_out(held.as_ref().unwrap_or(volume), disk, why).or(held)
            })
        };
        if settings.volume.as_ref().and_then(&held).is_some() {
            let Some(mut desk) = self.desk.try_hold() else {
                return;
            };
            let current = desk.settings();
            let Some(volume) = current.volume.as_ref().and_then(&held) else {
                return;
            };
            let changed = Settings {
                volume: Some(volume),
                ..Settings::clone(&current)
            };
            // A refusal is in the journal already; the next look tries again.
            if desk.save(changed).await.is_err() {
                return;
            }
        }
        flapping.iter().for_each(|disk| self.drops.settle(disk));
        self.diverged = None;
    }

    /// Starts to keep the settings on the disks, in a task of its own, when they
    /// changed, and now and then to see whether they are still there. Settings that
    /// had to fall back are not kept: those on the disks may be the better ones.
    fn keep(&mut self, snapshot: &Snapshot) {
        let settings = self.desk.settings();
        let formatted = settings.volume.as_ref().filter(|volume| volume.formatted);
        let mounted = snapshot.volume.known().filter(|found| !found.read_only);
        let (Some(volume), Some(mounted)) = (formatted, mounted) else {
            self.kept = None;
            return;
        };
        let (now, changes) = (Instant::now(), self.desk.changes());
        let is_kept = self.kept.as_ref().is_some_and(|kept| {
            kept.changes == changes && now.duration_since(kept.at) < KEEP_CHECKED_EVERY
        });
        let waits = self.keep_not_before.is_some_and(|at| now < at);
        if is_kept
            || waits
            || self.keeping.is_some()
            || mounted.filesystem != volume.filesystem
            || self.desk.damage() != Damage::None
            || !self.desk.is_tended()
        {
            return;
        }
        let desk = Arc::clone(&self.desk);
        self.keeping = Some(tokio::spawn(async move { desk.keep_on_disks().await }));
    }

    fn keep_ended(&mut self, outcome: Result<u64, KeepError>) {
        match outcome {
            Ok(changes) => {
                let at = Instant::now();
                self.kept = Some(Kept { changes, at });
                self.keep_pause = TEND_PAUSE;
                self.keep_not_before = None;
            }
            Err(error) => {
                tracing::error!("keeping the settings on the disks: {}", chain(&error));
                self.keep_not_before = Some(Instant::now() + self.keep_pause);
                self.keep_pause = (self.keep_pause * 2).min(TEND_PAUSE_MAX);
            }
        }
    }

    /// Writes down what has become of the volume.
    async fn settle(&self, snapshot: &Snapshot) {
        let needed = |settings: &Settings| {
            let volume = settings.volume.as_ref()?;
            plan::settle(volume, snapshot)
        };
        if needed(&self.desk.settings()).is_none() {
            return;
        }
        let Some(mut held) = self.desk.try_hold() else {
            return;
        };
        let current = held.settings();
        let Some(volume) = needed(&current) else {
            return;
        };
        let settled = Settings {
            volume: Some(volume),
            ..Settings::clone(&current)
        };
        // A refusal is in the journal already; the next look tries again.
        let _ = held.save(settled).await;
    }
}

/// Waits for the end of a task; for ever when there is none.
async fn finished(task: &mut Option<JoinHandle<Result<(), HostError>>>) -> Result<(), HostError> {
    let Some(running) = task else {
        return std::future::pending().await;
    };
    let outcome = running.await;
    *task = None;
    outcome.unwrap_or_else(|error| {
        Err(HostError::Unexpected {
            what: "keeping accounts",
            text: error.to_string(),
        })
    })
}

/// Waits for the end of the keeping; for ever when there is none.
async fn finished_keeping(
    task: &mut Option<JoinHandle<Result<u64, KeepError>>>,
) -> Result<u64, KeepError> {
    let Some(running) = task else {
        return std::future::pending().await;
    };
    let outcome = running.await;
    *task = None;
    outcome.unwrap_or_else(|error| {
        Err(KeepError::Host(HostError::Unexpected {
            what: "keeping the settings",
            text: error.to_string(),
        }))
    })
}

/// How other computers see the box.
pub fn share_name(settings: &Settings) -> String {
    settings
        .box_name
        .clone()
        .unwrap_or_else(|| "Préau".to_owned())
}

fn unreadable(reason: &str) -> Snapshot {
    fn reading<T>(reason: &str) -> Reading<T> {
        Reading::Unreadable {
            reason: reason.to_owned(),
        }
    }
    Snapshot {
        disks: reading(reason),
        arrays: reading(reason),
        volume: reading(reason),
        shares_served: reading(reason),
        kernel: reading(reason),
    }
}

/// Copies are being made. A check is followed more seldom: it takes hours.
fn is_syncing(snapshot: &Snapshot) -> bool {
    let copies = |array: &Array| {
        let sync = array.sync.as_ref();
        sync.is_some_and(|sync| sync.action != SyncAction::Check)
    };
    let arrays = snapshot.arrays.known();
    arrays.is_some_and(|arrays| arrays.iter().any(copies))
}
