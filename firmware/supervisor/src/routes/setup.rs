//! The first-run set-up, and what it leaves to be changed later.

use super::extract::{Admin, Body};
use crate::auth::passwords::{self, Strength};
use crate::desk::Desk;
use crate::people::{check_person, judge_password, system_failed};
use crate::refusal::{Reason, Refusal};
use crate::sheet;
use crate::watch::share_name;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::tz::TimeZone;
use preau_api::{Advance, ErrorBody, SetAdmin, SetBox, SetLanguage};
use preau_domain::names::check_display_name;
use preau_domain::settings::{FIRST_UID, Person, Role, Settings, SetupStep};
use preau_texts::Named;
use std::sync::Arc;

/// Chooses the box's language.
#[utoipa::path(
    put,
    path = "/v1/setup/language",
    request_body = SetLanguage,
    security(("session" = [])),
    responses((status = NO_CONTENT), (status = "4XX", body = ErrorBody))
)]
pub async fn language(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Body(wanted): Body<SetLanguage>,
) -> Result<StatusCode, Refusal> {
    let mut held = desk.hold().await?;
    let mut settings = Settings::clone(&held.settings());
    settings.language = wanted.language;
    let on_paper = settings.setup_step() > SetupStep::Sheet;
    held.save(settings).await?;
    // Until it is printed, the sheet speaks the language that the set-up does.
    let mut secrets = held.secrets().clone();
    if let Some(sheet) = secrets.sheet.as_mut().filter(|_| !on_paper) {
        sheet.code = sheet.code.in_language(wanted.language);
        held.save_secrets(secrets).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Makes the account of the person who looks after the box. Repeated before the box
/// has a name, it changes that account.
#[utoipa::path(
    put,
    path = "/v1/setup/admin",
    request_body = SetAdmin,
    security(("session" = [])),
    responses((status = NO_CONTENT), (status = "4XX", body = ErrorBody))
)]
pub async fn admin(
    State(desk): State<Arc<Desk>>,
    admin: Admin,
    Body(wanted): Body<SetAdmin>,
) -> Result<StatusCode, Refusal> {
    let mut held = desk.hold().await?;
    let mut settings = Settings::clone(&held.settings());
    if settings.setup_step() > SetupStep::Box {
        return Err(Reason::NotThisStep.into());
    }
    let (login, display_name) = (wanted.login.trim(), wanted.display_name.trim());
    check_person(display_name, login, &[])?;
    judge_password(
        desk.judge,
        &wanted.password,
        Strength::Box,
        login,
        display_name,
        &settings,
    )
    .await?;
    let hash = passwords::hash(wanted.password.clone())
        .await
        .map_err(|error| Reason::System(error.to_string()))?;
    let before = settings.people.first().map(|person| person.login.clone());
    // Another login is another account, and numbers are never given twice.
    let uid = match settings.people.first() {
        Some(person) if person.login == login => person.uid,
        _ => {
            let uid = settings.next_uid.max(FIRST_UID);
            settings.next_uid = uid + 1;
            uid
        }
    };
    settings.people = vec![Person {
        login: login.to_owned(),
        display_name: display_name.to_owned(),
        uid,
        role: Role::Admin,
    }];
    held.keep_people(&share_name(&settings), &settings.people)
        .await
        .map_err(|error| system_failed(&error))?;
    desk.machine
        .set_share_password(login, &wanted.password)
        .await
        .map_err(|error| system_failed(&error))?;
    let mut secrets = held.secrets().clone();
    secrets
        .passwords
        .retain(|name, _| Some(name) == before.as_ref());
    secrets.passwords.insert(login.to_owned(), hash);
    sheet::ensure(&mut secrets, settings.language, desk.now())
        .map_err(|error| Reason::System(error.to_string()))?;
    held.save_secrets(secrets.clone()).await?;
    held.save(settings).await?;
    // The account is stored; the code and an account before it are worth nothing
    // from now on. A cut before this line is put right at the next start.
    secrets.claim_code = None;
    secrets.passwords.retain(|name, _| name == login);
    held.save_secrets(secrets).await?;
    drop(held);
    desk.look.notify_one();
    if let Some(token) = admin.token
        && let Err(error) = desk.sessions.adopt(&token, login, desk.now()).await
    {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "keeping a session"
        );
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Names the box and says where it stands.
#[utoipa::path(
    put,
    path = "/v1/setup/box",
    request_body = SetBox,
    security(("session" = [])),
    responses((status = NO_CONTENT), (status = "4XX", body = ErrorBody))
)]
pub async fn name_the_box(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Body(wanted): Body<SetBox>,
) -> Result<StatusCode, Refusal> {
    let name = wanted.name.trim();
    check_display_name(name)
        .map_err(|rule| Refusal::of(Reason::Name(Named::BoxName, rule), "name"))?;
    let zone = TimeZone::get(&wanted.time_zone)
        .map_err(|_| Refusal::of(Reason::UnknownTimeZone, "time_zone"))?;
    let zone = zone.iana_name().unwrap_or(&wanted.time_zone).to_owned();
    let mut held = desk.hold().await?;
    let mut settings = Settings::clone(&held.settings());
    if !settings.is_claimed() {
        return Err(Reason::NotThisStep.into());
    }
    settings.box_name = Some(name.to_owned());
    settings.time_zone = Some(zone);
    held.save(settings).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Leaves a step that stores nothing by itself.
#[utoipa::path(
    post,
    path = "/v1/setup/advance",
    request_body = Advance,
    security(("session" = [])),
    responses((status = NO_CONTENT), (status = "4XX", body = ErrorBody))
)]
pub async fn advance(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Body(advance): Body<Advance>,
) -> Result<StatusCode, Refusal> {
    let mut held = desk.hold().await?;
    let mut settings = Settings::clone(&held.settings());
    let step = settings.setup_step();
    let mark = match advance.from {
        SetupStep::People => &mut settings.setup.people,
        SetupStep::Mail => &mut settings.setup.mail,
        SetupStep::Sheet => &mut settings.setup.sheet,
        SetupStep::Finish => &mut settings.setup.finished,
        SetupStep::Admin | SetupStep::Box | SetupStep::Disks | SetupStep::Done => {
            return Err(Refusal::of(Reason::NotThisStep, "from"));
        }
    };
    // A second click finds the step left already: that is what it asked for.
    if *mark {
        return Ok(StatusCode::NO_CONTENT);
    }
    if step != advance.from {
        return Err(Refusal::of(Reason::NotThisStep, "from"));
    }
    *mark = true;
    held.save(settings).await?;
    Ok(StatusCode::NO_CONTENT)
}
