//! A disk that somebody brought, opened to copy from it.

use super::disks::known;
use super::extract::Admin;
use crate::desk::Desk;
use crate::refusal::{Reason, Refusal};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use preau_api::ErrorBody;
use preau_domain::copies::Place;
use preau_domain::opened::{OpenedDisk, can_be_opened};
use preau_host::HostError;
use std::sync::Arc;

/// Opens a disk to copy from it.
#[utoipa::path(
    post,
    path = "/v1/disks/{id}/open",
    params(("id" = String, Path)),
    security(("session" = [])),
    responses((status = OK, body = OpenedDisk), (status = "4XX", body = ErrorBody))
)]
pub async fn open(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Path(id): Path<String>,
) -> Result<Json<OpenedDisk>, Refusal> {
    let disk = known(&desk, &id)?;
    let settings = desk.settings();
    let snapshot = desk.machine.observe(desk.now()).await;
    let disks = snapshot.disks.known().ok_or(Reason::DisksUnreadable)?;
    let found = disks.iter().find(|found| found.id == disk);
    let found = found.ok_or(Reason::NoSuchDisk)?;
    if !can_be_opened(found, settings.volume.as_ref()) {
        return Err(Reason::NotOpenable.into());
    }
    let kept = settings.destinations.iter().filter_map(|destination| {
        let Place::UsbDisk { filesystem } = &destination.place else {
            return None;
        };
        Some(filesystem.clone())
    });
    let kept: Vec<String> = kept.collect();
    let opened = desk.machine.open_disk(&disk, &kept).await;
    let opened = opened.map_err(refused)?;
    tracing::info!("{disk} is open to copy from it");
    desk.tend().await.map_err(refused)?;
    Ok(Json(opened))
}

/// Closes it.
#[utoipa::path(
    delete,
    path = "/v1/disks/{id}/open",
    params(("id" = String, Path)),
    security(("session" = [])),
    responses((status = NO_CONTENT), (status = "4XX", body = ErrorBody))
)]
pub async fn close(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    let opened = desk.machine.opened_disk();
    if opened.is_some_and(|opened| opened.disk.as_str() == id) {
        close_now(&desk).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn close_now(desk: &Desk) -> Result<(), Refusal> {
    desk.machine.close_disk().await.map_err(refused)?;
    desk.tend().await.map_err(refused)
}

fn refused(error: HostError) -> Refusal {
    tracing::warn!("a disk to copy from: {}", preau_host::chain(&error));
    match &error {
        HostError::Missing(_) => Reason::NotOpenable.into(),
        HostError::InUse(_) => Reason::DiskOfCopies.into(),
        _ => Reason::System(preau_host::chain(&error)).into(),
    }
}
