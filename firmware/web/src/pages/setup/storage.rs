//! The disks: choosing them and what protects the files, agreeing to erase them, and
//! seeing the space come.

use super::adopt::{self, SetCard};
use super::protection::{self, Choices};
use super::{Progress, Step, is_due};
use crate::drawing;
use crate::forms::{Fields, Refusal};
use crate::page::{Nav, Page, render};
use crate::pages::disks::{DiskCard, consents};
use crate::pages::home::VolumePart;
use crate::pages::{Answer, go, refused};
use crate::visit::Visit;
use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use preau_api::{ApiError, CreateVolume, DiskView, Disks};
use preau_domain::ids::Bay;
use preau_domain::layouts::{DISKS_MAX, Layout, protections};
use preau_domain::settings::SetupStep;

/// What the disks are chosen for, with the addresses and words that differ.
#[derive(Clone, Copy)]
pub(super) struct Ground {
    choose: &'static str,
    pub(super) confirm: &'static str,
    title: &'static str,
    button: &'static str,
    is_new: bool,
}

/// A box of its own.
const NEW: Ground = Ground {
    choose: "/setup/disks",
    confirm: "/setup/disks/confirm",
    title: "disks-title",
    button: "disks-confirm-button",
    is_new: true,
};

/// A box that comes back from a copy.
pub(super) const FROM_COPY: Ground = Ground {
    choose: "/setup/nothing/disks",
    confirm: "/setup/nothing/confirm",
    title: "recovery-disks-title",
    button: "recovery-confirm-button",
    is_new: false,
};

#[derive(Template)]
#[template(path = "setup/disks.html")]
struct DisksPage {
    page: Page,
    ground: Ground,
    why: String,
    progress: Progress,
    refusal: Refusal,
    drawing: String,
    cards: Vec<DiskCard>,
    unreadable: Option<String>,
    sets: Vec<SetCard>,
}

pub(super) async fn choose(visit: Visit) -> Answer {
    if !is_due(&visit, SetupStep::Disks) {
        return go("/");
    }
    if visit.info.setup > SetupStep::Disks {
        return go("/setup/volume");
    }
    let why = visit.words.t("disks-why");
    choose_for(&visit, NEW, why).await
}

pub(super) async fn choose_for(visit: &Visit, ground: Ground, why: String) -> Answer {
    let disks = visit.api().disks().await?;
    choice(
        visit,
        ground,
        why,
        Refusal::NONE,
        &disks,
        &Fields::default(),
    )
    .await
}

async fn choice(
    visit: &Visit,
    ground: Ground,
    why: String,
    refusal: Refusal,
    disks: &Disks,
    fields: &Fields,
) -> Answer {
    let sets = match ground.is_new {
        true => adopt::cards(visit).await?,
        false => Vec::new(),
    };
    Ok(render(&DisksPage {
        page: visit.page(ground.title, Nav::Setup),
        ground,
        why,
        progress: Progress::at(visit.words, Step::Disks),
        refusal,
        drawing: drawing::draw(visit.words, &disks.disks, &[], &[]),
        cards: cards(visit, disks, fields),
        unreadable: disks.unreadable.clone(),
        sets,
    }))
}

fn cards(visit: &Visit, disks: &Disks, fields: &Fields) -> Vec<DiskCard> {
    disks
        .disks
        .iter()
        .map(|view| DiskCard::of(visit.words, view).ticked(fields))
        .collect()
}

#[derive(Template)]
#[template(path = "setup/disks_confirm.html")]
struct ConfirmPage {
    page: Page,
    ground: Ground,
    button: String,
    progress: Progress,
    refusal: Refusal,
    drawing: String,
    cards: Vec<DiskCard>,
    choices: Choices,
}

pub(super) async fn confirm(visit: Visit, Query(pairs): Query<Vec<(String, String)>>) -> Answer {
    if !is_due(&visit, SetupStep::Disks) {
        return go("/");
    }
    let why = visit.words.t("disks-why");
    confirm_for(&visit, NEW, why, &Fields::from(pairs)).await
}

pub(super) async fn confirm_for(
    visit: &Visit,
    ground: Ground,
    why: String,
    fields: &Fields,
) -> Answer {
    let disks = visit.api().disks().await?;
    let chosen: Vec<&DiskView> = views(&disks, fields);
    let possible = !Choices::of(visit.words, &chosen, fields).ways.is_empty();
    if !possible || fields.all("disk").count() != chosen.len() {
        let (code, key) = match chosen.len() {
            0 => ("choose-disks", "disks-choose-some"),
            1..=DISKS_MAX => ("too-small", "disks-one-too-small"),
            _ => ("too-many", "disks-too-many"),
        };
        let error = ApiError {
            field: Some("disk".to_owned()),
            code: code.to_owned(),
            message: visit.words.t(key),
            retry_after: None,
        };
        let refusal = Refusal::of(error);
        return refused(choice(visit, ground, why, refusal, &disks, fields).await?);
    }
    Ok(confirmation(visit, ground, Refusal::NONE, &disks, fields))
}

/// The disks that were chosen and are there.
fn views<'a>(disks: &'a Disks, fields: &Fields) -> Vec<&'a DiskView> {
    disks
        .disks
        .iter()
        .filter(|view| fields.has("disk", view.disk.id.as_str()))
        .collect()
}

pub(super) fn confirmation(
    visit: &Visit,
    ground: Ground,
    refusal: Refusal,
    disks: &Disks,
    fields: &Fields,
) -> Response {
    let chosen = views(disks, fields);
    let meant: Vec<Bay> = chosen
        .iter()
        .filter_map(|view| view.disk.bay.clone())
        .collect();
    render(&ConfirmPage {
        page: visit.page("disks-confirm-title", Nav::Setup),
        ground,
        button: visit.words.t(ground.button),
        progress: Progress::at(visit.words, Step::Disks),
        refusal,
        drawing: drawing::draw(visit.words, &disks.disks, &[], &meant),
        cards: cards(visit, disks, fields)
            .into_iter()
            .filter(|card| card.chosen)
            .collect(),
        choices: Choices::of(visit.words, &chosen, fields),
    })
}

/// What a form chose and agreed to.
pub(super) fn wanted(fields: &Fields, disks: &Disks) -> CreateVolume {
    let erase = consents(fields, &disks.disks);
    // Without a choice: the recommended one, as it was shown.
    let (layout, spares) = protection::chosen(fields)
        .or_else(|| recommended(&views(disks, fields)))
        .unwrap_or((Layout::Single, 0));
    CreateVolume {
        layout,
        erase,
        spares,
    }
}

pub(super) async fn create(visit: Visit, fields: Fields) -> Answer {
    let disks = visit.api().disks().await?;
    let volume = wanted(&fields, &disks);
    match visit.api().create_volume(&volume).await {
        Ok(()) => go("/setup/volume"),
        Err(trouble) => {
            let refusal = Refusal::of(trouble.refusal()?);
            // Shown with what the disks hold by now: a changed one asks again.
            refused(confirmation(&visit, NEW, refusal, &disks, &fields))
        }
    }
}

fn recommended(disks: &[&DiskView]) -> Option<(Layout, u32)> {
    let sizes: Vec<_> = disks
        .iter()
        .map(|view| (view.disk.id.clone(), view.disk.size))
        .collect();
    let found = protections(&sizes);
    let first = found.choices.first()?;
    Some((first.layout, first.spares))
}

#[derive(Template)]
#[template(path = "setup/volume.html")]
struct VolumePage {
    page: Page,
    progress: Progress,
    volume: Option<VolumePart>,
}

#[derive(Template)]
#[template(path = "setup/volume_live.html")]
struct VolumeFragment {
    page: Page,
    volume: Option<VolumePart>,
}

pub(super) async fn show(visit: Visit) -> Answer {
    if !is_due(&visit, SetupStep::People) {
        return go("/");
    }
    let status = visit.api().status().await?;
    Ok(render(&VolumePage {
        page: visit.page("volume-title", Nav::Setup).live(),
        progress: Progress::at(visit.words, Step::Disks),
        volume: VolumePart::of(visit.words, &status),
    }))
}

pub(super) async fn fragment(visit: Visit) -> Answer {
    let status = visit.api().status().await?;
    Ok(render(&VolumeFragment {
        page: visit.page("volume-title", Nav::Setup),
        volume: VolumePart::of(visit.words, &status),
    }))
}
