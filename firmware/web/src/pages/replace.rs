//! Giving a new disk the place of a lost one: one page that names it, and asks.

use super::disks::{DiskCard, consents};
use super::{Answer, go, refused};
use crate::drawing;
use crate::forms::{Fields, Refusal};
use crate::page::{Nav, Page, render};
use crate::visit::Visit;
use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use preau_api::{ReplaceDisk, Status};

#[derive(Template)]
#[template(path = "replace.html")]
struct ReplacePage {
    page: Page,
    refusal: Refusal,
    drawing: String,
    card: DiskCard,
    lost: Vec<String>,
}

pub(crate) async fn show(visit: Visit, Query(pairs): Query<Vec<(String, String)>>) -> Answer {
    let fields = Fields::from(pairs);
    let status = visit.api().status().await?;
    // The disk has left, or the place was given already: the first page says so.
    match page(&visit, Refusal::NONE, &status, &fields) {
        Some(response) => Ok(response),
        None => go("/"),
    }
}

fn page(visit: &Visit, refusal: Refusal, status: &Status, fields: &Fields) -> Option<Response> {
    let id = fields.raw("disk");
    let view = status
        .disks
        .iter()
        .find(|view| view.disk.id.as_str() == id)?;
    let meant: Vec<_> = view.disk.bay.iter().cloned().collect();
    Some(render(&ReplacePage {
        page: visit.page("replace-title", Nav::Home),
        refusal,
        drawing: drawing::draw(visit.words, &status.disks, &status.lost_disks, &meant),
        card: DiskCard::of(visit.words, view).ticked(fields),
        lost: status
            .lost_disks
            .iter()
            .map(|disk| visit.words.lost_name(disk))
            .collect(),
    }))
}

pub(crate) async fn replace(visit: Visit, fields: Fields) -> Answer {
    let status = visit.api().status().await?;
    let Some(erase) = consents(&fields, &status.disks).into_iter().next() else {
        return go("/");
    };
    let replacement = ReplaceDisk {
        erase,
        leaving: None,
    };
    match visit.api().replace(&replacement).await {
        Ok(()) => go("/"),
        Err(trouble) => {
            let error = trouble.refusal()?;
            match page(&visit, Refusal::of(error.clone()), &status, &fields) {
                Some(response) => refused(response),
                None => Err(visit.refusal(error)),
            }
        }
    }
}
