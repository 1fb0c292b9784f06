//! Visits to the disks of the machine: each on threads of its own with a deadline,
//! so that one that hangs holds up neither the others nor the supervisor. Which
//! disks there are comes from lsblk; the kernel's names end here.

use crate::machine::Machine;
use crate::survey::report;
use crate::system::{Change, HostError, chain};
use jiff::Timestamp;
use preau_domain::disks::{Bus, Disk};
use preau_domain::health::{DiskReading, Medium, Report, SelfTestKind, Visit};
use preau_domain::ids::DiskId;
use smartmontools_sys::{Device, Probe, SelfTest, SelfTestState, SmartSupport, Survey, Unreadable};
use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::sync::oneshot::error::RecvError;

/// Some thirty commands, each of which a busy disk may keep for a second; the
/// kernel's own limit for a single one is 30 s.
const SURVEY_LIMIT: Duration = Duration::from_secs(20);
/// For two or three commands.
const ACT_LIMIT: Duration = Duration::from_secs(15);
/// It waits; the probe's own thread does the work.
const STACK: usize = 128 * 1024;

impl Machine {
    /// See [`crate::System::survey`].
    pub(crate) async fn visit_disks(
        &self,
        now: Timestamp,
    ) -> Result<BTreeMap<DiskId, Visit>, HostError> {
        let nodes = self.nodes_to_look_at().await?;
        let begun: Vec<_> = self
            .disks(&nodes)
            .into_iter()
            .filter_map(|disk| {
                let node = nodes.find(&disk.id)?;
                Some((disk.id.clone(), begin_visit(&disk, node.path(), now)))
            })
            .collect();
        let mut visits = BTreeMap::new();
        for (disk, visit) in begun {
            visits.insert(disk, visit.await.unwrap_or_else(broken_off));
        }
        Ok(visits)
    }

    /// See [`crate::System::start_self_test`].
    pub(crate) async fn begin_self_test(
        &self,
        disk: &DiskId,
        kind: SelfTestKind,
    ) -> Result<Change, HostError> {
        let kind = match kind {
            SelfTestKind::Short => SelfTest::Short,
            SelfTestKind::Extended => SelfTest::Extended,
        };
        self.ask(disk, move |device| {
            if is_testing(device)? {
                return Ok(Change::Unchanged);
            }
            device.start_self_test(kind)?;
            Ok(Change::Changed)
        })
        .await
    }

    /// See [`crate::System::abort_self_test`].
    pub(crate) async fn stop_self_test(&self, disk: &DiskId) -> Result<Change, HostError> {
        self.ask(disk, |device| {
            if !is_testing(device)? {
                return Ok(Change::Unchanged);
            }
            device.abort_self_test()?;
            Ok(Change::Changed)
        })
        .await
    }

    /// Works with one disk, on a thread of its own.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        disk: &DiskId,
        work: impl FnOnce(&mut Device) -> smartmontools_sys::Result<T> + Send + 'static,
    ) -> Result<T, HostError> {
        let nodes = self.nodes().await?;
        let node = nodes
            .find(disk)
            .ok_or_else(|| HostError::Missing(format!("the disk {disk}")))?;
        let probe = Probe::new(&node.path(), ACT_LIMIT);
        let refused = |source| HostError::Disk {
            disk: disk.to_string(),
            source,
        };
        apart(move || probe.run(work))
            .await
            .unwrap_or_else(|_| Err(Unreadable::Broken(node.path())))
            .map_err(refused)
    }
}

fn is_testing(device: &mut Device) -> smartmontools_sys::Result<bool> {
    let state = device.self_test_state()?;
    Ok(matches!(state, SelfTestState::Running { .. }))
}

/// Begins to visit one disk; what comes of it is received.
fn begin_visit(disk: &Disk, path: String, now: Timestamp) -> oneshot::Receiver<Visit> {
    // virtio-blk and memory cards have no such commands at all.
    let has_commands = !matches!(disk.bus, Bus::Virtio | Bus::Other);
    apart(move || {
        if has_commands {
            visit(&path, now)
        } else {
            mute(now)
        }
    })
}

fn visit(path: &str, now: Timestamp) -> Visit {
    match Probe::new(path, SURVEY_LIMIT).run(survey) {
        Ok(Survey::Asleep(_)) => Visit::Asleep,
        Ok(Survey::Awake(found)) => Visit::Told(Box::new(report(&found, now))),
        Err(Unreadable::Refused(error)) if error.cause.is_unsupported() => mute(now),
        Err(error) => Visit::Silent {
            reason: chain(&error),
        },
    }
}

/// All that a disk says, once it is told to keep watch on itself: some are sold with
/// that switched off.
fn survey(device: &mut Device) -> smartmontools_sys::Result<Survey> {
    let survey = device.survey()?;
    match &survey {
        Survey::Awake(found) if found.identity.smart == SmartSupport::Disabled => {
            device.enable_smart()?;
            device.survey()
        }
        Survey::Awake(_) | Survey::Asleep(_) => Ok(survey),
    }
}

fn broken_off(_: RecvError) -> Visit {
    Visit::Silent {
        reason: "the visit broke off".to_owned(),
    }
}

/// A disk that answers and has nothing to tell.
fn mute(now: Timestamp) -> Visit {
    let reading = DiskReading::without_smart(now, Medium::Platters);
    Visit::Told(Box::new(Report::of_a_disk_without_smart(reading)))
}

/// Runs work that blocks on a thread of its own, not on one of the few that the
/// history shares: a disk keeps it for as long as the deadline. Without a thread
/// nothing is ever received.
pub(crate) fn apart<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> oneshot::Receiver<T> {
    let (answer, answered) = oneshot::channel();
    let thread = thread::Builder::new().name("disk".to_owned());
    let spawned = thread.stack_size(STACK).spawn(move || {
        // Whoever asked may have been ended.
        let _ = answer.send(work());
    });
    if let Err(error) = spawned {
        tracing::error!("starting a thread to ask a disk: {error}");
    }
    answered
}
