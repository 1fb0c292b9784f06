//! A box from nothing: where the copy is and the words of the recovery sheet, what the
//! copy holds, and on which disks it is to come back.

use super::storage::{self, FROM_COPY};
use super::{Progress, Step};
use crate::forms::{Fields, Refusal};
use crate::page::{Nav, Page, render};
use crate::pages::copies::{self, DiskPart, KINDS, KindPart, Values, as_shown};
use crate::pages::home::zone_named;
use crate::pages::{Answer, go, refused};
use crate::trouble::Trouble;
use crate::visit::Visit;
use crate::words::Words;
use askama::Template;
use axum::extract::Query;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use preau_api::{ApiError, FoundBox, FoundShare, HostKeyView, LookForCopy, Recover};
use preau_domain::settings::SetupStep;

#[derive(Template)]
#[template(path = "setup/nothing_kinds.html")]
struct KindsPage {
    page: Page,
    progress: Progress,
    kinds: Vec<KindPart>,
}

#[derive(Template)]
#[template(path = "setup/nothing.html")]
struct NothingPage {
    page: Page,
    progress: Progress,
    refusal: Refusal,
    values: Values,
    /// The key of this box is that of the sheet, which is not known yet.
    key: Option<String>,
    disks: Vec<DiskPart>,
    confirm: Option<HostKeyView>,
    code: String,
}

impl NothingPage {
    fn is(&self, kind: &str) -> bool {
        self.values.kind == kind
    }

    fn folder_hint(&self) -> String {
        self.page.t("recovery-folder-hint")
    }

    fn login_hint(&self) -> String {
        self.page.t("recovery-login-hint")
    }

    fn login_key(&self) -> String {
        self.page.t("recovery-login-key")
    }

    fn secret_hint(&self) -> String {
        self.page.t("recovery-secret-hint")
    }
}

/// As long as no disks are chosen, somebody who gave the box's code may look.
fn may_look(visit: &Visit) -> bool {
    visit.has_session() && visit.info.setup <= SetupStep::Disks
}

pub(super) async fn show(visit: Visit, Query(pairs): Query<Vec<(String, String)>>) -> Answer {
    if !may_look(&visit) {
        return go("/");
    }
    let fields = Fields::from(pairs);
    let kind = fields.raw("kind");
    if !KINDS.contains(&kind) {
        return Ok(render(&KindsPage {
            page: visit.page("recovery-kind-question", Nav::Setup),
            progress: Progress::at(visit.words, Step::Disks),
            kinds: KINDS.map(|kind| kind_part(visit.words, kind)).into(),
        }));
    }
    let values = Values::new(kind);
    form(&visit, Refusal::NONE, values, None, String::new()).await
}

fn kind_part(words: Words, kind: &'static str) -> KindPart {
    let key = kind.replace('_', "-");
    let what = match kind {
        "usb_disk" => "recovery-kind-usb-disk-what".to_owned(),
        _ => format!("copies-kind-{key}-what"),
    };
    KindPart {
        kind,
        name: words.t(&format!("recovery-kind-{key}")),
        what: words.t(&what),
    }
}

async fn form(
    visit: &Visit,
    refusal: Refusal,
    values: Values,
    confirm: Option<HostKeyView>,
    code: String,
) -> Answer {
    Ok(render(&NothingPage {
        page: visit.page("recovery-title", Nav::Setup),
        progress: Progress::at(visit.words, Step::Disks),
        refusal,
        disks: copies::disks(visit, &values).await?,
        values,
        key: None,
        confirm,
        code,
    }))
}

pub(super) async fn look(visit: Visit, fields: Fields) -> Answer {
    let mut values = Values::typed(&fields);
    let code = fields.text("code");
    let place = match values.place(visit.words) {
        Ok(place) => place,
        Err(error) => return again(&visit, values, code, error).await,
    };
    let secret = fields.raw("password").to_owned();
    let wanted = LookForCopy {
        place,
        secret: Some(secret).filter(|secret| !secret.is_empty()),
        code: code.clone(),
    };
    match visit.api().look_for_copy(&wanted).await {
        Ok(looked) => match looked.confirm {
            // Asked for by the same form once more, now with the key in it.
            Some(shown) => {
                values.host_key.clone_from(&shown.key);
                form(&visit, Refusal::NONE, values, Some(shown), code).await
            }
            None => go("/setup/nothing/found"),
        },
        Err(trouble) => again(&visit, values, code, trouble.refusal()?).await,
    }
}

async fn again(visit: &Visit, values: Values, code: String, error: ApiError) -> Answer {
    let refusal = Refusal::of(as_shown(error));
    refused(form(visit, refusal, values, None, code).await?)
}

#[derive(Template)]
#[template(path = "setup/nothing_found.html")]
struct FoundPage {
    page: Page,
    progress: Progress,
    name: String,
    settings: String,
    people: String,
    destinations: Option<String>,
    shares: Vec<SharePart>,
}

struct SharePart {
    name: String,
    what: String,
    when: String,
}

impl SharePart {
    fn of(words: Words, share: &FoundShare, now: Timestamp, zone: &TimeZone) -> Self {
        Self {
            name: share.name.clone(),
            what: share_line(words, "recovery-found-share", share),
            when: words.t1(
                "recovery-found-share-at",
                "moment",
                words.moment(share.taken_at, now, zone),
            ),
        }
    }
}

/// A share with how much there is of it, when that is known.
pub(crate) fn share_line(words: Words, key: &str, share: &FoundShare) -> String {
    preau_texts::share_line(words.texts(), key, &share.name, share.files, share.bytes)
}

async fn found(visit: &Visit) -> Result<Option<FoundBox>, Trouble> {
    if !may_look(visit) {
        return Ok(None);
    }
    Ok(visit.api().recovery().await?.found)
}

pub(super) async fn show_found(visit: Visit) -> Answer {
    let Some(found) = found(&visit).await? else {
        return go("/setup/nothing");
    };
    let words = visit.words;
    let now = visit.api().status().await?.now;
    // The moments are those of the box that is gone.
    let zone = zone_named(found.time_zone.as_deref());
    let names: Vec<&str> = found
        .people
        .iter()
        .map(|person| person.display_name.as_str())
        .collect();
    Ok(render(&FoundPage {
        page: visit.page("recovery-found-title", Nav::Setup),
        progress: Progress::at(words, Step::Disks),
        name: found
            .name
            .clone()
            .unwrap_or_else(|| words.t("recovery-found-unnamed")),
        settings: words.t1(
            "recovery-found-settings",
            "moment",
            words.moment(found.settings_at, now, &zone),
        ),
        people: words.texts().t_with(
            "recovery-found-people",
            &[
                ("count", names.len().into()),
                ("names", names.join(", ").into()),
            ],
        ),
        destinations: (!found.destinations.is_empty()).then(|| {
            let names = found.destinations.join(", ");
            words.t1("recovery-found-destinations", "names", names)
        }),
        shares: found
            .shares
            .iter()
            .map(|share| SharePart::of(words, share, now, &zone))
            .collect(),
    }))
}

/// Why disks are chosen: how much has to fit on them.
fn why(words: Words, found: &FoundBox) -> String {
    let bytes: Option<u64> = found.shares.iter().map(|share| share.bytes).sum();
    match bytes.filter(|bytes| *bytes > 0) {
        Some(bytes) => words.t1("recovery-disks-why", "size", words.bytes(&bytes)),
        None => words.t("recovery-disks-why-plain"),
    }
}

pub(super) async fn choose(visit: Visit) -> Answer {
    match found(&visit).await? {
        Some(found) => {
            let why = why(visit.words, &found);
            storage::choose_for(&visit, FROM_COPY, why).await
        }
        None => go("/setup/nothing"),
    }
}

pub(super) async fn confirm(visit: Visit, Query(pairs): Query<Vec<(String, String)>>) -> Answer {
    match found(&visit).await? {
        Some(found) => {
            let why = why(visit.words, &found);
            storage::confirm_for(&visit, FROM_COPY, why, &Fields::from(pairs)).await
        }
        None => go("/setup/nothing"),
    }
}

#[derive(Template)]
#[template(path = "setup/nothing_decided.html")]
struct DecidedPage {
    page: Page,
}

pub(super) async fn decide(visit: Visit, fields: Fields) -> Answer {
    let disks = visit.api().disks().await?;
    let wanted = storage::wanted(&fields, &disks);
    let recover = Recover {
        layout: wanted.layout,
        erase: wanted.erase,
        spares: wanted.spares,
    };
    match visit.api().recover(&recover).await {
        // The box starts again meanwhile: what comes next is told here and now.
        Ok(()) => Ok(render(&DecidedPage {
            page: visit.page("recovery-decided-title", Nav::Setup),
        })),
        Err(trouble) => {
            let error = trouble.refusal()?;
            if error.code == "nothing-found" {
                return go("/setup/nothing");
            }
            let refusal = Refusal::of(error);
            refused(storage::confirmation(
                &visit, FROM_COPY, refusal, &disks, &fields,
            ))
        }
    }
}
