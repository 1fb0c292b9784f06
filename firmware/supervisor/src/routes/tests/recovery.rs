//! Stories about a school that burned down: a new box, a copy elsewhere and a paper.

use crate::copies::night;
use crate::copies::recovery::{self, Stepped};
use crate::testing::{ADMIN, Answer, Bench, PASSWORD};
use axum::http::StatusCode;
use preau_api::{
    ComingState, CopyLooked, CopyState, DestinationSet, FoundBox, RecoveryView, SheetParts,
    SheetWords,
};
use preau_domain::incidents::IncidentCode;
use preau_domain::settings::SetupStep;
use preau_host::Lane;
use preau_host::fake::{FAKE_FINGERPRINT, FAKE_HOST_KEY};
use preau_offsite_job::Failure;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::Arc;

const PAUL: &str = "huit craies bleues";

fn read<T: DeserializeOwned>(body: Value) -> T {
    serde_json::from_value(body).unwrap()
}

fn place(host_key: Option<&str>) -> Value {
    json!({
        "kind": "sftp", "host": "sauvegarde.mairie.example", "port": 22, "user": "ecole",
        "folder": "preau", "host_key": host_key, "login": "key",
    })
}

/// Does what is due at night.
async fn nights(bench: &Bench) -> Vec<&'static str> {
    let mut done = Vec::new();
    while let Some(run) = night::step(&bench.desk).await {
        done.push(run.work.as_str());
        assert!(done.len() < 20, "it never ends: {done:?}");
    }
    done
}

/// A box with two people and files, copied; what is on the paper.
async fn copied() -> (Bench, String) {
    let mut bench = Bench::new(2).await;
    bench.set_up().await;
    let paul = json!({"display_name": "Paul Leroy", "login": "paul", "password": PAUL});
    bench.post_to("/v1/people", paul).await.ok();
    bench.machine.write_file("commun", "CP/Noël.odt", "chanson");
    bench
        .machine
        .write_file("commun", "CM2/dictée.odt", "dictée");
    bench.post_to("/v1/copies/key", Value::Null).await.ok();
    let wanted = json!({"name": "Mairie", "place": place(Some(FAKE_HOST_KEY))});
    let added: DestinationSet = read(bench.post_to("/v1/copies", wanted).await.ok().body);
    assert!(added.id.is_some());
    bench.look().await;
    assert_eq!(nights(&bench).await, ["init", "back_up", "drill"]);
    let password = json!({ "password": PASSWORD });
    let shown: SheetWords = read(bench.post_to("/v1/sheet/show", password).await.ok().body);
    (bench, shown.words.join(" "))
}

/// A new box, somebody at its page.
async fn new_box(bench: Bench) -> Bench {
    let mut bench = bench.burn(2).await;
    bench.claim().await;
    bench
}

async fn look(bench: &Bench, words: &str) -> Answer {
    let wanted = json!({"place": place(Some(FAKE_HOST_KEY)), "code": words});
    bench.post_to("/v1/recovery/look", wanted).await
}

async fn recover(bench: &Bench) -> Answer {
    let wanted = json!({
        "layout": "mirror", "erase": [bench.consent("1"), bench.consent("2")],
    });
    bench.post_to("/v1/recovery", wanted).await
}

/// The box after the decision, with its disks made.
async fn decided(bench: Bench, words: &str) -> Bench {
    look(&bench, words).await.ok();
    recover(&bench).await.ok();
    assert!(*bench.desk.start_again.borrow());
    made(bench.restart().await).await
}

async fn made(mut bench: Bench) -> Bench {
    bench.log_in(ADMIN, PASSWORD).await;
    bench.look().await;
    bench.machine.tick_rebuild(100);
    bench.look().await;
    bench
}

/// Brings back what is to come; says how many steps that took.
async fn bring_back(bench: &mut Bench) -> usize {
    for steps in 0..20 {
        if recovery::step(&bench.desk).await != Stepped::On {
            bench.look().await;
            return steps;
        }
    }
    panic!("it never ends");
}

fn incident(bench: &Bench, code: IncidentCode) -> bool {
    let picture = bench.desk.picture.borrow().clone().unwrap();
    picture.incidents.open(code).is_some()
}

#[tokio::test]
async fn a_burnt_box_comes_back_from_its_copy_and_the_paper() {
    let (bench, words) = copied().await;
    let authority = bench.get("/v1/box").await.ok().body["authority_fingerprint"].clone();
    let before = bench.desk.settings();
    let bench = new_box(bench).await;

    // The server is shown before it is believed.
    let wanted = json!({"place": place(None), "code": words});
    let shown = bench.post_to("/v1/recovery/look", wanted).await.ok().body;
    let shown: CopyLooked = read(shown);
    assert_eq!(shown.confirm.unwrap().fingerprint, FAKE_FINGERPRINT);
    assert!(shown.found.is_none());

    let kept = bench.machine.copies_kept();
    let card = bench.card();
    let typed = words.to_uppercase().replace(' ', " - ");
    let looked: CopyLooked = read(look(&bench, &typed).await.ok().body);
    let found: FoundBox = looked.found.unwrap();
    assert_eq!(found.name.as_deref(), Some("École Jules-Ferry"));
    let people: Vec<&str> = found.people.iter().map(|p| p.login.as_str()).collect();
    assert_eq!(people, [ADMIN, "paul"]);
    assert_eq!(
        (found.destinations.as_slice(), found.disks),
        (&["Mairie".to_owned()][..], 2)
    );
    assert_eq!(found.shares[0].name, "commun");
    assert_eq!(found.shares[0].files, Some(2));
    let again: RecoveryView = read(bench.get("/v1/recovery").await.ok().body);
    assert_eq!(again.found.unwrap().shares, found.shares);
    assert_eq!(bench.card(), card, "looking changes nothing on the card");

    assert_eq!(recover(&bench).await.ok().status, StatusCode::ACCEPTED);
    let bench = bench.restart().await;
    assert_eq!(bench.get("/v1/status").await.code(), "not-logged-in");
    let mut bench = made(bench).await;
    let status = bench.status().await;
    assert_eq!(status.setup, SetupStep::Done);
    assert!(
        !status.shares[0].online,
        "nobody writes into what still comes back"
    );
    let coming = status.coming_back.unwrap();
    assert_eq!(
        (coming.from.as_str(), coming.state),
        ("Mairie", ComingState::Running)
    );
    assert!(!coming.shares[0].back);
    assert!(incident(&bench, IncidentCode::FilesComing));
    assert!(
        nights(&bench).await.is_empty(),
        "no copy before all is back"
    );
    assert_eq!(
        bench.machine.copies_kept(),
        kept,
        "nothing changed at the destination"
    );

    assert_eq!(bring_back(&mut bench).await, 3);
    let back = |path| bench.machine.read_file("commun", path);
    assert_eq!(back("CP/Noël.odt").as_deref(), Some("chanson"));
    assert_eq!(back("CM2/dictée.odt").as_deref(), Some("dictée"));
    assert_eq!(bench.desk.settings().people, before.people);
    assert_eq!(bench.machine.accounts(), before.people);
    assert_eq!(bench.machine.share_password("paul").as_deref(), Some(PAUL));
    let status = bench.status().await;
    assert!(status.shares[0].online && status.coming_back.is_none());
    assert_eq!(
        status.headline,
        "Your files are back from the copy elsewhere."
    );
    assert!(!incident(&bench, IncidentCode::FilesComing));
    let info = bench.get("/v1/box").await.ok().body;
    assert_eq!(info["authority_fingerprint"], authority, "browsers know it");
    let proved = bench.desk.sheet_dates().unwrap().proved_at;
    assert!(proved.is_some(), "somebody has just typed it");

    // Copies go on in the same place, as the same box, and it can burn again.
    let copies = bench.get("/v1/copies").await.ok().body;
    assert_eq!(copies["destinations"][0]["state"], json!(CopyState::New));
    assert_eq!(nights(&bench).await, ["back_up", "drill"]);
    let id = copies["destinations"][0]["id"].as_str().unwrap().to_owned();
    let listed = bench.get(&format!("/v1/copies/{id}/snapshots")).await.ok();
    let hosts: Vec<&Value> = listed
        .body
        .as_array()
        .unwrap()
        .iter()
        .map(|s| &s["host"])
        .collect();
    assert!(hosts.len() == 2 && hosts[0] == hosts[1], "{hosts:?}");
    let bench = new_box(bench).await;
    look(&bench, &words).await.ok();
}

#[tokio::test]
async fn two_parts_of_the_sheet_are_enough() {
    let (bench, _) = copied().await;
    let password = json!({ "password": PASSWORD });
    let shown: SheetParts = read(bench.post_to("/v1/sheet/parts", password).await.ok().body);
    let bench = new_box(bench).await;
    let one = shown.parts[1].join(" ");
    assert_eq!(look(&bench, &one).await.code(), "sheet-one-part");
    let two = [&shown.parts[2][..], &shown.parts[0]].concat().join(" ");
    look(&bench, &two).await.ok();
}

#[tokio::test(start_paused = true)]
async fn what_makes_no_box_is_told_and_changes_nothing() {
    let (bench, words) = copied().await;
    let bench = new_box(bench).await;
    let card = bench.card();
    let refused = look(&bench, "abaisser abandon").await.refusal();
    assert_eq!(
        (refused.code.as_str(), refused.field.as_deref()),
        ("sheet-count", Some("code"))
    );
    let other = preau_sheet::Code::new([9; 16], preau_domain::language::Language::Fr).text();
    let refused = look(&bench, &other).await.refusal();
    let told = (refused.code.as_str(), refused.field.as_deref());
    assert_eq!(told, ("sheet-of-other-copy", Some("code")));
    for (failure, code, field) in [
        (Failure::LoginRefused, "key-of-sheet-refused", "login"),
        (Failure::NoRepository, "no_repository", "folder"),
        (Failure::PortClosed, "port_closed", "port"),
    ] {
        bench.machine.refuse_copies(Some(failure));
        let refused = look(&bench, &words).await.refusal();
        assert_eq!(
            (refused.code.as_str(), refused.field.as_deref()),
            (code, Some(field))
        );
    }
    bench.machine.refuse_copies(None);
    assert_eq!(recover(&bench).await.code(), "nothing-found");
    bench
        .machine
        .change_copied_settings(|sealed| sealed.truncate(sealed.len() - 1));
    assert_eq!(look(&bench, &words).await.code(), "copy-settings-damaged");
    assert_eq!(bench.card(), card);
    let mut codes = Vec::new();
    for _ in 0..6 {
        codes.push(look(&bench, &other).await.code());
    }
    assert!(codes.contains(&"too-many-tries".to_owned()), "{codes:?}");
    let mut stranger = bench;
    stranger.token = None;
    assert_eq!(look(&stranger, &words).await.code(), "not-logged-in");
}

#[tokio::test]
async fn a_disk_that_changed_is_not_erased_and_a_box_with_files_takes_nothing_over() {
    let (bench, words) = copied().await;
    assert_eq!(look(&bench, &words).await.code(), "volume-exists");
    let bench = new_box(bench).await;
    look(&bench, &words).await.ok();
    let disk = bench.machine.disk_in("2").unwrap().id;
    let wanted = json!({
        "layout": "mirror", "erase": [bench.consent("1"), bench.consent("2")],
    });
    bench.machine.pull(&disk);
    assert_eq!(
        bench.post_to("/v1/recovery", wanted).await.code(),
        "disk-gone"
    );
    assert!(!*bench.desk.start_again.borrow());
    bench.machine.insert(&disk);
    recover(&bench).await.ok();
}

#[tokio::test]
async fn the_power_may_go_at_any_moment() {
    let (bench, words) = copied().await;
    let bench = new_box(bench).await;
    look(&bench, &words).await.ok();
    recover(&bench).await.ok();
    // Before anything of it is in force, and while the disks are made.
    let mut bench = bench.cut_power().await;
    bench.watch.look().await;
    let bench = bench.cut_power().await;
    let bench = made(bench).await;
    bench.machine.hold_workers_back(true);
    let desk = Arc::clone(&bench.desk);
    let works = tokio::spawn(async move { recovery::step(&desk).await });
    while !bench.machine.worker_runs(Lane::Restore) {
        tokio::task::yield_now().await;
    }
    // While the files come.
    works.abort();
    bench.machine.hold_workers_back(false);
    let mut bench = made(bench.cut_power().await).await;
    assert!(bench.desk.settings().recovery.is_some());
    // Right after the worker's last word.
    assert_eq!(recovery::step(&bench.desk).await, Stepped::On);
    let mut bench = {
        bench.look().await;
        made(bench.cut_power().await).await
    };
    assert!(bench.desk.settings().recovery.is_some());
    bring_back(&mut bench).await;
    let back = bench.machine.read_file("commun", "CP/Noël.odt");
    assert_eq!(back.as_deref(), Some("chanson"));
    assert!(bench.desk.settings().recovery.is_none());
    assert!(incident(&bench, IncidentCode::FilesBack));
}

#[tokio::test]
async fn what_does_not_come_back_is_told_and_a_person_says_how_it_goes_on() {
    let (bench, words) = copied().await;
    let mut bench = decided(new_box(bench).await, &words).await;
    bench.machine.refuse_copies(Some(Failure::Damaged));
    for told in [false, true] {
        assert!(matches!(
            recovery::step(&bench.desk).await,
            Stepped::Waits(_)
        ));
        crate::testing::set_clock_by(jiff::SignedDuration::from_mins(2));
        bench.look().await;
        assert_eq!(incident(&bench, IncidentCode::FilesStopped), told);
    }
    assert!(matches!(
        recovery::step(&bench.desk).await,
        Stepped::Waits(_)
    ));
    let coming = bench.status().await.coming_back.unwrap();
    assert_eq!(coming.state, ComingState::Stopped);
    assert_eq!(coming.problem.unwrap().code, "damaged");

    let again = json!({"act": "again"});
    bench
        .post_to("/v1/recovery/go-on", again.clone())
        .await
        .ok();
    recovery::step(&bench.desk).await;
    bench.look().await;
    let coming = bench.status().await.coming_back.unwrap();
    assert_eq!(coming.state, ComingState::Trying, "it was tried once more");

    let mut leave = json!({"act": "leave"});
    let unsure = bench.post_to("/v1/recovery/go-on", leave.clone()).await;
    assert_eq!(unsure.code(), "not-confirmed");
    leave["confirmed"] = true.into();
    bench.post_to("/v1/recovery/go-on", leave).await.ok();
    bench.look().await;
    let status = bench.status().await;
    assert!(status.shares[0].online && status.coming_back.is_none());
    let news = &status.incidents[0];
    assert_eq!(news.code, IncidentCode::FilesBack);
    assert_eq!(news.text.title, "Your files are back, except for a part");
    assert!(news.text.what_happened.contains("commun"), "{news:?}");
    assert_eq!(
        bench.post_to("/v1/recovery/go-on", again).await.code(),
        "nothing-runs"
    );
}

#[tokio::test]
async fn a_place_that_the_box_did_not_know_is_read_and_never_written_to() {
    let (bench, words) = copied().await;
    let bench = new_box(bench).await;
    let mut elsewhere = place(Some(FAKE_HOST_KEY));
    elsewhere["user"] = "prefecture".into();
    let wanted = json!({"place": elsewhere, "code": words});
    bench.post_to("/v1/recovery/look", wanted).await.ok();
    recover(&bench).await.ok();
    let mut bench = made(bench.restart().await).await;
    bring_back(&mut bench).await;
    let copies = bench.get("/v1/copies").await.ok().body;
    let enabled: Vec<&Value> = copies["destinations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|destination| &destination["enabled"])
        .collect();
    assert_eq!(enabled, [&json!(true), &json!(false)]);
}

#[tokio::test]
async fn disks_that_do_not_hold_the_files_are_refused_before_they_are_erased() {
    let (bench, words) = copied().await;
    let bench = new_box(bench).await;
    bench.machine.say_copies_are_of(9_000_000_000_000);
    look(&bench, &words).await.ok();
    assert_eq!(recover(&bench).await.code(), "disks-too-small");
    assert!(!*bench.desk.start_again.borrow());
    bench.machine.say_copies_are_of(3_000_000_000_000);
    look(&bench, &words).await.ok();
    recover(&bench).await.ok();
}
