//! Keeps all that a new card would need on the volume of disks, sealed with the
//! recovery sheet's code. What is there is read and compared first: the disks are
//! written on only when something changed, or when somebody removed or damaged it.

use crate::bundle::Document;
use crate::desk::Desk;
use crate::tls::{self, TlsError};
use preau_host::HostError;
use preau_sheet::{OpenError, SALT_BYTES};

/// Why the settings are not kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The volume, or Samba's programs.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The authority's files.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Writing JSON.
    #[error("writing the settings as JSON")]
    Json(#[from] serde_json::Error),
    /// The kernel gives no random numbers.
    #[error("making the salt")]
    Random(#[from] getrandom::Error),
    /// The cipher.
    #[error("sealing the settings")]
    Seal(#[from] OpenError),
    /// The box has no sheet yet.
    #[error("there is no recovery sheet")]
    NoSheet,
}

impl Desk {
    /// Makes sure that the volume has the settings in force; says which change of
    /// them is on the disks now.
    ///
    /// # Errors
    /// When they cannot be read, sealed or written.
    pub async fn keep_on_disks(&self) -> Result<u64, KeepError> {
        // Counted before anything is read: a change meanwhile is kept once more.
        let changes = self.changes();
        let sheet = self.sheet().await.ok_or(KeepError::NoSheet)?;
        let passwords = self.machine.share_passwords().await?;
        let authority = tls::read_authority(&self.paths.tls())?;
        let secrets = self.secrets().await;
        let document = Document::new(&self.settings(), &secrets, passwords, authority)?;
        let document = document.to_bytes()?;

        let kept = self.machine.kept_bundles().await?;
        let opened = kept
            .current
            .as_deref()
            .map(|sealed| preau_sheet::open(&sheet.code, sealed));
        if opened
            .as_ref()
            .is_some_and(|opened| opened.as_ref() == Ok(&document))
        {
            return Ok(changes);
        }
        if let Some(Err(error)) = &opened {
            tracing::warn!(%error, "the settings on the disks cannot be opened; they are written anew");
        }
        let mut salt = [0; SALT_BYTES];
        getrandom::fill(&mut salt)?;
        let sealed = preau_sheet::seal(&sheet.code, salt, &document)?;
        // Only what can be opened is worth the place of the generation before.
        let previous = kept.current.filter(|_| matches!(opened, Some(Ok(_))));
        self.machine
            .keep_bundle(&sealed, previous.as_deref())
            .await?;
        Ok(changes)
    }
}
