//! Steps that make a running array what a person asked for since it was made: more
//! disks, another layout, and a file system that fills it.

use super::Step;
use crate::arrays::{Array, MemberState};
use crate::settings::VolumeSettings;
use crate::snapshot::{Snapshot, Volume};

/// btrfs says that it has a little less than the array, by what it keeps for
/// itself. One disk more is at least a seventh.
const KEPT_SHARE: u64 = 16;

/// The steps, none of them while md copies or a member is missing: files come
/// before room.
pub(super) fn change(wanted: &VolumeSettings, array: &Array, found: &Snapshot) -> Vec<Step> {
    if !wanted.formatted || array.missing_members > 0 || array.sync.is_some() {
        return Vec::new();
    }
    if !has_shape(wanted, array) {
        return reshape(wanted, array).into_iter().collect();
    }
    let mut steps = Vec::new();
    if mounted(wanted, found).is_some_and(|volume| has_room(volume, array)) {
        steps.push(Step::GrowFilesystem {
            filesystem: wanted.filesystem,
        });
    }
    if !array.consistency.is_enough_for(wanted.layout) {
        steps.push(Step::NoteWrites {
            array: array.uuid,
            layout: wanted.layout,
        });
    }
    steps
}

fn has_shape(wanted: &VolumeSettings, array: &Array) -> bool {
    array.level == wanted.layout.level() && array.wanted_members as usize == wanted.width()
}

/// Never to fewer disks: that would need the file system to shrink first.
fn reshape(wanted: &VolumeSettings, array: &Array) -> Option<Step> {
    let complete = array.in_state(MemberState::InSync).count();
    let spares = array
        .in_state(MemberState::Spare)
        .filter_map(|member| member.disk.as_ref())
        .filter(|disk| wanted.member(disk).is_some())
        .count();
    let width = u32::try_from(wanted.width()).ok()?;
    let ready = wanted.growing && complete + spares >= wanted.width();
    (ready && width > array.wanted_members).then_some(Step::Reshape {
        array: array.uuid,
        layout: wanted.layout,
        width,
    })
}

fn mounted<'a>(wanted: &VolumeSettings, found: &'a Snapshot) -> Option<&'a Volume> {
    found
        .volume
        .known()
        .filter(|volume| volume.filesystem == wanted.filesystem)
}

/// Whether the array holds more than the file system uses.
fn has_room(volume: &Volume, array: &Array) -> bool {
    volume.total + array.size / KEPT_SHARE < array.size
}

/// Whether nothing is left of a growth that was asked for.
pub(super) fn has_grown(wanted: &VolumeSettings, array: &Array, found: &Snapshot) -> bool {
    has_shape(wanted, array)
        && array.missing_members == 0
        && array.sync.is_none()
        && mounted(wanted, found).is_some_and(|volume| !has_room(volume, array))
}
