//! Making this box from nothing but a copy elsewhere and the recovery sheet.

use super::adoption::unreadable;
use super::copies::{check_place, field_of};
use super::extract::{Admin, Body, Reader};
use super::people;
use super::storage::{check_choice, known_disks, new_volume};
use crate::copies::look::Refused;
use crate::copies::recovery::{self, Found, NotFound};
use crate::copies::view;
use crate::desk::Desk;
use crate::people::system_failed;
use crate::refusal::{Reason, Refusal};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use preau_api::{
    CopyLooked, CreateVolume, ErrorBody, FoundBox, FoundShare, GoOn, GoOnAct, LookForCopy, Recover,
    RecoveryView,
};
use preau_domain::copies::recovery::ShareRecovery;
use preau_domain::copies::{Place, SftpLogin};
use preau_domain::disks::{Bus, Disk};
use preau_domain::layouts::protections;
use preau_domain::settings::VolumeSettings;
use preau_host::{CopyDisk, chain};
use preau_offsite_job::Failure;
use preau_sheet::Code;
use std::sync::Arc;
use tokio::time::Instant;

/// What wrong words are counted under.
const THE_COPY: &str = "copy elsewhere";

/// Looks into the copy at a place with the words of the recovery sheet.
#[utoipa::path(
    post,
    path = "/v1/recovery/look",
    request_body = LookForCopy,
    security(("session" = [])),
    responses((status = OK, body = CopyLooked), (status = "4XX", body = ErrorBody))
)]
pub async fn look(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Reader(texts): Reader,
    Body(wanted): Body<LookForCopy>,
) -> Result<Json<CopyLooked>, Refusal> {
    let settings = desk.settings();
    if settings.volume.is_some() {
        return Err(Reason::VolumeExists.into());
    }
    let place = check_place(wanted.place)?;
    let code = Code::read(&wanted.code, settings.language)
        .map_err(|error| Refusal::of(unreadable(error), "code"))?;
    desk.sheet_tries
        .check(THE_COPY, Instant::now())
        .map_err(Reason::TooManyTries)?;
    let secret = wanted.secret.filter(|secret| !secret.is_empty());
    let name = texts.t("recovery-place-name");
    let looked = recovery::look(&desk, place.clone(), secret, &code, name).await;
    match looked {
        Ok(found) => {
            desk.sheet_tries.right(THE_COPY);
            Ok(Json(CopyLooked {
                confirm: None,
                found: Some(found_box(&found)),
            }))
        }
        Err(NotFound::Copy(refused)) => refuse_copy(&desk, &place, refused).map(Json),
        Err(NotFound::Settings(error)) => {
            tracing::warn!(%error, "opening the settings in a copy");
            Err(Reason::CopyKept(error).into())
        }
    }
}

fn refuse_copy(desk: &Desk, place: &Place, refused: Refused) -> Result<CopyLooked, Refusal> {
    if let Some(shown) = view::host_key(&refused.failure) {
        return Ok(CopyLooked {
            confirm: Some(shown),
            found: None,
        });
    }
    tracing::warn!("looking into a copy: {}", refused.detail);
    if refused.failure == Failure::WrongKey {
        desk.sheet_tries.wrong(THE_COPY, Instant::now());
        return Err(Refusal::of(Reason::SheetOfOtherCopy, "code"));
    }
    let by_key = matches!(
        place,
        Place::Sftp {
            login: SftpLogin::Key,
            ..
        }
    );
    if by_key && refused.failure == Failure::LoginRefused {
        return Err(Refusal::of(Reason::KeyOfSheetRefused, "login"));
    }
    let field = field_of(place, &refused.failure);
    Err(Refusal::of(Reason::Copy(refused.failure), field))
}

fn found_box(found: &Found) -> FoundBox {
    let settings = &found.settings;
    let disks = settings.volume.as_ref().map_or(0, |v| v.members.len());
    FoundBox {
        name: settings.box_name.clone(),
        time_zone: settings.time_zone.clone(),
        settings_at: found.settings_at,
        people: settings.people.iter().map(people::view).collect(),
        destinations: settings
            .destinations
            .iter()
            .map(|destination| destination.name.clone())
            .collect(),
        disks: u32::try_from(disks).unwrap_or(u32::MAX),
        shares: found.shares.iter().map(found_share).collect(),
    }
}

/// A share as it is shown.
pub fn found_share(share: &ShareRecovery) -> FoundShare {
    FoundShare {
        name: share.share.clone(),
        taken_at: share.taken_at,
        files: share.files,
        bytes: share.bytes,
    }
}

/// What was found, or what is coming back.
#[utoipa::path(
    get,
    path = "/v1/recovery",
    security(("session" = [])),
    responses((status = OK, body = RecoveryView), (status = "4XX", body = ErrorBody))
)]
pub async fn read(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Reader(texts): Reader,
) -> Json<RecoveryView> {
    let found = desk.found_box();
    Json(RecoveryView {
        found: found.as_deref().map(found_box),
        coming_back: crate::coming_back::view(&desk, texts),
    })
}

/// Makes this box the one that was found.
#[utoipa::path(
    post,
    path = "/v1/recovery",
    request_body = Recover,
    security(("session" = [])),
    responses((status = ACCEPTED), (status = "4XX", body = ErrorBody))
)]
pub async fn recover(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Body(wanted): Body<Recover>,
) -> Result<StatusCode, Refusal> {
    let wanted = CreateVolume {
        layout: wanted.layout,
        erase: wanted.erase,
        spares: wanted.spares,
    };
    check_choice(&wanted)?;
    // Held to the end: nobody chooses disks for a volume of this box meanwhile.
    let held = desk.hold().await?;
    if held.settings().volume.is_some() {
        return Err(Reason::VolumeExists.into());
    }
    let found = desk.found_box().ok_or(Reason::NothingFound)?;
    let snapshot = desk.machine.observe(desk.now()).await;
    let disks = known_disks(&snapshot)?;
    keep_source(&desk, &found.from.place, &wanted, disks).await?;
    let volume = new_volume(wanted, disks)?;
    let needed = found.shares.iter().filter_map(|share| share.bytes).sum();
    if !has_room(&volume, needed) {
        return Err(Refusal::of(Reason::DisksTooSmall(needed), "layout"));
    }
    recovery::decide(&desk, &found, volume).map_err(|error| {
        tracing::error!("storing what the copy brought: {}", chain(&error));
        Reason::NotStored
    })?;
    tracing::info!(
        "this box becomes the one of the copy at {:?}",
        found.from.place.kind()
    );
    drop(held);
    desk.start_again.send_replace(true);
    Ok(StatusCode::ACCEPTED)
}

/// Of so many bytes one is for what the file system notes about the others.
const NOTES: u64 = 32;

/// Whether files of so many bytes fit on the disks.
fn has_room(volume: &VolumeSettings, needed: u64) -> bool {
    let sizes: Vec<_> = volume
        .members
        .iter()
        .map(|member| (member.disk.clone(), member.size))
        .collect();
    let mut choices = protections(&sizes).choices.into_iter();
    let choice =
        choices.find(|choice| choice.layout == volume.layout && choice.spares == volume.spares);
    // What is not offered is not known to be too small.
    choice.is_none_or(|choice| needed + needed / NOTES <= choice.usable)
}

/// The disk that the files come from is not one to erase.
async fn keep_source(
    desk: &Desk,
    place: &Place,
    wanted: &CreateVolume,
    disks: &[Disk],
) -> Result<(), Refusal> {
    let Place::UsbDisk { filesystem } = place else {
        return Ok(());
    };
    let found = desk.copies.machine.copy_disks().await;
    let found = found.map_err(|error| system_failed(&error))?;
    let source = found.iter().find(|disk| disk.filesystem == *filesystem);
    for (index, consent) in wanted.erase.iter().enumerate() {
        let disk = disks.iter().find(|disk| disk.id == consent.disk);
        if let (Some(disk), Some(source)) = (disk, source)
            && may_carry(disk, source)
        {
            return Err(Refusal::of(
                Reason::DiskOfCopies,
                &format!("erase[{index}]"),
            ));
        }
    }
    Ok(())
}

/// Whether a disk looks like the one with that file system.
fn may_carry(disk: &Disk, source: &CopyDisk) -> bool {
    disk.bus == Bus::Usb
        && disk.contents.iter().any(|content| {
            (&content.kind, &content.label, content.size)
                == (&source.kind, &source.label, source.size)
        })
}

/// Says how it goes on when files do not come back.
#[utoipa::path(
    post,
    path = "/v1/recovery/go-on",
    request_body = GoOn,
    security(("session" = [])),
    responses((status = ACCEPTED), (status = "4XX", body = ErrorBody))
)]
pub async fn go_on(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Body(wanted): Body<GoOn>,
) -> Result<StatusCode, Refusal> {
    let settings = desk.settings();
    let recovery = settings.recovery.as_ref().ok_or(Reason::NothingRuns)?;
    match wanted.act {
        GoOnAct::Again => desk.try_recovery_again(),
        GoOnAct::Leave if !wanted.confirmed => {
            return Err(Refusal::of(Reason::NotConfirmed, "confirmed"));
        }
        GoOnAct::Leave => {
            // Decided first: what is stopped then is not tried again.
            desk.settle_recovery().await?;
            desk.copies.cancel(recovery.destination);
        }
    }
    Ok(StatusCode::ACCEPTED)
}
