//! Disks and the volume on them. What is confirmed is compared with what is there
//! now, here and once more in `preau-host` right before anything is erased.

use super::extract::{Admin, Body, Reader};
use crate::desk::Desk;
use crate::refusal::{Reason, Refusal};
use crate::status::disks as disk_views;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use preau_api::{AskProtections, CreateVolume, Disks, ErrorBody};
use preau_domain::disks::Disk;
use preau_domain::ids::DiskId;
use preau_domain::layouts::{
    DISKS_MAX, LayoutRefused, Protections, check_layout, member_bytes, protections,
};
use preau_domain::plan::{ConsentRefused, check_consent};
use preau_domain::reading::Reading;
use preau_domain::settings::{EraseConsent, Settings, SetupStep, VolumeMember, VolumeSettings};
use preau_domain::snapshot::Snapshot;
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;

/// The smallest disk that is worth being told of: below it nothing fits.
const SMALLEST: u64 = 160 << 20;

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
    check_choice(&wanted)?;
    let chosen: BTreeSet<&DiskId> = wanted.erase.iter().map(|consent| &consent.disk).collect();
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
    settings.volume = Some(new_volume(wanted, disks)?);
    held.save(settings).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Different disks, as many as the layout takes.
pub(super) fn check_choice(wanted: &CreateVolume) -> Result<(), Refusal> {
    let chosen: BTreeSet<&DiskId> = wanted.erase.iter().map(|consent| &consent.disk).collect();
    let count = wanted.erase.len();
    if chosen.len() != count {
        return Err(Refusal::of(Reason::DiskCount, "erase"));
    }
    check_layout(wanted.layout, count, wanted.spares as usize).map_err(|why| match why {
        LayoutRefused::Count => Refusal::of(Reason::DiskCount, "erase"),
        LayoutRefused::Misfit(layout) => Refusal::of(Reason::LayoutMisfit(layout), "layout"),
    })
}

/// The volume that is to be made, if every disk is what was confirmed.
pub(super) fn new_volume(wanted: CreateVolume, disks: &[Disk]) -> Result<VolumeSettings, Refusal> {
    let array = Uuid::new_v4();
    let mut members = Vec::with_capacity(wanted.erase.len());
    for (place, consent) in wanted.erase.iter().enumerate() {
        let field = format!("erase[{place}]");
        let member = confirmed(consent, disks, array, &field)?;
        if member_bytes(member.size) == 0 {
            return Err(Refusal::of(Reason::DiskTooSmall(SMALLEST), &field));
        }
        members.push(member);
    }
    Ok(VolumeSettings {
        layout: wanted.layout,
        array,
        filesystem: Uuid::new_v4(),
        members,
        held_out: Vec::new(),
        spares: wanted.spares,
        leaving: Vec::new(),
        growing: false,
        unclean_start: None,
        erase: wanted.erase,
        formatted: false,
    })
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

/// What could be made of some disks.
#[utoipa::path(
    post,
    path = "/v1/volume/protections",
    request_body = AskProtections,
    security(("session" = [])),
    responses((status = OK, body = Protections), (status = "4XX", body = ErrorBody))
)]
pub async fn ask_protections(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Body(wanted): Body<AskProtections>,
) -> Result<Json<Protections>, Refusal> {
    let different: BTreeSet<&DiskId> = wanted.disks.iter().collect();
    let count = wanted.disks.len();
    if count == 0 || count > DISKS_MAX || different.len() != count {
        return Err(Refusal::of(Reason::DiskCount, "disks"));
    }
    let picture = desk.picture.borrow().clone();
    let picture = picture.ok_or(Reason::DisksUnreadable)?;
    let known = known_disks(&picture.snapshot)?;
    let mut sizes = Vec::with_capacity(count);
    for (place, id) in wanted.disks.into_iter().enumerate() {
        let disk = known.iter().find(|disk| disk.id == id);
        let gone = Reason::Consent(ConsentRefused::Gone);
        let disk = disk.ok_or_else(|| Refusal::of(gone, &format!("disks[{place}]")))?;
        sizes.push((id, disk.size));
    }
    Ok(Json(protections(&sizes)))
}

pub(super) fn known_disks(snapshot: &Snapshot) -> Result<&[Disk], Refusal> {
    let disks = snapshot.disks.known().ok_or(Reason::DisksUnreadable)?;
    Ok(disks)
}

/// The disk of a consent, if it is what was confirmed.
pub(super) fn confirmed(
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
