//! Stories told through the real router, on a machine that is not there.

mod adoption;
mod array;
mod blink;
mod clicks;
mod copies;
mod held;
mod opened;
mod recovery;
mod school;
mod scrub;
mod sheet;
mod storage;

use crate::testing::{ADMIN, Bench, CodeShown, PASSWORD};
use axum::http::{Method, StatusCode};
use preau_api::{DiskRole, VolumeState};
use preau_domain::settings::SetupStep;
use serde_json::{Value, json};

/// The choice of the disks in bays 1 and 2.
fn mirror(bench: &Bench) -> Value {
    json!({"layout": "mirror", "erase": [bench.consent("1"), bench.consent("2")]})
}

#[tokio::test]
async fn the_api_sets_up_the_box() {
    let mut bench = Bench::new(2).await;
    let info = bench.get("/v1/box").await.ok();
    assert_eq!(info.body["setup"], "admin");
    bench.set_up_to_disks().await;
    assert!(bench.machine.claim_notice().is_some());

    bench.post_to("/v1/volume", mirror(&bench)).await.ok();
    // A second click finds what it asked for.
    bench.post_to("/v1/volume", mirror(&bench)).await.ok();
    bench.look().await;
    assert!(bench.machine.claim_notice().is_none());
    let status = bench.status().await;
    let volume = status.volume.unwrap();
    assert_eq!(volume.state, VolumeState::Copying);
    assert!(status.shares[0].online);
    assert_eq!(status.disks[0].role, DiskRole::InUse);
    assert_eq!(bench.desk.settings().volume.as_ref().unwrap().erase, []);

    let paul =
        json!({"display_name": "Paul Léroy", "login": null, "password": "huit craies bleues"});
    let answer = bench.post_to("/v1/people", paul.clone()).await.ok();
    assert_eq!(answer.body["login"], "paul.leroy");
    assert_eq!(
        bench.machine.share_password("paul.leroy").as_deref(),
        Some("huit craies bleues")
    );
    let again = bench.post_to("/v1/people", paul).await;
    assert_eq!(again.refusal().code, "taken");
    let other = json!({"display_name": "Paul Leroy", "password": "huit craies vertes"});
    let other = bench.post_to("/v1/people", other).await.ok();
    assert_eq!(other.body["login"], "paul.leroy2");
    for step in ["people", "mail", "sheet", "finish"] {
        bench
            .post_to("/v1/setup/advance", json!({ "from": step }))
            .await
            .ok();
    }
    bench.machine.tick_rebuild(100);
    bench.look().await;
    let status = bench.status().await;
    assert_eq!(status.setup, SetupStep::Done);
    assert_eq!(status.headline, "All is well.");
    assert_eq!(status.volume.unwrap().state, VolumeState::Protected);
    assert_eq!(bench.machine.accounts().len(), 3);
}

#[tokio::test]
async fn a_stranger_changes_nothing() {
    let mut bench = Bench::new(2).await;
    let before = bench.card();
    let writes = [
        (Method::PUT, "/v1/setup/language", json!({"language": "en"})),
        (
            Method::PUT,
            "/v1/setup/admin",
            json!({"display_name": "X", "login": "x", "password": PASSWORD}),
        ),
        (
            Method::PUT,
            "/v1/setup/box",
            json!({"name": "X", "time_zone": "UTC"}),
        ),
        (Method::POST, "/v1/setup/advance", json!({"from": "people"})),
        (Method::POST, "/v1/volume", mirror(&bench)),
        (
            Method::POST,
            "/v1/array/replace",
            json!({"erase": bench.consent("1")}),
        ),
        (
            Method::POST,
            "/v1/people",
            json!({"display_name": "X", "password": PASSWORD}),
        ),
        (Method::DELETE, "/v1/people/x", Value::Null),
        (Method::PUT, "/v1/mail", json!({})),
        (Method::POST, "/v1/mail/test", Value::Null),
        (
            Method::POST,
            "/v1/mail/test/confirm",
            json!({"code": "000000"}),
        ),
        (Method::POST, "/v1/incidents/1/acknowledge", Value::Null),
        (
            Method::PUT,
            "/v1/school-hours",
            json!({"from": 1, "to": 2, "weekends": true}),
        ),
        (Method::POST, "/v1/sheet/show", json!({})),
        (Method::POST, "/v1/sheet/prove", json!({"words": []})),
        (
            Method::POST,
            "/v1/adoption",
            json!({"set": "preau-0123456789abcdef", "code": "x"}),
        ),
        (Method::POST, "/v1/logout", Value::Null),
    ];
    let mut sent = 0;
    for token in [None, Some("made-up"), Some("")] {
        bench.token = token.map(str::to_owned);
        for _ in 0..24 {
            for (method, path, body) in &writes {
                let answer = bench.ask(method.clone(), path, body.clone()).await;
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
                assert_eq!(answer.refusal().code, "not-logged-in");
                sent += 1;
            }
        }
    }
    bench.token = None;
    for path in [
        "/v1/status",
        "/v1/disks",
        "/v1/adoption",
        "/v1/people",
        "/v1/mail",
        "/v1/sheet",
        "/v1/incidents",
        "/v1/events",
    ] {
        assert_eq!(
            bench.get(path).await.status,
            StatusCode::UNAUTHORIZED,
            "{path}"
        );
    }
    for number in 0..100 {
        let claim = json!({"code": format!("AAAAA-AAA{number:02}"), "language": "en"});
        let code = bench.post_to("/v1/claim", claim).await.code();
        assert!(
            ["wrong-code", "too-many-tries"].contains(&code.as_str()),
            "{code}"
        );
        sent += 1;
    }
    assert!(sent > 1000, "{sent}");
    bench.look().await;
    assert_eq!(bench.card(), before);
    assert!(bench.machine.accounts().is_empty());
    assert_eq!(
        bench
            .machine
            .times_erased(&bench.machine.disk_in("1").unwrap().id),
        0
    );
}

#[tokio::test(start_paused = true)]
async fn the_claim_is_slowed_down_and_never_locked_out() {
    let mut bench = Bench::new(0).await;
    let wrong = json!({"code": "AAAAA-AAAAA", "language": "en"});
    let right = json!({"code": bench.machine.code(), "language": "en"});
    for _ in 0..5 {
        let refusal = bench.post_to("/v1/claim", wrong.clone()).await.refusal();
        assert_eq!(refusal.code, "wrong-code");
        assert_eq!(refusal.field.as_deref(), Some("code"));
    }
    let mut waits = Vec::new();
    for _ in 0..8 {
        let answer = bench.post_to("/v1/claim", wrong.clone()).await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
        let seconds = answer.refusal().retry_after.unwrap();
        waits.push(seconds);
        // The right code during the delay is refused like a wrong one.
        let early = bench.post_to("/v1/claim", right.clone()).await;
        assert_eq!(early.code(), "too-many-tries");
        tokio::time::advance(std::time::Duration::from_secs(seconds)).await;
        let late = bench.post_to("/v1/claim", wrong.clone()).await;
        assert_eq!(late.code(), "wrong-code");
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
    tokio::time::advance(std::time::Duration::from_secs(60)).await;
    bench.post_to("/v1/claim", right).await.ok();
    assert_eq!(bench.desk.settings().language.tag(), "en");
    bench.claim().await;
}

#[tokio::test]
async fn the_code_is_worth_nothing_once_there_is_an_account() {
    let mut bench = Bench::new(0).await;
    let code = bench.machine.code();
    bench.set_up_to_disks().await;
    let claim = json!({"code": code, "language": "en"});
    assert_eq!(
        bench.post_to("/v1/claim", claim.clone()).await.code(),
        "already-claimed"
    );
    let bench = bench.cut_power().await;
    assert_eq!(
        bench.post_to("/v1/claim", claim).await.code(),
        "already-claimed"
    );
    let secrets = std::fs::read_to_string(bench.folder.path().join("state/secrets.json")).unwrap();
    assert!(!secrets.contains(&code));
    // The session outlives the restart; the password opens another one.
    bench.get("/v1/status").await.ok();
    let wrong = json!({"login": ADMIN, "password": "not the password"});
    assert_eq!(
        bench.post_to("/v1/login", wrong).await.code(),
        "wrong-password"
    );
    let right = json!({"login": ADMIN, "password": PASSWORD});
    bench.post_to("/v1/login", right).await.ok();
    bench.post_to("/v1/logout", Value::Null).await.ok();
    assert_eq!(bench.get("/v1/status").await.code(), "not-logged-in");
}

#[tokio::test]
async fn odd_requests_are_refused_with_the_field_and_a_sentence() {
    let mut bench = Bench::new(2).await;
    bench.set_up_to_disks().await;
    let person =
        |login: &str| json!({"display_name": "Paul", "login": login, "password": PASSWORD});
    let cases = [
        (person("Paul"), "characters", "login"),
        (person("root"), "reserved", "login"),
        (person(ADMIN), "taken", "login"),
        (person(""), "empty", "login"),
        (
            json!({"display_name": "a/b", "password": PASSWORD}),
            "characters",
            "display_name",
        ),
        (
            json!({"display_name": "Paul", "password": "court"}),
            "too-short",
            "password",
        ),
        (
            json!({"display_name": "Paul", "password": "motdepasse"}),
            "too-weak",
            "password",
        ),
        (json!({"display_name": "Paul"}), "missing-field", "password"),
        (
            json!({"display_name": 3, "password": PASSWORD}),
            "wrong-type",
            "display_name",
        ),
        (
            json!({"display_name": "Paul", "password": PASSWORD, "uid": 0}),
            "unknown-field",
            "uid",
        ),
    ];
    for (body, code, field) in cases {
        let answer = bench.post_to("/v1/people", body.clone()).await;
        assert!(answer.status.is_client_error(), "{answer:?}");
        let refusal = answer.refusal();
        assert_eq!(
            (refusal.code.as_str(), refusal.field.as_deref()),
            (code, Some(field)),
            "{body}"
        );
        assert!(refusal.message.ends_with('.'), "{}", refusal.message);
    }
    let zone = json!({"name": "École", "time_zone": "Europe/Atlantis"});
    assert_eq!(
        bench.put("/v1/setup/box", zone).await.code(),
        "unknown-time-zone"
    );
    let large = vec![b' '; preau_api::BODY_MAX + 1];
    let answer = bench.ask_raw(Method::POST, "/v1/people", large).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::PAYLOAD_TOO_LARGE, "too-large")
    );
    assert_eq!(
        bench
            .ask_raw(Method::POST, "/v1/people", b"{".to_vec())
            .await
            .code(),
        "not-json"
    );
    assert_eq!(bench.get("/v1/nothing").await.code(), "not-found");
    assert_eq!(
        bench
            .ask_raw(Method::DELETE, "/v1/box", Vec::new())
            .await
            .code(),
        "method-not-allowed"
    );
    let last = bench
        .ask_raw(Method::DELETE, &format!("/v1/people/{ADMIN}"), Vec::new())
        .await;
    assert_eq!(last.code(), "last-admin");
    assert_eq!(bench.machine.accounts().len(), 1);
    let early = bench
        .post_to("/v1/setup/advance", json!({"from": "people"}))
        .await;
    assert_eq!(early.code(), "not-this-step");
}

#[tokio::test]
async fn the_document_names_every_route() {
    let bench = Bench::new(0).await;
    let document = bench.get("/v1/openapi.json").await.ok().body;
    let paths = document["paths"].as_object().unwrap();
    for path in [
        "/v1/box",
        "/v1/claim",
        "/v1/login",
        "/v1/logout",
        "/v1/session",
        "/v1/setup/language",
        "/v1/setup/admin",
        "/v1/setup/box",
        "/v1/setup/advance",
        "/v1/disks",
        "/v1/volume",
        "/v1/array/replace",
        "/v1/people",
        "/v1/people/{login}",
        "/v1/mail",
        "/v1/mail/test",
        "/v1/mail/test/confirm",
        "/v1/adoption",
        "/v1/sheet",
        "/v1/sheet/show",
        "/v1/sheet/prove",
        "/v1/status",
        "/v1/events",
        "/v1/incidents",
        "/v1/incidents/{number}/acknowledge",
        "/v1/authority.pem",
    ] {
        assert!(paths.contains_key(path), "{path}");
    }
}
