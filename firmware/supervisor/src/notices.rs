//! What the kernel and md noticed of the disks joins what the disks say of themselves:
//! one judgement for each disk, for the watch and for the pages. Pure.

use crate::readings::Health;
use jiff::Timestamp;
use preau_domain::health::{Judgement, Reason, Verdict, kernel_reasons, marks_reason};
use preau_domain::ids::DiskId;
use preau_domain::snapshot::Snapshot;

/// The judgements with what was noticed of each disk. A disk that was never visited has
/// been plugged in a moment ago: it waits for its visit.
pub fn with_notices(health: &Health, snapshot: &Snapshot, now: Timestamp) -> Health {
    let mut joined = health.clone();
    for (disk, health) in &mut joined {
        let noticed = noticed(disk, snapshot, now);
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
