//! Members that come and go. A disk on a loose cable or a flapping USB bridge drops
//! out, is taken back, drops out again: each time the array runs without it for a
//! while and copies what it missed, which wears the others and protects nobody.
//! [`Drops`] counts over what was observed; a disk that drops out too often is held
//! out ([`crate::settings::HeldOut`]) until a person lets it back in.

use crate::arrays::{Array, MemberState};
use crate::ids::DiskId;
use crate::settings::VolumeSettings;
use crate::snapshot::Snapshot;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// How far back drops count. A disk that drops once a day is seen in the history.
const WINDOW: SignedDuration = SignedDuration::from_hours(1);
/// Somebody who pushes a disk in more firmly needs two tries.
const TOO_OFTEN: usize = 3;
/// Disks that drop within this of each other share a controller, a backplane or a
/// power plug: none of them is to blame.
const TOGETHER: SignedDuration = SignedDuration::from_secs(10);

/// What has dropped out of the array, and when.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drops {
    serving: BTreeSet<DiskId>,
    seen: Vec<Drop>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Drop {
    disk: DiskId,
    at: Timestamp,
    /// Its disk was held out for it, which is done once for a drop.
    is_settled: bool,
}

impl Drops {
    /// Takes in one more observation. One that does not show the array running begins
    /// anew: an array that failed as a whole has lost its disks together. One that could
    /// not be made changes nothing: a disk that is just leaving makes one fail, and the
    /// next one shows that it has left.
    pub fn see(&mut self, volume: &VolumeSettings, snapshot: &Snapshot, now: Timestamp) {
        let Some(arrays) = snapshot.arrays.known() else {
            return;
        };
        let array = arrays.iter().find(|array| array.uuid == volume.array);
        let Some(array) = array.filter(|array| array.running) else {
            self.serving.clear();
            return;
        };
        let serving: BTreeSet<DiskId> = serving(array).cloned().collect();
        let belongs = |disk: &&DiskId| volume.members.iter().any(|member| member.disk == **disk);
        for disk in self.serving.difference(&serving).filter(belongs) {
            self.seen.push(Drop {
                disk: disk.clone(),
                at: now,
                is_settled: false,
            });
        }
        self.serving = serving;
        // A clock that was set back would otherwise keep them for years.
        for drop in &mut self.seen {
            drop.at = drop.at.min(now);
        }
        self.seen
            .retain(|drop| now.duration_since(drop.at) < WINDOW);
    }

    /// The disks that drop out too often to be taken back once more.
    pub fn flapping(&self) -> BTreeSet<DiskId> {
        let alone = |drop: &&Drop| {
            !self.seen.iter().any(|other| {
                other.disk != drop.disk && drop.at.duration_since(other.at).abs() <= TOGETHER
            })
        };
        let counted = self.seen.iter().filter(|drop| !drop.is_settled);
        count(counted.filter(alone))
            .into_iter()
            .filter(|(_, times)| *times >= TOO_OFTEN)
            .map(|(disk, _)| disk)
            .collect()
    }

    /// How often each disk dropped out within the last hour, whoever is to blame.
    pub fn times(&self) -> BTreeMap<DiskId, usize> {
        count(self.seen.iter())
    }

    /// The disk is held out for what it did so far: whether it flaps is counted anew.
    pub fn settle(&mut self, disk: &DiskId) {
        let of_disk = self.seen.iter_mut().filter(|drop| drop.disk == *disk);
        of_disk.for_each(|drop| drop.is_settled = true);
    }
}

fn count<'a>(drops: impl Iterator<Item = &'a Drop>) -> BTreeMap<DiskId, usize> {
    let mut times = BTreeMap::new();
    for drop in drops {
        *times.entry(drop.disk.clone()).or_default() += 1;
    }
    times
}

/// The disks that the array uses or fills.
fn serving(array: &Array) -> impl Iterator<Item = &DiskId> {
    array
        .members
        .iter()
        .filter(|member| matches!(member.state, MemberState::InSync | MemberState::Rebuilding))
        .filter_map(|member| member.disk.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrays::{Consistency, Member};
    use crate::reading::Reading;
    use crate::settings::{Layout, VolumeMember};
    use uuid::Uuid;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn id(number: u8) -> DiskId {
        DiskId::from_identity(Some(&format!("0x{number}")), "", None).unwrap()
    }

    fn volume() -> VolumeSettings {
        let member = |number| VolumeMember {
            disk: id(number),
            bay: None,
            model: String::new(),
            serial: String::new(),
            size: 1,
        };
        VolumeSettings {
            layout: Layout::Mirror,
            array: Uuid::from_u128(1),
            filesystem: Uuid::from_u128(2),
            members: vec![member(1), member(2), member(3)],
            spares: 0,
            leaving: Vec::new(),
            growing: false,
            unclean_start: None,
            held_out: Vec::new(),
            erase: Vec::new(),
            formatted: true,
        }
    }

    fn with(disks: &[u8]) -> Snapshot {
        let members = disks.iter().map(|number| {
            Member::in_place(
                Some(id(*number)),
                MemberState::InSync,
                u32::from(*number) - 1,
            )
        });
        let array = Array {
            uuid: Uuid::from_u128(1),
            level: "raid6".to_owned(),
            wanted_members: 3,
            missing_members: 3 - disks.len() as u32,
            running: !disks.is_empty(),
            size: 1,
            filesystem: None,
            members: members.collect(),
            sync: None,
            consistency: Consistency::Bitmap,
        };
        Snapshot {
            disks: Reading::Absent,
            arrays: Reading::at(vec![array], at(0)),
            volume: Reading::Absent,
            shares_served: Reading::Absent,
            kernel: Reading::Absent,
        }
    }

    /// What is flapping after these observations: seconds and the disks that serve.
    fn after(seen: &[(i64, &[u8])]) -> Vec<DiskId> {
        let mut drops = Drops::default();
        for (second, disks) in seen {
            drops.see(&volume(), &with(disks), at(*second));
        }
        drops.flapping().into_iter().collect()
    }

    #[test]
    fn a_disk_that_drops_three_times_within_an_hour_is_flapping() {
        let all: &[u8] = &[1, 2, 3];
        let without: &[u8] = &[1, 3];
        let twice = [
            (0, all),
            (60, without),
            (90, all),
            (120, without),
            (150, all),
        ];
        assert!(after(&twice).is_empty());
        let mut thrice = twice.to_vec();
        thrice.push((3000, without));
        assert_eq!(after(&thrice), [id(2)]);
        let mut later = twice.to_vec();
        later.push((3700, without));
        assert!(after(&later).is_empty(), "the first one no longer counts");
    }

    #[test]
    fn a_disk_that_leaves_while_nothing_can_be_read_has_dropped() {
        let unreadable = Snapshot {
            arrays: Reading::Unreadable {
                reason: "no such device".to_owned(),
            },
            ..with(&[])
        };
        let mut drops = Drops::default();
        for round in 0..3 {
            let start = round * 60;
            drops.see(&volume(), &with(&[1, 2, 3]), at(start));
            drops.see(&volume(), &unreadable, at(start + 30));
            drops.see(&volume(), &with(&[1, 3]), at(start + 31));
        }
        assert_eq!(drops.flapping().into_iter().collect::<Vec<_>>(), [id(2)]);
    }

    #[test]
    fn one_that_stays_away_has_dropped_once() {
        let seen: Vec<(i64, &[u8])> = (0..50).map(|n| (n * 30, [1, 3].as_slice())).collect();
        let mut all: Vec<(i64, &[u8])> = vec![(0, &[1, 2, 3])];
        all.extend(seen);
        assert!(after(&all).is_empty());
    }

    #[test]
    fn disks_that_drop_together_are_not_to_blame() {
        let all: &[u8] = &[1, 2, 3];
        let mut seen = vec![(0, all)];
        for round in 0..5 {
            let start = 100 + round * 100;
            seen.push((start, [1, 3].as_slice()));
            seen.push((start + 1, [1].as_slice()));
            seen.push((start + 30, all));
        }
        assert!(after(&seen).is_empty());
    }

    #[test]
    fn an_array_that_goes_as_a_whole_accuses_none_of_its_disks() {
        let all: &[u8] = &[1, 2, 3];
        let seen: Vec<(i64, &[u8])> = (0..10)
            .flat_map(|n| [(n * 60, all), (n * 60 + 30, [].as_slice())])
            .collect();
        assert!(after(&seen).is_empty());
    }

    #[test]
    fn a_disk_that_was_let_back_in_is_counted_anew() {
        let mut drops = Drops::default();
        for second in 0..6 {
            let disks: &[u8] = if second % 2 == 0 { &[1, 2, 3] } else { &[1, 3] };
            drops.see(&volume(), &with(disks), at(second * 60));
        }
        assert_eq!(drops.flapping().len(), 1);
        drops.settle(&id(2));
        assert!(drops.flapping().is_empty());
        assert_eq!(
            drops.times().get(&id(2)),
            Some(&3),
            "it is as restless as it was"
        );
    }

    #[test]
    fn a_clock_that_jumps_back_does_not_keep_drops_for_ever() {
        let mut drops = Drops::default();
        for (second, disks) in [(1_000_000, [1, 2, 3].as_slice()), (1_000_001, &[1, 3])] {
            drops.see(&volume(), &with(disks), at(second));
        }
        drops.see(&volume(), &with(&[1, 3]), at(0));
        drops.see(&volume(), &with(&[1, 3]), at(4000));
        assert_eq!(drops.seen, []);
    }
}
