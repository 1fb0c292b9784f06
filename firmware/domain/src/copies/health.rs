//! How the copies of a destination are, for the incidents.

use super::place::{Destination, Place};
use super::runs::{Run, Work};
use super::schedule::slots_before;
use super::strike::{Strike, is_of};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use preau_offsite_job::{Failure, Retry};
use uuid::Uuid;

/// Nights without a good copy before it is stale.
const STALE_NIGHTS: usize = 3;
/// A copy may take some hours from its beginning until it counts as missed.
const NIGHT: SignedDuration = SignedDuration::from_hours(12);
/// How long a first copy may take before it is called late: a terabyte over a school's
/// line takes weeks.
const FIRST_COPY: SignedDuration = SignedDuration::from_hours(21 * 24);
/// Failed tries in a row before people are written to.
const TRIES: usize = 2;
/// A proof each week; without one for so long, something keeps it from happening.
const UNPROVED: SignedDuration = SignedDuration::from_hours(22 * 24);

/// What is to be gone is struck the next night. A disk that comes on Fridays is there
/// within the week.
const STRUCK_WITHIN: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What a history says about one thing that could be wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is well.
    Good,
    /// It is not, for that reason.
    Bad(Option<Failure>, String),
    /// The history does not say.
    Unknown,
}

/// How the copies of a destination are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyHealth {
    /// Of which.
    pub destination: Uuid,
    /// Its name.
    pub name: String,
    /// When the files were as the last good copy has them.
    pub last_good: Option<Timestamp>,
    /// No good copy for three nights.
    pub stale: Verdict,
    /// Work fails, and was tried again.
    pub failed: Verdict,
    /// What is there cannot be restored.
    pub proof: Verdict,
    /// What somebody wanted gone is still there.
    pub struck: Verdict,
}

/// Judges a destination; `None` when it is switched off. `runs` are the newest first.
pub fn health(
    destination: &Destination,
    runs: &[Run],
    now: Timestamp,
    zone: &TimeZone,
) -> Option<CopyHealth> {
    if !destination.enabled {
        return None;
    }
    let last_good = runs
        .iter()
        .find(|run| run.work == Work::BackUp && run.is_done())
        .map(|run| run.started_at);
    Some(CopyHealth {
        destination: destination.id,
        name: destination.name.clone(),
        last_good,
        stale: stale(destination, runs, last_good, now, zone),
        failed: failed(destination, runs),
        proof: proof(runs, now),
        struck: struck(destination, runs, now),
    })
}

/// Judged by the oldest wish that is overdue.
fn struck(destination: &Destination, runs: &[Run], now: Timestamp) -> Verdict {
    let is_late = |strike: &&Strike| now.duration_since(strike.asked_at) >= STRUCK_WITHIN;
    let late = destination.strikes.iter().filter(is_late);
    let Some(strike) = late.min_by_key(|strike| strike.asked_at) else {
        return Verdict::Good;
    };
    let mut tries = runs.iter().filter(|run| is_of(strike, &run.work));
    let last = tries.find(|run| run.end.is_some() && !run.was_cancelled());
    let (failure, detail) = last.map_or((None, String::new()), why);
    Verdict::Bad(failure, detail)
}

fn stale(
    destination: &Destination,
    runs: &[Run],
    last_good: Option<Timestamp>,
    now: Timestamp,
    zone: &TimeZone,
) -> Verdict {
    let runs_first_copy = last_good.is_none()
        && runs.first().is_some_and(|run| run.end.is_none())
        && now.duration_since(destination.added_at) < FIRST_COPY;
    if runs_first_copy {
        return Verdict::Unknown;
    }
    let since = last_good.unwrap_or(destination.added_at);
    let missed = slots_before(destination, now, zone, STALE_NIGHTS as i64 + 1)
        .filter(|slot| now.duration_since(*slot) >= NIGHT)
        .take_while(|slot| *slot > since)
        .take(STALE_NIGHTS)
        .count();
    if missed < STALE_NIGHTS {
        return Verdict::Good;
    }
    let last = runs
        .iter()
        .find(|run| matches!(run.work, Work::BackUp | Work::Init) && run.end.is_some());
    let (failure, detail) = last.map_or((None, String::new()), why);
    Verdict::Bad(failure, detail)
}

fn failed(destination: &Destination, runs: &[Run]) -> Verdict {
    let mut tries = runs
        .iter()
        .filter(|run| !run.work.is_proof())
        // Those two are told where they were asked for.
        .filter(|run| !matches!(run.work, Work::Restore(_) | Work::Strike(_)))
        .filter(|run| run.end.is_some() && !run.was_cancelled())
        .peekable();
    let Some(last) = tries.peek().copied() else {
        return Verdict::Unknown;
    };
    if last.is_done() {
        return Verdict::Good;
    }
    let away = matches!(destination.place, Place::UsbDisk { .. })
        && last.failure() == Some(&Failure::FolderMissing);
    if away {
        // A disk that is kept at home is no failure; that it stays away is told as
        // stale.
        return Verdict::Unknown;
    }
    let in_a_row = tries.take_while(|run| !run.is_done()).count();
    if in_a_row < TRIES {
        return Verdict::Unknown;
    }
    let (failure, detail) = why(last);
    Verdict::Bad(failure, detail)
}

/// A proof that says "not what was written" is believed at once; one that could not
/// be made is only missed when weeks go by.
pub(super) fn proof(runs: &[Run], now: Timestamp) -> Verdict {
    let mut proofs = runs
        .iter()
        .filter(|run| run.work.is_proof() && run.end.is_some() && !run.was_cancelled());
    let Some(last) = proofs.next() else {
        return Verdict::Unknown;
    };
    if last.is_done() {
        // A check that finds nothing does not make up for a drill that failed.
        let unmended = proofs
            .take_while(|run| run.work != Work::Drill || !run.is_done())
            .find(|run| run.work == Work::Drill && is_conviction(run));
        return match unmended {
            Some(drill) if last.work != Work::Drill => {
                let (failure, detail) = why(drill);
                Verdict::Bad(failure, detail)
            }
            _ => Verdict::Good,
        };
    }
    let proved = proofs.find(|run| run.is_done());
    let since = proved.map(|run| run.started_at);
    let overdue = since.is_some_and(|at| now.duration_since(at) >= UNPROVED);
    if is_conviction(last) || overdue {
        let (failure, detail) = why(last);
        return Verdict::Bad(failure, detail);
    }
    Verdict::Unknown
}

/// It did not fail for want of a connection.
fn is_conviction(run: &Run) -> bool {
    run.retry() == Some(Retry::AfterRepair)
}

fn why(run: &Run) -> (Option<Failure>, String) {
    (run.failure().cloned(), run.detail().to_owned())
}
