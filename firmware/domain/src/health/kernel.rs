//! What the kernel and md noticed about a disk while they used it, which no disk says
//! of itself: a sector that cannot be read, a link that is reset again and again, a
//! member that md has stopped writing to.
//!
//! Told apart: a dying disk (its medium fails, or md cannot write to it), a loose cable
//! or a flapping bridge (its link is reset, what it sends is garbled), and a controller
//! that reset (all its disks at once, none of which is to blame).

use super::judge::{Judgement, Reason};
use crate::arrays::Marks;
use crate::ids::DiskId;
use jiff::{SignedDuration, Timestamp};

/// What the kernel says happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Noticed {
    /// A place of the medium cannot be read or written.
    Medium,
    /// A request failed for another reason.
    Failed,
    /// The disk did not answer in time.
    TimedOut,
    /// The link to it was reset.
    Reset,
    /// What was sent arrived garbled.
    Garbled,
}

/// One notice about one disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KernelNote {
    /// When.
    pub at: Timestamp,
    /// Which disk.
    pub disk: DiskId,
    /// The controller that it hangs on: a place in sysfs, to be compared only. Empty
    /// when it is not known.
    pub controller: String,
    /// What.
    pub noticed: Noticed,
}

/// How far back notices count. What happened once, days ago, shows in the disk's own
/// figures if it was more than chance.
const WINDOW: SignedDuration = SignedDuration::from_hours(24);
/// One request that fails is reported once for each try and each piece.
const SAME: SignedDuration = SignedDuration::from_secs(5);
/// Resets of several disks of a controller within this are its own.
const TOGETHER: SignedDuration = SignedDuration::from_secs(30);
/// A plug that was touched resets its link once or twice.
const LINK_RESETS: u64 = 3;

/// What speaks against `disk` in what the kernel noticed of all disks.
pub fn kernel_reasons(notes: &[KernelNote], disk: &DiskId, now: Timestamp) -> Vec<Reason> {
    let recent = |note: &&KernelNote| now.duration_since(note.at).abs() <= WINDOW;
    let own = || {
        notes
            .iter()
            .filter(recent)
            .filter(|note| note.disk == *disk)
    };
    let medium = times(own().filter(|note| note.noticed == Noticed::Medium));
    let link = || own().filter(|note| is_of_the_link(note.noticed));
    let shared = |note: &&KernelNote| is_shared(note, notes);
    let with_others = times(link().filter(shared));
    let alone = times(link().filter(|note| !shared(note)));
    [
        (medium > 0).then_some(Reason::MediumErrors { errors: medium }),
        (alone >= LINK_RESETS).then_some(Reason::LinkResets { resets: alone }),
        (with_others > 0).then_some(Reason::ControllerResets {
            resets: with_others,
        }),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What speaks against a disk in what md holds against it as a member.
pub fn marks_reason(marks: &Marks) -> Option<Reason> {
    (!marks.is_clean()).then_some(Reason::Marked {
        write_error: marks.write_error || marks.wants_replacement,
        sectors: marks.bad_sectors,
    })
}

impl Judgement {
    /// The judgement with more reasons, which may make it graver.
    #[must_use]
    pub fn with(mut self, reasons: impl IntoIterator<Item = Reason>) -> Self {
        for reason in reasons {
            self.verdict = self.verdict.max(reason.verdict());
            self.reasons.push(reason);
        }
        self
    }
}

const fn is_of_the_link(noticed: Noticed) -> bool {
    match noticed {
        Noticed::Failed | Noticed::TimedOut | Noticed::Reset | Noticed::Garbled => true,
        Noticed::Medium => false,
    }
}

/// Another disk of the same controller had trouble with its link at the same time.
fn is_shared(note: &KernelNote, notes: &[KernelNote]) -> bool {
    notes.iter().any(|other| {
        other.disk != note.disk
            && !note.controller.is_empty()
            && other.controller == note.controller
            && is_of_the_link(other.noticed)
            && other.at.duration_since(note.at).abs() <= TOGETHER
    })
}

/// How often it happened: lines that follow each other closely are one.
fn times<'a>(notes: impl Iterator<Item = &'a KernelNote>) -> u64 {
    let mut moments: Vec<Timestamp> = notes.map(|note| note.at).collect();
    moments.sort_unstable();
    let mut count = 0;
    let mut last: Option<Timestamp> = None;
    for at in moments {
        if last.is_none_or(|last| at.duration_since(last) > SAME) {
            count += 1;
        }
        last = Some(at);
    }
    count
}

#[cfg(test)]
mod tests {
    use super::super::judge::Verdict;
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn id(number: u8) -> DiskId {
        DiskId::from_identity(Some(&format!("0x{number}")), "", None).unwrap()
    }

    fn note(second: i64, disk: u8, controller: &str, noticed: Noticed) -> KernelNote {
        KernelNote {
            at: at(second),
            disk: id(disk),
            controller: controller.to_owned(),
            noticed,
        }
    }

    fn reasons(notes: &[KernelNote], disk: u8) -> Vec<Reason> {
        kernel_reasons(notes, &id(disk), at(3600))
    }

    #[test]
    fn a_sector_that_cannot_be_read_speaks_against_the_disk_once_for_all_its_lines() {
        let lines: Vec<_> = (0..4).map(|n| note(n, 1, "a", Noticed::Medium)).collect();
        assert_eq!(reasons(&lines, 1), [Reason::MediumErrors { errors: 1 }]);
        assert_eq!(reasons(&lines, 2), []);
        let day = SignedDuration::from_hours(25);
        let later = at(0).checked_add(day).unwrap();
        assert_eq!(kernel_reasons(&lines, &id(1), later), []);
    }

    #[test]
    fn a_link_that_is_reset_again_and_again_is_a_cable_and_not_the_disk() {
        let resets: Vec<_> = (0..3)
            .map(|n| note(n * 600, 1, "a", Noticed::Reset))
            .collect();
        assert_eq!(reasons(&resets[..2], 1), []);
        let found = reasons(&resets, 1);
        assert_eq!(found, [Reason::LinkResets { resets: 3 }]);
        assert_eq!(found[0].verdict(), Verdict::Watch);
    }

    #[test]
    fn a_controller_that_resets_accuses_none_of_its_disks() {
        let notes: Vec<_> = (0..5)
            .flat_map(|n| {
                [1, 2].map(|disk| note(n * 300 + i64::from(disk), disk, "a", Noticed::TimedOut))
            })
            .collect();
        for disk in [1, 2] {
            assert_eq!(
                reasons(&notes, disk),
                [Reason::ControllerResets { resets: 5 }]
            );
        }
        let apart: Vec<_> = notes
            .iter()
            .map(|found| KernelNote {
                controller: found.disk.to_string(),
                ..found.clone()
            })
            .collect();
        assert_eq!(reasons(&apart, 1), [Reason::LinkResets { resets: 5 }]);
    }

    #[test]
    fn what_md_holds_against_a_member_is_grave_although_the_array_looks_whole() {
        assert_eq!(marks_reason(&Marks::default()), None);
        let marks = Marks {
            bad_sectors: 8,
            ..Marks::default()
        };
        let reason = marks_reason(&marks).unwrap();
        let judgement = Judgement {
            verdict: Verdict::Healthy,
            reasons: Vec::new(),
        };
        assert_eq!(judgement.with([reason]).verdict, Verdict::ReplaceSoon);
    }
}
