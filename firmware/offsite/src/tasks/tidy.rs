//! Forgets snapshots that no rule keeps, and gives their room back. Both run only
//! under a clock that is trusted, and alone.

use std::collections::BTreeMap;

use bytesize::ByteSize;
use jiff::Zoned;
use preau_offsite_job::{Failure, Keep, Outcome, Phase};
use rustic_core::repofile::SnapshotFile;
use rustic_core::{KeepOptions, LimitOption, Open, PruneOptions, Repository};

use super::snapshots::{TAG, all, id_of, share_of};
use super::{Need, Room, now};
use crate::repository::{JobError, JobResult};

/// Of the repository, how much is packed again at most when nobody says.
const FETCH_PERCENT: u64 = 10;
/// How much may stay unused: packing it again would cost more than it gives back.
const UNUSED_PERCENT: u64 = 5;

/// Removes the snapshots that no rule keeps.
pub fn forget(room: &Room<'_>, keep: &BTreeMap<String, Keep>) -> JobResult<Outcome> {
    if let Some((share, _)) = keep.iter().find(|(_, keep)| keep.is_nothing()) {
        let detail = format!("the rule of {share} would keep nothing");
        return Err(JobError::new(Failure::BadJob, detail));
    }
    let (repository, _lock) = room.open(Need::Delete)?;
    room.bench.reporter.phase(Phase::Tidying, None);
    let snapshots = all(room, &repository)?;
    let count = snapshots.len() as u64;
    let today = now().to_zoned(jiff::tz::TimeZone::system());
    let goners = choose(snapshots, &room.bench.host, keep, &today)
        .map_err(|error| room.bench.explain("applying the rules", &error))?;
    let ids: Vec<_> = goners.iter().map(|snapshot| snapshot.id).collect();
    if !ids.is_empty() {
        repository
            .delete_snapshots(&ids)
            .map_err(|error| room.bench.explain("removing snapshots", &error))?;
    }
    Ok(Outcome::Forget {
        kept: count - ids.len() as u64,
        removed: goners.iter().map(id_of).collect(),
    })
}

/// The snapshots to remove: only the box's own, only of shares that have a rule.
fn choose(
    snapshots: Vec<SnapshotFile>,
    host: &str,
    keep: &BTreeMap<String, Keep>,
    today: &Zoned,
) -> rustic_core::RusticResult<Vec<SnapshotFile>> {
    let mut by_share: BTreeMap<String, Vec<SnapshotFile>> = BTreeMap::new();
    for snapshot in snapshots {
        if snapshot.hostname == host && snapshot.tags.contains(TAG) {
            by_share
                .entry(share_of(&snapshot))
                .or_default()
                .push(snapshot);
        }
    }
    let mut goners = Vec::new();
    for (share, snapshots) in by_share {
        let Some(keep) = keep.get(&share) else {
            continue;
        };
        let judged = options(keep).apply(snapshots, today)?;
        goners.extend(judged.into_iter().filter(|s| !s.keep).map(|s| s.snapshot));
    }
    Ok(goners)
}

fn options(keep: &Keep) -> KeepOptions {
    let count = |number: u32| (number > 0).then(|| i32::try_from(number).unwrap_or(i32::MAX));
    let mut options = KeepOptions::default();
    options.keep_daily = count(keep.daily);
    options.keep_weekly = count(keep.weekly);
    options.keep_monthly = count(keep.monthly);
    options.keep_yearly = count(keep.yearly);
    options
}

/// Gives back the room of what no snapshot needs.
pub fn prune(room: &Room<'_>, fetch_at_most: Option<u64>) -> JobResult<Outcome> {
    let (repository, _lock) = room.open(Need::Delete)?;
    room.clear_drafts()?;
    let repack = match fetch_at_most {
        Some(bytes) => LimitOption::Size(ByteSize::b(bytes)),
        None => LimitOption::Percentage(FETCH_PERCENT),
    };
    let unused = LimitOption::Percentage(UNUSED_PERCENT);
    let (freed, unused_left) = give_back(room, &repository, repack, unused)?;
    Ok(Outcome::Prune { freed, unused_left })
}

/// Gives room back: at most so much is packed again, and so much may stay unused. Says
/// how many bytes are free now, and how many stay.
pub fn give_back<S: Open>(
    room: &Room<'_>,
    repository: &Repository<S>,
    repack: LimitOption,
    unused: LimitOption,
) -> JobResult<(u64, u64)> {
    let explain = |doing: &str| {
        let doing = doing.to_owned();
        move |error: Box<rustic_core::RusticError>| room.bench.explain(&doing, &error)
    };
    room.bench.reporter.phase(Phase::Tidying, None);
    // A server that has lost its disk lists nothing; believed, all would be removed.
    if all(room, repository)?.is_empty() {
        return Err(JobError::new(
            Failure::Damaged,
            "no snapshot is listed, so nothing is taken for unused",
        ));
    }
    let mut options = PruneOptions::default();
    options.max_repack = repack;
    options.max_unused = unused;
    // The job is alone, by its lock, so nobody can be using what it removes.
    options.instant_delete = true;
    // Packs that are merely small are no reason to fetch them.
    options.no_resize = true;
    let plan = repository
        .prune_plan(&options)
        .map_err(explain("looking for what is unused"))?;
    let (sizes, unreferenced) = (plan.stats.size_sum(), plan.stats.size_unref);
    repository
        .prune(&options, plan)
        .map_err(explain("removing what is unused"))?;
    let freed = sizes.remove + sizes.repackrm + unreferenced;
    Ok((freed, sizes.unused_after_prune()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;

    fn snapshot(host: &str, tag: &str, path: &str, day: &str) -> SnapshotFile {
        let mut snapshot = SnapshotFile {
            hostname: host.into(),
            time: format!("{day}T02:00[UTC]").parse().unwrap(),
            ..SnapshotFile::default()
        };
        snapshot.tags.add(tag.into());
        snapshot.paths.add(path.into());
        snapshot
    }

    #[test]
    fn only_the_boxs_own_snapshots_of_shares_with_a_rule_are_forgotten() {
        let day = |n: i64| {
            let first: jiff::civil::Date = "2026-11-01".parse().unwrap();
            (first + n.days()).to_string()
        };
        let mut snapshots = Vec::new();
        for n in 0..10 {
            snapshots.push(snapshot("box", TAG, "/commun", &day(n)));
            snapshots.push(snapshot("box", TAG, "/direction", &day(n)));
            snapshots.push(snapshot("other", TAG, "/commun", &day(n)));
            snapshots.push(snapshot("box", "mine", "/commun", &day(n)));
        }
        let keep = BTreeMap::from([(
            "commun".to_owned(),
            Keep {
                daily: 3,
                ..Keep::default()
            },
        )]);
        let today = "2026-11-11T07:00[UTC]".parse().unwrap();
        let goners = choose(snapshots, "box", &keep, &today).unwrap();
        assert_eq!(goners.len(), 7);
        assert!(
            goners
                .iter()
                .all(|s| share_of(s) == "commun" && s.hostname == "box")
        );
        assert!(goners.iter().all(|s| s.tags.contains(TAG)));
        let newest = goners.iter().map(|s| s.time.date()).max().unwrap();
        assert_eq!(newest, "2026-11-07".parse().unwrap());
    }
}
