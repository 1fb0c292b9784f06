//! The desk: the one owner of settings and secrets. A change is checked, written
//! durably, then put in force and announced; whoever asked is answered after that.
//! [`Desk::hold`] lets one change through at a time; readers take what is in force
//! without waiting.

mod held;
mod open;
mod tend;

pub use held::Held;
pub use open::OpenError;

use crate::auth::passwords::Judge;
use crate::auth::sessions::Sessions;
use crate::auth::throttle::Throttle;
use crate::clock::Clock;
use crate::copies::Copies;
use crate::machine::Machine;
use crate::mail::test::PendingTest;
use crate::paths::Paths;
use crate::picture::Picture;
use crate::readings::Health;
use crate::refusal::{Reason, Refusal};
use crate::scrub::Book;
use crate::secrets::Secrets;
use crate::sheet::Sheet;
use crate::store::Store;
use crate::tls::Authority;
use jiff::Timestamp;
use preau_domain::ids::DiskId;
use preau_domain::settings::{Person, Settings};
use preau_domain::sheet::SheetDates;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};
use tokio::sync::{Mutex, Notify, oneshot, watch};

/// What the tasks of the supervisor share.
pub struct Desk {
    /// The machine under it.
    pub machine: Arc<dyn Machine>,
    /// The history.
    pub store: Store,
    /// What is remembered of scrubs.
    pub scrubs: Book,
    /// Who is logged in.
    pub sessions: Sessions,
    /// Wrong tries at the box's code.
    pub claim_tries: Throttle,
    /// Wrong tries at passwords, by login.
    pub login_tries: Throttle,
    /// Wrong tries at the recovery sheet's words.
    pub sheet_tries: Throttle,
    /// The places of the sheet's words that are asked for.
    pub sheet_asked: Mutex<Vec<usize>>,
    /// The copies elsewhere.
    pub copies: Copies,
    /// The box's certificate authority.
    pub authority: Authority,
    /// The name of this box in mails' identities.
    pub box_id: String,
    /// The clock.
    pub clock: Clock,
    /// Where passwords are judged.
    pub judge: Judge,
    /// Something happened that the watch should look at now.
    pub look: Notify,
    /// A mail was put into the outbox.
    pub post: Notify,
    /// The way mails leave changed.
    pub mail_changed: Notify,
    /// The supervisor is to end, and to be started again with what is on the card.
    pub start_again: watch::Sender<bool>,
    /// Another card's settings were put in force at this start.
    pub adopted: bool,
    /// The test mail that waits for its code.
    pub mail_test: Mutex<Option<PendingTest>>,
    /// How each disk is, from its last visit.
    pub health: watch::Sender<Arc<Health>>,
    /// Somebody wants the disks to be visited now.
    pub visit: Notify,
    /// What is observed, once it was.
    pub picture: watch::Sender<Option<Arc<Picture>>>,
    acknowledged: std::sync::Mutex<Vec<Acknowledgement>>,
    settings: watch::Sender<Arc<Settings>>,
    sheet_dates: watch::Sender<Option<SheetDates>>,
    keeper: Mutex<Keeper>,
    /// Counts the changes of settings, secrets and accounts since the start.
    changes: AtomicU64,
    pub(crate) paths: Paths,
    damaged: watch::Sender<Damage>,
}

/// An incident's number, and where to answer.
pub type Acknowledgement = (u64, oneshot::Sender<Result<(), Reason>>);

/// What is wrong with the stored settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// Nothing.
    None,
    /// The generation before is in force.
    FellBack,
    /// Nothing can be read: nothing is changed, on the card or on the disks.
    Lost,
}

/// What Samba is told.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Told {
    box_name: String,
    people: Vec<Person>,
    /// The disk that is open to copy from it.
    opened: Option<DiskId>,
}

/// The files, and what is in force.
struct Keeper {
    settings_path: PathBuf,
    secrets_path: PathBuf,
    secrets: Secrets,
    /// The bytes that are on the card, once anything is.
    stored: Option<Vec<u8>>,
    stored_secrets: Option<Vec<u8>>,
    /// What Samba was last told.
    tended: Option<Told>,
    /// The code that is shown, once anything was.
    shown: Option<Option<String>>,
}

impl Desk {
    /// The settings in force.
    pub fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings.borrow())
    }

    /// Tells each change of the settings.
    pub fn watch_settings(&self) -> watch::Receiver<Arc<Settings>> {
        self.settings.subscribe()
    }

    /// What is wrong with the stored settings.
    pub fn damage(&self) -> Damage {
        *self.damaged.borrow()
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Takes the settings to change them; others wait.
    ///
    /// # Errors
    /// When the settings are lost: nothing is changed then.
    pub async fn hold(&self) -> Result<Held<'_>, Refusal> {
        if self.damage() == Damage::Lost {
            return Err(Reason::SettingsLost.into());
        }
        Ok(Held::new(self, self.keeper.lock().await))
    }

    /// Takes the settings to change them, unless somebody else has them or they are
    /// lost. For the watch, which must not wait.
    pub fn try_hold(&self) -> Option<Held<'_>> {
        if self.damage() == Damage::Lost {
            return None;
        }
        let keeper = self.keeper.try_lock().ok()?;
        Some(Held::new(self, keeper))
    }

    /// Says that somebody knows of an incident; the watch keeps incidents.
    ///
    /// # Errors
    /// When there is no such incident, or the card does not take it.
    pub async fn acknowledge(&self, number: u64) -> Result<(), Refusal> {
        let (answer, outcome) = oneshot::channel();
        self.acknowledged
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((number, answer));
        self.look.notify_one();
        outcome
            .await
            .unwrap_or(Err(Reason::NotStored))
            .map_err(Refusal::from)
    }

    /// What people acknowledged since the last call.
    pub fn take_acknowledged(&self) -> Vec<Acknowledgement> {
        let mut waiting = self
            .acknowledged
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *waiting)
    }

    /// How many changes there were since the start.
    pub fn changes(&self) -> u64 {
        self.changes.load(Ordering::Relaxed)
    }

    pub(crate) fn count_change(&self) {
        self.changes.fetch_add(1, Ordering::Relaxed);
        self.look.notify_one();
    }

    /// The secrets in force.
    pub(crate) async fn secrets(&self) -> Secrets {
        self.keeper.lock().await.secrets.clone()
    }

    /// What may be known of the recovery sheet, once there is one.
    pub fn sheet_dates(&self) -> Option<SheetDates> {
        *self.sheet_dates.borrow()
    }

    /// The recovery sheet itself.
    pub async fn sheet(&self) -> Option<Sheet> {
        self.keeper.lock().await.secrets.sheet.clone()
    }

    /// The password of the mail account.
    pub async fn mail_password(&self) -> Option<String> {
        self.keeper.lock().await.secrets.mail_password.clone()
    }

    /// The hash of an administrator's password.
    pub async fn password_hash(&self, login: &str) -> Option<String> {
        self.keeper
            .lock()
            .await
            .secrets
            .passwords
            .get(login)
            .cloned()
    }

    /// The claim code, while the box has nobody who looks after it.
    pub async fn claim_code(&self) -> Option<String> {
        let keeper = self.keeper.lock().await;
        let claimed = self.settings.borrow().is_claimed();
        keeper.secrets.claim_code.clone().filter(|_| !claimed)
    }
}
