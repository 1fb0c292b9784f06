//! What is done to a volume in use: a disk takes the place of another, one more is
//! added, a half-written array is started because a person says so. Each only
//! changes the wish in the settings; the plan does the rest, one step at a time.

use super::extract::{Admin, Body, Reader};
use super::storage::{confirmed, known_disks};
use crate::array::{array_view, may_change, possible_growths, present};
use crate::desk::Desk;
use crate::reconcile::Problem;
use crate::refusal::{Reason, Refusal};
use crate::status::array_of;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use preau_api::{ArrayView, ErrorBody, GrowVolume, ReplaceDisk, StartUnclean};
use preau_domain::arrays::MemberState;
use preau_domain::disks::Disk;
use preau_domain::ids::DiskId;
use preau_domain::layouts::Growth;
use preau_domain::plan::free_places;
use preau_domain::scrub::ScrubSeen;
use preau_domain::settings::{EraseConsent, Settings, VolumeMember, VolumeSettings};
use preau_domain::snapshot::Snapshot;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The disks of the volume, what protects them, and what can be done with them.
#[utoipa::path(
    get,
    path = "/v1/array",
    security(("session" = [])),
    responses((status = OK, body = ArrayView), (status = "4XX", body = ErrorBody))
)]
pub async fn show(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Reader(texts): Reader,
) -> Result<Json<ArrayView>, Refusal> {
    let settings = desk.settings();
    let volume = settings.volume.as_ref().ok_or(Reason::NoVolume)?;
    let picture = desk.picture.borrow().clone();
    let picture = picture.ok_or(Reason::DisksUnreadable)?;
    Ok(Json(array_view(volume, &picture, texts)))
}

fn formatted(settings: &mut Settings) -> Result<&mut VolumeSettings, Reason> {
    let volume = settings.volume.as_mut().filter(|volume| volume.formatted);
    volume.ok_or(Reason::NoVolume)
}

/// Wishes for the volume that `change` makes of it with the disk that is agreed to be
/// erased, once.
async fn take_in(
    desk: &Desk,
    consent: &EraseConsent,
    change: impl FnOnce(&VolumeSettings, &Snapshot) -> Result<VolumeSettings, Refusal>,
) -> Result<StatusCode, Refusal> {
    let mut held = desk.hold().await?;
    let mut settings = Settings::clone(&held.settings());
    let volume = formatted(&mut settings)?;
    if volume.erase.contains(consent) {
        // A second click.
        return Ok(StatusCode::ACCEPTED);
    }
    let snapshot = desk.machine.observe(desk.now()).await;
    *volume = change(volume, &snapshot)?;
    held.save(settings).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Gives a disk the place of one that was lost, or of one that still works.
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
    let consent = wanted.erase.clone();
    take_in(&desk, &consent, |volume, snapshot| {
        with_replacement(volume, snapshot, wanted)
    })
    .await
}

/// The volume with a disk in the place of another.
pub(super) fn with_replacement(
    volume: &VolumeSettings,
    snapshot: &Snapshot,
    wanted: ReplaceDisk,
) -> Result<VolumeSettings, Refusal> {
    let disks = known_disks(snapshot)?;
    let place = choose_place(volume, snapshot, wanted.leaving.as_ref())?;
    let member = joining(volume, &wanted.erase, disks)?;
    let mut changed = volume.clone();
    let before = std::mem::replace(&mut changed.members[place], member);
    changed.erase.retain(|consent| consent.disk != before.disk);
    changed.erase.push(wanted.erase);
    let works = array_of(volume, snapshot)
        .and_then(|array| array.member(&before.disk))
        .is_some_and(|member| member.state == MemberState::InSync);
    if works {
        changed.leaving.push(before);
    }
    Ok(changed)
}

/// Whose place is taken: the one that was named, else the first that is free. One
/// that works gives its place only when nothing else is going on.
fn choose_place(
    volume: &VolumeSettings,
    snapshot: &Snapshot,
    leaving: Option<&DiskId>,
) -> Result<usize, Refusal> {
    let array = array_of(volume, snapshot).ok_or(Reason::DisksUnreadable)?;
    let free = free_places(volume, snapshot);
    let Some(leaving) = leaving else {
        return Ok(*free.first().ok_or(Reason::NothingToReplace)?);
    };
    let place = volume.members.iter().position(|m| m.disk == *leaving);
    let place = place.ok_or_else(|| Refusal::of(Reason::NotReplaceable, "leaving"))?;
    if free.contains(&place) {
        return Ok(place);
    }
    may_change(volume, snapshot)?;
    let state = array.member(leaving).map(|member| member.state);
    if state != Some(MemberState::InSync) {
        return Err(Refusal::of(Reason::NotReplaceable, "leaving"));
    }
    Ok(place)
}

/// The new member, if its disk is free, large enough and as confirmed.
fn joining(
    volume: &VolumeSettings,
    consent: &EraseConsent,
    disks: &[Disk],
) -> Result<VolumeMember, Refusal> {
    let mut all = volume.members.iter().chain(&volume.leaving);
    if all.any(|member| member.disk == consent.disk) {
        return Err(Refusal::of(Reason::DiskInUse, "erase"));
    }
    let member = confirmed(consent, disks, volume.array, "erase")?;
    let needed = volume.smallest_member();
    if member.size < needed {
        return Err(Refusal::of(Reason::DiskTooSmall(needed), "erase"));
    }
    Ok(member)
}

/// Adds a disk to the volume.
#[utoipa::path(
    post,
    path = "/v1/array/grow",
    request_body = GrowVolume,
    security(("session" = [])),
    responses((status = ACCEPTED), (status = "4XX", body = ErrorBody))
)]
pub async fn grow(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Body(wanted): Body<GrowVolume>,
) -> Result<StatusCode, Refusal> {
    let consent = wanted.erase.clone();
    take_in(&desk, &consent, |volume, snapshot| {
        with_growth(volume, snapshot, wanted)
    })
    .await
}

/// The volume with a disk more.
pub(super) fn with_growth(
    volume: &VolumeSettings,
    snapshot: &Snapshot,
    wanted: GrowVolume,
) -> Result<VolumeSettings, Refusal> {
    let disks = known_disks(snapshot)?;
    may_change(volume, snapshot)?;
    let offered = possible_growths(volume);
    let (_, layout) = *offered
        .iter()
        .find(|(growth, _)| *growth == wanted.growth)
        .ok_or_else(|| Refusal::of(Reason::GrowthImpossible, "growth"))?;
    let member = joining(volume, &wanted.erase, disks)?;
    let mut changed = volume.clone();
    changed.members.push(member);
    changed.erase.push(wanted.erase);
    changed.layout = layout;
    match wanted.growth {
        Growth::Spare => changed.spares += 1,
        Growth::Safer | Growth::Larger => changed.growing = true,
    }
    Ok(changed)
}

/// Starts a volume although what was being written may be damaged.
#[utoipa::path(
    post,
    path = "/v1/array/start",
    request_body = StartUnclean,
    security(("session" = [])),
    responses((status = ACCEPTED), (status = "4XX", body = ErrorBody))
)]
pub async fn start(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Body(wanted): Body<StartUnclean>,
) -> Result<StatusCode, Refusal> {
    let mut held = desk.hold().await?;
    let mut settings = Settings::clone(&held.settings());
    let volume = formatted(&mut settings)?;
    let picture = desk.picture.borrow().clone();
    let waits = picture.is_some_and(|picture| picture.problem == Some(Problem::Unclean));
    let snapshot = desk.machine.observe(desk.now()).await;
    let disks = known_disks(&snapshot)?;
    let present: Vec<&VolumeMember> = present(volume, disks).collect();
    let shown: BTreeSet<&str> = wanted.serials.iter().map(String::as_str).collect();
    let there: BTreeSet<&str> = present.iter().map(|m| m.serial.as_str()).collect();
    if !waits || there.is_empty() || shown != there {
        return Err(Refusal::of(Reason::NothingToStart, "serials"));
    }
    volume.unclean_start = Some(present.iter().map(|m| m.disk.clone()).collect());
    held.save(settings).await?;
    // What was damaged is found by reading everything, once all disks are there again.
    desk.scrubs.start(&ScrubSeen::default(), desk.now());
    Ok(StatusCode::ACCEPTED)
}
