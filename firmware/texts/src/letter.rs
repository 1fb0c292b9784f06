//! The letter of the month in words: how the box is today, and what happened.

use crate::disks::verdict;
use crate::incident::{Setting, capitalised, incident_text};
use crate::mail::{Block, MailText, finish};
use crate::{Texts, Value};
use jiff::civil::Date;
use preau_api::{CopyState, DestinationView, DiskRole, DiskView, ScrubView, Status};
use preau_domain::health::Verdict;
use preau_domain::incidents::Incident;

/// How many things that happened are told; the page has them all.
const TOLD: usize = 12;

/// What a letter tells of.
#[derive(Debug, Clone, Copy)]
pub struct Month<'a> {
    /// The first day of the month.
    pub first: Date,
    /// How the box is now.
    pub status: &'a Status,
    /// How the copies of each destination are.
    pub copies: &'a [DestinationView],
    /// What happened, the latest first; those of other months are left out.
    pub incidents: &'a [Incident],
}

/// The letter.
pub fn month_mail(
    texts: Texts,
    news: &Month<'_>,
    box_name: &str,
    setting: &Setting<'_>,
) -> MailText {
    let status = news.status;
    let month = texts.month(news.first);
    let answer = |question: &str, text: String| Block::Answer(texts.t(question), text);
    let mut files = Vec::new();
    if let Some(volume) = &status.volume {
        files.push(volume.protection.clone());
        if let (Some(free), Some(total)) = (volume.free, volume.total) {
            let [free, total] = [free, total].map(|bytes| texts.bytes(bytes).into());
            files.push(texts.t_with("letter-space", &[("free", free), ("total", total)]));
        }
    }
    files.extend(
        status
            .scrub
            .as_ref()
            .and_then(|it| scrub(texts, it, setting)),
    );
    let mut blocks = vec![
        Block::Plain(texts.t_with("letter-lead", &[("month", month.clone().into())])),
        answer("letter-now", status.headline.clone()),
        answer("letter-files", files.join(" ")),
        answer("letter-disks", disks(texts, status)),
    ];
    blocks.push(if news.copies.is_empty() {
        answer("letter-copies", texts.t("letter-copies-none"))
    } else {
        let lines = news.copies.iter().map(|one| copy(texts, one, setting));
        Block::List(texts.t("letter-copies"), lines.collect())
    });
    let happened = events(texts, news, setting);
    blocks.push(if happened.is_empty() {
        answer("letter-events", texts.t("letter-events-none"))
    } else {
        Block::List(texts.t("letter-events"), happened)
    });
    blocks.push(Block::Small(texts.t("letter-heartbeat")));
    let well = status.severity.is_none() && copies_are_well(news.copies);
    let state = if well { "well" } else { "look" };
    let args = [
        ("month", capitalised(&month).into()),
        ("state", state.into()),
        ("box", box_name.into()),
    ];
    finish(
        texts,
        texts.t_with("letter-subject", &args),
        blocks,
        box_name,
    )
}

fn copies_are_well(copies: &[DestinationView]) -> bool {
    !copies.iter().any(|one| one.state == CopyState::Problem)
}

fn scrub(texts: Texts, scrub: &ScrubView, setting: &Setting<'_>) -> Option<String> {
    let at = scrub.last_finished?;
    let key = match (scrub.broken_files.len(), scrub.repaired_bytes) {
        (0, 0) => "letter-read-well",
        (0, _) => "letter-read-repaired",
        _ => "letter-read-broken",
    };
    let day = texts.day_and_month(at, setting.time_zone);
    Some(texts.t_with(key, &[("day", day.into())]))
}

/// Those of the volume: a disk that is only plugged in is nobody's concern here.
fn disks(texts: Texts, status: &Status) -> String {
    let is_ours = |disk: &&DiskView| !matches!(disk.role, DiskRole::Free | DiskRole::HoldsData);
    let is_well = |disk: &&DiskView| disk.health.verdict == Some(Verdict::Healthy);
    let (well, others): (Vec<&DiskView>, Vec<&DiskView>) =
        status.disks.iter().filter(is_ours).partition(is_well);
    let line = |name: String, state: &str| {
        let args = [
            ("disk", Value::from(capitalised(&name))),
            ("state", lowered(state).into()),
        ];
        texts.t_with("letter-disk", &args)
    };
    let there = others.iter().map(|disk| {
        let (bay, model) = (disk.disk.bay.as_ref(), disk.disk.model.as_str());
        let name = texts.disk_short(bay, Some(model), Some(&disk.disk.serial));
        line(name, &verdict(texts, disk.health.verdict))
    });
    let lost = status.lost_disks.iter().map(|disk| {
        let (bay, model) = (disk.bay.as_ref(), disk.model.as_str());
        let name = texts.disk_short(bay, Some(model), Some(&disk.serial));
        line(name, &texts.t("disk-lost"))
    });
    let named: Vec<String> = lost.chain(there).collect();
    if named.is_empty() {
        return texts.t_with("letter-disks-well", &[("count", well.len().into())]);
    }
    named.join(" ")
}

fn copy(texts: Texts, copy: &DestinationView, setting: &Setting<'_>) -> String {
    let day = |at| texts.day_and_month(at, setting.time_zone);
    let last = match copy.last_good {
        Some(at) => texts.t_with("letter-copy-last", &[("day", day(at).into())]),
        None => texts.t("letter-copy-none"),
    };
    let proof = match copy.last_proof {
        Some(at) => texts.t_with("letter-proof", &[("day", day(at).into())]),
        None => texts.t("letter-proof-none"),
    };
    let problem = copy.problem.as_ref().map(|problem| &problem.message);
    let said = [Some(&last), problem, Some(&proof)];
    let said: Vec<&str> = said.into_iter().flatten().map(String::as_str).collect();
    let args = [
        ("name", Value::from(copy.name.clone())),
        ("said", said.join(" ").into()),
    ];
    texts.t_with("letter-copy", &args)
}

/// What people were written to about, the earliest first.
fn events(texts: Texts, news: &Month<'_>, setting: &Setting<'_>) -> Vec<String> {
    let told: Vec<&Incident> = news
        .incidents
        .iter()
        .filter(|incident| incident.announced)
        .filter(|incident| {
            let day = incident.seen_at.to_zoned(setting.time_zone.clone()).date();
            day.first_of_month() == news.first
        })
        .take(TOLD)
        .collect();
    told.iter()
        .rev()
        .map(|incident| {
            let day = texts.day_and_month(incident.seen_at, setting.time_zone);
            let title = incident_text(texts, incident, setting).title;
            let state = if incident.is_open() { "open" } else { "over" };
            let args = [
                ("day", Value::from(capitalised(&day))),
                ("title", title.into()),
                ("state", state.into()),
            ];
            texts.t_with("letter-event", &args)
        })
        .collect()
}

fn lowered(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(characters).collect()
    })
}
