//! Scrubs: begin one now, pause it, let it go on.

use super::extract::{Admin, Body};
use crate::desk::Desk;
use crate::refusal::{Reason, Refusal};
use axum::extract::State;
use axum::http::StatusCode;
use preau_api::{ErrorBody, ScrubAct, SetScrub};
use preau_domain::scrub::Pace;
use std::sync::Arc;

/// Begins a scrub, pauses the one that is not over, or lets it go on.
#[utoipa::path(
    post,
    path = "/v1/array/scrub",
    request_body = SetScrub,
    security(("session" = [])),
    responses((status = ACCEPTED), (status = "4XX", body = ErrorBody))
)]
pub async fn set_scrub(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Body(wanted): Body<SetScrub>,
) -> Result<StatusCode, Refusal> {
    let settings = desk.settings();
    let volume = settings.volume.as_ref().filter(|volume| volume.formatted);
    let volume = volume.ok_or(Reason::NoVolume)?;
    match wanted.act {
        ScrubAct::Start => {
            let now = desk.now();
            let seen = desk.machine.read_scrub(volume.array, now).await;
            let seen = seen.map_err(|error| {
                tracing::warn!("beginning a scrub: {}", preau_host::chain(&error));
                Reason::DisksUnreadable
            })?;
            desk.scrubs.start(&seen, now);
        }
        ScrubAct::Pause | ScrubAct::GoOn => {
            let pace = match wanted.act {
                ScrubAct::Pause => Pace::Paused,
                _ => Pace::Going,
            };
            if !desk.scrubs.set_pace(pace) {
                return Err(Reason::NoScrub.into());
            }
        }
    }
    desk.look.notify_one();
    Ok(StatusCode::ACCEPTED)
}
