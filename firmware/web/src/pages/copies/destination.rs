//! A destination is added in a few questions: what kind, where, and whether the server
//! is the right one. The same form changes it.

use super::super::{Answer, go, refused};
use super::values::{Values, as_shown};
use crate::forms::{Fields, Refusal};
use crate::page::{Nav, Page, render};
use crate::trouble::Kind;
use crate::visit::Visit;
use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use preau_api::{ApiError, CopyDiskView, DestinationView, HostKeyView};
use preau_domain::copies::Day;
use serde::Deserialize;

/// The kinds that are offered, the usual ones first.
pub(crate) const KINDS: [&str; 5] = ["sftp", "usb_disk", "web_dav", "s3", "rest"];

#[derive(Deserialize)]
pub(crate) struct Chosen {
    #[serde(default)]
    kind: String,
}

#[derive(Template)]
#[template(path = "copies/kinds.html")]
struct KindsPage {
    page: Page,
    kinds: Vec<KindPart>,
}

pub(crate) struct KindPart {
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    pub(crate) what: String,
}

#[derive(Template)]
#[template(path = "copies/destination.html")]
struct DestinationPage {
    page: Page,
    action: String,
    is_new: bool,
    refusal: Refusal,
    values: Values,
    key: Option<String>,
    disks: Vec<DiskPart>,
    days: Vec<DayPart>,
    confirm: Option<HostKeyView>,
}

pub(crate) struct DiskPart {
    pub(crate) filesystem: String,
    pub(crate) label: String,
    pub(crate) chosen: bool,
}

struct DayPart {
    day: &'static str,
    name: String,
    chosen: bool,
}

impl DestinationPage {
    fn is(&self, kind: &str) -> bool {
        self.values.kind == kind
    }

    fn folder_hint(&self) -> String {
        self.page.t("copies-folder-hint")
    }

    fn login_hint(&self) -> String {
        self.page.t("copies-login-hint")
    }

    fn login_key(&self) -> String {
        self.page.t("copies-login-key")
    }

    fn secret_hint(&self) -> String {
        self.page.t(if self.values.has_secret {
            "copies-secret-kept"
        } else if self.is("sftp") {
            "copies-secret-sftp"
        } else {
            "copies-secret-hint"
        })
    }
}

pub(crate) async fn show_add(visit: Visit, Query(chosen): Query<Chosen>) -> Answer {
    if !KINDS.contains(&chosen.kind.as_str()) {
        let part = |kind: &'static str| {
            let key = kind.replace('_', "-");
            KindPart {
                kind,
                name: visit.words.t(&format!("copies-kind-{key}")),
                what: visit.words.t(&format!("copies-kind-{key}-what")),
            }
        };
        return Ok(render(&KindsPage {
            page: visit.page("copies-add-title", Nav::Copies),
            kinds: KINDS.into_iter().map(part).collect(),
        }));
    }
    let values = Values::new(&chosen.kind);
    form(&visit, None, Refusal::NONE, values, None).await
}

pub(crate) async fn show_change(visit: Visit, Path(id): Path<String>) -> Answer {
    let view = find(&visit, &id).await?;
    let mut values = Values::stored(&view);
    // A server that shows another key is asked for it again.
    let shown = view.problem.and_then(|problem| problem.host_key);
    if let Some(shown) = &shown {
        values.host_key.clone_from(&shown.key);
    }
    form(&visit, Some(&id), Refusal::NONE, values, shown).await
}

async fn find(visit: &Visit, id: &str) -> Result<DestinationView, crate::trouble::Trouble> {
    let copies = visit.api().copies().await?;
    let mut all = copies.destinations.into_iter();
    all.find(|view| view.id.to_string() == id)
        .ok_or_else(|| visit.trouble(Kind::NotFound))
}

async fn form(
    visit: &Visit,
    id: Option<&str>,
    refusal: Refusal,
    values: Values,
    confirm: Option<HostKeyView>,
) -> Answer {
    let api = visit.api();
    let key = match values.kind.as_str() {
        "sftp" => Some(api.box_key().await?.public_key),
        _ => None,
    };
    let disks = disks(visit, &values).await?;
    let words = visit.words;
    let title = if id.is_some() {
        "copies-change-title"
    } else {
        "copies-add-title"
    };
    Ok(render(&DestinationPage {
        page: visit.page(title, Nav::Copies),
        action: id.map_or_else(
            || "/copies/add".to_owned(),
            |id| format!("/copies/{id}/change"),
        ),
        is_new: id.is_none(),
        refusal,
        disks,
        days: Day::ALL
            .into_iter()
            .map(|day| DayPart {
                day: day.as_str(),
                name: words.t(&format!("day-{}", day.as_str())),
                chosen: values.days.iter().any(|found| found == day.as_str()),
            })
            .collect(),
        values,
        key,
        confirm,
    }))
}

/// The disks that are plugged in, for a form about one.
pub(crate) async fn disks(
    visit: &Visit,
    values: &Values,
) -> Result<Vec<DiskPart>, crate::trouble::Trouble> {
    if values.kind != "usb_disk" {
        return Ok(Vec::new());
    }
    let words = visit.words;
    let part = |disk: CopyDiskView| DiskPart {
        label: words.t2(
            "copies-disk",
            ("name", disk.label.unwrap_or_else(|| disk.kind.clone())),
            ("size", words.bytes(&disk.size)),
        ),
        chosen: disk.filesystem == values.filesystem,
        filesystem: disk.filesystem,
    };
    let found = visit.api().copy_disks().await?;
    Ok(found.into_iter().map(part).collect())
}

pub(crate) async fn add(visit: Visit, fields: Fields) -> Answer {
    store(&visit, None, &fields).await
}

pub(crate) async fn change(visit: Visit, Path(id): Path<String>, fields: Fields) -> Answer {
    let before = find(&visit, &id).await?;
    store(&visit, Some(&before), &fields).await
}

async fn store(visit: &Visit, before: Option<&DestinationView>, fields: &Fields) -> Answer {
    let mut values = Values::typed(fields);
    let id = before.map(|before| before.id.to_string());
    let request = values.request(visit.words, fields.raw("password"), before);
    let wanted = match request {
        Ok(wanted) => wanted,
        Err(error) => return again(visit, id.as_deref(), values, error).await,
    };
    let api = visit.api();
    let stored = match &id {
        Some(id) => api.set_destination(id, &wanted).await,
        None => api.add_destination(&wanted).await,
    };
    match stored {
        Ok(answer) => match answer.confirm {
            // Asked for by the same form once more, now with the key in it.
            Some(shown) => {
                values.host_key.clone_from(&shown.key);
                form(visit, id.as_deref(), Refusal::NONE, values, Some(shown)).await
            }
            None => go("/copies"),
        },
        Err(trouble) => again(visit, id.as_deref(), values, trouble.refusal()?).await,
    }
}

async fn again(visit: &Visit, id: Option<&str>, values: Values, error: ApiError) -> Answer {
    let response: Response = form(visit, id, Refusal::of(as_shown(error)), values, None).await?;
    refused(response)
}
