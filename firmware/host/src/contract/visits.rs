//! Visits to the disks: all that are there, as they are.

use super::{Hands, disk_of, observe, until};
use crate::system::{Change, HostError, System};
use jiff::Timestamp;
use preau_domain::blink::{Blinked, Wake};
use preau_domain::health::{History, SelfTestKind, Touch, Verdict, Visit};
use preau_domain::ids::DiskId;
use std::collections::BTreeMap;

async fn survey(system: &impl System) -> BTreeMap<DiskId, Visit> {
    let visited = system.survey(Timestamp::UNIX_EPOCH).await;
    visited.expect("the disks are found")
}

/// A good disk is well, whatever it can tell of itself; one that was pulled is not
/// visited, and asking it for something says that it is missing.
pub async fn every_disk_that_is_there_is_visited_and_none_is_accused(
    system: &impl System,
    hands: &impl Hands,
) {
    let disks = hands.start_over().await;
    let visits = survey(system).await;
    let found = observe(system).await;
    let there: Vec<&DiskId> = found
        .disks
        .known()
        .expect("known")
        .iter()
        .map(|d| &d.id)
        .collect();
    assert_eq!(visits.len(), there.len(), "{visits:?}");
    for disk in &disks {
        let visit = visits.get(disk).expect("every disk is visited");
        let mut history = History::default();
        let reading = visit.reading(Timestamp::UNIX_EPOCH).expect("it is awake");
        history.add(&reading);
        let judged = history.judge(Timestamp::UNIX_EPOCH);
        assert_eq!(judged.verdict, Verdict::Healthy, "{disk}: {visit:#?}");
    }

    let touched = system.read_a_block(&disks[..2], 7).await;
    let touched = touched.expect("the disks are found");
    assert_eq!(touched.len(), 2, "those that were asked for");
    for touch in touched.values() {
        assert!(matches!(touch, Touch::Answered { .. }), "{touch:?}");
    }

    for disk in &disks[..2] {
        let shown = system.blink(disk, Wake::Allowed).await;
        assert_eq!(shown.expect("a disk shows itself"), Blinked::Shown);
        let blinking = system.blinking().expect("one does");
        assert_eq!(&blinking.disk, disk, "only one at a time");
        assert!((1..=300).contains(&blinking.seconds_left), "{blinking:?}");
        let by = system.blink_by(disk).await;
        assert_eq!(by.expect("it is there"), blinking.by);
    }
    assert_eq!(system.stop_blinking(), Change::Changed);
    assert_eq!(system.blinking(), None);
    assert_eq!(system.stop_blinking(), Change::Unchanged);

    hands.pull(&disks[0]).await;
    until(system, "the disk gone", |found| {
        disk_of(found, &disks[0]).is_none()
    })
    .await;
    let visits = survey(system).await;
    assert!(!visits.contains_key(&disks[0]));
    assert!(visits.contains_key(&disks[1]));
    let refused = system.start_self_test(&disks[0], SelfTestKind::Short).await;
    assert!(matches!(refused, Err(HostError::Missing(_))), "{refused:?}");
    let refused = system.abort_self_test(&disks[0]).await;
    assert!(matches!(refused, Err(HostError::Missing(_))), "{refused:?}");
    let refused = system.blink(&disks[0], Wake::Allowed).await;
    assert!(matches!(refused, Err(HostError::Missing(_))), "{refused:?}");
    hands.insert(&disks[0]).await;
    until(system, "the disk back", |found| {
        disk_of(found, &disks[0]).is_some()
    })
    .await;
}

/// A disk that somebody brought is opened to copy from it, and closed.
pub async fn a_disk_with_files_is_opened_and_closed(system: &impl System, hands: &impl Hands) {
    let disks = hands.start_over().await;
    let brought = &disks[2];
    let refused = system.open_disk(brought, &[]).await;
    assert!(matches!(refused, Err(HostError::Missing(_))), "{refused:?}");
    assert_eq!(system.opened_disk(), None);
    hands.write_something(brought).await;
    until(system, "the file system seen", |found| {
        disk_of(found, brought).is_some_and(|disk| !disk.is_blank())
    })
    .await;
    let opened = system.open_disk(brought, &[]).await;
    let opened = opened.expect("it carries a file system");
    assert_eq!((&opened.disk, opened.folders.len()), (brought, 1));
    assert_eq!(system.opened_disk(), Some(opened.clone()));
    let again = system.open_disk(brought, &[]).await;
    assert_eq!(again.expect("it is open"), opened);
    let closed = async || system.close_disk().await.expect("it is closed");
    assert_eq!(closed().await, Change::Changed);
    assert_eq!(system.opened_disk(), None);
    assert_eq!(closed().await, Change::Unchanged);
}
