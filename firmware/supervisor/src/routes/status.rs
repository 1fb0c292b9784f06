//! How things are, now and as they change.

use super::copies::with_subjects;
use super::extract::{Admin, Reader};
use crate::copies::view;
use crate::desk::{Damage, Desk};
use crate::refusal::{Reason, Refusal};
use crate::status::{incident_view, status as status_of, time_zone};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, StreamExt};
use preau_api::{CopiesStatus, ErrorBody, IncidentView, Status};
use preau_domain::incidents::IncidentCode;
use preau_domain::settings::SetupStep;
use preau_texts::Texts;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio_stream::wrappers::WatchStream;

/// How many incidents of the past are shown.
const HISTORY: u32 = 100;
/// Comments in between keep proxies and phones from closing an idle stream.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// All that the first page shows.
#[utoipa::path(
    get,
    path = "/v1/status",
    security(("session" = [])),
    responses((status = OK, body = Status), (status = "4XX", body = ErrorBody))
)]
pub async fn status(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Reader(texts): Reader,
) -> Result<Json<Status>, Refusal> {
    let now = desk.now();
    current_status(&desk, texts, now)
        .map(Json)
        .ok_or_else(|| Reason::DisksUnreadable.into())
}

/// What was last observed, with the settings in force now: a change that was just
/// acknowledged is never missing from it.
pub(crate) fn current_status(desk: &Desk, texts: Texts, now: jiff::Timestamp) -> Option<Status> {
    let picture = desk.picture.borrow().clone()?;
    let mut picture = (*picture).clone();
    picture.settings = desk.settings();
    picture.sheet = desk.sheet_dates();
    let mut status = status_of(&picture, texts, now);
    status.copies = copies_status(desk, texts, now);
    status.coming_back = crate::coming_back::view(desk, texts);
    Some(status)
}

/// How the copies elsewhere are, once the set-up is over.
fn copies_status(desk: &Desk, texts: Texts, now: jiff::Timestamp) -> Option<CopiesStatus> {
    if desk.settings().setup_step() != SetupStep::Done {
        return None;
    }
    let has_sheet = desk.sheet_dates().is_some();
    let made = with_subjects(desk, has_sheet, None, |subjects, zone| {
        view::status(texts, subjects, zone, now)
    });
    Some(made)
}

/// The status whenever it changes, as server-sent events named `status`.
#[utoipa::path(
    get,
    path = "/v1/events",
    security(("session" = [])),
    responses(
        (status = OK, body = Status, content_type = "text/event-stream"),
        (status = "4XX", body = ErrorBody)
    )
)]
pub async fn events(
    State(desk): State<Arc<Desk>>,
    admin: Admin,
    Reader(texts): Reader,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let looks = WatchStream::new(desk.picture.subscribe());
    let mut last = None;
    let teller = Arc::clone(&desk);
    let stream = looks
        .take_while(move |_| {
            // A session that ended ends its stream.
            let token = admin.token.as_deref();
            let open = token.is_none_or(|token| is_open(&desk, token));
            std::future::ready(open)
        })
        .filter_map(move |picture| {
            let event = picture.and_then(|picture| {
                let mut status = status_of(&picture, texts, picture.at);
                status.copies = copies_status(&teller, texts, picture.at);
                let now = std::mem::replace(&mut status.now, jiff::Timestamp::UNIX_EPOCH);
                let text = serde_json::to_string(&status).ok()?;
                // The clock alone is no change.
                if last.as_ref() == Some(&text) {
                    return None;
                }
                last = Some(text);
                status.now = now;
                Event::default().event("status").json_data(&status).ok()
            });
            std::future::ready(event.map(Ok))
        });
    Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

fn is_open(desk: &Desk, token: &str) -> bool {
    desk.sessions
        .lasts(token)
        .is_some_and(|lasts| !lasts.is_zero())
}

/// The latest incidents, open ones included, the latest first.
#[utoipa::path(
    get,
    path = "/v1/incidents",
    security(("session" = [])),
    responses((status = OK, body = Vec<IncidentView>), (status = "4XX", body = ErrorBody))
)]
pub async fn incidents(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Reader(texts): Reader,
) -> Result<Json<Vec<IncidentView>>, Refusal> {
    let stored = desk
        .store
        .latest_incidents(HISTORY)
        .await
        .map_err(|error| {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "reading incidents"
            );
            Reason::System(error.to_string())
        })?;
    let zone = time_zone(&desk.settings());
    let now = desk.now();
    Ok(Json(
        stored
            .iter()
            .map(|incident| incident_view(incident, texts, &zone, now))
            .collect(),
    ))
}

/// Says that somebody knows of an incident.
#[utoipa::path(
    post,
    path = "/v1/incidents/{number}/acknowledge",
    params(("number" = u64, Path)),
    security(("session" = [])),
    responses((status = NO_CONTENT), (status = "4XX", body = ErrorBody))
)]
pub async fn acknowledge(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Path(number): Path<String>,
) -> Result<StatusCode, Refusal> {
    let number: u64 = number.parse().map_err(|_| Reason::NoSuchIncident)?;
    desk.acknowledge(number).await?;
    let picture = desk.picture.borrow().clone();
    let is_about_settings = picture.is_some_and(|picture| {
        picture.incidents.active.iter().any(|incident| {
            incident.number == number && incident.code == IncidentCode::SettingsUnreadable
        })
    });
    // Somebody has looked at what is in force: from now on it is what was meant.
    if is_about_settings && desk.damage() == Damage::FellBack {
        desk.hold().await?.mend().await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
