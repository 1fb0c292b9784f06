//! Those who use the shares: as a step of the set-up, and as a page afterwards.

use super::place::Place;
use super::setup::{Progress, Step, is_due};
use super::{Answer, go, refused};
use crate::forms::{Fields, Refusal};
use crate::page::{Nav, Page, render};
use crate::visit::Visit;
use crate::words::Words;
use askama::Template;
use axum::response::Response;
use preau_api::{AddPerson, PersonView};
use preau_domain::names::PASSWORD_MIN;
use preau_domain::settings::{Role, SetupStep};

/// As a step of the set-up.
const SETUP: Place = Place::Setup(Step::People);
/// By itself.
const SITE: Place = Place::Site(Nav::People);

/// Its address.
const fn address(place: Place) -> &'static str {
    match place {
        Place::Setup(_) => "/setup/people",
        Place::Site(_) => "/people",
    }
}

#[derive(Template)]
#[template(path = "people.html")]
struct PeoplePage {
    page: Page,
    progress: Option<Progress>,
    base: &'static str,
    refusal: Refusal,
    display_name: String,
    login: String,
    people: Vec<PersonCard>,
    password_min: usize,
}

struct PersonCard {
    login: String,
    display_name: String,
    role_word: String,
    may_leave: bool,
}

impl PersonCard {
    fn of(words: Words, person: PersonView) -> Self {
        Self {
            role_word: words.role(person.role),
            may_leave: person.role != Role::Admin,
            login: person.login,
            display_name: person.display_name,
        }
    }
}

async fn page(visit: &Visit, place: Place, refusal: Refusal, fields: &Fields) -> Answer {
    let people = visit.api().people().await?;
    Ok(render(&PeoplePage {
        page: visit.page("people-title", place.nav()),
        progress: place.progress(visit.words),
        base: address(place),
        refusal,
        display_name: fields.text("display_name"),
        login: fields.text("login"),
        people: people
            .into_iter()
            .map(|person| PersonCard::of(visit.words, person))
            .collect(),
        password_min: PASSWORD_MIN,
    }))
}

async fn add_at(visit: Visit, place: Place, fields: Fields) -> Answer {
    let person = AddPerson {
        display_name: fields.text("display_name"),
        login: fields.filled("login"),
        password: fields.raw("password").to_owned(),
    };
    match visit.api().add_person(&person).await {
        Ok(()) => go(address(place)),
        Err(trouble) => {
            let refusal = Refusal::of(trouble.refusal()?);
            let response: Response = page(&visit, place, refusal, &fields).await?;
            refused(response)
        }
    }
}

async fn remove_at(visit: Visit, place: Place, fields: Fields) -> Answer {
    visit.api().remove_person(&fields.text("login")).await?;
    go(address(place))
}

pub(crate) async fn show(visit: Visit) -> Answer {
    page(&visit, SITE, Refusal::NONE, &Fields::default()).await
}

pub(crate) async fn add(visit: Visit, fields: Fields) -> Answer {
    add_at(visit, SITE, fields).await
}

pub(crate) async fn remove(visit: Visit, fields: Fields) -> Answer {
    remove_at(visit, SITE, fields).await
}

pub(super) async fn show_step(visit: Visit) -> Answer {
    if !is_due(&visit, SetupStep::People) {
        return go("/");
    }
    page(&visit, SETUP, Refusal::NONE, &Fields::default()).await
}

pub(super) async fn add_step(visit: Visit, fields: Fields) -> Answer {
    add_at(visit, SETUP, fields).await
}

pub(super) async fn remove_step(visit: Visit, fields: Fields) -> Answer {
    remove_at(visit, SETUP, fields).await
}
