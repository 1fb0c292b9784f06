//! When the school works: disks do not test themselves then, and copies elsewhere
//! leave the line to it.

use super::extract::{Admin, Body};
use crate::desk::Desk;
use crate::refusal::{Reason, Refusal};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use preau_api::ErrorBody;
use preau_domain::settings::{SchoolHours, Settings};
use std::sync::Arc;

/// When the school works, in the box's time zone.
#[utoipa::path(
    get,
    path = "/v1/school-hours",
    security(("session" = [])),
    responses((status = OK, body = SchoolHours), (status = "4XX", body = ErrorBody))
)]
pub async fn read(State(desk): State<Arc<Desk>>, _admin: Admin) -> Json<SchoolHours> {
    Json(desk.settings().school_hours.clone())
}

/// Says when the school works; refused with 422 and `school-hours` where they end
/// before they begin.
#[utoipa::path(
    put,
    path = "/v1/school-hours",
    request_body = SchoolHours,
    security(("session" = [])),
    responses((status = NO_CONTENT), (status = "4XX", body = ErrorBody))
)]
pub async fn set(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Body(wanted): Body<SchoolHours>,
) -> Result<StatusCode, Refusal> {
    if !wanted.is_sensible() {
        return Err(Refusal::of(Reason::SchoolHours, "to"));
    }
    let mut held = desk.hold().await?;
    let settings = Settings {
        school_hours: wanted,
        ..Settings::clone(&held.settings())
    };
    held.save(settings).await?;
    Ok(StatusCode::NO_CONTENT)
}
