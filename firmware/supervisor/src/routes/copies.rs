//! Copies elsewhere: where they go, how they are, what is asked for by hand.

use super::extract::{Admin, Body, Reader};
use super::mail::is_host;
use crate::copies::view::{self, Subject};
use crate::copies::{key, look};
use crate::desk::Desk;
use crate::reconcile::chain;
use crate::refusal::{Reason, Refusal};
use crate::secrets::Secrets;
use crate::status::time_zone;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use preau_api::{
    BoxKey, CopiesView, CopyDiskView, DestinationSet, ErrorBody, RunNow, RunView, SetDestination,
    WorkNow,
};
use preau_domain::copies::{Day, Destination, Place, Work};
use preau_domain::settings::Settings;
use preau_offsite_job::{Failure, Outcome, RepositoryFound, Task};
use preau_texts::Texts;
use std::sync::Arc;
use uuid::Uuid;

/// The longest name of a destination, in characters.
const NAME_MAX: usize = 60;
/// The longest address, folder or account, in bytes.
const TEXT_MAX: usize = 500;
/// Kilobits per second below which a night's changes would take days.
const SLOWEST: u32 = 64;
/// More than a school would ever have; a number that a mistake cannot pass.
const DESTINATIONS_MAX: usize = 8;
/// Long after everybody went home, and before the morning.
const USUAL_HOUR: u8 = 1;

/// All destinations, how they are and what comes next.
#[utoipa::path(
    get,
    path = "/v1/copies",
    security(("session" = [])),
    responses((status = OK, body = CopiesView), (status = "4XX", body = ErrorBody))
)]
pub async fn list(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Reader(texts): Reader,
) -> Json<CopiesView> {
    Json(copies_view(&desk, texts).await)
}

/// How the copies of every destination are.
pub(crate) async fn copies_view(desk: &Desk, texts: Texts) -> CopiesView {
    let secrets = desk.secrets().await;
    let has_sheet = secrets.sheet.is_some();
    with_subjects(desk, has_sheet, Some(&secrets), |subjects, zone| {
        let status = view::status(texts, subjects, zone, desk.now());
        CopiesView {
            headline: status.headline,
            last: status.last,
            next: status.next,
            has_sheet,
            destinations: subjects
                .iter()
                .map(|subject| view::destination_view(texts, subject))
                .collect(),
        }
    })
}

/// Gathers what views are made from.
pub fn with_subjects<T>(
    desk: &Desk,
    has_sheet: bool,
    secrets: Option<&Secrets>,
    act: impl FnOnce(&[Subject<'_>], &jiff::tz::TimeZone) -> T,
) -> T {
    let settings = desk.settings();
    let zone = time_zone(&settings);
    let running = desk.copies.running();
    let runs: Vec<_> = settings
        .destinations
        .iter()
        .map(|destination| desk.copies.runs(destination.id))
        .collect();
    let subjects: Vec<Subject<'_>> = settings
        .destinations
        .iter()
        .zip(&runs)
        .map(|(destination, runs)| Subject {
            destination,
            runs,
            running: running
                .iter()
                .map(|(_, job)| job)
                .find(|job| job.destination == destination.id),
            around: desk.copies_around(destination, has_sheet, &zone),
            has_secret: secrets
                .is_some_and(|secrets| secrets.copies.of.contains_key(&destination.id)),
        })
        .collect();
    act(&subjects, &zone)
}

/// Adds a destination, once it was tried. An SFTP server's key is shown first: the
/// answer has `confirm`, and the same request with that key stores the destination.
#[utoipa::path(
    post,
    path = "/v1/copies",
    request_body = SetDestination,
    security(("session" = [])),
    responses((status = OK, body = DestinationSet), (status = "4XX", body = ErrorBody))
)]
pub async fn add(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Body(wanted): Body<SetDestination>,
) -> Result<Json<DestinationSet>, Refusal> {
    if desk.settings().destinations.len() >= DESTINATIONS_MAX {
        return Err(Reason::TooManyDestinations(DESTINATIONS_MAX).into());
    }
    store(&desk, None, wanted).await
}

/// Changes a destination. It is tried again when its place or secret changes.
#[utoipa::path(
    put,
    path = "/v1/copies/{id}",
    params(("id" = String, Path)),
    request_body = SetDestination,
    security(("session" = [])),
    responses((status = OK, body = DestinationSet), (status = "4XX", body = ErrorBody))
)]
pub async fn set(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Path(id): Path<String>,
    Body(wanted): Body<SetDestination>,
) -> Result<Json<DestinationSet>, Refusal> {
    let before = find(&desk, &id)?;
    store(&desk, Some(before), wanted).await
}

async fn store(
    desk: &Desk,
    before: Option<Destination>,
    wanted: SetDestination,
) -> Result<Json<DestinationSet>, Refusal> {
    if !desk.settings().is_claimed() {
        return Err(Reason::NotThisStep.into());
    }
    let secret = wanted.secret.clone().filter(|secret| !secret.is_empty());
    let destination = check(desk, before.as_ref(), wanted)?;
    let is_as_tried = before
        .as_ref()
        .is_some_and(|before| before.place == destination.place && secret.is_none());
    let mut answer = DestinationSet {
        id: None,
        confirm: None,
        found_copy: false,
        free: None,
    };
    if !is_as_tried {
        match try_out(desk, &destination, secret.as_deref()).await {
            Ok(Outcome::Test { repository, free }) => {
                answer.found_copy = repository == RepositoryFound::Present;
                answer.free = free;
            }
            Ok(_) => return Err(Reason::Copy(Failure::Internal).into()),
            Err(refused) => {
                if let Some(shown) = view::host_key(&refused.failure) {
                    answer.confirm = Some(shown);
                    return Ok(Json(answer));
                }
                tracing::warn!("trying a destination: {}", refused.detail);
                let field = field_of(&destination.place, &refused.failure);
                return Err(Refusal::of(Reason::Copy(refused.failure), field));
            }
        }
    }
    let id = destination.id;
    let mut held = desk.hold().await?;
    if let Some(secret) = secret {
        let mut secrets = held.secrets().clone();
        secrets.copies.of.insert(id, secret);
        held.save_secrets(secrets).await?;
    }
    let mut settings = Settings::clone(&held.settings());
    match settings
        .destinations
        .iter_mut()
        .find(|found| found.id == id)
    {
        Some(found) => *found = destination,
        None => settings.destinations.push(destination),
    }
    held.save(settings).await?;
    drop(held);
    desk.copies.wake.notify_one();
    answer.id = Some(id);
    Ok(Json(answer))
}

async fn try_out(
    desk: &Desk,
    destination: &Destination,
    secret: Option<&str>,
) -> Result<Outcome, look::Refused> {
    let mut secrets = desk.secrets().await;
    if let Some(secret) = secret {
        secrets.copies.of.insert(destination.id, secret.to_owned());
    }
    look::try_out(desk, destination, &secrets, None, Task::Test).await
}

/// The field of a request that a failure is about.
pub(super) const fn field_of(place: &Place, failure: &Failure) -> &'static str {
    match (place, failure) {
        (Place::Sftp { .. }, Failure::PortClosed) => "port",
        (Place::Sftp { .. }, Failure::NameNotFound | Failure::NoAnswer) => "host",
        (Place::UsbDisk { .. }, Failure::FolderMissing) => "filesystem",
        (_, Failure::LoginRefused) => "secret",
        (_, Failure::BucketMissing) => "bucket",
        (_, Failure::CertificateRefused) => "certificate",
        (Place::Sftp { .. } | Place::S3 { .. }, _) => "folder",
        (Place::UsbDisk { .. }, _) => "filesystem",
        (Place::WebDav { .. } | Place::Rest { .. }, _) => "url",
    }
}

fn check(
    desk: &Desk,
    before: Option<&Destination>,
    wanted: SetDestination,
) -> Result<Destination, Refusal> {
    let name = wanted.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
        return Err(Refusal::of(Reason::DestinationName(NAME_MAX), "name"));
    }
    let settings = desk.settings();
    let mut others = settings
        .destinations
        .iter()
        .filter(|other| before.is_none_or(|before| before.id != other.id));
    if others.any(|other| other.name.to_lowercase() == name.to_lowercase()) {
        return Err(Refusal::of(Reason::DestinationTaken, "name"));
    }
    let mut days = wanted
        .days
        .or_else(|| before.map(|before| before.days.clone()))
        .unwrap_or_else(|| Day::ALL.to_vec());
    days.sort_unstable();
    days.dedup();
    let hour = wanted
        .hour
        .or_else(|| before.map(|before| before.hour))
        .unwrap_or(USUAL_HOUR);
    if days.is_empty() {
        return Err(Refusal::of(Reason::DestinationDays, "days"));
    }
    if hour > 23 {
        return Err(Refusal::of(Reason::DestinationHour, "hour"));
    }
    if wanted
        .kilobits_at_school
        .is_some_and(|kilobits| kilobits < SLOWEST)
    {
        let reason = Reason::DestinationSpeed(SLOWEST);
        return Err(Refusal::of(reason, "kilobits_at_school"));
    }
    let keep = wanted
        .keep
        .or_else(|| before.map(|before| before.keep))
        .unwrap_or_default();
    if preau_offsite_job::Keep::from(keep).is_nothing() {
        return Err(Refusal::of(Reason::DestinationKeep, "keep"));
    }
    Ok(Destination {
        id: before.map_or_else(Uuid::new_v4, |before| before.id),
        name,
        place: check_place(wanted.place)?,
        days,
        hour,
        keep,
        keep_of_share: before.map_or_else(Default::default, |b| b.keep_of_share.clone()),
        kilobits_at_school: wanted.kilobits_at_school,
        enabled: wanted
            .enabled
            .or_else(|| before.map(|before| before.enabled))
            .unwrap_or(true),
        added_at: before.map_or_else(|| desk.now(), |before| before.added_at),
        vanished_accepted_at: before.and_then(|before| before.vanished_accepted_at),
        strikes: before.map_or_else(Vec::new, |before| before.strikes.clone()),
    })
}

/// What cannot be an address is refused before anything is sent anywhere.
pub(super) fn check_place(place: Place) -> Result<Place, Refusal> {
    let fits = |text: &str| text.len() <= TEXT_MAX && !text.chars().any(char::is_control);
    let filled = |text: String, field: &'static str| {
        let text = text.trim().to_owned();
        // One that begins with a dash could be taken for an option of ssh.
        if text.is_empty() || text.starts_with('-') || !fits(&text) {
            return Err(Refusal::of(Reason::DestinationField, field));
        }
        Ok(text)
    };
    let address = |text: String, field: &'static str| {
        let text = text.trim().to_owned();
        let host = text.strip_prefix("https://").unwrap_or_default();
        let host = host.split(['/', ':']).next().unwrap_or_default();
        // An account in the address would be shown, and written to the journal.
        if !is_host(&host.to_lowercase()) || text.contains('@') || !fits(&text) {
            return Err(Refusal::of(Reason::DestinationUrl, field));
        }
        Ok(text)
    };
    let some = |text: Option<String>| {
        text.map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
    };
    Ok(match place {
        Place::Sftp {
            host,
            port,
            user,
            folder,
            host_key,
            login,
        } => {
            let host = host.trim().trim_end_matches('.').to_lowercase();
            if !is_host(&host) {
                return Err(Refusal::of(Reason::DestinationHost, "host"));
            }
            if port == 0 {
                return Err(Refusal::of(Reason::MailPort, "port"));
            }
            Place::Sftp {
                host,
                port,
                user: filled(user, "user")?,
                folder: filled(folder, "folder")?,
                host_key: some(host_key),
                login,
            }
        }
        Place::UsbDisk { filesystem } => Place::UsbDisk {
            filesystem: filled(filesystem, "filesystem")?,
        },
        Place::WebDav {
            url,
            user,
            certificate,
        } => Place::WebDav {
            url: address(url, "url")?,
            user: some(user),
            certificate: some(certificate),
        },
        Place::Rest {
            url,
            user,
            certificate,
        } => Place::Rest {
            url: address(url, "url")?,
            user: some(user),
            certificate: some(certificate),
        },
        Place::S3 {
            endpoint,
            region,
            bucket,
            folder,
            access_key,
            certificate,
        } => Place::S3 {
            endpoint: address(endpoint, "endpoint")?,
            region: filled(region, "region")?,
            bucket: filled(bucket, "bucket")?,
            folder: folder.trim().trim_matches('/').to_owned(),
            access_key: filled(access_key, "access_key")?,
            certificate: some(certificate),
        },
    })
}

pub(super) fn find(desk: &Desk, id: &str) -> Result<Destination, Refusal> {
    let id = Uuid::try_parse(id).ok();
    id.and_then(|id| desk.destination(id))
        .ok_or_else(|| Reason::NoSuchDestination.into())
}

/// Makes it no destination any more. What is there stays there.
#[utoipa::path(
    delete,
    path = "/v1/copies/{id}",
    params(("id" = String, Path)),
    security(("session" = [])),
    responses((status = NO_CONTENT), (status = "4XX", body = ErrorBody))
)]
pub async fn remove(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    let id = find(&desk, &id)?.id;
    let mut held = desk.hold().await?;
    let mut settings = Settings::clone(&held.settings());
    settings.destinations.retain(|found| found.id != id);
    held.save(settings).await?;
    let mut secrets = held.secrets().clone();
    secrets.copies.of.remove(&id);
    held.save_secrets(secrets).await?;
    drop(held);
    desk.copies.forget(id);
    if let Err(error) = desk.store.forget_copy_runs(id).await {
        // The rows are of nobody and take little room.
        tracing::warn!("forgetting runs: {}", chain(&error));
    }
    desk.copies.wake.notify_one();
    Ok(StatusCode::NO_CONTENT)
}

/// Does something now.
#[utoipa::path(
    post,
    path = "/v1/copies/{id}/run",
    params(("id" = String, Path)),
    request_body = RunNow,
    security(("session" = [])),
    responses((status = ACCEPTED), (status = "4XX", body = ErrorBody))
)]
pub async fn run(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Path(id): Path<String>,
    Body(wanted): Body<RunNow>,
) -> Result<StatusCode, Refusal> {
    let destination = find(&desk, &id)?;
    let has_sheet = desk.copies_password().await.is_some();
    crate::copies::night::see_disks(&desk).await;
    if let Some(waiting) = desk.copies_wait(&destination, has_sheet) {
        return Err(Reason::CopiesWait(waiting).into());
    }
    let work = match wanted.work {
        WorkNow::BackUp => Work::BackUp,
        WorkNow::Drill => Work::Drill,
        WorkNow::Check => Work::Check,
    };
    desk.copies.ask(destination.id, work);
    Ok(StatusCode::ACCEPTED)
}

/// Stops what is under way for a destination.
#[utoipa::path(
    post,
    path = "/v1/copies/{id}/cancel",
    params(("id" = String, Path)),
    security(("session" = [])),
    responses((status = ACCEPTED), (status = "4XX", body = ErrorBody))
)]
pub async fn cancel(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    let destination = find(&desk, &id)?;
    if desk.copies.cancel(destination.id) {
        Ok(StatusCode::ACCEPTED)
    } else {
        Err(Reason::NothingRuns.into())
    }
}

/// Says that the files which vanished were meant to: room may be made again.
#[utoipa::path(
    post,
    path = "/v1/copies/{id}/accept-vanished",
    params(("id" = String, Path)),
    security(("session" = [])),
    responses((status = NO_CONTENT), (status = "4XX", body = ErrorBody))
)]
pub async fn accept_vanished(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    let id = find(&desk, &id)?.id;
    let mut held = desk.hold().await?;
    let mut settings = Settings::clone(&held.settings());
    let now = desk.now();
    for destination in settings
        .destinations
        .iter_mut()
        .filter(|found| found.id == id)
    {
        destination.vanished_accepted_at = Some(now);
    }
    held.save(settings).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What was done for a destination, the latest first.
#[utoipa::path(
    get,
    path = "/v1/copies/{id}/runs",
    params(("id" = String, Path)),
    security(("session" = [])),
    responses((status = OK, body = Vec<RunView>), (status = "4XX", body = ErrorBody))
)]
pub async fn runs(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Reader(texts): Reader,
    Path(id): Path<String>,
) -> Result<Json<Vec<RunView>>, Refusal> {
    let destination = find(&desk, &id)?;
    let runs = desk.copies.runs(destination.id);
    Ok(Json(
        runs.iter().map(|run| view::run_view(texts, run)).collect(),
    ))
}

/// The public half of the box's SSH key, which is made when it is first asked for.
#[utoipa::path(
    post,
    path = "/v1/copies/key",
    security(("session" = [])),
    responses((status = OK, body = BoxKey), (status = "4XX", body = ErrorBody))
)]
pub async fn box_key(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
) -> Result<Json<BoxKey>, Refusal> {
    let mut held = desk.hold().await?;
    let mut secrets = held.secrets().clone();
    let key = match &secrets.copies.ssh_key {
        Some(key) => key.clone(),
        None => {
            let sheet = secrets.sheet.as_ref().ok_or(Reason::NoSheet)?;
            let made = key::from_sheet(&sheet.code, "preau")
                .map_err(|error| Reason::System(error.to_string()))?;
            secrets.copies.ssh_key = Some(made.clone());
            held.save_secrets(secrets).await?;
            made
        }
    };
    Ok(Json(BoxKey {
        public_key: key.public,
    }))
}

/// The disks on USB that could get copies.
#[utoipa::path(
    get,
    path = "/v1/copies/disks",
    security(("session" = [])),
    responses((status = OK, body = Vec<CopyDiskView>), (status = "4XX", body = ErrorBody))
)]
pub async fn disks(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
) -> Result<Json<Vec<CopyDiskView>>, Refusal> {
    let found = desk.copies.machine.copy_disks().await;
    let found = found.map_err(|error| crate::people::system_failed(&error))?;
    Ok(Json(
        found
            .into_iter()
            .map(|disk| CopyDiskView {
                filesystem: disk.filesystem,
                label: disk.label,
                kind: disk.kind,
                size: disk.size,
            })
            .collect(),
    ))
}
