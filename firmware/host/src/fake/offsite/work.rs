//! The pretend worker: what the real one promises in `preau-offsite-job`, on texts
//! instead of packs.

use super::{FAKE_FINGERPRINT, FAKE_HOST_KEY, Files, Offsite, PLACE, Repository, still};
use crate::copying::Conversation;
use crate::fake::FakeMachine;
use preau_offsite_job::{
    Copied, Destination, Entry, EntryKind, EscapedPath, Event, Existing, Failure, FailureReport,
    Found, HostKey, Job, KeptSettings, Order, Outcome, Phase, Progress, RepositoryFound, Snapshot,
    SnapshotId, Task,
};
use std::collections::BTreeMap;
use std::path::Path;

/// Says that it works, waits as long as it is held back, does it, and says so.
pub(super) async fn work(machine: &FakeMachine, job: &Job, mut conversation: Conversation) {
    let progress = Progress {
        phase: match job.task {
            Task::BackUp { .. } => Phase::Copying,
            Task::Restore { .. } => Phase::Restoring,
            _ => Phase::Connecting,
        },
        done: 300_000_000,
        total: Some(1_000_000_000),
        sent: 120_000_000,
        per_second: 2_000_000,
        seconds_left: Some(350),
        ..Progress::default()
    };
    conversation.say(Event::Progress(progress)).await;
    loop {
        let released = machine.inner.workers.notified();
        tokio::pin!(released);
        // Enabled before the look, so that no release is missed between the two.
        released.as_mut().enable();
        if !machine.state().offsite.held_back {
            break;
        }
        tokio::select! {
            () = released => {}
            order = conversation.orders.recv() => match order {
                Some(Order::UploadLimit { .. }) => {}
                Some(Order::Cancel) => {
                    conversation.say(failed(Failure::Cancelled)).await;
                    return;
                }
                None => return,
            },
        }
    }
    let outcome = machine.change(|state| act(&mut state.offsite, job));
    let last = match outcome {
        Ok(outcome) => Event::Done(outcome),
        Err(failure) => failed(failure),
    };
    conversation.say(last).await;
}

fn failed(failure: Failure) -> Event {
    Event::Failed(FailureReport {
        detail: format!("pretended: {failure:?}"),
        failure,
    })
}

fn address(destination: &Destination) -> String {
    match destination {
        Destination::Folder { path } => path.display().to_string(),
        Destination::Sftp { host, folder, .. } => format!("{host}:{folder}"),
        Destination::Rest { url, .. } | Destination::WebDav { url, .. } => url.clone(),
        Destination::S3 { bucket, folder, .. } => format!("{bucket}/{folder}"),
    }
}

fn act(offsite: &mut Offsite, job: &Job) -> Result<Outcome, Failure> {
    if let Destination::Sftp { host_key, .. } = &job.destination {
        let shown = HostKey {
            key: FAKE_HOST_KEY.to_owned(),
            fingerprint: FAKE_FINGERPRINT.to_owned(),
        };
        match host_key {
            None => return Err(Failure::HostKeyUnknown(shown)),
            Some(key) if *key != shown.key => return Err(Failure::HostKeyChanged(shown)),
            Some(_) => {}
        }
    }
    if let Destination::Folder { path } = &job.destination {
        let open = offsite
            .open_disks
            .iter()
            .any(|disk| path.parent().is_some_and(|mount| mount.ends_with(disk)));
        if !open {
            return Err(Failure::FolderMissing);
        }
    }
    if let Some(refusal) = &offsite.refusal {
        return Err(refusal.clone());
    }
    let place = address(&job.destination);
    let password = job
        .password
        .as_ref()
        .map(|secret| secret.reveal().to_owned());
    let found = offsite.repositories.get(&place);
    match (&job.task, found) {
        (Task::Test, found) => Ok(Outcome::Test {
            repository: match found {
                Some(_) => RepositoryFound::Present,
                None => RepositoryFound::Absent,
            },
            free: Some(500_000_000_000),
        }),
        (Task::Init, Some(_)) => Err(Failure::RepositoryExists),
        (Task::Init, None) => {
            let made = Repository {
                password: password.ok_or(Failure::BadJob)?,
                ..Repository::default()
            };
            offsite.repositories.insert(place, made);
            Ok(Outcome::Init)
        }
        (_, None) => Err(Failure::NoRepository),
        (_, Some(found)) if Some(&found.password) != password.as_ref() => Err(Failure::WrongKey),
        (task, Some(_)) => act_on(offsite, &place, &job.host, task),
    }
}

fn act_on(offsite: &mut Offsite, place: &str, host: &str, task: &Task) -> Result<Outcome, Failure> {
    let repository = offsite.repositories.entry(place.to_owned()).or_default();
    match task {
        Task::Test | Task::Init => Err(Failure::Internal),
        Task::BackUp { shares, settings } => {
            if let Some(settings) = settings {
                repository.settings.push(KeptSettings {
                    time: settings.taken_at,
                    host: host.to_owned(),
                    sealed: settings.sealed.clone(),
                });
            }
            let mut copied = Vec::new();
            for source in shares {
                let still = offsite
                    .still
                    .iter()
                    .find(|((mark, share), _)| still(mark, share).path == source.path)
                    .map(|(_, files)| files.clone())
                    .ok_or(Failure::SourceUnreadable)?;
                offsite.made += 1;
                copied.push(keep(repository, host, source, still, offsite.made));
            }
            Ok(Outcome::BackUp { copied })
        }
        Task::List => Ok(Outcome::List {
            snapshots: snapshots(repository),
        }),
        Task::Settings { at_most } => Ok(Outcome::Settings {
            kept: repository
                .settings
                .iter()
                .rev()
                .take(*at_most)
                .cloned()
                .collect(),
            snapshots: snapshots(repository),
        }),
        Task::Browse { snapshot, folder } => {
            let files = files_of(repository, snapshot)?;
            browse(files, &folder.to_path())
        }
        Task::Search {
            snapshots,
            name,
            at_most,
        } => Ok(search(repository, snapshots, name, *at_most)),
        Task::Restore {
            snapshot,
            path,
            to,
            existing,
        } => {
            let files = files_of(repository, snapshot)?.clone();
            restore(&mut offsite.files, &files, &path.to_path(), to, *existing)
        }
        Task::Forget {
            keep,
            clock_trusted,
        } => {
            if !clock_trusted.0 {
                return Err(Failure::ClockNotTrusted);
            }
            let mut removed = Vec::new();
            for (share, keep) in keep {
                let of_share: Vec<SnapshotId> = repository
                    .snapshots
                    .iter()
                    .filter(|(made, _)| made.share == *share)
                    .map(|(made, _)| made.id.clone())
                    .collect();
                let stay = usize::try_from(keep.daily.max(1)).unwrap_or(usize::MAX);
                removed.extend(of_share.iter().rev().skip(stay).cloned());
            }
            repository
                .snapshots
                .retain(|(made, _)| !removed.contains(&made.id));
            let kept = repository.snapshots.len() as u64;
            Ok(Outcome::Forget { removed, kept })
        }
        Task::Prune { clock_trusted, .. } if !clock_trusted.0 => Err(Failure::ClockNotTrusted),
        Task::Prune { .. } => Ok(Outcome::Prune {
            freed: 1_000_000,
            unused_left: 0,
        }),
        Task::Strike { clock_trusted, .. } if !clock_trusted.0 => Err(Failure::ClockNotTrusted),
        Task::Strike { share, path, .. } => {
            let path = path.to_path();
            let mut struck = 0;
            for (made, files) in &mut repository.snapshots {
                let before = files.len();
                if made.share == *share {
                    files.retain(|found, _| !Path::new(found).starts_with(&path));
                }
                if files.len() < before {
                    // What is written again has another name.
                    offsite.made += 1;
                    made.id = SnapshotId(format!("{:064x}", offsite.made));
                    struck += 1;
                }
            }
            Ok(Outcome::Strike {
                snapshots: struck,
                freed: 1_000_000,
            })
        }
        Task::Check | Task::CheckData { .. } => Ok(Outcome::Check { read: 1_000_000 }),
        Task::Drill {
            snapshot,
            original,
            whole,
            ..
        } => {
            let copy = files_of(repository, snapshot)?;
            let held = offsite
                .still
                .iter()
                .find(|((mark, share), _)| still(mark, share).path == *original);
            let (_, original) = held.ok_or(Failure::SourceUnreadable)?;
            if copy != original {
                return Err(Failure::DrillMismatch);
            }
            Ok(Outcome::Drill {
                files: copy.len() as u64,
                bytes: size_of(copy),
                folder: whole.then(|| EscapedPath::from(Path::new(""))),
            })
        }
    }
}

fn snapshots(repository: &Repository) -> Vec<Snapshot> {
    let all = repository.snapshots.iter();
    all.map(|(made, _)| made.clone()).collect()
}

fn size_of(files: &Files) -> u64 {
    files.values().map(|content| content.len() as u64).sum()
}

fn keep(
    repository: &mut Repository,
    host: &str,
    source: &preau_offsite_job::ShareSource,
    files: Files,
    number: u64,
) -> Copied {
    let of_share = |(made, _): &&(Snapshot, Files)| made.share == source.share;
    let before = repository.snapshots.iter().rev().find(of_share);
    let before = before.map(|(_, files)| files.clone()).unwrap_or_default();
    let new = files
        .keys()
        .filter(|path| !before.contains_key(*path))
        .count() as u64;
    let changed = files
        .iter()
        .filter(|(path, content)| before.get(*path).is_some_and(|old| old != *content))
        .count() as u64;
    let id = SnapshotId(format!("{number:064x}"));
    let bytes = size_of(&files);
    let copied = Copied {
        share: source.share.clone(),
        snapshot: id.clone(),
        files: files.len() as u64,
        bytes,
        files_new: new,
        files_changed: changed,
        bytes_new: bytes,
        bytes_added: bytes / 2,
        unreadable: 0,
    };
    let made = Snapshot {
        id,
        time: source.taken_at,
        share: source.share.clone(),
        host: host.to_owned(),
        files: Some(copied.files),
        bytes: Some(bytes),
    };
    repository.snapshots.push((made, files));
    copied
}

fn files_of<'a>(repository: &'a Repository, id: &SnapshotId) -> Result<&'a Files, Failure> {
    let found = repository.snapshots.iter().find(|(made, _)| made.id == *id);
    found
        .map(|(_, files)| files)
        .ok_or(Failure::SnapshotMissing)
}

fn entry(name: &str, kind: EntryKind, size: u64) -> Entry {
    Entry {
        name: EscapedPath::from(name),
        kind,
        size,
        modified: None,
    }
}

fn browse(files: &Files, folder: &Path) -> Result<Outcome, Failure> {
    let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
    for (path, content) in files {
        let Ok(below) = Path::new(path).strip_prefix(folder) else {
            continue;
        };
        let mut parts = below.iter().map(|part| part.to_string_lossy().into_owned());
        let Some(name) = parts.next() else { continue };
        let found = match parts.next() {
            Some(_) => entry(&name, EntryKind::Folder, 0),
            None => entry(&name, EntryKind::File, content.len() as u64),
        };
        entries.entry(name).or_insert(found);
    }
    if entries.is_empty() && !folder.as_os_str().is_empty() {
        return Err(Failure::PathMissing);
    }
    Ok(Outcome::Browse {
        entries: entries.into_values().collect(),
    })
}

fn search(repository: &Repository, within: &[SnapshotId], name: &str, at_most: usize) -> Outcome {
    let name = name.to_lowercase();
    let mut found = Vec::new();
    for (made, files) in repository.snapshots.iter().rev() {
        if !within.is_empty() && !within.contains(&made.id) {
            continue;
        }
        for (path, content) in files {
            let last = Path::new(path)
                .file_name()
                .unwrap_or_default()
                .to_string_lossy();
            if last.to_lowercase().contains(&name) {
                found.push(Found {
                    snapshot: made.id.clone(),
                    path: EscapedPath::from(path.as_str()),
                    entry: entry(&last, EntryKind::File, content.len() as u64),
                });
            }
        }
    }
    let more = found.len() > at_most;
    found.truncate(at_most);
    Outcome::Search { found, more }
}

/// A file goes into `to` under its name, as does what is in a folder.
fn restore(
    shares: &mut BTreeMap<String, Files>,
    files: &Files,
    what: &Path,
    to: &Path,
    existing: Existing,
) -> Result<Outcome, Failure> {
    let below = to
        .strip_prefix(PLACE)
        .map_err(|_| Failure::TargetUnwritable)?;
    let mut parts = below.iter();
    let share = parts
        .next()
        .ok_or(Failure::TargetUnwritable)?
        .to_string_lossy();
    let target = parts.as_path();
    let here = shares.entry(share.into_owned()).or_default();
    let is_there = |path: &String| Path::new(path).starts_with(target);
    if existing == Existing::Refuse && here.keys().any(is_there) {
        return Err(Failure::TargetNotEmpty);
    }
    let (mut written, mut bytes, mut unchanged) = (0, 0, 0);
    for (path, content) in files {
        let Ok(rest) = Path::new(path).strip_prefix(what) else {
            continue;
        };
        let name = what.file_name().filter(|_| rest.as_os_str().is_empty());
        let place = target.join(name.map_or(rest, Path::new));
        let place = place.to_string_lossy().into_owned();
        if here.get(&place) == Some(content) {
            unchanged += 1;
            continue;
        }
        written += 1;
        bytes += content.len() as u64;
        here.insert(place, content.clone());
    }
    if written + unchanged == 0 && !what.as_os_str().is_empty() {
        return Err(Failure::PathMissing);
    }
    Ok(Outcome::Restore {
        files: written,
        bytes,
        unchanged,
        incomplete: 0,
    })
}
