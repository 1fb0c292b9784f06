//! Incidents of single disks, from the judgements on their readings. A disk that was
//! not visited, or is not there, is unknown: what is open about it stays open.

use super::{Condition, Finding, View, array_of, is_present, member_facts};
use crate::arrays::{Array, Member, MemberState};
use crate::health::{Judgement, Reason, Verdict};
use crate::incidents::{Facts, IncidentCode};
use crate::settings::{VolumeMember, VolumeSettings};
use std::cmp::Reverse;

/// The findings about the members of a volume. A disk that is in a bay and in no
/// volume is judged on the page alone: nobody's files are on it.
pub(super) fn findings(volume: &VolumeSettings, view: &View<'_>) -> Vec<Finding> {
    let array = array_of(volume, view.snapshot);
    let disks = view.snapshot.disks.known();
    let is_there = |member: &VolumeMember| disks.is_some_and(|all| is_present(all, &member.disk));
    let judged: Vec<(&VolumeMember, Option<&Judgement>)> = volume
        .members
        .iter()
        .map(|member| {
            let judgement = view.health.get(&member.disk);
            (member, judgement.filter(|_| is_there(member)))
        })
        .collect();
    let mut findings = Vec::new();
    for (member, judgement) in &judged {
        // A copy that the array has given up is told by the array's own incident.
        let given_up = array.is_some_and(|array| is_given_up(array, member));
        let facts = |judgement: &Judgement, keep: fn(&Reason) -> bool| {
            disk_facts(member, volume, array, judgement, keep)
        };
        let failing = judgement.map_or(Condition::Unknown, |judgement| {
            condition(judgement, given_up, is_grave, || facts(judgement, is_grave))
        });
        let silent = judgement.map_or(Condition::Unknown, |judgement| {
            if !judgement.reasons.iter().any(is_silence) {
                Condition::Good
            } else if given_up {
                Condition::Unknown
            } else {
                Condition::Present(facts(judgement, is_silence))
            }
        });
        for (code, condition) in [
            (IncidentCode::DiskFailing, failing),
            (IncidentCode::DiskSilent, silent),
        ] {
            findings.push(Finding {
                code,
                subject: member.disk.as_str().to_owned(),
                condition,
            });
        }
    }
    findings.push(Finding {
        code: IncidentCode::DiskHot,
        subject: volume.array.to_string(),
        condition: heat(&judged, volume, array),
    });
    findings
}

/// Present while such a reason stands, good once none does and the disk answers.
fn condition(
    judgement: &Judgement,
    given_up: bool,
    stands: fn(&Reason) -> bool,
    facts: impl FnOnce() -> Facts,
) -> Condition {
    let silent = judgement.reasons.iter().any(is_silence);
    match judgement.reasons.iter().any(stands) {
        true if given_up => Condition::Unknown,
        true => Condition::Present(facts()),
        false if silent => Condition::Unknown,
        false => Condition::Good,
    }
}

/// A fan that stops heats all the disks at once: one incident tells of all of them,
/// in the name of the hottest.
fn heat(
    judged: &[(&VolumeMember, Option<&Judgement>)],
    volume: &VolumeSettings,
    array: Option<&Array>,
) -> Condition {
    let degrees = |judgement: &Judgement| {
        let hot = judgement.reasons.iter().filter_map(|reason| match reason {
            Reason::Hot { temperature } => Some(*temperature),
            _ => None,
        });
        hot.max()
    };
    let hot: Vec<_> = judged
        .iter()
        .filter_map(|(member, judgement)| {
            let judgement = (*judgement)?;
            Some((degrees(judgement)?, *member, judgement))
        })
        .collect();
    if let Some((_, member, judgement)) = hot.iter().max_by_key(|(degrees, ..)| *degrees) {
        let is_heat = |reason: &Reason| matches!(reason, Reason::Hot { .. });
        return Condition::Present(Facts {
            disks: u32::try_from(hot.len()).unwrap_or(u32::MAX),
            ..disk_facts(member, volume, array, judgement, is_heat)
        });
    }
    let all_told = judged.iter().all(|(_, judgement)| {
        judgement.is_some_and(|judgement| !judgement.reasons.iter().any(is_silence))
    });
    if all_told {
        Condition::Good
    } else {
        Condition::Unknown
    }
}

fn is_grave(reason: &Reason) -> bool {
    reason.verdict() >= Verdict::ReplaceSoon
}

const fn is_silence(reason: &Reason) -> bool {
    matches!(reason, Reason::NeverRead | Reason::Silent { .. })
}

/// md has no use for the disk any more. One that is being filled, or waits, it has.
fn is_given_up(array: &Array, member: &VolumeMember) -> bool {
    let is_used = |found: &Member| {
        found.disk.as_ref() == Some(&member.disk) && found.state != MemberState::Faulty
    };
    array.running && !array.members.iter().any(is_used)
}

fn disk_facts(
    member: &VolumeMember,
    volume: &VolumeSettings,
    array: Option<&Array>,
    judgement: &Judgement,
    keep: fn(&Reason) -> bool,
) -> Facts {
    let mut reasons: Vec<Reason> = judgement.reasons.iter().copied().filter(keep).collect();
    reasons.sort_by_key(|reason| Reverse(reason.verdict()));
    let holds_another = |other: &&VolumeMember| {
        let in_sync = |array: &Array| array.disks_in_sync().any(|disk| *disk == other.disk);
        other.disk != member.disk && array.is_some_and(in_sync)
    };
    let whole =
        |array: &Array| array.running && array.missing_members == 0 && array.wanted_members > 1;
    Facts {
        survivors: volume
            .members
            .iter()
            .filter(holds_another)
            .filter_map(|other| other.bay.clone())
            .collect(),
        others_hold_all: array.is_some_and(whole),
        verdict: reasons.iter().map(Reason::verdict).max(),
        reasons,
        ..member_facts(member, String::new())
    }
}
