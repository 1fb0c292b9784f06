//! The scrub: once a month everything that is stored is read, so that bytes which
//! changed by themselves are put right while another copy is still good.
//!
//! First btrfs reads every file and checks its sums, then md reads every copy. In that
//! order, because md alone cannot tell which of two copies is right; and md is only
//! ever asked to check: what a disk's layer refuses to give out, it writes anew from
//! another copy. [`next`] is pure: it takes what is remembered, what is seen and the
//! time, and gives what to remember and the one thing to do now.

use crate::health::Reason;
use crate::ids::DiskId;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// From the end of one scrub to the beginning of the next.
pub const EVERY: SignedDuration = SignedDuration::from_hours(30 * 24);
/// When a scrub that nobody asked for may run: the school is empty, and the copy to
/// another place has the disks for most of it.
const NIGHT: (i8, i8) = (21, 6);
/// How finely the place in the copies is remembered: in 64ths, so that a long scrub
/// writes to the card a few dozen times.
const STEPS: u64 = 64;
/// For so long it is told on the first page that something was put right.
pub const TOLD_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// For so long what was put right speaks against a disk: some of the monthly scrubs of
/// a disk that silently changes bytes find nothing.
const HELD_AGAINST_FOR: SignedDuration = SignedDuration::from_hours(365 * 24);

/// Who began a scrub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Starter {
    /// The month was over: it runs at night only.
    Schedule,
    /// A person: it runs until it is done.
    Person,
}

/// What is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Every file, by btrfs.
    Files,
    /// Every copy, by md.
    Copies,
}

/// Whether a person holds it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    /// It goes on whenever it may.
    Going,
    /// Until a person lets it go on.
    Paused,
}

/// How much of a disk was written anew because it could not be read right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repairs {
    /// Which disk.
    pub disk: DiskId,
    /// About how many sectors of 512 bytes.
    pub sectors: u64,
}

/// A scrub that is not over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// When it began.
    pub started: Timestamp,
    /// Who began it.
    pub by: Starter,
    /// Whether a person holds it back.
    pub pace: Pace,
    /// What is being read.
    pub stage: Stage,
    /// This stage was begun.
    pub begun: bool,
    /// Where the reading of the copies goes on, in sectors.
    pub copies_from: u64,
    /// md's counts when it began.
    pub before: Vec<Repairs>,
    /// Blocks that btrfs could not put right.
    pub broken: u64,
}

/// How the last scrub ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// When it began.
    pub started: Timestamp,
    /// When it ended.
    pub finished: Timestamp,
    /// What was put right, by disk; only those with something.
    pub repaired: Vec<Repairs>,
    /// Blocks that no copy holds right any more.
    pub broken: u64,
    /// Files that btrfs names for them, by their path from the top of the volume.
    pub files: Vec<String>,
    /// Sectors in which copies differ although each disk finds its own right.
    pub differing: u64,
}

/// What is remembered of scrubs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scrubs {
    /// When the volume was first seen: the first scrub is a month later.
    pub since: Option<Timestamp>,
    /// The one that is not over.
    pub run: Option<Run>,
    /// The last one that ended.
    pub last: Option<Outcome>,
    /// What was put right within a year, the oldest first.
    pub repaired: Vec<PutRight>,
}

/// What one scrub put right on one disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PutRight {
    /// When that scrub ended.
    pub at: Timestamp,
    /// On which disk, and how much.
    pub found: Repairs,
}

/// What btrfs says of its own scrub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FilesSeen {
    /// It goes on.
    pub running: bool,
    /// It came to its end.
    pub finished: bool,
    /// Bytes read so far.
    pub bytes: u64,
    /// Seconds that it took, pauses excluded.
    pub seconds: u64,
    /// Blocks that could not be put right.
    pub broken: u64,
}

/// What md says of its check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CopiesSeen {
    /// Sectors done and in all, while it goes on.
    pub running: Option<(u64, u64)>,
    /// Where it would go on if it was interrupted; 0 after it came to its end.
    pub interrupted_at: u64,
    /// Sectors in which copies differ.
    pub differing: u64,
    /// Kibibytes a second.
    pub speed: u64,
    /// Sectors of each copy.
    pub total: u64,
}

/// What is seen of a scrub.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScrubSeen {
    /// btrfs.
    pub files: FilesSeen,
    /// md.
    pub copies: CopiesSeen,
    /// What was written anew on each disk, counted from any moment.
    pub repaired: Vec<Repairs>,
    /// The files that btrfs named since the run began.
    pub named: Vec<String>,
}

/// The one thing to do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Let btrfs read everything, from the beginning.
    ReadFiles,
    /// Let btrfs go on.
    GoOnWithFiles,
    /// Stop btrfs where it is.
    StopFiles,
    /// Let md read every copy from that sector.
    ReadCopies {
        /// The sector.
        from: u64,
    },
    /// Stop md where it is.
    StopCopies,
}

/// Whether the disks may be read through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Volume {
    /// Mounted, every copy complete, nothing is being copied.
    Whole,
    /// Anything else: repairing goes first.
    Busy,
}

/// What to remember after a look, and what to do now.
pub fn next(
    scrubs: &Scrubs,
    seen: &ScrubSeen,
    volume: Volume,
    now: Timestamp,
    zone: &TimeZone,
) -> (Scrubs, Option<Act>) {
    let mut scrubs = scrubs.clone();
    let since = *scrubs.since.get_or_insert(now);
    if scrubs.run.is_none() && volume == Volume::Whole && is_night(now, zone) {
        let last = scrubs.last.as_ref().map_or(since, |last| last.finished);
        if now.duration_since(last) >= EVERY {
            scrubs.run = Some(begin(Starter::Schedule, seen, now));
        }
    }
    let Some(run) = &mut scrubs.run else {
        return (scrubs, None);
    };
    let may_go = volume == Volume::Whole && may_run_at(run, now, zone);
    let act = match run.stage {
        Stage::Files => files(run, seen, may_go),
        Stage::Copies => None,
    };
    if act.is_some() || run.stage == Stage::Files {
        return (scrubs, act);
    }
    let act = copies(run, seen, volume, may_go);
    if act.is_none() && is_read(run, seen, volume) {
        let outcome = end(run, seen, now);
        let put_right = outcome.repaired.iter().cloned();
        let put_right = put_right.map(|found| PutRight { at: now, found });
        scrubs.repaired.extend(put_right);
        let counts = |past: &PutRight| now.duration_since(past.at) < HELD_AGAINST_FOR;
        scrubs.repaired.retain(counts);
        scrubs.last = Some(outcome);
        scrubs.run = None;
    }
    (scrubs, act)
}

/// Whether a run may go on at that time, as far as people are concerned.
pub fn may_run_at(run: &Run, now: Timestamp, zone: &TimeZone) -> bool {
    run.pace == Pace::Going && (run.by == Starter::Person || is_night(now, zone))
}

/// A run that begins now.
pub fn begin(by: Starter, seen: &ScrubSeen, now: Timestamp) -> Run {
    Run {
        started: now,
        by,
        pace: Pace::Going,
        stage: Stage::Files,
        begun: false,
        copies_from: 0,
        before: seen.repaired.clone(),
        broken: 0,
    }
}

fn is_night(now: Timestamp, zone: &TimeZone) -> bool {
    let hour = now.to_zoned(zone.clone()).hour();
    hour >= NIGHT.0 || hour < NIGHT.1
}

fn files(run: &mut Run, seen: &ScrubSeen, may_go: bool) -> Option<Act> {
    let seen = seen.files;
    if seen.running {
        // It goes on although nobody remembers having begun it: the supervisor was
        // restarted in between.
        run.begun = true;
        return (!may_go).then_some(Act::StopFiles);
    }
    if run.begun && seen.finished {
        run.broken = seen.broken;
        run.stage = Stage::Copies;
        run.begun = false;
        return None;
    }
    if !may_go {
        return None;
    }
    let act = if run.begun {
        Act::GoOnWithFiles
    } else {
        Act::ReadFiles
    };
    run.begun = true;
    Some(act)
}

fn copies(run: &mut Run, seen: &ScrubSeen, volume: Volume, may_go: bool) -> Option<Act> {
    let seen = seen.copies;
    if let Some((done, total)) = seen.running {
        run.begun = true;
        let step = (total / STEPS).max(1);
        if done >= run.copies_from + step || done < run.copies_from {
            run.copies_from = done / step * step;
        }
        if may_go {
            return None;
        }
        // Stopped before its first step, md looks as it does at its end.
        run.begun = false;
        return Some(Act::StopCopies);
    }
    if run.begun && seen.interrupted_at > 0 {
        run.copies_from = seen.interrupted_at;
    } else if run.begun && volume == Volume::Whole {
        // It came to its end.
        return None;
    }
    if !may_go {
        return None;
    }
    run.begun = true;
    Some(Act::ReadCopies {
        from: run.copies_from,
    })
}

fn is_read(run: &Run, seen: &ScrubSeen, volume: Volume) -> bool {
    run.begun
        && seen.copies.running.is_none()
        && seen.copies.interrupted_at == 0
        && volume == Volume::Whole
}

fn end(run: &Run, seen: &ScrubSeen, now: Timestamp) -> Outcome {
    Outcome {
        started: run.started,
        finished: now,
        repaired: difference(&run.before, &seen.repaired),
        broken: run.broken,
        files: seen.named.clone(),
        differing: seen.copies.differing,
    }
}

/// What was written anew between two counts. A disk that joined in between begins at
/// nothing.
pub fn difference(before: &[Repairs], after: &[Repairs]) -> Vec<Repairs> {
    after
        .iter()
        .filter_map(|now| {
            let then = before.iter().find(|count| count.disk == now.disk);
            let then = then.map_or(0, |count| count.sectors);
            // A member that was added anew counts from nothing.
            let sectors = now.sectors.checked_sub(then).unwrap_or(now.sectors);
            (sectors > 0).then(|| Repairs {
                disk: now.disk.clone(),
                sectors,
            })
        })
        .collect()
}

impl Scrubs {
    /// After a restart of the machine: what ran does not run any more, and is gone on
    /// with where it was.
    pub fn after_restart(mut self) -> Self {
        if let Some(run) = &mut self.run
            && run.stage == Stage::Copies
        {
            run.begun = false;
        }
        self
    }

    /// What speaks against a disk in what scrubs put right on it.
    pub fn reason(&self, disk: &DiskId, now: Timestamp) -> Option<Reason> {
        let past = self.repaired.iter().filter(|past| {
            past.found.disk == *disk && now.duration_since(past.at) < HELD_AGAINST_FOR
        });
        let (times, sectors) = past.fold((0, 0_u64), |(times, sectors), past| {
            (times + 1, sectors.saturating_add(past.found.sectors))
        });
        (times > 0).then_some(Reason::Repaired { sectors, times })
    }

    /// When the next one is due.
    pub fn due(&self) -> Option<Timestamp> {
        let last = self.last.as_ref().map(|last| last.finished);
        last.or(self.since)?.checked_add(EVERY).ok()
    }
}

#[cfg(test)]
mod tests;
