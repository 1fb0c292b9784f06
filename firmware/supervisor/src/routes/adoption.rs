//! Taking over the disks of another Préau. They are only read until the sheet's code
//! has opened what they carry; then the card gets it, and the supervisor starts
//! again as the box that those disks belong to.

use super::extract::{Admin, Body};
use crate::adoption;
use crate::bundle::{self, DocumentError};
use crate::desk::Desk;
use crate::people::system_failed;
use crate::refusal::{Reason, Refusal};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use preau_api::{Adopt, Adoptable, AdoptableSet, ErrorBody};
use preau_domain::adopt::{DiskSet, sets, take_over};
use preau_domain::snapshot::Snapshot;
use preau_host::{HostError, chain};
use preau_sheet::{Code, ReadError};
use std::sync::Arc;
use tokio::time::Instant;

/// What can be told of the disks of another Préau without their code.
#[utoipa::path(
    get,
    path = "/v1/adoption",
    security(("session" = [])),
    responses((status = OK, body = Adoptable), (status = "4XX", body = ErrorBody))
)]
pub async fn read(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
) -> Result<Json<Adoptable>, Refusal> {
    let snapshot = desk.machine.observe(desk.now()).await;
    let mut adoptable = Vec::new();
    for set in found_sets(&desk, &snapshot)? {
        let facts = desk.machine.describe_set(&set.name).await;
        let facts = facts.map_err(|error| system_failed(&error))?;
        adoptable.push(AdoptableSet {
            wanted: facts.wanted,
            used_at: facts.used_at,
            set: set.name,
            disks: set.disks,
            bays: set.bays,
        });
    }
    Ok(Json(Adoptable { sets: adoptable }))
}

fn found_sets(desk: &Desk, snapshot: &Snapshot) -> Result<Vec<DiskSet>, Refusal> {
    let disks = snapshot.disks.known().ok_or(Reason::DisksUnreadable)?;
    Ok(sets(disks, desk.settings().volume.as_ref()))
}

/// Takes over what a set of disks carries.
#[utoipa::path(
    post,
    path = "/v1/adoption",
    request_body = Adopt,
    security(("session" = [])),
    responses((status = ACCEPTED), (status = "4XX", body = ErrorBody))
)]
pub async fn adopt(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Body(wanted): Body<Adopt>,
) -> Result<StatusCode, Refusal> {
    // Held to the end: nobody chooses disks for a volume of this box meanwhile.
    let held = desk.hold().await?;
    let settings = held.settings();
    if settings.volume.is_some() {
        return Err(Reason::VolumeExists.into());
    }
    let code = Code::read(&wanted.code, settings.language)
        .map_err(|error| Refusal::of(unreadable(error), "code"))?;
    let snapshot = desk.machine.observe(desk.now()).await;
    let set = found_sets(&desk, &snapshot)?;
    if !set.iter().any(|found| found.name == wanted.set) {
        return Err(Refusal::of(Reason::NoSuchSet, "set"));
    }
    desk.sheet_tries
        .check(&wanted.set, Instant::now())
        .map_err(Reason::TooManyTries)?;
    let bundles = desk.machine.read_set(&wanted.set).await;
    let bundles = bundles.map_err(|error| match error {
        HostError::Missing(_) => Refusal::of(Reason::NoSuchSet, "set"),
        error => {
            tracing::error!("reading the disks {}: {}", wanted.set, chain(&error));
            Reason::SetUnreadable(chain(&error)).into()
        }
    })?;
    let document = bundle::open(&code, &bundles).map_err(|error| {
        if error == DocumentError::WrongCode {
            desk.sheet_tries.wrong(&wanted.set, Instant::now());
            return Refusal::of(Reason::WrongSheet, "code");
        }
        tracing::warn!(%error, "opening what the disks {} carry", wanted.set);
        Reason::Kept(error).into()
    })?;
    desk.sheet_tries.right(&wanted.set);
    let damaged = |text: &str| Reason::Kept(DocumentError::Damaged(text.to_owned()));
    let theirs = document
        .settings()
        .map_err(|error| damaged(&error.to_string()))?;
    let disks = snapshot.disks.known().ok_or(Reason::DisksUnreadable)?;
    let settings = take_over(theirs, &wanted.set, disks)
        .ok_or_else(|| damaged("the settings are about other disks"))?;
    adoption::decide(&desk.paths, settings, document).map_err(|error| {
        tracing::error!("storing what the disks carry: {}", chain(&error));
        Reason::NotStored
    })?;
    tracing::info!("the disks {} are taken over", wanted.set);
    drop(held);
    desk.start_again.send_replace(true);
    Ok(StatusCode::ACCEPTED)
}

pub(super) fn unreadable(error: ReadError) -> Reason {
    match error {
        ReadError::Count { found } => Reason::SheetCount(found),
        ReadError::Words(wrong) => Reason::SheetWords(wrong),
        ReadError::Checksum => Reason::SheetChecksum,
        ReadError::OnePart(number) => Reason::SheetOnePart(number),
        ReadError::SamePart(number) => Reason::SheetSamePart(number),
        ReadError::PartsOfTwoSheets => Reason::SheetOtherPart,
    }
}
