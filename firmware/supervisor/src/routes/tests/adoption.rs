//! Stories about a card that is replaced by a new one.

use crate::testing::{ADMIN, Bench, PASSWORD};
use axum::http::StatusCode;
use preau_api::{Adoptable, DiskRole, SheetParts, SheetWords, VolumeState};
use preau_domain::incidents::IncidentCode;
use preau_domain::settings::SetupStep;
use preau_host::Bundles;
use serde_json::{Value, json};

const PAUL: &str = "huit craies bleues";

/// A box with two people and a proved place for its settings; what is on the paper.
async fn lived_in() -> (Bench, String) {
    let mut bench = Bench::new(2).await;
    bench.set_up().await;
    let paul = json!({"display_name": "Paul Leroy", "login": "paul", "password": PAUL});
    bench.post_to("/v1/people", paul).await.ok();
    bench.look().await;
    let password = json!({ "password": PASSWORD });
    let shown = bench.post_to("/v1/sheet/show", password).await.ok().body;
    let shown: SheetWords = serde_json::from_value(shown).unwrap();
    (bench, shown.words.join(" "))
}

/// The same disks in a box with a blank card, somebody at its page.
async fn with_a_new_card(bench: Bench) -> Bench {
    let mut bench = bench.replace_card().await;
    bench.claim().await;
    bench
}

async fn only_set(bench: &Bench) -> String {
    let body = bench.get("/v1/adoption").await.ok().body;
    let found: Adoptable = serde_json::from_value(body).unwrap();
    assert_eq!(found.sets.len(), 1, "{found:?}");
    found.sets[0].set.clone()
}

async fn adopt(bench: &Bench, code: &str) -> crate::testing::Answer {
    let set = only_set(bench).await;
    bench
        .post_to("/v1/adoption", json!({"set": set, "code": code}))
        .await
}

#[tokio::test]
async fn a_new_card_becomes_the_old_box_with_the_words() {
    let (bench, words) = lived_in().await;
    let authority = bench.get("/v1/box").await.ok().body["authority_fingerprint"].clone();
    let before = bench.desk.settings();
    let erased = [1, 2].map(|bay| {
        let disk = bench.machine.disk_in(&bay.to_string()).unwrap();
        (
            bench.machine.times_erased(&disk.id),
            bench.machine.times_noted(&disk.id),
            disk.id,
        )
    });
    let bench = with_a_new_card(bench).await;
    let body = bench.get("/v1/adoption").await.ok().body;
    let found: Adoptable = serde_json::from_value(body).unwrap();
    assert_eq!(
        (found.sets[0].disks.len(), found.sets[0].wanted),
        (2, Some(2))
    );
    assert!(found.sets[0].used_at.is_some());

    let answer = adopt(&bench, &words.to_uppercase().replace(' ', " - "))
        .await
        .ok();
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    for (times, noted, disk) in &erased {
        assert_eq!(bench.machine.times_erased(disk), *times);
        assert_eq!(
            bench.machine.times_noted(disk),
            *noted,
            "nothing was written yet"
        );
    }
    assert!(*bench.desk.start_again.borrow());
    let mut bench = bench.restart().await;
    assert_eq!(
        bench.get("/v1/status").await.code(),
        "not-logged-in",
        "a session of the new card opens nothing of the old box"
    );
    bench.log_in(ADMIN, PASSWORD).await;
    bench.look().await;
    let status = bench.status().await;
    assert_eq!(status.setup, SetupStep::Done);
    assert_eq!(status.headline, "All is well.");
    assert_eq!(status.volume.unwrap().state, VolumeState::Protected);
    assert!(status.shares[0].online);
    assert_eq!(bench.desk.settings().people, before.people);
    assert_eq!(bench.machine.accounts(), before.people);
    assert_eq!(bench.machine.share_password("paul").as_deref(), Some(PAUL));
    assert_eq!(
        bench.machine.share_password(ADMIN).as_deref(),
        Some(PASSWORD)
    );
    assert!(bench.machine.claim_notice().is_none(), "it has an owner");
    let info = bench.get("/v1/box").await.ok().body;
    assert_eq!(info["authority_fingerprint"], authority, "browsers know it");
    let password = json!({ "password": PASSWORD });
    let shown = bench.post_to("/v1/sheet/show", password).await.ok().body;
    let shown: SheetWords = serde_json::from_value(shown).unwrap();
    assert_eq!(
        shown.words.join(" "),
        words,
        "the same paper opens it again"
    );
    let state = bench.folder.path().join("state");
    assert!(!state.join("adoption.json").exists());
    let secrets = std::fs::read_to_string(state.join("secrets.json")).unwrap();
    assert!(
        !secrets.contains("restore"),
        "the way of the passwords is tidied"
    );
}

/// Two people bring their papers; one alone opens nothing.
#[tokio::test(start_paused = true)]
async fn two_parts_of_the_sheet_open_what_the_sheet_opens() {
    let (bench, _) = lived_in().await;
    let password = json!({ "password": "autre chose" });
    let refused = bench.post_to("/v1/sheet/parts", password).await;
    assert_eq!(refused.code(), "wrong-password");
    let password = json!({ "password": PASSWORD });
    let shown = bench.post_to("/v1/sheet/parts", password).await.ok().body;
    let shown: SheetParts = serde_json::from_value(shown).unwrap();
    let [school, hall, association] = &shown.parts[..] else {
        panic!("{} parts", shown.parts.len());
    };
    let mut bench = with_a_new_card(bench).await;
    bench.look().await;
    let set = only_set(&bench).await;
    for (words, code) in [
        (hall.clone(), "sheet-one-part"),
        ([&hall[..], hall].concat(), "sheet-same-part"),
    ] {
        let typed = json!({"set": set, "code": words.join(" ")});
        let refused = bench.post_to("/v1/adoption", typed).await;
        assert_eq!(refused.code(), code);
    }
    let typed = [&association[..], school].concat().join(" ");
    let answer = adopt(&bench, &typed).await.ok();
    assert_eq!(answer.status, StatusCode::ACCEPTED);
}

#[tokio::test(start_paused = true)]
async fn words_that_are_wrong_change_nothing() {
    let (bench, words) = lived_in().await;
    let kept = bench.machine.bundles();
    let mut bench = with_a_new_card(bench).await;
    bench.look().await;
    let card = bench.card();
    let set = only_set(&bench).await;
    let ask = |code: &str| json!({"set": set, "code": code});
    let other = preau_sheet::Code::new([9; 16], preau_domain::language::Language::Fr).text();
    let swapped = {
        let mut words: Vec<&str> = words.split(' ').collect();
        let different = words.iter().position(|word| *word != words[0]).unwrap();
        words.swap(0, different);
        words.join(" ")
    };
    for (code, refused) in [
        ("", "sheet-count"),
        ("abaisser abandon", "sheet-count"),
        (
            &words.replacen(words.split(' ').next().unwrap(), "zzzzz", 1),
            "sheet-words",
        ),
        (&other, "wrong-sheet"),
    ] {
        let refusal = bench.post_to("/v1/adoption", ask(code)).await.refusal();
        assert_eq!(
            (refusal.code.as_str(), refusal.field.as_deref()),
            (refused, Some("code"))
        );
    }
    let refusal = bench.post_to("/v1/adoption", ask(&swapped)).await.code();
    // One order in sixteen has a checksum that fits; it opens nothing either.
    assert!(
        ["sheet-checksum", "wrong-sheet"].contains(&refusal.as_str()),
        "{refusal}"
    );
    let odd = json!({"set": "preau-0000000000000000", "code": words});
    assert_eq!(
        bench.post_to("/v1/adoption", odd).await.code(),
        "no-such-set"
    );
    let mut codes = Vec::new();
    for _ in 0..6 {
        codes.push(bench.post_to("/v1/adoption", ask(&other)).await.code());
    }
    assert!(codes.contains(&"too-many-tries".to_owned()), "{codes:?}");
    assert!(!*bench.desk.start_again.borrow());
    assert_eq!(bench.card(), card);
    assert_eq!(bench.machine.bundles(), kept);
    bench.token = None;
    let stranger = bench.post_to("/v1/adoption", ask(&words)).await;
    assert_eq!(stranger.code(), "not-logged-in");
}

#[tokio::test]
async fn a_wrong_word_is_named_with_its_place() {
    let (bench, words) = lived_in().await;
    let bench = with_a_new_card(bench).await;
    let mut typed: Vec<&str> = words.split(' ').collect();
    typed[4] = "xylofone";
    let refusal = adopt(&bench, &typed.join(" ")).await.refusal();
    assert!(refusal.message.contains("no. 5"), "{}", refusal.message);
    assert!(refusal.message.contains("xylofone"), "{}", refusal.message);
}

#[tokio::test]
async fn one_disk_of_two_is_taken_over_and_missed() {
    let (bench, words) = lived_in().await;
    let disk = bench.machine.disk_in("2").unwrap().id;
    let bench = with_a_new_card(bench).await;
    bench.machine.pull(&disk);
    let body = bench.get("/v1/adoption").await.ok().body;
    let found: Adoptable = serde_json::from_value(body).unwrap();
    assert_eq!(
        (found.sets[0].disks.len(), found.sets[0].wanted),
        (1, Some(2))
    );
    adopt(&bench, &words).await.ok();
    let mut bench = bench.restart().await;
    tokio::time::pause();
    tokio::time::advance(std::time::Duration::from_secs(31)).await;
    tokio::time::resume();
    bench.log_in(ADMIN, PASSWORD).await;
    bench.look().await;
    let status = bench.status().await;
    assert_eq!(status.volume.unwrap().state, VolumeState::Degraded);
    assert!(status.shares[0].online);
    assert!(
        status
            .incidents
            .iter()
            .any(|incident| incident.code == IncidentCode::ArrayDegraded),
        "{:?}",
        status.incidents
    );
}

#[tokio::test]
async fn a_power_cut_at_any_moment_leaves_the_new_box_or_the_old_one() {
    let (bench, words) = lived_in().await;
    let bench = with_a_new_card(bench).await;
    adopt(&bench, &words).await.ok();
    let state = bench.folder.path().join("state");
    let decided = std::fs::read(state.join("adoption.json")).unwrap();
    let mut bench = bench.cut_power().await;
    bench.log_in(ADMIN, PASSWORD).await;
    bench.look().await;
    // Cut after each of the files, with the decision still there: done once more.
    for lost in ["settings.json", "secrets.json", "tls/server.pem"] {
        std::fs::remove_file(state.join(lost)).unwrap();
        preau_host::write_durably(&state.join("adoption.json"), &decided, 0o600).unwrap();
        bench = bench.cut_power().await;
        bench.log_in(ADMIN, PASSWORD).await;
        bench.look().await;
        assert_eq!(bench.status().await.headline, "All is well.", "{lost}");
        assert_eq!(bench.machine.share_password("paul").as_deref(), Some(PAUL));
    }
}

#[tokio::test]
async fn a_box_with_a_volume_takes_nothing_over_and_says_whose_disk_it_is() {
    let (other, words) = lived_in().await;
    let disk = other.machine.disk_in("1").unwrap();
    let mut bench = Bench::new(3).await;
    bench.set_up().await;
    let id = bench.machine.disk_in("3").unwrap().id;
    bench.machine.copy_onto(&id, &disk);
    bench.look().await;
    let status = bench.status().await;
    let view = status.disks.iter().find(|view| view.disk.id == id).unwrap();
    assert_eq!(view.role, DiskRole::HoldsData);
    assert_eq!(view.set, disk.partition_name);
    assert!(
        status
            .disks
            .iter()
            .filter(|view| view.set.is_some())
            .count()
            == 1
    );
    let wanted = json!({"set": disk.partition_name, "code": words});
    assert_eq!(
        bench.post_to("/v1/adoption", wanted).await.code(),
        "volume-exists"
    );
}

#[tokio::test]
async fn each_change_is_on_the_disks_and_what_is_removed_there_is_written_again() {
    let (mut bench, words) = lived_in().await;
    let code = preau_sheet::Code::read(&words, preau_domain::language::Language::Fr).unwrap();
    let open = |bundles: &Bundles| crate::bundle::open(&code, bundles).map_err(|e| e.to_string());
    let kept = bench.machine.bundles();
    assert_eq!(
        open(&kept).unwrap().settings().unwrap(),
        *bench.desk.settings()
    );
    assert!(kept.previous.is_some());
    bench.look().await;
    assert_eq!(
        bench.machine.bundles(),
        kept,
        "nothing changed, nothing is written"
    );

    let named = json!({"name": "École Prévert", "time_zone": "Europe/Paris"});
    bench.put("/v1/setup/box", named).await.ok();
    bench.look().await;
    let renamed = bench.machine.bundles();
    assert_eq!(renamed.previous, kept.current);
    let settings = open(&renamed).unwrap().settings().unwrap();
    assert_eq!(settings.box_name.as_deref(), Some("École Prévert"));

    // Somebody removed them; then somebody damaged them.
    bench
        .machine
        .change_bundles(|bundles| *bundles = Bundles::default());
    let mut bench = bench.restart().await;
    bench.look().await;
    assert!(open(&bench.machine.bundles()).is_ok());
    let before = bench.machine.bundles().previous;
    bench
        .machine
        .change_bundles(|bundles| bundles.current = Some(b"PREAU".to_vec()));
    let mut bench = bench.restart().await;
    bench.look().await;
    assert!(open(&bench.machine.bundles()).is_ok());
    assert_eq!(
        bench.machine.bundles().previous,
        before,
        "damage is no generation"
    );
    let text = String::from_utf8_lossy(&bench.machine.bundles().current.unwrap()).into_owned();
    assert!(!text.contains("École"));
}

#[tokio::test]
async fn a_damaged_bundle_gives_way_to_the_one_before() {
    let (bench, words) = lived_in().await;
    let mut bench = with_a_new_card(bench).await;
    bench.machine.change_bundles(|bundles| {
        if let Some(current) = &mut bundles.current {
            let middle = current.len() / 2;
            current[middle] ^= 1;
        }
    });
    let whole = bench.machine.bundles();
    bench
        .machine
        .change_bundles(|bundles| bundles.previous = None);
    assert_eq!(adopt(&bench, &words).await.code(), "kept-damaged");
    bench
        .machine
        .change_bundles(|bundles| bundles.current = None);
    assert_eq!(adopt(&bench, &words).await.code(), "kept-nothing");
    bench.machine.change_bundles(|bundles| *bundles = whole);
    adopt(&bench, &words).await.ok();
    bench = bench.restart().await;
    bench.log_in(ADMIN, PASSWORD).await;
    let _: Value = bench.get("/v1/status").await.ok().body;
}
