//! The first address: the right step of the set-up, the log-in, or how the box is.

use super::coming::ComingPart;
use super::disks::DiskCard;
use super::scrub::ScrubPart;
use super::setup;
use super::{Answer, go};
use crate::drawing;
use crate::page::{Nav, Page, render};
use crate::trouble::Trouble;
use crate::visit::Visit;
use crate::words::{self, Words};
use askama::Template;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use preau_api::{DiskRole, DiskView, IncidentText, IncidentView, Reminder, Status, VolumeState};
use preau_domain::disks::serial_end;
use preau_domain::ids::Bay;
use preau_domain::incidents::{IncidentCode, Severity};
use preau_domain::settings::SetupStep;

#[derive(Template)]
#[template(path = "status.html")]
struct StatusPage {
    page: Page,
    view: View,
}

#[derive(Template)]
#[template(path = "status_live.html")]
struct StatusFragment {
    page: Page,
    view: View,
}

pub(crate) async fn show(visit: Visit) -> Answer {
    let step = visit.info.setup;
    if step == SetupStep::Admin && !visit.has_session() {
        return go(if visit.language_chosen {
            "/setup/code"
        } else {
            "/setup/language"
        });
    }
    if !visit.has_session() {
        return go("/login");
    }
    if step != SetupStep::Done {
        return go(setup::address(step));
    }
    let status = visit.api().status().await?;
    Ok(render(&StatusPage {
        page: visit.page("status-title", Nav::Home).live(),
        view: View::of(visit.words, &status),
    }))
}

/// What changes on the page, alone.
pub(crate) async fn fragment(visit: Visit) -> Answer {
    let status = visit.api().status().await?;
    Ok(render(&StatusFragment {
        page: visit.page("status-title", Nav::Home),
        view: View::of(visit.words, &status),
    }))
}

/// The status in words.
struct View {
    severity: &'static str,
    severity_word: String,
    severity_icon: &'static str,
    /// The severity that the headline looks like.
    look: &'static str,
    headline: String,
    as_of: String,
    reminders: Vec<ReminderPart>,
    volume: Option<VolumePart>,
    waits_for_consent: bool,
    scrub: Option<ScrubPart>,
    copies: Option<CopiesPart>,
    coming: Option<ComingPart>,
    drawing: String,
    rows: Vec<Row>,
    candidates: Vec<CandidatePart>,
    held_out: Vec<HeldPart>,
    incidents: Vec<IncidentPart>,
    shares: Vec<SharePart>,
    mails_waiting: Option<String>,
    mail_message: Option<String>,
}

/// The copies elsewhere: what was done last night, what comes next.
struct CopiesPart {
    icon: &'static str,
    headline: String,
    last: Option<String>,
    next: Option<String>,
}

struct ReminderPart {
    code: &'static str,
    text: String,
    href: &'static str,
    link: String,
}

impl ReminderPart {
    fn of(words: Words, reminder: Reminder) -> Self {
        let (href, link) = match reminder {
            Reminder::MailNotSet | Reminder::MailNotProved => ("/mail", "reminder-mail-link"),
            Reminder::SheetNotProved => ("/sheet", "reminder-sheet-link"),
        };
        Self {
            code: words::reminder(reminder),
            text: words.reminder(reminder),
            href,
            link: words.t(link),
        }
    }
}

/// A disk in the list, in the order of the bays.
enum Row {
    Lost(LostPart),
    There(Box<DiskCard>),
}

struct LostPart {
    serial: String,
    place: String,
    model: String,
    serial_end: String,
    size: String,
}

struct SharePart {
    name: String,
    online: bool,
}

impl View {
    fn of(words: Words, status: &Status) -> Self {
        let zone = time_zone(status);
        let mending = is_mending(status);
        let meant: Vec<Bay> = status
            .incidents
            .iter()
            .filter(|incident| incident.severity == Severity::DataAtRisk)
            .filter_map(|incident| incident.facts.bay.clone())
            .collect();
        Self {
            severity: words::severity(status.severity),
            severity_word: if mending {
                words.t("severity-mending")
            } else {
                words.severity(status.severity)
            },
            severity_icon: if mending {
                "copy"
            } else {
                severity_icon(status.severity)
            },
            look: if mending {
                "info"
            } else {
                words::severity(status.severity)
            },
            headline: status.headline.clone(),
            as_of: words.t1(
                "status-as-of",
                "moment",
                words.moment(status.now, status.now, &zone),
            ),
            reminders: status
                .reminders
                .iter()
                .map(|reminder| ReminderPart::of(words, *reminder))
                .collect(),
            volume: VolumePart::of(words, status),
            waits_for_consent: status
                .volume
                .as_ref()
                .is_some_and(|volume| volume.waits_for_consent),
            scrub: ScrubPart::of(words, status, &zone),
            copies: status.copies.clone().map(|copies| CopiesPart {
                icon: if copies.destinations == 0 {
                    "attention"
                } else {
                    super::copies::state_icon(copies.state)
                },
                headline: copies.headline,
                last: copies.last,
                next: copies.next,
            }),
            coming: status
                .coming_back
                .as_ref()
                .map(|coming| ComingPart::of(words, coming)),
            drawing: drawing::draw(words, &status.disks, &status.lost_disks, &meant),
            rows: rows(words, status),
            candidates: candidates(words, status),
            held_out: held_out(words, status),
            incidents: status
                .incidents
                .iter()
                .map(|incident| IncidentPart {
                    is_said_above: Some(incident.severity) == status.severity,
                    is_being_mended: mending && is_mended_by_a_copy(incident.code),
                    ..IncidentPart::of(words, incident, status.now, &zone)
                })
                .collect(),
            shares: status
                .shares
                .iter()
                .map(|share| SharePart {
                    name: share.name.clone(),
                    online: share.online,
                })
                .collect(),
            mails_waiting: (status.mail.waiting > 0)
                .then(|| words.count("mails-waiting", status.mail.waiting as usize)),
            mail_message: status.mail.message.clone(),
        }
    }
}

/// The copy that was missing is being made: what people had to do is done.
fn is_mending(status: &Status) -> bool {
    let rebuilding = status
        .volume
        .as_ref()
        .is_some_and(|volume| volume.state == VolumeState::Rebuilding);
    let mut grave = status
        .incidents
        .iter()
        .filter(|incident| incident.severity == Severity::DataAtRisk);
    rebuilding && grave.all(|incident| is_mended_by_a_copy(incident.code))
}

const fn is_mended_by_a_copy(code: IncidentCode) -> bool {
    matches!(
        code,
        IncidentCode::ArrayDegraded | IncidentCode::DiskMissing
    )
}

/// The box's own zone; UTC while it has none.
pub(super) fn time_zone(status: &Status) -> TimeZone {
    zone_named(status.time_zone.as_deref())
}

/// The zone of that name; UTC where there is none.
pub(super) fn zone_named(name: Option<&str>) -> TimeZone {
    name.and_then(|name| match TimeZone::get(name) {
        Ok(zone) => Some(zone),
        Err(error) => {
            tracing::warn!(%error, "the box's time zone is not known here");
            None
        }
    })
    .unwrap_or(TimeZone::UTC)
}

/// The box's zone and its clock, for pages about something else than the status.
pub(super) async fn time_zone_of(visit: &Visit) -> Result<(TimeZone, Timestamp), Trouble> {
    let status = visit.api().status().await?;
    Ok((time_zone(&status), status.now))
}

pub(super) const fn severity_icon(severity: Option<Severity>) -> &'static str {
    match severity {
        None => "ok",
        Some(Severity::Info) => "info",
        Some(Severity::Attention) => "attention",
        Some(Severity::DataAtRisk) => "danger",
    }
}

/// The volume in words.
pub(super) struct VolumePart {
    pub(super) state: &'static str,
    pub(super) state_word: String,
    pub(super) icon: &'static str,
    pub(super) problem: Option<String>,
    pub(super) progress: Option<ProgressPart>,
    pub(super) space: Option<SpacePart>,
    pub(super) detail: String,
}

pub(super) struct ProgressPart {
    pub(super) percent: u8,
    pub(super) action: String,
    pub(super) words: String,
}

pub(super) struct SpacePart {
    /// Of a thousand, for the picture.
    pub(super) used: u64,
    pub(super) words: String,
    pub(super) share_word: String,
}

/// A disk that could take a lost one's place.
struct CandidatePart {
    id: String,
    name: String,
    holds_data: bool,
}

/// Blank ones first: nothing is lost with them.
fn candidates(words: Words, status: &Status) -> Vec<CandidatePart> {
    let offered = status.volume.iter().flat_map(|volume| &volume.candidates);
    let mut candidates: Vec<CandidatePart> = offered
        .map(|candidate| {
            let view = status
                .disks
                .iter()
                .find(|view| view.disk.id == candidate.disk);
            CandidatePart {
                id: candidate.disk.as_str().to_owned(),
                name: view.map_or_else(
                    || candidate.consent.serial.clone(),
                    |view| words.full_name(&view.disk),
                ),
                holds_data: candidate.consent.contents_digest.is_some(),
            }
        })
        .collect();
    candidates.sort_by_key(|candidate| candidate.holds_data);
    candidates
}

/// A disk that the box leaves aside until a person lets it back in.
struct HeldPart {
    id: String,
    name: String,
}

fn held_out(words: Words, status: &Status) -> Vec<HeldPart> {
    let is_held = |view: &&DiskView| matches!(view.role, DiskRole::HeldOut | DiskRole::Diverged);
    let held = status.disks.iter().filter(is_held);
    held.map(|view| HeldPart {
        id: view.disk.id.as_str().to_owned(),
        name: words.full_name(&view.disk),
    })
    .collect()
}

/// The lost disk of a bay stands before the one that came into it.
fn rows(words: Words, status: &Status) -> Vec<Row> {
    let lost = status.lost_disks.iter().map(|disk| {
        let part = LostPart {
            serial: disk.serial.clone(),
            place: words.bay(disk.bay.as_ref()),
            model: disk.model.clone(),
            serial_end: serial_end(&disk.serial).to_owned(),
            size: words.bytes(&disk.size),
        };
        (disk.bay.as_ref(), Row::Lost(part))
    });
    let there = status.disks.iter().map(|view| {
        (
            view.disk.bay.as_ref(),
            Row::There(Box::new(DiskCard::of(words, view))),
        )
    });
    let mut rows: Vec<(Option<&Bay>, Row)> = lost.chain(there).collect();
    // Those without a bay come last.
    rows.sort_by_key(|(bay, _)| (bay.is_none(), *bay));
    rows.into_iter().map(|(_, row)| row).collect()
}

impl VolumePart {
    pub(super) fn of(words: Words, status: &Status) -> Option<Self> {
        let volume = status.volume.as_ref()?;
        let space = volume.total.zip(volume.free).map(|(total, free)| {
            let used = total.saturating_sub(free);
            let thousandth =
                |part: u64| (u128::from(part) * 1000 / u128::from(total.max(1))) as u64;
            SpacePart {
                used: thousandth(used),
                words: words.t2(
                    "space-free",
                    ("free", words.bytes(&free)),
                    ("total", words.bytes(&total)),
                ),
                share_word: words.t1("space-used", "percent", thousandth(used).div_ceil(10)),
            }
        });
        Some(Self {
            state: words::volume_state(volume.state),
            state_word: words.volume(volume),
            icon: match volume.state {
                VolumeState::Protected => "ok",
                VolumeState::Creating
                | VolumeState::Copying
                | VolumeState::Rebuilding
                | VolumeState::Changing => "copy",
                VolumeState::Degraded | VolumeState::Offline => "danger",
            },
            problem: volume.problem.clone(),
            progress: volume.progress.as_ref().map(|progress| ProgressPart {
                percent: progress.percent,
                action: words.action(progress.action),
                words: words.progress(progress),
            }),
            space,
            detail: volume.detail.clone(),
        })
    }
}

/// An incident in words.
pub(super) struct IncidentPart {
    pub(super) number: u64,
    pub(super) code: &'static str,
    pub(super) severity_word: String,
    pub(super) icon: &'static str,
    pub(super) severity: &'static str,
    pub(super) state_word: String,
    /// The headline above it says how serious it is.
    pub(super) is_said_above: bool,
    /// What it asks for was done: the steps would only mislead.
    pub(super) is_being_mended: bool,
    pub(super) is_closed: bool,
    pub(super) opened: Option<String>,
    pub(super) closed: Option<String>,
    pub(super) text: IncidentText,
}

impl IncidentPart {
    pub(super) fn of(
        words: Words,
        incident: &IncidentView,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Self {
        let moment = |at: Option<Timestamp>| at.map(|at| words.moment(at, now, zone));
        Self {
            number: incident.number,
            code: incident.code.as_str(),
            severity_word: words.severity(Some(incident.severity)),
            severity: words::severity(Some(incident.severity)),
            icon: if incident.closed_at.is_some() {
                "ok"
            } else {
                severity_icon(Some(incident.severity))
            },
            state_word: words.incident_state(incident.state),
            is_said_above: false,
            is_being_mended: false,
            is_closed: incident.closed_at.is_some(),
            opened: moment(incident.opened_at),
            closed: moment(incident.closed_at),
            text: incident.text.clone(),
        }
    }
}
