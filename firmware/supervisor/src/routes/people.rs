//! Who uses the shares.

use super::extract::{Admin, Body};
use crate::auth::passwords::Strength;
use crate::desk::Desk;
use crate::people::{check_person, judge_password, system_failed};
use crate::refusal::{Reason, Refusal};
use crate::watch::share_name;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use preau_api::{AddPerson, ErrorBody, PersonView};
use preau_domain::names::propose_login;
use preau_domain::settings::{FIRST_UID, Person, Role, Settings};
use std::sync::Arc;

pub(super) fn view(person: &Person) -> PersonView {
    PersonView {
        login: person.login.clone(),
        display_name: person.display_name.clone(),
        role: person.role,
    }
}

/// Everybody with an account.
#[utoipa::path(
    get,
    path = "/v1/people",
    security(("session" = [])),
    responses((status = OK, body = Vec<PersonView>), (status = "4XX", body = ErrorBody))
)]
pub async fn list(State(desk): State<Arc<Desk>>, _admin: Admin) -> Json<Vec<PersonView>> {
    Json(desk.settings().people.iter().map(view).collect())
}

/// Makes an account.
#[utoipa::path(
    post,
    path = "/v1/people",
    request_body = AddPerson,
    security(("session" = [])),
    responses((status = CREATED, body = PersonView), (status = "4XX", body = ErrorBody))
)]
pub async fn add(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Body(wanted): Body<AddPerson>,
) -> Result<(StatusCode, Json<PersonView>), Refusal> {
    let mut held = desk.hold().await?;
    let mut settings = Settings::clone(&held.settings());
    if !settings.is_claimed() {
        return Err(Reason::NotThisStep.into());
    }
    let display_name = wanted.display_name.trim();
    let login = match wanted.login.as_deref().map(str::trim) {
        Some(login) => login.to_owned(),
        None => free_login(propose_login(display_name), &settings.people),
    };
    check_person(display_name, &login, &settings.people)?;
    judge_password(
        desk.judge,
        &wanted.password,
        Strength::Share,
        &login,
        display_name,
        &settings,
    )
    .await?;
    let uid = settings.next_uid.max(FIRST_UID);
    let person = Person {
        login: login.clone(),
        display_name: display_name.to_owned(),
        uid,
        role: Role::Member,
    };
    let answer = view(&person);
    settings.next_uid = uid + 1;
    settings.people.push(person);
    // The account works before it is acknowledged; without the settings it is
    // forgotten again at the next look.
    let made = async {
        held.keep_people(&share_name(&settings), &settings.people)
            .await?;
        desk.machine
            .set_share_password(&login, &wanted.password)
            .await
    };
    if let Err(error) = made.await {
        desk.look.notify_one();
        return Err(system_failed(&error));
    }
    if let Err(refusal) = held.save(settings).await {
        desk.look.notify_one();
        return Err(refusal);
    }
    Ok((StatusCode::CREATED, Json(answer)))
}

/// A proposed login that nobody has: `paul.leroy`, `paul.leroy2`, …
fn free_login(proposed: String, people: &[Person]) -> String {
    let taken = |login: &str| people.iter().any(|person| person.login == login);
    if proposed.is_empty() || !taken(&proposed) {
        return proposed;
    }
    (2..100)
        .map(|number| {
            let number = number.to_string();
            let stem: String = proposed
                .chars()
                .take(preau_domain::names::LOGIN_MAX - number.len())
                .collect();
            format!("{stem}{number}")
        })
        .find(|login| !taken(login))
        .unwrap_or(proposed)
}

/// Removes an account; its files stay in the share.
#[utoipa::path(
    delete,
    path = "/v1/people/{login}",
    params(("login" = String, Path)),
    security(("session" = [])),
    responses((status = NO_CONTENT), (status = "4XX", body = ErrorBody))
)]
pub async fn remove(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Path(login): Path<String>,
) -> Result<StatusCode, Refusal> {
    let mut held = desk.hold().await?;
    let mut settings = Settings::clone(&held.settings());
    let place = settings
        .people
        .iter()
        .position(|person| person.login == login)
        .ok_or(Reason::NoSuchPerson)?;
    let admins = settings
        .people
        .iter()
        .filter(|person| person.role == Role::Admin);
    if settings.people[place].role == Role::Admin && admins.count() == 1 {
        return Err(Reason::LastAdmin.into());
    }
    settings.people.remove(place);
    held.save(settings.clone()).await?;
    let mut secrets = held.secrets().clone();
    secrets.passwords.remove(&login);
    held.save_secrets(secrets).await?;
    if let Err(error) = desk.sessions.close_of(&login, None).await {
        tracing::error!(error = &error as &dyn std::error::Error, "closing sessions");
    }
    // From here on the settings say so; the watch tries again if this fails.
    held.keep_people(&share_name(&settings), &settings.people)
        .await
        .map_err(|error| system_failed(&error))?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proposed_login_is_one_that_nobody_has() {
        let person = |login: &str| Person {
            login: login.to_owned(),
            display_name: String::new(),
            uid: FIRST_UID,
            role: Role::Member,
        };
        let people = [person("paul.leroy"), person("paul.leroy2")];
        assert_eq!(free_login("anne".to_owned(), &people), "anne");
        assert_eq!(free_login("paul.leroy".to_owned(), &people), "paul.leroy3");
        let long = "a".repeat(20);
        assert_eq!(free_login(long.clone(), &[person(&long)]).len(), 20);
    }
}
