//! The copies elsewhere. [`night`] does what is due and what people ask for, one job at
//! a time; [`work`] carries one out and writes it down; [`look`] asks a destination
//! while somebody waits; [`view`] puts it all into words. The worker is a process of
//! its own: nothing here knows how a copy is made.

pub mod job;
pub mod key;
pub mod look;
pub mod night;
pub mod recovery;
pub mod strike;
pub mod view;
pub mod work;

use crate::desk::Desk;
use crate::status::time_zone;
use crate::store::{Store, StoreError};
use jiff::Timestamp;
use preau_domain::copies::{
    Because, Circumstances, CopyHealth, Destination, RestoreWork, Run, Waiting, Work, health,
};
use preau_host::{Copying, Lane};
use preau_offsite_job::{Progress, Secret, Snapshot};
use preau_sheet::Purpose;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use uuid::Uuid;

/// What the tasks and the routes share about copies.
pub struct Copies {
    /// The system under it.
    pub machine: Arc<dyn Copying>,
    /// Something was asked for, or changed.
    pub wake: Notify,
    /// A restore was asked for.
    pub restores: Notify,
    /// One question at a time is put to a destination.
    looking: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

struct State {
    /// Of each destination, the newest first.
    runs: BTreeMap<Uuid, Vec<Run>>,
    running: BTreeMap<Lane, Running>,
    asked: VecDeque<(Uuid, Work)>,
    restores: VecDeque<(Uuid, RestoreWork)>,
    /// The disks that were plugged in at the last look.
    disks: Vec<String>,
    /// What the destinations were last seen to hold, and after which run.
    listed: BTreeMap<Uuid, (u64, Vec<Snapshot>)>,
    /// The box that was found in a copy.
    found: Option<Arc<recovery::Found>>,
    /// Failures of files that come back do not count up to this run: somebody has asked
    /// to try again since, or has switched the box on.
    again_after: u64,
}

/// A job that is under way.
#[derive(Debug, Clone)]
pub struct Running {
    /// For which destination.
    pub destination: Uuid,
    /// What.
    pub work: Work,
    /// Since when.
    pub since: Timestamp,
    /// How far.
    pub progress: Progress,
    /// Stops it.
    pub cancel: Arc<Notify>,
}

impl Copies {
    /// Takes up the history. A run that a power cut ended is written down as such.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub async fn open(
        machine: Arc<dyn Copying>,
        store: &Store,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let mut runs: BTreeMap<Uuid, Vec<Run>> = BTreeMap::new();
        for run in store.copy_runs(now).await? {
            runs.entry(run.destination).or_default().push(run);
        }
        let state = State {
            again_after: last_number(&runs),
            runs,
            running: BTreeMap::new(),
            asked: VecDeque::new(),
            restores: VecDeque::new(),
            disks: Vec::new(),
            listed: BTreeMap::new(),
            found: None,
        };
        Ok(Self {
            machine,
            wake: Notify::new(),
            restores: Notify::new(),
            looking: tokio::sync::Mutex::new(()),
            state: Mutex::new(state),
        })
    }

    /// The runs of a destination, the newest first.
    pub fn runs(&self, destination: Uuid) -> Vec<Run> {
        let state = self.state();
        state.runs.get(&destination).cloned().unwrap_or_default()
    }

    /// What is under way.
    pub fn running(&self) -> Vec<(Lane, Running)> {
        let state = self.state();
        let running = state.running.iter();
        running.map(|(lane, job)| (*lane, job.clone())).collect()
    }

    /// Asks for work, once: asked again before it begins, it is done once.
    pub fn ask(&self, destination: Uuid, work: Work) {
        let asked = (destination, work);
        let mut state = self.state();
        if !state.asked.contains(&asked) {
            state.asked.push_back(asked);
        }
        drop(state);
        self.wake.notify_one();
    }

    /// What was asked for first. The lock is given up before it is worked on: in the
    /// head of a loop it would be held through the body.
    fn take_asked(&self) -> Option<(Uuid, Work)> {
        self.state().asked.pop_front()
    }

    /// Asks for files.
    pub fn ask_restore(&self, destination: Uuid, restore: RestoreWork) {
        self.state().restores.push_back((destination, restore));
        self.restores.notify_one();
    }

    /// Stops what is under way for a destination, and forgets what was asked for it.
    /// Says whether there was anything.
    pub fn cancel(&self, destination: Uuid) -> bool {
        let mut state = self.state();
        let waiting = state.asked.len() + state.restores.len();
        state.asked.retain(|(asked, _)| *asked != destination);
        state.restores.retain(|(asked, _)| *asked != destination);
        let mut found = state.asked.len() + state.restores.len() < waiting;
        for job in state.running.values() {
            if job.destination == destination {
                job.cancel.notify_one();
                found = true;
            }
        }
        found
    }

    /// Forgets a destination that is one no longer.
    pub fn forget(&self, destination: Uuid) {
        self.cancel(destination);
        let mut state = self.state();
        state.runs.remove(&destination);
        state.listed.remove(&destination);
    }

    /// A run began, went on or ended.
    fn put(&self, run: &Run) {
        let mut state = self.state();
        let runs = state.runs.entry(run.destination).or_default();
        match runs.iter_mut().find(|found| found.number == run.number) {
            Some(found) => *found = run.clone(),
            None => runs.insert(0, run.clone()),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    /// The destination of that identity.
    pub fn destination(&self, id: Uuid) -> Option<Destination> {
        let settings = self.settings();
        let mut all = settings.destinations.iter();
        all.find(|destination| destination.id == id).cloned()
    }

    /// The password of the repositories, which the recovery sheet gives: without a
    /// sheet there is none, and no copy that nobody could open is made.
    pub async fn copies_password(&self) -> Option<Secret> {
        let secrets = self.secrets().await;
        let sheet = secrets.sheet.as_ref()?;
        Some(Secret::new(sheet.code.key_text(Purpose::Offsite)))
    }

    /// How the copies are, for the incidents.
    pub fn copies_health(&self) -> Vec<CopyHealth> {
        let settings = self.settings();
        let (now, zone) = (self.now(), time_zone(&settings));
        if settings.recovery.is_some() {
            // Nights that are held back were not missed.
            return Vec::new();
        }
        settings
            .destinations
            .iter()
            .filter_map(|place| health(place, &self.copies.runs(place.id), now, &zone))
            .collect()
    }

    /// The shares that can be copied now.
    pub fn shares_to_copy(&self) -> Vec<String> {
        let settings = self.settings();
        let picture = self.picture.borrow().clone();
        let wanted = settings.volume.as_ref().filter(|volume| volume.formatted);
        let found = picture.as_ref().and_then(|p| p.snapshot.volume.known());
        match (wanted, found) {
            (Some(wanted), Some(found)) if found.filesystem == wanted.filesystem => {
                found.subvolumes.clone()
            }
            _ => Vec::new(),
        }
    }

    /// What a destination waits for, if it does.
    pub fn copies_wait(&self, destination: &Destination, has_sheet: bool) -> Option<Waiting> {
        if self.settings().recovery.is_some() {
            return Some(Waiting::Recovery);
        }
        self.copies_away(destination, has_sheet)
    }

    /// What nothing can be done without.
    fn copies_away(&self, destination: &Destination, has_sheet: bool) -> Option<Waiting> {
        if !has_sheet {
            return Some(Waiting::Sheet);
        }
        if self.shares_to_copy().is_empty() {
            return Some(Waiting::Volume);
        }
        match &destination.place {
            preau_domain::copies::Place::UsbDisk { filesystem } => {
                let here = self.copies.state().disks.contains(filesystem);
                (!here).then_some(Waiting::Disk)
            }
            _ => None,
        }
    }

    /// Everything around a destination.
    pub fn copies_around<'a>(
        &self,
        destination: &Destination,
        has_sheet: bool,
        zone: &'a jiff::tz::TimeZone,
    ) -> Circumstances<'a> {
        let now = self.now();
        Circumstances {
            now,
            zone,
            up_since: self.copies.machine.up_since(now),
            clock: self.copies.machine.clock_trust(),
            waiting: self.copies_wait(destination, has_sheet),
        }
    }
}

/// The number of the last run of all.
fn last_number(runs: &BTreeMap<Uuid, Vec<Run>>) -> u64 {
    let numbers = runs.values().flatten().map(|run| run.number);
    numbers.max().unwrap_or(0)
}

/// A run that begins now.
fn begin(destination: Uuid, work: Work, because: Because, now: Timestamp) -> Run {
    Run {
        number: 0,
        destination,
        work,
        because,
        started_at: now,
        end: None,
    }
}
