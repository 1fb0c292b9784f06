//! Disks and the volume on them. What is confirmed is compared with what is there
//! now, here and once more in `preau-host` right before anything is erased.

use super::extract::{Admin, Body, Reader};
use crate::desk::Desk;
use crate::refusal::{Reason, Refusal};
use crate::status::{array_of, disks as disk_views, free_places, smallest_member};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use preau_api::{CreateVolume, Disks, ErrorBody, ReplaceDisk};
use preau_domain::disks::Disk;
use preau_domain::ids::DiskId;
use preau_domain::plan::check_consent;
use preau_domain::reading::Reading;
use preau_domain::settings::{
    EraseConsent, Layout, Settings, SetupStep, VolumeMember, VolumeSettings,
};
use preau_domain::snapshot::Snapshot;
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;

/// Every disk but the card, and what it is to the box.
#[utoipa::path(
    get,
    path = "/v1/disks",
    security(("session" = [])),
    responses((status = OK, body = Disks), (status = "4XX", body = ErrorBody))
)]
pub async fn disks(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Reader(texts): Reader,
) -> Json<Disks> {
    let picture = desk.picture.borrow().clone();
    let unreadable = match picture.as_ref().map(|picture| &picture.snapshot.disks) {
        None => Some(texts.t("error-disks-unreadable")),
        Some(Reading::Unreadable { .. }) => Some(texts.t("error-disks-unreadable")),
        Some(Reading::Known { .. } | Reading::Absent) => None,
    };
    Json(Disks {
        disks: picture.as_deref().map_or_else(Vec::new, disk_views),
        unreadable,
    })
}

/// Chooses the disks and agrees to erase them.
#[utoipa::path(
    post,
    path = "/v1/volume",
    request_body = CreateVolume,
    security(("session" = [])),
    responses((status = ACCEPTED), (status = "4XX", body = ErrorBody))
)]
pub async fn create_volume(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Body(wanted): Body<CreateVolume>,
) -> Result<StatusCode, Refusal> {
    let chosen: BTreeSet<&DiskId> = wanted.erase.iter().map(|consent| &consent.disk).collect();
    let enough = match wanted.layout {
        Layout::Mirror => 2,
    };
    if wanted.erase.len() != enough || chosen.len() != enough {
        return Err(Refusal::of(Reason::TwoDisks, "erase"));
    }
    let mut held = desk.hold().await?;
    let mut settings = Settings::clone(&held.settings());
    if settings.setup_step() < SetupStep::Disks {
        return Err(Reason::NotThisStep.into());
    }
    let snapshot = desk.machine.observe(desk.now()).await;
    let disks = known_disks(&snapshot)?;
    if let Some(volume) = &settings.volume {
        let same: BTreeSet<&DiskId> = volume.members.iter().map(|member| &member.disk).collect();
        if same == chosen && !may_choose_again(volume, disks) {
            // A second click.
            return Ok(StatusCode::ACCEPTED);
        }
        if !may_choose_again(volume, disks) {
            return Err(Reason::VolumeExists.into());
        }
    }
    let array = Uuid::new_v4();
    let mut members = Vec::with_capacity(enough);
    for (place, consent) in wanted.erase.iter().enumerate() {
        let field = format!("erase[{place}]");
        members.push(confirmed(consent, disks, array, &field)?);
    }
    settings.volume = Some(VolumeSettings {
        layout: wanted.layout,
        array,
        filesystem: Uuid::new_v4(),
        members,
        held_out: Vec::new(),
        erase: wanted.erase,
        formatted: false,
    });
    held.save(settings).await?;
    Ok(StatusCode::ACCEPTED)
}

/// A choice that can no longer come about may be made again: nothing was ever
/// stored on it, and one of its disks is gone or is not what was confirmed.
fn may_choose_again(volume: &VolumeSettings, disks: &[Disk]) -> bool {
    let holds = |consent: &EraseConsent| {
        let disk = disks.iter().find(|disk| disk.id == consent.disk);
        check_consent(consent, disk, volume.array).is_ok()
    };
    !volume.formatted && !volume.erase.iter().all(holds)
}

/// Gives a disk the place of one that was lost.
#[utoipa::path(
    post,
    path = "/v1/array/replace",
    request_body = ReplaceDisk,
    security(("session" = [])),
    responses((status = ACCEPTED), (status = "4XX", body = ErrorBody))
)]
pub async fn replace_disk(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Body(wanted): Body<ReplaceDisk>,
) -> Result<StatusCode, Refusal> {
    let mut held = desk.hold().await?;
    let mut settings = Settings::clone(&held.settings());
    let volume = settings
        .volume
        .as_mut()
        .filter(|volume| volume.formatted)
        .ok_or(Reason::NoVolume)?;
    let consent = wanted.erase;
    if volume.erase.contains(&consent) {
        // A second click.
        return Ok(StatusCode::ACCEPTED);
    }
    let snapshot = desk.machine.observe(desk.now()).await;
    let disks = known_disks(&snapshot)?;
    array_of(volume, &snapshot).ok_or(Reason::DisksUnreadable)?;
    let place = *free_places(volume, &snapshot)
        .first()
        .ok_or(Reason::NothingToReplace)?;
    if volume
        .members
        .iter()
        .any(|member| member.disk == consent.disk)
    {
        return Err(Refusal::of(Reason::DiskInUse, "erase"));
    }
    let member = confirmed(&consent, disks, volume.array, "erase")?;
    let needed = smallest_member(volume);
    if member.size < needed {
        return Err(Refusal::of(Reason::DiskTooSmall(needed), "erase"));
    }
    let before = std::mem::replace(&mut volume.members[place], member);
    volume.erase.retain(|consent| consent.disk != before.disk);
    volume.erase.push(consent);
    held.save(settings).await?;
    Ok(StatusCode::ACCEPTED)
}

fn known_disks(snapshot: &Snapshot) -> Result<&[Disk], Refusal> {
    let disks = snapshot.disks.known().ok_or(Reason::DisksUnreadable)?;
    Ok(disks)
}

/// The disk of a consent, if it is what was confirmed.
fn confirmed(
    consent: &EraseConsent,
    disks: &[Disk],
    array: Uuid,
    field: &str,
) -> Result<VolumeMember, Refusal> {
    let disk = disks.iter().find(|disk| disk.id == consent.disk);
    check_consent(consent, disk, array).map_err(|why| Refusal::of(Reason::Consent(why), field))?;
    let disk = disk.ok_or(Reason::DisksUnreadable)?;
    Ok(VolumeMember {
        disk: disk.id.clone(),
        bay: disk.bay.clone(),
        model: disk.model.clone(),
        serial: disk.serial.clone(),
        size: disk.size,
    })
}
