//! The stories about shares that are held still for a copy, and about workers. Those
//! about workers need the worker itself, or the fake's.

use super::{Hands, make_mirror};
use crate::copying::{Copying, Lane};
use crate::system::{Change, HostError, System};
use preau_domain::plan::COMMON_SHARE;
use preau_offsite_job::{Destination, Event, Job, Task, VERSION};
use std::time::Duration;
use uuid::Uuid;

/// systemd takes a moment to forget a unit.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(50);

/// Both stories.
pub async fn tell_all(system: &(impl System + Copying), hands: &impl Hands) {
    a_share_is_held_still_until_it_is_let_go_of(system, hands).await;
    a_worker_says_why_it_fails_and_then_ends(system).await;
}

/// Made once, listed, removed once; never without the volume.
pub async fn a_share_is_held_still_until_it_is_let_go_of(
    system: &(impl System + Copying),
    hands: &impl Hands,
) {
    let disks = hands.start_over().await;
    let early = system.hold_still(COMMON_SHARE, "tonight").await;
    assert!(matches!(early, Err(HostError::Missing(_))), "{early:?}");
    make_mirror(system, &disks[..2], Uuid::new_v4(), Uuid::new_v4()).await;
    let nothing = system.hold_still("sciences", "tonight").await;
    assert!(matches!(nothing, Err(HostError::Missing(_))), "{nothing:?}");

    let still = system.hold_still(COMMON_SHARE, "tonight").await;
    let still = still.expect("the share is held still");
    let again = system.hold_still(COMMON_SHARE, "tonight").await;
    assert_eq!(again.expect("it is kept as it is"), still);
    let other = system.hold_still(COMMON_SHARE, "tomorrow").await;
    let other = other.expect("another night is another snapshot");
    let found = system.still_shares().await.expect("they are listed");
    // In the order of their names.
    assert_eq!(found, [other.clone(), still.clone()]);
    for (still, change) in [
        (&still, Change::Changed),
        (&still, Change::Unchanged),
        (&other, Change::Changed),
    ] {
        let gone = system.let_go(still).await;
        assert_eq!(gone.expect("it is let go of"), change);
    }
    assert_eq!(system.still_shares().await.expect("none is left"), []);
    let places = system
        .work_places()
        .await
        .expect("there is room for workers");
    assert!(!places.scratch.exists());
}

/// A folder that is not there is a clear answer, and its lane is free again.
pub async fn a_worker_says_why_it_fails_and_then_ends(system: &impl Copying) {
    let job = Job {
        version: VERSION,
        host: "preau-contract".to_owned(),
        destination: Destination::Folder {
            path: "/run/preau/copies/nowhere/Préau".into(),
        },
        password: None,
        cache: None,
        upload_limit: None,
        task: Task::Test,
    };
    let worker = system.start_worker(&job, Lane::Look).await;
    let mut worker = worker.expect("a worker is started");
    let busy = system.start_worker(&job, Lane::Look).await;
    assert!(matches!(busy, Err(HostError::InUse(_))), "{busy:?}");
    let mut last = None;
    while let Some(event) = worker.next().await {
        last = Some(event);
    }
    assert!(matches!(last, Some(Event::Failed(_))), "{last:?}");
    // The unit's end is told a moment after the worker's.
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while let Err(error) = system.start_worker(&job, Lane::Look).await {
        assert!(matches!(error, HostError::InUse(_)), "{error:?}");
        assert!(tokio::time::Instant::now() < deadline, "still {error}");
        tokio::time::sleep(PAUSE).await;
    }
}
