//! Disks of another Préau: offered beside the choice of disks, taken over with the
//! words of their recovery sheet.

use super::{Progress, Step};
use crate::forms::{Fields, Refusal};
use crate::page::{Nav, Page, render};
use crate::pages::{Answer, go, refused};
use crate::visit::Visit;
use crate::words::Words;
use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use jiff::tz::TimeZone;
use preau_api::{Adopt, AdoptableSet};
use preau_domain::settings::SetupStep;

/// A set of disks in words.
pub(super) struct SetCard {
    pub(super) set: String,
    /// `deux disques sur deux, dans les baies 1 et 2`.
    pub(super) what: String,
    pub(super) used: Option<String>,
    /// Fewer than belong together.
    pub(super) missing: Option<String>,
}

impl SetCard {
    fn of(words: Words, set: &AdoptableSet) -> Self {
        let found = set.disks.len();
        let wanted = set.wanted.and_then(|wanted| usize::try_from(wanted).ok());
        let bays: Vec<String> = set.bays.iter().map(ToString::to_string).collect();
        let mut what = words.count("adopt-disks", found);
        if !bays.is_empty() {
            let bays = words.t1("adopt-bays", "bays", bays.join(", "));
            what = format!("{what}{bays}");
        }
        Self {
            set: set.set.clone(),
            what,
            // The other box's day: its time zone is in what cannot be read yet.
            used: set
                .used_at
                .map(|at| words.t1("adopt-used", "day", words.day(at, &TimeZone::UTC))),
            missing: wanted
                .filter(|wanted| *wanted > found)
                .map(|wanted| words.count("adopt-missing", wanted - found)),
        }
    }
}

/// The sets that are here.
pub(super) async fn cards(visit: &Visit) -> Result<Vec<SetCard>, crate::trouble::Trouble> {
    let found = visit.api().adoptable().await?;
    Ok(found
        .sets
        .iter()
        .map(|set| SetCard::of(visit.words, set))
        .collect())
}

#[derive(Template)]
#[template(path = "setup/adopt.html")]
struct AdoptPage {
    page: Page,
    progress: Progress,
    refusal: Refusal,
    card: SetCard,
    code: String,
}

fn form(visit: &Visit, refusal: Refusal, card: SetCard, code: String) -> Response {
    render(&AdoptPage {
        page: visit.page("adopt-title", Nav::Setup),
        progress: Progress::at(visit.words, Step::Disks),
        refusal,
        card,
        code,
    })
}

/// The set that is meant, as long as disks may be chosen at all.
async fn meant(visit: &Visit, set: &str) -> Result<Option<SetCard>, crate::trouble::Trouble> {
    if !visit.has_session() || visit.info.setup > SetupStep::Disks {
        return Ok(None);
    }
    let cards = cards(visit).await?;
    Ok(cards.into_iter().find(|card| card.set == set))
}

pub(super) async fn show(visit: Visit, Query(pairs): Query<Vec<(String, String)>>) -> Answer {
    let fields = Fields::from(pairs);
    match meant(&visit, fields.raw("set")).await? {
        Some(card) => Ok(form(&visit, Refusal::NONE, card, String::new())),
        None => go("/"),
    }
}

#[derive(Template)]
#[template(path = "setup/adopted.html")]
struct AdoptedPage {
    page: Page,
}

pub(super) async fn adopt(visit: Visit, fields: Fields) -> Answer {
    let adopt = Adopt {
        set: fields.text("set"),
        code: fields.text("code"),
    };
    match visit.api().adopt(&adopt).await {
        // The box starts again meanwhile: what comes next is told here and now.
        Ok(()) => Ok(render(&AdoptedPage {
            page: visit.page("adopted-title", Nav::Setup),
        })),
        Err(trouble) => {
            let refusal = Refusal::of(trouble.refusal()?);
            match meant(&visit, &adopt.set).await? {
                Some(card) => refused(form(&visit, refusal, card, adopt.code)),
                None => go("/"),
            }
        }
    }
}
