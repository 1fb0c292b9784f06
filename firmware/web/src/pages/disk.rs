//! The disks of the box, and one of them: how it is in a sentence, why, how warm it
//! was, what its label says, its self-tests, and its figures for who wants them.

use super::home::{IncidentPart, time_zone};
use super::school::SchoolPart;
use super::{Answer, go, refused};
use crate::drawing;
use crate::forms::{Fields, Refusal};
use crate::page::{Nav, Page, render};
use crate::plot::Plot;
use crate::visit::Visit;
use crate::words::{Words, disk_verdict};
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use preau_api::{
    BlinkView, DiskDetails, DiskRole, DiskView, OpenView, ReasonView, StartBlink, StartSelfTest,
};
use preau_domain::blink::BlinkBy;
use preau_domain::health::{
    Figure, Hours, SelfTestKind, SelfTestLine, SelfTestOutcome, SelfTestState, Verdict,
};
use preau_domain::ids::Bay;
use preau_domain::opened::{Folder, SHARE, can_be_opened};
use preau_domain::plan::COMMON_SHARE;
use preau_domain::settings::SchoolHours;

/// More of the log is of no use to anybody.
const TESTS_SHOWN: usize = 8;

#[derive(Template)]
#[template(path = "disks.html")]
struct DisksPage {
    page: Page,
    unreadable: Option<String>,
    drawing: String,
    cards: Vec<Card>,
    refusal: Refusal,
    school: SchoolPart,
}

/// A disk in the list.
struct Card {
    id: String,
    href: String,
    place: String,
    verdict: &'static str,
    icon: &'static str,
    word: String,
    model: String,
    serial_end: String,
    size: String,
    role_word: String,
    temperature: Option<String>,
    asleep: bool,
    /// Somebody brought it, with files that can be copied.
    brought: bool,
}

pub(crate) async fn list(visit: Visit) -> Answer {
    list_with(&visit, Refusal::NONE, None).await
}

/// The list with the form of the school's hours as it was sent, if it was.
pub(super) async fn list_with(
    visit: &Visit,
    refusal: Refusal,
    typed: Option<&SchoolHours>,
) -> Answer {
    let words = visit.words;
    let answer = visit.api().disks().await?;
    let hours = match typed {
        Some(typed) => typed.clone(),
        None => visit.api().school_hours().await?,
    };
    let status = visit.api().status().await?;
    let meant: Vec<Bay> = answer
        .disks
        .iter()
        .filter(|view| view.health.verdict >= Some(Verdict::ReplaceSoon))
        .filter_map(|view| view.disk.bay.clone())
        .collect();
    let mut disks: Vec<&DiskView> = answer.disks.iter().collect();
    disks.sort_by_key(|view| (view.disk.bay.is_none(), view.disk.bay.clone()));
    Ok(render(&DisksPage {
        page: visit.page("status-disks-title", Nav::Disks),
        unreadable: answer.unreadable.clone(),
        drawing: drawing::draw(words, &answer.disks, &status.lost_disks, &meant),
        cards: disks.into_iter().map(|view| card(words, view)).collect(),
        refusal,
        school: SchoolPart::of(words, &hours),
    }))
}

fn card(words: Words, view: &DiskView) -> Card {
    let disk = &view.disk;
    Card {
        id: disk.id.as_str().to_owned(),
        href: address(disk.id.as_str()),
        place: words.bay(disk.bay.as_ref()),
        verdict: disk_verdict(view.health.verdict),
        icon: verdict_icon(view.health.verdict),
        word: words.verdict(view.health.verdict),
        model: disk.model.clone(),
        serial_end: disk.serial_end().to_owned(),
        size: words.bytes(&disk.size),
        role_word: words.disk_role(view.role),
        temperature: view
            .health
            .temperature
            .map(|degrees| words.degrees(degrees)),
        asleep: view.health.asleep,
        brought: view.role == DiskRole::HoldsData && can_be_opened(disk, None),
    }
}

/// A disk's page. Its identity may hold characters that an address cannot.
pub(super) fn address(id: &str) -> String {
    let mut path = "/disks/".to_owned();
    path.push_str(&crate::client::in_a_path(id));
    path
}

pub(super) const fn verdict_icon(verdict: Option<Verdict>) -> &'static str {
    match verdict {
        Some(Verdict::Healthy) => "ok",
        Some(Verdict::Watch) | None => "info",
        Some(Verdict::Unreadable | Verdict::ReplaceSoon) => "attention",
        Some(Verdict::Failed) => "danger",
    }
}

#[derive(Template)]
#[template(path = "disk_details.html")]
struct DiskPage {
    page: Page,
    refusal: Refusal,
    view: View,
    /// For the addresses of the share.
    share_name: &'static str,
    incidents: Vec<IncidentPart>,
}

/// A disk in words.
struct View {
    id: String,
    href: String,
    place: String,
    verdict: &'static str,
    icon: &'static str,
    look: &'static str,
    word: String,
    sentence: String,
    reasons: Vec<ReasonView>,
    warning: Option<String>,
    temperature: Option<String>,
    asleep: bool,
    plot: Option<Plot>,
    facts: Vec<(String, String)>,
    blink: BlinkPart,
    open: Option<OpenPart>,
    testing: Option<u8>,
    can_test: bool,
    short_button: String,
    long_button: String,
    tests: Vec<TestPart>,
    has_scale: bool,
    figures: Vec<FigurePart>,
    as_of: String,
}

/// How it shows where it sits.
struct BlinkPart {
    why: String,
    running: Option<String>,
    left: String,
    wakes: bool,
    start: String,
}

/// Whether its files can be copied.
struct OpenPart {
    /// Each file system, while it is open.
    folders: Option<Vec<String>>,
    how: String,
}

struct TestPart {
    icon: &'static str,
    text: String,
}

struct FigurePart {
    name: String,
    value: String,
    worst: String,
    threshold: String,
    raw: String,
    failing: bool,
}

pub(crate) async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    page(&visit, Refusal::NONE, &id).await
}

async fn page(visit: &Visit, refusal: Refusal, id: &str) -> Answer {
    let details = visit.api().disk(id).await?;
    let status = visit.api().status().await?;
    let zone = time_zone(&status);
    let view = View::of(visit.words, &details, status.now, &zone);
    let mut page = visit.page("status-disks-title", Nav::Disks);
    page.title.clone_from(&view.place);
    if view.testing.is_some() || view.blink.running.is_some() {
        page = page.live();
    }
    Ok(render(&DiskPage {
        share_name: SHARE,
        page,
        refusal,
        incidents: details
            .incidents
            .iter()
            .map(|incident| IncidentPart::of(visit.words, incident, status.now, &zone))
            .collect(),
        view,
    }))
}

/// Starts or ends a self-test.
pub(crate) async fn self_test(visit: Visit, Path(id): Path<String>, fields: Fields) -> Answer {
    let api = visit.api();
    let outcome = match fields.raw("kind") {
        "abort" => api.abort_self_test(&id).await,
        "extended" => {
            let kind = SelfTestKind::Extended;
            api.start_self_test(&id, &StartSelfTest { kind }).await
        }
        _ => {
            let kind = SelfTestKind::Short;
            api.start_self_test(&id, &StartSelfTest { kind }).await
        }
    };
    match outcome {
        Ok(()) => go(&format!("{}#self-test", address(&id))),
        Err(trouble) => {
            let shown: Response = page(&visit, Refusal::of(trouble.refusal()?), &id).await?;
            refused(shown)
        }
    }
}

/// Makes it show where it sits, or ends that.
pub(crate) async fn blink(visit: Visit, Path(id): Path<String>, fields: Fields) -> Answer {
    let api = visit.api();
    let outcome = match fields.raw("act") {
        "stop" => api.stop_blink(&id).await,
        act => {
            let wake = act == "wake";
            api.start_blink(&id, StartBlink { wake }).await
        }
    };
    match outcome {
        Ok(()) => go(&format!("{}#blink", address(&id))),
        Err(trouble) => {
            let shown: Response = page(&visit, Refusal::of(trouble.refusal()?), &id).await?;
            refused(shown)
        }
    }
}

/// Opens it to copy from it, or closes it.
pub(crate) async fn open(visit: Visit, Path(id): Path<String>, fields: Fields) -> Answer {
    let api = visit.api();
    let outcome = match fields.raw("act") {
        "close" => api.close_disk(&id).await,
        _ => api.open_disk(&id).await,
    };
    match outcome {
        Ok(()) => go(&format!("{}#open", address(&id))),
        Err(trouble) => {
            let shown: Response = page(&visit, Refusal::of(trouble.refusal()?), &id).await?;
            refused(shown)
        }
    }
}

impl OpenPart {
    /// Nothing is said of a disk that has nothing to copy.
    fn of(words: Words, open: &OpenView) -> Option<Self> {
        let folder = |folder: &Folder| {
            words.t3(
                "open-folder",
                ("name", &folder.name),
                ("kind", &folder.kind),
                ("size", words.bytes(&folder.size)),
            )
        };
        let folders = open.folders.as_ref();
        (open.can || folders.is_some()).then(|| Self {
            folders: folders.map(|all| all.iter().map(folder).collect()),
            how: words.t1("open-how", "share", COMMON_SHARE),
        })
    }
}

impl BlinkPart {
    fn of(words: Words, blink: BlinkView) -> Self {
        let by = match blink.by {
            BlinkBy::BayLight => "bay_light",
            BlinkBy::Activity => "activity",
        };
        Self {
            why: words.t(&format!("blink-why-{by}")),
            running: blink
                .seconds_left
                .map(|_| words.t(&format!("blink-running-{by}"))),
            left: blink.seconds_left.map_or_else(String::new, |left| {
                words.count("blink-left", usize::try_from(left).unwrap_or(usize::MAX))
            }),
            wakes: blink.wakes,
            start: words.t(match blink.wakes {
                true => "blink-wake",
                false => "blink-start",
            }),
        }
    }
}

impl View {
    fn of(words: Words, details: &DiskDetails, now: Timestamp, zone: &TimeZone) -> Self {
        let disk = &details.view.disk;
        let health = details.view.health;
        let minutes = details.self_test.minutes;
        let takes = |key: &str, known: Option<u16>| {
            let length = known.map(|minutes| SignedDuration::from_mins(minutes.into()));
            match length {
                Some(length) => words.t1(&format!("{key}-takes"), "length", words.about(length)),
                None => words.t(key),
            }
        };
        Self {
            id: disk.id.as_str().to_owned(),
            href: address(disk.id.as_str()),
            place: words.bay(disk.bay.as_ref()),
            verdict: disk_verdict(health.verdict),
            icon: verdict_icon(health.verdict),
            look: match health.verdict {
                Some(Verdict::Failed) => "data_at_risk",
                _ => "info",
            },
            word: details.word.clone(),
            sentence: details.sentence.clone(),
            reasons: details.reasons.clone(),
            warning: details.warning.clone(),
            temperature: health.temperature.map(|degrees| words.degrees(degrees)),
            asleep: health.asleep,
            plot: Plot::draw(words, &details.temperatures, details.heat_limit, now, zone),
            facts: facts(words, details),
            blink: BlinkPart::of(words, details.blink),
            open: OpenPart::of(words, &details.open),
            testing: match details.self_test.state {
                SelfTestState::Running { done } => Some(done.0.min(100)),
                _ => None,
            },
            can_test: details.self_test.state == SelfTestState::Idle,
            short_button: takes("self-test-short", minutes.map(|minutes| minutes.short)),
            long_button: takes("self-test-long", minutes.map(|minutes| minutes.extended)),
            tests: tests(words, details),
            has_scale: details.figures.iter().any(|figure| figure.value.is_some()),
            figures: details.figures.iter().map(figure).collect(),
            as_of: details.visited_at.map_or_else(String::new, |at| {
                words.t1("disk-as-of", "moment", words.moment(at, now, zone))
            }),
        }
    }
}

fn facts(words: Words, details: &DiskDetails) -> Vec<(String, String)> {
    let disk = &details.view.disk;
    let hours = details.powered_on.map(|Hours(hours)| hours);
    let age = details.age.clone().zip(hours);
    let rows = [
        ("disk-fact-model", Some(disk.model.clone())),
        ("disk-fact-serial", Some(disk.serial.clone())),
        ("disk-fact-size", Some(words.bytes(&disk.size))),
        ("disk-fact-role", Some(words.disk_role(details.view.role))),
        (
            "disk-fact-age",
            age.map(|(age, hours)| words.t2("disk-age", ("age", age), ("hours", hours))),
        ),
        (
            "disk-fact-used",
            details
                .used
                .map(|used| words.t1("disk-used", "percent", used.0)),
        ),
        (
            "disk-fact-turns",
            details
                .turns
                .map(|turns| words.t1("disk-turns", "turns", turns)),
        ),
        ("disk-fact-firmware", details.firmware.clone()),
    ];
    rows.into_iter()
        .filter_map(|(key, value)| Some((words.t(key), value?)))
        .filter(|(_, value)| !value.is_empty())
        .collect()
}

fn tests(words: Words, details: &DiskDetails) -> Vec<TestPart> {
    let on = details.powered_on;
    let log = details.self_test.log.iter().take(TESTS_SHOWN);
    log.map(|test| test_part(words, test, on)).collect()
}

fn test_part(words: Words, test: &SelfTestLine, on: Option<Hours>) -> TestPart {
    let kind = words.t(match test.kind {
        SelfTestKind::Extended => "self-test-kind-long",
        SelfTestKind::Short => "self-test-kind-short",
    });
    let (icon, key) = match test.outcome {
        SelfTestOutcome::Passed => ("ok", "self-test-passed"),
        SelfTestOutcome::Failed => ("danger", "self-test-failed"),
        SelfTestOutcome::Unfinished => ("info", "self-test-unfinished"),
    };
    let outcome = words.t(key);
    let ago = on.and_then(|on| on.0.checked_sub(test.at.0));
    let ago = ago.and_then(|hours| i64::try_from(hours).ok());
    let text = match ago.map(SignedDuration::from_hours) {
        Some(ago) => words.t3(
            "self-test-line-ago",
            ("kind", kind),
            ("outcome", outcome),
            ("ago", words.about(ago)),
        ),
        None => words.t2("self-test-line", ("kind", kind), ("outcome", outcome)),
    };
    TestPart { icon, text }
}

fn figure(found: &Figure) -> FigurePart {
    let number = |value: Option<u8>| value.map_or_else(String::new, |value| value.to_string());
    FigurePart {
        name: match found.id {
            Some(id) => format!("{id} {}", found.name.replace('_', " ")),
            None => found.name.clone(),
        },
        value: number(found.value),
        worst: number(found.worst),
        threshold: number(found.threshold),
        raw: found.raw.clone(),
        failing: found.failing,
    }
}
