//! What must be done so that the storage becomes what the settings want.
//!
//! [`plan`] compares [`VolumeSettings`] with a [`Snapshot`] and returns the next
//! steps in order. It is a pure function: the supervisor applies the first step,
//! observes again and plans again, so that a power cut between two steps only
//! means that planning starts over. A step that erases carries the consent a
//! person gave; `preau-host` checks it once more right before it writes.

use crate::arrays::{Array, MemberState};
use crate::disks::{Disk, Layer};
use crate::ids::DiskId;
use crate::layouts::Layout;
use crate::reading::Reading;
use crate::settings::{EraseConsent, HeldOut, HeldWhy, VolumeMember, VolumeSettings};
use crate::snapshot::{Snapshot, Volume};
use change::{change, has_grown};
use mend::mend;
use uuid::Uuid;

/// The share that every box has; the name of its subvolume too.
pub const COMMON_SHARE: &str = "commun";

/// One change to the system. Applying a step that is already done changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Erase a disk and give it the one partition that an array member needs, with
    /// the layer on it that finds silent corruption.
    PreparePartition {
        /// Which disk, and what a person agreed to lose with it.
        consent: EraseConsent,
        /// The GPT name that marks it as prepared for this array.
        partition_name: String,
    },
    /// Make the array on prepared disks.
    CreateArray {
        /// The UUID that the array gets.
        array: Uuid,
        /// How the disks protect each other.
        layout: Layout,
        /// The disks, in order.
        disks: Vec<DiskId>,
        /// Disks that wait to take the place of one that fails.
        spares: Vec<DiskId>,
    },
    /// Open the layers of disks that were prepared for the array.
    OpenLayers {
        /// Which array.
        array: Uuid,
        /// Which disks; one that cannot be opened does not keep the others closed.
        disks: Vec<DiskId>,
    },
    /// Start an array that exists on the disks.
    Assemble {
        /// Which one.
        array: Uuid,
        /// From which disks: one that was let go may still carry its superblock.
        disks: Vec<DiskId>,
        /// What is accepted.
        start: Start,
    },
    /// Make the array give up and forget the members whose disk was unplugged, and
    /// close their layers, so that the disks can come back.
    ForgetDetached {
        /// Which one.
        array: Uuid,
    },
    /// Give a prepared or returning disk a place in the array; when there is none, it
    /// waits as a spare.
    AddMember {
        /// Which array.
        array: Uuid,
        /// Which disk.
        disk: DiskId,
    },
    /// Copy a member that still works onto a spare, which then takes its place. The
    /// array stays as protected as it is meanwhile.
    ReplaceMember {
        /// Which array.
        array: Uuid,
        /// The member that will be let go.
        leaving: DiskId,
        /// The spare that takes its place.
        joining: DiskId,
    },
    /// Let go of a member that md has already given up; what is on it stays.
    ReleaseMember {
        /// Which array.
        array: Uuid,
        /// Which disk.
        disk: DiskId,
    },
    /// Give the array another number of disks, or another layout, using spares.
    Reshape {
        /// Which array.
        array: Uuid,
        /// Its layout afterwards.
        layout: Layout,
        /// How many disks it is made of afterwards.
        width: u32,
    },
    /// Let the array note what is being written, in the way of its layout: what was
    /// made from another layout, or has just been reshaped, has lost it.
    NoteWrites {
        /// Which array.
        array: Uuid,
        /// Its layout.
        layout: Layout,
    },
    /// Let the file system use all of an array that has grown.
    GrowFilesystem {
        /// Which file system.
        filesystem: Uuid,
    },
    /// Make the file system on an array that never had one.
    Format {
        /// On which array.
        array: Uuid,
        /// The UUID that it gets.
        filesystem: Uuid,
    },
    /// Take the volume away from an array whose disks have gone from under it, and stop
    /// what is left of that array: only then can it be started from disks that are back.
    PutAway {
        /// Which array.
        array: Uuid,
    },
    /// Mount the volume.
    Mount {
        /// Which file system.
        filesystem: Uuid,
    },
    /// Make the subvolume of a share.
    CreateShare {
        /// Its name.
        name: String,
    },
    /// Start serving the shares.
    ServeShares,
    /// Stop serving: there is no volume to serve from.
    StopShares,
}

impl Step {
    /// Whether the steps after it may be carried out although it failed: it is about
    /// single disks, and what the others hold must be served all the same.
    pub const fn may_be_passed_over(&self) -> bool {
        match self {
            Self::OpenLayers { .. } | Self::AddMember { .. } => true,
            Self::PreparePartition { .. }
            | Self::CreateArray { .. }
            | Self::Assemble { .. }
            | Self::ForgetDetached { .. }
            | Self::ReplaceMember { .. }
            | Self::ReleaseMember { .. }
            | Self::Reshape { .. }
            | Self::NoteWrites { .. }
            | Self::GrowFilesystem { .. }
            | Self::Format { .. }
            | Self::PutAway { .. }
            | Self::Mount { .. }
            | Self::CreateShare { .. }
            | Self::ServeShares
            | Self::StopShares => false,
        }
    }
}

/// What is accepted when an array is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// Every member that it had when it last ran.
    Whole,
    /// Members may be missing, as long as enough are there.
    Degraded,
    /// Members may be missing and a stripe may have been half written: what cannot be
    /// told apart is taken as it is. A person agreed to that.
    Unclean,
}

/// What the names of all partitions begin with that a Préau prepared.
pub const PARTITION_PREFIX: &str = "preau-";

/// The GPT name of a partition that was prepared for an array, so that a set-up
/// cut short by a power failure is recognised as ours. GPT names hold 36 characters.
pub fn partition_name(array: Uuid) -> String {
    let hex = array.simple().to_string();
    format!("{PARTITION_PREFIX}{}", &hex[..16])
}

/// Why a consent to erase does not hold for a disk as it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsentRefused {
    /// The disk is not there.
    Gone,
    /// Its serial is not the one that was confirmed.
    OtherSerial,
    /// What is written on it is not what was confirmed.
    ContentsChanged,
}

/// Checks that what a person agreed to erase is what would be erased.
///
/// # Errors
/// When the disk is gone, is another one, or holds something else than was shown.
pub fn check_consent(
    consent: &EraseConsent,
    disk: Option<&Disk>,
    array: Uuid,
) -> Result<(), ConsentRefused> {
    let disk = disk.ok_or(ConsentRefused::Gone)?;
    if disk.serial != consent.serial {
        return Err(ConsentRefused::OtherSerial);
    }
    let ours = is_marked(disk, array);
    if disk.is_blank() || ours || consent.contents_digest.as_ref() == Some(&disk.contents_digest) {
        return Ok(());
    }
    Err(ConsentRefused::ContentsChanged)
}

/// Its partition was made for this array, or it already carries its superblock.
fn is_marked(disk: &Disk, array: Uuid) -> bool {
    match disk.member_of {
        Some(found) => found == array,
        None => disk.partition_name.as_deref() == Some(partition_name(array).as_str()),
    }
}

/// Ready to become a member: the layer is there. An array of before the layer has its
/// superblock on the bare partition.
fn is_prepared(disk: &Disk, array: Uuid) -> bool {
    is_marked(disk, array) && (disk.layer != Layer::None || disk.member_of == Some(array))
}

/// A member of the array, or to become one, whose layer has to be opened first.
fn is_closed(disk: &Disk, array: Uuid) -> bool {
    is_marked(disk, array) && disk.layer == Layer::Closed
}

/// The next steps, in order; empty when everything is as wanted or when nothing
/// can be done without a person. `patient` holds back a degraded start while
/// disks may still be appearing after power-on.
pub fn plan(wanted: Option<&VolumeSettings>, found: &Snapshot, patient: bool) -> Vec<Step> {
    let Some(wanted) = wanted else {
        return stop_shares(found);
    };
    let (Some(disks), Some(arrays)) = (found.disks.known(), found.arrays.known()) else {
        return Vec::new();
    };
    let mut steps = Vec::new();
    let array = arrays.iter().find(|array| array.uuid == wanted.array);
    match array {
        Some(array) if array.running => {
            // Files first: whatever else waits, the school works.
            steps.extend(mount_and_serve(wanted, array.filesystem, found));
            steps.extend(mend(wanted, array, disks));
            steps.extend(change(wanted, array, found));
        }
        _ if wanted.formatted => {
            steps.extend(stop_shares(found));
            // An array that broke while its file system was mounted is held by it: it
            // starts anew when all its disks are back, or when the box does.
            if is_mounted(found) {
                steps.extend(put_away(wanted, array, disks));
                return steps;
            }
            steps.extend(open_layers(wanted.array, disks.iter()));
            steps.extend(assemble(wanted, disks, patient));
        }
        _ => steps.extend(create(wanted, disks)),
    }
    steps
}

/// The volume, if its own file system is what is mounted.
fn mounted<'a>(wanted: &VolumeSettings, found: &'a Snapshot) -> Option<&'a Volume> {
    let volume = found.volume.known();
    volume.filter(|volume| volume.filesystem == wanted.filesystem)
}

/// The volume's array, if it runs.
fn running<'a>(wanted: &VolumeSettings, found: &'a Snapshot) -> Option<&'a Array> {
    let arrays = found.arrays.known()?;
    arrays
        .iter()
        .find(|array| array.uuid == wanted.array && array.running)
}

/// Steps that make the array for the first time. Nothing has been acknowledged as
/// stored on it yet, so a half-made one is made again.
fn create(wanted: &VolumeSettings, disks: &[Disk]) -> Vec<Step> {
    let mut steps = Vec::new();
    for member in &wanted.members {
        let Some(disk) = disks.iter().find(|disk| disk.id == member.disk) else {
            return Vec::new();
        };
        if is_prepared(disk, wanted.array) {
            continue;
        }
        let Some(step) = prepare(wanted, disk) else {
            return Vec::new();
        };
        steps.push(step);
    }
    let chosen = |disk: &&Disk| wanted.members.iter().any(|m| m.disk == disk.id);
    steps.extend(open_layers(wanted.array, disks.iter().filter(chosen)));
    let ids = |members: &[VolumeMember]| members.iter().map(|m| m.disk.clone()).collect();
    let (members, spares) = wanted.members.split_at(wanted.width());
    steps.push(Step::CreateArray {
        array: wanted.array,
        layout: wanted.layout,
        disks: ids(members),
        spares: ids(spares),
    });
    steps
}

/// The step that opens what is closed among prepared disks. One that is only being
/// prepared is opened by the next plan.
fn open_layers<'a>(array: Uuid, disks: impl Iterator<Item = &'a Disk>) -> Option<Step> {
    let closed: Vec<DiskId> = disks
        .filter(|disk| is_closed(disk, array))
        .map(|disk| disk.id.clone())
        .collect();
    (!closed.is_empty()).then_some(Step::OpenLayers {
        array,
        disks: closed,
    })
}

/// The step that erases a disk for the array, if a person agreed to it.
fn prepare(wanted: &VolumeSettings, disk: &Disk) -> Option<Step> {
    let consent = wanted.erase.iter().find(|erase| erase.disk == disk.id)?;
    check_consent(consent, Some(disk), wanted.array).ok()?;
    Some(Step::PreparePartition {
        consent: consent.clone(),
        partition_name: partition_name(wanted.array),
    })
}

/// Erases a disk that has diverged, once a person has agreed to lose exactly what is
/// on it now; it is then no longer held out.
fn prepare_again(wanted: &VolumeSettings, disk: &Disk) -> Option<Step> {
    let confirmed = |consent: &EraseConsent| {
        consent.disk == disk.id && consent.contents_digest.as_ref() == Some(&disk.contents_digest)
    };
    let diverged = wanted.held_out(&disk.id) == Some(HeldWhy::Diverged);
    (diverged && wanted.erase.iter().any(confirmed))
        .then(|| prepare(wanted, disk))
        .flatten()
}

/// Something lies on the volume's place, although it may not answer.
const fn is_mounted(found: &Snapshot) -> bool {
    !matches!(found.volume, Reading::Absent)
}

/// The step that makes way for disks that are back, all at once or one by one, after the
/// array lost them while it was used. Only when every one of them is here: the array is
/// then started from the one that was written last. With some of them alone it might be
/// an older state, and somebody who starts the box again decides that. Disks that failed
/// in their places would fail again.
fn put_away(wanted: &VolumeSettings, array: Option<&Array>, disks: &[Disk]) -> Option<Step> {
    let went = |array: &Array| array.members.iter().all(|member| member.disk.is_none());
    if !array.is_none_or(went) {
        return None;
    }
    let is_here = |member: &VolumeMember| {
        let found = disks.iter().find(|disk| disk.id == member.disk);
        found.is_some_and(|disk| is_marked(disk, wanted.array))
    };
    let mut belonging = wanted.members.iter().chain(&wanted.leaving);
    belonging.all(is_here).then_some(Step::PutAway {
        array: wanted.array,
    })
}

/// The step that starts the array. A disk that was let go, or that is nobody's any
/// more, is never started from, whatever superblock it carries.
fn assemble(wanted: &VolumeSettings, disks: &[Disk], patient: bool) -> Option<Step> {
    let there = |id: &DiskId| {
        disks
            .iter()
            .any(|disk| disk.id == *id && disk.member_of == Some(wanted.array))
    };
    let belonging = || wanted.members.iter().chain(&wanted.leaving);
    let present: Vec<DiskId> = belonging()
        .map(|member| member.disk.clone())
        .filter(there)
        .collect();
    let complete = belonging().all(|member| there(&member.disk));
    let agreed = wanted.unclean_start.as_ref() == Some(&present);
    let start = match (complete, agreed) {
        (_, true) => Start::Unclean,
        (true, false) => Start::Whole,
        (false, false) => Start::Degraded,
    };
    (!present.is_empty() && (complete || !patient)).then_some(Step::Assemble {
        array: wanted.array,
        disks: present,
        start,
    })
}

fn mount_and_serve(
    wanted: &VolumeSettings,
    filesystem: Option<Uuid>,
    found: &Snapshot,
) -> Vec<Step> {
    let mut steps = Vec::new();
    if filesystem != Some(wanted.filesystem) {
        if !wanted.formatted {
            steps.push(Step::Format {
                array: wanted.array,
                filesystem: wanted.filesystem,
            });
        }
        return steps;
    }
    let Some(volume) = mounted(wanted, found) else {
        // A share without its volume would be an empty folder.
        if found.volume.known().is_none() {
            steps.extend(stop_shares(found));
        }
        steps.push(Step::Mount {
            filesystem: wanted.filesystem,
        });
        return steps;
    };
    // btrfs turns read-only when it could not write: what people save would be lost,
    // and they would learn it from their own programs.
    if volume.read_only {
        return stop_shares(found);
    }
    if !volume.subvolumes.iter().any(|name| name == COMMON_SHARE) {
        steps.push(Step::CreateShare {
            name: COMMON_SHARE.to_owned(),
        });
    } else if found.shares_served.known() == Some(&false) {
        steps.push(Step::ServeShares);
    }
    steps
}

fn stop_shares(found: &Snapshot) -> Vec<Step> {
    if found.shares_served.known() == Some(&true) {
        return vec![Step::StopShares];
    }
    Vec::new()
}

/// The members whose place another disk may take, by their index: those that are
/// gone, or that md gave up. None while the array cannot be read: the disks that are
/// left may all be needed then.
pub fn free_places(wanted: &VolumeSettings, found: &Snapshot) -> Vec<usize> {
    let (Some(array), Some(disks)) = (running(wanted, found), found.disks.known()) else {
        return Vec::new();
    };
    // A disk that is back, or was confirmed and has not joined yet, has its place.
    // One that is held out may lose it.
    let is_free = |member: &VolumeMember| match array.member(&member.disk) {
        Some(found) => found.state == MemberState::Faulty,
        None => {
            wanted.held_out(&member.disk).is_some()
                || !disks.iter().any(|disk| disk.id == member.disk)
        }
    };
    let places = wanted.members.iter().enumerate();
    places
        .filter(|(_, member)| is_free(member))
        .map(|(place, _)| place)
        .collect()
}

/// The settings of the volume after what was found: a consent that was used is
/// dropped, and a file system that is there is never made again. `None` when
/// nothing changes.
pub fn settle(wanted: &VolumeSettings, found: &Snapshot) -> Option<VolumeSettings> {
    let array = running(wanted, found)?;
    let mut settled = wanted.clone();
    let joined = |disk: &DiskId| {
        array
            .members
            .iter()
            .any(|member| member.disk.as_ref() == Some(disk))
    };
    if let Some(volume) = mounted(wanted, found) {
        settled.formatted |= volume.subvolumes.iter().any(|name| name == COMMON_SHARE);
    }
    settled
        .held_out
        .retain(|held| is_still_held(held, wanted, found));
    settled.unclean_start = None;
    settled.leaving.retain(|member| joined(&member.disk));
    if settled.growing && has_grown(wanted, array, found) {
        settled.growing = false;
    }
    // Until the file system is there the array may have to be made again.
    if settled.formatted {
        settled.erase.retain(|consent| !joined(&consent.disk));
    }
    (settled != *wanted).then_some(settled)
}

/// A disk that left the volume is nobody's to hold out, and one that was erased has
/// nothing left that the others lack.
fn is_still_held(held: &HeldOut, wanted: &VolumeSettings, found: &Snapshot) -> bool {
    let belongs = wanted.members.iter().any(|member| member.disk == held.disk);
    let disks = found.disks.known();
    let disk = disks.and_then(|disks| disks.iter().find(|disk| disk.id == held.disk));
    let erased = disk.is_some_and(|disk| is_erased(wanted, disk));
    belongs && !(held.why == HeldWhy::Diverged && erased)
}

/// Whether a disk no longer holds what it held when a person agreed to lose it, or holds
/// nothing. What lies in a layer that is not open is not seen.
fn is_erased(wanted: &VolumeSettings, disk: &Disk) -> bool {
    let changed = |consent: &EraseConsent| {
        consent.disk == disk.id && consent.contents_digest.as_ref() != Some(&disk.contents_digest)
    };
    let bare = disk.member_of.is_none() && disk.layer == Layer::None;
    bare || wanted.erase.iter().any(changed)
}

/// The settings once a disk is held out; `None` when it is already, or is none of the
/// volume's.
pub fn hold_out(wanted: &VolumeSettings, disk: &DiskId, why: HeldWhy) -> Option<VolumeSettings> {
    let belongs = wanted.members.iter().any(|member| member.disk == *disk);
    if !belongs || wanted.held_out(disk).is_some() {
        return None;
    }
    let mut held = wanted.clone();
    held.held_out.push(HeldOut {
        disk: disk.clone(),
        why,
    });
    Some(held)
}

mod change;
mod mend;
#[cfg(test)]
mod tests;
