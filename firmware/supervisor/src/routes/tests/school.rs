//! When the school works.

use crate::testing::Bench;
use axum::http::StatusCode;
use preau_domain::settings::SchoolHours;
use serde_json::json;

#[tokio::test]
async fn the_school_says_when_it_works_and_the_box_remembers_it() {
    let mut bench = Bench::new(2).await;
    bench.set_up().await;
    let usual = bench.get("/v1/school-hours").await.ok();
    assert_eq!(usual.body, json!({"from": 7, "to": 19, "weekends": false}));

    let lent = json!({"from": 8, "to": 22, "weekends": true});
    bench.put("/v1/school-hours", lent.clone()).await.ok();
    for wrong in [
        json!({"from": 18, "to": 8, "weekends": false}),
        json!({"from": 8, "to": 25, "weekends": false}),
    ] {
        let refused = bench.put("/v1/school-hours", wrong).await;
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (StatusCode::UNPROCESSABLE_ENTITY, "school-hours")
        );
    }
    let bench = bench.restart().await;
    assert_eq!(bench.get("/v1/school-hours").await.ok().body, lent);
    let settings = bench.desk.settings();
    let kept = SchoolHours {
        from: 8,
        to: 22,
        weekends: true,
    };
    assert_eq!(settings.school_hours, kept);
}
