//! Everything that is kept is read again, by hand and by itself.

use super::*;
use preau_api::ScrubState;

/// Asks for it; the code of the answer.
async fn act(bench: &Bench, act: &str) -> String {
    let asked = json!({ "act": act });
    bench.post_to("/v1/array/scrub", asked).await.code()
}

/// Time for the scrubber's next looks.
async fn later(bench: &mut Bench) {
    for _ in 0..3 {
        tokio::time::advance(std::time::Duration::from_secs(11)).await;
        bench.look().await;
    }
}

async fn state(bench: &Bench) -> ScrubState {
    bench.status().await.scrub.unwrap().state
}

#[tokio::test(start_paused = true)]
async fn silent_corruption_is_put_right_and_people_are_told_once() {
    let mut bench = Bench::new(2).await;
    bench.set_up().await;
    let disk = bench.machine.disk_in("2").unwrap();
    bench.machine.corrupt(&disk.id, [10, 11, 500]);
    assert_eq!(act(&bench, "pause").await, "no-scrub");
    assert_eq!(act(&bench, "start").await, "202 Accepted");
    bench.look().await;
    assert_eq!(state(&bench).await, ScrubState::Running);
    bench.machine.finish_reading_files();
    later(&mut bench).await;
    assert_eq!(act(&bench, "pause").await, "202 Accepted");
    bench.look().await;
    assert_eq!(state(&bench).await, ScrubState::Paused);
    assert_eq!(act(&bench, "go_on").await, "202 Accepted");
    bench.look().await;
    assert_eq!(bench.machine.wrong_sectors(&disk.id), 3, "not read yet");
    bench.machine.finish_reading_copies();
    later(&mut bench).await;
    assert_eq!(bench.machine.wrong_sectors(&disk.id), 0);
    let status = bench.status().await;
    let scrub = status.scrub.unwrap();
    assert_eq!(
        (scrub.state, scrub.repaired_bytes),
        (ScrubState::Idle, 1536)
    );
    assert_eq!(
        status.headline,
        "Damaged data was repaired. Your files are intact."
    );
    assert_eq!(status.incidents.len(), 1);
    assert!(status.incidents[0].text.what_happened.contains("bay 2"));
}

#[tokio::test(start_paused = true)]
async fn what_no_copy_has_right_is_named() {
    let mut bench = Bench::new(2).await;
    bench.set_up().await;
    for bay in ["1", "2"] {
        let disk = bench.machine.disk_in(bay).unwrap();
        bench.machine.corrupt(&disk.id, [7]);
    }
    assert_eq!(act(&bench, "start").await, "202 Accepted");
    bench.look().await;
    bench.machine.finish_reading_files();
    later(&mut bench).await;
    bench.machine.finish_reading_copies();
    later(&mut bench).await;
    let status = bench.status().await;
    assert_eq!(
        status.headline,
        "Some files are damaged. The others are intact."
    );
    let told = &status.incidents[0].text.what_happened;
    assert!(told.contains("commun/file-7"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn a_scrub_goes_on_after_a_power_cut() {
    let mut bench = Bench::new(2).await;
    bench.set_up().await;
    assert_eq!(act(&bench, "start").await, "202 Accepted");
    bench.look().await;
    let mut bench = bench.cut_power().await;
    bench.look().await;
    bench.machine.finish_reading_files();
    later(&mut bench).await;
    bench.machine.finish_reading_copies();
    later(&mut bench).await;
    let scrub = bench.status().await.scrub.unwrap();
    assert!(scrub.last_finished.is_some(), "{scrub:?}");
}
