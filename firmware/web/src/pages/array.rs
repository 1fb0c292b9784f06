//! The volume's disks: what protects the files now, what one more disk could bring,
//! and the agreement that a half-written volume waits for.

use super::disks::{DiskCard, consents};
use super::home::{ProgressPart, VolumePart};
use super::{Answer, go, refused};
use crate::drawing;
use crate::forms::{Fields, Refusal};
use crate::page::{Nav, Page, render};
use crate::visit::Visit;
use crate::words::{self, Words};
use askama::Template;
use axum::extract::Query;
use preau_api::{
    ApiError, ArrayView, GrowVolume, MemberRole, MemberView, ReplaceDisk, StartUnclean, Status,
};
use preau_domain::disks::serial_end;
use preau_domain::health::Verdict;
use preau_domain::ids::Bay;
use preau_domain::layouts::Growth;

#[derive(Template)]
#[template(path = "array.html")]
struct ArrayPage {
    page: Page,
    refusal: Refusal,
    protection: String,
    icon: &'static str,
    progress: Option<ProgressPart>,
    drawing: String,
    members: Vec<MemberPart>,
    /// The serial numbers to agree with, when the volume waits for that.
    start_with: Vec<String>,
    candidates: Vec<CandidatePart>,
    /// Why there is nothing to choose, or what to do to have a choice.
    instead: Option<String>,
    detail: String,
}

struct MemberPart {
    id: String,
    role: &'static str,
    icon: &'static str,
    place: String,
    facts: String,
    word: String,
}

struct CandidatePart {
    id: String,
    words: String,
}

pub(crate) async fn show(visit: Visit) -> Answer {
    array_page(&visit, Refusal::NONE).await
}

async fn array_page(visit: &Visit, refusal: Refusal) -> Answer {
    let status = visit.api().status().await?;
    if status.volume.is_none() {
        return go("/");
    }
    let array = visit.api().array().await?;
    let words = visit.words;
    let state = VolumePart::of(words, &status);
    let candidates: Vec<CandidatePart> = array
        .candidates
        .iter()
        .filter_map(|candidate| {
            let known = |view: &&preau_api::DiskView| view.disk.id == candidate.disk;
            let view = status.disks.iter().find(known)?;
            Some(CandidatePart {
                id: view.disk.id.as_str().to_owned(),
                words: words.t1("array-add-found", "disk", words.full_name(&view.disk)),
            })
        })
        .collect();
    let page = visit.page("array-title", Nav::Home);
    Ok(render(&ArrayPage {
        // Somebody who is about to agree must not be interrupted.
        page: if array.waits_for_consent {
            page
        } else {
            page.live()
        },
        refusal,
        protection: protection(words, &array),
        icon: state.as_ref().map_or("info", |state| state.icon),
        progress: state.and_then(|state| state.progress),
        drawing: drawing::draw(words, &status.disks, &status.lost_disks, &[]),
        members: array
            .members
            .iter()
            .map(|member| MemberPart::of(words, member))
            .collect(),
        instead: instead(words, &array, candidates.is_empty()),
        candidates,
        start_with: array.start_with,
        detail: array.detail,
    }))
}

fn protection(words: Words, array: &ArrayView) -> String {
    if array.protection.is_empty() {
        words.t("array-offline")
    } else {
        array.protection.clone()
    }
}

/// Said instead of a choice of what a disk is for.
fn instead(words: Words, array: &ArrayView, nothing_there: bool) -> Option<String> {
    if array.waits_for_consent || array.protection.is_empty() {
        return None;
    }
    let replaceable = array.members.iter().any(|member| member.replaceable);
    if let Some(reason) = array.no_growth.as_ref().filter(|_| !replaceable) {
        return Some(reason.clone());
    }
    let smallest = array.members.iter().map(|member| member.size).min();
    nothing_there.then(|| {
        words.t1(
            "array-add-none",
            "size",
            words.bytes(&smallest.unwrap_or(0)),
        )
    })
}

impl MemberPart {
    fn of(words: Words, member: &MemberView) -> Self {
        let serial = words.t1("disk-serial-end", "serial", serial_end(&member.serial));
        Self {
            id: member.disk.as_str().to_owned(),
            role: words::member_role(member.role),
            icon: match member.role {
                MemberRole::InUse => "ok",
                MemberRole::Filling | MemberRole::Leaving => "copy",
                MemberRole::Spare | MemberRole::Joining | MemberRole::Waiting => "info",
                MemberRole::Failed | MemberRole::Missing => "danger",
            },
            place: words.bay(member.bay.as_ref()),
            facts: format!(
                "{} · {serial} · {}",
                member.model,
                words.bytes(&member.size)
            ),
            word: member.word.clone(),
        }
    }
}

/// Agrees to start the volume from the disks that were shown.
pub(crate) async fn start(visit: Visit, fields: Fields) -> Answer {
    if fields.raw("agree") != "yes" {
        return go("/array");
    }
    let wanted = StartUnclean {
        serials: fields.all("serial").map(str::to_owned).collect(),
    };
    match visit.api().start_unclean(&wanted).await {
        Ok(()) => go("/"),
        Err(trouble) => {
            let refusal = Refusal::of(trouble.refusal()?);
            refused(array_page(&visit, refusal).await?)
        }
    }
}

#[derive(Template)]
#[template(path = "array_add.html")]
struct AddPage {
    page: Page,
    refusal: Refusal,
    drawing: String,
    card: DiskCard,
    uses: Vec<Use>,
}

/// What the new disk could be for.
struct Use {
    /// `larger`, or `replace:` and the identity of a disk of the volume.
    value: String,
    words: String,
    chosen: bool,
}

pub(crate) async fn show_add(visit: Visit, Query(pairs): Query<Vec<(String, String)>>) -> Answer {
    add_page(&visit, Refusal::NONE, &Fields::from(pairs)).await
}

async fn add_page(visit: &Visit, refusal: Refusal, fields: &Fields) -> Answer {
    let status = visit.api().status().await?;
    let array = visit.api().array().await?;
    let id = fields.raw("disk");
    let joins = array
        .candidates
        .iter()
        .any(|found| found.disk.as_str() == id);
    let view = status.disks.iter().find(|view| view.disk.id.as_str() == id);
    let uses = uses(visit.words, &array, &status, fields);
    // It has left, or has its place already: the page about all of them says so.
    let Some(view) = view.filter(|_| joins && !uses.is_empty()) else {
        return go("/array");
    };
    let meant: Vec<Bay> = view.disk.bay.iter().cloned().collect();
    Ok(render(&AddPage {
        page: visit.page("use-title", Nav::Home),
        refusal,
        drawing: drawing::draw(visit.words, &status.disks, &status.lost_disks, &meant),
        card: DiskCard::of(visit.words, view).ticked(fields),
        uses,
    }))
}

/// A disk that should be replaced comes first, and is chosen: most who push a new
/// disk in came for that.
fn uses(words: Words, array: &ArrayView, status: &Status, fields: &Fields) -> Vec<Use> {
    let fails = |member: &MemberView| {
        let view = status.disks.iter().find(|view| view.disk.id == member.disk);
        view.is_none_or(|view| view.health.verdict >= Some(Verdict::ReplaceSoon))
    };
    let replacement = |member: &MemberView| {
        let (model, serial) = (Some(member.model.as_str()), Some(member.serial.as_str()));
        let name = words.texts().disk(member.bay.as_ref(), model, serial);
        let lost = matches!(member.role, MemberRole::Missing | MemberRole::Failed);
        let key = if lost {
            "use-replace-lost"
        } else {
            "use-replace"
        };
        Use {
            value: format!("{REPLACE}{}", member.disk),
            words: words.t1(key, "disk", name),
            chosen: false,
        }
    };
    let (urgent, calm): (Vec<_>, Vec<_>) = array
        .members
        .iter()
        .filter(|member| member.replaceable)
        .partition(|member| fails(member));
    let growths = array.growths.iter().map(|growth| Use {
        value: words::growth(growth.growth).to_owned(),
        words: growth.words.clone(),
        chosen: false,
    });
    let mut uses: Vec<Use> = urgent
        .into_iter()
        .map(replacement)
        .chain(growths)
        .chain(calm.into_iter().map(replacement))
        .collect();
    let asked = fields.raw("use");
    let chosen = uses.iter().position(|found| found.value == asked);
    if let Some(chosen) = uses.get_mut(chosen.unwrap_or(0)) {
        chosen.chosen = true;
    }
    uses
}

const REPLACE: &str = "replace:";

/// Gives the disk what was chosen to do.
pub(crate) async fn add(visit: Visit, fields: Fields) -> Answer {
    let status = visit.api().status().await?;
    let Some(erase) = consents(&fields, &status.disks).into_iter().next() else {
        return go("/array");
    };
    let asked = fields.raw("use");
    let growth = [Growth::Spare, Growth::Safer, Growth::Larger]
        .into_iter()
        .find(|growth| words::growth(*growth) == asked);
    let array = visit.api().array().await?;
    let leaving = asked.strip_prefix(REPLACE).and_then(|id| {
        let mut members = array.members.iter();
        members.find(|member| member.disk.as_str() == id)
    });
    let answer = match (growth, leaving) {
        (Some(growth), _) => visit.api().grow(&GrowVolume { erase, growth }).await,
        (None, Some(member)) => {
            let leaving = Some(member.disk.clone());
            let replacement = ReplaceDisk { erase, leaving };
            visit.api().replace(&replacement).await
        }
        (None, None) => {
            let error = ApiError {
                field: None,
                code: "choose-use".to_owned(),
                message: visit.words.t("use-choose"),
                retry_after: None,
            };
            return refused(add_page(&visit, Refusal::of(error), &fields).await?);
        }
    };
    match answer {
        Ok(()) => go("/array"),
        Err(trouble) => {
            let refusal = Refusal::of(trouble.refusal()?);
            refused(add_page(&visit, refusal, &fields).await?)
        }
    }
}
