//! Stories about disks that come and go, or come back as others, and about a volume
//! that takes no more writes.

use crate::testing::Bench;
use axum::http::StatusCode;
use preau_api::{DiskRole, VolumeState};
use preau_domain::ids::DiskId;
use preau_domain::settings::HeldWhy;
use preau_host::ReadOnly;
use serde_json::{Value, json};

fn role(status: &preau_api::Status, disk: &DiskId) -> DiskRole {
    let view = status.disks.iter().find(|view| view.disk.id == *disk);
    view.expect("the disk is there").role
}

fn codes(status: &preau_api::Status) -> Vec<&'static str> {
    let codes = status.incidents.iter();
    codes.map(|incident| incident.code.as_str()).collect()
}

async fn drop_and_come_back(bench: &mut Bench, disk: &DiskId) {
    bench.machine.pull(disk);
    bench.look().await;
    bench.machine.insert(disk);
    bench.look().await;
    bench.machine.tick_rebuild(100);
    bench.look().await;
}

#[tokio::test]
async fn a_disk_that_comes_and_goes_is_held_out_until_a_person_lets_it_back_in() {
    let mut bench = Bench::new(2).await;
    bench.set_up().await;
    let disk = bench.machine.disk_in("2").unwrap().id;
    for _ in 0..2 {
        drop_and_come_back(&mut bench, &disk).await;
        assert_eq!(role(&bench.status().await, &disk), DiskRole::InUse);
    }
    drop_and_come_back(&mut bench, &disk).await;
    let status = bench.status().await;
    assert_eq!(role(&status, &disk), DiskRole::HeldOut);
    assert_eq!(codes(&status), ["array-degraded", "disk-flapping"]);

    // It is written down: a restart does not take it back.
    let mut bench = bench.cut_power().await;
    bench.look().await;
    assert_eq!(role(&bench.status().await, &disk), DiskRole::HeldOut);

    let take_back = json!({ "disk": disk });
    bench
        .post_to("/v1/array/take-back", take_back.clone())
        .await
        .ok();
    bench.look().await;
    bench.machine.tick_rebuild(100);
    bench.look().await;
    let status = bench.status().await;
    assert_eq!(role(&status, &disk), DiskRole::InUse);
    assert!(status.incidents.is_empty(), "{:?}", codes(&status));
    let again = bench.post_to("/v1/array/take-back", take_back).await;
    assert_eq!(
        (again.status, again.code().as_str()),
        (StatusCode::CONFLICT, "not-held-out")
    );
    // It is counted anew.
    drop_and_come_back(&mut bench, &disk).await;
    assert_eq!(role(&bench.status().await, &disk), DiskRole::InUse);
}

#[tokio::test]
async fn another_disk_may_take_the_place_of_one_that_is_held_out() {
    let mut bench = Bench::new(3).await;
    bench.set_up().await;
    let disk = bench.machine.disk_in("2").unwrap().id;
    for _ in 0..3 {
        drop_and_come_back(&mut bench, &disk).await;
    }
    let status = bench.status().await;
    assert_eq!(status.volume.unwrap().candidates.len(), 1);
    let replace = json!({ "erase": bench.consent("3") });
    bench.post_to("/v1/array/replace", replace).await.ok();
    bench.look().await;
    bench.machine.tick_rebuild(100);
    bench.look().await;
    let status = bench.status().await;
    assert!(status.incidents.is_empty(), "{:?}", codes(&status));
    let settings = bench.desk.settings();
    assert!(settings.volume.as_ref().unwrap().held_out.is_empty());
}

#[tokio::test]
async fn a_disk_that_was_used_elsewhere_is_refused_once_and_erased_only_when_agreed() {
    let mut bench = Bench::new(2).await;
    bench.set_up().await;
    let disk = bench.machine.disk_in("2").unwrap().id;
    bench.machine.pull(&disk);
    bench.look().await;
    bench.machine.use_elsewhere(&disk);
    bench.machine.insert(&disk);
    bench.look().await;
    let status = bench.status().await;
    assert_eq!(role(&status, &disk), DiskRole::Diverged);
    assert_eq!(codes(&status), ["array-degraded", "disk-diverged"]);
    let settings = bench.desk.settings();
    let volume = settings.volume.as_ref().unwrap();
    assert_eq!(volume.held_out(&disk), Some(HeldWhy::Diverged));

    let take_back = |erase: Value| json!({ "disk": disk, "erase": erase });
    let refused = [
        (json!({ "disk": disk }), "contents-changed"),
        (take_back(bench.consent("1")), "contents-changed"),
        (take_back(with(&bench, "serial", "another")), "other-serial"),
        (
            take_back(with(&bench, "contents_digest", "another")),
            "contents-changed",
        ),
    ];
    for (body, code) in refused {
        let answer = bench.post_to("/v1/array/take-back", body).await;
        assert_eq!(answer.code(), code);
    }
    bench.look().await;
    assert_eq!(bench.machine.times_erased(&disk), 1, "at the set-up");

    let agreed = take_back(bench.consent("2"));
    bench.post_to("/v1/array/take-back", agreed).await.ok();
    bench.look().await;
    bench.machine.tick_rebuild(100);
    bench.look().await;
    let status = bench.status().await;
    assert_eq!(role(&status, &disk), DiskRole::InUse);
    assert!(status.incidents.is_empty(), "{:?}", codes(&status));
    assert_eq!(bench.machine.times_erased(&disk), 2);
}

#[tokio::test]
async fn a_volume_that_lost_all_its_disks_is_served_again_once_all_are_back() {
    let mut bench = Bench::new(2).await;
    bench.set_up().await;
    let [first, last] = ["1", "2"].map(|bay| bench.machine.disk_in(bay).unwrap().id);
    for disk in [&first, &last] {
        bench.machine.pull(disk);
        bench.look().await;
    }
    assert!(!bench.status().await.shares[0].online);
    // It has missed what was written after it went: nothing is started from it alone.
    bench.machine.insert(&first);
    bench.look().await;
    let status = bench.status().await;
    assert_eq!(status.volume.unwrap().state, VolumeState::Offline);

    bench.machine.insert(&last);
    bench.look().await;
    bench.machine.tick_rebuild(100);
    bench.look().await;
    let status = bench.status().await;
    assert!(status.shares[0].online, "without a restart of the box");
    assert_eq!(status.volume.unwrap().state, VolumeState::Protected);
}

fn with(bench: &Bench, field: &str, value: &str) -> Value {
    let mut consent = bench.consent("2");
    consent[field] = json!(value);
    consent
}

#[tokio::test]
async fn a_volume_that_turns_read_only_is_no_longer_served() {
    let mut bench = Bench::new(2).await;
    bench.set_up().await;
    assert!(bench.status().await.shares[0].online);
    bench.machine.turn_read_only(ReadOnly::Yes);
    bench.look().await;
    let found = bench.desk.machine.observe(bench.desk.now()).await;
    assert_eq!(found.shares_served.known(), Some(&false));
    assert!(!bench.status().await.shares[0].online);
    bench.machine.turn_read_only(ReadOnly::No);
    bench.look().await;
    assert!(bench.status().await.shares[0].online);
}
