//! A file or a folder is to be gone from every copy: somebody has the right to that. Each
//! destination keeps what it still has to strike among the settings, so that a disk that
//! is plugged in weeks later strikes it too; the runs say what came of it.

use super::due::{Circumstances, ClockTrust, Waiting, after_failures};
use super::place::Destination;
use super::runs::{Run, Work};
use super::schedule::next_slot;
use jiff::{SignedDuration, Timestamp};
use preau_offsite_job::{EscapedPath, Failure};
use serde::{Deserialize, Serialize};

/// A strike that did not get through today is tried each night; within so much of the
/// next night's beginning it has had its tries.
const TRIED_WITHIN: SignedDuration = SignedDuration::from_hours(12);

/// What is to be struck at a destination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Strike {
    /// What.
    pub work: StrikeWork,
    /// When somebody asked for it.
    pub asked_at: Timestamp,
}

/// What is struck.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StrikeWork {
    /// Of which share.
    pub share: String,
    /// Which file or folder, counted from the share's root.
    pub path: EscapedPath,
}

/// By when it is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gone {
    /// By then, if the destination can be reached.
    By(Timestamp),
    /// As soon as that is there.
    Once(Waiting),
    /// Not until the copies there are switched on.
    NotWhileOff,
    /// The destination lets nobody delete.
    Never,
}

/// The tries since somebody asked.
fn tries<'a>(strike: &Strike, runs: &'a [Run]) -> &'a [Run] {
    let since = runs.partition_point(|run| run.started_at >= strike.asked_at);
    runs.get(..since).unwrap_or_default()
}

fn is_refused(strike: &Strike, runs: &[Run]) -> bool {
    let mut ended = tries(strike, runs)
        .iter()
        .filter(|run| is_of(strike, &run.work) && run.end.is_some() && !run.was_cancelled());
    ended
        .next()
        .is_some_and(|run| run.failure() == Some(&Failure::DeleteRefused))
}

pub(super) fn is_of(strike: &Strike, work: &Work) -> bool {
    matches!(work, Work::Strike(work) if *work == strike.work)
}

/// The next strike and its time; none under a clock that cannot be trusted.
pub(super) fn next_strike(
    destination: &Destination,
    runs: &[Run],
    around: &Circumstances<'_>,
) -> Option<(StrikeWork, Timestamp)> {
    if around.clock == ClockTrust::Untrusted {
        return None;
    }
    destination
        .strikes
        .iter()
        .filter(|strike| !is_refused(strike, runs))
        .map(|strike| {
            let is_it = |work: &Work| is_of(strike, work);
            let at = after_failures(destination, tries(strike, runs), around, is_it);
            (strike.work.clone(), at.unwrap_or(around.now))
        })
        .min_by_key(|(_, at)| *at)
}

/// By when something that was asked for is gone.
pub fn gone(
    destination: &Destination,
    strike: &Strike,
    runs: &[Run],
    around: &Circumstances<'_>,
) -> Gone {
    if is_refused(strike, runs) {
        return Gone::Never;
    }
    if !destination.enabled {
        return Gone::NotWhileOff;
    }
    if let Some(waiting) = around.waiting {
        return Gone::Once(waiting);
    }
    if around.clock == ClockTrust::Untrusted {
        return Gone::Once(Waiting::Clock);
    }
    let night = next_slot(destination, around.now, around.zone).unwrap_or(around.now);
    Gone::By(night + TRIED_WITHIN)
}
