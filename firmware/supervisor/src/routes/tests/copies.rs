//! Copies elsewhere through the API, with the fake's pretend repository.

use crate::copies::night;
use crate::copies::work::execute;
use crate::testing::Bench;
use axum::http::Method;
use preau_api::{CopiesView, CopyState, DestinationSet, FolderView, RestoreBegun, SnapshotView};
use preau_domain::copies::{Because, Work};
use preau_domain::incidents::IncidentCode;
use preau_host::fake::{FAKE_FINGERPRINT, FAKE_HOST_KEY};
use preau_host::{CopyDisk, Lane};
use preau_offsite_job::Failure;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

fn sftp(host_key: Option<&str>) -> Value {
    json!({
        "name": "Mairie",
        "place": {
            "kind": "sftp", "host": "sauvegarde.mairie.example", "port": 22, "user": "ecole",
            "folder": "preau", "host_key": host_key, "login": "key",
        },
    })
}

fn read<T: DeserializeOwned>(body: Value) -> T {
    serde_json::from_value(body).unwrap()
}

/// A box that is set up, with files and a destination.
async fn with_destination() -> (Bench, String) {
    let mut bench = Bench::new(2).await;
    bench.set_up().await;
    bench.machine.write_file("commun", "CP/Noël.odt", "chanson");
    bench
        .machine
        .write_file("commun", "CM2/dictée.odt", "dictée");
    bench.post_to("/v1/copies/key", Value::Null).await.ok();
    let added = bench.post_to("/v1/copies", sftp(Some(FAKE_HOST_KEY))).await;
    let added: DestinationSet = read(added.ok().body);
    let id = added.id.expect("it is stored").to_string();
    (bench, id)
}

async fn copies(bench: &Bench) -> CopiesView {
    read(bench.get("/v1/copies").await.ok().body)
}

/// Does what is due; says what was done.
async fn go_on(bench: &Bench) -> Vec<&'static str> {
    let mut done = Vec::new();
    while let Some(run) = night::step(&bench.desk).await {
        done.push(run.work.as_str());
        assert!(done.len() < 20, "it never ends: {done:?}");
    }
    done
}

#[tokio::test]
async fn a_copy_is_made_proved_and_a_lost_file_comes_back() {
    let (bench, id) = with_destination().await;
    assert_eq!(copies(&bench).await.destinations[0].state, CopyState::New);
    assert_eq!(go_on(&bench).await, ["init", "back_up", "drill"]);
    let found = &copies(&bench).await.destinations[0];
    assert_eq!(found.state, CopyState::Good, "{found:?}");
    assert!(found.last_good.is_some() && found.last_proof.is_some());
    assert_eq!(found.nights.len(), 35);

    bench.machine.delete_file("commun", "CP/Noël.odt");
    let snapshots = bench.get(&format!("/v1/copies/{id}/snapshots")).await.ok();
    let snapshots: Vec<SnapshotView> = read(snapshots.body);
    let snapshot = &snapshots[0].id;
    let folder = format!("/v1/copies/{id}/files?snapshot={snapshot}&folder=CP");
    let folder: FolderView = read(bench.get(&folder).await.ok().body);
    assert_eq!(folder.entries[0].path, "CP/Noël.odt");
    let found = bench
        .get(&format!("/v1/copies/{id}/search?name=no%C3%ABl"))
        .await;
    assert_eq!(found.ok().body["found"][0]["path"], "CP/Noël.odt");

    let path = format!("/v1/copies/{id}/restore");
    let mut wanted = json!({
        "snapshot": snapshot, "share": "commun", "path": "CP/Noël.odt", "kind": "file",
        "to": "beside",
    });
    let begun: RestoreBegun = read(bench.post_to(&path, wanted.clone()).await.ok().body);
    assert_eq!(
        begun.folder.as_deref(),
        Some("Restauré le mardi 24 novembre à 7 h 42")
    );
    assert!(night::restore(&bench.desk).await.unwrap().is_done());
    let beside = "Restauré le mardi 24 novembre à 7 h 42/Noël.odt";
    assert_eq!(
        bench.machine.read_file("commun", beside).as_deref(),
        Some("chanson")
    );

    wanted["to"] = "over".into();
    assert_eq!(
        bench.post_to(&path, wanted.clone()).await.code(),
        "not-confirmed"
    );
    wanted["confirmed"] = true.into();
    bench.post_to(&path, wanted).await.ok();
    assert!(night::restore(&bench.desk).await.unwrap().is_done());
    let back = bench.machine.read_file("commun", "CP/Noël.odt");
    assert_eq!(back.as_deref(), Some("chanson"));
    // The snapshot of the last copy waits for the next drill, and no other is left.
    let stills = bench.desk.copies.machine.still_shares().await.unwrap();
    assert_eq!(stills.len(), 1, "{stills:?}");
}

#[tokio::test]
async fn a_server_is_shown_before_it_is_believed_and_every_refusal_names_its_field() {
    let mut bench = Bench::new(2).await;
    bench.set_up().await;
    // A key must be made before a server can let it in.
    let refused = bench.post_to("/v1/copies", sftp(None)).await.refusal();
    assert_eq!(
        (refused.code.as_str(), refused.field.as_deref()),
        ("login_refused", Some("secret"))
    );
    let key = bench.post_to("/v1/copies/key", Value::Null).await.ok().body;
    let again = bench.post_to("/v1/copies/key", Value::Null).await.ok().body;
    assert_eq!(key, again);

    let shown: DestinationSet = read(bench.post_to("/v1/copies", sftp(None)).await.ok().body);
    assert_eq!(shown.id, None);
    assert_eq!(shown.confirm.unwrap().fingerprint, FAKE_FINGERPRINT);
    assert!(copies(&bench).await.destinations.is_empty());
    for (failure, code, field) in [
        (Failure::PortClosed, "port_closed", "port"),
        (Failure::NameNotFound, "name_not_found", "host"),
        (Failure::NoSpace, "no_space", "folder"),
    ] {
        bench.machine.refuse_copies(Some(failure));
        let refused = bench
            .post_to("/v1/copies", sftp(Some(FAKE_HOST_KEY)))
            .await
            .refusal();
        assert_eq!(
            (refused.code.as_str(), refused.field.as_deref()),
            (code, Some(field))
        );
    }
    bench.machine.refuse_copies(None);
    let mut odd = sftp(Some(FAKE_HOST_KEY));
    odd["place"]["user"] = "-oProxyCommand=x".into();
    assert_eq!(
        bench
            .post_to("/v1/copies", odd)
            .await
            .refusal()
            .field
            .as_deref(),
        Some("user")
    );
    let with_account = json!({"name": "Nuage", "place": {
        "kind": "web_dav", "url": "https://a:b@nuage.example/dav", "user": null, "certificate": null,
    }});
    assert_eq!(
        bench.post_to("/v1/copies", with_account).await.code(),
        "destination-url"
    );
}

#[tokio::test]
async fn a_failure_is_told_once_it_was_tried_again_and_ends_with_a_good_copy() {
    let (mut bench, id) = with_destination().await;
    go_on(&bench).await;
    let run = format!("/v1/copies/{id}/run");
    let back_up = json!({"work": "back_up"});
    bench.machine.refuse_copies(Some(Failure::LoginRefused));
    let is_told = |bench: &Bench| {
        let picture = bench.desk.picture.borrow().clone().unwrap();
        picture
            .incidents
            .open(IncidentCode::OffsiteFailed)
            .is_some()
    };
    for told in [false, true] {
        bench.post_to(&run, back_up.clone()).await.ok();
        night::step(&bench.desk).await.unwrap();
        bench.watch.look().await;
        assert_eq!(is_told(&bench), told);
    }
    let found = &copies(&bench).await.destinations[0];
    assert_eq!(found.state, CopyState::Problem);
    assert_eq!(found.problem.as_ref().unwrap().code, "login_refused");

    bench.machine.refuse_copies(None);
    bench.post_to(&run, back_up).await.ok();
    night::step(&bench.desk).await.unwrap();
    bench.watch.look().await;
    assert!(!is_told(&bench));
    // The history is on the card.
    let bench = bench.restart().await;
    let runs = bench.get(&format!("/v1/copies/{id}/runs")).await.ok();
    assert_eq!(runs.body.as_array().map(Vec::len), Some(6));
}

#[tokio::test]
async fn a_copy_that_was_spoilt_is_found_by_the_next_drill() {
    let (mut bench, id) = with_destination().await;
    go_on(&bench).await;
    bench.machine.spoil_copies();
    let drill = json!({"work": "drill"});
    bench
        .post_to(&format!("/v1/copies/{id}/run"), drill)
        .await
        .ok();
    night::step(&bench.desk).await.unwrap();
    bench.watch.look().await;
    let picture = bench.desk.picture.borrow().clone().unwrap();
    assert!(
        picture
            .incidents
            .open(IncidentCode::RestoreDrillFailed)
            .is_some()
    );
    assert!(copies(&bench).await.destinations[0].hold.is_some());
}

#[tokio::test]
async fn what_is_under_way_is_shown_and_can_be_stopped() {
    let (bench, id) = with_destination().await;
    bench.machine.hold_workers_back(true);
    let desk = Arc::clone(&bench.desk);
    let works = tokio::spawn(async move { night::step(&desk).await });
    while copies(&bench).await.destinations[0]
        .running
        .as_ref()
        .is_none_or(|running| running.percent.is_none())
    {
        tokio::task::yield_now().await;
    }
    assert!(bench.machine.worker_runs(Lane::Night));
    let running = copies(&bench).await.destinations[0]
        .running
        .clone()
        .unwrap();
    assert_eq!((running.work.as_str(), running.percent), ("init", Some(30)));
    bench
        .post_to(&format!("/v1/copies/{id}/cancel"), Value::Null)
        .await
        .ok();
    let run = works.await.unwrap().unwrap();
    assert!(run.was_cancelled(), "{run:?}");
    let idle = bench
        .post_to(&format!("/v1/copies/{id}/cancel"), Value::Null)
        .await;
    assert_eq!(idle.code(), "nothing-runs");
}

#[tokio::test]
async fn a_disk_is_copied_to_when_it_is_there_and_left_alone_otherwise() {
    let mut bench = Bench::new(2).await;
    bench.set_up().await;
    let disk = CopyDisk {
        filesystem: "1234-ABCD".to_owned(),
        label: Some("COPIES".to_owned()),
        kind: "exfat".to_owned(),
        size: 2_000_000_000_000,
    };
    bench.machine.plug_copy_disk(disk);
    let offered = bench.get("/v1/copies/disks").await.ok().body;
    let place = json!({"kind": "usb_disk", "filesystem": offered[0]["filesystem"]});
    let wanted = json!({"name": "Disque du vendredi", "place": place, "days": ["friday"]});
    let added: DestinationSet = read(bench.post_to("/v1/copies", wanted).await.ok().body);
    assert_eq!(go_on(&bench).await, ["init", "back_up", "drill"]);
    bench.machine.unplug_copy_disk("1234-ABCD");
    let path = format!("/v1/copies/{}/run", added.id.unwrap());
    let away = bench.post_to(&path, json!({"work": "back_up"})).await;
    assert_eq!(away.code(), "copies-wait-disk");

    let path = format!("/v1/copies/{}", added.id.unwrap());
    bench.ask(Method::DELETE, &path, Value::Null).await.ok();
    assert!(copies(&bench).await.destinations.is_empty());
    assert_eq!(
        bench.get(&format!("{path}/runs")).await.code(),
        "no-such-destination"
    );
}

#[tokio::test]
async fn no_secret_is_shown_or_written_beside_the_secrets() {
    let mut bench = Bench::new(2).await;
    bench.set_up().await;
    let wanted = json!({"name": "Nuage", "secret": "girafe-secrete", "place": {
        "kind": "web_dav", "url": "https://nuage.example/dav/preau", "user": "ecole",
        "certificate": null,
    }});
    bench.post_to("/v1/copies", wanted).await.ok();
    go_on(&bench).await;
    let shown = bench.get("/v1/copies").await.ok().body.to_string();
    assert!(!shown.contains("girafe-secrete"));
    let card = bench.card();
    let holds = |bytes: &[u8]| bytes.windows(14).any(|window| window == b"girafe-secrete");
    let found: Vec<&String> = card
        .iter()
        .filter(|(_, bytes)| holds(bytes))
        .map(|(path, _)| path)
        .collect();
    // The generation before it, beside it, may or may not know it yet.
    assert!(
        found.iter().any(|path| path.ends_with("/secrets.json"))
            && found.iter().all(|path| path.contains("/secrets")),
        "{found:?}"
    );
}

#[tokio::test]
async fn a_file_is_struck_from_every_copy_and_the_next_copy_is_proved() {
    let (bench, id) = with_destination().await;
    assert_eq!(go_on(&bench).await, ["init", "back_up", "drill"]);
    bench.machine.delete_file("commun", "CM2/dictée.odt");
    let mut wanted = json!({ "share": "commun", "path": "CM2/dictée.odt" });
    for other in [Value::Null, "CM2".into(), "CM2/dictée".into()] {
        let mut wrong = wanted.clone();
        wrong["delete"] = other;
        let refused = bench.post_to("/v1/copies/strike", wrong).await.refusal();
        assert_eq!(refused.code, "strike-not-confirmed");
        let named = refused.message.contains("“commun / CM2/dictée.odt”");
        assert!(named, "{}", refused.message);
    }
    assert_eq!(go_on(&bench).await, [""; 0]);
    wanted["delete"] = wanted["path"].clone();
    for nowhere in ["", "..", "/etc", "CP/\\xff.odt"] {
        let mut wrong = wanted.clone();
        (wrong["path"], wrong["delete"]) = (nowhere.into(), nowhere.into());
        let refused = bench.post_to("/v1/copies/strike", wrong).await.refusal();
        assert_eq!(refused.field.as_deref(), Some("path"), "{nowhere}");
    }

    let begun = bench.post_to("/v1/copies/strike", wanted).await.ok().body;
    let promised = &begun["destinations"][0];
    assert_eq!(promised["name"], "Mairie");
    let sentence = promised["strike"]["sentence"].as_str().unwrap();
    assert!(sentence.contains("CM2/dictée.odt"), "{sentence}");
    assert!(promised["strike"]["gone_by"].is_string(), "{promised}");
    assert_eq!(copies(&bench).await.destinations[0].strikes.len(), 1);

    let done = go_on(&bench).await;
    assert_eq!(done, ["strike", "back_up", "drill", "check"]);
    let found = &copies(&bench).await.destinations[0];
    assert_eq!((found.state, found.strikes.len()), (CopyState::Good, 0));
    let search = format!("/v1/copies/{id}/search?name=dict");
    let left = bench.get(&search).await.ok().body;
    assert_eq!(left["found"].as_array().map(Vec::len), Some(0), "{left}");
    let search = format!("/v1/copies/{id}/search?name=no%C3%ABl");
    assert_ne!(bench.get(&search).await.ok().body["found"], json!([]));
}

#[tokio::test]
async fn a_destination_that_never_deletes_says_that_it_stays() {
    let (bench, id) = with_destination().await;
    go_on(&bench).await;
    bench.machine.refuse_copies(Some(Failure::DeleteRefused));
    let wanted = json!({ "share": "commun", "path": "CP", "delete": "CP" });
    bench.post_to("/v1/copies/strike", wanted).await.ok();
    assert_eq!(go_on(&bench).await, ["strike"]);
    let found = &copies(&bench).await.destinations[0];
    assert!(found.strikes[0].stays && found.strikes[0].gone_by.is_none());
    assert!(found.problem.is_none(), "{found:?}");
    let path = format!("/v1/copies/{id}/strikes");
    bench.ask(Method::DELETE, &path, Value::Null).await.ok();
    assert!(copies(&bench).await.destinations[0].strikes.is_empty());
}

#[tokio::test]
async fn a_strike_that_nobody_asks_for_any_more_is_not_begun() {
    let (bench, id) = with_destination().await;
    go_on(&bench).await;
    let wanted = json!({ "share": "commun", "path": "CP", "delete": "CP" });
    bench.post_to("/v1/copies/strike", wanted).await.ok();
    let chosen = bench.desk.settings().destinations[0].clone();
    let path = format!("/v1/copies/{id}/strikes");
    bench.ask(Method::DELETE, &path, Value::Null).await.ok();
    let strike = Work::Strike(chosen.strikes[0].work.clone());
    let run = execute(&bench.desk, &chosen, strike, Because::Planned, Lane::Night).await;
    assert!(run.was_cancelled(), "{run:?}");
    let search = format!("/v1/copies/{id}/search?name=no%C3%ABl");
    assert_ne!(bench.get(&search).await.ok().body["found"], json!([]));
}

#[tokio::test]
async fn a_strike_that_is_under_way_stops_when_it_is_withdrawn() {
    let (bench, id) = with_destination().await;
    go_on(&bench).await;
    let wanted = json!({ "share": "commun", "path": "CP", "delete": "CP" });
    bench.post_to("/v1/copies/strike", wanted).await.ok();
    bench.machine.hold_workers_back(true);
    let withdrawn = async {
        while bench.desk.copies.running().is_empty() {
            tokio::task::yield_now().await;
        }
        let path = format!("/v1/copies/{id}/strikes");
        bench.ask(Method::DELETE, &path, Value::Null).await.ok();
    };
    let both = async { tokio::join!(night::step(&bench.desk), withdrawn) };
    let ended = tokio::time::timeout(Duration::from_secs(60), both).await;
    let (run, ()) = ended.expect("it does not stop");
    assert!(run.as_ref().unwrap().was_cancelled(), "{run:?}");
    bench.machine.hold_workers_back(false);
    assert_eq!(go_on(&bench).await, [""; 0]);
}
