//! What is due next for a destination.

use super::DATA_PARTS;
use super::health::{Verdict, proof};
use super::place::Destination;
use super::runs::{Ending, Run, Work};
use super::schedule::{last_slot, next_slot};
use super::strike::next_strike;
use super::vanished::{Vanished, vanished};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use preau_offsite_job::{Failure, Outcome, Retry};

/// After power-on, disks and network come first.
const SETTLE: SignedDuration = SignedDuration::from_mins(10);
/// Between the tries of one night when the network or the server may come back.
const RETRIES: [SignedDuration; 3] = [
    SignedDuration::from_mins(15),
    SignedDuration::from_hours(1),
    SignedDuration::from_hours(3),
];
/// What needs a person is tried once more, since servers also refuse by mistake.
const SECOND_TRY: [SignedDuration; 1] = [SignedDuration::from_mins(15)];
/// What follows a copy must begin within so much of its end, or waits for the next:
/// by then the school may need its line.
const FOLLOWS_WITHIN: SignedDuration = SignedDuration::from_hours(6);
/// Weekly and monthly, less some hours: a night that begins a little earlier than
/// the one a week ago is still its turn.
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24 - 6);
const MONTH: SignedDuration = SignedDuration::from_hours(30 * 24 - 6);

/// How often a share is restored whole.
const QUARTER: SignedDuration = SignedDuration::from_hours(91 * 24);
/// The largest share that is restored whole: it must come back within a night, and an
/// hour of the usual line brings some 8 GB.
const WHOLE_AT_MOST: u64 = 20 << 30;

/// Whether the clock was set by a source that the box trusts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockTrust {
    /// It was.
    Trusted,
    /// Nobody knows what time it is.
    Untrusted,
}

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// The recovery sheet: without it nobody could open the copy.
    Sheet,
    /// The disks of the box.
    Volume,
    /// Somebody plugs the disk in.
    Disk,
    /// The clock stands before the last copy.
    Clock,
    /// The files come back first: what is not back yet would be missing in the copy.
    Recovery,
}

/// Everything around it.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    /// Now.
    pub now: Timestamp,
    /// The box's time zone.
    pub zone: &'a TimeZone,
    /// When the box was switched on.
    pub up_since: Timestamp,
    /// Whether `now` can be believed.
    pub clock: ClockTrust,
    /// What no copy can be made without.
    pub waiting: Option<Waiting>,
}

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Nothing: it is switched off.
    Off,
    /// Something has to happen first.
    Waits(Waiting),
    /// This work at that time; now, when the time is not after it.
    At(Work, Timestamp),
}

/// Why nothing is let go of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hold {
    /// Nobody knows what time it is.
    Clock,
    /// Far more files vanished than usual, and nobody confirmed it yet.
    Vanished(Vanished),
    /// Nothing proves that the copies can be read: an older one may be the better.
    NotProved,
}

/// Why nothing may be removed at the destination now.
pub fn hold(
    destination: &Destination,
    runs: &[Run],
    clock: ClockTrust,
    now: Timestamp,
) -> Option<Hold> {
    if clock == ClockTrust::Untrusted {
        return Some(Hold::Clock);
    }
    if let Some(found) = vanished(runs, destination.vanished_accepted_at) {
        return Some(Hold::Vanished(found));
    }
    (proof(runs, now) != Verdict::Good).then_some(Hold::NotProved)
}

/// What is due next. `runs` are the destination's own, the newest first.
pub fn next(destination: &Destination, runs: &[Run], around: &Circumstances<'_>) -> Next {
    if !destination.enabled {
        return Next::Off;
    }
    if let Some(waiting) = around.waiting {
        return Next::Waits(waiting);
    }
    // A copy with a date before the last one would be forgotten in its place.
    let behind = runs.iter().any(|run| run.started_at > around.now);
    if behind && around.clock == ClockTrust::Untrusted {
        return Next::Waits(Waiting::Clock);
    }
    if !is_made(runs) {
        let at = after_failures(destination, runs, around, |work| *work == Work::Init)
            .unwrap_or(around.now);
        return Next::At(Work::Init, at);
    }
    // Somebody waits for it, and what is copied afterwards no longer has it.
    let strike = next_strike(destination, runs, around);
    if let Some((work, at)) = &strike
        && *at <= around.now
    {
        return Next::At(Work::Strike(work.clone()), *at);
    }
    let copy_at = back_up_at(destination, runs, around);
    if copy_at > around.now
        && let Some(work) = follow_up(destination, runs, around)
    {
        return Next::At(work, around.now);
    }
    match strike {
        Some((work, at)) if at < copy_at => Next::At(Work::Strike(work), at),
        _ => Next::At(Work::BackUp, copy_at),
    }
}

/// A repository is there: it was made, or found, or a copy is in it.
fn is_made(runs: &[Run]) -> bool {
    runs.iter().any(|run| match run.work {
        Work::Init => run.is_done() || run.failure() == Some(&Failure::RepositoryExists),
        _ => run.is_done(),
    })
}

fn back_up_at(destination: &Destination, runs: &[Run], around: &Circumstances<'_>) -> Timestamp {
    let slot = last_slot(destination, around.now, around.zone);
    let attempt = runs.iter().find(|run| run.work == Work::BackUp);
    match (attempt, slot) {
        // Whoever added it wants to see it work.
        (None, _) => around.now,
        (Some(attempt), Some(slot)) if attempt.started_at < slot => {
            if slot < around.up_since {
                around.up_since + SETTLE
            } else {
                slot
            }
        }
        (Some(_), _) => {
            let copies = |work: &Work| *work == Work::BackUp;
            after_failures(destination, runs, around, copies)
                .unwrap_or_else(|| next_night(destination, around))
        }
    }
}

fn next_night(destination: &Destination, around: &Circumstances<'_>) -> Timestamp {
    next_slot(destination, around.now, around.zone).unwrap_or(Timestamp::MAX)
}

/// When a failed work is tried again; `None` when the last one did not fail.
pub(super) fn after_failures(
    destination: &Destination,
    runs: &[Run],
    around: &Circumstances<'_>,
    is_it: impl Fn(&Work) -> bool,
) -> Option<Timestamp> {
    let slot = last_slot(destination, around.now, around.zone);
    let tonight = |run: &&Run| slot.is_none_or(|slot| run.started_at >= slot);
    let mut tries = runs.iter().filter(|run| is_it(&run.work)).peekable();
    let last = *tries.peek()?;
    let retry = last.retry()?;
    if last.was_cancelled() {
        return Some(next_night(destination, around));
    }
    let failed = tries
        .take_while(tonight)
        .take_while(|run| run.retry().is_some())
        .count();
    let pauses: &[SignedDuration] = match retry {
        Retry::Later => &RETRIES,
        Retry::AfterRepair => &SECOND_TRY,
    };
    if failed == 0 {
        // It failed another night, and this one's turn has come.
        return Some(around.now);
    }
    let ended = last.ended_at().unwrap_or(last.started_at);
    Some(match pauses.get(failed - 1) {
        Some(pause) => ended + *pause,
        None => next_night(destination, around),
    })
}

/// Whether the next drill restores all of a share of so many bytes: once a quarter, if it
/// comes back in a night and leaves half of the `free` bytes of the box.
pub fn is_whole_due(
    destination: &Destination,
    runs: &[Run],
    bytes: u64,
    free: u64,
    now: Timestamp,
) -> bool {
    let was_whole = |run: &&Run| {
        let ending = run.end.as_ref().map(|end| &end.ending);
        matches!(ending, Some(Ending::Done(Outcome::Drill { folder: Some(folder), .. }))
            if folder.is_empty())
    };
    let last = runs.iter().find(was_whole).map(|run| run.started_at);
    let since = last.unwrap_or(destination.added_at);
    now.duration_since(since) >= QUARTER && bytes <= WHOLE_AT_MOST.min(free / 2)
}

/// What is to be done after tonight's copy, most useful first: proving that it can be
/// read, then making room.
fn follow_up(destination: &Destination, runs: &[Run], around: &Circumstances<'_>) -> Option<Work> {
    let now = around.now;
    let copy = runs.iter().find(|run| run.work == Work::BackUp)?;
    let ended = copy.ended_at().filter(|_| copy.is_done())?;
    if now.duration_since(ended) > FOLLOWS_WITHIN || is_struck_since(runs, copy) {
        return None;
    }
    // One that failed after this copy is not tried again before the next.
    let had_its_turn = |is_it: &dyn Fn(&Work) -> bool| {
        let mut after = runs.iter().take_while(|run| *run != copy);
        after.any(|run| is_it(&run.work))
    };
    // How many runs ago it was last done: their order is sure, their times are a clock's.
    let runs_ago = |is_it: &dyn Fn(&Work) -> bool| {
        let found = runs
            .iter()
            .position(|run| is_it(&run.work) && run.is_done());
        found.unwrap_or(usize::MAX)
    };
    let last_done = |is_it: &dyn Fn(&Work) -> bool| {
        runs.iter()
            .find(|run| is_it(&run.work) && run.is_done())
            .map(|run| run.started_at)
    };
    let is_due = |is_it: &dyn Fn(&Work) -> bool, every: SignedDuration| {
        let since = last_done(is_it).unwrap_or(destination.added_at);
        !had_its_turn(is_it) && now.duration_since(since) >= every
    };
    // The first copy is proved at once, and then each week.
    let is_drill = |work: &Work| *work == Work::Drill;
    let first_drill = last_done(&is_drill).is_none() && !had_its_turn(&is_drill);
    // What was written again without something is proved with the copy that follows it.
    let struck = runs_ago(&|work| matches!(work, Work::Strike(_)));
    let after_strike = struck < runs_ago(&is_drill) && !had_its_turn(&is_drill);
    if first_drill || after_strike || is_due(&is_drill, WEEK) {
        return Some(Work::Drill);
    }
    if is_due(&|work| matches!(work, Work::CheckData { .. }), WEEK) {
        return Some(next_part(runs));
    }
    if hold(destination, runs, around.clock, now).is_some() {
        return None;
    }
    if is_due(&|work| *work == Work::Forget, MONTH) {
        return Some(Work::Forget);
    }
    let forgotten = runs_ago(&|work| *work == Work::Forget);
    let pruned = runs_ago(&|work| *work == Work::Prune);
    if forgotten < pruned && !had_its_turn(&|work| *work == Work::Prune) {
        return Some(Work::Prune);
    }
    // Right after something was removed, what is left is looked through.
    let is_check = |work: &Work| *work == Work::Check;
    let removed = pruned.min(struck);
    (removed < runs_ago(&is_check) && !had_its_turn(&is_check)).then_some(Work::Check)
}

/// Something was struck after that copy: it is another one now, under another name, and
/// its original still has what it has not. The next copy is proved instead.
pub fn is_struck_since(runs: &[Run], copy: &Run) -> bool {
    let mut after = runs.iter().take_while(|run| *run != copy);
    after.any(|run| matches!(run.work, Work::Strike(_)) && run.is_done())
}

/// The part of the data after the last one that was read.
fn next_part(runs: &[Run]) -> Work {
    let last = runs.iter().find_map(|run| match (&run.work, &run.end) {
        (Work::CheckData { part, of }, Some(end)) if *of == DATA_PARTS => {
            let read = matches!(end.ending, super::runs::Ending::Done(Outcome::Check { .. }));
            read.then_some(*part)
        }
        _ => None,
    });
    Work::CheckData {
        part: last.map_or(1, |part| part % DATA_PARTS + 1),
        of: DATA_PARTS,
    }
}
