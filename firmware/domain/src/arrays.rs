//! An md array as the kernel shows it in sysfs.

use crate::ids::DiskId;
use crate::layouts::{DISKS_MAX, Layout};
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
    /// Its place in the array, counted from 0; `None` for a spare or a failed one.
    pub slot: Option<u32>,
    /// It is being filled to take the place of one that still works.
    pub replacing: bool,
    /// What md holds against it although it still serves.
    #[serde(default)]
    pub marks: Marks,
}

impl Member {
    /// A member in a place of the array.
    pub const fn in_place(disk: Option<DiskId>, state: MemberState, slot: u32) -> Self {
        Self {
            disk,
            state,
            slot: Some(slot),
            replacing: false,
            marks: Marks::NONE,
        }
    }

    /// A member without a place: a spare, or one that failed.
    pub const fn without_place(disk: Option<DiskId>, state: MemberState) -> Self {
        Self {
            disk,
            state,
            slot: None,
            replacing: false,
            marks: Marks::NONE,
        }
    }
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
    /// Nothing.
    pub const NONE: Self = Self {
        write_error: false,
        wants_replacement: false,
        bad_sectors: 0,
    };

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
    /// The checksums that are still being computed beside it, of the member that has
    /// most of them before it; `None` when every member has all.
    pub checksums: Option<ChecksumProgress>,
}

/// How far a member's layer is with the checksums of what lay on its disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChecksumProgress {
    /// Sectors of 512 bytes done.
    pub done: u64,
    /// Sectors of 512 bytes in all.
    pub total: u64,
}

impl ChecksumProgress {
    /// Sectors of 512 bytes to come.
    pub const fn left(&self) -> u64 {
        self.total.saturating_sub(self.done)
    }
}

impl SyncProgress {
    /// Sectors of 512 bytes to come.
    pub const fn left(&self) -> u64 {
        self.total.saturating_sub(self.done)
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

/// How an array keeps its copies in step when the power goes, from
/// `md/consistency_policy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Consistency {
    /// A bitmap of what is being written.
    Bitmap,
    /// A partial parity log: a stripe that was being written is put right even when
    /// a disk is missing.
    ParityLog,
    /// Everything is compared after a power cut; also what is not known.
    Resync,
}

impl Consistency {
    /// What an array is made with. Only a single parity can use the log.
    pub const fn of(layout: Layout) -> Self {
        match layout {
            Layout::Parity => Self::ParityLog,
            Layout::Single | Layout::Mirror | Layout::DoubleParity | Layout::Pairs => Self::Bitmap,
        }
    }

    /// Whether an array of that layout can be left with it. A mirror that became a
    /// single parity keeps its bitmap: its members were made without room for the log.
    pub const fn is_enough_for(self, layout: Layout) -> bool {
        match self {
            Self::Bitmap => true,
            Self::ParityLog => matches!(layout, Layout::Parity),
            Self::Resync => false,
        }
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
    /// How it survives a power cut.
    pub consistency: Consistency,
}

/// Whether the data of an array can be read whole when the members in these places
/// are complete. `level` is md's own name; RAID10 is taken as near-2, the only one
/// that Préau makes, where the places 0 and 1, 2 and 3, … are pairs.
pub fn is_readable(level: &str, wanted: u32, complete: &[u32]) -> bool {
    let there = (0..wanted).filter(|slot| complete.contains(slot)).count();
    let lost = wanted as usize - there;
    match level {
        "raid1" => there > 0,
        "raid4" | "raid5" => lost <= 1,
        "raid6" => lost <= 2,
        "raid10" => (0..wanted)
            .step_by(2)
            .all(|slot| complete.contains(&slot) || complete.contains(&(slot + 1))),
        _ => lost == 0,
    }
}

/// How many more of the complete members may fail before something is lost,
/// whichever they are. 0 also when too many are lost already.
pub fn may_still_fail(level: &str, wanted: u32, complete: &[u32]) -> u32 {
    // Every set of survivors is looked at: no array of the box has more places.
    if wanted as usize > DISKS_MAX {
        return 0;
    }
    let bit = |slot: &u32| 1_u32.checked_shl(*slot).unwrap_or(0);
    let there = complete.iter().map(bit).fold(0, std::ops::BitOr::bitor);
    let unreadable = (0..=there)
        .filter(|left| left & !there == 0)
        .filter(|left| {
            let left: Vec<u32> = (0..wanted).filter(|slot| left & bit(slot) != 0).collect();
            !is_readable(level, wanted, &left)
        });
    let fewest_lost = unreadable
        .map(|left| (there & !left).count_ones())
        .min()
        .unwrap_or(0);
    fewest_lost.saturating_sub(1)
}

impl Array {
    /// The places whose member is complete and really there.
    pub fn complete_slots(&self) -> Vec<u32> {
        let complete = |member: &&Member| member.state == MemberState::InSync;
        self.members
            .iter()
            .filter(complete)
            .filter(|member| member.disk.is_some())
            .filter_map(|member| member.slot)
            .collect()
    }

    /// How many more disks may fail before something is lost, whichever they are.
    pub fn may_still_fail(&self) -> u32 {
        may_still_fail(&self.level, self.wanted_members, &self.complete_slots())
    }

    /// The member on that disk.
    pub fn member(&self, disk: &DiskId) -> Option<&Member> {
        self.members
            .iter()
            .find(|member| member.disk.as_ref() == Some(disk))
    }

    /// Whether that disk takes part: complete, being filled, or ready to be.
    pub fn takes_part(&self, disk: &DiskId) -> bool {
        self.member(disk)
            .is_some_and(|member| member.state != MemberState::Faulty)
    }

    /// The members in that state.
    pub fn in_state(&self, state: MemberState) -> impl Iterator<Item = &Member> {
        self.members
            .iter()
            .filter(move |member| member.state == state)
    }

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
    fn progress_is_told_in_percent() {
        let sync = SyncProgress {
            action: SyncAction::Recover,
            done: 1 << 20,
            total: 4 << 20,
            checksums: None,
        };
        assert_eq!(sync.percent(), 25);
        assert_eq!(sync.left(), 3 << 20);
    }

    #[test]
    fn each_level_is_readable_exactly_as_long_as_enough_is_left() {
        assert!(is_readable("raid1", 3, &[2]));
        assert!(!is_readable("raid1", 3, &[]));
        assert!(!is_readable("raid1", 1, &[]));
        assert!(is_readable("raid5", 4, &[0, 1, 3]));
        assert!(!is_readable("raid5", 4, &[0, 3]));
        assert!(is_readable("raid6", 4, &[1, 3]));
        assert!(!is_readable("raid6", 4, &[1]));
        assert!(is_readable("raid10", 4, &[1, 2]), "one of each pair");
        assert!(!is_readable("raid10", 4, &[0, 1]), "a pair is gone");
        assert!(!is_readable("raid10", 6, &[0, 1, 2, 3]));
        assert!(!is_readable("linear", 2, &[0]));
    }

    #[test]
    fn what_may_still_fail_is_counted_from_what_is_left() {
        assert_eq!(may_still_fail("raid1", 1, &[0]), 0);
        assert_eq!(may_still_fail("raid1", 3, &[0, 1, 2]), 2);
        assert_eq!(may_still_fail("raid1", 3, &[1]), 0);
        assert_eq!(may_still_fail("raid5", 3, &[0, 1, 2]), 1);
        assert_eq!(may_still_fail("raid5", 3, &[0, 2]), 0);
        assert_eq!(may_still_fail("raid6", 8, &[0, 1, 2, 3, 4, 5, 6, 7]), 2);
        assert_eq!(may_still_fail("raid6", 4, &[0, 1, 3]), 1);
        assert_eq!(may_still_fail("raid6", 4, &[0, 3]), 0);
        assert_eq!(may_still_fail("raid6", 4, &[0]), 0);
        assert_eq!(may_still_fail("raid10", 4, &[0, 1, 2, 3]), 1);
        assert_eq!(may_still_fail("raid10", 4, &[0, 2, 3]), 0);
    }
}
