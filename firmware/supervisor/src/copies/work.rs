//! Carries out one run: what the worker needs is made ready, the worker is started and
//! listened to, the end is written down, and what is no longer needed is cleared.

use super::job::{self, Means};
use super::{Running, begin, look, strike};
use crate::desk::Desk;
use crate::reconcile::chain;
use crate::status::time_zone;
use preau_domain::copies::{
    Because, Destination, End, Ending, RestoreWork, Run, Work, is_whole_due, upload_limit,
};
use preau_host::{HostError, Lane, Worker};
use preau_offsite_job::{
    ClockTrusted, Copied, Event, Failure, FailureReport, Job, Order, Progress, SETTINGS, Sealed,
    Secret, SettingsSource, ShareSource, Task,
};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// Between two looks at the hour, for the upload limit.
const LIMIT_EVERY: Duration = Duration::from_secs(60);
/// Files that a drill takes back, and at most so many bytes: minutes on a school's
/// line.
const DRILL_FILES: u32 = 30;
const DRILL_BYTES: u64 = 200_000_000;
/// Left out of every copy: what programs make again by themselves.
const EXCLUDE: [&str; 4] = ["~$*", ".~lock.*#", "Thumbs.db", ".DS_Store"];

/// Why a run cannot begin.
struct Unready(Failure, String);

impl From<HostError> for Unready {
    fn from(error: HostError) -> Self {
        Self(Failure::Internal, chain(&error))
    }
}

/// Does it, to its end.
pub async fn execute(
    desk: &Desk,
    destination: &Destination,
    work: Work,
    because: Because,
    lane: Lane,
) -> Run {
    let mut run = begin(destination.id, work, because, desk.now());
    match desk.store.begin_copy_run(run.clone()).await {
        Ok(number) => run.number = number,
        Err(error) => {
            // A run that cannot be written down is not begun: it would be repeated
            // for ever.
            tracing::error!("writing down a run: {}", chain(&error));
            run.end = Some(End {
                at: desk.now(),
                ending: Ending::Cut,
            });
            return run;
        }
    }
    desk.copies.put(&run);
    let cancel = Arc::new(Notify::new());
    let running = Running {
        destination: destination.id,
        work: run.work.clone(),
        since: run.started_at,
        progress: Progress::default(),
        cancel: Arc::clone(&cancel),
    };
    desk.copies.state().running.insert(lane, running);
    tracing::info!("{} for {} begins", run.work.as_str(), destination.name);

    let ending = match prepare(desk, destination, &run).await {
        Ok(job) => converse(desk, destination, &job, lane, &cancel).await,
        Err(Unready(failure, detail)) => Ending::Failed { failure, detail },
    };
    run.end = Some(End {
        at: desk.now(),
        ending,
    });
    finish(desk, destination, &run, lane).await;
    run
}

async fn finish(desk: &Desk, destination: &Destination, run: &Run, lane: Lane) {
    match run.failure() {
        None => tracing::info!("{} for {} ended", run.work.as_str(), destination.name),
        Some(failure) => tracing::warn!(
            "{} for {} failed: {failure:?}: {}",
            run.work.as_str(),
            destination.name,
            run.detail()
        ),
    }
    // Before anybody is told that it is over: from then on the disk may be taken away.
    look::close(desk, destination, Some(lane)).await;
    // Removed meanwhile, nothing of it is kept.
    if desk.destination(destination.id).is_some() {
        if let Err(error) = desk.store.end_copy_run(run.clone()).await {
            tracing::error!("writing down a run: {}", chain(&error));
        }
        // Before the run shows as done: nobody is to read that it is gone, and is still asked for.
        if let Work::Strike(work) = &run.work
            && run.is_done()
        {
            strike::settle(desk, destination.id, work).await;
        }
        desk.copies.put(run);
    }
    desk.copies.state().running.remove(&lane);
    tidy(desk).await;
    desk.look.notify_one();
    desk.copies.wake.notify_one();
}

/// The name of the snapshots that a run copies from: two copies of a small share may begin
/// within a second, and a card that was lost counts its runs from one again.
fn mark(run: &Run) -> String {
    let began = run.started_at.as_second();
    format!("{}-{began}-{}", run.destination.simple(), run.number)
}

/// Removes the snapshots that no run needs: of each destination those of its last good
/// copy stay, for the next drill to compare with, and those of a run under way.
pub async fn tidy(desk: &Desk) {
    let found = match desk.copies.machine.still_shares().await {
        Ok(found) => found,
        // Without the volume there is nothing to tidy.
        Err(HostError::Missing(_)) => return,
        Err(error) => {
            tracing::warn!("listing snapshots: {}", chain(&error));
            return;
        }
    };
    let settings = desk.settings();
    let mut needed = Vec::new();
    for destination in &settings.destinations {
        let runs = desk.copies.runs(destination.id);
        let copies = runs.iter().filter(|run| run.work == Work::BackUp);
        needed.extend(
            copies
                .clone()
                .find(|run| run.is_done())
                .into_iter()
                .chain(copies.filter(|run| run.end.is_none()))
                .map(mark),
        );
    }
    for still in found.iter().filter(|still| !needed.contains(&still.mark)) {
        if let Err(error) = desk.copies.machine.let_go(still).await {
            tracing::warn!("removing a snapshot: {}", chain(&error));
        }
    }
}

async fn prepare(desk: &Desk, destination: &Destination, run: &Run) -> Result<Job, Unready> {
    let machine = &desk.copies.machine;
    let places = machine.work_places().await?;
    let password = desk.copies_password().await;
    if password.is_none() {
        return Err(Unready(
            Failure::Internal,
            "there is no recovery sheet".to_owned(),
        ));
    }
    let task = match &run.work {
        Work::BackUp => back_up(desk, run).await?,
        Work::Drill => {
            machine.clear_scratch().await?;
            drill(desk, destination, run, places.scratch).await?
        }
        Work::Restore(restore) => restore_task(desk, restore).await?,
        // Somebody may have thought better of it since it was chosen.
        Work::Strike(strike) if !strike::is_asked(desk, destination.id, strike) => {
            let detail = format!("nobody asks any more for {} to go", strike.path);
            return Err(Unready(Failure::Cancelled, detail));
        }
        other => plain(desk, destination, other),
    };
    let cache = Some(places.cache.join(destination.id.simple().to_string()));
    Ok(make_job(desk, destination, password, cache, task).await?)
}

/// A job, with the disk mounted when it is for one.
pub(super) async fn make_job(
    desk: &Desk,
    destination: &Destination,
    password: Option<Secret>,
    cache: Option<PathBuf>,
    task: Task,
) -> Result<Job, UnreadyJob> {
    let folder = look::open(desk, destination).await.map_err(|error| {
        let detail = match error {
            HostError::Missing(what) => what,
            error => chain(&error),
        };
        UnreadyJob(Failure::FolderMissing, detail)
    })?;
    let settings = desk.settings();
    let secrets = desk.secrets().await;
    let identity = settings.copies_identity();
    let means = Means {
        password,
        folder,
        cache,
        upload_limit: limit_now(desk, destination),
    };
    job::job(destination, &secrets, job::host_name(identity), means, task).ok_or_else(|| {
        let detail = "its password or key is not among the secrets".to_owned();
        UnreadyJob(Failure::LoginRefused, detail)
    })
}

/// Why there is no job.
pub(super) struct UnreadyJob(pub(super) Failure, pub(super) String);

impl From<UnreadyJob> for Unready {
    fn from(UnreadyJob(failure, detail): UnreadyJob) -> Self {
        Self(failure, detail)
    }
}

async fn back_up(desk: &Desk, run: &Run) -> Result<Task, Unready> {
    let mark = mark(run);
    let mut shares = Vec::new();
    for share in desk.shares_to_copy() {
        let taken_at = desk.now();
        let still = desk.copies.machine.hold_still(&share, &mark).await?;
        shares.push(ShareSource {
            share,
            path: still.path,
            taken_at,
            exclude: EXCLUDE.map(str::to_owned).to_vec(),
        });
    }
    if shares.is_empty() {
        return Err(Unready(
            Failure::SourceUnreadable,
            "no share is there".to_owned(),
        ));
    }
    let settings = settings_source(desk).await;
    Ok(Task::BackUp { shares, settings })
}

/// What a new box needs to become this one, as it lies sealed on the disks. The files
/// are not kept waiting for it.
async fn settings_source(desk: &Desk) -> Option<SettingsSource> {
    let taken_at = desk.now();
    let kept = match desk.machine.kept_bundles().await {
        Ok(kept) => kept.current,
        Err(error) => {
            tracing::warn!("reading the settings on the disks: {}", chain(&error));
            return None;
        }
    };
    if kept.is_none() {
        tracing::warn!("the settings are not on the disks yet, and not in the copy");
    }
    kept.map(|bytes| SettingsSource {
        sealed: Sealed(bytes),
        taken_at,
    })
}

/// The last good copy, and the snapshot that it was made from; the shares take turns.
async fn drill(
    desk: &Desk,
    destination: &Destination,
    run: &Run,
    scratch: PathBuf,
) -> Result<Task, Unready> {
    let runs = desk.copies.runs(destination.id);
    let good = runs
        .iter()
        .find(|run| run.work == Work::BackUp && run.is_done());
    let nothing = |what: &str| Unready(Failure::Internal, what.to_owned());
    let good = good.ok_or_else(|| nothing("there is no copy yet"))?;
    let turns: Vec<&Copied> = good.copied().iter().collect();
    let turn = usize::try_from(run.number).unwrap_or(0) % turns.len().max(1);
    let copied = turns
        .get(turn)
        .ok_or_else(|| nothing("the copy is empty"))?;
    let wanted = mark(good);
    let still = desk
        .copies
        .machine
        .still_shares()
        .await?
        .into_iter()
        .find(|still| still.mark == wanted && still.share == copied.share)
        .ok_or_else(|| nothing("the original of the last copy is gone"))?;
    let seed = getrandom::u64().map_err(|error| nothing(&error.to_string()))?;
    Ok(Task::Drill {
        snapshot: copied.snapshot.clone(),
        original: still.path,
        scratch,
        whole: is_whole_due(destination, &runs, copied.bytes, free(desk), desk.now()),
        files: DRILL_FILES,
        bytes_at_most: DRILL_BYTES,
        seed,
    })
}

/// Bytes that are free on the volume; none where that is not known.
fn free(desk: &Desk) -> u64 {
    let picture = desk.picture.borrow().clone();
    picture.map_or(0, |picture| {
        let volume = picture.snapshot.volume.known();
        volume.map_or(0, |volume| volume.free)
    })
}

async fn restore_task(desk: &Desk, restore: &RestoreWork) -> Result<Task, Unready> {
    let below = job::target_below(restore)
        .ok_or_else(|| Unready(Failure::BadJob, "the path leads elsewhere".to_owned()))?;
    let made = desk
        .copies
        .machine
        .make_folder(&restore.share, &below)
        .await;
    let to = made.map_err(|error| Unready(Failure::TargetUnwritable, chain(&error)))?;
    Ok(Task::Restore {
        snapshot: restore.snapshot.clone(),
        path: restore.path.clone(),
        to,
        existing: job::existing(&restore.to),
    })
}

fn plain(desk: &Desk, destination: &Destination, work: &Work) -> Task {
    let clock = desk.copies.machine.clock_trust();
    let clock_trusted = ClockTrusted(clock == preau_domain::copies::ClockTrust::Trusted);
    match work {
        Work::Init => Task::Init,
        Work::Forget => {
            let shares = desk.shares_to_copy().into_iter();
            let mut keep: BTreeMap<_, _> = shares
                .map(|share| {
                    let keep = destination.keep(&share).into();
                    (share, keep)
                })
                .collect();
            keep.insert(SETTINGS.to_owned(), destination.keep.into());
            Task::Forget {
                keep,
                clock_trusted,
            }
        }
        Work::Prune => Task::Prune {
            fetch_at_most: None,
            clock_trusted,
        },
        Work::Strike(strike) => Task::Strike {
            share: strike.share.clone(),
            path: strike.path.clone(),
            clock_trusted,
        },
        Work::CheckData { part, of } => Task::CheckData {
            part: *part,
            of: *of,
        },
        // Those with more to them are made ready elsewhere.
        Work::Check | Work::BackUp | Work::Drill | Work::Restore(_) => Task::Check,
    }
}

async fn converse(
    desk: &Desk,
    destination: &Destination,
    job: &Job,
    lane: Lane,
    cancel: &Notify,
) -> Ending {
    let mut worker = match desk.copies.machine.start_worker(job, lane).await {
        Ok(worker) => worker,
        Err(error) => {
            return Ending::Failed {
                failure: Failure::Internal,
                detail: chain(&error),
            };
        }
    };
    let mut limit = job.upload_limit;
    let mut ticks = tokio::time::interval(LIMIT_EVERY);
    loop {
        tokio::select! {
            event = worker.next() => match event {
                Some(Event::Progress(progress)) => {
                    if let Some(running) = desk.copies.state().running.get_mut(&lane) {
                        running.progress = progress;
                    }
                }
                Some(Event::Note(note)) => tracing::warn!("{}: {}", destination.name, note.detail),
                Some(Event::Copied(copied)) => {
                    tracing::info!("{} is safe at {}", copied.share, destination.name);
                }
                Some(Event::Done(outcome)) => return Ending::Done(outcome),
                Some(Event::Failed(FailureReport { failure, detail })) => {
                    return Ending::Failed { failure, detail };
                }
                None => return Ending::Cut,
            },
            () = cancel.notified() => worker.tell(Order::Cancel).await,
            _ = ticks.tick() => keep_to_the_limit(desk, destination, &worker, &mut limit).await,
        }
    }
}

/// What may be sent a second at this hour.
fn limit_now(desk: &Desk, destination: &Destination) -> Option<u64> {
    let settings = desk.settings();
    let zone = time_zone(&settings);
    upload_limit(destination, &settings.school_hours, desk.now(), &zone)
}

async fn keep_to_the_limit(
    desk: &Desk,
    destination: &Destination,
    worker: &Worker,
    limit: &mut Option<u64>,
) {
    let now = limit_now(desk, destination);
    if now != *limit {
        *limit = now;
        let order = Order::UploadLimit {
            bytes_per_second: now,
        };
        worker.tell(order).await;
    }
}
