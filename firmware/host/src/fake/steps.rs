//! How the fake machine carries a step out, and what it refuses.

use super::kernel::{FakeArray, FakeMember, FileSystem, Kernel, OVERHEAD, Superblock};
use crate::prepare::{Prepared, judge};
use crate::system::{Change, HostError};
use preau_domain::arrays::{Marks, MemberState, SyncAction};
use preau_domain::disks::Layer;
use preau_domain::ids::DiskId;
use preau_domain::plan::{Step, partition_name};
use preau_domain::settings::EraseConsent;
use uuid::Uuid;

pub(super) fn apply(kernel: &mut Kernel, step: &Step) -> Result<Change, HostError> {
    match step {
        Step::PreparePartition {
            consent,
            partition_name,
        } => prepare(kernel, consent, partition_name),
        Step::CreateMirror { array, disks } => create_mirror(kernel, *array, disks),
        Step::OpenLayers { array, disks } => open_layers(kernel, *array, disks),
        Step::Assemble { array, degraded } => assemble(kernel, *array, *degraded),
        Step::ForgetDetached { array } => forget_detached(kernel, *array),
        Step::AddMember { array, disk } => add_member(kernel, *array, disk),
        Step::Format { array, filesystem } => format(kernel, *array, *filesystem),
        Step::Mount { filesystem } => mount(kernel, *filesystem),
        Step::CreateShare { name } => create_share(kernel, name),
        Step::ServeShares => {
            if kernel.mounted.is_none() {
                return Err(missing("the mounted volume"));
            }
            let before = std::mem::replace(&mut kernel.shares_served, true);
            Ok(Change::from_difference(&before, &true))
        }
        Step::StopShares => {
            let before = std::mem::replace(&mut kernel.shares_served, false);
            Ok(Change::from_difference(&before, &false))
        }
    }
}

fn missing(what: &str) -> HostError {
    HostError::Missing(what.to_owned())
}

fn running_array(kernel: &mut Kernel, uuid: Uuid) -> Result<&mut FakeArray, HostError> {
    kernel
        .array_mut(uuid)
        .filter(|array| array.is_running())
        .ok_or_else(|| HostError::Missing(format!("the array {uuid}")))
}

fn prepare(
    kernel: &mut Kernel,
    consent: &EraseConsent,
    partition_name: &str,
) -> Result<Change, HostError> {
    let in_use = kernel.arrays.iter().any(|array| {
        let uses = |member: &FakeMember| member.attached && member.disk == consent.disk;
        array.members.iter().any(uses)
    });
    let described = kernel
        .plugged()
        .find(|disk| disk.id == consent.disk)
        .map(super::FakeDisk::describe);
    let judged = judge(consent, described.as_ref(), partition_name)?;
    if judged == Prepared::Already {
        return Ok(Change::Unchanged);
    }
    if in_use {
        return Err(HostError::InUse(consent.disk.to_string()));
    }
    let disk = kernel
        .plugged_mut(&consent.disk)
        .ok_or_else(|| missing("the disk"))?;
    if judged == Prepared::MayErase {
        disk.foreign.clear();
        disk.superblock = None;
        disk.partition_name = Some(partition_name.to_owned());
        disk.times_erased += 1;
    }
    disk.layer = Layer::Closed;
    Ok(Change::Changed)
}

fn open_layers(kernel: &mut Kernel, array: Uuid, disks: &[DiskId]) -> Result<Change, HostError> {
    let name = partition_name(array);
    let mut change = Change::Unchanged;
    let mut failure = None;
    for id in disks {
        let ours = |disk: &&mut super::FakeDisk| disk.partition_name.as_ref() == Some(&name);
        match kernel.plugged_mut(id).filter(ours) {
            Some(disk) if disk.layer == Layer::Open => {}
            Some(disk) if disk.layer == Layer::Closed && !disk.layer_broken => {
                disk.layer = Layer::Open;
                change = Change::Changed;
            }
            _ => failure = Some(HostError::Missing(format!("the layer of {id}"))),
        }
    }
    failure.map_or(Ok(change), Err)
}

fn create_mirror(kernel: &mut Kernel, uuid: Uuid, disks: &[DiskId]) -> Result<Change, HostError> {
    if running_array(kernel, uuid).is_ok() {
        return Ok(Change::Unchanged);
    }
    let mut size = u64::MAX;
    for id in disks {
        let disk = kernel
            .plugged_mut(id)
            .filter(|disk| disk.is_ready())
            .ok_or_else(|| HostError::Missing(format!("the open layer of {id}")))?;
        size = size.min(disk.size - OVERHEAD);
    }
    kernel.arrays.retain(|array| array.uuid != uuid);
    kernel.arrays.push(FakeArray {
        uuid,
        wanted: u32::try_from(disks.len()).unwrap_or(u32::MAX),
        size,
        members: disks
            .iter()
            .map(|disk| place(disk, MemberState::InSync))
            .collect(),
        sync: Some((SyncAction::Resync, 0)),
        events: 0,
    });
    kernel.write_superblocks();
    Ok(Change::Changed)
}

fn place(disk: &DiskId, state: MemberState) -> FakeMember {
    FakeMember {
        disk: disk.clone(),
        state,
        attached: true,
        marks: Marks::default(),
    }
}

fn assemble(kernel: &mut Kernel, uuid: Uuid, degraded: bool) -> Result<Change, HostError> {
    if running_array(kernel, uuid).is_ok() {
        return Ok(Change::Unchanged);
    }
    let carried: Vec<(DiskId, u64, Superblock)> = kernel
        .plugged()
        .filter_map(|disk| {
            let superblock = disk.visible_superblock()?.clone();
            (superblock.array == uuid).then(|| (disk.id.clone(), disk.size, superblock))
        })
        .collect();
    let newest = carried.iter().map(|(_, _, note)| note.events).max();
    let fresh = carried
        .iter()
        .filter(|(_, _, note)| Some(note.events) == newest);
    let members: Vec<FakeMember> = fresh
        .clone()
        .map(|(disk, _, note)| {
            let state = match note.complete {
                true => MemberState::InSync,
                false => MemberState::Rebuilding,
            };
            place(disk, state)
        })
        .collect();
    let expected = fresh.clone().map(|(_, _, note)| note.active.len()).max();
    let complete = members.iter().any(|m| m.state == MemberState::InSync);
    if !complete || (!degraded && expected > Some(members.len())) {
        return Err(HostError::Missing(format!("a member of the array {uuid}")));
    }
    let filling = members.iter().any(|m| m.state == MemberState::Rebuilding);
    kernel.arrays.retain(|array| array.uuid != uuid);
    kernel.arrays.push(FakeArray {
        uuid,
        wanted: 2,
        size: carried
            .iter()
            .map(|(_, size, _)| size - OVERHEAD)
            .min()
            .unwrap_or(0),
        members,
        sync: filling.then_some((SyncAction::Recover, 0)),
        events: newest.unwrap_or(0),
    });
    kernel.write_superblocks();
    Ok(Change::Changed)
}

fn forget_detached(kernel: &mut Kernel, uuid: Uuid) -> Result<Change, HostError> {
    let array = running_array(kernel, uuid)?;
    let before = array.members.len();
    array
        .members
        .retain(|member| member.attached || member.state != MemberState::Faulty);
    Ok(Change::from_difference(&before, &array.members.len()))
}

fn add_member(kernel: &mut Kernel, uuid: Uuid, id: &DiskId) -> Result<Change, HostError> {
    let array = running_array(kernel, uuid)?;
    if array.members.iter().any(|m| m.attached && m.disk == *id) {
        return Ok(Change::Unchanged);
    }
    let size = array.size;
    let disk = kernel
        .plugged_mut(id)
        .filter(|disk| disk.is_ready())
        .ok_or_else(|| HostError::Missing(format!("the open layer of {id}")))?;
    if disk.size - OVERHEAD < size {
        return Err(HostError::TooSmall {
            disk: id.to_string(),
            size: disk.size - OVERHEAD,
            needed: size,
        });
    }
    let theirs = disk.superblock.clone();
    let theirs = theirs.filter(|superblock| superblock.array == uuid);
    let array = running_array(kernel, uuid)?;
    let lacks = |superblock: &Superblock| {
        let mut complete = array.in_sync().map(|member| &member.disk);
        complete.any(|disk| !superblock.active.contains(disk))
    };
    if theirs.as_ref().is_some_and(lacks) {
        return Err(HostError::Diverged {
            disk: id.to_string(),
        });
    }
    array.members.retain(|member| member.disk != *id);
    let spare = array.members.len() >= array.wanted as usize;
    let state = if spare {
        MemberState::Spare
    } else {
        MemberState::Rebuilding
    };
    array.members.push(place(id, state));
    if !spare {
        array.sync = Some((SyncAction::Recover, 0));
    }
    kernel.write_superblocks();
    Ok(Change::Changed)
}

fn format(kernel: &mut Kernel, array: Uuid, filesystem: Uuid) -> Result<Change, HostError> {
    running_array(kernel, array)?;
    if kernel.filesystems.get(&array).map(|fs| fs.uuid) == Some(filesystem) {
        return Ok(Change::Unchanged);
    }
    if kernel.mounted == Some(array) {
        return Err(HostError::InUse(format!("the array {array}")));
    }
    let made = FileSystem {
        uuid: filesystem,
        ..FileSystem::default()
    };
    kernel.filesystems.insert(array, made);
    Ok(Change::Changed)
}

fn mount(kernel: &mut Kernel, filesystem: Uuid) -> Result<Change, HostError> {
    let array = kernel
        .filesystems
        .iter()
        .find(|(_, found)| found.uuid == filesystem)
        .map(|(array, _)| *array)
        .ok_or_else(|| HostError::Missing(format!("the file system {filesystem}")))?;
    running_array(kernel, array)?;
    let before = kernel.mounted.replace(array);
    Ok(Change::from_difference(&before, &Some(array)))
}

fn create_share(kernel: &mut Kernel, name: &str) -> Result<Change, HostError> {
    let filesystem = kernel
        .mounted
        .and_then(|array| kernel.filesystems.get_mut(&array))
        .ok_or_else(|| missing("the mounted volume"))?;
    if filesystem.subvolumes.iter().any(|found| found == name) {
        return Ok(Change::Unchanged);
    }
    filesystem.subvolumes.push(name.to_owned());
    Ok(Change::Changed)
}
