//! Looking through copies: days, folders, a search; and bringing files back.

use super::super::home::time_zone_of;
use super::super::{Answer, go};
use crate::forms::Fields;
use crate::page::{Nav, Page, render};
use crate::visit::Visit;
use crate::words::Words;
use askama::Template;
use axum::extract::{Path, Query};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use preau_api::{FileView, RestoreFiles, RestoreTarget, SnapshotView, StrikeFiles};
use preau_domain::copies::Restored;
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    snapshot: String,
    #[serde(default)]
    folder: String,
    #[serde(default)]
    name: String,
    /// What is about to be brought back.
    #[serde(default)]
    path: Option<String>,
    #[serde(default)]
    kind: String,
}

#[derive(Template)]
#[template(path = "copies/files.html")]
struct FilesPage {
    page: Page,
    base: String,
    days: Vec<DayPart>,
    snapshot: String,
    share: String,
    when: String,
    folder: String,
    above: Vec<Crumb>,
    rows: Vec<Row>,
    searched: Option<String>,
    more: bool,
    chosen: Option<Choice>,
}

struct DayPart {
    id: String,
    label: String,
    here: bool,
}

struct Crumb {
    name: String,
    path: String,
}

struct Row {
    name: String,
    path: String,
    snapshot: String,
    is_folder: bool,
    kind: &'static str,
    facts: String,
}

/// What is about to be brought back, or struck.
struct Choice {
    path: String,
    name: String,
    /// With its share and folders, as it is named everywhere.
    whole: String,
    kind: &'static str,
}

fn row(words: Words, file: &FileView, snapshot: &str, now: Timestamp, zone: &TimeZone) -> Row {
    let is_folder = file.kind == "folder";
    let when = file.modified.map(|at| words.moment(at, now, zone));
    let size = (!is_folder).then(|| words.bytes(&file.size));
    Row {
        name: if file.snapshot.is_some() {
            file.path.clone()
        } else {
            file.name.clone()
        },
        path: file.path.clone(),
        snapshot: file.snapshot.clone().unwrap_or_else(|| snapshot.to_owned()),
        is_folder,
        kind: if is_folder { "folder" } else { "file" },
        facts: [size, when]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" · "),
    }
}

/// The folders above, each with its way.
fn crumbs(folder: &str) -> Vec<Crumb> {
    let mut path = String::new();
    folder
        .split('/')
        .filter(|part| !part.is_empty())
        .map(|part| {
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(part);
            Crumb {
                name: part.to_owned(),
                path: path.clone(),
            }
        })
        .collect()
}

pub(crate) async fn show(
    visit: Visit,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let api = visit.api();
    let words = visit.words;
    let (zone, now) = time_zone_of(&visit).await?;
    let snapshots = api.snapshots(&id).await?;
    let asked = |found: &&SnapshotView| found.id == wanted.snapshot;
    let chosen = snapshots.iter().find(asked).or(snapshots.first());
    let snapshot = chosen.map_or_else(String::new, |found| found.id.clone());
    let share = chosen.map_or_else(String::new, |found| found.share.clone());
    let searched = Some(wanted.name.trim().to_owned()).filter(|name| !name.is_empty());
    let (files, more) = match (&searched, chosen) {
        (Some(name), _) => {
            let found = api.search(&id, name).await?;
            (found.found, found.more)
        }
        (None, Some(_)) => (
            api.folder(&id, &snapshot, &wanted.folder).await?.entries,
            false,
        ),
        (None, None) => (Vec::new(), false),
    };
    let moment = |found: &SnapshotView| words.moment(found.time, now, &zone);
    Ok(render(&FilesPage {
        page: visit.page("copies-files-title", Nav::Copies),
        base: format!("/copies/{id}"),
        days: snapshots
            .iter()
            .map(|found| DayPart {
                label: words.t2(
                    "copies-day",
                    ("moment", moment(found)),
                    ("share", &found.share),
                ),
                here: found.id == snapshot,
                id: found.id.clone(),
            })
            .collect(),
        when: chosen.map_or_else(String::new, moment),
        above: crumbs(&wanted.folder),
        folder: wanted.folder,
        rows: files
            .iter()
            .map(|file| row(words, file, &snapshot, now, &zone))
            .collect(),
        searched,
        more,
        chosen: wanted.path.map(|path| Choice {
            name: path.rsplit('/').next().unwrap_or_default().to_owned(),
            whole: format!("{share} / {path}"),
            kind: if wanted.kind == "folder" {
                "folder"
            } else {
                "file"
            },
            path,
        }),
        share,
        snapshot,
    }))
}

pub(crate) async fn restore(visit: Visit, Path(id): Path<String>, fields: Fields) -> Answer {
    let over = fields.has("to", "over");
    let wanted = RestoreFiles {
        snapshot: fields.text("snapshot"),
        share: fields.text("share"),
        path: fields.raw("path").to_owned(),
        kind: if fields.has("kind", "folder") {
            Restored::Folder
        } else {
            Restored::File
        },
        to: if over {
            RestoreTarget::Over
        } else {
            RestoreTarget::Beside
        },
        confirmed: fields.has("confirmed", "yes"),
    };
    visit.api().restore(&id, &wanted).await?;
    go("/copies")
}

/// Takes it out of every copy: the page of the copies says by when it is gone.
pub(crate) async fn strike(visit: Visit, fields: Fields) -> Answer {
    let wanted = StrikeFiles {
        share: fields.text("share"),
        path: fields.raw("path").to_owned(),
        // The tick carries the path that stands beside it.
        delete: fields.all("delete").next().map(str::to_owned),
    };
    visit.api().strike(&wanted).await?;
    go("/copies")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_leads_through_every_folder() {
        let found = crumbs("CP/Photos/Noël");
        let ways: Vec<&str> = found.iter().map(|crumb| crumb.path.as_str()).collect();
        assert_eq!(ways, ["CP", "CP/Photos", "CP/Photos/Noël"]);
        assert!(crumbs("").is_empty());
    }
}
