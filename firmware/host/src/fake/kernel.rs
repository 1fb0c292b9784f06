//! Disks and the volume of the fake machine. A disk carries a superblock with an
//! event count, as md's do: after a power cut the disks with the highest count are
//! the ones that an array starts from, and a member that missed something is not
//! among them. What md does with the members is in [`super::array`].

use super::array::{FakeArray, Shape};
use super::health::FakeHealth;
use super::scrub::Damage;
use crate::digest::digest_of;
use crate::system::Bundles;
use preau_domain::arrays::{Array, Marks};
use preau_domain::disks::{Bus, Content, Disk, Layer};
use preau_domain::ids::{Bay, DiskId};
use preau_domain::snapshot::Volume;
use std::collections::BTreeMap;
use uuid::Uuid;

/// What stays unused around the partition and in its layer, in bytes.
pub(super) const OVERHEAD: u64 = 18 << 20;
/// md's note on a member.
#[derive(Debug, Clone)]
pub(super) struct Superblock {
    pub(super) array: Uuid,
    pub(super) events: u64,
    /// Members that were complete or being filled when this was written.
    pub(super) active: Vec<DiskId>,
    /// This one's place; `None` for a spare.
    pub(super) slot: Option<u32>,
    /// This one was complete.
    pub(super) complete: bool,
    /// It was being filled to take the place of one that works.
    pub(super) replacing: bool,
    /// What the array was like.
    pub(super) shape: Shape,
    /// Nothing was half written.
    pub(super) clean: bool,
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

/// What is written on an array.
#[derive(Debug, Clone, Default)]
pub(super) struct FileSystem {
    pub(super) uuid: Uuid,
    /// How much of the array it uses, in bytes.
    pub(super) size: u64,
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
            array.lose(id, attached);
        }
        self.write_superblocks();
    }

    pub(super) fn tick_rebuild(&mut self, percent: u8) {
        for array in &mut self.arrays {
            array.tick(percent);
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

    /// The same in the middle of a write: no superblock says that all is clean.
    pub(super) fn cut_power_while_writing(&mut self) {
        let running: Vec<(Uuid, u64)> = self
            .arrays
            .iter()
            .filter(|array| array.is_running())
            .map(|array| (array.uuid, array.events))
            .collect();
        for superblock in self.disks.iter_mut().filter_map(|d| d.superblock.as_mut()) {
            superblock.clean &= !running.contains(&(superblock.array, superblock.events));
        }
        self.cut_power();
    }

    /// md writes its superblocks at each change, on the members that work; an array
    /// that has lost too many writes nothing more.
    pub(super) fn write_superblocks(&mut self) {
        for array in self.arrays.iter_mut().filter(|array| array.is_running()) {
            array.events += 1;
            for (disk, superblock) in array.superblocks() {
                let disk = self.disks.iter_mut().find(|found| found.id == disk);
                if let Some(disk) = disk.filter(|disk| disk.plugged) {
                    disk.superblock = Some(superblock);
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

    /// Whether the data of an array can be read from the disks that exist, plugged in
    /// or not, as they were last written.
    pub(super) fn is_recoverable(&self, array: Uuid) -> bool {
        let notes = || {
            let all = self
                .disks
                .iter()
                .filter_map(|disk| disk.superblock.as_ref());
            all.filter(|note| note.array == array)
        };
        let Some(newest) = notes().max_by_key(|note| note.events) else {
            return false;
        };
        let complete: Vec<u32> = notes()
            .filter(|note| note.events == newest.events && note.complete)
            .filter_map(|note| note.slot)
            .collect();
        newest.shape.is_readable(&complete)
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
            total: filesystem.size,
            free: self.free.unwrap_or(filesystem.size / 10 * 9),
            subvolumes: filesystem.subvolumes.clone(),
        })
    }
}
