//! The settings in the hands of one request.

use super::{Damage, Desk, Keeper, Told};
use crate::generations;
use crate::machine::Machine;
use crate::refusal::{Reason, Refusal};
use crate::secrets::Secrets;
use preau_domain::settings::{Person, Settings};
use preau_host::HostError;
use std::sync::Arc;
use tokio::sync::MutexGuard;

/// The settings, held: nobody else changes them meanwhile.
pub struct Held<'a> {
    pub(super) desk: &'a Desk,
    pub(super) keeper: MutexGuard<'a, Keeper>,
}

impl<'a> Held<'a> {
    pub(super) const fn new(desk: &'a Desk, keeper: MutexGuard<'a, Keeper>) -> Self {
        Self { desk, keeper }
    }

    /// The settings in force.
    pub fn settings(&self) -> Arc<Settings> {
        self.desk.settings()
    }

    /// The secrets in force.
    pub fn secrets(&self) -> &Secrets {
        &self.keeper.secrets
    }

    /// Writes the settings, puts them in force and tells everybody. Settings that
    /// are the same are not written again.
    ///
    /// # Errors
    /// When the card does not take them; those before stay in force.
    pub async fn save(&mut self, mut settings: Settings) -> Result<(), Refusal> {
        let before = self.settings();
        settings.generation = before.generation;
        if settings == *before {
            return Ok(());
        }
        self.write(settings).await
    }

    /// Writes settings and secrets although they are the same, which makes a damaged
    /// file whole.
    ///
    /// # Errors
    /// When the card does not take them.
    pub async fn mend(&mut self) -> Result<(), Refusal> {
        let secrets = self.secrets().clone();
        self.write_secrets(secrets).await?;
        let settings = self.settings();
        self.write(Settings::clone(&settings)).await?;
        self.desk.damaged.send_replace(Damage::None);
        self.desk.look.notify_one();
        Ok(())
    }

    async fn write(&mut self, mut settings: Settings) -> Result<(), Refusal> {
        settings.generation += 1;
        let bytes = pretty(&settings)?;
        let path = self.keeper.settings_path.clone();
        let old = self.keeper.stored.clone();
        store(path, old, bytes.clone()).await?;
        self.keeper.stored = Some(bytes);
        self.desk.settings.send_replace(Arc::new(settings));
        self.desk.count_change();
        Ok(())
    }

    /// Writes the secrets and puts them in force.
    ///
    /// # Errors
    /// When the card does not take them; those before stay in force.
    pub async fn save_secrets(&mut self, secrets: Secrets) -> Result<(), Refusal> {
        if secrets == self.keeper.secrets {
            return Ok(());
        }
        self.write_secrets(secrets).await
    }

    async fn write_secrets(&mut self, secrets: Secrets) -> Result<(), Refusal> {
        let bytes = pretty(&secrets)?;
        let path = self.keeper.secrets_path.clone();
        let old = self.keeper.stored_secrets.clone();
        store(path, old, bytes.clone()).await?;
        self.keeper.stored_secrets = Some(bytes);
        let dates = secrets.sheet.as_ref().map(|sheet| sheet.dates);
        self.desk.sheet_dates.send_replace(dates);
        self.keeper.secrets = secrets;
        self.desk.count_change();
        Ok(())
    }

    /// Makes accounts and Samba's configuration those of `people`, unless they are.
    /// What was made and is then not stored is put right by the watch's next look.
    ///
    /// # Errors
    /// When the system does not do it.
    pub async fn keep_people(
        &mut self,
        box_name: &str,
        people: &[Person],
    ) -> Result<(), HostError> {
        // Taken, so that a try that fails or is cut short leaves nothing to trust.
        let before = self.keeper.tended.take();
        let machine: &dyn Machine = &*self.desk.machine;
        let after = Told {
            box_name: box_name.to_owned(),
            people: people.to_vec(),
            opened: machine.opened_disk().map(|opened| opened.disk),
        };
        if before.as_ref() != Some(&after) {
            if before.is_none_or(|before| before.people != people) {
                machine.keep_accounts(people).await?;
                self.desk.count_change();
            }
            machine.write_share_config(box_name, people).await?;
        }
        self.keeper.tended = Some(after);
        Ok(())
    }
}

fn pretty<T: serde::Serialize>(value: &T) -> Result<Vec<u8>, Refusal> {
    serde_json::to_vec_pretty(value).map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "writing JSON");
        Reason::NotStored.into()
    })
}

async fn store(
    path: std::path::PathBuf,
    old: Option<Vec<u8>>,
    new: Vec<u8>,
) -> Result<(), Refusal> {
    let written =
        tokio::task::spawn_blocking(move || generations::save(&path, old.as_deref(), &new)).await;
    match written {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => {
            tracing::error!(error = &error as &dyn std::error::Error, "storing a change");
            Err(Reason::NotStored.into())
        }
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "storing a change");
            Err(Reason::NotStored.into())
        }
    }
}
