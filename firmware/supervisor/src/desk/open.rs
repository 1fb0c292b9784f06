//! Opens the desk at start: reads settings and secrets, makes what a new box needs,
//! and says what is damaged.

use super::{Damage, Desk, Keeper};
use crate::adoption::{self, AdoptionError};
use crate::auth::passwords::Judge;
use crate::auth::sessions::Sessions;
use crate::auth::throttle::Throttle;
use crate::clock::Clock;
use crate::copies::Copies;
use crate::generations::{self, Found};
use crate::machine::Machine;
use crate::paths::Paths;
use crate::secrets::{self, Secrets};
use crate::sheet;
use crate::store::{Store, StoreError};
use crate::tls::{self, TlsError};
use preau_domain::settings::{self, Settings};
use preau_host::{Copying, HostError, System};
use std::fs;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use tokio::sync::{Mutex, Notify, watch};

/// Why the supervisor cannot start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder of the state.
    #[error("the folder {path}")]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The history.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What another card's disks brought.
    #[error(transparent)]
    Adoption(#[from] AdoptionError),
    /// The certificates.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The secrets of a new box.
    #[error("making the box's code")]
    Random(#[from] getrandom::Error),
    /// The secrets of a new box.
    #[error("storing the box's code")]
    Secrets(#[from] HostError),
    /// The secrets of a new box.
    #[error("writing the box's code")]
    Json(#[from] serde_json::Error),
}

impl Desk {
    /// Opens the desk.
    ///
    /// # Errors
    /// When the card cannot be used at all. Damaged settings are no error: see
    /// [`Desk::damage`].
    pub async fn open(
        system: impl System + Copying,
        paths: &Paths,
        clock: Clock,
        judge: Judge,
    ) -> Result<Arc<Self>, OpenError> {
        make_private_folder(paths)?;
        let now = clock();
        let adopted = adoption::carry_out(paths)?;
        let (found, mut damage) = read_settings(paths);
        let (mut secrets, secrets_damage) = read_secrets(paths, &found)?;
        if secrets_damage != Damage::None && damage != Damage::Lost {
            damage = secrets_damage;
        }
        if damage != Damage::Lost {
            make_sheet(paths, &found, &mut secrets, now)?;
        }
        let authority = tls::ensure(&paths.tls(), now)?;
        let store = Store::open(&paths.history())?;
        let box_id = store.box_id().await?;
        if adopted {
            // They were opened for the people of the card that this one was.
            let sessions = store.sessions().await?;
            let tokens = sessions.into_iter().map(|session| session.token);
            store.drop_sessions(tokens.collect()).await?;
        }
        let sessions = Sessions::load(store.clone(), now).await?;
        let stored = match damage {
            // What is on the card is the damaged file: it must not become the
            // generation before.
            Damage::None | Damage::FellBack => found.as_ref().map(serde_json::to_vec_pretty),
            Damage::Lost => None,
        };
        let stored_secrets = serde_json::to_vec_pretty(&secrets)?;
        let system = Arc::new(system);
        let copier = Arc::clone(&system) as Arc<dyn Copying>;
        let copies = Copies::open(copier, &store, now).await?;
        Ok(Arc::new(Self {
            machine: system as Arc<dyn Machine>,
            copies,
            store,
            scrubs: crate::scrub::Book::open(paths.scrubs()),
            sessions,
            claim_tries: Throttle::default(),
            login_tries: Throttle::default(),
            sheet_tries: Throttle::default(),
            sheet_asked: Mutex::default(),
            authority,
            box_id,
            clock,
            judge,
            look: Notify::new(),
            post: Notify::new(),
            mail_changed: Notify::new(),
            start_again: watch::Sender::new(false),
            adopted,
            mail_test: Mutex::new(None),
            health: watch::Sender::new(Arc::default()),
            visit: Notify::new(),
            picture: watch::Sender::new(None),
            acknowledged: std::sync::Mutex::default(),
            settings: watch::Sender::new(Arc::new(found.unwrap_or_default())),
            sheet_dates: watch::Sender::new(secrets.sheet.as_ref().map(|sheet| sheet.dates)),
            keeper: Mutex::new(Keeper {
                settings_path: paths.settings(),
                secrets_path: paths.secrets(),
                secrets,
                stored: stored.transpose()?,
                stored_secrets: Some(stored_secrets),
                tended: None,
                shown: None,
            }),
            changes: AtomicU64::new(0),
            paths: paths.clone(),
            damaged: watch::Sender::new(damage),
        }))
    }
}

/// A box that was set up before there were sheets gets one.
fn make_sheet(
    paths: &Paths,
    settings: &Option<Settings>,
    secrets: &mut Secrets,
    now: jiff::Timestamp,
) -> Result<(), OpenError> {
    let Some(settings) = settings.as_ref().filter(|settings| settings.is_claimed()) else {
        return Ok(());
    };
    if secrets.sheet.is_some() {
        return Ok(());
    }
    let before = serde_json::to_vec_pretty(secrets)?;
    sheet::ensure(secrets, settings.language, now)?;
    let after = serde_json::to_vec_pretty(secrets)?;
    generations::save(&paths.secrets(), Some(&before), &after)?;
    Ok(())
}

fn make_private_folder(paths: &Paths) -> Result<(), OpenError> {
    let path = paths.state();
    let failed = |source| OpenError::Folder {
        path: path.to_owned(),
        source,
    };
    fs::DirBuilder::new()
        .mode(0o700)
        .recursive(true)
        .create(path)
        .map_err(failed)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(failed)
}

fn read_settings(paths: &Paths) -> (Option<Settings>, Damage) {
    match generations::load(&paths.settings(), settings::read) {
        Found::Nothing => (None, Damage::None),
        Found::Good(settings) => (Some(settings), Damage::None),
        Found::FellBack { value, why } => {
            tracing::error!(why, "the settings are damaged; those before are in force");
            (Some(value), Damage::FellBack)
        }
        Found::Lost { why } => {
            tracing::error!(why, "the settings are lost");
            (None, Damage::Lost)
        }
    }
}

/// The secrets, and what is wrong with them, or with the settings beside them.
fn read_secrets(
    paths: &Paths,
    settings: &Option<Settings>,
) -> Result<(Secrets, Damage), OpenError> {
    let claimed = settings.as_ref().is_some_and(Settings::is_claimed);
    let (mut secrets, damage) = match generations::load(&paths.secrets(), Secrets::read) {
        Found::Good(secrets) => (secrets, Damage::None),
        Found::FellBack { value, why } => {
            tracing::error!(why, "the secrets are damaged; those before are in force");
            (value, Damage::FellBack)
        }
        Found::Nothing if settings.is_none() => {
            let secrets = Secrets::new()?;
            generations::save(
                &paths.secrets(),
                None,
                &serde_json::to_vec_pretty(&secrets)?,
            )?;
            return Ok((secrets, Damage::None));
        }
        Found::Nothing => return Ok((Secrets::none(), Damage::Lost)),
        Found::Lost { why } => {
            tracing::error!(why, "the secrets are lost");
            return Ok((Secrets::none(), Damage::Lost));
        }
    };
    if settings.is_none() && secrets.claim_code.is_none() {
        // Somebody looked after this box: its settings are gone, not unwritten.
        return Ok((secrets, Damage::Lost));
    }
    if claimed && secrets.claim_code.is_some() {
        // The power went between the first account and the end of the code.
        secrets.claim_code = None;
        generations::save(
            &paths.secrets(),
            None,
            &serde_json::to_vec_pretty(&secrets)?,
        )?;
    }
    if !claimed && secrets.claim_code.is_none() {
        // Settings of before the claim are in force again.
        secrets.claim_code = Some(secrets::make_claim_code()?);
        generations::save(
            &paths.secrets(),
            None,
            &serde_json::to_vec_pretty(&secrets)?,
        )?;
    }
    Ok((secrets, damage))
}
