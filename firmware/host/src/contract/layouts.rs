//! What every layout owes: it survives what it promises, a spare steps in, a disk is
//! replaced while it works, and a volume grows while it is used.

use super::{Hands, array_of, changes, disk_of, expect_whole, make, observe, open, prepare, until};
use crate::system::{Change, HostError, System};
use preau_domain::arrays::{Array, Consistency, MemberState};
use preau_domain::ids::DiskId;
use preau_domain::layouts::Layout;
use preau_domain::plan::{Start, Step};
use uuid::Uuid;

async fn pull(system: &impl System, hands: &impl Hands, disk: &DiskId) {
    hands.pull(disk).await;
    until(system, "the disk gone", |found| {
        disk_of(found, disk).is_none()
    })
    .await;
}

async fn come_back(system: &impl System, disk: &DiskId, array: Uuid) {
    until(system, "the disk back", |found| {
        disk_of(found, disk).is_some_and(|disk| disk.partition_name.is_some())
    })
    .await;
    open(system, std::slice::from_ref(disk), array).await;
}

async fn look(system: &impl System, uuid: Uuid) -> Array {
    let found = observe(system).await;
    array_of(&found, uuid).cloned().expect("the array is there")
}

/// Made, used, all the disks that may fail fail, come back, and are copied.
pub async fn each_layout_survives_what_it_promises_and_heals(
    system: &impl System,
    hands: &impl Hands,
) {
    for (layout, width) in [
        (Layout::Single, 1),
        (Layout::Mirror, 3),
        (Layout::Parity, 3),
        (Layout::DoubleParity, 4),
        (Layout::Pairs, 4),
    ] {
        let disks = hands.start_over().await;
        let disks = &disks[..width];
        let (array, filesystem) = (Uuid::new_v4(), Uuid::new_v4());
        make(system, layout, (disks, &[]), array, filesystem).await;
        let made = look(system, array).await;
        assert_eq!(made.level, layout.level());
        assert_eq!(made.wanted_members as usize, width);
        assert_eq!(
            made.missing_members, 0,
            "nothing begins as missing: {made:?}"
        );
        assert_eq!(made.consistency, Consistency::of(layout));
        hands.finish_copying().await;
        expect_whole(system, array, disks).await;
        let whole = look(system, array).await;
        assert_eq!(whole.may_still_fail() as usize, layout.may_fail(width));

        let lost = &disks[..layout.may_fail(width)];
        for disk in lost {
            pull(system, hands, disk).await;
            let forget = Step::ForgetDetached { array };
            system.apply(&forget).await.expect("it forgets");
        }
        let found = observe(system).await;
        let hurt = array_of(&found, array).expect("it still runs");
        assert_eq!((hurt.running, hurt.may_still_fail()), (true, 0), "{hurt:?}");
        assert!(found.volume.known().is_some_and(|volume| !volume.read_only));
        for disk in lost {
            hands.insert(disk).await;
            come_back(system, disk, array).await;
            let disk = disk.clone();
            changes(system, &Step::AddMember { array, disk }).await;
            hands.finish_copying().await;
        }
        expect_whole(system, array, disks).await;
    }
}

/// Nobody has to be there.
pub async fn a_spare_takes_the_place_of_a_lost_disk_by_itself(
    system: &impl System,
    hands: &impl Hands,
) {
    let disks = hands.start_over().await;
    let array = Uuid::new_v4();
    let parts = (&disks[..2], &disks[2..3]);
    make(system, Layout::Mirror, parts, array, Uuid::new_v4()).await;
    hands.finish_copying().await;
    let made = look(system, array).await;
    let waiting: Vec<_> = made.in_state(MemberState::Spare).collect();
    assert_eq!(waiting.len(), 1, "{made:?}");
    assert_eq!(waiting[0].disk.as_ref(), Some(&disks[2]));

    pull(system, hands, &disks[0]).await;
    let forget = Step::ForgetDetached { array };
    system.apply(&forget).await.expect("it forgets");
    hands.finish_copying().await;
    expect_whole(system, array, &disks[1..3]).await;

    // The one that comes back waits in turn.
    hands.insert(&disks[0]).await;
    come_back(system, &disks[0], array).await;
    let disk = disks[0].clone();
    changes(system, &Step::AddMember { array, disk }).await;
    let found = look(system, array).await;
    let back = found.member(&disks[0]).map(|member| member.state);
    assert_eq!(back, Some(MemberState::Spare), "{found:?}");
}

/// The array is as protected as before all the time.
pub async fn a_disk_that_works_is_copied_and_then_let_go(system: &impl System, hands: &impl Hands) {
    let disks = hands.start_over().await;
    let array = Uuid::new_v4();
    make(
        system,
        Layout::Parity,
        (&disks[..3], &[]),
        array,
        Uuid::new_v4(),
    )
    .await;
    hands.finish_copying().await;
    let release = Step::ReleaseMember {
        array,
        disk: disks[0].clone(),
    };
    let answer = system.apply(&release).await;
    assert!(matches!(answer, Err(HostError::InUse(_))), "{answer:?}");

    prepare(system, &disks[3], array).await;
    let disk = disks[3].clone();
    changes(system, &Step::AddMember { array, disk }).await;
    let replace = Step::ReplaceMember {
        array,
        leaving: disks[0].clone(),
        joining: disks[3].clone(),
    };
    assert_eq!(system.apply(&replace).await.ok(), Some(Change::Changed));
    let found = look(system, array).await;
    assert_eq!((found.missing_members, found.may_still_fail()), (0, 1));
    hands.finish_copying().await;
    until(system, "the old disk given up", |found| {
        let member = array_of(found, array).and_then(|found| found.member(&disks[0]));
        member.is_some_and(|member| member.state == MemberState::Faulty)
    })
    .await;
    changes(system, &release).await;
    expect_whole(system, array, &disks[1..4]).await;
}

/// Every way to grow that is offered.
pub async fn a_volume_grows_by_a_disk_while_it_is_used(system: &impl System, hands: &impl Hands) {
    let disks = hands.start_over().await;
    let (array, filesystem) = (Uuid::new_v4(), Uuid::new_v4());
    make(
        system,
        Layout::Single,
        (&disks[..1], &[]),
        array,
        filesystem,
    )
    .await;
    let mut from = Layout::Single;
    for (place, layout) in [
        (1, Layout::Mirror),
        (2, Layout::Parity),
        (3, Layout::Parity),
        (4, Layout::DoubleParity),
    ] {
        let before = observe(system).await;
        let size = array_of(&before, array).map_or(0, |array| array.size);
        prepare(system, &disks[place], array).await;
        let disk = disks[place].clone();
        changes(system, &Step::AddMember { array, disk }).await;
        let width = u32::try_from(place + 1).unwrap_or_default();
        let reshape = Step::Reshape {
            array,
            layout,
            width,
        };
        changes(system, &reshape).await;
        hands.finish_copying().await;
        expect_whole(system, array, &disks[..=place]).await;
        let (was, is) = (from.data_disks(place), layout.data_disks(place + 1));
        let found = until(system, "the new size", |found| {
            array_of(found, array).is_some_and(|found| (found.size > size) == (is > was))
        })
        .await;
        let grown = array_of(&found, array).expect("waited for");
        assert_eq!(grown.level, layout.level());
        assert_eq!(grown.wanted_members, width);
        if !grown.consistency.is_enough_for(layout) {
            changes(system, &Step::NoteWrites { array, layout }).await;
        }
        let noted = look(system, array).await.consistency;
        assert!(noted.is_enough_for(layout), "{layout:?}: {noted:?}");
        if grown.size > size {
            let total = |found: &preau_domain::snapshot::Snapshot| {
                found.volume.known().map_or(0, |volume| volume.total)
            };
            changes(system, &Step::GrowFilesystem { filesystem }).await;
            assert!(total(&observe(system).await) > total(&before));
        }
        from = layout;
    }
    let grown = look(system, array).await;
    assert_eq!(grown.consistency, Consistency::Bitmap);
    assert_eq!(grown.may_still_fail(), 2);
}

/// Power comes back and a disk does not.
pub async fn one_parity_starts_without_a_disk_after_a_restart(
    system: &impl System,
    hands: &impl Hands,
) {
    let disks = hands.start_over().await;
    let disks = &disks[..3];
    let (array, filesystem) = (Uuid::new_v4(), Uuid::new_v4());
    make(system, Layout::Parity, (disks, &[]), array, filesystem).await;
    hands.finish_copying().await;
    hands.restart().await;
    pull(system, hands, &disks[2]).await;
    open(system, &disks[..2], array).await;
    let start = |start| Step::Assemble {
        array,
        disks: disks.to_vec(),
        start,
    };
    let answer = system.apply(&start(Start::Whole)).await;
    assert!(matches!(answer, Err(HostError::Missing(_))), "{answer:?}");
    changes(system, &start(Start::Degraded)).await;
    changes(system, &Step::Mount { filesystem }).await;
    assert_eq!(look(system, array).await.missing_members, 1);
    hands.insert(&disks[2]).await;
}
