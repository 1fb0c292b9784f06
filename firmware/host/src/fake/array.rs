//! What md does with the members of an array: a failure is taken by a spare, a copy
//! ends, a disk is replaced while it works, a shape changes. As md it keeps the last
//! side of a mirror in its place, whatever happens, and it starts a half-written
//! array of parities without all its members only when forced.

use super::kernel::Superblock;
use crate::system::{Change, HostError};
use preau_domain::arrays::{
    Array, Consistency, Marks, Member, MemberState, SyncAction, SyncProgress, is_readable,
};
use preau_domain::ids::DiskId;
use preau_domain::layouts::Layout;
use preau_domain::plan::Start;
use uuid::Uuid;

/// What every superblock says of the array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) layout: Layout,
    pub(super) wanted: u32,
    /// The number of disks that its size is counted from: a reshape changes it at
    /// its end.
    filled: u32,
    pub(super) component: u64,
    pub(super) consistency: Consistency,
}

impl Shape {
    pub(super) fn is_readable(&self, complete: &[u32]) -> bool {
        is_readable(self.layout.level(), self.wanted, complete)
    }

    fn size(&self) -> u64 {
        self.component * self.layout.data_disks(self.filled as usize) as u64
    }
}

/// An array that the kernel has started.
#[derive(Debug)]
pub(super) struct FakeArray {
    pub(super) uuid: Uuid,
    pub(super) shape: Shape,
    pub(super) members: Vec<FakeMember>,
    pub(super) sync: Option<(SyncAction, u8)>,
    pub(super) events: u64,
}

/// A member of an array.
#[derive(Debug)]
pub(super) struct FakeMember {
    pub(super) disk: DiskId,
    pub(super) state: MemberState,
    pub(super) slot: Option<u32>,
    replacing: bool,
    /// The device is still there for md.
    pub(super) attached: bool,
    pub(super) marks: Marks,
}

impl FakeMember {
    fn new(disk: &DiskId, state: MemberState, slot: Option<u32>) -> Self {
        Self {
            disk: disk.clone(),
            state,
            slot,
            replacing: false,
            attached: true,
            marks: Marks::NONE,
        }
    }

    fn fail(&mut self) {
        self.state = MemberState::Faulty;
        self.slot = None;
        self.replacing = false;
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl FakeArray {
    pub(super) fn new(
        uuid: Uuid,
        layout: Layout,
        component: u64,
        disks: &[DiskId],
        spares: &[DiskId],
    ) -> Self {
        let in_place = (0..)
            .zip(disks)
            .map(|(slot, disk)| FakeMember::new(disk, MemberState::InSync, Some(slot)));
        let waiting = spares
            .iter()
            .map(|disk| FakeMember::new(disk, MemberState::Spare, None));
        Self {
            uuid,
            shape: Shape {
                layout,
                wanted: count(disks.len()),
                filled: count(disks.len()),
                component,
                consistency: Consistency::of(layout),
            },
            members: in_place.chain(waiting).collect(),
            sync: (disks.len() > 1).then_some((SyncAction::Resync, 0)),
            events: 0,
        }
    }

    /// Starts from what the superblocks say, or refuses as mdadm does.
    pub(super) fn assemble(
        uuid: Uuid,
        carried: &[(DiskId, Superblock)],
        start: Start,
    ) -> Result<Self, HostError> {
        let missing = || HostError::Missing(format!("a member of the array {uuid}"));
        let newest = carried.iter().max_by_key(|(_, note)| note.events);
        let (_, newest) = newest.ok_or_else(missing)?;
        let fresh = || carried.iter().filter(|(_, n)| n.events == newest.events);
        let members: Vec<FakeMember> = fresh()
            .map(|(disk, note)| {
                let state = match (note.complete, note.slot) {
                    (true, _) => MemberState::InSync,
                    (false, Some(_)) => MemberState::Rebuilding,
                    (false, None) => MemberState::Spare,
                };
                FakeMember {
                    replacing: note.replacing,
                    ..FakeMember::new(disk, state, note.slot)
                }
            })
            .collect();
        let mut array = Self {
            uuid,
            shape: newest.shape.clone(),
            members,
            sync: None,
            events: newest.events,
        };
        let there = |disk: &DiskId| fresh().any(|(found, _)| found == disk);
        let whole = newest.active.iter().all(there);
        if !array.is_running() || (start == Start::Whole && !whole) {
            return Err(missing());
        }
        let clean = fresh().all(|(_, note)| note.clean);
        if !clean && array.needs_clean() && start != Start::Unclean {
            return Err(HostError::Unclean { array: uuid });
        }
        let complete = array.complete();
        for member in array.members.iter_mut().filter(|m| m.replacing) {
            member.replacing = member.slot.is_some_and(|slot| complete.contains(&slot));
        }
        if array.shape.filled != array.shape.wanted {
            array.sync = Some((SyncAction::Reshape, 0));
        }
        array.fill();
        Ok(array)
    }

    /// Whether parity alone stands for a member that is missing: then a half-written
    /// stripe cannot be told from a whole one, unless it was logged.
    fn needs_clean(&self) -> bool {
        let missing = self.missing();
        match self.shape.layout {
            Layout::Single | Layout::Mirror | Layout::Pairs => false,
            Layout::Parity => missing > 0 && self.shape.consistency != Consistency::ParityLog,
            Layout::DoubleParity => missing > 1,
        }
    }

    fn complete(&self) -> Vec<u32> {
        self.members
            .iter()
            .filter(|member| member.state == MemberState::InSync && member.attached)
            .filter_map(|member| member.slot)
            .collect()
    }

    /// Whether one of these disks is complete.
    pub(super) fn has_complete(&self, disks: &[DiskId]) -> bool {
        let complete = |m: &FakeMember| m.state == MemberState::InSync && m.attached;
        let mut members = self.members.iter();
        members.any(|member| complete(member) && disks.contains(&member.disk))
    }

    fn missing(&self) -> u32 {
        let in_sync = |slot: &u32| {
            let holds = |m: &FakeMember| m.state == MemberState::InSync && m.slot == Some(*slot);
            self.members.iter().any(holds)
        };
        count((0..self.shape.wanted).filter(|slot| !in_sync(slot)).count())
    }

    pub(super) fn is_running(&self) -> bool {
        self.shape.is_readable(&self.complete())
    }

    pub(super) fn size(&self) -> u64 {
        self.shape.size()
    }

    /// Spares take the places that are free, and what is not complete is filled.
    fn fill(&mut self) {
        if !self.is_running() {
            return;
        }
        for slot in 0..self.shape.wanted {
            if self.members.iter().any(|m| m.slot == Some(slot)) {
                continue;
            }
            let waits = |m: &&mut FakeMember| m.state == MemberState::Spare && m.attached;
            if let Some(spare) = self.members.iter_mut().find(waits) {
                (spare.state, spare.slot) = (MemberState::Rebuilding, Some(slot));
            }
        }
        let filling = |m: &FakeMember| m.state == MemberState::Rebuilding;
        if self.sync.is_none() && self.members.iter().any(filling) {
            self.sync = Some((SyncAction::Recover, 0));
        }
    }

    /// A member fails; `attached` says whether its device is still there.
    pub(super) fn lose(&mut self, id: &DiskId, attached: bool) {
        let Some(lost) = self.members.iter().position(|member| member.disk == *id) else {
            return;
        };
        self.members[lost].attached &= attached;
        let slot = self.members[lost].slot;
        let others: Vec<u32> = self
            .complete()
            .into_iter()
            .filter(|found| Some(*found) != slot)
            .collect();
        let is_copy = matches!(
            self.shape.layout,
            Layout::Single | Layout::Mirror | Layout::Pairs
        );
        let is_last = self.members[lost].state == MemberState::InSync
            && is_copy
            && !self.shape.is_readable(&others);
        if !is_last {
            let was_replacement = self.members[lost].replacing;
            self.members[lost].fail();
            // Whoever was to take its place has it now, and is filled from the rest.
            for member in self.members.iter_mut().filter(|m| m.replacing) {
                if !was_replacement && member.slot == slot {
                    member.replacing = false;
                }
            }
        }
        let filling = |member: &FakeMember| member.state == MemberState::Rebuilding;
        self.sync = match self.sync {
            Some((SyncAction::Recover, _)) if !self.members.iter().any(filling) => None,
            Some((SyncAction::Resync, _)) if is_copy && self.complete().len() < 2 => None,
            sync => sync,
        };
        self.fill();
    }

    pub(super) fn tick(&mut self, percent: u8) {
        let Some((action, _)) = self.sync.filter(|_| self.is_running()) else {
            return;
        };
        // A check ends when whoever asked for it says so.
        if action == SyncAction::Check && percent >= 100 {
            return;
        }
        if percent < 100 {
            self.sync = Some((action, percent));
            return;
        }
        self.sync = None;
        if action == SyncAction::Reshape {
            self.shape.filled = self.shape.wanted;
        }
        let replaced: Vec<u32> = self
            .members
            .iter()
            .filter(|member| member.replacing)
            .filter_map(|member| member.slot)
            .collect();
        for member in &mut self.members {
            let was_replaced = member.slot.is_some_and(|slot| replaced.contains(&slot));
            if member.state == MemberState::InSync && was_replaced {
                member.fail();
            } else if member.state == MemberState::Rebuilding {
                (member.state, member.replacing) = (MemberState::InSync, false);
            }
        }
        self.fill();
    }

    pub(super) fn add(&mut self, disk: &DiskId) {
        self.members.retain(|member| member.disk != *disk);
        self.members
            .push(FakeMember::new(disk, MemberState::Spare, None));
        self.fill();
    }

    pub(super) fn replace(
        &mut self,
        leaving: &DiskId,
        joining: &DiskId,
    ) -> Result<Change, HostError> {
        let there = |disk: &DiskId| {
            let found = self.members.iter().find(|m| m.attached && m.disk == *disk);
            found.ok_or_else(|| HostError::Missing(format!("the member {disk}")))
        };
        let (old, new) = (there(leaving)?, there(joining)?);
        if old.slot.is_some() && old.slot == new.slot {
            return Ok(Change::Unchanged);
        }
        if new.state != MemberState::Spare || old.state != MemberState::InSync {
            return Err(HostError::InUse(format!("the spare {joining}")));
        }
        let slot = old.slot;
        for member in self.members.iter_mut().filter(|m| m.disk == *joining) {
            (member.state, member.slot) = (MemberState::Rebuilding, slot);
            member.replacing = true;
        }
        self.fill();
        Ok(Change::Changed)
    }

    pub(super) fn reshape(&mut self, layout: Layout, width: u32) -> Result<Change, HostError> {
        if self.shape.layout.level() == layout.level() && self.shape.wanted == width {
            return Ok(Change::Unchanged);
        }
        let spares = |m: &&FakeMember| m.state == MemberState::Spare && m.attached;
        let spares = count(self.members.iter().filter(spares).count());
        let busy = self.sync.is_some() || self.missing() > 0;
        if busy || width < self.shape.wanted || width > self.shape.wanted + spares {
            return Err(HostError::InUse(format!("the array {}", self.uuid)));
        }
        let from = std::mem::replace(&mut self.shape.layout, layout);
        self.shape.wanted = width;
        // md takes the log away for it.
        if self.shape.consistency == Consistency::ParityLog {
            self.shape.consistency = Consistency::Resync;
        }
        self.fill();
        let adds_parity = from == Layout::Parity && layout == Layout::DoubleParity;
        if layout == Layout::Mirror || adds_parity {
            self.shape.filled = width;
            return Ok(Change::Changed);
        }
        self.sync = Some((SyncAction::Reshape, 0));
        for member in &mut self.members {
            if member.state == MemberState::Rebuilding {
                member.state = MemberState::InSync;
            }
        }
        Ok(Change::Changed)
    }

    /// What md writes on each member that works.
    pub(super) fn superblocks(&self) -> Vec<(DiskId, Superblock)> {
        let works = |m: &&FakeMember| m.attached && m.state != MemberState::Faulty;
        let active: Vec<DiskId> = self
            .members
            .iter()
            .filter(works)
            .filter(|member| member.slot.is_some())
            .map(|member| member.disk.clone())
            .collect();
        self.members
            .iter()
            .filter(works)
            .map(|member| {
                let superblock = Superblock {
                    array: self.uuid,
                    events: self.events,
                    active: active.clone(),
                    slot: member.slot,
                    complete: member.state == MemberState::InSync,
                    replacing: member.replacing,
                    shape: self.shape.clone(),
                    clean: true,
                };
                (member.disk.clone(), superblock)
            })
            .collect()
    }

    pub(super) fn describe(&self, filesystem: Option<Uuid>) -> Array {
        let total = self.shape.component / 512;
        Array {
            uuid: self.uuid,
            level: self.shape.layout.level().to_owned(),
            wanted_members: self.shape.wanted,
            missing_members: self.missing(),
            running: self.is_running(),
            size: self.size(),
            filesystem: filesystem.filter(|_| self.is_running()),
            members: self
                .members
                .iter()
                .map(|member| Member {
                    disk: member.attached.then(|| member.disk.clone()),
                    state: member.state,
                    slot: member.slot,
                    replacing: member.replacing,
                    marks: member.marks,
                })
                .collect(),
            sync: self.sync.map(|(action, percent)| SyncProgress {
                action,
                done: total / 100 * u64::from(percent),
                total,
                checksums: None,
            }),
            consistency: self.shape.consistency,
        }
    }
}
