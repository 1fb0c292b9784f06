//! How disks protect each other, and what may be chosen for a set of them.
//!
//! [`protections`] is what the set-up shows: for the disks that were ticked, each
//! way that makes sense with what it holds and what it survives, the recommended
//! one marked, and what a disk of another size leaves unused. Capacities are
//! estimates within about one hundredth: file system and checksums take their
//! share later.

use crate::ids::DiskId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The most disks that a volume may have: the box has no more bays.
pub const DISKS_MAX: usize = 8;

/// How the disks protect each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// One disk alone: nothing protects the files. A mirror with one side, so that a
    /// second can be added.
    Single,
    /// Disks with the same content: all but one may fail.
    Mirror,
    /// RAID5 with a partial parity log: one disk may fail.
    Parity,
    /// RAID6: two disks may fail.
    DoubleParity,
    /// RAID10, two copies near each other: one of each pair may fail.
    Pairs,
}

impl Layout {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Single,
        Self::Mirror,
        Self::Parity,
        Self::DoubleParity,
        Self::Pairs,
    ];

    /// md's name of it, as in `md/level`.
    pub const fn level(self) -> &'static str {
        match self {
            Self::Single | Self::Mirror => "raid1",
            Self::Parity => "raid5",
            Self::DoubleParity => "raid6",
            Self::Pairs => "raid10",
        }
    }

    /// Whether it can be made of that many disks, spares not counted.
    pub const fn fits(self, width: usize) -> bool {
        width <= DISKS_MAX
            && match self {
                Self::Single => width == 1,
                Self::Mirror => width >= 2,
                Self::Parity => width >= 3,
                Self::DoubleParity => width >= 4,
                Self::Pairs => width >= 4 && width.is_multiple_of(2),
            }
    }

    /// How many disks may fail, whichever they are.
    pub const fn may_fail(self, width: usize) -> usize {
        match self {
            Self::Single => 0,
            Self::Mirror => width.saturating_sub(1),
            Self::Parity | Self::Pairs => 1,
            Self::DoubleParity => 2,
        }
    }

    /// How many disks' worth of files fits.
    pub const fn data_disks(self, width: usize) -> usize {
        match self {
            Self::Single | Self::Mirror => 1,
            Self::Parity => width.saturating_sub(1),
            Self::DoubleParity => width.saturating_sub(2),
            Self::Pairs => width / 2,
        }
    }
}

const MIB: u64 = 1 << 20;

/// The bytes that a disk of that size gives to an array: the partition table, the
/// room left for a slightly smaller replacement, and md's own notes are off it.
/// 0 for a disk that is too small to be a member.
pub const fn member_bytes(disk: u64) -> u64 {
    let reserve = if disk / 1000 > 16 * MIB {
        disk / 1000
    } else {
        16 * MIB
    };
    let notes = if disk / 1024 > 128 * MIB {
        128 * MIB
    } else {
        disk / 1024
    };
    let rest = disk.saturating_sub(reserve + notes + 2 * MIB);
    if rest < 128 * MIB { 0 } else { rest }
}

/// A way to protect the files on a set of disks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Protection {
    /// How.
    pub layout: Layout,
    /// How many of the disks wait as spares.
    pub spares: u32,
    /// Bytes that files can use, about.
    pub usable: u64,
    /// How many disks may fail before anything is lost, whichever they are.
    pub may_fail: u32,
    /// The one to take when in doubt.
    pub recommended: bool,
}

/// A disk from which a part stays unused, since others are smaller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Leftover {
    /// Which.
    pub disk: DiskId,
    /// Bytes that stay unused.
    pub unused: u64,
}

/// What becomes possible without one disk that holds the others back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BetterWithout {
    /// The disk to leave out.
    pub disk: DiskId,
    /// The bytes that files could use then, with the protection recommended for the
    /// others.
    pub usable: u64,
}

/// What may be chosen for a set of disks.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Protections {
    /// The ways, the recommended one first; empty when there are no disks, too many,
    /// or one is too small.
    pub choices: Vec<Protection>,
    /// What mixed sizes leave unused, by disk.
    pub leftovers: Vec<Leftover>,
    /// A smaller disk costs more than it brings.
    pub better_without: Option<BetterWithout>,
}

/// Below this share of a disk a difference is the makers' rounding, not another size.
const ROUNDING: u64 = 100;

/// The protections that make sense for these disks, given with their size in bytes.
pub fn protections(disks: &[(DiskId, u64)]) -> Protections {
    let choices = choices(disks);
    if choices.is_empty() {
        return Protections::default();
    }
    let smallest = smallest(disks);
    let leftovers = disks
        .iter()
        .map(|(disk, size)| (disk, size - smallest, size / ROUNDING))
        .filter(|(_, unused, noise)| unused > noise)
        .map(|(disk, unused, _)| Leftover {
            disk: disk.clone(),
            unused,
        })
        .collect();
    Protections {
        better_without: better_without(disks, &choices),
        choices,
        leftovers,
    }
}

fn smallest(disks: &[(DiskId, u64)]) -> u64 {
    disks.iter().map(|(_, size)| *size).min().unwrap_or(0)
}

fn choices(disks: &[(DiskId, u64)]) -> Vec<Protection> {
    let count = disks.len();
    let each = member_bytes(smallest(disks));
    if each == 0 {
        return Vec::new();
    }
    offered(count)
        .iter()
        .enumerate()
        .map(|(place, (layout, spares))| {
            let width = count - spares;
            Protection {
                layout: *layout,
                spares: u32::try_from(*spares).unwrap_or(u32::MAX),
                usable: each * layout.data_disks(width) as u64,
                may_fail: u32::try_from(layout.may_fail(width)).unwrap_or(u32::MAX),
                recommended: place == 0,
            }
        })
        .collect()
}

/// What is worth choosing from, the recommended first. A mirror of more than three,
/// and a spare beside a layout that survives less than another of the same capacity
/// would, are left out: nobody would be better off with them.
const fn offered(count: usize) -> &'static [(Layout, usize)] {
    use Layout::{DoubleParity, Mirror, Pairs, Parity, Single};
    match count {
        1 => &[(Single, 0)],
        2 => &[(Mirror, 0)],
        3 => &[(Parity, 0), (Mirror, 0)],
        4 => &[(DoubleParity, 0), (Parity, 0), (Pairs, 0)],
        5 | 7 => &[(DoubleParity, 0), (DoubleParity, 1), (Parity, 0)],
        6 | 8 => &[
            (DoubleParity, 0),
            (DoubleParity, 1),
            (Pairs, 0),
            (Parity, 0),
        ],
        _ => &[],
    }
}

/// Whether the smallest disk is better left out.
fn better_without(disks: &[(DiskId, u64)], all: &[Protection]) -> Option<BetterWithout> {
    let (disk, _) = disks.iter().min_by_key(|(_, size)| *size)?;
    let others: Vec<_> = disks.iter().filter(|(id, _)| id != disk).cloned().collect();
    // Down to a single disk there would be no protection left.
    if others.len() < 2 {
        return None;
    }
    let usable = choices(&others).first()?.usable;
    (usable > all.first()?.usable).then(|| BetterWithout {
        disk: disk.clone(),
        usable,
    })
}

/// Why a layout cannot be made of the disks that were chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LayoutRefused {
    /// No disk, or more than [`DISKS_MAX`].
    Count,
    /// Too few or too many disks for it, or an odd number of them.
    Misfit(Layout),
}

/// Checks that a layout can be made of that many disks, some of them spares.
///
/// # Errors
/// When it cannot.
pub fn check_layout(layout: Layout, disks: usize, spares: usize) -> Result<(), LayoutRefused> {
    if disks == 0 || disks > DISKS_MAX {
        return Err(LayoutRefused::Count);
    }
    let fits = disks
        .checked_sub(spares)
        .is_some_and(|width| layout.fits(width));
    // A spare beside a disk that nothing protects would have nothing to copy.
    let useless = layout == Layout::Single && spares > 0;
    if fits && !useless {
        Ok(())
    } else {
        Err(LayoutRefused::Misfit(layout))
    }
}

/// What one more disk can bring to a volume that is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Growth {
    /// It waits, and takes the place of a disk that fails.
    Spare,
    /// One more disk may fail; the room stays the same.
    Safer,
    /// There is more room; as many disks may fail as before.
    Larger,
}

/// What a volume becomes with one more disk: its layout then, for each way that md
/// can go without ever leaving the files less protected than they are. The rest
/// must be set up anew: a mirror of three cannot lose a side to become parity, and
/// pairs would need two disks at once.
pub fn growths(layout: Layout, width: usize) -> Vec<(Growth, Layout)> {
    let mut ways = Vec::new();
    match layout {
        Layout::Single => ways.push((Growth::Safer, Layout::Mirror)),
        Layout::Mirror => {
            ways.push((Growth::Safer, Layout::Mirror));
            if width == 2 {
                ways.push((Growth::Larger, Layout::Parity));
            }
        }
        Layout::Parity => {
            ways.push((Growth::Larger, Layout::Parity));
            ways.push((Growth::Safer, Layout::DoubleParity));
        }
        Layout::DoubleParity => ways.push((Growth::Larger, Layout::DoubleParity)),
        Layout::Pairs => {}
    }
    ways.retain(|(_, layout)| layout.fits(width + 1));
    if layout != Layout::Single {
        ways.push((Growth::Spare, layout));
    }
    ways
}

#[cfg(test)]
mod tests;
