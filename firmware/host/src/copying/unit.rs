//! The worker as a unit of systemd: `systemd-run` gives it a control group with a
//! ceiling for memory and little weight, takes from it what it does not need, and
//! passes its three streams through. Stopping the unit ends the worker and whatever it
//! started, `ssh` among them.

use super::Lane;
use super::worker::{Conversation, Said, Worker};
use crate::command::Command;
use crate::steps::LONG;
use crate::system::{HostError, chain};
use crate::volume::PLACE;
use preau_offsite_job::{Destination, Event, Job, Order, Task, WORKER, line};
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin};
use tokio::time::{Instant, sleep_until};

const SYSTEMD_RUN: &str = "/usr/bin/systemd-run";
const SYSTEMCTL: &str = "/usr/bin/systemctl";
/// How long a worker may take to stop by itself when asked: one pack is finished.
const GRACE: Duration = Duration::from_secs(20);
/// The most of its error stream that is kept, in bytes.
const STDERR_MAX: u64 = 16 * 1024;

/// What every worker is given and denied.
const PROPERTIES: &[&str] = &[
    "Description=Préau, a worker for the copies elsewhere",
    // The supervisor that is stopped takes its workers along.
    "PartOf=preau-supervise.service",
    "TimeoutStopSec=10s",
    "MemorySwapMax=0",
    // Files are served first: a tenth of what others get when both want something.
    "CPUWeight=10",
    "IOWeight=10",
    "Nice=10",
    "UMask=0077",
    "NoNewPrivileges=yes",
    "ProtectSystem=strict",
    "ProtectHome=yes",
    "ProtectKernelTunables=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelLogs=yes",
    "ProtectControlGroups=yes",
    "ProtectClock=yes",
    "ProtectHostname=yes",
    "PrivateTmp=yes",
    "PrivateDevices=yes",
    "RestrictNamespaces=yes",
    "RestrictRealtime=yes",
    "RestrictSUIDSGID=no",
    "LockPersonality=yes",
    "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
    "SystemCallArchitectures=native",
    // What a hole in a reader of foreign packs must not find.
    "InaccessiblePaths=-/data/preau",
];

/// For one million files 256 MiB are the budget; more is a fault that must not take
/// the box down.
const MEMORY: &str = "MemoryMax=512M";
const MEMORY_TO_LOOK: &str = "MemoryMax=256M";

const fn unit(lane: Lane) -> &'static str {
    match lane {
        Lane::Night => "preau-offsite-night.service",
        Lane::Restore => "preau-offsite-restore.service",
        Lane::Look => "preau-offsite-look.service",
    }
}

/// The arguments for `systemd-run`: no secret is among them.
fn arguments(job: &Job, lane: Lane) -> Vec<String> {
    let mut arguments = vec![
        "--quiet".to_owned(),
        "--pipe".to_owned(),
        "--wait".to_owned(),
        "--collect".to_owned(),
        "--service-type=exec".to_owned(),
        format!("--unit={}", unit(lane)),
    ];
    let mut property = |text: String| arguments.push(format!("--property={text}"));
    for text in PROPERTIES {
        property((*text).to_owned());
    }
    let (name, value) = job.task.environment();
    property(format!("Environment={name}={value}"));
    property(
        match lane {
            Lane::Night | Lane::Restore => MEMORY,
            Lane::Look => MEMORY_TO_LOOK,
        }
        .to_owned(),
    );
    property(format!("CapabilityBoundingSet={}", capabilities(&job.task)));
    for path in writable(job) {
        property(format!("ReadWritePaths=-{}", path.display()));
    }
    arguments.push(WORKER.to_owned());
    arguments
}

/// Reading a share takes one capability; giving files back to their owners takes
/// more.
const fn capabilities(task: &Task) -> &'static str {
    match task {
        Task::Restore { .. } | Task::Drill { .. } => {
            "CAP_DAC_READ_SEARCH CAP_DAC_OVERRIDE CAP_CHOWN CAP_FOWNER CAP_FSETID"
        }
        _ => "CAP_DAC_READ_SEARCH CAP_DAC_OVERRIDE",
    }
}

/// The folders that it may write to. One that is still to be made is reached through
/// the folder above it.
fn writable(job: &Job) -> Vec<&Path> {
    let cache = job.cache.as_deref().and_then(Path::parent);
    let mut paths: Vec<&Path> = cache.into_iter().collect();
    if let Destination::Folder { path } = &job.destination {
        paths.extend(path.parent());
    }
    match &job.task {
        Task::Restore { to, .. } => paths.extend(share_of(to)),
        Task::Drill { scratch, .. } => paths.extend(scratch.parent()),
        _ => {}
    }
    paths
}

/// The share that a path lies in: a folder in it could be a link by now.
fn share_of(path: &Path) -> Option<&Path> {
    let volume = Path::new(PLACE);
    path.ancestors()
        .find(|above| above.parent() == Some(volume))
}

pub(super) async fn start(job: &Job, lane: Lane) -> Result<Worker, HostError> {
    if is_there(lane).await {
        return Err(HostError::InUse(unit(lane).to_owned()));
    }
    let text = line(job).map_err(|error| HostError::Unexpected {
        what: "a job for the worker",
        text: error.to_string(),
    })?;
    let child = Command::new(SYSTEMD_RUN)
        .args(arguments(job, lane))
        .start()?;
    let (worker, conversation) = Worker::pair();
    tokio::spawn(drive(child, lane, text, conversation));
    Ok(worker)
}

/// Whether a lane is taken: also by a worker that is ending, whose name systemd would
/// refuse to the next one.
async fn is_there(lane: Lane) -> bool {
    let asked = Command::new(SYSTEMCTL).args(["show", "--property=LoadState", "--value"]);
    let state = asked.arg(unit(lane)).run().await;
    state.is_ok_and(|state| state.trim() != "not-found")
}

pub(super) async fn end_all() {
    for lane in Lane::ALL {
        stop(lane).await;
    }
}

async fn stop(lane: Lane) {
    if !is_there(lane).await {
        return;
    }
    let stopped = Command::new(SYSTEMCTL)
        .args(["stop", unit(lane)])
        .within(LONG);
    if let Err(error) = stopped.run().await {
        tracing::warn!("ending a worker: {}", chain(&error));
    }
}

/// Passes lines between a worker and whoever holds its handle, until it ends. Its last
/// words are passed on once it is gone: whoever hears them starts the next one.
async fn drive(mut child: Child, lane: Lane, job: String, mut conversation: Conversation) {
    let Some(((mut stdin, stdout), stderr)) = child
        .stdin
        .take()
        .zip(child.stdout.take())
        .zip(child.stderr.take())
    else {
        return;
    };
    let complaints = tokio::spawn(async move {
        let mut text = Vec::new();
        // What is beyond the limit is let through to nowhere, so that the worker does
        // not wait for a reader.
        let mut stderr = stderr;
        let read = (&mut stderr).take(STDERR_MAX).read_to_end(&mut text).await;
        let rest = tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await;
        if let Err(error) = read.and(rest) {
            tracing::debug!(%error, "reading a worker's complaints");
        }
        String::from_utf8_lossy(&text).trim().to_owned()
    });
    write(&mut stdin, &job).await;
    let mut lines = BufReader::new(stdout).lines();
    let mut deadline: Option<Instant> = None;
    let mut last_words: Option<Event> = None;
    loop {
        let out_of_time = async {
            match deadline {
                Some(deadline) => sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            said = lines.next_line() => match said {
                Ok(Some(text)) => {
                    let Some(event) = understand(&text) else { continue };
                    if matches!(event, Event::Done(_) | Event::Failed(_)) {
                        last_words = Some(event);
                        deadline = Some(Instant::now() + GRACE);
                    } else if conversation.say(event).await == Said::Unheard {
                        stop(lane).await;
                        break;
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    tracing::warn!(%error, "reading what a worker says");
                    stop(lane).await;
                    break;
                }
            },
            order = conversation.orders.recv() => match order {
                Some(order) => {
                    if order == Order::Cancel {
                        deadline = Some(Instant::now() + GRACE);
                    }
                    match line(&order) {
                        Ok(text) => write(&mut stdin, &text).await,
                        Err(error) => tracing::warn!(%error, "an order for a worker"),
                    }
                }
                // Nobody holds the handle any more.
                None => {
                    stop(lane).await;
                    break;
                }
            },
            () = out_of_time => {
                stop(lane).await;
                break;
            }
        }
    }
    let status = child.wait().await;
    let complaints = complaints.await.unwrap_or_default();
    let Some(last_words) = last_words else {
        tracing::warn!("a worker ended without a word: {status:?} {complaints}");
        return;
    };
    if !complaints.is_empty() {
        tracing::info!("a worker said beside: {complaints}");
    }
    // Whoever stopped listening knows enough.
    let _ = conversation.say(last_words).await;
}

/// A worker that does not want to hear it has ended; its events say why.
async fn write(stdin: &mut ChildStdin, text: &str) {
    let written = async {
        stdin.write_all(text.as_bytes()).await?;
        stdin.flush().await
    };
    if let Err(error) = written.await {
        tracing::debug!(%error, "telling a worker");
    }
}

fn understand(text: &str) -> Option<Event> {
    match serde_json::from_str(text) {
        Ok(event) => Some(event),
        Err(error) => {
            tracing::warn!(%error, "a worker said what is not understood");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Folder;
    use preau_offsite_job::{Account, EscapedPath, Existing, Outcome, Secret, SnapshotId, VERSION};

    fn job(task: Task) -> Job {
        Job {
            version: VERSION,
            host: "preau".to_owned(),
            destination: Destination::WebDav {
                url: "https://nuage.example/dav".to_owned(),
                account: Some(Account {
                    user: "ecole".to_owned(),
                    password: Secret::new("girafe"),
                }),
                certificate: None,
            },
            password: Some(Secret::new("abri")),
            cache: Some("/srv/preau/.preau/copies/cache/x".into()),
            upload_limit: None,
            task,
        }
    }

    #[test]
    fn no_secret_is_an_argument_and_a_copy_may_only_read() {
        let arguments = arguments(&job(Task::Check), Lane::Night);
        let text = arguments.join("\n");
        assert!(
            !text.contains("girafe") && !text.contains("abri\n"),
            "{text}"
        );
        assert!(text.contains("MemoryMax=512M"));
        assert!(text.contains("=Environment=GLIBC_TUNABLES=glibc."));
        assert!(text.contains("ReadWritePaths=-/srv/preau/.preau/copies/cache\n"));
        assert!(!text.contains("CAP_CHOWN"));
        assert_eq!(arguments.last().map(String::as_str), Some(WORKER));
    }

    #[tokio::test]
    async fn a_worker_is_gone_before_its_end_is_heard() {
        let done = line(&Event::Done(Outcome::Init)).unwrap();
        let folder = Folder::new("lingers");
        let gone = folder.path().join("gone");
        let lingers = format!("printf %s '{done}'; sleep 0.3; : > {}", gone.display());
        let child = Command::new("/bin/sh")
            .args(["-c", &lingers])
            .start()
            .unwrap();
        let (mut worker, conversation) = Worker::pair();
        tokio::spawn(drive(child, Lane::Look, String::new(), conversation));
        assert_eq!(worker.next().await, Some(Event::Done(Outcome::Init)));
        assert!(gone.exists());
        assert_eq!(worker.next().await, None);
    }

    #[test]
    fn a_restore_may_write_where_it_restores_and_nowhere_else() {
        let restore = Task::Restore {
            snapshot: SnapshotId("a".to_owned()),
            path: EscapedPath::from("CP"),
            to: "/srv/preau/commun/CP/Photos".into(),
            existing: Existing::Refuse,
        };
        let text = arguments(&job(restore), Lane::Restore).join("\n");
        assert!(
            text.contains("ReadWritePaths=-/srv/preau/commun\n"),
            "{text}"
        );
        assert!(text.contains("CAP_CHOWN"));
        assert!(text.contains("=Environment=GLIBC_TUNABLES=glibc.malloc.arena_max=2:"));
        assert_eq!(text.matches("ReadWritePaths").count(), 2);
    }
}
