//! Taking a file or folder out of every copy.

use super::copies::{find, with_subjects};
use super::extract::{Admin, Body, Reader};
use crate::copies::{job, night, strike, view};
use crate::desk::Desk;
use crate::refusal::{Reason, Refusal};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use preau_api::{ErrorBody, StrikeBegun, StrikeFiles, StruckAt};
use preau_domain::copies::StrikeWork;
use std::path::Component;
use std::sync::Arc;

/// Has a file or folder taken out of every copy, at every destination. What it still is in
/// the share, the next copy has again.
#[utoipa::path(
    post,
    path = "/v1/copies/strike",
    request_body = StrikeFiles,
    security(("session" = [])),
    responses((status = ACCEPTED, body = StrikeBegun), (status = "4XX", body = ErrorBody))
)]
pub async fn strike_files(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Reader(texts): Reader,
    Body(wanted): Body<StrikeFiles>,
) -> Result<(StatusCode, Json<StrikeBegun>), Refusal> {
    let work = check(&desk, wanted)?;
    strike::ask(&desk, &work).await?;
    night::see_disks(&desk).await;
    let has_sheet = desk.copies_password().await.is_some();
    let destinations = with_subjects(&desk, has_sheet, None, |subjects, _| {
        subjects
            .iter()
            .flat_map(|subject| {
                let strikes = subject.destination.strikes.iter();
                strikes
                    .filter(|strike| strike.work == work)
                    .map(|strike| StruckAt {
                        name: subject.destination.name.clone(),
                        strike: view::strike_view(texts, subject, strike),
                    })
            })
            .collect()
    });
    Ok((StatusCode::ACCEPTED, Json(StrikeBegun { destinations })))
}

fn check(desk: &Desk, wanted: StrikeFiles) -> Result<StrikeWork, Refusal> {
    if desk.settings().destinations.is_empty() {
        return Err(Reason::NoSuchDestination.into());
    }
    if wanted.share.is_empty() || wanted.share.contains('/') {
        return Err(Refusal::of(Reason::NoSuchShare, "share"));
    }
    let path = job::escaped(wanted.path);
    let below = path.to_path();
    let inside = below
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    // A whole share is not a person's file.
    if !inside || below.as_os_str().is_empty() {
        return Err(Refusal::of(Reason::DestinationField, "path"));
    }
    if below.to_str().is_none() {
        return Err(Refusal::of(Reason::StrikeName, "path"));
    }
    // A tick alone could have been meant for something else.
    if wanted.delete.map(job::escaped).as_ref() != Some(&path) {
        let what = format!("{} / {path}", wanted.share);
        return Err(Refusal::of(Reason::StrikeNotConfirmed(what), "delete"));
    }
    Ok(StrikeWork {
        share: wanted.share,
        path,
    })
}

/// Asks no more for what was to be gone from a destination, or cannot be: what is still
/// there stays there.
#[utoipa::path(
    delete,
    path = "/v1/copies/{id}/strikes",
    params(("id" = String, Path)),
    security(("session" = [])),
    responses((status = NO_CONTENT), (status = "4XX", body = ErrorBody))
)]
pub async fn withdraw(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    let destination = find(&desk, &id)?;
    strike::withdraw_all(&desk, destination.id).await?;
    Ok(StatusCode::NO_CONTENT)
}
