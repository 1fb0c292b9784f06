//! One disk in words. Pure.

use crate::picture::Picture;
use crate::readings::{DiskHealth, Health};
use crate::status::{disk_view, incident_view, time_zone};
use jiff::{SignedDuration, Timestamp};
use preau_api::{
    BlinkView, DiskDetails, DiskHealthView, OpenView, ReasonView, SelfTestView, TemperaturePoint,
};
use preau_domain::blink::BlinkBy;
use preau_domain::health::{Celsius, Hours, Medium, Reason, SelfTestState, heat_limit};
use preau_domain::ids::DiskId;
use preau_domain::incidents::Incident;
use preau_domain::opened::{OpenedDisk, can_be_opened};
use preau_texts::{Setting, Texts, disk_figure, disk_reason, verdict, verdict_sentence};
use std::cmp::Reverse;

/// What a disk's page is made from.
pub struct Shown<'a> {
    /// What was observed.
    pub picture: &'a Picture,
    /// How the disks are.
    pub health: &'a Health,
    /// The disk's temperatures.
    pub temperatures: Vec<(Timestamp, Celsius)>,
    /// The latest incidents of all.
    pub incidents: Vec<Incident>,
    /// By which light it shows where it sits, and for how many seconds it still does.
    pub blink: (BlinkBy, Option<u32>),
    /// The disk that is open to copy from it, if one is.
    pub opened: Option<OpenedDisk>,
    /// Now.
    pub now: Timestamp,
}

/// How a disk is, in short.
pub fn summary(health: Option<&DiskHealth>) -> DiskHealthView {
    let judgement = health.and_then(|health| health.judgement.as_ref());
    let report = health.and_then(|health| health.report.as_ref());
    let asleep = health.is_some_and(|health| health.asleep);
    DiskHealthView {
        verdict: judgement.map(|judgement| judgement.verdict),
        temperature: report
            .filter(|_| !asleep)
            .and_then(|report| report.temperature()),
        asleep,
    }
}

/// All that is known of a disk; `None` when it is not there.
pub fn details(shown: &Shown<'_>, disk: &DiskId, texts: Texts) -> Option<DiskDetails> {
    let view = disk_view(shown.picture, shown.health, disk)?;
    let zone = time_zone(&shown.picture.settings);
    let setting = Setting {
        time_zone: &zone,
        now: shown.now,
    };
    let health = shown.health.get(disk);
    let report = health.and_then(|health| health.report.as_deref());
    let judged = view.health.verdict;
    let mut reasons: Vec<Reason> = health
        .and_then(|health| health.judgement.as_ref())
        .map_or_else(Vec::new, |judgement| judgement.reasons.clone());
    reasons.sort_by_key(|reason| Reverse(reason.verdict()));
    let powered_on = report.and_then(|report| report.reading.powered_on.known().copied());
    let medium = report.map_or(Medium::Platters, |report| report.reading.medium);
    let label = texts.disk_label(Some(&view.disk.model), Some(&view.disk.serial));
    let is_about = |incident: &&Incident| {
        incident.subject == disk.as_str()
            || incident.facts.serial.as_deref() == Some(view.disk.serial.as_str())
    };
    Some(DiskDetails {
        label: label.unwrap_or_default(),
        word: verdict(texts, judged),
        sentence: verdict_sentence(texts, judged),
        reasons: reasons
            .iter()
            .map(|reason| ReasonView {
                reason: *reason,
                verdict: reason.verdict(),
                text: disk_reason(texts, reason, &setting),
                figure: disk_figure(texts, reason, &setting),
            })
            .collect(),
        visited_at: health.map(|health| health.at),
        heat_limit: Celsius(heat_limit(medium)),
        temperatures: shown
            .temperatures
            .iter()
            .map(|(at, degrees)| TemperaturePoint {
                at: *at,
                degrees: *degrees,
            })
            .collect(),
        powered_on,
        age: powered_on.map(|hours| age(texts, hours)),
        used: report.and_then(|report| report.reading.used.known().copied()),
        firmware: report.and_then(|report| report.firmware.clone()),
        family: report.and_then(|report| report.family.clone()),
        warning: report.and_then(|report| report.warning.clone()),
        turns: report.and_then(|report| report.turns),
        figures: report.map_or_else(Vec::new, |report| report.figures.clone()),
        self_test: SelfTestView {
            state: report.map_or(SelfTestState::Unknown, |report| report.self_test),
            log: report
                .and_then(|report| report.self_tests.clone())
                .unwrap_or_default(),
            minutes: report.and_then(|report| report.self_test_minutes),
        },
        blink: BlinkView {
            by: shown.blink.0,
            seconds_left: shown.blink.1,
            wakes: view.health.asleep && shown.blink.0 == BlinkBy::Activity,
        },
        open: OpenView {
            can: can_be_opened(&view.disk, shown.picture.settings.volume.as_ref()),
            folders: shown
                .opened
                .as_ref()
                .filter(|opened| opened.disk == *disk)
                .map(|opened| opened.folders.clone()),
        },
        incidents: shown
            .incidents
            .iter()
            .filter(is_about)
            .map(|incident| incident_view(incident, texts, &zone, shown.now))
            .collect(),
        view,
    })
}

/// A length of running in words, in years once it is more than two.
fn age(texts: Texts, hours: Hours) -> String {
    const YEAR: u64 = 8766;
    if hours.0 < 2 * YEAR {
        let length = i64::try_from(hours.0).unwrap_or(i64::MAX);
        return texts.about(SignedDuration::from_hours(length));
    }
    let years = (hours.0 + YEAR / 2) / YEAR;
    texts.t_with("duration-years", &[("count", years.into())])
}
