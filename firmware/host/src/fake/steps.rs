//! How the fake machine carries a step out, and what it refuses.

use super::array::{FakeArray, FakeMember};
use super::kernel::{FakeDisk, FileSystem, Kernel, OVERHEAD, Superblock};
use crate::prepare::{Prepared, judge};
use crate::system::{Change, HostError};
use preau_domain::arrays::{Consistency, MemberState};
use preau_domain::disks::Layer;
use preau_domain::ids::DiskId;
use preau_domain::layouts::Layout;
use preau_domain::plan::{Start, Step, partition_name};
use preau_domain::settings::EraseConsent;
use uuid::Uuid;

pub(super) fn apply(kernel: &mut Kernel, step: &Step) -> Result<Change, HostError> {
    match step {
        Step::PreparePartition {
            consent,
            partition_name,
        } => prepare(kernel, consent, partition_name),
        Step::CreateArray {
            array,
            layout,
            disks,
            spares,
        } => create_array(kernel, *array, *layout, disks, spares),
        Step::Assemble {
            array,
            disks,
            start,
        } => assemble(kernel, *array, disks, *start),
        Step::OpenLayers { array, disks } => open_layers(kernel, *array, disks),
        Step::ForgetDetached { array } => forget_detached(kernel, *array),
        Step::AddMember { array, disk } => add_member(kernel, *array, disk),
        Step::ReplaceMember {
            array,
            leaving,
            joining,
        } => replace_member(kernel, *array, leaving, joining),
        Step::ReleaseMember { array, disk } => release_member(kernel, *array, disk),
        Step::Reshape {
            array,
            layout,
            width,
        } => reshape(kernel, *array, *layout, *width),
        Step::NoteWrites { array, layout } => note_writes(kernel, *array, *layout),
        Step::GrowFilesystem { filesystem } => grow_filesystem(kernel, *filesystem),
        Step::Format { array, filesystem } => format(kernel, *array, *filesystem),
        Step::PutAway { array } => put_away(kernel, *array),
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
        .map(FakeDisk::describe);
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
        let ours = |disk: &&mut FakeDisk| disk.partition_name.as_ref() == Some(&name);
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

fn create_array(
    kernel: &mut Kernel,
    uuid: Uuid,
    layout: Layout,
    disks: &[DiskId],
    spares: &[DiskId],
) -> Result<Change, HostError> {
    if running_array(kernel, uuid).is_ok() {
        return Ok(Change::Unchanged);
    }
    let mut component = u64::MAX;
    for id in disks.iter().chain(spares) {
        component = component.min(prepared(kernel, id)?.size - OVERHEAD);
    }
    kernel.arrays.retain(|array| array.uuid != uuid);
    let array = FakeArray::new(uuid, layout, component, disks, spares);
    kernel.arrays.push(array);
    kernel.write_superblocks();
    Ok(Change::Changed)
}

fn prepared<'a>(kernel: &'a mut Kernel, id: &DiskId) -> Result<&'a mut FakeDisk, HostError> {
    kernel
        .plugged_mut(id)
        .filter(|disk| disk.is_ready())
        .ok_or_else(|| HostError::Missing(format!("the open layer of {id}")))
}

fn assemble(
    kernel: &mut Kernel,
    uuid: Uuid,
    disks: &[DiskId],
    start: Start,
) -> Result<Change, HostError> {
    if running_array(kernel, uuid).is_ok() {
        return Ok(Change::Unchanged);
    }
    let carried: Vec<(DiskId, Superblock)> = kernel
        .plugged()
        .filter(|disk| disks.contains(&disk.id))
        .filter_map(|disk| Some((disk.id.clone(), disk.visible_superblock()?.clone())))
        .filter(|(_, note)| note.array == uuid)
        .collect();
    let array = FakeArray::assemble(uuid, &carried, start)?;
    kernel.arrays.retain(|array| array.uuid != uuid);
    kernel.arrays.push(array);
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
    let needed = array.shape.component;
    let size = prepared(kernel, id)?.size - OVERHEAD;
    if size < needed {
        return Err(HostError::TooSmall {
            disk: id.to_string(),
            size,
            needed,
        });
    }
    let theirs = prepared(kernel, id)?.superblock.clone();
    let theirs = theirs.filter(|superblock| superblock.array == uuid);
    let array = running_array(kernel, uuid)?;
    // Whoever was with it when it last wrote, and is complete now, went on without it.
    let diverged = |theirs: &Superblock| !array.has_complete(&theirs.active);
    if theirs.as_ref().is_some_and(diverged) {
        return Err(HostError::Diverged {
            disk: id.to_string(),
        });
    }
    array.add(id);
    kernel.write_superblocks();
    Ok(Change::Changed)
}

fn replace_member(
    kernel: &mut Kernel,
    uuid: Uuid,
    leaving: &DiskId,
    joining: &DiskId,
) -> Result<Change, HostError> {
    let change = running_array(kernel, uuid)?.replace(leaving, joining)?;
    kernel.write_superblocks();
    Ok(change)
}

fn release_member(kernel: &mut Kernel, uuid: Uuid, id: &DiskId) -> Result<Change, HostError> {
    let array = running_array(kernel, uuid)?;
    let found = array.members.iter().find(|m| m.attached && m.disk == *id);
    match found.map(|member| member.state) {
        None => Ok(Change::Unchanged),
        Some(MemberState::Faulty) => {
            array.members.retain(|member| member.disk != *id);
            Ok(Change::Changed)
        }
        Some(_) => Err(HostError::InUse(format!("the member {id}"))),
    }
}

fn reshape(
    kernel: &mut Kernel,
    uuid: Uuid,
    layout: Layout,
    width: u32,
) -> Result<Change, HostError> {
    let change = running_array(kernel, uuid)?.reshape(layout, width)?;
    kernel.write_superblocks();
    Ok(change)
}

fn note_writes(kernel: &mut Kernel, uuid: Uuid, layout: Layout) -> Result<Change, HostError> {
    let array = running_array(kernel, uuid)?;
    let wanted = Consistency::of(layout);
    let before = std::mem::replace(&mut array.shape.consistency, wanted);
    kernel.write_superblocks();
    Ok(Change::from_difference(&before, &wanted))
}

fn grow_filesystem(kernel: &mut Kernel, filesystem: Uuid) -> Result<Change, HostError> {
    let missing = || HostError::Missing(format!("the file system {filesystem}"));
    let uuid = kernel.mounted.ok_or_else(missing)?;
    let size = running_array(kernel, uuid)?.size();
    let found = kernel.filesystems.get_mut(&uuid);
    let found = found.filter(|found| found.uuid == filesystem);
    let before = std::mem::replace(&mut found.ok_or_else(missing)?.size, size);
    Ok(Change::from_difference(&before, &size))
}

fn format(kernel: &mut Kernel, array: Uuid, filesystem: Uuid) -> Result<Change, HostError> {
    let size = running_array(kernel, array)?.size();
    if kernel.filesystems.get(&array).map(|fs| fs.uuid) == Some(filesystem) {
        return Ok(Change::Unchanged);
    }
    if kernel.mounted == Some(array) {
        return Err(HostError::InUse(format!("the array {array}")));
    }
    let made = FileSystem {
        uuid: filesystem,
        size,
        ..FileSystem::default()
    };
    kernel.filesystems.insert(array, made);
    Ok(Change::Changed)
}

fn put_away(kernel: &mut Kernel, uuid: Uuid) -> Result<Change, HostError> {
    if running_array(kernel, uuid).is_ok() {
        return Err(HostError::InUse(format!("the array {uuid}")));
    }
    let before = kernel.arrays.len();
    kernel.arrays.retain(|array| array.uuid != uuid);
    let stopped = kernel.arrays.len() < before;
    let unmounted = kernel.mounted.take().is_some();
    Ok(Change::from_difference(&(stopped || unmounted), &false))
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
