//! The disks: choosing two, agreeing to erase them, and seeing the space come.

use super::adopt::{self, SetCard};
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
use preau_api::{ApiError, CreateVolume, Disks};
use preau_domain::ids::Bay;
use preau_domain::settings::{Layout, SetupStep};

/// A mirror has two sides.
const MIRROR: usize = 2;

#[derive(Template)]
#[template(path = "setup/disks.html")]
struct DisksPage {
    page: Page,
    progress: Progress,
    refusal: Refusal,
    drawing: String,
    cards: Vec<DiskCard>,
    unreadable: Option<String>,
    sets: Vec<SetCard>,
}

impl DisksPage {
    const fn enough(&self) -> bool {
        self.cards.len() >= MIRROR
    }
}

pub(super) async fn choose(visit: Visit) -> Answer {
    if !is_due(&visit, SetupStep::Disks) {
        return go("/");
    }
    if visit.info.setup > SetupStep::Disks {
        return go("/setup/volume");
    }
    let disks = visit.api().disks().await?;
    choice(&visit, Refusal::NONE, &disks, &Fields::default()).await
}

async fn choice(visit: &Visit, refusal: Refusal, disks: &Disks, fields: &Fields) -> Answer {
    Ok(render(&DisksPage {
        page: visit.page("disks-title", Nav::Setup),
        progress: Progress::at(visit.words, Step::Disks),
        refusal,
        drawing: drawing::draw(visit.words, &disks.disks, &[], &[]),
        cards: cards(visit, disks, fields),
        unreadable: disks.unreadable.clone(),
        sets: adopt::cards(visit).await?,
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
    progress: Progress,
    refusal: Refusal,
    drawing: String,
    cards: Vec<DiskCard>,
    /// The size of the smaller one.
    size: String,
    differ: Sizes,
}

/// Whether something of the larger disk is left over.
#[derive(PartialEq)]
enum Sizes {
    Same,
    Different,
}

pub(super) async fn confirm(visit: Visit, Query(pairs): Query<Vec<(String, String)>>) -> Answer {
    if !is_due(&visit, SetupStep::Disks) {
        return go("/");
    }
    let fields = Fields::from(pairs);
    let disks = visit.api().disks().await?;
    let chosen = cards(&visit, &disks, &fields)
        .iter()
        .filter(|card| card.chosen)
        .count();
    if chosen != MIRROR || fields.all("disk").count() != MIRROR {
        let error = ApiError {
            field: Some("disk".to_owned()),
            code: "choose-two".to_owned(),
            message: visit.words.t("disks-choose-two"),
            retry_after: None,
        };
        return refused(choice(&visit, Refusal::of(error), &disks, &fields).await?);
    }
    Ok(confirmation(&visit, Refusal::NONE, &disks, &fields))
}

fn confirmation(visit: &Visit, refusal: Refusal, disks: &Disks, fields: &Fields) -> Response {
    let chosen = |id: &str| fields.has("disk", id);
    let sizes: Vec<u64> = disks
        .disks
        .iter()
        .filter(|view| chosen(view.disk.id.as_str()))
        .map(|view| view.disk.size)
        .collect();
    let meant: Vec<Bay> = disks
        .disks
        .iter()
        .filter(|view| chosen(view.disk.id.as_str()))
        .filter_map(|view| view.disk.bay.clone())
        .collect();
    let smallest = sizes.iter().copied().min().unwrap_or_default();
    render(&ConfirmPage {
        page: visit.page("disks-confirm-title", Nav::Setup),
        progress: Progress::at(visit.words, Step::Disks),
        refusal,
        drawing: drawing::draw(visit.words, &disks.disks, &[], &meant),
        cards: cards(visit, disks, fields)
            .into_iter()
            .filter(|card| card.chosen)
            .collect(),
        size: visit.words.bytes(&smallest),
        differ: if sizes.iter().all(|size| *size == smallest) {
            Sizes::Same
        } else {
            Sizes::Different
        },
    })
}

pub(super) async fn create(visit: Visit, fields: Fields) -> Answer {
    let disks = visit.api().disks().await?;
    let volume = CreateVolume {
        layout: Layout::Mirror,
        erase: consents(&fields, &disks.disks),
        spares: 0,
    };
    match visit.api().create_volume(&volume).await {
        Ok(()) => go("/setup/volume"),
        Err(trouble) => {
            let refusal = Refusal::of(trouble.refusal()?);
            // Shown with what the disks hold by now: a changed one asks again.
            refused(confirmation(&visit, refusal, &disks, &fields))
        }
    }
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
