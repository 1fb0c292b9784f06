//! Stories about a volume in use: it grows, a disk that works is replaced, and one
//! that was half written waits for a person.

use crate::testing::Bench;
use axum::http::StatusCode;
use preau_api::{ArrayView, MemberRole, VolumeState};
use preau_domain::disks::Disk;
use preau_domain::layouts::{Growth, Layout};
use preau_domain::scrub::Starter;
use serde_json::json;
use std::time::Duration;

/// Longer than members may take to appear after power-on.
const PATIENCE: Duration = Duration::from_secs(31);

async fn array(bench: &Bench) -> ArrayView {
    let answer = bench.get("/v1/array").await.ok();
    serde_json::from_value(answer.body).unwrap()
}

/// A volume of that layout on the disks of the first bays, whole.
async fn made(layout: &str, width: u8, disks: u32) -> Bench {
    let mut bench = Bench::new(disks).await;
    bench.set_up_to_disks().await;
    let bays: Vec<_> = (1..=width)
        .map(|bay| bench.consent(&bay.to_string()))
        .collect();
    let volume = json!({"layout": layout, "erase": bays});
    bench.post_to("/v1/volume", volume).await.ok();
    bench.look().await;
    bench.machine.tick_rebuild(100);
    bench.look().await;
    bench
}

/// Four disks of which two may fail, the power cut while they were written, started
/// without the two of the last bays.
async fn half_written() -> (Bench, [Disk; 2]) {
    let bench = made("double_parity", 4, 4).await;
    let gone = ["3", "4"].map(|bay| bench.machine.disk_in(bay).unwrap());
    bench.machine.cut_power_while_writing();
    for disk in &gone {
        bench.machine.pull(&disk.id);
    }
    let mut bench = bench.restart().await;
    bench.pass(PATIENCE).await;
    bench.look().await;
    (bench, gone)
}

#[tokio::test]
async fn a_single_disk_is_given_a_companion_and_then_more_room() {
    let mut bench = made("single", 1, 3).await;
    let view = array(&bench).await;
    assert_eq!(
        (view.layout, view.may_still_fail),
        (Layout::Single, Some(0))
    );
    assert_eq!(view.growths.len(), 1, "a spare of nothing helps nobody");
    let total = view.total.unwrap();

    let safer = json!({"erase": bench.consent("2"), "growth": "safer"});
    bench.post_to("/v1/array/grow", safer.clone()).await.ok();
    // A second click finds what it asked for; another wish waits.
    bench.post_to("/v1/array/grow", safer).await.ok();
    let larger = json!({"erase": bench.consent("3"), "growth": "larger"});
    let answer = bench.post_to("/v1/array/grow", larger).await;
    assert_eq!(answer.code(), "change-under-way");
    bench.look().await;
    assert_eq!(array(&bench).await.state, VolumeState::Changing);
    assert!(bench.status().await.incidents.is_empty());
    bench.machine.tick_rebuild(100);
    bench.look().await;
    let view = array(&bench).await;
    assert_eq!(
        (view.layout, view.may_still_fail),
        (Layout::Mirror, Some(1))
    );
    assert_eq!(
        (view.state, view.total),
        (VolumeState::Protected, Some(total))
    );

    let offered: Vec<Growth> = view.growths.iter().map(|growth| growth.growth).collect();
    assert!(offered.contains(&Growth::Larger), "{offered:?}");
    let larger = json!({"erase": bench.consent("3"), "growth": "larger"});
    bench.post_to("/v1/array/grow", larger).await.ok();
    for _ in 0..3 {
        bench.look().await;
        bench.machine.tick_rebuild(100);
    }
    bench.look().await;
    let view = array(&bench).await;
    assert_eq!(
        (view.layout, view.may_still_fail),
        (Layout::Parity, Some(1))
    );
    assert_eq!(view.state, VolumeState::Protected);
    assert!(view.total.unwrap() > total, "{:?}", view.total);
}

#[tokio::test]
async fn a_disk_that_works_is_copied_before_it_is_let_go() {
    let mut bench = made("mirror", 2, 3).await;
    let old = bench.machine.disk_in("2").unwrap();
    let replace = json!({"erase": bench.consent("3"), "leaving": old.id});
    bench.post_to("/v1/array/replace", replace).await.ok();
    bench.look().await;
    let view = array(&bench).await;
    assert_eq!(view.may_still_fail, Some(1), "as protected as before");
    assert_eq!(view.state, VolumeState::Changing);
    let role = |view: &ArrayView| {
        let mut members = view.members.iter();
        members
            .find(|member| member.disk == old.id)
            .map(|member| member.role)
    };
    assert_eq!(role(&view), Some(MemberRole::Leaving));
    bench.machine.tick_rebuild(100);
    bench.look().await;
    let view = array(&bench).await;
    assert_eq!((role(&view), view.state), (None, VolumeState::Protected));
}

#[tokio::test]
async fn a_half_written_volume_waits_for_a_person_and_is_read_through_afterwards() {
    let (mut bench, [_, lost]) = half_written().await;
    let view = array(&bench).await;
    assert!(view.waits_for_consent);
    let serial = |bay: &str| bench.machine.disk_in(bay).unwrap().serial;
    let there = [serial("1"), serial("2")];
    assert_eq!(view.start_with, there);
    let roles: Vec<_> = view.members.iter().map(|member| member.role).collect();
    let (waits, missing) = (MemberRole::Waiting, MemberRole::Missing);
    assert_eq!(roles, [waits, waits, missing, missing]);
    let status = bench.status().await;
    assert!(status.volume.unwrap().waits_for_consent);
    assert!(!status.shares[0].online);

    // Somebody agreed to something else.
    let stale = json!({"serials": [&there[0], &there[1], &lost.serial]});
    let answer = bench.post_to("/v1/array/start", stale).await;
    assert_eq!(answer.code(), "nothing-to-start");
    bench.look().await;
    assert!(array(&bench).await.waits_for_consent);

    let agreed = bench
        .post_to("/v1/array/start", json!({ "serials": there }))
        .await;
    assert_eq!(agreed.status, StatusCode::ACCEPTED);
    bench.look().await;
    let view = array(&bench).await;
    assert_eq!(
        (view.waits_for_consent, view.may_still_fail),
        (false, Some(0))
    );
    assert!(bench.status().await.shares[0].online);
    // The agreement is used up.
    let settings = bench.desk.settings();
    assert_eq!(settings.volume.as_ref().unwrap().unclean_start, None);
    let run = bench.desk.scrubs.read().run;
    assert_eq!(run.map(|run| run.by), Some(Starter::Person));
    let again = bench
        .post_to("/v1/array/start", json!({ "serials": there }))
        .await;
    assert_eq!(again.code(), "nothing-to-start");
}

#[tokio::test]
async fn the_missing_disk_makes_every_agreement_needless() {
    let (mut bench, [other, lost]) = half_written().await;
    assert!(array(&bench).await.waits_for_consent);
    bench.machine.insert(&lost.id);
    bench.machine.insert(&other.id);
    bench.look().await;
    let view = array(&bench).await;
    assert!(!view.waits_for_consent);
    assert!(bench.status().await.shares[0].online);
}
