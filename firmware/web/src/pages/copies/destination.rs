//! A destination is added in a few questions: what kind, where, and whether the server
//! is the right one. The same form changes it.

use super::super::{Answer, go, refused};
use crate::forms::{Fields, Refusal};
use crate::page::{Nav, Page, render};
use crate::trouble::Kind;
use crate::visit::Visit;
use crate::words::Words;
use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use preau_api::{ApiError, CopyDiskView, DestinationView, HostKeyView, SetDestination};
use preau_domain::copies::{Day, Place, SftpLogin};
use serde::Deserialize;

/// The kinds that are offered, the usual ones first.
const KINDS: [&str; 5] = ["sftp", "usb_disk", "web_dav", "s3", "rest"];
/// What a school's line bears beside its work, in kilobits per second.
const GENTLE: u32 = 1000;

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

struct KindPart {
    kind: &'static str,
    name: String,
    what: String,
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

struct DiskPart {
    filesystem: String,
    label: String,
    chosen: bool,
}

struct DayPart {
    day: &'static str,
    name: String,
    chosen: bool,
}

/// What the form holds.
#[derive(Default, Clone)]
struct Values {
    kind: String,
    name: String,
    host: String,
    port: String,
    user: String,
    folder: String,
    host_key: String,
    login: String,
    url: String,
    region: String,
    bucket: String,
    access_key: String,
    certificate: String,
    filesystem: String,
    hour: String,
    days: Vec<String>,
    gentle: bool,
    enabled: bool,
    has_secret: bool,
}

impl Values {
    fn new(kind: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            port: "22".to_owned(),
            folder: if kind == "sftp" { "preau" } else { "" }.to_owned(),
            login: "key".to_owned(),
            region: "auto".to_owned(),
            hour: "1".to_owned(),
            days: Day::ALL.map(|day| day.as_str().to_owned()).to_vec(),
            gentle: true,
            enabled: true,
            ..Self::default()
        }
    }

    fn typed(fields: &Fields) -> Self {
        Self {
            kind: fields.text("kind"),
            name: fields.text("name"),
            host: fields.text("host"),
            port: fields.text("port"),
            user: fields.text("user"),
            folder: fields.text("folder"),
            host_key: fields.text("host_key"),
            login: fields.text("login"),
            url: fields.text("url"),
            region: fields.text("region"),
            bucket: fields.text("bucket"),
            access_key: fields.text("access_key"),
            certificate: fields.text("certificate"),
            filesystem: fields.text("filesystem"),
            hour: fields.text("hour"),
            days: fields.all("days").map(str::to_owned).collect(),
            gentle: fields.has("gentle", "yes"),
            enabled: !fields.has("enabled", "no"),
            has_secret: fields.has("has_secret", "yes"),
        }
    }

    fn stored(view: &DestinationView) -> Self {
        let mut values = Self {
            kind: view.place.kind().to_owned(),
            name: view.name.clone(),
            hour: view.hour.to_string(),
            days: view
                .days
                .iter()
                .map(|day| day.as_str().to_owned())
                .collect(),
            gentle: view.kilobits_at_school.is_some(),
            enabled: view.enabled,
            has_secret: view.has_secret,
            ..Self::default()
        };
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        match view.place.clone() {
            Place::Sftp {
                host,
                port,
                user,
                folder,
                host_key,
                login,
            } => {
                values.host = host;
                values.port = port.to_string();
                values.user = user;
                values.folder = folder;
                values.host_key = text(&host_key);
                values.login = match login {
                    SftpLogin::Key => "key",
                    SftpLogin::Password => "password",
                }
                .to_owned();
            }
            Place::UsbDisk { filesystem } => values.filesystem = filesystem,
            Place::WebDav {
                url,
                user,
                certificate,
            }
            | Place::Rest {
                url,
                user,
                certificate,
            } => {
                values.url = url;
                values.user = text(&user);
                values.certificate = text(&certificate);
            }
            Place::S3 {
                endpoint,
                region,
                bucket,
                folder,
                access_key,
                certificate,
            } => {
                values.url = endpoint;
                values.region = region;
                values.bucket = bucket;
                values.folder = folder;
                values.access_key = access_key;
                values.certificate = text(&certificate);
            }
        }
        values
    }

    fn request(
        &self,
        words: Words,
        secret: &str,
        before: Option<&DestinationView>,
    ) -> Result<SetDestination, ApiError> {
        let wrong = |field: &str, key: &str| ApiError {
            field: Some(field.to_owned()),
            code: "not-a-number".to_owned(),
            message: words.t(key),
            retry_after: None,
        };
        let filled = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let place = match self.kind.as_str() {
            "sftp" => Place::Sftp {
                host: self.host.clone(),
                port: self
                    .port
                    .parse()
                    .map_err(|_| wrong("port", "mail-port-wrong"))?,
                user: self.user.clone(),
                folder: self.folder.clone(),
                host_key: filled(&self.host_key),
                login: if self.login == "password" {
                    SftpLogin::Password
                } else {
                    SftpLogin::Key
                },
            },
            "usb_disk" => Place::UsbDisk {
                filesystem: self.filesystem.clone(),
            },
            "web_dav" => Place::WebDav {
                url: self.url.clone(),
                user: filled(&self.user),
                certificate: filled(&self.certificate),
            },
            "rest" => Place::Rest {
                url: self.url.clone(),
                user: filled(&self.user),
                certificate: filled(&self.certificate),
            },
            _ => Place::S3 {
                endpoint: self.url.clone(),
                region: self.region.clone(),
                bucket: self.bucket.clone(),
                folder: self.folder.clone(),
                access_key: self.access_key.clone(),
                certificate: filled(&self.certificate),
            },
        };
        let chosen = |day: &Day| self.days.iter().any(|found| found == day.as_str());
        let kept = before.and_then(|before| before.kilobits_at_school);
        Ok(SetDestination {
            name: self.name.clone(),
            place,
            secret: filled(secret),
            days: Some(Day::ALL.into_iter().filter(chosen).collect()),
            hour: Some(
                self.hour
                    .parse()
                    .map_err(|_| wrong("hour", "copies-hour-wrong"))?,
            ),
            keep: before.map(|before| before.keep),
            kilobits_at_school: self.gentle.then(|| kept.unwrap_or(GENTLE)),
            enabled: Some(self.enabled),
        })
    }
}

impl DestinationPage {
    fn is(&self, kind: &str) -> bool {
        self.values.kind == kind
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
    let disks = match values.kind.as_str() {
        "usb_disk" => api.copy_disks().await?,
        _ => Vec::new(),
    };
    let words = visit.words;
    let disk = |disk: CopyDiskView| DiskPart {
        label: words.t2(
            "copies-disk",
            ("name", disk.label.unwrap_or_else(|| disk.kind.clone())),
            ("size", words.bytes(&disk.size)),
        ),
        chosen: disk.filesystem == values.filesystem,
        filesystem: disk.filesystem,
    };
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
        disks: disks.into_iter().map(disk).collect(),
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

/// The API's names of fields, as the form has them.
fn as_shown(mut error: ApiError) -> ApiError {
    let shown = match error.field.as_deref() {
        Some("secret") => "password",
        Some("endpoint") => "url",
        _ => return error,
    };
    error.field = Some(shown.to_owned());
    error
}
