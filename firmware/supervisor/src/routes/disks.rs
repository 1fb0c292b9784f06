//! One disk: all that is known of it, its self-tests, and where it sits.

use super::extract::{Admin, Body, Reader};
use crate::desk::Desk;
use crate::disk_view::{Shown, details};
use crate::notices::with_notices;
use crate::refusal::{Reason, Refusal};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use jiff::SignedDuration;
use preau_api::{DiskDetails, ErrorBody, StartBlink, StartSelfTest};
use preau_domain::blink::{Blinked, Others, Wake, is_told_apart};
use preau_domain::health::SelfTestState;
use preau_domain::ids::DiskId;
use preau_domain::scrub::Pace;
use preau_host::HostError;
use std::sync::Arc;

/// How far back temperatures are shown: what is kept by the hour.
const SHOWN: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Of the incidents of all disks, the latest that are looked through.
const INCIDENTS: u32 = 1000;

/// All that is known of a disk that is plugged in.
#[utoipa::path(
    get,
    path = "/v1/disks/{id}",
    params(("id" = String, Path)),
    security(("session" = [])),
    responses((status = OK, body = DiskDetails), (status = "4XX", body = ErrorBody))
)]
pub async fn disk(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Reader(texts): Reader,
    Path(id): Path<String>,
) -> Result<Json<DiskDetails>, Refusal> {
    let picture = desk
        .picture
        .borrow()
        .clone()
        .ok_or(Reason::DisksUnreadable)?;
    let disk = known(&desk, &id)?;
    let now = desk.now();
    let stored = |error: crate::store::StoreError| {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "reading the history"
        );
        Reason::System(preau_host::chain(&error))
    };
    let since = now - SHOWN;
    let temperatures = desk.store.temperatures(disk.clone(), since).await;
    let incidents = desk.store.latest_incidents(INCIDENTS).await;
    let by = desk.machine.blink_by(&disk).await.map_err(refused)?;
    let blinking = desk.machine.blinking().filter(|shown| shown.disk == disk);
    let shown = Shown {
        opened: desk.machine.opened_disk(),
        blink: (by, blinking.map(|shown| shown.seconds_left)),
        picture: &picture,
        health: &with_notices(
            &desk.health.borrow(),
            &picture.snapshot,
            &desk.scrubs.read(),
            now,
        ),
        temperatures: temperatures.map_err(stored)?,
        incidents: incidents.map_err(stored)?,
        now,
    };
    details(&shown, &disk, texts)
        .map(Json)
        .ok_or_else(|| Reason::NoSuchDisk.into())
}

/// Lets a disk test itself.
#[utoipa::path(
    post,
    path = "/v1/disks/{id}/self-test",
    params(("id" = String, Path)),
    request_body = StartSelfTest,
    security(("session" = [])),
    responses((status = ACCEPTED), (status = "4XX", body = ErrorBody))
)]
pub async fn start_self_test(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Path(id): Path<String>,
    Body(wanted): Body<StartSelfTest>,
) -> Result<StatusCode, Refusal> {
    let disk = known(&desk, &id)?;
    if is_copying(&desk) {
        return Err(Reason::CopyRunning.into());
    }
    let reported = desk
        .health
        .borrow()
        .get(&disk)
        .and_then(|health| health.report.clone());
    if reported.is_some_and(|report| report.self_test == SelfTestState::Unsupported) {
        return Err(Reason::NoSelfTest.into());
    }
    let started = desk.machine.start_self_test(&disk, wanted.kind).await;
    started.map_err(refused)?;
    tracing::info!("a {:?} self-test of {disk} was asked for", wanted.kind);
    desk.visit.notify_one();
    Ok(StatusCode::ACCEPTED)
}

/// Ends a disk's self-test.
#[utoipa::path(
    delete,
    path = "/v1/disks/{id}/self-test",
    params(("id" = String, Path)),
    security(("session" = [])),
    responses((status = NO_CONTENT), (status = "4XX", body = ErrorBody))
)]
pub async fn abort_self_test(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    let disk = known(&desk, &id)?;
    desk.machine.abort_self_test(&disk).await.map_err(refused)?;
    desk.visit.notify_one();
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a disk show where it sits.
#[utoipa::path(
    post,
    path = "/v1/disks/{id}/blink",
    params(("id" = String, Path)),
    request_body = StartBlink,
    security(("session" = [])),
    responses((status = ACCEPTED), (status = "4XX", body = ErrorBody))
)]
pub async fn start_blink(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Path(id): Path<String>,
    Body(wanted): Body<StartBlink>,
) -> Result<StatusCode, Refusal> {
    let disk = known(&desk, &id)?;
    let by = desk.machine.blink_by(&disk).await.map_err(refused)?;
    let others = match is_copying(&desk) || is_scrubbing(&desk) {
        true => Others::Busy,
        false => Others::AsUsual,
    };
    if !is_told_apart(by, others) {
        return Err(Reason::AllBlink.into());
    }
    let wake = match wanted.wake {
        true => Wake::Allowed,
        false => Wake::No,
    };
    match desk.machine.blink(&disk, wake).await.map_err(refused)? {
        Blinked::Shown => Ok(StatusCode::ACCEPTED),
        Blinked::Asleep => Err(Reason::DiskAsleep.into()),
    }
}

/// Ends it.
#[utoipa::path(
    delete,
    path = "/v1/disks/{id}/blink",
    params(("id" = String, Path)),
    security(("session" = [])),
    responses((status = NO_CONTENT), (status = "4XX", body = ErrorBody))
)]
pub async fn stop_blink(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    let disk = known(&desk, &id)?;
    let shown = desk.machine.blinking();
    // Another one may show itself meanwhile: that is somebody else's.
    if shown.is_some_and(|shown| shown.disk == disk) {
        desk.machine.stop_blinking();
    }
    Ok(StatusCode::NO_CONTENT)
}

/// md copies or compares.
fn is_copying(desk: &Desk) -> bool {
    let picture = desk.picture.borrow().clone();
    let arrays = picture
        .as_ref()
        .and_then(|picture| picture.snapshot.arrays.known());
    arrays.is_some_and(|arrays| arrays.iter().any(|array| array.sync.is_some()))
}

fn is_scrubbing(desk: &Desk) -> bool {
    let run = desk.scrubs.read().run;
    run.is_some_and(|run| run.pace == Pace::Going)
}

/// The disk of that name that is plugged in.
pub(super) fn known(desk: &Desk, id: &str) -> Result<DiskId, Refusal> {
    let picture = desk
        .picture
        .borrow()
        .clone()
        .ok_or(Reason::DisksUnreadable)?;
    let disks = picture
        .snapshot
        .disks
        .known()
        .ok_or(Reason::DisksUnreadable)?;
    let disk = disks.iter().find(|disk| disk.id.as_str() == id);
    Ok(disk.ok_or(Reason::NoSuchDisk)?.id.clone())
}

fn refused(error: HostError) -> Refusal {
    tracing::warn!("asking a disk: {}", preau_host::chain(&error));
    match &error {
        HostError::Missing(_) => Reason::NoSuchDisk.into(),
        _ if error.disk_said_no() => Reason::NoSelfTest.into(),
        HostError::Disk { .. } | HostError::TimedOut { .. } => Reason::DiskSilent.into(),
        _ => Reason::System(preau_host::chain(&error)).into(),
    }
}
