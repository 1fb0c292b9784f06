//! Disks of another Préau: how they are recognised, and what becomes of their
//! settings on this box. Which disks belong together is told by the name of their
//! partition, which says so whatever lies between it and the files.

use crate::copies::Destination;
use crate::copies::recovery::{Recovery, ShareRecovery};
use crate::disks::Disk;
use crate::ids::{Bay, DiskId};
use crate::plan::{PARTITION_PREFIX, partition_name};
use crate::settings::{Settings, VolumeSettings};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Disks that belonged together on another box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiskSet {
    /// The name of their partitions.
    pub name: String,
    /// Those that are here.
    pub disks: Vec<DiskId>,
    /// Where they sit.
    pub bays: Vec<Bay>,
}

/// The set that a disk belongs to, when it is another box's.
pub fn set_of<'a>(disk: &'a Disk, ours: Option<&VolumeSettings>) -> Option<&'a str> {
    let name = disk.partition_name.as_deref()?;
    let digits = name.strip_prefix(PARTITION_PREFIX)?;
    let is_one = digits.len() == 16 && digits.chars().all(|c| c.is_ascii_hexdigit());
    let is_ours = ours.is_some_and(|volume| partition_name(volume.array) == name);
    (is_one && !is_ours).then_some(name)
}

/// The sets of another box's disks, by name.
pub fn sets(disks: &[Disk], ours: Option<&VolumeSettings>) -> Vec<DiskSet> {
    let mut sets: BTreeMap<&str, DiskSet> = BTreeMap::new();
    for disk in disks {
        let Some(name) = set_of(disk, ours) else {
            continue;
        };
        let set = sets.entry(name).or_insert_with(|| DiskSet {
            name: name.to_owned(),
            disks: Vec::new(),
            bays: Vec::new(),
        });
        set.disks.push(disk.id.clone());
        set.bays.extend(disk.bay.clone());
    }
    sets.into_values().collect()
}

/// The settings of the other box as they are in force on this one: its disks may sit
/// in other bays, and nothing is erased here because somebody agreed to it there.
/// `None` when they are not about these disks.
pub fn take_over(mut settings: Settings, set: &str, disks: &[Disk]) -> Option<Settings> {
    let volume = settings
        .volume
        .as_mut()
        .filter(|volume| volume.formatted && partition_name(volume.array) == set)?;
    volume.erase.clear();
    for member in &mut volume.members {
        member.bay = disks
            .iter()
            .find(|disk| disk.id == member.disk)
            .and_then(|disk| disk.bay.clone());
    }
    settings.generation += 1;
    Some(settings)
}

/// The settings of a box that is gone as they are in force on this one, with the disks
/// that were chosen here. `from` is where its copy was found, `shares` what is to come
/// back from there.
pub fn start_over(
    mut settings: Settings,
    volume: VolumeSettings,
    mut from: Destination,
    shares: Vec<ShareRecovery>,
    now: Timestamp,
) -> Settings {
    settings.copies_as = settings.copies_identity();
    settings.volume = Some(volume);
    // What was counted on the card that is gone begins anew here.
    for destination in &mut settings.destinations {
        destination.added_at = now;
    }
    let known = settings
        .destinations
        .iter_mut()
        .find(|known| known.place.is_same_place(&from.place));
    from.id = match known {
        Some(known) => {
            known.place = from.place.clone();
            known.id
        }
        None => {
            let id = from.id;
            settings.destinations.push(from.clone());
            id
        }
    };
    settings.recovery = Some(Recovery {
        destination: from.id,
        began_at: now,
        shares,
    });
    settings.recovered = None;
    settings.generation += 1;
    settings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::copies::{Day, KeepCounts, Place, SftpLogin};
    use crate::disks::Bus;
    use crate::settings;
    use uuid::Uuid;

    fn disk(serial: &str, bay: &str, partition_name: Option<&str>) -> Disk {
        Disk {
            id: DiskId::from_identity(Some(serial), "WD", None).unwrap(),
            bay: Some(Bay(bay.to_owned())),
            model: "WD".to_owned(),
            serial: serial.to_owned(),
            size: 1 << 40,
            bus: Bus::Ata,
            contents: Vec::new(),
            contents_digest: String::new(),
            member_of: None,
            layer: crate::disks::Layer::None,
            partition_name: partition_name.map(str::to_owned),
        }
    }

    fn golden() -> Settings {
        settings::read(include_str!("../golden/settings-1.json")).unwrap()
    }

    #[test]
    fn disks_are_told_together_by_the_name_of_their_partition() {
        let ours = golden().volume.unwrap();
        let name = partition_name(ours.array);
        let other = partition_name(Uuid::from_u128(7));
        let disks = [
            disk("a", "1", Some(&name)),
            disk("b", "2", Some(&other)),
            disk("c", "3", Some(&other)),
            disk("d", "4", Some("EFI System Partition")),
            disk("e", "5", Some("preau-")),
            disk("f", "6", Some("preau-data")),
            disk("g", "7", None),
        ];
        let found = sets(&disks, Some(&ours));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].name, other);
        assert_eq!(found[0].disks, [disks[1].id.clone(), disks[2].id.clone()]);
        assert_eq!(found[0].bays, [Bay("2".to_owned()), Bay("3".to_owned())]);
        assert_eq!(sets(&disks, None).len(), 2);
    }

    #[test]
    fn settings_follow_their_disks_to_other_bays() {
        let settings = golden();
        let set = partition_name(settings.volume.as_ref().unwrap().array);
        let mut moved = disk("0x5000c500a1b2c3d5", "4", Some(&set));
        moved.id = settings.volume.as_ref().unwrap().members[1].disk.clone();
        let taken = take_over(settings.clone(), &set, &[moved]).unwrap();
        let members = taken.volume.unwrap().members;
        assert_eq!(members[0].bay, None, "not here");
        assert_eq!(members[1].bay, Some(Bay("4".to_owned())));
        assert_eq!(taken.people, settings.people);
        assert!(taken.generation > settings.generation);
    }

    #[test]
    fn settings_of_other_disks_are_not_taken_over() {
        let settings = golden();
        let other = partition_name(Uuid::from_u128(7));
        assert_eq!(take_over(settings.clone(), &other, &[]), None);
        let mut unmade = settings;
        let set = partition_name(unmade.volume.as_ref().unwrap().array);
        unmade.volume.as_mut().unwrap().formatted = false;
        assert_eq!(take_over(unmade, &set, &[]), None);
    }

    #[test]
    fn a_box_that_is_gone_goes_on_with_other_disks_and_its_own_copies() {
        let mut theirs = golden();
        let old = theirs.volume.clone().unwrap();
        let place = |user: &str, key: Option<&str>| Place::Sftp {
            host: "mairie.example".to_owned(),
            port: 22,
            user: user.to_owned(),
            folder: "preau".to_owned(),
            host_key: key.map(str::to_owned),
            login: SftpLogin::Key,
        };
        let destination = |id, place| Destination {
            id: Uuid::from_u128(id),
            name: "Mairie".to_owned(),
            place,
            days: Day::ALL.to_vec(),
            hour: 1,
            keep: KeepCounts::default(),
            keep_of_share: BTreeMap::new(),
            kilobits_at_school: None,
            enabled: true,
            added_at: Timestamp::UNIX_EPOCH,
            vanished_accepted_at: None,
            strikes: Vec::new(),
        };
        theirs.destinations = vec![destination(1, place("ecole", None))];
        let mut volume = old.clone();
        (volume.array, volume.filesystem) = (Uuid::from_u128(8), Uuid::from_u128(9));
        let now = Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(1);
        let over = |from| start_over(theirs.clone(), volume.clone(), from, Vec::new(), now);

        let same = over(destination(5, place("ecole", Some("ssh-ed25519 A"))));
        assert_eq!(same.destinations.len(), 1);
        assert_eq!(
            same.destinations[0].place,
            place("ecole", Some("ssh-ed25519 A"))
        );
        assert_eq!(
            same.destinations[0].added_at, now,
            "no night was missed yet"
        );
        assert_eq!(
            same.recovery.as_ref().unwrap().destination,
            Uuid::from_u128(1)
        );
        assert_eq!(same.copies_identity(), Some(old.filesystem));
        assert_eq!(same.volume, Some(volume.clone()));
        assert_eq!(same.people, theirs.people);
        assert!(same.generation > theirs.generation);
        // Twice burnt: it is still the first box to its copies.
        let again = start_over(
            same,
            old,
            destination(1, place("ecole", None)),
            Vec::new(),
            now,
        );
        assert_eq!(again.copies_as, theirs.copies_identity());

        let other = over(destination(5, place("lycee", None)));
        assert_eq!(other.destinations.len(), 2);
        assert_eq!(other.recovery.unwrap().destination, Uuid::from_u128(5));
    }
}
