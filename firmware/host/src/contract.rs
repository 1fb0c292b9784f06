//! What every [`System`] owes the supervisor, as stories. They run against the
//! fake in this crate's tests, and against the real machine through
//! `examples/contract.rs` inside a guest with five spare disks.
//!
//! A story starts from blank disks ([`Hands::start_over`]), does what people do
//! with the machine through [`Hands`], and waits on the system for what follows.

pub mod adopt;
pub mod copies;
pub mod layouts;
pub mod people;
pub mod visits;

use crate::system::{Change, HostError, System};
use jiff::Timestamp;
use preau_domain::arrays::{Array, MemberState};
use preau_domain::disks::{Disk, Layer};
use preau_domain::ids::DiskId;
use preau_domain::layouts::Layout;
use preau_domain::plan::{COMMON_SHARE, ConsentRefused, Start, Step, partition_name};
use preau_domain::settings::EraseConsent;
use preau_domain::snapshot::Snapshot;
use std::future::Future;
use std::time::Duration;
use uuid::Uuid;

/// The kernel tells of a pulled disk within 6 s on every bus; the rest is room for
/// an emulated machine under load.
const PATIENCE: Duration = Duration::from_secs(60);

/// What people do with the machine.
pub trait Hands {
    /// No array, nothing mounted, and at least five blank disks, which it names.
    fn start_over(&self) -> impl Future<Output = Vec<DiskId>>;
    /// Pulls a disk out of the running machine.
    fn pull(&self, disk: &DiskId) -> impl Future<Output = ()>;
    /// Pushes it back.
    fn insert(&self, disk: &DiskId) -> impl Future<Output = ()>;
    /// Writes a file system on it, as another computer would.
    fn write_something(&self, disk: &DiskId) -> impl Future<Output = ()>;
    /// Restarts the machine: what was only in memory is forgotten.
    fn restart(&self) -> impl Future<Output = ()>;
    /// Waits until md has nothing left to copy.
    fn finish_copying(&self) -> impl Future<Output = ()>;
}

/// Every story in turn.
pub async fn tell_all(system: &impl System, hands: &impl Hands) {
    a_mirror_is_made_from_blank_disks_and_every_step_twice_changes_nothing(system, hands).await;
    a_disk_that_changed_after_the_confirmation_is_not_erased(system, hands).await;
    a_disk_of_a_running_array_is_not_erased(system, hands).await;
    a_disk_whose_layer_nothing_uses_can_be_prepared_anew(system, hands).await;
    a_pulled_disk_degrades_the_mirror_and_takes_its_place_again(system, hands).await;
    a_blank_disk_replaces_a_lost_one(system, hands).await;
    a_mirror_is_there_again_after_a_restart_even_with_a_disk_less(system, hands).await;
    layouts::each_layout_survives_what_it_promises_and_heals(system, hands).await;
    layouts::a_spare_takes_the_place_of_a_lost_disk_by_itself(system, hands).await;
    layouts::a_disk_that_works_is_copied_and_then_let_go(system, hands).await;
    layouts::a_volume_grows_by_a_disk_while_it_is_used(system, hands).await;
    layouts::one_parity_starts_without_a_disk_after_a_restart(system, hands).await;
    a_step_without_what_it_needs_says_what_is_missing(system, hands).await;
    visits::every_disk_that_is_there_is_visited_and_none_is_accused(system, hands).await;
    visits::a_disk_with_files_is_opened_and_closed(system, hands).await;
    adopt::disks_of_another_box_are_read_and_left(system, hands).await;
    people::the_code_is_shown_until_the_box_has_an_owner(system).await;
    people::shares_are_served_to_people_with_a_password(system, hands).await;
    changes(system, &Step::StopShares).await;
}

async fn observe(system: &impl System) -> Snapshot {
    system.observe(Timestamp::UNIX_EPOCH).await
}

/// Observes until `holds`, woken by [`System::changed`].
async fn until(system: &impl System, what: &str, holds: impl Fn(&Snapshot) -> bool) -> Snapshot {
    let wait = async {
        loop {
            let found = observe(system).await;
            if holds(&found) {
                return found;
            }
            // A second at most, since progress by itself is not announced.
            let _ = tokio::time::timeout(Duration::from_secs(1), system.changed()).await;
        }
    };
    match tokio::time::timeout(PATIENCE, wait).await {
        Ok(found) => found,
        Err(_) => panic!("waited for: {what}; found {:#?}", observe(system).await),
    }
}

fn array_of(found: &Snapshot, uuid: Uuid) -> Option<&Array> {
    let arrays = found.arrays.known();
    arrays?.iter().find(|array| array.uuid == uuid)
}

fn disk_of<'a>(found: &'a Snapshot, id: &DiskId) -> Option<&'a Disk> {
    found.disks.known()?.iter().find(|disk| disk.id == *id)
}

async fn consent_to(system: &impl System, id: &DiskId) -> EraseConsent {
    let found = until(system, "the disk", |found| disk_of(found, id).is_some()).await;
    let disk = disk_of(&found, id).expect("waited for");
    EraseConsent {
        disk: id.clone(),
        serial: disk.serial.clone(),
        contents_digest: (!disk.is_blank()).then(|| disk.contents_digest.clone()),
    }
}

async fn changes(system: &impl System, step: &Step) {
    let first = system.apply(step).await;
    assert!(matches!(first, Ok(Change::Changed)), "{step:?}: {first:?}");
    let second = system.apply(step).await;
    assert!(
        matches!(second, Ok(Change::Unchanged)),
        "{step:?}, again: {second:?}"
    );
}

async fn prepare(system: &impl System, id: &DiskId, array: Uuid) {
    let consent = consent_to(system, id).await;
    let partition_name = partition_name(array);
    changes(
        system,
        &Step::PreparePartition {
            consent,
            partition_name: partition_name.clone(),
        },
    )
    .await;
    let found = observe(system).await;
    let disk = disk_of(&found, id).expect("a prepared disk is still there");
    assert_eq!(disk.partition_name, Some(partition_name));
    assert_eq!((disk.member_of, disk.layer), (None, Layer::Closed));
    open(system, std::slice::from_ref(id), array).await;
    let opened = observe(system).await;
    let opened = disk_of(&opened, id).expect("an opened disk is still there");
    assert_eq!((opened.member_of, opened.layer), (None, Layer::Open));
    assert_eq!(opened.contents_digest, disk.contents_digest);
}

async fn open(system: &impl System, disks: &[DiskId], array: Uuid) {
    let disks = disks.to_vec();
    changes(system, &Step::OpenLayers { array, disks }).await;
}

async fn make_mirror(system: &impl System, disks: &[DiskId], array: Uuid, filesystem: Uuid) {
    make(system, Layout::Mirror, (disks, &[]), array, filesystem).await;
}

async fn make(
    system: &impl System,
    layout: Layout,
    (disks, spares): (&[DiskId], &[DiskId]),
    array: Uuid,
    filesystem: Uuid,
) {
    for disk in disks.iter().chain(spares) {
        prepare(system, disk, array).await;
    }
    let create = Step::CreateArray {
        array,
        layout,
        disks: disks.to_vec(),
        spares: spares.to_vec(),
    };
    changes(system, &create).await;
    changes(system, &Step::Format { array, filesystem }).await;
    changes(system, &Step::Mount { filesystem }).await;
    let name = COMMON_SHARE.to_owned();
    changes(system, &Step::CreateShare { name }).await;
}

/// The way from blank disks to a share, each step applied twice.
pub async fn a_mirror_is_made_from_blank_disks_and_every_step_twice_changes_nothing(
    system: &impl System,
    hands: &impl Hands,
) {
    let disks = hands.start_over().await;
    let (array, filesystem) = (Uuid::new_v4(), Uuid::new_v4());
    assert!(observe(system).await.volume.known().is_none());
    make_mirror(system, &disks[..2], array, filesystem).await;

    let found = observe(system).await;
    let mirror = array_of(&found, array).expect("the array was made");
    assert_eq!((mirror.level.as_str(), mirror.wanted_members), ("raid1", 2));
    assert_eq!((mirror.running, mirror.missing_members), (true, 0));
    assert_eq!(mirror.filesystem, Some(filesystem));
    let mut members: Vec<_> = mirror.members.iter().map(|m| m.disk.clone()).collect();
    members.sort();
    let mut wanted: Vec<_> = disks[..2].iter().cloned().map(Some).collect();
    wanted.sort();
    assert_eq!(members, wanted);
    for id in &disks[..2] {
        let disk = disk_of(&found, id).expect("it is there");
        assert_eq!(disk.member_of, Some(array));
        assert!(!disk.is_blank());
    }
    let volume = found.volume.known().expect("it is mounted");
    assert_eq!(volume.filesystem, filesystem);
    assert!(!volume.read_only && volume.free <= volume.total && volume.free > 0);
    assert_eq!(volume.subvolumes, [COMMON_SHARE]);
}

/// Nothing is written on a disk that is not what was confirmed.
pub async fn a_disk_that_changed_after_the_confirmation_is_not_erased(
    system: &impl System,
    hands: &impl Hands,
) {
    let disks = hands.start_over().await;
    let before = consent_to(system, &disks[0]).await;
    hands.write_something(&disks[0]).await;
    let found = until(system, "something written", |found| {
        disk_of(found, &disks[0]).is_some_and(|disk| !disk.is_blank())
    })
    .await;
    let step = |consent: &EraseConsent| Step::PreparePartition {
        consent: consent.clone(),
        partition_name: partition_name(Uuid::new_v4()),
    };
    let refused = |answer: Result<Change, HostError>, wanted| match answer {
        Err(HostError::NotAsConfirmed { why, .. }) => assert_eq!(why, wanted),
        other => panic!("it was not refused: {other:?}"),
    };
    let answer = system.apply(&step(&before)).await;
    refused(answer, ConsentRefused::ContentsChanged);
    let mut other = consent_to(system, &disks[0]).await;
    other.serial.push('X');
    refused(
        system.apply(&step(&other)).await,
        ConsentRefused::OtherSerial,
    );
    let after = observe(system).await;
    assert_eq!(disk_of(&found, &disks[0]), disk_of(&after, &disks[0]));

    let informed = consent_to(system, &disks[0]).await;
    hands.pull(&disks[0]).await;
    until(system, "the disk gone", |found| {
        disk_of(found, &disks[0]).is_none()
    })
    .await;
    refused(system.apply(&step(&informed)).await, ConsentRefused::Gone);
    hands.insert(&disks[0]).await;
    let consent = consent_to(system, &disks[0]).await;
    assert_eq!(consent, informed, "a digest outlives an unplugging");
    changes(system, &step(&informed)).await;
}

/// Not even with a consent: the array may be the one that holds the files.
pub async fn a_disk_of_a_running_array_is_not_erased(system: &impl System, hands: &impl Hands) {
    let disks = hands.start_over().await;
    let array = Uuid::new_v4();
    make_mirror(system, &disks[..2], array, Uuid::new_v4()).await;
    let consent = consent_to(system, &disks[0]).await;
    let partition_name = partition_name(Uuid::new_v4());
    let answer = system
        .apply(&Step::PreparePartition {
            consent,
            partition_name,
        })
        .await;
    assert!(matches!(answer, Err(HostError::InUse(_))), "{answer:?}");
    let found = observe(system).await;
    let mirror = array_of(&found, array).expect("it still runs");
    assert_eq!(mirror.disks_in_sync().count(), 2);
}

/// A disk that was prepared for one array and never joined is prepared for another.
pub async fn a_disk_whose_layer_nothing_uses_can_be_prepared_anew(
    system: &impl System,
    hands: &impl Hands,
) {
    let disks = hands.start_over().await;
    prepare(system, &disks[0], Uuid::new_v4()).await;
    prepare(system, &disks[0], Uuid::new_v4()).await;
}

/// Pulled, forgotten, pushed back, copied.
pub async fn a_pulled_disk_degrades_the_mirror_and_takes_its_place_again(
    system: &impl System,
    hands: &impl Hands,
) {
    let disks = hands.start_over().await;
    let array = Uuid::new_v4();
    make_mirror(system, &disks[..2], array, Uuid::new_v4()).await;
    hands.finish_copying().await;

    hands.pull(&disks[1]).await;
    let found = until(system, "one copy missing", |found| {
        array_of(found, array).is_some_and(|found| found.missing_members == 1)
            && disk_of(found, &disks[1]).is_none()
    })
    .await;
    let mirror = array_of(&found, array).expect("it still runs");
    assert!(mirror.running);
    let survivors: Vec<_> = mirror.disks_in_sync().collect();
    assert_eq!(survivors, [&disks[0]]);
    assert!(found.volume.known().is_some_and(|volume| !volume.read_only));

    let forget = Step::ForgetDetached { array };
    system.apply(&forget).await.expect("it forgets");
    assert_eq!(system.apply(&forget).await.ok(), Some(Change::Unchanged));
    let found = observe(system).await;
    let mirror = array_of(&found, array).expect("it still runs");
    assert_eq!(mirror.members.len(), 1, "{mirror:?}");

    hands.insert(&disks[1]).await;
    until(system, "the disk back, with its layer closed", |found| {
        disk_of(found, &disks[1]).is_some_and(|disk| disk.layer == Layer::Closed)
    })
    .await;
    open(system, &disks[1..2], array).await;
    let found = observe(system).await;
    let back = disk_of(&found, &disks[1]).expect("it is back");
    assert_eq!(back.member_of, Some(array), "its superblock is visible");
    let disk = disks[1].clone();
    changes(system, &Step::AddMember { array, disk }).await;
    hands.finish_copying().await;
    expect_whole(system, array, &disks[..2]).await;
}

/// A third disk takes the place of the second.
pub async fn a_blank_disk_replaces_a_lost_one(system: &impl System, hands: &impl Hands) {
    let disks = hands.start_over().await;
    let array = Uuid::new_v4();
    make_mirror(system, &disks[..2], array, Uuid::new_v4()).await;
    hands.finish_copying().await;
    hands.pull(&disks[0]).await;
    until(system, "one copy missing", |found| {
        array_of(found, array).is_some_and(|found| found.missing_members == 1)
    })
    .await;
    let forget = Step::ForgetDetached { array };
    system.apply(&forget).await.expect("it forgets");
    prepare(system, &disks[2], array).await;
    let disk = disks[2].clone();
    changes(system, &Step::AddMember { array, disk }).await;
    let found = observe(system).await;
    let mirror = array_of(&found, array).expect("it still runs");
    let added = mirror
        .members
        .iter()
        .find(|member| member.disk.as_ref() == Some(&disks[2]))
        .expect("it has a place");
    assert!(
        matches!(added.state, MemberState::Rebuilding | MemberState::InSync),
        "{mirror:?}"
    );
    hands.finish_copying().await;
    expect_whole(system, array, &disks[1..3]).await;
    hands.insert(&disks[0]).await;
}

/// Started whole, then degraded only when that is asked for; the disk that missed
/// something is left out until it is given its place again.
pub async fn a_mirror_is_there_again_after_a_restart_even_with_a_disk_less(
    system: &impl System,
    hands: &impl Hands,
) {
    let disks = hands.start_over().await;
    let (array, filesystem) = (Uuid::new_v4(), Uuid::new_v4());
    make_mirror(system, &disks[..2], array, filesystem).await;
    hands.finish_copying().await;
    let start = |start| Step::Assemble {
        array,
        disks: disks[..2].to_vec(),
        start,
    };
    let missing = |found: &Snapshot| array_of(found, array).map(|found| found.missing_members);

    hands.restart().await;
    let found = observe(system).await;
    assert!(array_of(&found, array).is_none_or(|array| !array.running));
    assert!(found.volume.known().is_none());
    open(system, &disks[..2], array).await;
    changes(system, &start(Start::Whole)).await;
    changes(system, &Step::Mount { filesystem }).await;
    let found = observe(system).await;
    assert_eq!(missing(&found), Some(0));
    let volume = found.volume.known().expect("it is mounted");
    assert_eq!(volume.subvolumes, [COMMON_SHARE]);

    hands.restart().await;
    hands.pull(&disks[1]).await;
    until(system, "the disk gone", |found| {
        disk_of(found, &disks[1]).is_none()
    })
    .await;
    // A disk that is not there does not keep the other closed.
    let both = disks[..2].to_vec();
    let answer = system.apply(&Step::OpenLayers { array, disks: both }).await;
    assert!(matches!(answer, Err(HostError::Missing(_))), "{answer:?}");
    let answer = system.apply(&start(Start::Whole)).await;
    assert!(matches!(answer, Err(HostError::Missing(_))), "{answer:?}");
    changes(system, &start(Start::Degraded)).await;
    changes(system, &Step::Mount { filesystem }).await;
    assert_eq!(missing(&observe(system).await), Some(1));
    // Until something is written, the other disk has missed nothing.
    let name = "meanwhile".to_owned();
    changes(system, &Step::CreateShare { name }).await;

    hands.restart().await;
    hands.insert(&disks[1]).await;
    until(system, "both disks", |found| {
        let is_back = |id| disk_of(found, id).is_some_and(|d| d.layer == Layer::Closed);
        is_back(&disks[0]) && is_back(&disks[1])
    })
    .await;
    open(system, &disks[..2], array).await;
    changes(system, &start(Start::Whole)).await;
    let found = observe(system).await;
    let mirror = array_of(&found, array).expect("it was started");
    assert_eq!(mirror.disks_in_sync().collect::<Vec<_>>(), [&disks[0]]);
    let disk = disks[1].clone();
    changes(system, &Step::AddMember { array, disk }).await;
    hands.finish_copying().await;
    expect_whole(system, array, &disks[..2]).await;
}

async fn expect_whole(system: &impl System, array: Uuid, disks: &[DiskId]) {
    let found = until(system, "a whole array", |found| {
        array_of(found, array).is_some_and(|array| {
            array.missing_members == 0
                && array.sync.is_none()
                && array.disks_in_sync().count() == disks.len()
        })
    })
    .await;
    let mirror = array_of(&found, array).expect("waited for");
    let mut copies: Vec<_> = mirror.disks_in_sync().collect();
    let mut wanted: Vec<_> = disks.iter().collect();
    copies.sort();
    wanted.sort();
    assert_eq!(copies, wanted);
}

/// No step pretends.
pub async fn a_step_without_what_it_needs_says_what_is_missing(
    system: &impl System,
    hands: &impl Hands,
) {
    let disks = hands.start_over().await;
    let (array, filesystem) = (Uuid::new_v4(), Uuid::new_v4());
    let disk = disks[0].clone();
    for step in [
        Step::OpenLayers {
            array,
            disks: disks[..2].to_vec(),
        },
        Step::CreateArray {
            array,
            layout: Layout::Mirror,
            disks: disks[..2].to_vec(),
            spares: Vec::new(),
        },
        Step::Assemble {
            array,
            disks: disks[..2].to_vec(),
            start: Start::Degraded,
        },
        Step::ReplaceMember {
            array,
            leaving: disks[0].clone(),
            joining: disks[1].clone(),
        },
        Step::ReleaseMember {
            array,
            disk: disk.clone(),
        },
        Step::Reshape {
            array,
            layout: Layout::Mirror,
            width: 3,
        },
        Step::NoteWrites {
            array,
            layout: Layout::Parity,
        },
        Step::GrowFilesystem { filesystem },
        Step::AddMember { array, disk },
        Step::Format { array, filesystem },
        Step::Mount { filesystem },
        Step::CreateShare {
            name: COMMON_SHARE.to_owned(),
        },
        Step::ServeShares,
    ] {
        let answer = system.apply(&step).await;
        assert!(
            matches!(answer, Err(HostError::Missing(_))),
            "{step:?}: {answer:?}"
        );
    }
    let stopped = system.apply(&Step::StopShares).await;
    assert!(matches!(stopped, Ok(Change::Unchanged)), "{stopped:?}");
}
