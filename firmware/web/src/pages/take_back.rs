//! Letting a disk back in that the box has left aside: one page that says why it was,
//! and asks.

use super::disks::{DiskCard, consents};
use super::{Answer, go, refused};
use crate::drawing;
use crate::forms::{Fields, Refusal};
use crate::page::{Nav, Page, render};
use crate::visit::Visit;
use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use preau_api::{DiskRole, Status, TakeBack};

#[derive(Template)]
#[template(path = "take_back.html")]
struct TakeBackPage {
    page: Page,
    refusal: Refusal,
    drawing: String,
    card: DiskCard,
    /// It is erased first.
    erases: bool,
}

pub(crate) async fn show(visit: Visit, Query(pairs): Query<Vec<(String, String)>>) -> Answer {
    let fields = Fields::from(pairs);
    let status = visit.api().status().await?;
    // The disk has left, or was let back in already: the first page says so.
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
        .find(|view| view.disk.id.as_str() == id)
        .filter(|view| matches!(view.role, DiskRole::HeldOut | DiskRole::Diverged))?;
    let meant: Vec<_> = view.disk.bay.iter().cloned().collect();
    Some(render(&TakeBackPage {
        page: visit.page("take-back-title", Nav::Home),
        refusal,
        drawing: drawing::draw(visit.words, &status.disks, &status.lost_disks, &meant),
        card: DiskCard::of(visit.words, view).ticked(fields),
        erases: view.role == DiskRole::Diverged,
    }))
}

pub(crate) async fn take_back(visit: Visit, fields: Fields) -> Answer {
    let status = visit.api().status().await?;
    let id = fields.raw("disk");
    let view = status.disks.iter().find(|view| view.disk.id.as_str() == id);
    let Some(view) = view else {
        return go("/");
    };
    let erase = consents(&fields, &status.disks).into_iter().next();
    let wanted = TakeBack {
        disk: view.disk.id.clone(),
        erase: erase.filter(|_| view.role == DiskRole::Diverged),
    };
    match visit.api().take_back(&wanted).await {
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
