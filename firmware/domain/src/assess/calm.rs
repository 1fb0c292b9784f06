//! A disk on a loose cable drops out, is taken back, drops out again. Its first loss is
//! told at once. What follows is told when it lasts, so that nobody gets six mails before
//! the disk is held out: the mail about that tells of all of it.

use super::{View, array_of};
use crate::incidents::{Facts, Incident, IncidentCode, IncidentState};
use crate::settings::{HeldWhy, VolumeMember};
use jiff::SignedDuration;

/// A bridge that resets is back within seconds, and what the disk missed is copied in
/// some more; a loss that lasts longer than this is one.
const LASTS: SignedDuration = SignedDuration::from_mins(2);

/// The member that a lost copy is told of.
fn meant<'a>(facts: &Facts, view: &View<'a>) -> Option<&'a VolumeMember> {
    let serial = facts.serial.as_ref()?;
    let mut members = view.volume?.members.iter();
    members.find(|member| member.serial == *serial)
}

/// How often it dropped out of the array within the last hour.
fn dropped(member: &VolumeMember, view: &View<'_>) -> usize {
    view.drops.get(&member.disk).copied().unwrap_or_default()
}

/// How long an incident must have lasted before people are told; `None` where another
/// one tells of it.
pub(super) fn tell_after(incident: &Incident, view: &View<'_>) -> Option<SignedDuration> {
    let member = match incident.code {
        IncidentCode::ArrayDegraded => meant(&incident.facts, view),
        _ => None,
    };
    let Some((member, volume)) = member.zip(view.volume) else {
        return Some(SignedDuration::ZERO);
    };
    let array = array_of(volume, view.snapshot);
    let alone = array.is_some_and(|array| array.missing_members == 1);
    if alone && volume.held_out(&member.disk) == Some(HeldWhy::Flapping) {
        return None;
    }
    Some(match dropped(member, view) {
        0 | 1 => SignedDuration::ZERO,
        _ => LASTS,
    })
}

/// How long a condition must be gone before its incident is over. A place that another
/// disk took, or a spare, is filled for good; a disk that came back by itself may leave
/// again.
pub(super) fn clear_after(incident: &Incident, view: &View<'_>) -> SignedDuration {
    let usual = incident.code.definition().clear_after;
    let returned = match incident.code {
        IncidentCode::ArrayDegraded if !incident.facts.spare => meant(&incident.facts, view),
        _ => None,
    };
    match returned {
        Some(member) if dropped(member, view) > 0 => usual.max(LASTS),
        _ => usual,
    }
}

/// The loss that is seen now is another one than that which is about to be over: its
/// disk is another, and people must be told which.
pub(super) fn is_another(incident: &Incident, seen: &Facts) -> bool {
    incident.code == IncidentCode::ArrayDegraded
        && incident.state == IncidentState::Clearing
        && incident.facts.serial.is_some()
        && seen.serial.is_some()
        && incident.facts.serial != seen.serial
}
