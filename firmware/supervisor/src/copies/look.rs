//! Questions to a destination while somebody waits for the answer: is it reachable,
//! what does it hold, where is that file.

use super::job::{self, Means};
use super::work::{UnreadyJob, make_job};
use crate::desk::Desk;
use crate::reconcile::chain;
use crate::secrets::Secrets;
use preau_domain::copies::{Destination, Place};
use preau_host::{HostError, Lane};
use preau_offsite_job::{Event, Failure, Job, Outcome, Secret, Snapshot, Task};
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::timeout;

/// The first look at a large repository fetches its index; longer, nobody waits.
const LIMIT: Duration = Duration::from_secs(120);

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// What is wrong.
    pub failure: Failure,
    /// For people who help.
    pub detail: String,
}

impl From<HostError> for Refused {
    fn from(error: HostError) -> Self {
        Self {
            failure: Failure::Internal,
            detail: chain(&error),
        }
    }
}

/// Asks a destination of the settings.
///
/// # Errors
/// What the worker refuses, or that it does not answer in time.
pub async fn ask(desk: &Desk, destination: &Destination, task: Task) -> Result<Outcome, Refused> {
    let _turn = desk.copies.looking.lock().await;
    let places = desk.copies.machine.work_places().await?;
    let cache = Some(places.cache.join(destination.id.simple().to_string()));
    let password = desk.copies_password().await;
    let made = make_job(desk, destination, password, cache, task).await;
    let job = made.map_err(|UnreadyJob(failure, detail)| Refused { failure, detail })?;
    let answer = send(desk, &job).await;
    close(desk, destination, None).await;
    answer
}

/// Asks a destination that is not stored yet. Nothing is kept of it: there may be no
/// volume to keep it on.
///
/// # Errors
/// What the worker refuses, or that it does not answer in time.
pub async fn try_out(
    desk: &Desk,
    destination: &Destination,
    secrets: &Secrets,
    password: Option<Secret>,
    task: Task,
) -> Result<Outcome, Refused> {
    let _turn = desk.copies.looking.lock().await;
    let opened = open(desk, destination).await;
    let folder = opened.map_err(|error| Refused {
        failure: Failure::FolderMissing,
        detail: chain(&error),
    })?;
    let means = Means {
        password,
        folder,
        cache: None,
        upload_limit: None,
    };
    let host = job::host_name(desk.settings().copies_identity());
    let answer = match job::job(destination, secrets, host, means, task) {
        Some(job) => send(desk, &job).await,
        None => Err(Refused {
            failure: Failure::LoginRefused,
            detail: "no password or key was given".to_owned(),
        }),
    };
    close(desk, destination, None).await;
    answer
}

/// Mounts the disk of a destination that is one, and says where.
///
/// # Errors
/// When it is not plugged in, or cannot be read.
pub async fn open(desk: &Desk, destination: &Destination) -> Result<Option<PathBuf>, HostError> {
    let Place::UsbDisk { filesystem } = &destination.place else {
        return Ok(None);
    };
    let opened = desk.copies.machine.open_copy_disk(filesystem).await;
    opened.map(Some)
}

/// Lets go of a disk that nobody works on, so that it may be unplugged. `over` is the lane
/// whose work on it has just ended.
pub async fn close(desk: &Desk, destination: &Destination, over: Option<Lane>) {
    let Place::UsbDisk { filesystem } = &destination.place else {
        return;
    };
    // Somebody who looks into the disk meanwhile is answered first. Whoever looks has the
    // turn already when they close.
    let _turn = match over {
        Some(_) => Some(desk.copies.looking.lock().await),
        None => None,
    };
    let running = desk.copies.running();
    if running
        .iter()
        .any(|(lane, job)| Some(*lane) != over && job.destination == destination.id)
    {
        return;
    }
    if let Err(error) = desk.copies.machine.close_copy_disk(filesystem).await {
        tracing::warn!("letting go of a disk: {}", chain(&error));
    }
}

async fn send(desk: &Desk, job: &Job) -> Result<Outcome, Refused> {
    let listen = async {
        let mut worker = desk.copies.machine.start_worker(job, Lane::Look).await?;
        while let Some(event) = worker.next().await {
            match event {
                Event::Done(outcome) => return Ok(outcome),
                Event::Failed(report) => {
                    return Err(Refused {
                        failure: report.failure,
                        detail: report.detail,
                    });
                }
                Event::Progress(_) | Event::Note(_) | Event::Copied(_) => {}
            }
        }
        Err(Refused {
            failure: Failure::Internal,
            detail: "the worker ended without a word".to_owned(),
        })
    };
    timeout(LIMIT, listen).await.unwrap_or_else(|_| {
        Err(Refused {
            failure: Failure::NoAnswer,
            detail: format!("no answer within {} s", LIMIT.as_secs()),
        })
    })
}

/// What a destination holds, the newest first. Asked again only after something was
/// done there.
///
/// # Errors
/// As [`ask`].
pub async fn snapshots(desk: &Desk, destination: &Destination) -> Result<Vec<Snapshot>, Refused> {
    let runs = desk.copies.runs(destination.id);
    let last = runs.iter().find(|run| run.end.is_some());
    let last = last.map_or(0, |run| run.number);
    let known = desk.copies.state().listed.get(&destination.id).cloned();
    if let Some((after, snapshots)) = known
        && after == last
    {
        return Ok(snapshots);
    }
    let Outcome::List { mut snapshots } = ask(desk, destination, Task::List).await? else {
        return Err(unexpected());
    };
    snapshots.reverse();
    let listed = (last, snapshots.clone());
    desk.copies.state().listed.insert(destination.id, listed);
    Ok(snapshots)
}

/// An answer to another question.
pub fn unexpected() -> Refused {
    Refused {
        failure: Failure::Internal,
        detail: "the worker answered something else".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Bench;
    use preau_host::CopyDisk;
    use serde_json::json;

    #[tokio::test]
    async fn a_disk_that_somebody_looks_into_stays_open_when_its_copy_ends() {
        let mut bench = Bench::new(2).await;
        bench.set_up().await;
        let filesystem = "1234-ABCD".to_owned();
        bench.machine.plug_copy_disk(CopyDisk {
            filesystem: filesystem.clone(),
            label: None,
            kind: "exfat".to_owned(),
            size: 2_000_000_000_000,
        });
        let place = json!({"kind": "usb_disk", "filesystem": filesystem});
        let wanted = json!({"name": "Disque du vendredi", "place": place});
        bench.post_to("/v1/copies", wanted).await.ok();
        let desk = &bench.desk;
        let destination = desk.settings().destinations[0].clone();

        let looks = desk.copies.looking.lock().await;
        open(desk, &destination).await.unwrap();
        let ends = close(desk, &destination, Some(Lane::Night));
        tokio::pin!(ends);
        tokio::select! {
            biased;
            () = &mut ends => panic!("it was closed before the answer"),
            () = tokio::task::yield_now() => {}
        }
        assert!(bench.machine.is_copy_disk_open(&filesystem));
        drop(looks);
        ends.await;
        assert!(!bench.machine.is_copy_disk_open(&filesystem));
    }
}
