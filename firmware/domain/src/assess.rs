//! Judges what was observed. For each entry of the catalogue a condition is found
//! (`Present`, `Good` or `Unknown`), then the life of each incident goes on from
//! there. Only a known good reading closes an incident: absence and silence do not.

use crate::arrays::{Array, MemberState, SyncAction};
use crate::copies::recovery::News;
use crate::copies::{CopyHealth, Verdict};
use crate::disks::Disk;
use crate::health::{self, Judgement};
use crate::ids::DiskId;
use crate::incidents::{
    Facts, Incident, IncidentCode, IncidentState, Incidents, OtherDisk, Transition, TransitionKind,
};
use crate::scrub::{Outcome, TOLD_FOR};
use crate::settings::{VolumeMember, VolumeSettings};
use crate::sheet::SheetDates;
use crate::snapshot::{OutboxHealth, Snapshot};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

mod disks;

mod calm;
mod faults;

mod recovery;

/// How long mails may wait for a server that does not answer before people are
/// told on the page: providers' own maintenance is shorter.
const MAIL_PATIENCE: SignedDuration = SignedDuration::from_mins(15);

/// The subject of incidents about the box as a whole.
const BOX: &str = "box";

/// Everything that is judged together.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// What was observed.
    pub snapshot: &'a Snapshot,
    /// The volume that should be there.
    pub volume: Option<&'a VolumeSettings>,
    /// What the readings of each disk say; none of a disk that was never visited.
    pub health: &'a BTreeMap<DiskId, Judgement>,
    /// How the mails go.
    pub outbox: &'a OutboxHealth,
    /// How the last scrub ended.
    pub scrub: Option<&'a Outcome>,
    /// The settings file was damaged and the previous generation is used.
    pub settings_damaged: bool,
    /// The recovery sheet, once the set-up is over.
    pub sheet: Option<SheetDates>,
    /// How the copies of each destination are.
    pub copies: &'a [CopyHealth],
    /// How files come back, on a box that was made from nothing.
    pub recovery: &'a News,
    /// How often each disk dropped out of the array within the last hour.
    pub drops: &'a BTreeMap<DiskId, usize>,
    /// The array can only be started once a person agrees to what may be lost.
    pub waits_for_consent: bool,
    /// The array is being started, and nothing has failed on the way so far.
    pub starting: bool,
}

/// What a reading says about one thing that could be wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Condition {
    Present(Facts),
    /// Present, with facts that must not replace those it began with: the place of a
    /// lost disk is taken by one that is there, and people are told to pull the lost.
    Continuing(Facts),
    Good,
    Unknown,
}

impl Condition {
    fn when(holds: bool, facts: impl FnOnce() -> Facts) -> Self {
        if holds {
            Self::Present(facts())
        } else {
            Self::Good
        }
    }
}

struct Finding {
    code: IncidentCode,
    subject: String,
    condition: Condition,
}

/// Judges a view: the incidents after it, and what happened to them on the way.
pub fn assess(
    view: &View<'_>,
    incidents: &Incidents,
    now: Timestamp,
) -> (Incidents, Vec<Transition>) {
    let findings = findings(view, now);
    let mut next = incidents.clone();
    let mut transitions = Vec::new();
    // Gravest first: whether a lesser one is told depends on those above it.
    for code in IncidentCode::ALL {
        for finding in findings.iter().filter(|finding| finding.code == code) {
            transitions.extend(advance(&mut next, finding, view, now));
        }
        transitions.extend(end_orphans(&mut next, code, &findings, now));
    }
    (next, transitions)
}

/// Moves the incident of one finding on by one reading.
fn advance(
    incidents: &mut Incidents,
    finding: &Finding,
    view: &View<'_>,
    now: Timestamp,
) -> Vec<Transition> {
    let mut transitions = Vec::new();
    let is_it = |i: &Incident| i.code == finding.code && i.subject == finding.subject;
    let place = incidents.active.iter().position(is_it);
    let facts = match &finding.condition {
        Condition::Unknown => return transitions,
        Condition::Good => {
            transitions.extend(place.and_then(|place| ease(incidents, place, view, now)));
            return transitions;
        }
        Condition::Present(facts) | Condition::Continuing(facts) => facts,
    };
    let place = place.filter(|place| {
        let is_another = calm::is_another(&incidents.active[*place], facts);
        if is_another {
            transitions.push(close(incidents, *place, now));
        }
        !is_another
    });
    let place = place.unwrap_or_else(|| {
        incidents.active.push(begin(finding, facts, now));
        incidents.active.len() - 1
    });
    transitions.extend(go_on(incidents, place, &finding.condition, view, now));
    transitions
}

fn begin(finding: &Finding, facts: &Facts, now: Timestamp) -> Incident {
    Incident {
        number: 0,
        code: finding.code,
        subject: finding.subject.clone(),
        state: IncidentState::Pending,
        seen_at: now,
        since: now,
        opened_at: None,
        closed_at: None,
        announced: false,
        told: None,
        worse_at: None,
        facts: facts.clone(),
    }
}

/// Moves an incident on whose condition is there.
fn go_on(
    incidents: &mut Incidents,
    place: usize,
    condition: &Condition,
    view: &View<'_>,
    now: Timestamp,
) -> Option<Transition> {
    let incident = &mut incidents.active[place];
    let mut worse = false;
    if let Condition::Present(facts) | Condition::Continuing(facts) = condition {
        worse = is_worse(incident, facts);
        if worse || matches!(condition, Condition::Present(_)) {
            incident.facts = facts.clone();
        }
    }
    if worse && incident.is_open() {
        return Some(tell_again(incidents, place, view, now));
    }
    match incident.state {
        IncidentState::Pending => open_if_ripe(incidents, place, view, now),
        IncidentState::Clearing => {
            incident.state = IncidentState::Open;
            incident.since = now;
            announce_late(incidents, place, view, now)
        }
        IncidentState::Open | IncidentState::Acknowledged => {
            announce_late(incidents, place, view, now)
        }
        IncidentState::Closed => None,
    }
}

/// Whether fewer disks may fail now than when it was last told, or a person is waited
/// for who does not know it, or a disk that was to be replaced has failed. Of one whose
/// verdict goes to and fro that is told once.
fn is_worse(incident: &Incident, after: &Facts) -> bool {
    let before = &incident.facts;
    let left = |facts: &Facts| facts.may_still_fail.unwrap_or(u32::MAX);
    let fewer = after.may_still_fail.is_some() && left(after) < left(before);
    // An incident that was stored before this was noted has told what it says.
    let told = incident.told.or(before.verdict);
    let failed = incident.announced
        && after.verdict == Some(health::Verdict::Failed)
        && told < Some(health::Verdict::Failed);
    fewer || failed || (after.waits_for_consent && !before.waits_for_consent)
}

/// Tells of an incident that goes on and has become graver: whoever said that they
/// know of it knew of less.
fn tell_again(
    incidents: &mut Incidents,
    place: usize,
    view: &View<'_>,
    now: Timestamp,
) -> Transition {
    let notify = may_announce(incidents, place, view, now);
    let incident = &mut incidents.active[place];
    incident.worse_at.get_or_insert(now);
    incident.told = incident.told.max(incident.facts.verdict);
    if incident.state != IncidentState::Open {
        incident.state = IncidentState::Open;
        incident.since = now;
    }
    incident.announced |= notify;
    Transition {
        kind: TransitionKind::Worsened,
        incident: incident.clone(),
        notify,
    }
}

/// Opens a pending incident once its condition has held for long enough.
fn open_if_ripe(
    incidents: &mut Incidents,
    place: usize,
    view: &View<'_>,
    now: Timestamp,
) -> Option<Transition> {
    let incident = &mut incidents.active[place];
    let raise_after = incident.code.definition().raise_after;
    // A clock that was set back would otherwise hold the incident for years.
    incident.seen_at = incident.seen_at.min(now);
    if now.duration_since(incident.seen_at) < raise_after {
        return None;
    }
    incident.number = incidents.next_number;
    incidents.next_number += 1;
    incident.state = IncidentState::Open;
    incident.since = now;
    incident.opened_at = Some(now);
    let notify = may_announce(incidents, place, view, now);
    let incident = &mut incidents.active[place];
    incident.announced = notify;
    incident.told = incident.facts.verdict.filter(|_| notify);
    Some(Transition {
        kind: TransitionKind::Opened,
        incident: incident.clone(),
        notify,
    })
}

/// Tells of an incident that was kept quiet: a graver one explained it, or it might
/// have passed.
fn announce_late(
    incidents: &mut Incidents,
    place: usize,
    view: &View<'_>,
    now: Timestamp,
) -> Option<Transition> {
    if incidents.active[place].announced || !may_announce(incidents, place, view, now) {
        return None;
    }
    let incident = &mut incidents.active[place];
    incident.announced = true;
    incident.told = incident.facts.verdict;
    Some(Transition {
        kind: TransitionKind::Opened,
        incident: incident.clone(),
        notify: true,
    })
}

fn may_announce(incidents: &Incidents, place: usize, view: &View<'_>, now: Timestamp) -> bool {
    let incident = &incidents.active[place];
    let definition = incident.code.definition();
    let explained = |code: &IncidentCode| incidents.open(*code).is_some();
    let has_lasted = |after| now.duration_since(incident.since) >= after;
    definition.mail_on_open
        && !definition.suppressed_by.iter().any(explained)
        && calm::tell_after(incident, view).is_some_and(has_lasted)
}

/// Moves an incident towards its end after a good reading.
fn ease(
    incidents: &mut Incidents,
    place: usize,
    view: &View<'_>,
    now: Timestamp,
) -> Option<Transition> {
    let incident = &mut incidents.active[place];
    let clear_after = calm::clear_after(incident, view);
    match incident.state {
        IncidentState::Pending => {
            incidents.active.remove(place);
            return None;
        }
        IncidentState::Open | IncidentState::Acknowledged => {
            incident.state = IncidentState::Clearing;
            incident.since = now;
        }
        IncidentState::Clearing => incident.since = incident.since.min(now),
        IncidentState::Closed => {}
    }
    if now.duration_since(incident.since) < clear_after {
        return None;
    }
    Some(close(incidents, place, now))
}

fn close(incidents: &mut Incidents, place: usize, now: Timestamp) -> Transition {
    let mut incident = incidents.active.remove(place);
    incident.state = IncidentState::Closed;
    incident.since = now;
    incident.closed_at = Some(now);
    let notify = incident.announced && incident.code.definition().mail_on_close;
    Transition {
        kind: TransitionKind::Closed,
        incident,
        notify,
    }
}

/// Ends incidents about things that are no longer part of the box, such as a lost
/// disk whose place another one took. Nobody is written to: a person did this.
fn end_orphans(
    incidents: &mut Incidents,
    code: IncidentCode,
    findings: &[Finding],
    now: Timestamp,
) -> Vec<Transition> {
    let mut transitions = Vec::new();
    while let Some(place) = incidents.active.iter().position(|incident| {
        incident.code == code
            && !findings
                .iter()
                .any(|found| found.code == code && found.subject == incident.subject)
    }) {
        if incidents.active[place].is_open() {
            let mut transition = close(incidents, place, now);
            transition.notify = false;
            transitions.push(transition);
        } else {
            incidents.active.remove(place);
        }
    }
    transitions
}

fn findings(view: &View<'_>, now: Timestamp) -> Vec<Finding> {
    let mut findings = vec![
        Finding {
            code: IncidentCode::MailUndeliverable,
            subject: BOX.to_owned(),
            condition: mail_condition(view.outbox, now),
        },
        Finding {
            code: IncidentCode::SettingsUnreadable,
            subject: BOX.to_owned(),
            condition: Condition::when(view.settings_damaged, Facts::default),
        },
        Finding {
            code: IncidentCode::KeyNotProved,
            subject: BOX.to_owned(),
            condition: view.sheet.map_or(Condition::Unknown, |sheet| {
                Condition::when(sheet.is_overdue(now), Facts::default)
            }),
        },
    ];
    findings.extend(view.copies.iter().flat_map(copy_findings));
    findings.extend(recovery::findings(view.recovery));
    if let Some(volume) = view.volume.filter(|volume| volume.formatted) {
        findings.extend(volume_findings(volume, view));
        findings.extend(disks::findings(volume, view));
        findings.extend(scrub_findings(volume, view.scrub, now));
    }
    findings
}

/// What is wrong with the copies of one destination.
fn copy_findings(health: &CopyHealth) -> [Finding; 4] {
    [
        (IncidentCode::OffsiteStale, &health.stale),
        (IncidentCode::RestoreDrillFailed, &health.proof),
        (IncidentCode::OffsiteFailed, &health.failed),
        (IncidentCode::StrikeLate, &health.struck),
    ]
    .map(|(code, verdict)| Finding {
        code,
        subject: health.destination.to_string(),
        condition: match verdict {
            Verdict::Good => Condition::Good,
            Verdict::Unknown => Condition::Unknown,
            Verdict::Bad(failure, detail) => Condition::Present(Facts {
                destination: Some(health.name.clone()),
                copy_failure: failure.clone(),
                last_copy: health.last_good,
                detail: detail.clone(),
                ..Facts::default()
            }),
        },
    })
}

fn mail_condition(outbox: &OutboxHealth, now: Timestamp) -> Condition {
    let Some(failure) = outbox.last_failure else {
        return Condition::Good;
    };
    let waits_long = outbox
        .waiting_since
        .is_some_and(|since| now.duration_since(since) >= MAIL_PATIENCE);
    if failure.is_permanent() || waits_long {
        return Condition::Present(Facts {
            mail_failure: Some(failure),
            ..Facts::default()
        });
    }
    Condition::Unknown
}

fn volume_findings(volume: &VolumeSettings, view: &View<'_>) -> Vec<Finding> {
    let snapshot = view.snapshot;
    let subject = volume.array.to_string();
    let arrays = snapshot.arrays.known();
    let array = array_of(volume, snapshot);
    let disks = snapshot.disks.known();
    let mut findings = Vec::new();
    let mut find = |code, subject: &str, condition| {
        findings.push(Finding {
            code,
            subject: subject.to_owned(),
            condition,
        });
    };

    let serving = array.filter(|array| array.running);
    let failed = match (arrays, serving) {
        (None, _) => Condition::Unknown,
        // What was half written is put right first, which takes a slow disk more than
        // the moment that members have to appear.
        (Some(_), None) if view.starting => Condition::Unknown,
        (Some(_), serving) => Condition::when(serving.is_none(), || Facts {
            detail: describe(array),
            layout: Some(volume.layout),
            waits_for_consent: view.waits_for_consent,
            ..Facts::default()
        }),
    };
    find(IncidentCode::ArrayFailed, &subject, failed);

    let degraded = serving.map_or(Condition::Unknown, |array| {
        let lost = lost_members(volume, array);
        let is_here = |member: &VolumeMember| disks.is_some_and(|d| is_present(d, &member.disk));
        if array.missing_members == 0 {
            Condition::Good
        } else if volume.growing && lost.is_empty() {
            // The new disk is being filled; nothing is missing that was ever there.
            Condition::Unknown
        } else if lost.first().is_none_or(|member| is_here(member)) {
            Condition::Continuing(degraded_facts(volume, array))
        } else {
            Condition::Present(degraded_facts(volume, array))
        }
    });
    find(IncidentCode::ArrayDegraded, &subject, degraded);

    let rebuilding = serving.map_or(Condition::Unknown, |array| {
        let recovers = |sync: &crate::arrays::SyncProgress| sync.action == SyncAction::Recover;
        // A disk that is copied before it fails, or added, is no repair.
        let repairs = array.missing_members > 0 && !volume.growing;
        if repairs && array.sync.is_none() && !filled_members(volume, array).is_empty() {
            // md pauses to take in another disk, and goes on with both.
            return Condition::Unknown;
        }
        Condition::when(repairs && array.sync.as_ref().is_some_and(recovers), || {
            rebuilding_facts(volume, array)
        })
    });
    find(IncidentCode::ArrayRebuilding, &subject, rebuilding);

    findings.extend(faults::findings(volume, serving, snapshot));
    let mut find = |code, subject: &str, condition| {
        findings.push(Finding {
            code,
            subject: subject.to_owned(),
            condition,
        });
    };
    for member in &volume.members {
        let condition = disks.map_or(Condition::Unknown, |disks| {
            Condition::when(!is_present(disks, &member.disk), || {
                member_facts(member, String::new())
            })
        });
        find(IncidentCode::DiskMissing, member.disk.as_str(), condition);
    }
    findings
}

fn array_of<'a>(volume: &VolumeSettings, snapshot: &'a Snapshot) -> Option<&'a Array> {
    let arrays = snapshot.arrays.known()?;
    arrays.iter().find(|array| array.uuid == volume.array)
}

/// Sectors, as md counts what it wrote anew.
const SECTOR: u64 = 512;

/// What the last scrub found. Without one nothing is known.
fn scrub_findings(volume: &VolumeSettings, last: Option<&Outcome>, now: Timestamp) -> Vec<Finding> {
    let errors = last.map_or(Condition::Unknown, |last| {
        Condition::when(last.broken > 0, || Facts {
            files: last.files.clone(),
            detail: format!("btrfs scrub: {} uncorrectable errors", last.broken),
            ..Facts::default()
        })
    });
    let mut findings = vec![Finding {
        code: IncidentCode::ScrubErrors,
        subject: volume.array.to_string(),
        condition: errors,
    }];
    for member in &volume.members {
        let condition = last.map_or(Condition::Unknown, |last| {
            let repaired = last.repaired.iter().find(|found| found.disk == member.disk);
            let sectors = repaired.map_or(0, |found| found.sectors);
            let told = now.duration_since(last.finished) < TOLD_FOR;
            Condition::when(sectors > 0 && told, || Facts {
                repaired: Some(sectors * SECTOR),
                ..member_facts(
                    member,
                    format!("dm-integrity: about {sectors} sectors refused, md rewrote them"),
                )
            })
        });
        findings.push(Finding {
            code: IncidentCode::ScrubRepaired,
            subject: member.disk.to_string(),
            condition,
        });
    }
    findings
}

fn is_present(disks: &[Disk], id: &DiskId) -> bool {
    disks.iter().any(|disk| disk.id == *id)
}

/// One line in md's own terms, as in `/proc/mdstat`.
fn describe(array: Option<&Array>) -> String {
    array.map_or_else(
        || "md: not assembled".to_owned(),
        |array| {
            let wanted = array.wanted_members;
            let there = wanted.saturating_sub(array.missing_members);
            format!("md {} [{wanted}/{there}]", array.level)
        },
    )
}

fn member_facts(member: &VolumeMember, detail: String) -> Facts {
    Facts {
        bay: member.bay.clone(),
        model: Some(member.model.clone()),
        serial: Some(member.serial.clone()),
        size: Some(member.size),
        detail,
        ..Facts::default()
    }
}

/// The members that the array lacks; when each takes part again, those that are not
/// complete yet.
fn lost_members<'a>(volume: &'a VolumeSettings, array: &Array) -> Vec<&'a VolumeMember> {
    let lost = |member: &&VolumeMember| !array.takes_part(&member.disk);
    volume.members.iter().filter(lost).collect()
}

fn filled_members<'a>(volume: &'a VolumeSettings, array: &Array) -> Vec<&'a VolumeMember> {
    let filled = |member: &&VolumeMember| {
        let found = array.member(&member.disk);
        found.is_some_and(|found| found.state == MemberState::Rebuilding)
    };
    volume.members.iter().filter(filled).collect()
}

fn degraded_facts(volume: &VolumeSettings, array: &Array) -> Facts {
    let lost = lost_members(volume, array);
    if lost.is_empty() {
        return array_facts(volume, array, &filled_members(volume, array));
    }
    // md fills a spare at once; what counts is whether enough disks are left.
    let left = volume.members.len() - lost.len();
    Facts {
        spare: volume.spares > 0 && left >= volume.width(),
        ..array_facts(volume, array, &lost)
    }
}

fn rebuilding_facts(volume: &VolumeSettings, array: &Array) -> Facts {
    array_facts(volume, array, &filled_members(volume, array))
}

/// What is said of an array, with the disks that are meant.
fn array_facts(volume: &VolumeSettings, array: &Array, meant: &[&VolumeMember]) -> Facts {
    let holds_a_copy = |member: &&VolumeMember| array.disks_in_sync().any(|d| *d == member.disk);
    let detail = describe(Some(array));
    let facts = meant.first().map_or_else(
        || Facts {
            detail: detail.clone(),
            ..Facts::default()
        },
        |member| member_facts(member, detail.clone()),
    );
    Facts {
        size: meant.iter().map(|member| member.size).max(),
        survivors: volume
            .members
            .iter()
            .filter(holds_a_copy)
            .filter_map(|member| member.bay.clone())
            .collect(),
        layout: Some(volume.layout),
        may_still_fail: Some(array.may_still_fail()),
        others: meant
            .iter()
            .skip(1)
            .map(|member| OtherDisk {
                bay: member.bay.clone(),
                model: Some(member.model.clone()),
                serial: Some(member.serial.clone()),
            })
            .collect(),
        ..facts
    }
}

#[cfg(test)]
mod tests;
