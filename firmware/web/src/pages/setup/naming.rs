//! The name of the box and its time zone.

use super::{Progress, Step, is_due};
use crate::forms::{Fields, Refusal};
use crate::page::{Nav, Page, render};
use crate::pages::{Answer, go, refused};
use crate::visit::Visit;
use crate::zones::{self, Zone};
use askama::Template;
use axum::response::Response;
use preau_api::SetBox;
use preau_domain::settings::SetupStep;

/// What is proposed: most schools are there.
const USUAL_ZONE: &str = "Europe/Paris";

#[derive(Template)]
#[template(path = "setup/box.html")]
struct BoxPage {
    page: Page,
    progress: Progress,
    refusal: Refusal,
    name: String,
    time_zone: String,
    french: Vec<Zone>,
    others: Vec<Zone>,
}

pub(super) async fn show(visit: Visit) -> Answer {
    if !is_due(&visit, SetupStep::Box) {
        return go("/");
    }
    let status = visit.api().status().await?;
    let name = status.box_name.unwrap_or_default();
    let zone = status.time_zone.unwrap_or_else(|| USUAL_ZONE.to_owned());
    Ok(form(&visit, Refusal::NONE, name, zone))
}

fn form(visit: &Visit, refusal: Refusal, name: String, time_zone: String) -> Response {
    render(&BoxPage {
        page: visit.page("box-title", Nav::Setup),
        progress: Progress::at(visit.words, Step::Name),
        refusal,
        name,
        time_zone,
        french: zones::french(visit.words),
        others: zones::others(),
    })
}

pub(super) async fn store(visit: Visit, fields: Fields) -> Answer {
    let wanted = SetBox {
        name: fields.text("name"),
        time_zone: fields.text("time_zone"),
    };
    match visit.api().set_box(&wanted).await {
        Ok(()) => go("/"),
        Err(trouble) => {
            let refusal = Refusal::of(trouble.refusal()?);
            refused(form(&visit, refusal, wanted.name, wanted.time_zone))
        }
    }
}
