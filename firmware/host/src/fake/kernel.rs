//! Disks, md and the volume of the fake machine. A disk carries a superblock with
//! an event count, as md's do: after a power cut the disks with the highest count
//! are the ones that an array starts from, and a member that missed something is
//! not among them.

use super::health::FakeHealth;
use super::scrub::Damage;
use crate::digest::digest_of;
use crate::system::Bundles;
use preau_domain::arrays::{Array, Marks, Member, MemberState, SyncAction, SyncProgress};
use preau_domain::disks::{Bus, Content, Disk, Layer};
use preau_domain::ids::{Bay, DiskId};
use preau_domain::snapshot::Volume;
use std::collections::BTreeMap;
use uuid::Uuid;

/// What stays unused around the partition and in its layer, in bytes.
pub(super) const OVERHEAD: u64 = 18 << 20;
/// Speed that a running synchronisation claims, in kibibytes per second.
const SPEED: u64 = 150 * 1024;

/// md's note on a member.
#[derive(Debug, Clone)]
pub(super) struct Superblock {
    pub(super) array: Uuid,
    pub(super) events: u64,
    /// Members that were complete or being filled when this was written.
    pub(super) active: Vec<DiskId>,
    /// This one was complete.
    pub(super) complete: bool,
}

/// A disk, plugged in or in somebody's hand.
#[derive(Debug)]
pub(super) struct FakeDisk {
    pub(super) id: DiskId,
    pub(super) bay: Bay,
    model: String,
    pub(super) serial: String,
    pub(super) size: u64,
    /// What another computer wrote.
    pub(super) foreign: Vec<Content>,
    pub(super) partition_name: Option<String>,
    pub(super) layer: Layer,
    pub(super) layer_broken: bool,
    pub(super) superblock: Option<Superblock>,
    plugged: bool,
    pub(super) times_erased: u32,
    pub(super) health: FakeHealth,
}

impl FakeDisk {
    pub(super) fn blank(number: u32, bay: Bay, size: u64) -> Self {
        let model = "FAKE DISK".to_owned();
        let serial = format!("FAKE{number:04}");
        let wwn = format!("0x5000c500{number:08x}");
        let id = DiskId::from_identity(Some(&wwn), &model, Some(&serial));
        Self {
            // A WWN was given, so there is an identity.
            id: id.unwrap_or_else(|| unreachable!("a disk with a WWN has an identity")),
            bay,
            model,
            serial,
            size,
            foreign: Vec::new(),
            partition_name: None,
            layer: Layer::None,
            layer_broken: false,
            superblock: None,
            plugged: true,
            times_erased: 0,
            health: FakeHealth::default(),
        }
    }

    /// What is visible of the superblock: nothing, while the layer over it is closed.
    pub(super) fn member_of(&self) -> Option<Uuid> {
        self.visible_superblock().map(|superblock| superblock.array)
    }

    pub(super) fn visible_superblock(&self) -> Option<&Superblock> {
        self.superblock
            .as_ref()
            .filter(|_| self.layer != Layer::Closed)
    }

    /// md can be given it.
    pub(super) fn is_ready(&self) -> bool {
        self.partition_name.is_some() && self.layer == Layer::Open
    }

    fn close_layer(&mut self) {
        if self.layer == Layer::Open {
            self.layer = Layer::Closed;
        }
    }

    pub(super) fn describe(&self) -> Disk {
        let mut contents = self.foreign.clone();
        if self.partition_name.is_some() {
            contents.push(content("partition_table", self.size));
        }
        if self.layer != Layer::None {
            contents.push(content("DM_integrity", self.size - OVERHEAD));
        }
        // As the real machine's, the digest does not change with the opening.
        let mut lines: Vec<String> = contents.iter().map(|found| format!("{found:?}")).collect();
        lines.extend(self.partition_name.clone());
        // A partition that is made anew gets another UUID.
        lines.push(format!("made {} times", self.times_erased));
        if self.visible_superblock().is_some() {
            contents.push(content("linux_raid_member", self.size - OVERHEAD));
        }
        Disk {
            id: self.id.clone(),
            bay: Some(self.bay.clone()),
            model: self.model.clone(),
            serial: self.serial.clone(),
            size: self.size,
            bus: Bus::Scsi,
            contents,
            contents_digest: digest_of(lines),
            member_of: self.member_of(),
            layer: self.layer,
            partition_name: self.partition_name.clone(),
        }
    }
}

fn content(kind: &str, size: u64) -> Content {
    Content {
        kind: kind.to_owned(),
        label: None,
        size,
    }
}

/// An array that the kernel has started.
#[derive(Debug)]
pub(super) struct FakeArray {
    pub(super) uuid: Uuid,
    pub(super) wanted: u32,
    pub(super) size: u64,
    pub(super) members: Vec<FakeMember>,
    pub(super) sync: Option<(SyncAction, u8)>,
    pub(super) events: u64,
}

/// A place of an array.
#[derive(Debug)]
pub(super) struct FakeMember {
    pub(super) disk: DiskId,
    pub(super) state: MemberState,
    /// The device is still there for md.
    pub(super) attached: bool,
    pub(super) marks: Marks,
}

/// What is written on an array.
#[derive(Debug, Clone, Default)]
pub(super) struct FileSystem {
    pub(super) uuid: Uuid,
    pub(super) subvolumes: Vec<String>,
    pub(super) bundles: Bundles,
}

/// What the kernel holds, and what lies on the disks.
#[derive(Debug, Default)]
pub(super) struct Kernel {
    pub(super) disks: Vec<FakeDisk>,
    pub(super) arrays: Vec<FakeArray>,
    /// On the disks of each array, by its UUID.
    pub(super) filesystems: BTreeMap<Uuid, FileSystem>,
    /// The array whose file system is mounted.
    pub(super) mounted: Option<Uuid>,
    pub(super) shares_served: bool,
    pub(super) damage: Damage,
    pub(super) free: Option<u64>,
    /// The file system took itself out of writing.
    pub(super) read_only: bool,
}

impl FakeArray {
    pub(super) fn in_sync(&self) -> impl Iterator<Item = &FakeMember> {
        self.members
            .iter()
            .filter(|member| member.state == MemberState::InSync)
    }

    pub(super) fn is_running(&self) -> bool {
        self.in_sync().any(|member| member.attached)
    }

    fn describe(&self, filesystem: Option<Uuid>) -> Array {
        let in_sync = u32::try_from(self.in_sync().count()).unwrap_or(u32::MAX);
        let total = self.size / 512;
        Array {
            uuid: self.uuid,
            level: "raid1".to_owned(),
            wanted_members: self.wanted,
            missing_members: self.wanted.saturating_sub(in_sync),
            running: self.is_running(),
            size: self.size,
            filesystem: filesystem.filter(|_| self.is_running()),
            members: self
                .members
                .iter()
                .map(|member| Member {
                    disk: member.attached.then(|| member.disk.clone()),
                    state: member.state,
                    marks: member.marks,
                })
                .collect(),
            sync: self.sync.map(|(action, percent)| SyncProgress {
                action,
                done: total / 100 * u64::from(percent),
                total,
                speed: SPEED,
            }),
        }
    }
}

impl Kernel {
    pub(super) fn plugged(&self) -> impl Iterator<Item = &FakeDisk> {
        self.disks.iter().filter(|disk| disk.plugged)
    }

    pub(super) fn disk_mut(&mut self, id: &DiskId) -> Option<&mut FakeDisk> {
        self.disks.iter_mut().find(|disk| disk.id == *id)
    }

    pub(super) fn plugged_mut(&mut self, id: &DiskId) -> Option<&mut FakeDisk> {
        self.disk_mut(id).filter(|disk| disk.plugged)
    }

    pub(super) fn array_mut(&mut self, uuid: Uuid) -> Option<&mut FakeArray> {
        self.arrays.iter_mut().find(|array| array.uuid == uuid)
    }

    pub(super) fn insert(&mut self, id: &DiskId) {
        if let Some(disk) = self.disk_mut(id) {
            disk.plugged = true;
        }
    }

    pub(super) fn pull(&mut self, id: &DiskId) {
        if let Some(disk) = self.disk_mut(id) {
            disk.plugged = false;
            disk.close_layer();
        }
        self.lose(id, false);
    }

    pub(super) fn fail_member(&mut self, id: &DiskId) {
        self.lose(id, true);
    }

    pub(super) fn mark_member(&mut self, id: &DiskId, marks: Marks) {
        for array in &mut self.arrays {
            for member in array.members.iter_mut().filter(|m| m.disk == *id) {
                member.marks = marks;
            }
        }
    }

    fn lose(&mut self, id: &DiskId, attached: bool) {
        for array in &mut self.arrays {
            // md keeps the last complete copy in its place, whatever happens.
            let last = array.in_sync().count() == 1 && array.in_sync().any(|m| m.disk == *id);
            for member in array.members.iter_mut().filter(|m| m.disk == *id) {
                member.attached &= attached;
                if !last {
                    member.state = MemberState::Faulty;
                }
            }
            let filling = |member: &FakeMember| member.state == MemberState::Rebuilding;
            array.sync = match array.sync {
                Some((SyncAction::Recover, _)) if !array.members.iter().any(filling) => None,
                Some((SyncAction::Resync, _)) if array.in_sync().count() < 2 => None,
                sync => sync,
            };
        }
        self.write_superblocks();
    }

    pub(super) fn tick_rebuild(&mut self, percent: u8) {
        for array in &mut self.arrays {
            let Some((action, _)) = array.sync else {
                continue;
            };
            if action == SyncAction::Check && percent >= 100 {
                continue;
            }
            if percent < 100 {
                array.sync = Some((action, percent));
                continue;
            }
            array.sync = None;
            for member in &mut array.members {
                if member.state == MemberState::Rebuilding {
                    member.state = MemberState::InSync;
                }
            }
        }
        self.write_superblocks();
    }

    pub(super) fn cut_power(&mut self) {
        self.interrupt_scrub();
        self.arrays.clear();
        for disk in &mut self.disks {
            disk.close_layer();
        }
        self.mounted = None;
        self.read_only = false;
        self.shares_served = false;
    }

    /// md writes its superblocks at each change, on the members that work.
    pub(super) fn write_superblocks(&mut self) {
        for array in &mut self.arrays {
            array.events += 1;
            let working = |member: &&FakeMember| {
                member.attached
                    && matches!(member.state, MemberState::InSync | MemberState::Rebuilding)
            };
            let active: Vec<DiskId> = array
                .members
                .iter()
                .filter(working)
                .map(|member| member.disk.clone())
                .collect();
            for member in array.members.iter().filter(working) {
                let disk = self.disks.iter_mut().find(|disk| disk.id == member.disk);
                if let Some(disk) = disk.filter(|disk| disk.plugged) {
                    disk.superblock = Some(Superblock {
                        array: array.uuid,
                        events: array.events,
                        active: active.clone(),
                        complete: member.state == MemberState::InSync,
                    });
                }
            }
        }
    }

    /// The array of the plugged disks whose partition has that name, if one of them
    /// holds a complete copy.
    pub(super) fn array_of_set(&self, set: &str) -> Option<Uuid> {
        self.plugged()
            .filter(|disk| disk.partition_name.as_deref() == Some(set))
            .filter_map(|disk| disk.superblock.as_ref())
            .find(|superblock| superblock.complete)
            .map(|superblock| superblock.array)
    }

    pub(super) fn describe_arrays(&self) -> Vec<Array> {
        let filesystem = |array: &FakeArray| self.filesystems.get(&array.uuid).map(|fs| fs.uuid);
        self.arrays
            .iter()
            .map(|array| array.describe(filesystem(array)))
            .collect()
    }

    pub(super) fn describe_volume(&self) -> Option<Volume> {
        let uuid = self.mounted?;
        let array = self.arrays.iter().find(|array| array.uuid == uuid)?;
        let filesystem = self.filesystems.get(&uuid)?;
        Some(Volume {
            filesystem: filesystem.uuid,
            // btrfs turns read-only once the device under it answers nothing.
            read_only: self.read_only || !array.is_running(),
            total: array.size,
            free: self.free.unwrap_or(array.size / 10 * 9),
            subvolumes: filesystem.subvolumes.clone(),
        })
    }
}
