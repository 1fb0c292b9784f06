//! How long md still needs. A new disk is filled by md while its layer computes the
//! checksums of what lay there, and both share the disk: md is slow while the layer is
//! at work and faster afterwards. So what counts is the work that both have done
//! together, and the work that both have before them.
//!
//! md tells how far it is in steps, each of ten seconds or a sixteenth of the whole. Only
//! the moments in which a step was made are taken for its speed.

use crate::arrays::SyncProgress;
use std::collections::VecDeque;
use std::time::Duration;

/// Over how long the speed is taken: shorter, and each pupil who stores a film makes
/// the time jump.
const WINDOW: Duration = Duration::from_secs(120);
/// Two steps that are closer together say nothing of a speed.
const LEAST: Duration = Duration::from_secs(2);
/// Without a step for so long it stands still.
const STANDS_STILL: Duration = Duration::from_secs(120);
/// What a sector of checksums costs, in sectors that md fills: it is read, where md has
/// one read and another written. Measured with `cargo xtask bench rebuild`.
const CHECKSUM_COST: f64 = 0.6;
/// Seconds that nobody waits for.
const CENTURY: f64 = 3.2e9;

/// What md and the layers have done lately, and from it the time that is left.
#[derive(Debug, Clone, Default)]
pub struct Remaining {
    /// How far it was at the last look, step or not.
    seen: Option<SyncProgress>,
    steps: VecDeque<Step>,
}

/// A moment in which md told of more than before.
#[derive(Debug, Clone, Copy)]
struct Step {
    /// By a clock that only goes forward.
    at: Duration,
    progress: SyncProgress,
}

impl Remaining {
    /// Takes in how far md is at `at`, a time by a clock that only goes forward; `None`
    /// while it does nothing.
    pub fn see(&mut self, at: Duration, progress: Option<SyncProgress>) {
        let seen = std::mem::replace(&mut self.seen, progress);
        let (Some(seen), Some(progress)) = (seen, progress) else {
            self.steps.clear();
            return;
        };
        if !goes_on(&seen, &progress) {
            self.steps.clear();
        } else if seen.done < progress.done {
            self.steps.push_back(Step { at, progress });
        }
        let is_old = |step: &Step| at.saturating_sub(step.at) > WINDOW;
        // Of a slow one the last two, however old.
        while self.steps.len() > 2 && self.steps.front().is_some_and(is_old) {
            self.steps.pop_front();
        }
    }

    /// Seconds that are left at `now`, a time by the same clock; `None` while nothing
    /// moves, or it is too soon to say.
    pub fn seconds(&self, now: Duration) -> Option<u64> {
        let last = self.steps.back()?;
        let since = now.saturating_sub(last.at);
        if since > STANDS_STILL {
            return None;
        }
        // Once the checksums are ready, what md did before is no measure of it.
        let is_alike =
            |step: &&Step| step.progress.checksums.is_some() == last.progress.checksums.is_some();
        let alike = self.steps.iter().rev().take_while(is_alike).last();
        let spans_enough = |first: &&Step| last.at.saturating_sub(first.at) >= LEAST;
        let first = alike
            .filter(spans_enough)
            .or_else(|| self.steps.front().filter(spans_enough))?;
        let seconds = after(first, last)?;
        Some((seconds - since.as_secs_f64()).max(0.0).round() as u64)
    }
}

/// Seconds from the later step to the end.
fn after(first: &Step, last: &Step) -> Option<f64> {
    let span = last.at.saturating_sub(first.at).as_secs_f64();
    let per_second = |before: f64, now: f64| (before - now).max(0.0) / span;
    let left = last.progress.left() as f64;
    let speed = per_second(first.progress.left() as f64, left);
    let sums_left = sums_left(&last.progress);
    let sums_speed = per_second(self::sums_left(&first.progress), sums_left);
    // Either the checksums are computed to the end, and it stays as slow …
    let beside = left / speed;
    // … or they are ready before, and md has the disk for itself from then on.
    let work = left + CHECKSUM_COST * sums_left;
    let together = work / (speed + CHECKSUM_COST * sums_speed);
    let seconds = beside.min(together);
    (seconds < CENTURY).then_some(seconds)
}

/// Whether the one is a later moment of what the other is an earlier one of.
fn goes_on(earlier: &SyncProgress, later: &SyncProgress) -> bool {
    let same = earlier.action == later.action && earlier.total == later.total;
    same && earlier.done <= later.done
}

fn sums_left(progress: &SyncProgress) -> f64 {
    progress.checksums.map_or(0, |checksums| checksums.left()) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrays::{ChecksumProgress, SyncAction};

    const TOTAL: u64 = 1_000_000;

    fn progress(done: u64, sums: Option<u64>) -> SyncProgress {
        SyncProgress {
            action: SyncAction::Recover,
            done,
            total: TOTAL,
            checksums: sums.map(|done| ChecksumProgress { done, total: TOTAL }),
        }
    }

    /// What is told after `seconds` of looking once a second.
    fn told(seconds: u64, at: impl Fn(u64) -> SyncProgress) -> Option<u64> {
        let mut remaining = Remaining::default();
        for second in 0..=seconds {
            remaining.see(Duration::from_secs(second), Some(at(second)));
        }
        remaining.seconds(Duration::from_secs(seconds))
    }

    #[test]
    fn without_checksums_what_is_left_goes_on_at_the_speed_of_the_last_minutes() {
        let steady = |second| progress(second * 1000, None);
        assert_eq!(told(2, steady), None, "too soon");
        assert_eq!(told(100, steady), Some(900));
        // Ten times as fast since 200 s.
        let quicker = |second: u64| {
            let fast = second.saturating_sub(200);
            progress(second.min(200) * 100 + fast * 1000, None)
        };
        assert_eq!(told(330, quicker), Some(850));
    }

    #[test]
    fn the_steps_in_which_md_tells_of_it_do_not_show() {
        // Every ten seconds, as md writes it down on a large disk.
        let in_steps = |second: u64| progress(second / 10 * 10_000, None);
        for second in 20..900 {
            assert_eq!(told(second, in_steps), Some(1000 - second), "at {second} s");
        }
    }

    #[test]
    fn a_disk_that_computes_checksums_meanwhile_is_quicker_afterwards() {
        // Both share the disk until the checksums are ready at 500 s: md does 800 a
        // second of the 2000 that it could do alone.
        let shared = |second: u64| {
            let alone = second.saturating_sub(500);
            let done = second.min(500) * 800 + alone * 2000;
            progress(done, Some(second * 2000).filter(|sums| *sums < TOTAL))
        };
        // The end is at 800 s.
        for second in [10, 100, 250, 400, 499, 500, 502, 530, 700] {
            assert_eq!(told(second, shared), Some(800 - second), "at {second} s");
        }
    }

    #[test]
    fn once_they_are_ready_the_speed_is_taken_anew() {
        // On a disk where they cost nothing md goes on as before.
        let even = |second: u64| {
            progress(
                second * 1000,
                Some(second * 5000).filter(|sums| *sums < TOTAL),
            )
        };
        assert_eq!(told(210, even), Some(790));
    }

    #[test]
    fn checksums_that_take_longer_than_md_change_nothing() {
        let slow = |second| progress(second * 1000, Some(second * 100));
        assert_eq!(told(100, slow), Some(900));
    }

    #[test]
    fn nothing_is_told_while_nothing_moves_or_something_else_begins() {
        let stuck = |second: u64| progress(second.min(50) * 1000, None);
        assert_eq!(told(100, stuck), Some(900), "it may be a long step");
        assert_eq!(told(171, stuck), None);
        let mut remaining = Remaining::default();
        let mut see = |second, progress| {
            let at = Duration::from_secs(second);
            remaining.see(at, progress);
            remaining.seconds(at)
        };
        see(0, Some(progress(0, None)));
        see(10, Some(progress(10_000, None)));
        assert_eq!(see(20, Some(progress(20_000, None))), Some(980));
        // The same disk is filled from the beginning.
        assert_eq!(see(21, Some(progress(0, None))), None);
        assert_eq!(see(31, Some(progress(10_000, None))), None);
        assert_eq!(see(41, Some(progress(20_000, None))), Some(980));
        see(42, None);
        assert_eq!(see(43, Some(progress(22_000, None))), None);
        assert_eq!(see(53, Some(progress(32_000, None))), None);
    }

    #[test]
    fn looking_often_keeps_what_two_minutes_bring() {
        let mut remaining = Remaining::default();
        for second in 0..10_000 {
            remaining.see(Duration::from_secs(second), Some(progress(second, None)));
        }
        assert!(remaining.steps.len() <= 121, "{}", remaining.steps.len());
    }
}
