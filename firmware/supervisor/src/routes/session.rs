//! What anybody may ask, and how somebody becomes an administrator.

use super::extract::{Admin, Body};
use crate::auth::passwords;
use crate::auth::sessions::Opened;
use crate::desk::{Damage, Desk};
use crate::refusal::{Reason, Refusal};
use crate::secrets::is_claim_code;
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use jiff::SignedDuration;
use preau_api::{BoxInfo, Claim, ErrorBody, Login, Session, SessionInfo};
use preau_domain::settings::{Role, Settings, SetupStep};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// The subject of wrong claim codes.
const THE_BOX: &str = "box";

/// What anybody on the network may know.
#[utoipa::path(get, path = "/v1/box", responses((status = OK, body = BoxInfo)))]
pub async fn the_box(State(desk): State<Arc<Desk>>) -> Json<BoxInfo> {
    let settings = desk.settings();
    let setup = match desk.damage() {
        // Not a new box: nobody is asked to set it up.
        Damage::Lost => SetupStep::Done,
        Damage::None | Damage::FellBack => settings.setup_step(),
    };
    Json(BoxInfo {
        name: settings.box_name.clone(),
        language: settings.language,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        setup,
        authority_fingerprint: desk.authority.fingerprint.clone(),
    })
}

/// The box's own certificate authority, to be trusted by those who wish.
#[utoipa::path(
    get,
    path = "/v1/authority.pem",
    responses((status = OK, body = String, content_type = "application/x-pem-file"))
)]
pub async fn authority(State(desk): State<Arc<Desk>>) -> impl IntoResponse {
    let kind = [(header::CONTENT_TYPE, "application/x-pem-file")];
    (kind, desk.authority.pem.clone())
}

/// Gives the box's code.
#[utoipa::path(
    post,
    path = "/v1/claim",
    request_body = Claim,
    responses((status = OK, body = Session), (status = "4XX", body = ErrorBody))
)]
pub async fn claim(
    State(desk): State<Arc<Desk>>,
    Body(claim): Body<Claim>,
) -> Result<Json<Session>, Refusal> {
    // Held from the check to the answer: two claims at once are two tries.
    let mut held = desk.hold().await?;
    let code = held.secrets().claim_code.clone();
    let code = code.filter(|_| !held.settings().is_claimed());
    let code = code.ok_or(Reason::AlreadyClaimed)?;
    desk.claim_tries
        .check(THE_BOX, Instant::now())
        .map_err(Reason::TooManyTries)?;
    if !is_claim_code(&claim.code, &code) {
        desk.claim_tries.wrong(THE_BOX, Instant::now());
        return Err(Refusal::of(Reason::WrongCode, "code"));
    }
    desk.claim_tries.right(THE_BOX);
    let mut settings = Settings::clone(&held.settings());
    settings.language = claim.language;
    held.save(settings).await?;
    open_session(&desk, None).await
}

/// Logs an administrator in.
#[utoipa::path(
    post,
    path = "/v1/login",
    request_body = Login,
    responses((status = OK, body = Session), (status = "4XX", body = ErrorBody))
)]
pub async fn login(
    State(desk): State<Arc<Desk>>,
    Body(login): Body<Login>,
) -> Result<Json<Session>, Refusal> {
    if desk.damage() == Damage::Lost {
        return Err(Reason::SettingsLost.into());
    }
    let name = login.login.trim().to_lowercase();
    check_password(&desk, &name, login.password).await?;
    open_session(&desk, Some(name)).await
}

/// Checks an administrator's password; wrong ones are slowed down.
pub async fn check_password(desk: &Desk, name: &str, password: String) -> Result<(), Refusal> {
    let is_admin = desk
        .settings()
        .people
        .iter()
        .any(|person| person.login == name && person.role == Role::Admin);
    // Names that nobody has share one count: made-up ones fill no memory.
    let subject = if is_admin { name } else { "" };
    desk.login_tries
        .check(subject, Instant::now())
        .map_err(Reason::TooManyTries)?;
    let hash = if is_admin {
        desk.password_hash(name).await
    } else {
        None
    };
    let right = passwords::verify(password, hash)
        .await
        .map_err(|error| Reason::System(error.to_string()))?;
    // Others may have guessed while this one was being verified.
    desk.login_tries
        .check(subject, Instant::now())
        .map_err(Reason::TooManyTries)?;
    if !right {
        desk.login_tries.wrong(subject, Instant::now());
        return Err(Refusal::of(Reason::WrongPassword, "password"));
    }
    desk.login_tries.right(subject);
    Ok(())
}

async fn open_session(desk: &Desk, login: Option<String>) -> Result<Json<Session>, Refusal> {
    let Opened { token, lasts } = desk
        .sessions
        .open(login, desk.now())
        .await
        .map_err(|error| {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "opening a session"
            );
            Reason::NotStored
        })?;
    Ok(Json(Session {
        token,
        expires_at: after(desk, lasts),
    }))
}

fn after(desk: &Desk, lasts: Duration) -> jiff::Timestamp {
    let lasts = SignedDuration::try_from(lasts).unwrap_or(SignedDuration::MAX);
    desk.now()
        .saturating_add(lasts)
        .unwrap_or(jiff::Timestamp::MAX)
}

/// Ends the session.
#[utoipa::path(
    post,
    path = "/v1/logout",
    security(("session" = [])),
    responses((status = NO_CONTENT), (status = "4XX", body = ErrorBody))
)]
pub async fn logout(State(desk): State<Arc<Desk>>, admin: Admin) -> Result<StatusCode, Refusal> {
    if let Some(token) = admin.token {
        desk.sessions.close(&token).await.map_err(|error| {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "closing a session"
            );
            Reason::NotStored
        })?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Whose session it is, and until when.
#[utoipa::path(
    get,
    path = "/v1/session",
    security(("session" = [])),
    responses((status = OK, body = SessionInfo), (status = "4XX", body = ErrorBody))
)]
pub async fn session(State(desk): State<Arc<Desk>>, admin: Admin) -> Json<SessionInfo> {
    let token = admin.token.as_deref();
    let login = token.and_then(|token| desk.sessions.login(token));
    let settings = desk.settings();
    let person = settings
        .people
        .iter()
        .find(|person| Some(&person.login) == login.as_ref());
    let lasts = token.and_then(|token| desk.sessions.lasts(token));
    Json(SessionInfo {
        display_name: person.map(|person| person.display_name.clone()),
        login,
        expires_at: lasts.map(|lasts| after(&desk, lasts)),
    })
}
