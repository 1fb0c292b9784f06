//! Silent corruption and its repair in the fake machine. A corrupted sector stays until
//! something reads it; md then writes it anew from another copy that is complete and
//! has the same place right, and counts it. What no copy has right, btrfs names.

use super::kernel::Kernel;
use crate::system::{Change, HostError};
use preau_domain::arrays::{MemberState, SyncAction};
use preau_domain::ids::DiskId;
use preau_domain::scrub::{Act, CopiesSeen, FilesSeen, Repairs, ScrubSeen};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What is wrong on disks, and how far a scrub is.
#[derive(Debug, Default)]
pub(super) struct Damage {
    /// Sectors whose bytes changed by themselves.
    wrong: BTreeMap<DiskId, BTreeSet<u64>>,
    repaired: BTreeMap<DiskId, u64>,
    files: FilesSeen,
    interrupted_at: u64,
    named: Vec<String>,
}

fn missing(uuid: Uuid) -> HostError {
    HostError::Missing(format!("the array {uuid}"))
}

impl Kernel {
    pub(super) fn corrupt(&mut self, disk: &DiskId, sectors: impl IntoIterator<Item = u64>) {
        let wrong = self.damage.wrong.entry(disk.clone()).or_default();
        wrong.extend(sectors);
    }

    pub(super) fn wrong_sectors(&self, disk: &DiskId) -> usize {
        self.damage.wrong.get(disk).map_or(0, BTreeSet::len)
    }

    pub(super) fn see_scrub(&self, uuid: Uuid) -> Result<ScrubSeen, HostError> {
        let array = self.arrays.iter().find(|array| array.uuid == uuid);
        let array = array.ok_or_else(|| missing(uuid))?;
        let total = array.size() / 512;
        let running = match array.sync {
            Some((SyncAction::Check, percent)) => Some((total / 100 * u64::from(percent), total)),
            _ => None,
        };
        let members = array.members.iter().filter(|member| member.attached);
        Ok(ScrubSeen {
            files: self.damage.files,
            copies: CopiesSeen {
                running,
                interrupted_at: self.damage.interrupted_at,
                total,
                ..CopiesSeen::default()
            },
            repaired: members
                .map(|member| Repairs {
                    disk: member.disk.clone(),
                    sectors: self.damage.repaired.get(&member.disk).copied().unwrap_or(0),
                })
                .collect(),
            named: self.damage.named.clone(),
        })
    }

    pub(super) fn scrub(&mut self, uuid: Uuid, act: Act) -> Result<Change, HostError> {
        let mounted = self.mounted == Some(uuid);
        let array = self.arrays.iter_mut().find(|array| array.uuid == uuid);
        let array = array.ok_or_else(|| missing(uuid))?;
        let checks = matches!(array.sync, Some((SyncAction::Check, _)));
        let files = &mut self.damage.files;
        let changed = match act {
            Act::ReadFiles | Act::GoOnWithFiles if !mounted => return Err(missing(uuid)),
            Act::ReadFiles | Act::GoOnWithFiles if files.running => false,
            Act::ReadFiles => {
                *files = FilesSeen {
                    running: true,
                    ..FilesSeen::default()
                };
                self.damage.named.clear();
                true
            }
            Act::GoOnWithFiles => std::mem::replace(&mut files.running, true) != files.running,
            Act::StopFiles => std::mem::replace(&mut files.running, false) != files.running,
            Act::ReadCopies { .. } if checks => false,
            Act::ReadCopies { from } => {
                let hundredth = (array.size() / 512 / 100).max(1);
                let percent = u8::try_from(from / hundredth).unwrap_or(99).min(99);
                array.sync = Some((SyncAction::Check, percent));
                self.damage.interrupted_at = 0;
                true
            }
            Act::StopCopies => {
                if let Some((SyncAction::Check, percent)) = array.sync {
                    array.sync = None;
                    self.damage.interrupted_at = array.size() / 512 / 100 * u64::from(percent);
                }
                checks
            }
        };
        Ok(if changed {
            Change::Changed
        } else {
            Change::Unchanged
        })
    }

    /// btrfs comes to the end of its scrub. It reads one copy of each place, and md
    /// repairs what that copy has wrong; this one reads the first.
    pub(super) fn finish_reading_files(&mut self) {
        if !std::mem::take(&mut self.damage.files.running) {
            return;
        }
        let first = self.copies().into_iter().next();
        let lost = self.repair(first.as_ref());
        self.damage.files.finished = true;
        self.damage.files.broken = lost.len() as u64;
        self.damage.named = lost.iter().map(|at| format!("commun/file-{at}")).collect();
    }

    /// md comes to the end of its check, and has read every copy.
    pub(super) fn finish_reading_copies(&mut self) {
        for array in &mut self.arrays {
            if matches!(array.sync, Some((SyncAction::Check, _))) {
                array.sync = None;
            }
        }
        for disk in self.copies() {
            self.repair(Some(&disk));
        }
    }

    fn copies(&self) -> Vec<DiskId> {
        let members = self.arrays.iter().flat_map(|array| &array.members);
        members
            .filter(|member| member.attached && member.state == MemberState::InSync)
            .map(|member| member.disk.clone())
            .collect()
    }

    /// Repairs what a copy has wrong and another has right; returns the rest.
    fn repair(&mut self, disk: Option<&DiskId>) -> Vec<u64> {
        let Some(disk) = disk else {
            return Vec::new();
        };
        let others: Vec<DiskId> = self.copies().into_iter().filter(|o| o != disk).collect();
        let wrong = self.damage.wrong.remove(disk).unwrap_or_default();
        let is_right = |other: &DiskId, sector: &u64| {
            let wrong = self.damage.wrong.get(other);
            !wrong.is_some_and(|wrong| wrong.contains(sector))
        };
        let (healed, lost): (BTreeSet<u64>, BTreeSet<u64>) = wrong
            .into_iter()
            .partition(|sector| others.iter().any(|other| is_right(other, sector)));
        *self.damage.repaired.entry(disk.clone()).or_default() += healed.len() as u64;
        self.damage.wrong.insert(disk.clone(), lost.clone());
        lost.into_iter().collect()
    }

    /// After a power cut btrfs and md both stand where they were, and do not run.
    pub(super) fn interrupt_scrub(&mut self) {
        self.damage.files.running = false;
        self.damage.interrupted_at = 0;
    }
}
