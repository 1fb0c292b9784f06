//! Whether far more files vanished between two copies than usual. As long as nobody
//! says that they were meant to, no copy that still has them is let go of.

use super::runs::{Run, Work};
use jiff::Timestamp;
use preau_offsite_job::Copied;
use serde::{Deserialize, Serialize};

/// Fewer than this are a folder that somebody tidied up.
const FEW: u64 = 50;
/// One file of so many may go in a night: the end of a school year is confirmed.
const SHARE_OF_ALL: u64 = 10;
/// So many times as many as usual is unusual.
const TIMES_USUAL: u64 = 4;

/// Files that vanished.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vanished {
    /// Of which share.
    pub share: String,
    /// The copy that no longer has them.
    pub seen_at: Timestamp,
    /// How many.
    pub files: u64,
    /// Of how many that the copy before had.
    pub of: u64,
}

/// The latest unusual loss after `accepted_at`. `runs` are the newest first.
pub fn vanished(runs: &[Run], accepted_at: Option<Timestamp>) -> Option<Vanished> {
    let mut shares: Vec<&str> = runs
        .iter()
        .flat_map(Run::copied)
        .map(|copied| copied.share.as_str())
        .collect();
    shares.sort_unstable();
    shares.dedup();
    let unaccepted = |found: &Vanished| accepted_at.is_none_or(|at| found.seen_at > at);
    shares
        .into_iter()
        .flat_map(|share| losses(runs, share))
        .filter(unaccepted)
        .max_by_key(|found| found.seen_at)
}

/// The unusual losses of a share, oldest first.
fn losses(runs: &[Run], share: &str) -> Vec<Vanished> {
    let copies: Vec<(Timestamp, &Copied)> = runs
        .iter()
        .rev()
        .filter(|run| run.work == Work::BackUp)
        .flat_map(|run| run.copied().iter().map(|copied| (run.started_at, copied)))
        .filter(|(_, copied)| copied.share == share)
        .collect();
    let mut usual: Vec<u64> = Vec::new();
    let mut found = Vec::new();
    for pair in copies.windows(2) {
        let [(_, before), (at, after)] = pair else {
            continue;
        };
        let gone = (before.files + after.files_new).saturating_sub(after.files);
        let limit = FEW
            .max(before.files / SHARE_OF_ALL)
            .max(median(&usual) * TIMES_USUAL);
        if gone > limit {
            found.push(Vanished {
                share: share.to_owned(),
                seen_at: *at,
                files: gone,
                of: before.files,
            });
        } else {
            usual.push(gone);
        }
    }
    found
}

fn median(values: &[u64]) -> u64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied().unwrap_or(0)
}
