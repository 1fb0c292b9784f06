//! Incidents about disks that are held out, and about a volume that fills up or can
//! no longer be written.

use super::{Condition, Finding, describe, member_facts};
use crate::arrays::Array;
use crate::incidents::{Facts, IncidentCode};
use crate::settings::{HeldWhy, VolumeSettings};
use crate::snapshot::{Snapshot, Volume};

/// Where a volume begins to be too full, and where it has become emptier again, in
/// hundredths. Between the two nothing changes: a volume at the limit is one incident,
/// not one for each file that comes and goes.
struct Limit {
    code: IncidentCode,
    begins: u64,
    ends: u64,
}

/// At 85 % there is time to tidy up or to buy larger disks; btrfs slows down and then
/// refuses well before its last byte.
const LIMITS: [Limit; 2] = [
    Limit {
        code: IncidentCode::VolumeFilling,
        begins: 85,
        ends: 80,
    },
    Limit {
        code: IncidentCode::VolumeFull,
        begins: 95,
        ends: 92,
    },
];

pub(super) fn findings(
    volume: &VolumeSettings,
    serving: Option<&Array>,
    snapshot: &Snapshot,
) -> Vec<Finding> {
    let subject = volume.array.to_string();
    let found = snapshot.volume.known();
    let found = found.filter(|found| found.filesystem == volume.filesystem);
    let mut findings = vec![Finding {
        code: IncidentCode::VolumeOffline,
        subject: subject.clone(),
        condition: offline(serving, found, snapshot),
    }];
    findings.extend(LIMITS.iter().map(|limit| Finding {
        code: limit.code,
        subject: subject.clone(),
        condition: found.map_or(Condition::Unknown, |found| fullness(limit, found)),
    }));
    for member in &volume.members {
        let held = volume.held_out(&member.disk);
        for (code, why) in [
            (IncidentCode::DiskFlapping, HeldWhy::Flapping),
            (IncidentCode::DiskDiverged, HeldWhy::Diverged),
        ] {
            findings.push(Finding {
                code,
                subject: member.disk.as_str().to_owned(),
                condition: Condition::when(held == Some(why), || {
                    member_facts(member, describe(serving))
                }),
            });
        }
    }
    findings
}

/// The disks are there and the files cannot be written: btrfs turned read-only, or the
/// volume is not mounted at all.
fn offline(serving: Option<&Array>, found: Option<&Volume>, snapshot: &Snapshot) -> Condition {
    use crate::reading::Reading;
    let facts = |what: &str| Facts {
        detail: format!("{}, btrfs: {what}", describe(serving)),
        ..Facts::default()
    };
    match (serving, found, &snapshot.volume) {
        // That the array failed says more.
        (None, ..) => Condition::Unknown,
        (Some(_), Some(found), _) => Condition::when(found.read_only, || facts("read-only")),
        (Some(_), None, Reading::Absent) => Condition::Present(facts("not mounted")),
        (Some(_), None, Reading::Known { .. } | Reading::Unreadable { .. }) => Condition::Unknown,
    }
}

fn fullness(limit: &Limit, found: &Volume) -> Condition {
    let used = found.total.saturating_sub(found.free);
    let reaches = |percent: u64| {
        u128::from(used) * 100 >= u128::from(found.total.max(1)) * u128::from(percent)
    };
    if reaches(limit.begins) {
        Condition::Present(Facts {
            free: Some(found.free),
            detail: format!("btrfs: {used} / {} B", found.total),
            ..Facts::default()
        })
    } else if reaches(limit.ends) {
        Condition::Unknown
    } else {
        Condition::Good
    }
}
