//! What the kernel, md and the scrubs noticed of the disks joins what the disks say of themselves:
//! one judgement for each disk, for the watch and for the pages. Pure.

use crate::readings::Health;
use jiff::Timestamp;
use preau_domain::health::{Judgement, Reason, Verdict, kernel_reasons, marks_reason};
use preau_domain::ids::DiskId;
use preau_domain::scrub::Scrubs;
use preau_domain::snapshot::Snapshot;

/// The judgements with what was noticed of each disk. A disk that was never visited has
/// been plugged in a moment ago: it waits for its visit.
pub fn with_notices(
    health: &Health,
    snapshot: &Snapshot,
    scrubs: &Scrubs,
    now: Timestamp,
) -> Health {
    let mut joined = health.clone();
    for (disk, health) in &mut joined {
        let mut noticed = noticed(disk, snapshot, now);
        noticed.extend(scrubs.reason(disk, now));
        if noticed.is_empty() {
            continue;
        }
        let judgement = health.judgement.take().unwrap_or(Judgement {
            verdict: Verdict::Healthy,
            reasons: Vec::new(),
        });
        health.judgement = Some(judgement.with(noticed));
    }
    joined
}

fn noticed(disk: &DiskId, snapshot: &Snapshot, now: Timestamp) -> Vec<Reason> {
    let members = snapshot.arrays.known().into_iter().flatten();
    let marks = members
        .flat_map(|array| &array.members)
        .filter(|member| member.disk.as_ref() == Some(disk))
        .filter_map(|member| marks_reason(&member.marks));
    let notes = snapshot.kernel.known().map_or(&[][..], Vec::as_slice);
    marks.chain(kernel_reasons(notes, disk, now)).collect()
}

#[cfg(test)]
mod tests {
    use crate::testing::Bench;
    use preau_domain::arrays::Marks;
    use preau_domain::health::{Noticed, Verdict};
    use preau_domain::ids::DiskId;
    use preau_domain::incidents::IncidentCode;

    fn verdict(bench: &Bench, disk: &DiskId) -> Option<Verdict> {
        let picture = bench.desk.picture.borrow().clone().unwrap();
        let health = picture.health.get(disk)?;
        health.judgement.as_ref().map(|judgement| judgement.verdict)
    }

    #[tokio::test]
    async fn a_member_that_md_holds_something_against_is_failing_although_the_array_is_whole() {
        let mut bench = Bench::new(2).await;
        bench.set_up().await;
        bench.visit().await;
        bench.look().await;
        let disk = bench.machine.disk_in("2").unwrap().id;
        assert_eq!(verdict(&bench, &disk), Some(Verdict::Healthy));
        let marks = Marks {
            write_error: true,
            wants_replacement: true,
            bad_sectors: 8,
        };
        bench.machine.mark_member(&disk, marks);
        bench.look().await;
        assert_eq!(verdict(&bench, &disk), Some(Verdict::ReplaceSoon));
        let incidents = bench.status().await.incidents;
        assert_eq!(incidents.len(), 1);
        assert_eq!(incidents[0].code, IncidentCode::DiskFailing);
    }

    #[tokio::test]
    async fn disks_that_are_reset_together_are_watched_and_not_accused() {
        let mut bench = Bench::new(2).await;
        bench.set_up().await;
        bench.visit().await;
        let disks = ["1", "2"].map(|bay| bench.machine.disk_in(bay).unwrap().id);
        for _ in 0..20 {
            for disk in &disks {
                let now = bench.desk.now();
                bench.machine.notice(disk, Noticed::Reset, now);
            }
        }
        bench.look().await;
        assert_eq!(verdict(&bench, &disks[0]), Some(Verdict::Watch));
        assert!(bench.status().await.incidents.is_empty());
    }
}
