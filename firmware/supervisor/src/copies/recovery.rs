//! A box that is made from nothing. First a copy is looked into with the words of the
//! recovery sheet ([`look`]); what is found is kept in memory until somebody chooses
//! disks, and then decided for like an adoption ([`decide`], decision 0013). After the
//! next start the files come back ([`step`]), share by share, however often the power
//! goes; until then nothing is copied, forgotten or served.

use super::look::{self, Refused};
use super::work::execute;
use super::{Running, key, night};
use crate::adoption::{self, AdoptionError};
use crate::bundle::{self, Document, DocumentError};
use crate::desk::Desk;
use crate::refusal::Refusal;
use crate::secrets::Secrets;
use jiff::Timestamp;
use preau_domain::adopt::start_over;
use preau_domain::copies::recovery::{
    Coming, Recovered, Recovery, ShareRecovery, coming, newest, trouble, why,
};
use preau_domain::copies::{
    Because, Day, Destination, KeepCounts, Place, RestoreTo, RestoreWork, Restored, Run, Waiting,
    Work,
};
use preau_domain::plan::COMMON_SHARE;
use preau_domain::settings::{Settings, VolumeSettings};
use preau_host::{Bundles, Lane};
use preau_offsite_job::{EscapedPath, Failure, KeptSettings, Outcome, Secret, Task};
use preau_sheet::{Code, Purpose};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// Settings that are looked through, the newest first, until some can be opened.
const GENERATIONS: usize = 5;
/// Nobody knows yet when copies will be made to a place that the box had not known.
const ANY_HOUR: u8 = 1;
/// Between two looks whether disks are ready: what is waited for is seldom told.
const EVERY: Duration = Duration::from_secs(10);

/// A box that was found in a copy.
pub struct Found {
    /// Its settings, secrets and passwords.
    document: Document,
    /// Its settings.
    pub settings: Settings,
    /// When they were copied.
    pub settings_at: Timestamp,
    /// The newest copy of each share.
    pub shares: Vec<ShareRecovery>,
    /// Where it was found.
    pub from: Destination,
    secret: Option<String>,
}

/// Why nothing was found.
#[derive(Debug)]
pub enum NotFound {
    /// The place, or what is there.
    Copy(Refused),
    /// There are no settings that make a box.
    Settings(DocumentError),
}

/// Looks into the copy at a place.
///
/// # Errors
/// When the place refuses, or what is there makes no box.
pub async fn look(
    desk: &Desk,
    place: Place,
    secret: Option<String>,
    code: &Code,
    name: String,
) -> Result<Arc<Found>, NotFound> {
    let from = Destination {
        id: Uuid::new_v4(),
        name,
        place,
        days: Day::ALL.to_vec(),
        hour: ANY_HOUR,
        keep: KeepCounts::default(),
        keep_of_share: BTreeMap::new(),
        kilobits_at_school: None,
        // Unless the box knew it: nothing is written to where somebody brought a copy.
        enabled: false,
        added_at: desk.now(),
        vanished_accepted_at: None,
        strikes: Vec::new(),
    };
    let mut secrets = Secrets::none();
    if let Some(secret) = &secret {
        secrets.copies.of.insert(from.id, secret.clone());
    }
    let made = key::from_sheet(code, "preau").map_err(|error| {
        NotFound::Copy(Refused {
            failure: Failure::Internal,
            detail: error.to_string(),
        })
    })?;
    secrets.copies.ssh_key = Some(made);
    let password = Secret::new(code.key_text(Purpose::Offsite));
    let task = Task::Settings {
        at_most: GENERATIONS,
    };
    let outcome = look::try_out(desk, &from, &secrets, Some(password), task).await;
    let Outcome::Settings { kept, snapshots } = outcome.map_err(NotFound::Copy)? else {
        return Err(NotFound::Copy(look::unexpected()));
    };
    let (kept, document) = open_newest(code, kept).map_err(NotFound::Settings)?;
    let settings = document
        .settings()
        .map_err(|error| NotFound::Settings(DocumentError::Damaged(error.to_string())))?;
    let found = Arc::new(Found {
        shares: newest(&snapshots, &kept.host, &[COMMON_SHARE]),
        settings_at: kept.time,
        document,
        settings,
        from,
        secret,
    });
    desk.copies.state().found = Some(Arc::clone(&found));
    Ok(found)
}

/// The newest settings that the code opens. Why the newest of all cannot be used is what
/// is told when none can.
fn open_newest(
    code: &Code,
    kept: Vec<KeptSettings>,
) -> Result<(KeptSettings, Document), DocumentError> {
    let mut why = None;
    for kept in kept {
        let bundles = Bundles {
            current: Some(kept.sealed.0.clone()),
            previous: None,
        };
        match bundle::open(code, &bundles) {
            Ok(document) => return Ok((kept, document)),
            Err(error) => why = why.or(Some(error)),
        }
    }
    Err(why.unwrap_or(DocumentError::Nothing))
}

impl Desk {
    /// The box that was last found in a copy.
    pub fn found_box(&self) -> Option<Arc<Found>> {
        self.copies.state().found.clone()
    }

    /// Tries again what does not go on.
    pub fn try_recovery_again(&self) {
        let mut state = self.copies.state();
        state.again_after = super::last_number(&state.runs);
        drop(state);
        self.copies.restores.notify_one();
        self.look.notify_one();
    }

    /// Why files do not come back, once people should know: the share, and the try.
    pub fn recovery_trouble(&self) -> Option<(usize, Run)> {
        let settings = self.settings();
        let recovery = settings.recovery.as_ref()?;
        let runs = self.copies.runs(recovery.destination);
        let after = self.copies.state().again_after;
        let found = trouble(recovery, &runs, after, self.now());
        found.map(|(place, run)| (place, run.clone()))
    }

    /// What comes next for files that come back.
    pub fn recovery_coming(&self, recovery: &Recovery) -> Coming {
        let runs = self.copies.runs(recovery.destination);
        let after = self.copies.state().again_after;
        coming(recovery, &runs, after, self.now())
    }

    /// What has to happen before files can come back.
    pub fn recovery_waits(&self, recovery: &Recovery, has_sheet: bool) -> Option<Waiting> {
        let destination = self.destination(recovery.destination)?;
        self.copies_away(&destination, has_sheet)
    }

    /// The worker that brings files back now.
    pub fn recovery_runs(&self, recovery: &Recovery) -> Option<Running> {
        let running = self.copies.running().into_iter();
        running
            .map(|(_, job)| job)
            .find(|job| job.destination == recovery.destination && job.work.is_whole_restore())
    }

    /// Ends it with what is back.
    ///
    /// # Errors
    /// When the card does not take it.
    pub async fn settle_recovery(&self) -> Result<(), Refusal> {
        let mut held = self.hold().await?;
        let mut settings = Settings::clone(&held.settings());
        let Some(recovery) = settings.recovery.take() else {
            return Ok(());
        };
        settings.recovered = Some(self.recovered(&settings, &recovery));
        held.save(settings).await?;
        drop(held);
        tracing::info!("what could come back from the copy is back");
        self.copies.wake.notify_one();
        self.look.notify_one();
        Ok(())
    }

    fn recovered(&self, settings: &Settings, recovery: &Recovery) -> Recovered {
        let mut destinations = settings.destinations.iter();
        let from = destinations.find(|found| found.id == recovery.destination);
        let back = || recovery.shares.iter().filter(|share| share.back.is_some());
        let sum = |of: fn(&ShareRecovery) -> Option<u64>| back().filter_map(of).sum();
        Recovered {
            at: self.now(),
            from: from.map(|from| from.name.clone()).unwrap_or_default(),
            taken_at: back()
                .map(|share| share.taken_at)
                .max()
                .unwrap_or(recovery.began_at),
            files: sum(|share| share.files),
            bytes: sum(|share| share.bytes),
            incomplete: sum(|share| share.back),
            left: recovery
                .shares
                .iter()
                .filter(|share| share.back.is_none())
                .map(|share| share.share.clone())
                .collect(),
        }
    }
}

/// Decides that this box becomes the one that was found: from here on the next start
/// carries it out.
///
/// # Errors
/// When the card does not take it; this box is then as it was.
pub fn decide(desk: &Desk, found: &Found, volume: VolumeSettings) -> Result<(), AdoptionError> {
    let now = desk.now();
    let settings = start_over(
        found.settings.clone(),
        volume,
        found.from.clone(),
        found.shares.clone(),
        now,
    );
    let mut document = found.document.clone();
    if let (Some(recovery), Some(secret)) = (&settings.recovery, &found.secret) {
        let copies = &mut document.secrets.copies;
        copies.of.insert(recovery.destination, secret.clone());
    }
    // Somebody has just typed all of it.
    if let Some(sheet) = &mut document.secrets.sheet {
        sheet.dates.proved_at = Some(now);
    }
    adoption::decide(&desk.paths, settings, document)
}

/// What [`step`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stepped {
    /// Something, and there may be more.
    On,
    /// Nothing for so long, unless something is asked for.
    Waits(Duration),
    /// Nothing comes back.
    Idle,
}

/// Brings the next share back, if one is to come.
pub async fn step(desk: &Desk) -> Stepped {
    let settings = desk.settings();
    let Some(recovery) = &settings.recovery else {
        return Stepped::Idle;
    };
    let destination = desk.destination(recovery.destination);
    let done = match desk.recovery_coming(recovery) {
        Coming::Over => desk.settle_recovery().await,
        Coming::IsBack(place, incomplete) => mark_back(desk, place, incomplete).await,
        Coming::Stopped(_) => return Stepped::Waits(EVERY),
        Coming::Later(_, at) => {
            let left = at.duration_since(desk.now());
            return Stepped::Waits(Duration::try_from(left).unwrap_or(EVERY).max(EVERY));
        }
        Coming::Bring(place) => {
            let Some((destination, share)) = destination.zip(recovery.shares.get(place)) else {
                // Removed meanwhile: what is back is all that comes.
                return on(desk.settle_recovery().await);
            };
            night::see_disks(desk).await;
            let has_sheet = desk.copies_password().await.is_some();
            let is_there = desk.shares_to_copy().contains(&share.share);
            if desk.copies_away(&destination, has_sheet).is_some() || !is_there {
                return Stepped::Waits(EVERY);
            }
            let run = bring(desk, &destination, share).await;
            return if run.is_done() {
                Stepped::On
            } else {
                // Whether and when it is tried again is found out anew.
                Stepped::Waits(EVERY)
            };
        }
    };
    on(done)
}

fn on(done: Result<(), Refusal>) -> Stepped {
    match done {
        Ok(()) => Stepped::On,
        // The card did not take it, which was written down where it happened.
        Err(_) => Stepped::Waits(EVERY),
    }
}

async fn bring(desk: &Desk, destination: &Destination, share: &ShareRecovery) -> Run {
    let work = Work::Restore(RestoreWork {
        snapshot: share.snapshot.clone(),
        share: share.share.clone(),
        path: EscapedPath::default(),
        kind: Restored::Folder,
        // What a try before it wrote is compared and kept.
        to: RestoreTo::Over,
    });
    execute(desk, destination, work, Because::Planned, Lane::Restore).await
}

async fn mark_back(desk: &Desk, place: usize, incomplete: u64) -> Result<(), Refusal> {
    let mut held = desk.hold().await?;
    let mut settings = Settings::clone(&held.settings());
    let recovery = settings.recovery.as_mut();
    if let Some(share) = recovery.and_then(|recovery| recovery.shares.get_mut(place)) {
        share.back = Some(incomplete);
        tracing::info!("the share {} is back", share.share);
    }
    held.save(settings).await
}

/// Why a try failed, with what the worker said.
pub fn reason(run: &Run) -> (Failure, String) {
    (why(run), run.detail().to_owned())
}
