//! From a disk's figures to the mail about them, and to the card and back.

use super::*;
use crate::testing::{Bench, set_clock_by, the_time};
use preau_domain::health::{OwnVerdict, Verdict};
use preau_domain::incidents::IncidentCode;
use serde_json::json;

const MINUTE: Duration = Duration::from_secs(60);

/// A box with a mirror on bays 1 and 2, whose mails are wanted by somebody.
async fn bench() -> Bench {
    let mut bench = Bench::new(3).await;
    bench.set_up().await;
    let mail = json!({
        "host": "smtp.exemple.fr", "port": 465, "security": "tls",
        "login": "ecole", "password": "secret", "extra_ca_pem": null,
        "from": "ecole@exemple.fr", "recipients": ["direction@exemple.fr"],
    });
    bench.put("/v1/mail", mail).await.ok();
    bench.visit().await;
    bench
}

fn disk(bench: &Bench, bay: &str) -> DiskId {
    bench.machine.disk_in(bay).unwrap().id
}

/// The codes of what is open.
fn open(bench: &Bench) -> Vec<IncidentCode> {
    let picture = bench.desk.picture.borrow().clone().unwrap();
    let open = picture.incidents.active.iter().filter(|i| i.is_open());
    open.map(|incident| incident.code).collect()
}

async fn waiting_mails(bench: &Bench) -> u32 {
    bench.desk.store.outbox().await.unwrap().waiting
}

fn verdict(bench: &Bench, disk: &DiskId) -> Option<Verdict> {
    let health = bench.desk.health.borrow();
    let judgement = health.get(disk)?.judgement.as_ref()?;
    Some(judgement.verdict)
}

#[tokio::test]
async fn a_disk_that_wears_out_is_mailed_with_its_figures_and_once_more_when_it_fails() {
    let mut bench = bench().await;
    let bad = disk(&bench, "2");
    assert_eq!(verdict(&bench, &bad), Some(Verdict::Healthy));
    assert!(open(&bench).is_empty());

    bench.machine.reallocate(&bad, 214);
    bench.visit().await;
    assert_eq!(open(&bench), [IncidentCode::DiskFailing]);
    let status = bench.status().await;
    let text = &status.incidents[0].text;
    assert!(text.detail.contains("214"), "{text:?}");
    assert!(text.what_happened.contains("bay 2"), "{text:?}");
    assert_eq!(waiting_mails(&bench).await, 1);

    bench.machine.let_disk_say(&bad, OwnVerdict::Failed);
    for _ in 0..3 {
        bench.pass(10 * MINUTE).await;
        bench.visit().await;
    }
    assert_eq!(waiting_mails(&bench).await, 2, "once more, and once only");
    assert_eq!(verdict(&bench, &bad), Some(Verdict::Failed));
}

#[tokio::test]
async fn a_failing_disk_that_sleeps_is_pulled_or_falls_silent_is_still_failing() {
    let mut bench = bench().await;
    let bad = disk(&bench, "2");
    bench.machine.make_failing(&bad, 40);
    bench.visit().await;
    bench.machine.put_to_sleep(&bad);
    bench.pass(100 * 24 * 60 * MINUTE).await;
    bench.visit().await;
    assert_eq!(verdict(&bench, &bad), Some(Verdict::ReplaceSoon));
    assert!(open(&bench).contains(&IncidentCode::DiskFailing));

    bench.machine.silence(&bad);
    bench.pass(10 * MINUTE).await;
    let pause = bench.visit().await;
    assert_eq!(pause, SOON);
    assert_eq!(verdict(&bench, &bad), Some(Verdict::ReplaceSoon));

    let mut bench = bench.cut_power().await;
    bench.machine.put_to_sleep(&bad);
    bench.visit().await;
    assert_eq!(
        verdict(&bench, &bad),
        Some(Verdict::ReplaceSoon),
        "what is stored counts before the first answer"
    );
}

#[tokio::test]
async fn a_disk_that_falls_silent_is_told_though_its_array_looks_whole() {
    let mut bench = bench().await;
    let hung = disk(&bench, "1");
    bench.machine.silence(&hung);
    for _ in 0..25 {
        bench.pass(MINUTE).await;
        bench.visit().await;
    }
    assert_eq!(open(&bench), [IncidentCode::DiskSilent]);
    bench.machine.wake(&hung);
    for _ in 0..7 {
        bench.pass(MINUTE).await;
        bench.visit().await;
    }
    assert!(open(&bench).is_empty());
    assert_eq!(waiting_mails(&bench).await, 2, "its beginning and its end");
}

#[tokio::test]
async fn disks_without_smart_and_sleeping_ones_are_accused_of_nothing() {
    let mut bench = bench().await;
    bench.machine.take_smart_away(&disk(&bench, "1"));
    bench.machine.put_to_sleep(&disk(&bench, "2"));
    for _ in 0..200 {
        bench.pass(10 * MINUTE).await;
        bench.visit().await;
    }
    assert!(open(&bench).is_empty());
    assert_eq!(verdict(&bench, &disk(&bench, "1")), Some(Verdict::Healthy));
}

#[tokio::test]
async fn a_growth_is_seen_across_a_restart_and_the_card_is_rarely_written() {
    let mut bench = bench().await;
    let bad = disk(&bench, "2");
    bench.machine.reallocate(&bad, 8);
    for _ in 0..(6 * 24) {
        bench.pass(10 * MINUTE).await;
        bench.visit().await;
    }
    let since = Timestamp::UNIX_EPOCH;
    let rows = bench.desk.store.temperatures(bad.clone(), since).await;
    let rows = rows.unwrap().len();
    assert!((24..=28).contains(&rows), "{rows} rows in a day");

    let mut bench = bench.restart().await;
    bench.machine.reallocate(&bad, 30);
    bench.visit().await;
    assert_eq!(verdict(&bench, &bad), Some(Verdict::ReplaceSoon));
}

#[tokio::test]
async fn a_clock_in_1970_and_one_that_is_set_change_no_verdict() {
    let years = SignedDuration::from_hours(24 * 365 * 56);
    let mut bench = bench().await;
    let bad = disk(&bench, "2");
    bench.machine.reallocate(&bad, 3);
    bench.visit().await;

    // The power goes, and the clock with it.
    set_clock_by(-years);
    let mut bench = bench.cut_power().await;
    bench.visit().await;
    bench.machine.reallocate(&bad, 30);
    bench.pass(10 * MINUTE).await;
    bench.visit().await;
    assert_eq!(verdict(&bench, &bad), Some(Verdict::ReplaceSoon));
    assert!(open(&bench).contains(&IncidentCode::DiskFailing));
    let stored = bench
        .desk
        .store
        .temperatures(bad.clone(), Timestamp::UNIX_EPOCH);
    let this_year = |(at, _): &(Timestamp, _)| *at > the_time() + years / 2;
    assert!(stored.await.unwrap().iter().all(this_year));

    // The network comes, and the time with it. A disk that falls silent then is
    // silent for minutes, not for 56 years.
    set_clock_by(years);
    bench.machine.silence(&disk(&bench, "1"));
    bench.pass(MINUTE).await;
    bench.visit().await;
    assert_eq!(verdict(&bench, &disk(&bench, "1")), Some(Verdict::Healthy));
    assert_eq!(verdict(&bench, &bad), Some(Verdict::ReplaceSoon));
}

#[tokio::test]
async fn a_clock_that_is_set_makes_nothing_last_longer() {
    let mut bench = bench().await;
    bench.machine.fill_volume(1 << 20);
    bench.look().await;
    set_clock_by(SignedDuration::from_hours(10));
    bench.look().await;
    assert!(!open(&bench).contains(&IncidentCode::VolumeFull));
    bench.pass(MINUTE).await;
    bench.look().await;
    assert!(open(&bench).contains(&IncidentCode::VolumeFull));
}

#[tokio::test]
async fn old_samples_are_told_by_the_hour_then_by_the_day() {
    let bench = bench().await;
    let one = disk(&bench, "1");
    let now = the_time();
    let hours = |hours: i64| SignedDuration::from_hours(hours);
    // Every ten minutes for the last forty days, and one row of six years ago.
    let mut ages: Vec<SignedDuration> = (0..40 * 144).map(|visit| hours(visit) / 6).collect();
    ages.push(hours(6 * 366 * 24));
    ages.push(-hours(48));
    let sample = |age: &SignedDuration| Sample {
        disk: one.clone(),
        at: now - *age,
        temperature: Some(preau_domain::health::Celsius(30)),
        reading: None,
    };
    let samples = ages.iter().rev().map(sample).collect();
    let store = &bench.desk.store;
    store.keep_samples(samples).await.unwrap();
    store.thin_samples(now).await.unwrap();
    let kept = store
        .temperatures(one, Timestamp::UNIX_EPOCH)
        .await
        .unwrap();
    let count = |from: i64, to: i64| {
        let within = |(at, _): &&(Timestamp, _)| {
            let age = now.duration_since(*at);
            hours(from) <= age && age < hours(to)
        };
        kept.iter().filter(within).count()
    };
    assert_eq!(count(-100, 0), 0, "written in the future");
    assert!((144..=146).contains(&count(0, 24)));
    assert!(
        (694..=700).contains(&count(24, 30 * 24)),
        "{}",
        count(24, 30 * 24)
    );
    assert!((10..=12).contains(&count(30 * 24, 41 * 24)));
    assert_eq!(count(5 * 366 * 24, 9 * 366 * 24), 0);
}

#[tokio::test]
async fn a_disk_that_hangs_while_nobody_uses_it_is_told_within_minutes() {
    let mut bench = bench().await;
    let hung = disk(&bench, "1");
    let waited = Duration::from_secs(10);
    bench.machine.hang(&hung, waited);
    bench.touch().await;
    assert!(open(&bench).is_empty(), "it may be late");
    for minutes in 1..5 {
        bench.pass(MINUTE).await;
        bench.machine.hang(&hung, waited + minutes * MINUTE);
        bench.touch().await;
    }
    assert_eq!(open(&bench), [IncidentCode::DiskSilent]);
    bench.machine.wake(&hung);
    for _ in 0..7 {
        bench.pass(MINUTE).await;
        bench.touch().await;
    }
    assert!(open(&bench).is_empty());
}

#[tokio::test]
async fn a_disk_that_refuses_every_read_is_failing_and_one_bad_place_is_not() {
    let mut bench = bench().await;
    let dead = disk(&bench, "2");
    bench.machine.fail_reads(&dead);
    bench.touch().await;
    assert_eq!(verdict(&bench, &dead), Some(Verdict::Watch));
    assert!(open(&bench).is_empty());
    for _ in 0..3 {
        bench.pass(MINUTE).await;
        bench.touch().await;
    }
    assert_eq!(open(&bench), [IncidentCode::DiskFailing]);
}

#[tokio::test]
async fn a_sleeping_disk_is_not_touched_and_not_accused() {
    let mut bench = bench().await;
    bench.machine.put_to_sleep(&disk(&bench, "1"));
    for _ in 0..100 {
        bench.pass(MINUTE).await;
        bench.touch().await;
    }
    assert!(open(&bench).is_empty());
}

#[tokio::test]
async fn disks_test_themselves_at_night_one_after_the_other() {
    let mut bench = bench().await;
    // 6:42 in UTC, 7:42 in Paris: school.
    assert!(!bench.readings.test().await);
    bench.pass(12 * 60 * MINUTE).await;
    bench.visit().await;
    assert!(bench.readings.test().await);
    bench.visit().await;
    assert!(!bench.readings.test().await, "one disk at a time");
    let tested = || {
        let health = bench.desk.health.borrow();
        let running = |health: &&DiskHealth| {
            let report = health.report.as_ref().unwrap();
            matches!(report.self_test, SelfTestState::Running { .. })
        };
        health.values().filter(running).count()
    };
    assert_eq!(tested(), 1);
    for bay in ["1", "2", "3"] {
        bench.machine.tick_self_test(&disk(&bench, bay), 100);
    }
    bench.visit().await;
    assert!(bench.readings.test().await, "then the next");
}
