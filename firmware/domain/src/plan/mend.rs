//! Steps that give a running array its members back, let go of those that are to
//! leave, and copy a disk that still works onto another. Nothing here takes a
//! complete copy away: md alone decides when one has become superfluous.

use super::{Step, is_prepared, open_layers, prepare, prepare_again};
use crate::arrays::{Array, Member, MemberState};
use crate::disks::Disk;
use crate::settings::{VolumeMember, VolumeSettings};

/// A disk that md has thrown out and that is still plugged in stays out: adding it
/// again by itself would hide that it is dying.
pub(super) fn mend(wanted: &VolumeSettings, array: &Array, disks: &[Disk]) -> Vec<Step> {
    let mut steps = Vec::new();
    // md itself finds out with its next write, which on an idle box is seconds away.
    // Without enough that is there, nothing is given up.
    let detached = |member: &Member| member.disk.is_none();
    if array.running && array.members.iter().any(detached) {
        steps.push(Step::ForgetDetached { array: array.uuid });
    }
    steps.extend(release(wanted, array));
    for member in &wanted.members {
        if array.member(&member.disk).is_some() {
            continue;
        }
        let Some(disk) = disks.iter().find(|disk| disk.id == member.disk) else {
            continue;
        };
        if wanted.held_out(&disk.id).is_some() {
            steps.extend(prepare_again(wanted, disk));
            continue;
        }
        if !is_prepared(disk, wanted.array) {
            let Some(step) = prepare(wanted, disk) else {
                continue;
            };
            steps.push(step);
        }
        steps.extend(open_layers(array.uuid, std::iter::once(disk)));
        steps.push(Step::AddMember {
            array: array.uuid,
            disk: disk.id.clone(),
        });
    }
    steps.extend(replace(wanted, array));
    steps
}

/// Members that md gave up and that are no longer part of the volume: their place
/// was taken by another disk.
fn release(wanted: &VolumeSettings, array: &Array) -> Vec<Step> {
    array
        .in_state(MemberState::Faulty)
        .filter_map(|member| member.disk.as_ref())
        .filter(|disk| wanted.member(disk).is_none())
        .map(|disk| Step::ReleaseMember {
            array: array.uuid,
            disk: disk.clone(),
        })
        .collect()
}

/// Copies a member that is to leave onto a spare, one at a time: md copies one after
/// the other anyway, and what waits is not worn.
fn replace(wanted: &VolumeSettings, array: &Array) -> Option<Step> {
    if array.missing_members > 0 || array.members.iter().any(|member| member.replacing) {
        return None;
    }
    let leaves = |member: &&VolumeMember| {
        let found = array.member(&member.disk);
        found.is_some_and(|found| found.state == MemberState::InSync)
    };
    let leaving = wanted.leaving.iter().find(leaves)?;
    // A spare that is part of the volume: the one that leaves must not be its own.
    let joining = array
        .in_state(MemberState::Spare)
        .filter_map(|member| member.disk.as_ref())
        .find(|disk| wanted.member(disk).is_some())?;
    Some(Step::ReplaceMember {
        array: array.uuid,
        leaving: leaving.disk.clone(),
        joining: joining.clone(),
    })
}
