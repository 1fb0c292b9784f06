//! Stories about the recovery sheet.

use crate::testing::{ADMIN, Bench, PASSWORD};
use axum::http::StatusCode;
use preau_api::{Reminder, SheetView, SheetWords};
use preau_domain::incidents::IncidentCode;
use preau_domain::language::Language;
use serde_json::{Value, json};

async fn words(bench: &Bench, body: Value) -> Vec<String> {
    let answer = bench.post_to("/v1/sheet/show", body).await.ok();
    let shown: SheetWords = serde_json::from_value(answer.body).unwrap();
    shown.words
}

async fn view(bench: &Bench) -> SheetView {
    serde_json::from_value(bench.get("/v1/sheet").await.ok().body).unwrap()
}

/// The words that are asked for, off the paper.
fn proof(view: &SheetView, paper: &[String]) -> Value {
    let words: Vec<Value> = view
        .asked
        .iter()
        .map(|place| json!({"place": place, "word": paper[place - 1].to_uppercase()}))
        .collect();
    json!({ "words": words })
}

#[tokio::test]
async fn the_sheet_is_made_with_the_account_and_never_again() {
    let mut bench = Bench::new(2).await;
    assert_eq!(bench.get("/v1/sheet").await.code(), "not-logged-in");
    bench.claim().await;
    assert_eq!(bench.get("/v1/sheet").await.code(), "no-sheet");
    bench.set_up().await;
    let password = json!({ "password": PASSWORD });
    let paper = words(&bench, password.clone()).await;
    assert_eq!(paper.len(), 12);
    let bench = bench.cut_power().await;
    assert_eq!(words(&bench, password).await, paper);
    let journal_of_the_api = format!("{:?}", view(&bench).await);
    assert!(paper.iter().all(|word| !journal_of_the_api.contains(word)));
}

#[tokio::test]
async fn the_words_follow_the_language_until_they_are_printed() {
    let mut bench = Bench::new(2).await;
    bench.set_up_to_disks().await;
    let french = words(&bench, json!({})).await;
    let english = json!({"language": "en"});
    bench.put("/v1/setup/language", english.clone()).await.ok();
    let paper = words(&bench, json!({})).await;
    assert_ne!(french, paper);
    let read = |words: &[String]| preau_sheet::Code::read(&words.join(" "), Language::Fr).unwrap();
    assert_eq!(
        read(&french).key(preau_sheet::Purpose::Settings),
        read(&paper).key(preau_sheet::Purpose::Settings)
    );
    bench.set_up_from_disks().await;
    bench
        .put("/v1/setup/language", json!({"language": "fr"}))
        .await
        .ok();
    let later = words(&bench, json!({ "password": PASSWORD })).await;
    assert_eq!(later, paper);
}

#[tokio::test(start_paused = true)]
async fn the_words_are_shown_again_only_for_a_password() {
    let mut bench = Bench::new(2).await;
    bench.set_up().await;
    for body in [json!({}), json!({"password": "not the password"})] {
        let answer = bench.post_to("/v1/sheet/show", body).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::FORBIDDEN, "wrong-password")
        );
    }
    // The same count as at the log-in: one is no way around the other.
    for _ in 0..3 {
        let wrong = json!({"login": ADMIN, "password": "not the password"});
        assert_eq!(
            bench.post_to("/v1/login", wrong).await.code(),
            "wrong-password"
        );
    }
    let right = json!({ "password": PASSWORD });
    assert_eq!(
        bench.post_to("/v1/sheet/show", right).await.code(),
        "too-many-tries"
    );
}

#[tokio::test]
async fn four_words_from_the_paper_prove_that_somebody_has_it() {
    let mut bench = Bench::new(2).await;
    bench.set_up().await;
    assert!(
        bench
            .status()
            .await
            .reminders
            .contains(&Reminder::SheetNotProved)
    );
    let paper = words(&bench, json!({ "password": PASSWORD })).await;
    let asked = view(&bench).await;
    assert_eq!(asked.asked.len(), 4);
    assert_eq!(
        view(&bench).await.asked,
        asked.asked,
        "the page is read, then answered"
    );

    let mut wrong = proof(&asked, &paper);
    wrong["words"][2]["word"] = json!("autre");
    let refusal = bench.post_to("/v1/sheet/prove", wrong).await.refusal();
    assert_eq!(
        (refusal.code.as_str(), refusal.field.as_deref()),
        ("wrong-word", Some("words[2]"))
    );
    let few = json!({"words": proof(&asked, &paper)["words"].as_array().unwrap()[..3]});
    assert_eq!(
        bench.post_to("/v1/sheet/prove", few).await.code(),
        "other-words-asked"
    );
    assert!(view(&bench).await.proved_at.is_none());

    bench
        .post_to("/v1/sheet/prove", proof(&asked, &paper))
        .await
        .ok();
    assert!(view(&bench).await.proved_at.is_some());
    assert!(
        !bench
            .status()
            .await
            .reminders
            .contains(&Reminder::SheetNotProved)
    );
    let bench = bench.restart().await;
    assert!(view(&bench).await.proved_at.is_some());
}

#[tokio::test]
async fn who_keeps_the_sheet_in_parts_proves_it_with_any_two() {
    let mut bench = Bench::new(2).await;
    bench.set_up().await;
    let answer = bench
        .post_to("/v1/sheet/parts", json!({ "password": PASSWORD }))
        .await
        .ok();
    let parts: Vec<Vec<String>> = serde_json::from_value(answer.body["parts"].clone()).unwrap();
    let [first, second, third] = [0, 1, 2].map(|part: usize| parts[part].join(" "));
    let prove = |code: String| json!({ "code": code });
    let other = "legal winner thank year wave sausage worth useful legal winner thank yellow";
    for (code, why) in [
        (first.clone(), "sheet-one-part"),
        (format!("{first} {first}"), "sheet-same-part"),
        (other.to_owned(), "other-sheet"),
        (String::new(), "sheet-count"),
    ] {
        let refusal = bench
            .post_to("/v1/sheet/prove-code", prove(code))
            .await
            .refusal();
        assert_eq!(
            (refusal.code.as_str(), refusal.field.as_deref()),
            (why, Some("code"))
        );
    }
    assert!(view(&bench).await.proved_at.is_none());
    bench
        .post_to("/v1/sheet/prove-code", prove(format!("{third} {second}")))
        .await
        .ok();
    assert!(view(&bench).await.proved_at.is_some());
}

#[tokio::test(start_paused = true)]
async fn guessing_words_is_slowed_down() {
    let mut bench = Bench::new(2).await;
    bench.set_up().await;
    let paper = vec!["abaisser".to_owned(); 12];
    let guess = proof(&view(&bench).await, &paper);
    let mut codes = Vec::new();
    for _ in 0..7 {
        codes.push(bench.post_to("/v1/sheet/prove", guess.clone()).await.code());
    }
    assert_eq!(codes[4], "wrong-word");
    assert_eq!(codes[6], "too-many-tries");
}

#[tokio::test]
async fn after_thirty_days_without_proof_people_are_told() {
    let mut bench = Bench::new(2).await;
    bench.set_up().await;
    assert!(bench.status().await.incidents.is_empty());
    let made_before = |bench: &Bench, days: i64| {
        let path = bench.folder.path().join("state/secrets.json");
        let mut secrets: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let made = bench.desk.now() - jiff::SignedDuration::from_hours(24 * days);
        secrets["sheet"]["dates"]["made_at"] = json!(made);
        preau_host::write_durably(&path, secrets.to_string().as_bytes(), 0o600).unwrap();
    };
    made_before(&bench, 29);
    let mut bench = bench.restart().await;
    bench.look().await;
    assert!(bench.status().await.incidents.is_empty());
    made_before(&bench, 30);
    let mut bench = bench.restart().await;
    bench.look().await;
    let status = bench.status().await;
    assert_eq!(status.incidents[0].code, IncidentCode::KeyNotProved);
    assert_eq!(
        status.headline,
        "The recovery sheet needs checking. Your files are intact."
    );
    let paper = words(&bench, json!({ "password": PASSWORD })).await;
    let asked = view(&bench).await;
    bench
        .post_to("/v1/sheet/prove", proof(&asked, &paper))
        .await
        .ok();
    bench.look().await;
    assert!(bench.status().await.incidents.is_empty());
}
