//! Stories about disks that are not what they were, and settings that are damaged.

use super::mirror;
use crate::testing::{ADMIN, Bench, PASSWORD};
use axum::http::StatusCode;
use preau_api::VolumeState;
use preau_domain::disks::Content;
use preau_domain::settings::SetupStep;
use serde_json::{Value, json};

#[tokio::test]
async fn a_used_disk_is_never_erased_without_its_own_confirmation() {
    let mut bench = Bench::new(3).await;
    bench.set_up_to_disks().await;
    let disk = bench.machine.disk_in("2").unwrap();
    let blank = mirror(&bench);
    let photos = Content {
        kind: "ext4".to_owned(),
        label: Some("photos".to_owned()),
        size: disk.size,
    };
    bench.machine.write_contents(&disk.id, vec![photos]);
    let answer = bench.post_to("/v1/volume", blank).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    let refusal = answer.refusal();
    assert_eq!(
        (refusal.code.as_str(), refusal.field.as_deref()),
        ("contents-changed", Some("erase[1]"))
    );

    let mut other = mirror(&bench);
    other["erase"][0]["serial"] = json!("another");
    assert_eq!(
        bench.post_to("/v1/volume", other).await.code(),
        "other-serial"
    );
    let gone = mirror(&bench);
    bench.machine.pull(&disk.id);
    assert_eq!(bench.post_to("/v1/volume", gone).await.code(), "disk-gone");
    let same = json!({"layout": "mirror", "erase": [bench.consent("1"), bench.consent("1")]});
    assert_eq!(bench.post_to("/v1/volume", same).await.code(), "disk-count");

    bench.look().await;
    assert!(bench.desk.settings().volume.is_none());
    assert_eq!(bench.machine.times_erased(&disk.id), 0);
    // With its own confirmation it is.
    bench.machine.insert(&disk.id);
    bench.post_to("/v1/volume", mirror(&bench)).await.ok();
    let third = json!({"layout": "mirror", "erase": [bench.consent("1"), bench.consent("3")]});
    assert_eq!(
        bench.post_to("/v1/volume", third).await.code(),
        "volume-exists"
    );
    bench.look().await;
    assert_eq!(bench.machine.times_erased(&disk.id), 1);
}

#[tokio::test(start_paused = true)]
async fn disks_that_vanish_after_the_choice_may_be_chosen_again() {
    let mut bench = Bench::new(3).await;
    bench.set_up_to_disks().await;
    bench.post_to("/v1/volume", mirror(&bench)).await.ok();
    let disk = bench.machine.disk_in("2").unwrap();
    bench.machine.pull(&disk.id);
    bench.look().await;
    assert_eq!(bench.status().await.volume.unwrap().problem, None);
    tokio::time::advance(std::time::Duration::from_secs(10)).await;
    bench.look().await;
    let volume = bench.status().await.volume.unwrap();
    assert!(volume.problem.unwrap().contains("no longer there"));
    let other = json!({"layout": "mirror", "erase": [bench.consent("1"), bench.consent("3")]});
    bench.post_to("/v1/volume", other).await.ok();
    bench.look().await;
    assert_eq!(
        bench.status().await.volume.unwrap().state,
        VolumeState::Copying
    );
}

#[tokio::test]
async fn a_lost_disk_is_replaced_after_confirmation() {
    let mut bench = Bench::new(2).await;
    bench.set_up().await;
    let replace = |consent: Value| json!({ "erase": consent });
    let nothing = bench
        .post_to("/v1/array/replace", replace(bench.consent("2")))
        .await;
    assert_eq!(nothing.code(), "nothing-to-replace");

    let lost = bench.machine.disk_in("2").unwrap();
    bench.machine.pull(&lost.id);
    bench.look().await;
    let status = bench.status().await;
    assert_eq!(
        status.headline,
        "A disk must be replaced. Your files are intact."
    );
    assert_eq!(status.lost_disks[0].serial, lost.serial);
    assert!(status.volume.unwrap().candidates.is_empty());

    let small = bench.machine.insert_blank_of("3", 1 << 30);
    bench.look().await;
    assert!(bench.status().await.volume.unwrap().candidates.is_empty());
    let answer = bench
        .post_to("/v1/array/replace", replace(bench.consent("3")))
        .await;
    assert_eq!(answer.code(), "disk-too-small");
    bench.machine.pull(&small);
    bench.machine.insert_blank("2");
    bench.look().await;
    let candidates = bench.status().await.volume.unwrap().candidates;
    let consent = serde_json::to_value(&candidates[0].consent).unwrap();
    assert_eq!(consent, bench.consent("2"));
    bench
        .post_to("/v1/array/replace", replace(consent.clone()))
        .await
        .ok();
    bench.look().await;
    bench.machine.tick_rebuild(50);
    bench.look().await;
    let status = bench.status().await;
    assert_eq!(
        status.headline,
        "The copy is being rebuilt. Your files are intact."
    );
    assert!(status.volume.unwrap().progress.unwrap().percent >= 49);
    assert!(status.lost_disks.is_empty());

    bench.machine.tick_rebuild(100);
    bench.look().await;
    let status = bench.status().await;
    assert_eq!(
        (status.headline.as_str(), status.incidents.len()),
        ("All is well.", 0)
    );
    let history = bench.get("/v1/incidents").await.ok();
    assert_eq!(
        history.body.as_array().unwrap().len(),
        2,
        "{:?}",
        history.body
    );
}

#[tokio::test(start_paused = true)]
async fn a_disk_that_cannot_be_opened_does_not_keep_the_other_from_being_served() {
    let mut bench = Bench::new(2).await;
    bench.set_up().await;
    let broken = bench.machine.disk_in("2").unwrap();
    bench.machine.break_layer(&broken.id);
    let mut bench = bench.cut_power().await;
    bench.look().await;
    assert!(
        !bench.status().await.shares[0].online,
        "it may only be late"
    );
    tokio::time::advance(std::time::Duration::from_secs(31)).await;
    bench.look().await;
    let status = bench.status().await;
    assert!(status.shares[0].online);
    assert_eq!(status.volume.unwrap().state, VolumeState::Degraded);
}

#[tokio::test]
async fn damaged_settings_fall_back_and_an_incident_says_so() {
    let mut bench = Bench::new(2).await;
    bench.set_up().await;
    let path = bench.folder.path().join("state/settings.json");
    let whole = std::fs::read(&path).unwrap();
    preau_host::write_durably(&path, &whole[..whole.len() / 2], 0o600).unwrap();
    let mut bench = bench.restart().await;
    bench.look().await;
    let status = bench.status().await;
    assert_eq!(
        status.headline,
        "Some settings need checking. Your files are intact."
    );
    // The last change was the end of the set-up; all before is there.
    assert_eq!(status.setup, SetupStep::Finish);
    assert_eq!(bench.machine.accounts().len(), 1);
    let number = status.incidents[0].number;
    assert_eq!(bench.acknowledge(77).await.code(), "no-such-incident");
    bench.acknowledge(number).await.ok();
    bench.look().await;
    assert!(bench.status().await.incidents.is_empty());
    let bench = bench.restart().await;
    assert!(bench.status().await.incidents.is_empty());
}

#[tokio::test]
async fn lost_settings_are_never_made_anew() {
    let mut bench = Bench::new(2).await;
    bench.set_up().await;
    for name in ["settings.json", "settings.previous.json"] {
        let path = bench.folder.path().join("state").join(name);
        preau_host::write_durably(&path, b"\0\0\0", 0o600).unwrap();
    }
    let mut bench = bench.restart().await;
    bench.look().await;
    assert_eq!(bench.get("/v1/box").await.ok().body["setup"], "done");
    let login = json!({"login": ADMIN, "password": PASSWORD});
    let answer = bench.post_to("/v1/login", login).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::SERVICE_UNAVAILABLE, "settings-lost")
    );
    let claim = json!({"code": "AAAAA-AAAAA", "language": "fr"});
    assert_eq!(
        bench.post_to("/v1/claim", claim).await.code(),
        "settings-lost"
    );
    assert_eq!(bench.machine.accounts().len(), 1);
    assert_eq!(
        std::fs::read(bench.folder.path().join("state/settings.json")).unwrap(),
        b"\0\0\0"
    );
}
