//! The tasks: one does what is due and what is asked for, one job after the other; one
//! brings files back meanwhile.

use super::recovery::{self, Stepped};
use super::work::{execute, tidy};
use crate::desk::{Damage, Desk};
use crate::reconcile::chain;
use crate::status::time_zone;
use preau_domain::copies::{Because, Destination, Next, Place, Run, Work, is_struck_since, next};
use preau_host::Lane;
use std::sync::Arc;
use std::time::Duration;

/// Between two looks at the clock, when nothing is due: a clock that is set, a disk
/// that is plugged in.
const EVERY: Duration = Duration::from_secs(60);

/// Looks after the copies for ever.
pub async fn run(desk: Arc<Desk>) {
    desk.copies.machine.end_workers().await;
    if let Err(error) = desk.copies.machine.clear_scratch().await {
        tracing::info!("clearing after drills: {}", chain(&error));
    }
    tidy(&desk).await;
    tokio::join!(nights(&desk), restores(&desk));
}

async fn nights(desk: &Desk) {
    loop {
        if step(desk).await.is_some() {
            continue;
        }
        tokio::select! {
            () = desk.copies.wake.notified() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

async fn restores(desk: &Desk) {
    loop {
        if restore(desk).await.is_some() {
            continue;
        }
        match recovery::step(desk).await {
            Stepped::On => {}
            Stepped::Idle => desk.copies.restores.notified().await,
            Stepped::Waits(length) => tokio::select! {
                () = desk.copies.restores.notified() => {}
                () = tokio::time::sleep(length) => {}
            },
        }
    }
}

/// Brings files back that somebody asked for, if somebody did.
pub async fn restore(desk: &Desk) -> Option<Run> {
    let (id, restore) = desk.copies.state().restores.pop_front()?;
    let destination = desk.destination(id)?;
    let work = Work::Restore(restore);
    Some(execute(desk, &destination, work, Because::Asked, Lane::Restore).await)
}

/// Does one job, if one was asked for or is due.
pub async fn step(desk: &Desk) -> Option<Run> {
    if desk.damage() == Damage::Lost {
        return None;
    }
    see_disks(desk).await;
    let (destination, work, because) = choose(desk).await?;
    Some(execute(desk, &destination, work, because, Lane::Night).await)
}

/// What was asked for comes first, then what has been due the longest.
async fn choose(desk: &Desk) -> Option<(Destination, Work, Because)> {
    let has_sheet = desk.copies_password().await.is_some();
    while let Some((id, work)) = desk.copies.take_asked() {
        let Some(destination) = desk.destination(id) else {
            continue;
        };
        if desk.copies_wait(&destination, has_sheet).is_none() {
            let work = made_first(desk, &destination, work);
            return Some((destination, work, Because::Asked));
        }
    }
    let settings = desk.settings();
    let zone = time_zone(&settings);
    settings
        .destinations
        .iter()
        .filter_map(|destination| {
            let around = desk.copies_around(destination, has_sheet, &zone);
            match next(destination, &desk.copies.runs(destination.id), &around) {
                // One reading of the clock: what is due "now" by a later one never is.
                Next::At(work, at) if at <= around.now => Some((at, destination, work)),
                _ => None,
            }
        })
        .min_by_key(|(at, ..)| *at)
        .map(|(_, destination, work)| (destination.clone(), work, Because::Planned))
}

/// Whoever asks for a copy where no repository is gets it made first; the copy follows
/// as the first one does.
fn made_first(desk: &Desk, destination: &Destination, work: Work) -> Work {
    let runs = desk.copies.runs(destination.id);
    let zone = time_zone(&desk.settings());
    let around = desk.copies_around(destination, true, &zone);
    let enabled = Destination {
        enabled: true,
        ..destination.clone()
    };
    let copy = runs
        .iter()
        .find(|run| run.work == Work::BackUp && run.is_done());
    match next(&enabled, &runs, &around) {
        Next::At(Work::Init, _) => Work::Init,
        // What a drill would compare with is not what is there any more.
        _ if work == Work::Drill && copy.is_some_and(|copy| is_struck_since(&runs, copy)) => {
            Work::BackUp
        }
        _ => work,
    }
}

/// Looks which disks are plugged in, when a destination is one.
pub async fn see_disks(desk: &Desk) {
    let settings = desk.settings();
    let wants_disks = settings
        .destinations
        .iter()
        .any(|destination| matches!(destination.place, Place::UsbDisk { .. }));
    if !wants_disks {
        return;
    }
    match desk.copies.machine.copy_disks().await {
        Ok(disks) => {
            desk.copies.state().disks = disks.into_iter().map(|disk| disk.filesystem).collect();
        }
        Err(error) => tracing::warn!("looking for disks: {}", chain(&error)),
    }
}
