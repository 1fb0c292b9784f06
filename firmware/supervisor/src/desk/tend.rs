//! Accounts, Samba's configuration and the notice follow from the settings.

use super::{Damage, Desk, Keeper};
use crate::notice;
use crate::watch::share_name;
use preau_domain::settings::Settings;
use preau_host::HostError;

impl Desk {
    /// Whether accounts, configuration and notice are those of the settings, as far
    /// as can be told without waiting: whoever holds the settings may change them.
    pub fn is_tended(&self) -> bool {
        if self.damage() == Damage::Lost {
            // Nothing is changed by settings that nobody made.
            return true;
        }
        let Ok(keeper) = self.keeper.try_lock() else {
            return false;
        };
        let settings = self.settings();
        let opened = self.machine.opened_disk().map(|opened| opened.disk);
        let told = keeper.tended.as_ref();
        knows_people(&keeper, &settings)
            && told.is_some_and(|told| told.opened == opened)
            && !self.must_close_disk()
            && keeper.secrets.restore.is_none()
            && keeper.shown == Some(code_to_show(&keeper, &settings))
    }

    /// Whether a disk is open to copy from it that was pulled, or that somebody has
    /// agreed to erase since.
    fn must_close_disk(&self) -> bool {
        let Some(opened) = self.machine.opened_disk() else {
            return false;
        };
        let settings = self.settings();
        let is_taken = settings.volume.as_ref().is_some_and(|volume| {
            let mut members = volume.members.iter().map(|member| &member.disk);
            let mut erased = volume.erase.iter().map(|consent| &consent.disk);
            members.any(|disk| *disk == opened.disk) || erased.any(|disk| *disk == opened.disk)
        });
        let picture = self.picture.borrow();
        let disks = picture
            .as_ref()
            .and_then(|picture| picture.snapshot.disks.known());
        let is_gone = disks.is_some_and(|disks| disks.iter().all(|disk| disk.id != opened.disk));
        is_taken || is_gone
    }

    /// Whether Samba knows whom to let in.
    pub fn may_serve(&self) -> bool {
        let keeper = self.keeper.try_lock();
        keeper.is_ok_and(|keeper| {
            let settings = self.settings();
            // Whoever wrote into a share that is still coming back would write into
            // files that are replaced under their hands.
            settings.recovery.is_none()
                && knows_people(&keeper, &settings)
                && keeper.secrets.restore.is_none()
        })
    }

    /// Makes accounts, configuration and notice those of the settings.
    ///
    /// # Errors
    /// When the system does not do it.
    pub async fn tend(&self) -> Result<(), HostError> {
        if self.damage() == Damage::Lost {
            return Ok(());
        }
        let mut held = super::Held::new(self, self.keeper.lock().await);
        // Before Samba is told for the first time: what was left open is nobody's.
        if held.keeper.tended.is_none() && self.machine.opened_disk().is_none()
            || self.must_close_disk()
        {
            self.machine.close_disk().await?;
        }
        let settings = held.settings();
        held.keep_people(&share_name(&settings), &settings.people)
            .await?;
        held.restore_passwords().await?;
        held.show_code().await
    }
}

fn knows_people(keeper: &Keeper, settings: &Settings) -> bool {
    let known = keeper.tended.as_ref();
    known
        .is_some_and(|told| told.box_name == share_name(settings) && told.people == settings.people)
}

/// The box's code, while nobody looks after it.
fn code_to_show(keeper: &Keeper, settings: &Settings) -> Option<String> {
    let code = keeper.secrets.claim_code.clone();
    code.filter(|_| !settings.is_claimed())
}

impl super::Held<'_> {
    /// Gives the accounts the passwords that another card's disks brought.
    async fn restore_passwords(&mut self) -> Result<(), HostError> {
        let secrets = self.secrets().clone();
        let Some(passwords) = &secrets.restore else {
            return Ok(());
        };
        let machine = &self.desk.machine;
        machine.restore_share_passwords(passwords).await?;
        // Done once more if the card does not take it: the same passwords.
        self.save_secrets(secrets.without_restore())
            .await
            .map_err(|_| HostError::Missing("the card's room for the secrets".to_owned()))
    }

    async fn show_code(&mut self) -> Result<(), HostError> {
        let code = code_to_show(&self.keeper, &self.settings());
        if self.keeper.shown.as_ref() == Some(&code) {
            return Ok(());
        }
        let fingerprint = &self.desk.authority.fingerprint;
        let notice = code.as_ref().map(|code| notice::text(code, fingerprint));
        self.desk.machine.show_claim_code(notice.as_deref()).await?;
        self.keeper.shown = Some(code);
        Ok(())
    }
}
