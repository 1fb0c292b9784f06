//! Files that come back from a copy to a box that was made from nothing. What is still
//! to come is a part of the settings, so that it goes on after a power cut, and even
//! on another card; the runs say how it goes.

use super::runs::{Run, Work};
use jiff::{SignedDuration, Timestamp};
use preau_offsite_job::{Failure, Outcome, Retry, Snapshot, SnapshotId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Between tries while the network or the server may come back; the last one stays.
const PAUSES: [SignedDuration; 4] = [
    SignedDuration::from_secs(30),
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(15),
    SignedDuration::from_hours(1),
];
/// Tries of what only a person can put right: servers also refuse by mistake.
const TRIES: usize = 2;
/// Failed tries until people are told, when waiting may still help.
const TOLD_AFTER: usize = 4;
/// How long it is told that everything is back.
const TOLD_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What is to come back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recovery {
    /// From which destination.
    pub destination: Uuid,
    /// When somebody decided so.
    pub began_at: Timestamp,
    /// The shares, in order.
    pub shares: Vec<ShareRecovery>,
}

/// One share of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareRecovery {
    /// Its name.
    pub share: String,
    /// The copy that it comes from.
    pub snapshot: SnapshotId,
    /// When the files were as they are in it.
    pub taken_at: Timestamp,
    /// Files in it, when that is known.
    pub files: Option<u64>,
    /// Bytes in it, when that is known.
    pub bytes: Option<u64>,
    /// Once it is there: files or attributes that could not be written.
    pub back: Option<u64>,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recovered {
    /// When.
    pub at: Timestamp,
    /// From where: the destination's name.
    pub from: String,
    /// The newest copy that files came from.
    pub taken_at: Timestamp,
    /// Files that are back.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files or attributes that could not be written.
    pub incomplete: u64,
    /// Shares that did not come back whole, and that somebody let go.
    pub left: Vec<String>,
}

impl Recovered {
    /// Whether people are still told.
    pub fn is_news(&self, now: Timestamp) -> bool {
        now.duration_since(self.at) < TOLD_FOR
    }

    /// Whether everything is back.
    pub const fn is_whole(&self) -> bool {
        self.incomplete == 0 && self.left.is_empty()
    }
}

/// What the incidents are made from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct News {
    /// The destination's name, and what comes from there.
    pub coming: Option<(String, Recovery)>,
    /// Why it does not go on.
    pub trouble: Option<(Failure, String)>,
    /// How it ended, as long as people are told.
    pub ended: Option<Recovered>,
}

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Coming {
    /// Bring this share back.
    Bring(usize),
    /// This share is back; so many things of it could not be written.
    IsBack(usize, u64),
    /// Bring this share back, but not before that time.
    Later(usize, Timestamp),
    /// Only a person can say how this share goes on.
    Stopped(usize),
    /// Nothing is left to bring.
    Over,
}

/// What comes next. `runs` are those of the destination, the newest first. Failures up
/// to the run `after` do not count: somebody has asked to try again since, or has
/// switched the box on, whose clock may stand anywhere then.
pub fn coming(recovery: &Recovery, runs: &[Run], after: u64, now: Timestamp) -> Coming {
    let next = recovery
        .shares
        .iter()
        .position(|share| share.back.is_none());
    let Some(place) = next else {
        return Coming::Over;
    };
    let done = runs_of(recovery, place, runs).find_map(|run| match outcome(run) {
        Some(Outcome::Restore { incomplete, .. }) => Some(*incomplete),
        _ => None,
    });
    if let Some(incomplete) = done {
        return Coming::IsBack(place, incomplete);
    }
    let tries = || runs_of(recovery, place, runs).filter(|run| run.number > after);
    let Some(last) = tries().next() else {
        return Coming::Bring(place);
    };
    let Some(ended) = last.ended_at() else {
        return Coming::Bring(place);
    };
    let failed = tries().count();
    let stops = last.was_cancelled() || last.retry() == Some(Retry::AfterRepair) && failed >= TRIES;
    if stops {
        return Coming::Stopped(place);
    }
    let pause = PAUSES.get(failed - 1).or(PAUSES.last());
    let at = pause.map_or(ended, |pause| ended.min(now) + *pause);
    if at <= now {
        Coming::Bring(place)
    } else {
        Coming::Later(place, at)
    }
}

/// Why it does not go on, once people should know; with the share that is meant.
pub fn trouble<'a>(
    recovery: &Recovery,
    runs: &'a [Run],
    after: u64,
    now: Timestamp,
) -> Option<(usize, &'a Run)> {
    let (place, at_least) = match coming(recovery, runs, after, now) {
        Coming::Stopped(place) => (place, 1),
        Coming::Later(place, _) | Coming::Bring(place) => (place, TOLD_AFTER),
        Coming::IsBack(..) | Coming::Over => return None,
    };
    let mut tries =
        runs_of(recovery, place, runs).filter(|run| run.number > after && run.end.is_some());
    let last = tries.next()?;
    (tries.count() + 1 >= at_least).then_some((place, last))
}

/// The tries of one share, the newest first.
fn runs_of<'a>(
    recovery: &Recovery,
    place: usize,
    runs: &'a [Run],
) -> impl Iterator<Item = &'a Run> {
    let share = recovery.shares.get(place).cloned();
    runs.iter().filter(move |run| match (&run.work, &share) {
        (Work::Restore(work), Some(share)) => {
            work.snapshot == share.snapshot && work.share == share.share && work.is_whole_share()
        }
        _ => false,
    })
}

fn outcome(run: &Run) -> Option<&Outcome> {
    match &run.end.as_ref()?.ending {
        super::runs::Ending::Done(outcome) => Some(outcome),
        _ => None,
    }
}

/// The newest copy of each of the box's shares, as the box of that name made them.
pub fn newest(snapshots: &[Snapshot], host: &str, shares: &[&str]) -> Vec<ShareRecovery> {
    shares
        .iter()
        .filter_map(|share| {
            let mut of_share = snapshots
                .iter()
                .filter(|found| found.host == host && found.share == *share);
            let first = of_share.next()?;
            let newest = of_share.fold(
                first,
                |best, found| {
                    if found.time > best.time { found } else { best }
                },
            );
            Some(ShareRecovery {
                share: (*share).to_owned(),
                snapshot: newest.id.clone(),
                taken_at: newest.time,
                files: newest.files,
                bytes: newest.bytes,
                back: None,
            })
        })
        .collect()
}

/// Why a run failed, for people.
pub fn why(run: &Run) -> Failure {
    // A worker that ended without a word was cut.
    run.failure().cloned().unwrap_or(Failure::Cut)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::copies::{Because, End, Ending, RestoreTo, RestoreWork, Restored};
    use preau_offsite_job::EscapedPath;

    fn at(minute: i64) -> Timestamp {
        let start: Timestamp = "2026-11-24T06:00:00Z".parse().unwrap();
        start + SignedDuration::from_mins(minute)
    }

    fn recovery() -> Recovery {
        let share = |name: &str| ShareRecovery {
            share: name.to_owned(),
            snapshot: SnapshotId(name.to_owned()),
            taken_at: at(-600),
            files: Some(3),
            bytes: Some(30),
            back: None,
        };
        Recovery {
            destination: Uuid::from_u128(1),
            began_at: at(0),
            shares: vec![share("commun"), share("direction")],
        }
    }

    fn run(minute: i64, share: &str, ending: Option<Ending>) -> Run {
        Run {
            number: minute.unsigned_abs(),
            destination: Uuid::from_u128(1),
            work: Work::Restore(RestoreWork {
                snapshot: SnapshotId(share.to_owned()),
                share: share.to_owned(),
                path: EscapedPath::default(),
                kind: Restored::Folder,
                to: RestoreTo::Over,
            }),
            because: Because::Planned,
            started_at: at(minute),
            end: ending.map(|ending| End {
                at: at(minute),
                ending,
            }),
        }
    }

    fn failed(minute: i64, failure: Failure) -> Run {
        let detail = String::new();
        run(minute, "commun", Some(Ending::Failed { failure, detail }))
    }

    fn done(minute: i64, share: &str) -> Run {
        let outcome = Outcome::Restore {
            files: 3,
            bytes: 30,
            unchanged: 0,
            incomplete: 2,
        };
        run(minute, share, Some(Ending::Done(outcome)))
    }

    #[test]
    fn the_shares_come_back_one_after_the_other() {
        let mut recovery = recovery();
        let next = |recovery: &Recovery, runs: &[Run]| coming(recovery, runs, 0, at(60));
        assert_eq!(next(&recovery, &[]), Coming::Bring(0));
        // A restore of something else is none of it.
        let mut beside = done(5, "commun");
        if let Work::Restore(work) = &mut beside.work {
            work.to = RestoreTo::Beside("x".to_owned());
        }
        assert_eq!(next(&recovery, &[beside]), Coming::Bring(0));
        assert_eq!(next(&recovery, &[done(5, "commun")]), Coming::IsBack(0, 2));
        recovery.shares[0].back = Some(2);
        assert_eq!(next(&recovery, &[done(5, "commun")]), Coming::Bring(1));
        recovery.shares[1].back = Some(0);
        assert_eq!(next(&recovery, &[]), Coming::Over);
    }

    #[test]
    fn a_line_that_is_cut_is_waited_for_and_told_after_some_tries() {
        let recovery = recovery();
        let next = |runs: &[Run], minute| coming(&recovery, runs, 0, at(minute));
        let cut = |minute| failed(minute, Failure::Cut);
        let later = Coming::Later(0, at(10) + SignedDuration::from_secs(30));
        assert_eq!(next(&[cut(10)], 10), later);
        assert_eq!(next(&[cut(10)], 11), Coming::Bring(0));
        assert_eq!(next(&[cut(12), cut(10)], 16), Coming::Later(0, at(17)));
        let many: Vec<Run> = [500, 400, 300, 200, 100].map(cut).to_vec();
        assert_eq!(next(&many, 559), Coming::Later(0, at(560)));
        let told = |runs: &[Run]| trouble(&recovery, runs, 0, at(600)).is_some();
        assert!(told(&many) && !told(&many[..3]));
        // The power went: tried at once when it is back, whatever the clock says then.
        let power = run(10, "commun", Some(Ending::Cut));
        assert_eq!(coming(&recovery, &[power], 10, at(-5000)), Coming::Bring(0));
    }

    #[test]
    fn what_a_person_must_put_right_is_tried_twice_and_again_when_asked() {
        let recovery = recovery();
        let runs = [failed(20, Failure::Damaged), failed(10, Failure::Damaged)];
        let next = |runs: &[Run], after| coming(&recovery, runs, after, at(60));
        assert_eq!(next(&runs[1..], 0), Coming::Bring(0));
        assert_eq!(next(&runs, 0), Coming::Stopped(0));
        let (place, why_not) = trouble(&recovery, &runs, 0, at(60)).unwrap();
        assert_eq!((place, why(why_not)), (0, Failure::Damaged));
        assert_eq!(next(&runs, 30), Coming::Bring(0));
        let stopped = [failed(20, Failure::Cancelled)];
        assert_eq!(next(&stopped, 0), Coming::Stopped(0));
    }

    #[test]
    fn the_newest_copy_of_the_boxs_own_is_taken() {
        let snapshot = |id: &str, minute, host: &str, share: &str| Snapshot {
            id: SnapshotId(id.to_owned()),
            time: at(minute),
            share: share.to_owned(),
            host: host.to_owned(),
            files: None,
            bytes: None,
        };
        let all = [
            snapshot("a", 1, "box", "commun"),
            snapshot("b", 3, "box", "commun"),
            snapshot("c", 2, "box", "commun"),
            snapshot("d", 9, "laptop", "commun"),
            snapshot("e", 9, "box", "photos"),
        ];
        let found = newest(&all, "box", &["commun"]);
        let ids: Vec<&str> = found
            .iter()
            .map(|share| share.snapshot.0.as_str())
            .collect();
        assert_eq!(ids, ["b"]);
        assert!(newest(&all, "tablet", &["commun"]).is_empty());
    }
}
