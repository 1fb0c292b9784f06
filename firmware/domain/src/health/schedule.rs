//! When disks test themselves: a short test each week, a long one each month, at
//! night or at weekends, one disk at a time, never while copies are made. How long
//! ago the last was is told by the disk's own log, which counts its hours.

use super::reading::{Hours, SelfTestKind, SelfTestOutcome};
use super::visit::{Report, SelfTestState};
use crate::ids::DiskId;
use crate::settings::SchoolHours;
use jiff::civil::DateTime;
use jiff::{SignedDuration, ToSpan};

const WEEK: Hours = Hours(7 * 24);
const MONTH: Hours = Hours(30 * 24);
/// Most disks say how long their long test takes; for one that does not.
const LONG_TAKES: SignedDuration = SignedDuration::from_hours(10);
const SHORT_TAKES: SignedDuration = SignedDuration::from_mins(10);
/// ATA and SCSI keep the hours of a test in 16 bits.
const WRAPS_AT: u64 = 1 << 16;

/// A disk that could test itself.
#[derive(Debug, Clone, Copy)]
pub struct Testable<'a> {
    /// Which.
    pub disk: &'a DiskId,
    /// What it last told.
    pub report: &'a Report,
    /// It was asked to within the last day, whatever came of it.
    pub tried_lately: bool,
}

/// A test to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Of which disk.
    pub disk: DiskId,
    /// Which test.
    pub kind: SelfTestKind,
}

/// The tests that are due, the most urgent first; the first one may be started, and
/// none while one runs. `copying`: a copy is being made or compared.
pub fn self_tests_due(
    disks: &[Testable<'_>],
    copying: bool,
    now: DateTime,
    school: &SchoolHours,
) -> Vec<Due> {
    let running =
        |disk: &Testable<'_>| matches!(disk.report.self_test, SelfTestState::Running { .. });
    if copying || disks.iter().any(running) {
        return Vec::new();
    }
    let mut due: Vec<(u64, Due)> = disks
        .iter()
        .filter(|disk| !disk.tried_lately)
        .filter_map(|disk| due(disk, now, school))
        .collect();
    due.sort_by_key(|(late, _)| std::cmp::Reverse(*late));
    due.into_iter().map(|(_, due)| due).collect()
}

/// The test that a disk needs, and how late it is in hundredths of its turn.
fn due(disk: &Testable<'_>, now: DateTime, school: &SchoolHours) -> Option<(u64, Due)> {
    let report = disk.report;
    if report.self_test != SelfTestState::Idle {
        return None;
    }
    let on = *report.reading.powered_on.known()?;
    let minutes = report.self_test_minutes;
    let takes = |said: Option<u16>, usual| {
        let said = said.filter(|minutes| *minutes > 0);
        said.map_or(usual, |minutes| SignedDuration::from_mins(minutes.into()))
    };
    // A long test looks at all that a short one does.
    let long_ago = since(report, on, &[SelfTestKind::Extended]);
    let any_ago = since(report, on, &[SelfTestKind::Extended, SelfTestKind::Short]);
    let long = takes(minutes.map(|minutes| minutes.extended), LONG_TAKES);
    let short = takes(minutes.map(|minutes| minutes.short), SHORT_TAKES);
    let found = |kind, ago: Hours, turn: Hours| {
        let disk = disk.disk.clone();
        (ago.0.saturating_mul(100) / turn.0, Due { disk, kind })
    };
    if long_ago >= MONTH && fits(long, now, school) {
        return Some(found(SelfTestKind::Extended, long_ago, MONTH));
    }
    let is_due = any_ago >= WEEK && fits(short, now, school);
    is_due.then(|| found(SelfTestKind::Short, any_ago, WEEK))
}

/// The disk's hours since a test of these kinds came to its end; all of them if none
/// did. One that was stopped does not count.
fn since(report: &Report, on: Hours, kinds: &[SelfTestKind]) -> Hours {
    let log = report.self_tests.iter().flatten();
    let over = log
        .filter(|test| kinds.contains(&test.kind) && test.outcome != SelfTestOutcome::Unfinished);
    let ago = |at: Hours| match on.0.checked_sub(at.0) {
        Some(ago) if at.0 < WRAPS_AT => ago % WRAPS_AT,
        Some(ago) => ago,
        // Its clock of hours was set back, or the log is another disk's.
        None => 0,
    };
    let latest = over.map(|test| ago(test.at)).min();
    // A new disk is tested once it has run for a day.
    Hours(latest.unwrap_or(if on.0 < 24 { 0 } else { u64::MAX / 200 }))
}

/// Whether all of a test fits before school begins again.
fn fits(takes: SignedDuration, now: DateTime, school: &SchoolHours) -> bool {
    let quarter = 15.minutes();
    let Ok(end) = now.checked_add(takes) else {
        return false;
    };
    let mut at = now;
    while at <= end {
        if school.contains(at) {
            return false;
        }
        match at.checked_add(quarter) {
            Ok(next) => at = next,
            Err(_) => return false,
        }
    }
    !school.contains(end)
}

#[cfg(test)]
mod tests;
