//! States and progress in the kernel's own words.

use super::*;
use crate::lsblk::parse_lsblk;
use preau_domain::ids::DiskId;

fn member(kname: &str, state: &str, slot: Option<usize>) -> RawMember {
    RawMember {
        kname: kname.to_owned(),
        state: state.to_owned(),
        bad_sectors: 0,
        slot,
        data_offset: 1 << 20,
        attached: true,
    }
}

fn mirror(members: Vec<RawMember>) -> RawArray {
    RawArray {
        uuid: Some(Uuid::from_u128(7)),
        members,
        ..RawArray::of_complete("raid1", 2, &[])
    }
}

#[test]
fn progress_is_read() {
    assert_eq!(parse_sync_completed("123 / 456"), Some((123, 456)));
    assert_eq!(parse_sync_completed("none"), None);
    assert_eq!(parse_sync_completed("delayed"), None);
    assert_eq!(parse_sync_action("recover\n"), Some(SyncAction::Recover));
    assert_eq!(parse_sync_action("idle"), None);
    assert_eq!(parse_sync_action("frozen"), None);
}

#[test]
fn a_copy_that_waits_for_its_turn_has_a_length_and_no_progress() {
    let mut array = mirror(vec![]);
    array.sync_action = "resync".to_owned();
    array.sync_completed = "delayed".to_owned();
    let sync = array.sync().unwrap();
    assert_eq!((sync.done, sync.total), (0, 2048));
}

#[test]
fn nothing_is_rebuilt_while_there_is_nothing_to_fill() {
    let complete = member("sda1", "in_sync", Some(0));
    let mut array = mirror(vec![complete.clone(), member("sdb1", "faulty", None)]);
    array.sync_action = "recover".to_owned();
    assert_eq!(array.sync(), None);
    let mut array = mirror(vec![complete, member("sdc1", "spare", Some(1))]);
    array.sync_action = "recover".to_owned();
    assert!(array.sync().is_some());
}

#[test]
fn members_are_what_md_says_of_them() {
    let array = mirror(vec![
        member("sda1", "in_sync,write_error,want_replacement", Some(0)),
        member("sdb1", "spare", Some(1)),
        member("sdc1", "faulty", None),
        member("sdd1", "spare", None),
        member("sde1", "faulty,in_sync", Some(1)),
    ]);
    let states: Vec<_> = array
        .members
        .iter()
        .map(|m| array.member_state(m))
        .collect();
    use MemberState::{Faulty, InSync, Rebuilding, Spare};
    assert_eq!(states, [InSync, Rebuilding, Faulty, Spare, Faulty]);
}

#[test]
fn what_md_holds_against_a_member_that_serves_is_read() {
    let mut failing = member("sda1", "in_sync,write_error,want_replacement", Some(0));
    failing.bad_sectors = parse_bad_blocks("2048 8\n409600 16\n").unwrap();
    let marks = failing.marks();
    assert!(marks.write_error && marks.wants_replacement && !marks.is_clean());
    assert_eq!(marks.bad_sectors, 24);
    assert!(member("sda1", "in_sync", Some(0)).marks().is_clean());
    assert_eq!(parse_bad_blocks(""), Some(0));
    assert_eq!(
        parse_bad_blocks("2048 8\n4096"),
        Some(8),
        "cut short by the kernel"
    );
    for other in ["a b\n", "2048\n4096 8\n", "-1 -1\n", "2048 8\n40x"] {
        assert_eq!(parse_bad_blocks(other), None, "{other:?}");
    }
}

#[test]
fn a_new_member_without_a_slot_yet_is_about_to_be_filled() {
    let array = mirror(vec![
        member("sda1", "in_sync", Some(0)),
        member("sdb1", "spare", None),
    ]);
    assert_eq!(
        array.member_state(&array.members[1]),
        MemberState::Rebuilding
    );
}

#[test]
fn a_mirror_whose_last_disk_has_gone_does_not_run_whatever_md_says() {
    let mut last = member("sda1", "in_sync", Some(0));
    assert!(mirror(vec![last.clone()]).is_running());
    last.attached = false;
    assert!(!mirror(vec![last]).is_running());
    let mut stopped = mirror(vec![member("sda1", "in_sync", Some(0))]);
    stopped.state = "inactive".to_owned();
    assert!(!stopped.is_running());
}

#[test]
fn a_raid_5_runs_without_one_and_not_without_two() {
    let mut array = mirror(vec![
        member("sda1", "in_sync", Some(0)),
        member("sdb1", "in_sync", Some(1)),
    ]);
    array.level = "raid5".to_owned();
    array.raid_disks = 3;
    assert!(array.is_running());
    array.members.pop();
    assert!(!array.is_running());
}

#[test]
fn a_reshape_that_waits_for_its_first_write_is_one() {
    let mut array = mirror(vec![member("sda1", "in_sync", Some(0))]);
    array.reshapes = true;
    array.state = "read-auto".to_owned();
    assert_eq!(array.sync().unwrap().action, SyncAction::Reshape);
    array.reshapes = false;
    assert_eq!(array.sync(), None);
}

#[test]
fn a_replacement_is_filled_beside_the_one_that_still_works() {
    let array = mirror(vec![
        member("sda1", "in_sync,want_replacement", Some(0)),
        member("sdc1", "spare,replacement", Some(0)),
        member("sdb1", "in_sync", Some(1)),
    ]);
    let states: Vec<_> = array
        .members
        .iter()
        .map(|m| (array.member_state(m), m.is_replacement()))
        .collect();
    use MemberState::{InSync, Rebuilding};
    assert_eq!(
        states,
        [(InSync, false), (Rebuilding, true), (InSync, false)]
    );
}

#[test]
fn what_mdadm_says_is_read() {
    let detail = "MD_LEVEL=raid1\nMD_UUID=00112233:44556677:8899aabb:ccddeeff\nMD_NAME=any:preau\n";
    let uuid = Uuid::from_u128(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff);
    assert_eq!(parse_detail_uuid(detail), Some(uuid));
    assert_eq!(parse_detail_uuid("MD_LEVEL=container\n"), None);
    let examined = "  Device Role : Active device 1\n   Array State : .A ('A' == active, '.' == missing, 'R' == replacing)\n";
    assert_eq!(parse_examined_members(examined), Some(vec![false, true]));
    assert_eq!(parse_examined_members("nothing"), None);
    assert_eq!(parse_examined_slot(examined), Some(1));
    assert_eq!(parse_examined_slot("   Device Role : spare\n"), None);
}

#[test]
fn numbers_are_read_from_the_kernels_forms() {
    assert_eq!(first_number::<u32>("2 (3)").unwrap(), 2);
    assert!(first_number::<u32>("none").is_err());
    assert_eq!(first_number_or::<u64>("none", 5).unwrap(), 5);
    assert!(parse_array_uuid("00112233:44556677:8899aabb:ccddeef").is_none());
}

/// See `fixtures/rebuilding/README.md`.
#[test]
fn a_recorded_rebuild_is_read_as_it_was() {
    let root = Path::new("fixtures/rebuilding");
    let arrays = read_arrays(root).unwrap();
    assert_eq!(arrays.len(), 1);
    let nodes = parse_lsblk(&fs::read_to_string(root.join("lsblk.json")).unwrap()).unwrap();
    let uuid = arrays[0].uuid.unwrap();
    let array = describe(&arrays[0], uuid, &nodes);
    assert_eq!(uuid.to_string(), "a2c0f29c-05f8-4b2e-9820-830e439badb3");
    assert_eq!((array.level.as_str(), array.wanted_members), ("raid1", 2));
    assert_eq!((array.missing_members, array.running), (1, true));
    assert_eq!(array.size, 243_712 * 1024);
    assert_eq!(
        array.filesystem.map(|uuid| uuid.to_string()).as_deref(),
        Some("6527ffb9-6395-4750-be1a-f0f4ac838ce6")
    );
    let member = |number: u64, state, slot| {
        let wwn = format!("0x{:016x}", 0x5001_4ee0_0000_0000 + number);
        Member::in_place(DiskId::from_identity(Some(&wwn), "", None), state, slot)
    };
    assert_eq!(
        array.members,
        [
            member(1, MemberState::InSync, 0),
            member(2, MemberState::Rebuilding, 1)
        ]
    );
    let sync = array.sync.unwrap();
    assert_eq!(
        (sync.action, sync.done, sync.total),
        (SyncAction::Recover, 0, 487_424)
    );
}

#[test]
fn a_member_whose_device_has_gone_names_no_disk() {
    let root = Path::new("fixtures/rebuilding");
    let nodes = parse_lsblk(&fs::read_to_string(root.join("lsblk.json")).unwrap()).unwrap();
    let mut raw = read_arrays(root).unwrap().remove(0);
    raw.members[1].attached = false;
    raw.members[1].state = "faulty".to_owned();
    let array = describe(&raw, Uuid::nil(), &nodes);
    assert_eq!(array.members[1].disk, None);
    assert_eq!(array.members[1].state, MemberState::Faulty);
}

#[test]
fn a_superblock_tells_how_many_disks_there_are_and_when_they_were_used() {
    // Printed by mdadm 4.4 for a member of a mirror made by the box, in QEMU.
    let text = "MD_LEVEL=raid1\nMD_DEVICES=2\nMD_NAME=preau\n\
                MD_ARRAY_SIZE=1006.00MiB\nMD_UUID=a1b2c3d4:e5f60718:293a4b5c:6d7e8f90\n\
                MD_UPDATE_TIME=1795504935\nMD_DEV_UUID=0:1:2:3\nMD_EVENTS=19\n";
    let facts = parse_examined_set(text);
    assert_eq!(facts.wanted, Some(2));
    let array = Uuid::try_parse("a1b2c3d4e5f60718293a4b5c6d7e8f90").unwrap();
    assert_eq!(facts.array, Some(array));
    assert_eq!(facts.used_at, Some("2026-11-24T07:22:15Z".parse().unwrap()));
    assert_eq!(parse_examined_set("MD_DEVICES=\n"), ExaminedSet::default());
}
