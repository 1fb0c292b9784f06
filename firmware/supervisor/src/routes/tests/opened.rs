//! A disk that somebody brought, opened to copy from it.

use crate::testing::Bench;
use axum::http::{Method, StatusCode};
use preau_domain::disks::Content;
use preau_domain::ids::DiskId;
use serde_json::{Value, json};

/// A box with a mirror, and a disk with photos beside it.
async fn bench() -> (Bench, DiskId, String) {
    let mut bench = Bench::new(2).await;
    bench.set_up().await;
    let disk = bench.machine.insert_blank("3");
    let photos = Content {
        kind: "exfat".to_owned(),
        label: Some("PHOTOS".to_owned()),
        size: 1 << 40,
    };
    bench.machine.write_contents(&disk, vec![photos]);
    bench.look().await;
    let path = format!("/v1/disks/{disk}/open");
    (bench, disk, path)
}

#[tokio::test]
async fn a_disk_that_was_brought_is_a_share_until_it_is_closed() {
    let (mut bench, disk, path) = bench().await;
    let details = format!("/v1/disks/{disk}");
    let shown = bench.get(&details).await.ok();
    assert_eq!(shown.body["open"], json!({"can": true, "folders": null}));
    let opened = bench.post_to(&path, Value::Null).await.ok();
    assert_eq!(opened.body["folders"][0]["name"], "PHOTOS");
    assert_eq!(bench.machine.shared_disk(), Some(disk));
    let shown = bench.get(&details).await.ok();
    assert_eq!(shown.body["open"]["folders"][0]["kind"], "exfat");
    bench.look().await;
    assert!(bench.status().await.shares[0].online);

    bench.ask(Method::DELETE, &path, Value::Null).await.ok();
    assert_eq!(bench.machine.shared_disk(), None);
    assert_eq!(bench.desk.machine.opened_disk(), None);
    bench.ask(Method::DELETE, &path, Value::Null).await.ok();
}

#[tokio::test]
async fn a_disk_that_is_pulled_is_closed_by_the_box() {
    let (mut bench, disk, path) = bench().await;
    bench.post_to(&path, Value::Null).await.ok();
    bench.machine.pull(&disk);
    bench.look().await;
    assert_eq!(bench.desk.machine.opened_disk(), None);
    assert_eq!(bench.machine.shared_disk(), None);
}

#[tokio::test]
async fn a_disk_that_is_to_be_erased_is_closed_first() {
    let (mut bench, disk, path) = bench().await;
    bench.post_to(&path, Value::Null).await.ok();
    let lost = bench.machine.disk_in("2").unwrap().id;
    bench.machine.pull(&lost);
    bench.look().await;
    assert_eq!(bench.machine.shared_disk(), Some(disk));
    let replace = json!({ "erase": bench.consent("3") });
    bench.post_to("/v1/array/replace", replace).await.ok();
    bench.look().await;
    assert_eq!(bench.desk.machine.opened_disk(), None);
    assert_eq!(bench.machine.shared_disk(), None);
}

#[tokio::test]
async fn what_carries_nothing_that_can_be_read_and_what_is_the_boxs_own_stays_closed() {
    let (mut bench, disk, _) = bench().await;
    let own = bench.machine.disk_in("1").unwrap().id;
    let blank = bench.machine.insert_blank("4");
    bench.look().await;
    for closed in [own, blank] {
        let path = format!("/v1/disks/{closed}/open");
        let refused = bench.post_to(&path, Value::Null).await;
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (StatusCode::CONFLICT, "not-openable")
        );
    }
    let path = format!("/v1/disks/{disk}/open");
    bench.token = None;
    let refused = bench.post_to(&path, Value::Null).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert_eq!(bench.desk.machine.opened_disk(), None);
}
