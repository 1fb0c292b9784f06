//! More than a mirror: every layout, growing, replacing, and half-written starts.

use super::*;

fn of_layout(layout: Layout, disks: &[Disk], spares: u32) -> (VolumeSettings, Snapshot) {
    let chosen: Vec<&Disk> = disks.iter().collect();
    let consents: Vec<_> = disks.iter().map(consent).collect();
    let mut settings = wanted(&chosen, &consents);
    (settings.layout, settings.spares) = (layout, spares);
    (settings, bare(disks.to_vec()))
}

fn blank(count: u8) -> Vec<Disk> {
    (1..=count).map(|bay| disk(bay, &[])).collect()
}

#[test]
fn every_layout_is_made_with_its_spares_and_then_left_alone() {
    for (layout, count, spares) in [
        (Layout::Single, 1, 0),
        (Layout::Mirror, 3, 0),
        (Layout::Parity, 3, 0),
        (Layout::DoubleParity, 5, 1),
        (Layout::Pairs, 4, 0),
    ] {
        let (mut settings, mut found) = of_layout(layout, &blank(count), spares);
        let done = work(&mut settings, &mut found, usize::MAX);
        let made = done.iter().find_map(|step| match step {
            Step::CreateArray {
                layout,
                disks,
                spares,
                ..
            } => Some((*layout, disks.len(), spares.len())),
            _ => None,
        });
        let width = usize::from(count) - spares as usize;
        assert_eq!(made, Some((layout, width, spares as usize)));
        assert_eq!(kinds(&done).last(), Some(&"serve"));
        assert!(settings.formatted && plan(Some(&settings), &found, false).is_empty());
    }
}

fn array_in(found: &mut Snapshot) -> &mut Array {
    match &mut found.arrays {
        Reading::Known { value, .. } => &mut value[0],
        _ => panic!("the arrays are known"),
    }
}

fn plug(found: &mut Snapshot, disk: Disk) {
    if let Reading::Known { value, .. } = &mut found.disks {
        value.push(disk);
    }
}

fn belong(disk: &Disk) -> VolumeMember {
    wanted(&[disk], &[]).members.remove(0)
}

/// Every copy that md makes is complete.
fn complete(found: &mut Snapshot) {
    let array = array_in(found);
    array.sync = None;
    let replaced: Vec<u32> = array
        .members
        .iter()
        .filter(|member| member.replacing)
        .filter_map(|member| member.slot)
        .collect();
    for member in &mut array.members {
        let was_replaced = member.slot.is_some_and(|slot| replaced.contains(&slot));
        if member.state == MemberState::InSync && was_replaced {
            *member = Member::without_place(member.disk.clone(), MemberState::Faulty);
        }
        if member.state == MemberState::Rebuilding {
            (member.state, member.replacing) = (MemberState::InSync, false);
        }
    }
    array.missing_members = 0;
}

#[test]
fn a_disk_that_works_is_copied_onto_another_and_then_let_go() {
    let (mut settings, mut found) = of_layout(Layout::Mirror, &blank(2), 0);
    work(&mut settings, &mut found, usize::MAX);
    let new = disk(3, &["ntfs"]);
    plug(&mut found, new.clone());
    settings.erase.push(consent(&new));
    let old = std::mem::replace(&mut settings.members[0], belong(&new));
    settings.leaving.push(old.clone());
    let done = work(&mut settings, &mut found, usize::MAX);
    assert_eq!(kinds(&done), ["prepare", "open", "add", "replace"]);
    assert_eq!(array_in(&mut found).missing_members, 0, "both copies stay");
    assert_eq!(settings.leaving, [old]);
    complete(&mut found);
    let done = work(&mut settings, &mut found, usize::MAX);
    assert_eq!(kinds(&done), ["release"]);
    assert!(settings.leaving.is_empty());

    // Its superblock is still on it: that does not bring it back.
    assert!(plan(Some(&settings), &found, false).is_empty());
    cut_power(&mut found);
    let steps = plan(Some(&settings), &found, false);
    assert_eq!(kinds(&steps)[0], "open");
    apply(&mut found, &steps[0]);
    let steps = plan(Some(&settings), &found, false);
    let Step::Assemble { disks, start, .. } = &steps[0] else {
        panic!("{steps:?}");
    };
    assert_eq!(*start, Start::Whole);
    assert!(disks.iter().all(|id| settings.member(id).is_some()));
}

#[test]
fn an_array_that_broke_while_it_was_mounted_waits_for_the_box_to_restart() {
    let (mut settings, mut found) = of_layout(Layout::Mirror, &blank(2), 0);
    work(&mut settings, &mut found, usize::MAX);
    array_in(&mut found).running = false;
    found.shares_served = known(true);
    assert_eq!(plan(Some(&settings), &found, false), [Step::StopShares]);
    found.shares_served = known(false);
    assert!(plan(Some(&settings), &found, false).is_empty());
    cut_power(&mut found);
    assert_eq!(kinds(&plan(Some(&settings), &found, false)), ["open"]);
}

#[test]
fn while_a_member_is_missing_nothing_that_works_is_let_go() {
    let (mut settings, mut found) = of_layout(Layout::Mirror, &blank(3), 1);
    work(&mut settings, &mut found, usize::MAX);
    settings.leaving.push(belong(&disk(1, &[])));
    settings.members.remove(0);
    settings.spares = 0;
    let array = array_in(&mut found);
    array.members[1] = Member::without_place(None, MemberState::Faulty);
    array.missing_members = 1;
    let steps = kinds(&plan(Some(&settings), &found, false));
    assert!(!steps.contains(&"replace"), "{steps:?}");
}

#[test]
fn one_more_disk_makes_a_mirror_safer_or_larger_and_the_files_get_the_room() {
    for (layout, last) in [
        (
            Layout::Mirror,
            vec!["prepare", "open", "add", "reshape", "note writes"],
        ),
        (
            Layout::Parity,
            vec!["prepare", "open", "add", "reshape", "grow", "note writes"],
        ),
    ] {
        let (mut settings, mut found) = of_layout(Layout::Mirror, &blank(2), 0);
        work(&mut settings, &mut found, usize::MAX);
        let new = disk(3, &[]);
        plug(&mut found, new.clone());
        settings.erase.push(consent(&new));
        settings.members.push(belong(&new));
        (settings.layout, settings.growing) = (layout, true);
        let done = work(&mut settings, &mut found, usize::MAX);
        assert_eq!(kinds(&done), last);
        assert!(!settings.growing, "{layout:?}");
    }
}

#[test]
fn nothing_grows_while_md_copies_or_a_disk_is_missing() {
    let (mut settings, mut found) = of_layout(Layout::DoubleParity, &blank(5), 1);
    work(&mut settings, &mut found, usize::MAX);
    (settings.spares, settings.growing) = (0, true);
    assert_eq!(kinds(&plan(Some(&settings), &found, false)), ["reshape"]);
    array_in(&mut found).missing_members = 1;
    assert!(plan(Some(&settings), &found, false).is_empty());
}

#[test]
fn a_half_written_raid_5_is_started_only_from_the_disks_that_were_agreed_to() {
    let mut disks = blank(3);
    for disk in &mut disks {
        disk.member_of = Some(ARRAY);
    }
    let (mut settings, _) = of_layout(Layout::Parity, &disks, 0);
    settings.formatted = true;
    let found = bare(disks[..2].to_vec());
    let start =
        |settings: &VolumeSettings, found: &Snapshot| kinds(&plan(Some(settings), found, false))[0];
    assert_eq!(start(&settings, &found), "assemble degraded");
    settings.unclean_start = Some(disks[..2].iter().map(|disk| disk.id.clone()).collect());
    assert_eq!(start(&settings, &found), "assemble unclean");
    // The third is back: what was agreed to was something else.
    assert_eq!(start(&settings, &bare(disks)), "assemble");
}

#[test]
fn a_place_is_free_only_while_the_files_can_be_read_without_it() {
    let (mut settings, mut found) = of_layout(Layout::Parity, &blank(4), 1);
    work(&mut settings, &mut found, usize::MAX);
    assert!(free_places(&settings, &found).is_empty());
    let gone = found.disks.known().unwrap()[1..].to_vec();
    found.disks = known(gone);
    array_in(&mut found).members[0].disk = None;
    assert_eq!(free_places(&settings, &found), [0]);
    array_in(&mut found).members[2].state = MemberState::Faulty;
    assert_eq!(free_places(&settings, &found), [0, 2]);
    array_in(&mut found).running = false;
    assert!(free_places(&settings, &found).is_empty());
}
