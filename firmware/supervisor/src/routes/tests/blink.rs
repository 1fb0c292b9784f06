//! A disk that shows where it sits.

use crate::testing::Bench;
use axum::http::{Method, StatusCode};
use preau_domain::blink::BlinkBy;
use preau_domain::ids::DiskId;
use serde_json::{Value, json};

/// The disk in a bay, and the address of its blinking.
fn place(bench: &Bench, bay: &str) -> (DiskId, String) {
    let disk = bench.machine.disk_in(bay).unwrap().id;
    let path = format!("/v1/disks/{disk}/blink");
    (disk, path)
}

fn shown(bench: &Bench) -> Option<(DiskId, BlinkBy)> {
    let shown = bench.desk.machine.blinking()?;
    Some((shown.disk, shown.by))
}

#[tokio::test]
async fn one_disk_at_a_time_shows_where_it_sits_until_it_is_told_to_stop() {
    let mut bench = Bench::new(2).await;
    bench.set_up().await;
    bench.visit().await;
    let (first, on_first) = place(&bench, "1");
    let (second, on_second) = place(&bench, "2");
    bench.post_to(&on_first, json!({})).await.ok();
    assert_eq!(shown(&bench), Some((first.clone(), BlinkBy::Activity)));
    let details = bench.get(&format!("/v1/disks/{first}")).await.ok();
    assert_eq!(details.body["blink"]["by"], "activity");
    assert_eq!(details.body["blink"]["seconds_left"], 30);

    bench.post_to(&on_second, json!({})).await.ok();
    assert_eq!(shown(&bench), Some((second.clone(), BlinkBy::Activity)));
    let details = bench.get(&format!("/v1/disks/{first}")).await.ok();
    assert_eq!(details.body["blink"]["seconds_left"], Value::Null);

    // Whoever looked at the first one does not stop the second.
    bench.ask(Method::DELETE, &on_first, Value::Null).await.ok();
    assert_eq!(shown(&bench), Some((second, BlinkBy::Activity)));
    bench
        .ask(Method::DELETE, &on_second, Value::Null)
        .await
        .ok();
    assert_eq!(shown(&bench), None);
}

#[tokio::test]
async fn a_sleeping_disk_is_woken_only_when_that_is_said() {
    let mut bench = Bench::new(2).await;
    bench.set_up().await;
    let (disk, path) = place(&bench, "2");
    bench.machine.put_to_sleep(&disk);
    bench.visit().await;
    let details = bench.get(&format!("/v1/disks/{disk}")).await.ok();
    assert_eq!(details.body["blink"]["wakes"], true);
    let refused = bench.post_to(&path, json!({})).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (StatusCode::CONFLICT, "disk-asleep")
    );
    assert_eq!(shown(&bench), None);
    bench.post_to(&path, json!({"wake": true})).await.ok();
    assert_eq!(shown(&bench), Some((disk, BlinkBy::Activity)));
}

#[tokio::test]
async fn while_a_copy_is_made_only_a_bays_own_light_shows_a_disk() {
    let mut bench = Bench::new(3).await;
    bench.set_up().await;
    let lost = bench.machine.disk_in("2").unwrap().id;
    bench.machine.pull(&lost);
    bench.look().await;
    let replace = json!({ "erase": bench.consent("3") });
    bench.post_to("/v1/array/replace", replace).await.ok();
    bench.look().await;
    let (disk, path) = place(&bench, "1");
    let refused = bench.post_to(&path, json!({})).await;
    assert_eq!(refused.code(), "all-blink");
    bench.machine.give_light("1");
    bench.post_to(&path, json!({})).await.ok();
    assert_eq!(shown(&bench), Some((disk, BlinkBy::BayLight)));

    let gone = format!("/v1/disks/{lost}/blink");
    let refused = bench.post_to(&gone, json!({})).await;
    assert_eq!(refused.code(), "no-such-disk");
}
