//! An md array as the kernel shows it in sysfs.

use crate::ids::DiskId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The state of one member of an array, from `md/dev-*/state`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemberState {
    /// A complete copy.
    InSync,
    /// Being filled.
    Rebuilding,
    /// Failed: the kernel gave it up.
    Faulty,
    /// Waiting to take a place.
    Spare,
}

/// A member that the array has, or had until its disk failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Member {
    /// Which disk; `None` when its device has gone and only md remembers it.
    pub disk: Option<DiskId>,
    /// What md says of it.
    pub state: MemberState,
    /// What md holds against it although it still serves.
    #[serde(default)]
    pub marks: Marks,
}

/// What md holds against a member that still serves: an array whose members are all
/// there may be failing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Marks {
    /// A write to it failed (`write_error` in `md/dev-*/state`).
    pub write_error: bool,
    /// md would fill a spare in its place (`want_replacement`).
    pub wants_replacement: bool,
    /// Sectors of 512 bytes that md no longer uses on it (`md/dev-*/bad_blocks`).
    pub bad_sectors: u64,
}

impl Marks {
    /// md holds nothing against it.
    pub const fn is_clean(&self) -> bool {
        !self.write_error && !self.wants_replacement && self.bad_sectors == 0
    }
}

/// What md is doing to the copies, from `md/sync_action`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SyncAction {
    /// Making new copies the same for the first time.
    Resync,
    /// Filling a replacement.
    Recover,
    /// Comparing.
    Check,
    /// Comparing and putting right.
    Repair,
    /// Changing the shape.
    Reshape,
}

/// How far md has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SyncProgress {
    /// What it does.
    pub action: SyncAction,
    /// Sectors of 512 bytes done.
    pub done: u64,
    /// Sectors of 512 bytes in all.
    pub total: u64,
    /// Speed in kibibytes per second, from `md/sync_speed`; 0 when not known yet.
    pub speed: u64,
}

impl SyncProgress {
    /// Seconds left at the present speed; `None` while there is no speed.
    pub const fn remaining_seconds(&self) -> Option<u64> {
        if self.speed == 0 {
            return None;
        }
        Some(self.total.saturating_sub(self.done) / 2 / self.speed)
    }

    /// Hundredths done, 0 to 100.
    pub const fn percent(&self) -> u8 {
        if self.total == 0 {
            return 0;
        }
        let percent = (self.done as u128 * 100) / self.total as u128;
        if percent > 100 { 100 } else { percent as u8 }
    }
}

/// An array that the kernel runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Array {
    /// From the superblock.
    pub uuid: Uuid,
    /// `raid1`, …
    pub level: String,
    /// How many copies or members it should have.
    pub wanted_members: u32,
    /// How many of them are missing, from `md/degraded`.
    pub missing_members: u32,
    /// Still readable at all: enough members are there.
    pub running: bool,
    /// Size in bytes.
    pub size: u64,
    /// The UUID of the file system on it, if libblkid finds one.
    pub filesystem: Option<Uuid>,
    /// Those that it has, spares and faulty ones included.
    pub members: Vec<Member>,
    /// What is going on, if anything.
    pub sync: Option<SyncProgress>,
}

impl Array {
    /// The disks that hold a complete copy or share of the data.
    pub fn disks_in_sync(&self) -> impl Iterator<Item = &DiskId> {
        self.members
            .iter()
            .filter(|member| member.state == MemberState::InSync)
            .filter_map(|member| member.disk.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_told_in_percent_and_seconds() {
        let sync = SyncProgress {
            action: SyncAction::Recover,
            done: 1 << 20,
            total: 4 << 20,
            speed: 1024,
        };
        assert_eq!(sync.percent(), 25);
        assert_eq!(sync.remaining_seconds(), Some(3 * 512));
        let unknown = SyncProgress { speed: 0, ..sync };
        assert_eq!(unknown.remaining_seconds(), None);
    }
}
