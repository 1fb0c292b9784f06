//! Taking over what the disks of another Préau carry, or a copy elsewhere. What was
//! opened is put on the card in one durable file; from there it is put in force at the
//! next start, file by file, as often as it takes. A power cut before that file is
//! there leaves this box as it was, and after it the adoption goes on.

use crate::bundle::Document;
use crate::generations;
use crate::paths::Paths;
use crate::secrets::Secrets;
use crate::tls::{AuthorityFiles, TlsError, replace_authority};
use preau_domain::settings::Settings;
use preau_host::{HostError, remove_durably, write_durably};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;

/// Why an adoption does not go on.
#[derive(Debug, thiserror::Error)]
pub enum AdoptionError {
    /// The card.
    #[error("the adoption's file")]
    File(#[from] HostError),
    /// Reading it.
    #[error("reading the adoption's file")]
    Read(#[source] io::Error),
    /// Writing JSON.
    #[error("the adoption's JSON")]
    Json(#[from] serde_json::Error),
    /// The certificates.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// What is about to be in force.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Adoption {
    settings: Settings,
    secrets: Secrets,
    authority: AuthorityFiles,
}

/// Decides for the adoption: from here on the next start carries it out.
///
/// # Errors
/// When the card does not take it; this box is then as it was.
pub fn decide(paths: &Paths, settings: Settings, document: Document) -> Result<(), AdoptionError> {
    let mut secrets = document.secrets;
    // A box with settings has an owner.
    secrets.claim_code = None;
    secrets.restore = Some(document.share_passwords);
    let adoption = Adoption {
        settings,
        secrets,
        authority: document.authority,
    };
    let bytes = serde_json::to_vec_pretty(&adoption)?;
    write_durably(&paths.adoption(), &bytes, 0o600)?;
    Ok(())
}

/// Carries out an adoption that was decided; says whether there was one.
///
/// # Errors
/// When the card does not take it; the next start tries again.
pub fn carry_out(paths: &Paths) -> Result<bool, AdoptionError> {
    let text = match fs::read_to_string(paths.adoption()) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(AdoptionError::Read(error)),
    };
    let adoption: Adoption = serde_json::from_str(&text)?;
    replace_authority(&paths.tls(), &adoption.authority)?;
    let secrets = serde_json::to_vec_pretty(&adoption.secrets)?;
    let settings = serde_json::to_vec_pretty(&adoption.settings)?;
    // The generation before would be this box without its disks.
    generations::save(&paths.secrets(), Some(&secrets), &secrets)?;
    generations::save(&paths.settings(), Some(&settings), &settings)?;
    remove_durably(&paths.adoption())?;
    Ok(true)
}
