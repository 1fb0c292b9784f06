//! What must be done so that the storage becomes what the settings want.
//!
//! [`plan`] compares [`VolumeSettings`] with a [`Snapshot`] and returns the next
//! steps in order. It is a pure function: the supervisor applies the first step,
//! observes again and plans again, so that a power cut between two steps only
//! means that planning starts over. A step that erases carries the consent a
//! person gave; `preau-host` checks it once more right before it writes.

use crate::arrays::{Array, Member};
use crate::disks::{Disk, Layer};
use crate::ids::DiskId;
use crate::settings::{EraseConsent, HeldOut, HeldWhy, VolumeSettings};
use crate::snapshot::Snapshot;
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
    /// Make the mirror on prepared disks.
    CreateMirror {
        /// The UUID that the array gets.
        array: Uuid,
        /// The disks, in order.
        disks: Vec<DiskId>,
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
        /// Start it although members are missing.
        degraded: bool,
    },
    /// Make the array give up and forget the members whose disk was unplugged, and
    /// close their layers, so that the disks can come back.
    ForgetDetached {
        /// Which one.
        array: Uuid,
    },
    /// Give a prepared or returning disk a place in the array.
    AddMember {
        /// Which array.
        array: Uuid,
        /// Which disk.
        disk: DiskId,
    },
    /// Make the file system on an array that never had one.
    Format {
        /// On which array.
        array: Uuid,
        /// The UUID that it gets.
        filesystem: Uuid,
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
            | Self::CreateMirror { .. }
            | Self::Assemble { .. }
            | Self::ForgetDetached { .. }
            | Self::Format { .. }
            | Self::Mount { .. }
            | Self::CreateShare { .. }
            | Self::ServeShares
            | Self::StopShares => false,
        }
    }
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
            steps.extend(mend(wanted, array, disks));
            steps.extend(mount_and_serve(wanted, array.filesystem, found));
        }
        _ if wanted.formatted => {
            steps.extend(stop_shares(found));
            steps.extend(open_layers(wanted.array, disks.iter()));
            steps.extend(assemble(wanted, disks, patient));
        }
        _ => steps.extend(create(wanted, disks)),
    }
    steps
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
    steps.push(Step::CreateMirror {
        array: wanted.array,
        disks: wanted.members.iter().map(|m| m.disk.clone()).collect(),
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

fn assemble(wanted: &VolumeSettings, disks: &[Disk], patient: bool) -> Option<Step> {
    let present = disks
        .iter()
        .filter(|disk| disk.member_of == Some(wanted.array))
        .count();
    let complete = present >= wanted.members.len();
    (present > 0 && (complete || !patient)).then_some(Step::Assemble {
        array: wanted.array,
        degraded: !complete,
    })
}

/// Steps that give a running array its members back. A disk that md has thrown out
/// and that is still plugged in stays out: adding it again by itself would hide
/// that it is dying.
fn mend(wanted: &VolumeSettings, array: &Array, disks: &[Disk]) -> Vec<Step> {
    let mut steps = Vec::new();
    // md itself finds out with its next write, which on an idle box is seconds away.
    // Without a copy that is there, nothing is given up.
    let detached = |member: &Member| member.disk.is_none();
    if array.members.iter().any(detached) && array.disks_in_sync().next().is_some() {
        steps.push(Step::ForgetDetached { array: array.uuid });
    }
    for member in &wanted.members {
        let is_member = |found: &Member| found.disk.as_ref() == Some(&member.disk);
        if array.members.iter().any(is_member) {
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
    steps
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
    let mounted = found
        .volume
        .known()
        .filter(|volume| volume.filesystem == wanted.filesystem);
    let Some(volume) = mounted else {
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

/// The settings of the volume after what was found: a consent that was used is
/// dropped, and a file system that is there is never made again. `None` when
/// nothing changes.
pub fn settle(wanted: &VolumeSettings, found: &Snapshot) -> Option<VolumeSettings> {
    let array = found
        .arrays
        .known()?
        .iter()
        .find(|array| array.uuid == wanted.array && array.running)?;
    let mut settled = wanted.clone();
    let joined = |disk: &DiskId| {
        array
            .members
            .iter()
            .any(|member| member.disk.as_ref() == Some(disk))
    };
    if let Some(volume) = found.volume.known() {
        settled.formatted |= volume.filesystem == wanted.filesystem
            && volume.subvolumes.iter().any(|name| name == COMMON_SHARE);
    }
    settled
        .held_out
        .retain(|held| is_still_held(held, wanted, found));
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

#[cfg(test)]
mod tests;
