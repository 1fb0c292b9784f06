//! A box is simulated as values: the first planned step is applied, planned again,
//! and so on, as the supervisor does; a power cut may fall between any two steps.

use super::*;
use crate::arrays::{Array, Consistency, Member, MemberState};
use crate::disks::{Bus, Content};
use crate::ids::Bay;
use crate::layouts::Layout;
use crate::reading::Reading;
use crate::settings::VolumeMember;
use crate::snapshot::Volume;
use jiff::Timestamp;

mod layouts;

const ARRAY: Uuid = Uuid::from_u128(0x0a11_0a11);
const FILESYSTEM: Uuid = Uuid::from_u128(0xf5f5);

fn known<T>(value: T) -> Reading<T> {
    Reading::at(value, Timestamp::UNIX_EPOCH)
}

fn disk(bay: u8, contents: &[&str]) -> Disk {
    Disk {
        id: DiskId::from_identity(Some(&format!("0x{bay}")), "", None).unwrap(),
        bay: Some(Bay(bay.to_string())),
        model: "WD40EFZX".to_owned(),
        serial: format!("S{bay}"),
        size: 1 << 40,
        bus: Bus::Scsi,
        contents: contents.iter().map(|kind| content(kind)).collect(),
        contents_digest: contents.join("+"),
        member_of: None,
        layer: Layer::None,
        partition_name: None,
    }
}

const SUPERBLOCK: &str = "linux_raid_member";

fn content(kind: &str) -> Content {
    Content {
        kind: kind.to_owned(),
        label: None,
        size: 1,
    }
}

fn write_superblock(disk: &mut Disk) {
    disk.member_of = Some(ARRAY);
    disk.contents.push(content(SUPERBLOCK));
}

fn wanted(disks: &[&Disk], consents: &[EraseConsent]) -> VolumeSettings {
    VolumeSettings {
        layout: Layout::Mirror,
        array: ARRAY,
        filesystem: FILESYSTEM,
        members: disks
            .iter()
            .map(|disk| VolumeMember {
                disk: disk.id.clone(),
                bay: disk.bay.clone(),
                model: disk.model.clone(),
                serial: disk.serial.clone(),
                size: disk.size,
            })
            .collect(),
        held_out: Vec::new(),
        spares: 0,
        leaving: Vec::new(),
        growing: false,
        unclean_start: None,
        erase: consents.to_vec(),
        formatted: false,
    }
}

fn consent(disk: &Disk) -> EraseConsent {
    EraseConsent {
        disk: disk.id.clone(),
        serial: disk.serial.clone(),
        contents_digest: (!disk.is_blank()).then(|| disk.contents_digest.clone()),
    }
}

fn bare(disks: Vec<Disk>) -> Snapshot {
    Snapshot {
        disks: known(disks),
        arrays: known(Vec::new()),
        volume: Reading::Absent,
        shares_served: known(false),
        kernel: Reading::Absent,
    }
}

/// Applies a step to a snapshot as the real machine would.
fn apply(found: &mut Snapshot, step: &Step) {
    let Reading::Known { value: disks, .. } = &mut found.disks else {
        panic!("the disks are known");
    };
    let Reading::Known { value: arrays, .. } = &mut found.arrays else {
        panic!("the arrays are known");
    };
    match step {
        Step::PreparePartition {
            consent,
            partition_name,
        } => {
            let disk = disks.iter_mut().find(|d| d.id == consent.disk).unwrap();
            disk.contents = vec![content("partition_table"), content("DM_integrity")];
            // A new partition has a new identity, so no two preparations look alike.
            disk.contents_digest = format!("prepared over {}", disk.contents_digest);
            disk.member_of = None;
            disk.layer = Layer::Closed;
            disk.partition_name = Some(partition_name.clone());
        }
        Step::CreateArray {
            array,
            layout,
            disks: ids,
            spares,
        } => {
            let all = ids.iter().chain(spares);
            for disk in disks.iter_mut() {
                if all.clone().any(|id| *id == disk.id) {
                    assert_eq!(disk.layer, Layer::Open);
                    write_superblock(disk);
                }
            }
            let mut made = running(*array, *layout, ids.len() as u32, ids);
            for spare in spares {
                let spare = Member::without_place(Some(spare.clone()), MemberState::Spare);
                made.members.push(spare);
            }
            arrays.push(made);
        }
        Step::OpenLayers { disks: ids, .. } => {
            for disk in disks.iter_mut().filter(|disk| ids.contains(&disk.id)) {
                disk.layer = Layer::Open;
                if disk.contents.contains(&content(SUPERBLOCK)) {
                    disk.member_of = Some(ARRAY);
                }
            }
        }
        Step::PutAway { array } => {
            arrays.retain(|found| found.uuid != *array);
            found.volume = Reading::Absent;
        }
        Step::Assemble {
            array, disks: ids, ..
        } => {
            let mut started = running(*array, Layout::Mirror, 2, ids);
            started.filesystem = Some(FILESYSTEM);
            arrays.push(started);
        }
        Step::AddMember { disk: id, .. } => {
            let array = &mut arrays[0];
            let taken = |slot: &u32| array.members.iter().any(|m| m.slot == Some(*slot));
            let free = (0..array.wanted_members).find(|slot| !taken(slot));
            let joined = Some(id.clone());
            array.members.push(match free {
                Some(slot) => Member::in_place(joined, MemberState::Rebuilding, slot),
                None => Member::without_place(joined, MemberState::Spare),
            });
            let disk = disks.iter_mut().find(|d| d.id == *id).unwrap();
            assert_eq!(disk.layer, Layer::Open);
            write_superblock(disk);
        }
        Step::ReplaceMember {
            leaving, joining, ..
        } => {
            let slot = arrays[0].member(leaving).unwrap().slot;
            let joins = |m: &&mut Member| m.disk.as_ref() == Some(joining);
            let joining = arrays[0].members.iter_mut().find(joins).unwrap();
            assert_eq!(joining.state, MemberState::Spare);
            (joining.state, joining.slot) = (MemberState::Rebuilding, slot);
            joining.replacing = true;
        }
        Step::ReleaseMember { disk, .. } => {
            let member = arrays[0].member(disk).unwrap();
            assert_eq!(member.state, MemberState::Faulty);
            arrays[0].members.retain(|m| m.disk.as_ref() != Some(disk));
        }
        Step::Reshape { layout, width, .. } => {
            let array = &mut arrays[0];
            array.level = layout.level().to_owned();
            array.wanted_members = *width;
            array.size = (1 << 40) * layout.data_disks(*width as usize) as u64;
            for (slot, member) in (0..).zip(&mut array.members) {
                *member = Member::in_place(member.disk.clone(), MemberState::InSync, slot);
            }
            array.consistency = Consistency::Resync;
        }
        Step::NoteWrites { layout, .. } => arrays[0].consistency = Consistency::of(*layout),
        Step::GrowFilesystem { .. } => {
            if let Reading::Known { value, .. } = &mut found.volume {
                value.total = arrays[0].size;
            }
        }
        Step::ForgetDetached { .. } => arrays[0].members.retain(|member| member.disk.is_some()),
        Step::Format { filesystem, .. } => arrays[0].filesystem = Some(*filesystem),
        Step::Mount { filesystem } => {
            found.volume = known(Volume {
                filesystem: *filesystem,
                read_only: false,
                total: arrays[0].size,
                free: 1,
                subvolumes: Vec::new(),
            });
        }
        Step::CreateShare { name } => {
            if let Reading::Known { value, .. } = &mut found.volume {
                value.subvolumes.push(name.clone());
            }
        }
        Step::ServeShares => found.shares_served = known(true),
        Step::StopShares => found.shares_served = known(false),
    }
}

fn running(array: Uuid, layout: Layout, width: u32, ids: &[DiskId]) -> Array {
    Array {
        uuid: array,
        level: layout.level().to_owned(),
        wanted_members: width,
        missing_members: width - ids.len() as u32,
        running: true,
        size: (1 << 40) * layout.data_disks(width as usize) as u64,
        filesystem: None,
        members: (0..)
            .zip(ids)
            .map(|(slot, id)| Member::in_place(Some(id.clone()), MemberState::InSync, slot))
            .collect(),
        sync: None,
        consistency: Consistency::of(layout),
    }
}

/// Power goes and comes back: the kernel forgets arrays, mounts and open layers, the
/// disks and the settings keep what they have.
fn cut_power(found: &mut Snapshot) {
    let Reading::Known { value: disks, .. } = &mut found.disks else {
        panic!("the disks are known");
    };
    for disk in disks.iter_mut().filter(|disk| disk.layer == Layer::Open) {
        disk.layer = Layer::Closed;
        disk.member_of = None;
    }
    found.arrays = known(Vec::new());
    found.volume = Reading::Absent;
    found.shares_served = known(false);
}

fn kinds(steps: &[Step]) -> Vec<&'static str> {
    steps
        .iter()
        .map(|step| match step {
            Step::PreparePartition { .. } => "prepare",
            Step::OpenLayers { .. } => "open",
            Step::CreateArray { .. } => "create",
            Step::Assemble { start, .. } => match start {
                Start::Whole => "assemble",
                Start::Degraded => "assemble degraded",
                Start::Unclean => "assemble unclean",
            },
            Step::ReplaceMember { .. } => "replace",
            Step::ReleaseMember { .. } => "release",
            Step::Reshape { .. } => "reshape",
            Step::NoteWrites { .. } => "note writes",
            Step::PutAway { .. } => "put away",
            Step::GrowFilesystem { .. } => "grow",
            Step::ForgetDetached { .. } => "forget",
            Step::AddMember { .. } => "add",
            Step::Format { .. } => "format",
            Step::Mount { .. } => "mount",
            Step::CreateShare { .. } => "share",
            Step::ServeShares => "serve",
            Step::StopShares => "stop",
        })
        .collect()
}

/// Works until nothing is left to do; returns what was done.
fn work(settings: &mut VolumeSettings, found: &mut Snapshot, limit: usize) -> Vec<Step> {
    let mut done = Vec::new();
    while done.len() < limit {
        let Some(step) = plan(Some(settings), found, false).into_iter().next() else {
            break;
        };
        assert!(done.len() < 30, "the plan never ends: {done:?}");
        apply(found, &step);
        done.push(step);
        if let Some(settled) = settle(settings, found) {
            *settings = settled;
        }
    }
    done
}

#[test]
fn two_blank_disks_become_a_served_mirror() {
    let (one, two) = (disk(1, &[]), disk(2, &[]));
    let mut settings = wanted(&[&one, &two], &[consent(&one), consent(&two)]);
    let mut found = bare(vec![one, two]);
    let done = work(&mut settings, &mut found, usize::MAX);
    assert_eq!(
        kinds(&done),
        [
            "prepare", "prepare", "open", "create", "format", "mount", "share", "serve"
        ]
    );
    assert!(settings.formatted);
    assert!(settings.erase.is_empty(), "a consent is used once");
}

#[test]
fn a_power_cut_after_any_step_only_means_going_on() {
    for cut_after in 0..9 {
        let (one, two) = (disk(1, &["ntfs"]), disk(2, &[]));
        let mut settings = wanted(&[&one, &two], &[consent(&one), consent(&two)]);
        let mut found = bare(vec![one, two]);
        work(&mut settings, &mut found, cut_after);
        let was_formatted = settings.formatted;
        cut_power(&mut found);
        let done = work(&mut settings, &mut found, usize::MAX);
        let names = kinds(&done);
        assert_eq!(
            names.last(),
            Some(&"serve"),
            "cut after {cut_after}: {names:?}"
        );
        if was_formatted {
            assert!(!names.contains(&"format") && !names.contains(&"create"));
        }
    }
}

#[test]
fn a_disk_that_holds_something_else_than_was_confirmed_is_left_alone() {
    let (one, two) = (disk(1, &["ntfs"]), disk(2, &[]));
    let blind = EraseConsent {
        contents_digest: None,
        ..consent(&one)
    };
    let settings = wanted(&[&one, &two], &[blind, consent(&two)]);
    assert!(
        plan(
            Some(&settings),
            &bare(vec![one.clone(), two.clone()]),
            false
        )
        .is_empty()
    );

    let settings = wanted(&[&one, &two], &[consent(&one), consent(&two)]);
    let mut swapped = one.clone();
    swapped.contents_digest = "ext4".to_owned();
    assert!(plan(Some(&settings), &bare(vec![swapped, two.clone()]), false).is_empty());
    assert!(plan(Some(&settings), &bare(vec![one]), false).is_empty());
}

#[test]
fn a_formatted_volume_is_never_made_again() {
    let (one, two) = (disk(1, &[]), disk(2, &[]));
    let mut settings = wanted(&[&one, &two], &[consent(&one), consent(&two)]);
    settings.formatted = true;
    // Both superblocks are gone: somebody wiped the disks, or they are others.
    assert!(plan(Some(&settings), &bare(vec![one, two]), false).is_empty());
}

#[test]
fn a_degraded_start_waits_for_late_disks_and_then_goes_on_without() {
    let mut one = disk(1, &["linux_raid_member"]);
    one.member_of = Some(ARRAY);
    let two = disk(2, &[]);
    let mut settings = wanted(&[&one, &two], &[]);
    settings.formatted = true;
    let found = bare(vec![one]);
    assert!(plan(Some(&settings), &found, true).is_empty());
    assert_eq!(
        kinds(&plan(Some(&settings), &found, false)),
        ["assemble degraded"]
    );
}

#[test]
fn what_lies_below_closed_layers_is_opened_before_it_is_counted() {
    let closed = |bay: u8| Disk {
        layer: Layer::Closed,
        partition_name: Some(partition_name(ARRAY)),
        ..disk(bay, &["partition_table", "DM_integrity", SUPERBLOCK])
    };
    let (one, two) = (closed(1), closed(2));
    let mut settings = wanted(&[&one, &two], &[]);
    settings.formatted = true;
    let mut found = bare(vec![one.clone(), two.clone()]);
    let steps = plan(Some(&settings), &found, true);
    let disks = vec![one.id.clone(), two.id.clone()];
    let array = ARRAY;
    assert_eq!(steps, [Step::OpenLayers { array, disks }]);

    // One that cannot be opened does not keep the other from being served.
    apply(
        &mut found,
        &Step::OpenLayers {
            array,
            disks: vec![one.id],
        },
    );
    let steps = plan(Some(&settings), &found, false);
    assert_eq!(kinds(&steps), ["open", "assemble degraded"]);
    assert!(steps[0].may_be_passed_over());
}

#[test]
fn a_layer_that_was_prepared_for_another_array_stays_closed() {
    let foreign = Disk {
        layer: Layer::Closed,
        partition_name: Some(partition_name(Uuid::from_u128(1 << 100))),
        ..disk(1, &["partition_table", "DM_integrity"])
    };
    let mut settings = wanted(&[&foreign], &[]);
    settings.formatted = true;
    assert!(plan(Some(&settings), &bare(vec![foreign]), false).is_empty());
}

#[test]
fn a_partition_whose_layer_is_missing_is_prepared_again_only_with_a_consent() {
    let mut half = disk(1, &["partition_table"]);
    half.partition_name = Some(partition_name(ARRAY));
    let two = disk(2, &[]);
    let consents = [consent(&two), consent(&half)];
    let mut settings = wanted(&[&half, &two], &consents);
    let found = bare(vec![half, two]);
    let steps = plan(Some(&settings), &found, false);
    assert_eq!(kinds(&steps), ["prepare", "prepare", "create"]);
    settings.erase.pop();
    assert!(plan(Some(&settings), &found, false).is_empty());
}

#[test]
fn members_of_before_the_layer_are_taken_as_they_are() {
    let bare_member = |bay: u8| Disk {
        member_of: Some(ARRAY),
        ..disk(bay, &["partition_table", SUPERBLOCK])
    };
    let (one, two) = (bare_member(1), bare_member(2));
    let mut settings = wanted(&[&one, &two], &[]);
    settings.formatted = true;
    let steps = plan(Some(&settings), &bare(vec![one, two]), false);
    assert_eq!(kinds(&steps), ["assemble"]);
}

#[test]
fn a_blank_disk_is_taken_in_only_once_it_is_agreed_to() {
    let (one, two, three) = (disk(1, &[]), disk(2, &[]), disk(3, &["ext4"]));
    let mut settings = wanted(&[&one, &two], &[consent(&one), consent(&two)]);
    let mut found = bare(vec![one.clone(), two]);
    work(&mut settings, &mut found, usize::MAX);

    // The second disk goes, a third with something on it comes.
    let first = found.disks.known().unwrap()[0].clone();
    found.disks = known(vec![first, three.clone()]);
    if let Reading::Known { value, .. } = &mut found.arrays {
        value[0].members[1] = Member::without_place(None, MemberState::Faulty);
    }
    assert_eq!(
        kinds(&work(&mut settings, &mut found, usize::MAX)),
        ["forget"]
    );

    settings.members[1].disk = three.id.clone();
    settings.erase = vec![consent(&three)];
    let done = work(&mut settings, &mut found, usize::MAX);
    assert_eq!(kinds(&done), ["prepare", "open", "add"]);
    assert!(settings.erase.is_empty());
}

#[test]
fn an_unplugged_disk_is_given_up_before_md_notices_unless_no_copy_is_left() {
    let (one, two) = (disk(1, &[]), disk(2, &[]));
    let mut settings = wanted(&[&one, &two], &[consent(&one), consent(&two)]);
    let mut found = bare(vec![one, two]);
    work(&mut settings, &mut found, usize::MAX);
    let unplug = |found: &mut Snapshot, place: usize| {
        if let Reading::Known { value, .. } = &mut found.arrays {
            value[0].members[place].disk = None;
            value[0].running = value[0].members.iter().any(|member| member.disk.is_some());
        }
    };
    unplug(&mut found, 1);
    let steps = plan(Some(&settings), &found, false);
    assert_eq!(kinds(&steps)[..1], ["forget"]);
    unplug(&mut found, 0);
    let steps = plan(Some(&settings), &found, false);
    assert!(!kinds(&steps).contains(&"forget"));
}

/// A mirror of two disks with a share, and its second disk unplugged and back.
fn with_a_disk_that_came_back() -> (VolumeSettings, Snapshot, DiskId) {
    let (one, two) = (disk(1, &[]), disk(2, &[]));
    let mut settings = wanted(&[&one, &two], &[consent(&one), consent(&two)]);
    let mut found = bare(vec![one, two.clone()]);
    work(&mut settings, &mut found, usize::MAX);
    if let Reading::Known { value, .. } = &mut found.arrays {
        value[0].members.remove(1);
        value[0].missing_members = 1;
    }
    (settings, found, two.id)
}

#[test]
fn a_disk_that_is_held_out_stays_out_until_it_is_let_back_in() {
    let (settings, found, two) = with_a_disk_that_came_back();
    assert_eq!(kinds(&plan(Some(&settings), &found, false)), ["add"]);
    let mut held = hold_out(&settings, &two, HeldWhy::Flapping).unwrap();
    assert_eq!(hold_out(&held, &two, HeldWhy::Diverged), None);
    assert!(plan(Some(&held), &found, false).is_empty());
    assert_eq!(settle(&held, &found), None);
    held.held_out.clear();
    assert_eq!(kinds(&plan(Some(&held), &found, false)), ["add"]);
    assert_eq!(
        hold_out(&settings, &disk(9, &[]).id, HeldWhy::Flapping),
        None
    );
}

#[test]
fn a_disk_that_diverged_joins_only_once_what_is_on_it_may_be_lost() {
    let (settings, mut found, two) = with_a_disk_that_came_back();
    let mut held = hold_out(&settings, &two, HeldWhy::Diverged).unwrap();
    let there = found.disks.known().unwrap();
    let disk = there.iter().find(|disk| disk.id == two).unwrap().clone();
    held.erase = vec![EraseConsent {
        contents_digest: Some("something else".to_owned()),
        ..consent(&disk)
    }];
    assert!(plan(Some(&held), &found, false).is_empty());
    held.erase = vec![consent(&disk)];
    let done = work(&mut held, &mut found, usize::MAX);
    assert_eq!(kinds(&done), ["prepare", "open", "add"]);
    assert!(held.held_out.is_empty() && held.erase.is_empty());
}

#[test]
fn a_flapping_disk_that_left_the_volume_is_no_longer_held_out() {
    let (settings, found, two) = with_a_disk_that_came_back();
    let mut held = hold_out(&settings, &two, HeldWhy::Flapping).unwrap();
    held.members[1].disk = disk(3, &[]).id;
    assert!(settle(&held, &found).unwrap().held_out.is_empty());
}

#[test]
fn a_volume_that_turned_read_only_or_went_away_is_not_served() {
    let (one, two) = (disk(1, &[]), disk(2, &[]));
    let mut settings = wanted(&[&one, &two], &[consent(&one), consent(&two)]);
    let mut found = bare(vec![one, two]);
    work(&mut settings, &mut found, usize::MAX);
    let whole = found.clone();
    if let Reading::Known { value, .. } = &mut found.volume {
        value.read_only = true;
    }
    assert_eq!(kinds(&plan(Some(&settings), &found, false)), ["stop"]);
    found.shares_served = known(false);
    assert!(plan(Some(&settings), &found, false).is_empty());

    let mut found = whole;
    found.volume = Reading::Absent;
    assert_eq!(
        kinds(&plan(Some(&settings), &found, false)),
        ["stop", "mount"]
    );
}

#[test]
fn without_disks_the_shares_stop() {
    let (one, two) = (disk(1, &[]), disk(2, &[]));
    let mut settings = wanted(&[&one, &two], &[]);
    settings.formatted = true;
    let mut found = bare(Vec::new());
    found.shares_served = known(true);
    assert_eq!(kinds(&plan(Some(&settings), &found, false)), ["stop"]);
}

#[test]
fn a_mounted_volume_whose_disks_all_went_is_started_anew_only_when_all_are_back() {
    let mut both = [disk(1, &[]), disk(2, &[])];
    for member in &mut both {
        write_superblock(member);
        member.partition_name = Some(partition_name(ARRAY));
    }
    let mut settings = wanted(&[&both[0], &both[1]], &[]);
    settings.formatted = true;
    let mut dead = running(ARRAY, Layout::Mirror, 2, &[both[1].id.clone()]);
    dead.running = false;
    dead.members[0].disk = None;
    let mut found = bare(Vec::new());
    found.arrays = known(vec![dead]);
    found.volume = Reading::Unreadable {
        reason: "Input/output error".to_owned(),
    };
    found.shares_served = known(true);
    assert_eq!(plan(Some(&settings), &found, false), [Step::StopShares]);
    found.shares_served = known(false);
    // The first one that went holds an older state.
    found.disks = known(vec![both[0].clone()]);
    assert_eq!(plan(Some(&settings), &found, false), []);

    found.disks = known(both.to_vec());
    let put_away = Step::PutAway { array: ARRAY };
    assert_eq!(plan(Some(&settings), &found, false), [put_away.clone()]);
    let mut in_place = found.clone();
    if let Reading::Known { value, .. } = &mut in_place.arrays {
        value[0].members[0].disk = Some(both[1].id.clone());
    }
    let still = plan(Some(&settings), &in_place, false);
    assert_eq!(still, [], "one that failed where it sits fails again");
    apply(&mut found, &put_away);
    let next = plan(Some(&settings), &found, false);
    assert!(matches!(next[..], [Step::Assemble { .. }]), "{next:?}");
}
