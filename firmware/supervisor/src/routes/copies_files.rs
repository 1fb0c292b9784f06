//! Looking through copies, and bringing files back.

use super::copies::find;
use super::extract::{Admin, Body};
use crate::copies::{job, look};
use crate::desk::Desk;
use crate::refusal::{Reason, Refusal};
use crate::status::time_zone;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use preau_api::{
    ErrorBody, FileView, FolderView, RestoreBegun, RestoreFiles, RestoreTarget, SearchView,
    SnapshotView,
};
use preau_domain::copies::{RestoreTo, RestoreWork};
use preau_offsite_job::{Entry, EntryKind, EscapedPath, Outcome, SnapshotId, Task};
use preau_texts::Texts;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;

/// What a search shows at most.
const FOUND_MAX: usize = 200;

impl From<look::Refused> for Refusal {
    fn from(refused: look::Refused) -> Self {
        tracing::warn!("asking a destination: {}", refused.detail);
        Reason::Copy(refused.failure).into()
    }
}

/// Which folder of which copy.
#[derive(Debug, Deserialize, IntoParams)]
pub struct Within {
    /// The copy.
    snapshot: String,
    /// The folder, counted from the share's root; the root itself when left out.
    #[serde(default)]
    folder: String,
}

/// What to look for.
#[derive(Debug, Deserialize, IntoParams)]
pub struct Wanted {
    /// A part of the name.
    name: String,
    /// In this copy; in all when left out.
    #[serde(default)]
    snapshot: Option<String>,
}

/// The copies at a destination, the newest first.
#[utoipa::path(
    get,
    path = "/v1/copies/{id}/snapshots",
    params(("id" = String, Path)),
    security(("session" = [])),
    responses((status = OK, body = Vec<SnapshotView>), (status = "4XX", body = ErrorBody))
)]
pub async fn snapshots(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Path(id): Path<String>,
) -> Result<Json<Vec<SnapshotView>>, Refusal> {
    let destination = find(&desk, &id)?;
    let found = look::snapshots(&desk, &destination).await?;
    Ok(Json(
        found
            .into_iter()
            .map(|snapshot| SnapshotView {
                id: snapshot.id.0,
                time: snapshot.time,
                share: snapshot.share,
                host: snapshot.host,
                files: snapshot.files,
                bytes: snapshot.bytes,
            })
            .collect(),
    ))
}

/// What a folder of a copy holds.
#[utoipa::path(
    get,
    path = "/v1/copies/{id}/files",
    params(("id" = String, Path), Within),
    security(("session" = [])),
    responses((status = OK, body = FolderView), (status = "4XX", body = ErrorBody))
)]
pub async fn files(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Path(id): Path<String>,
    Query(within): Query<Within>,
) -> Result<Json<FolderView>, Refusal> {
    let destination = find(&desk, &id)?;
    let folder = job::escaped(within.folder);
    let task = Task::Browse {
        snapshot: SnapshotId(within.snapshot),
        folder: folder.clone(),
    };
    let Outcome::Browse { mut entries } = look::ask(&desk, &destination, task).await? else {
        return Err(look::unexpected().into());
    };
    entries.sort_by_key(|entry| entry.kind != EntryKind::Folder);
    let top = folder.to_path();
    let entries = entries
        .iter()
        .map(|entry| {
            let path = EscapedPath::new(top.join(entry.name.to_path()));
            file_view(entry, &path, None)
        })
        .collect();
    Ok(Json(FolderView { entries }))
}

/// Files and folders whose name contains a text.
#[utoipa::path(
    get,
    path = "/v1/copies/{id}/search",
    params(("id" = String, Path), Wanted),
    security(("session" = [])),
    responses((status = OK, body = SearchView), (status = "4XX", body = ErrorBody))
)]
pub async fn search(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<SearchView>, Refusal> {
    let destination = find(&desk, &id)?;
    let name = wanted.name.trim().to_owned();
    if name.is_empty() {
        return Err(Refusal::of(Reason::DestinationField, "name"));
    }
    let task = Task::Search {
        snapshots: wanted.snapshot.into_iter().map(SnapshotId).collect(),
        name,
        at_most: FOUND_MAX,
    };
    let Outcome::Search { found, more } = look::ask(&desk, &destination, task).await? else {
        return Err(look::unexpected().into());
    };
    let found = found
        .iter()
        .map(|found| file_view(&found.entry, &found.path, Some(found.snapshot.0.clone())))
        .collect();
    Ok(Json(SearchView { found, more }))
}

fn file_view(entry: &Entry, path: &EscapedPath, snapshot: Option<String>) -> FileView {
    FileView {
        name: entry.name.as_str().to_owned(),
        kind: match entry.kind {
            EntryKind::File => "file",
            EntryKind::Folder => "folder",
            EntryKind::Link => "link",
            EntryKind::Other => "other",
        }
        .to_owned(),
        path: path.as_str().to_owned(),
        snapshot,
        size: entry.size,
        modified: entry.modified,
    }
}

/// Begins to bring files back. Beside: into a new folder at the top of the share. Over:
/// to where they were, which must be confirmed.
#[utoipa::path(
    post,
    path = "/v1/copies/{id}/restore",
    params(("id" = String, Path)),
    request_body = RestoreFiles,
    security(("session" = [])),
    responses((status = ACCEPTED, body = RestoreBegun), (status = "4XX", body = ErrorBody))
)]
pub async fn restore(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Path(id): Path<String>,
    Body(wanted): Body<RestoreFiles>,
) -> Result<(StatusCode, Json<RestoreBegun>), Refusal> {
    let destination = find(&desk, &id)?;
    if !desk.shares_to_copy().contains(&wanted.share) {
        return Err(Refusal::of(Reason::NoSuchShare, "share"));
    }
    let to = match wanted.to {
        RestoreTarget::Beside => RestoreTo::Beside(folder_name(&desk)),
        RestoreTarget::Over if wanted.confirmed => RestoreTo::Over,
        RestoreTarget::Over => return Err(Refusal::of(Reason::NotConfirmed, "confirmed")),
    };
    let work = RestoreWork {
        snapshot: SnapshotId(wanted.snapshot),
        share: wanted.share,
        path: job::escaped(wanted.path),
        kind: wanted.kind,
        to,
    };
    if job::target_below(&work).is_none() {
        return Err(Refusal::of(Reason::DestinationField, "path"));
    }
    let folder = match &work.to {
        RestoreTo::Beside(folder) => Some(folder.clone()),
        RestoreTo::Over => None,
    };
    desk.copies.ask_restore(destination.id, work);
    Ok((StatusCode::ACCEPTED, Json(RestoreBegun { folder })))
}

/// `Restauré le mardi 24 novembre à 7 h 42`, in the box's language: everybody who uses
/// the share reads it. Spaces are such as people can type.
fn folder_name(desk: &Desk) -> String {
    let settings = desk.settings();
    let texts = Texts::new(settings.language);
    let now = desk.now();
    let moment = texts.moment(now, now, &time_zone(&settings));
    texts
        .t_with("copies-restored-folder", &[("moment", moment.into())])
        .replace(['\u{a0}', '\u{202f}'], " ")
        .replace(':', ".")
}
