//! Letting a disk back in that is held out. One that came and went needs a person's
//! word; one that was used elsewhere without the others is erased first, and that
//! needs a consent to lose exactly what is on it.

use super::extract::{Admin, Body};
use crate::desk::Desk;
use crate::refusal::{Reason, Refusal};
use axum::extract::State;
use axum::http::StatusCode;
use preau_api::{ErrorBody, TakeBack};
use preau_domain::plan::ConsentRefused;
use preau_domain::settings::{HeldWhy, Settings};
use std::sync::Arc;

/// Lets a disk back in that is held out.
#[utoipa::path(
    post,
    path = "/v1/array/take-back",
    request_body = TakeBack,
    security(("session" = [])),
    responses((status = ACCEPTED), (status = "4XX", body = ErrorBody))
)]
pub async fn take_back(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Body(wanted): Body<TakeBack>,
) -> Result<StatusCode, Refusal> {
    let mut held = desk.hold().await?;
    let mut settings = Settings::clone(&held.settings());
    let volume = settings.volume.as_mut().ok_or(Reason::NoVolume)?;
    match volume.held_out(&wanted.disk) {
        None => return Err(Refusal::of(Reason::NotHeldOut, "disk")),
        Some(HeldWhy::Flapping) => volume.held_out.retain(|held| held.disk != wanted.disk),
        Some(HeldWhy::Diverged) => {
            let refuse = |why| Refusal::of(Reason::Consent(why), "erase");
            let consent = wanted
                .erase
                .filter(|consent| consent.disk == wanted.disk)
                .ok_or_else(|| refuse(ConsentRefused::ContentsChanged))?;
            let snapshot = desk.machine.observe(desk.now()).await;
            let disks = snapshot.disks.known().ok_or(Reason::DisksUnreadable)?;
            let disk = disks.iter().find(|disk| disk.id == consent.disk);
            let disk = disk.ok_or_else(|| refuse(ConsentRefused::Gone))?;
            if disk.serial != consent.serial {
                return Err(refuse(ConsentRefused::OtherSerial));
            }
            // It carries our own superblock: only what was shown may be lost.
            if consent.contents_digest.as_ref() != Some(&disk.contents_digest) {
                return Err(refuse(ConsentRefused::ContentsChanged));
            }
            volume.erase.retain(|other| other.disk != consent.disk);
            volume.erase.push(consent);
        }
    }
    held.save(settings).await?;
    Ok(StatusCode::ACCEPTED)
}
