//! Between two visits: a block of each member is read each minute, since a disk that
//! died or hangs while nobody uses it is noticed by nothing else.

use super::{DAY, Known, Readings};
use crate::reconcile::chain;
use jiff::{SignedDuration, Timestamp};
use preau_domain::health::{Judgement, Reason, Touch};
use preau_domain::ids::DiskId;
use std::time::Duration;
use tokio::time::Instant;

/// The kernel gives a command up after 30 s and tries it anew; a disk that has not
/// brought one block in this time hangs.
const HANGS: Duration = Duration::from_secs(75);

/// What reading blocks has shown of a disk.
#[derive(Default)]
pub(super) struct Touched {
    /// How long the last read has been waited for.
    waiting: Option<Duration>,
    /// When reads failed, for a day.
    failed: Vec<Instant>,
}

impl Touched {
    fn take(&mut self, touch: &Touch) {
        self.waiting = match touch {
            Touch::Waiting(since) => Some(*since),
            _ => None,
        };
        if matches!(touch, Touch::Failed { .. }) {
            self.failed.push(Instant::now());
        }
        self.failed.retain(|at| at.elapsed() < DAY);
    }

    /// What that adds to a judgement.
    pub(super) fn judge(&self, judgement: Judgement, now: Timestamp) -> Judgement {
        let is_silence = |reason: &Reason| matches!(reason, Reason::Silent { .. });
        let known = judgement.reasons.iter().any(is_silence);
        let silent = self.waiting.filter(|since| *since >= HANGS && !known);
        let silent = silent.map(|since| Reason::Silent {
            since: now - SignedDuration::try_from(since).unwrap_or_default(),
        });
        let times = u64::try_from(self.failed.len()).unwrap_or(u64::MAX);
        let failed = (times > 0).then_some(Reason::ReadFailed { times });
        judgement.with(silent).with(failed)
    }
}

impl Readings {
    /// Reads a block of each member, and says whether a disk should be visited.
    pub async fn touch(&mut self) -> bool {
        let members: Vec<DiskId> =
            self.desk
                .settings()
                .volume
                .as_ref()
                .map_or_else(Vec::new, |volume| {
                    volume
                        .members
                        .iter()
                        .map(|member| member.disk.clone())
                        .collect()
                });
        if members.is_empty() {
            return false;
        }
        self.turn = self.turn.wrapping_add(1);
        let touched = match self.desk.machine.read_a_block(&members, self.turn).await {
            Ok(touched) => touched,
            Err(error) => {
                tracing::warn!("reading a block of each disk: {}", chain(&error));
                return false;
            }
        };
        let mut wants_visit = false;
        for (disk, touch) in &touched {
            let Some(known) = self.disks.get_mut(disk) else {
                continue;
            };
            if let Touch::Failed { reason } = touch {
                tracing::warn!("{disk} did not give a block: {reason}");
            }
            wants_visit |= is_news(known, touch);
            known.touched.take(touch);
        }
        self.follow_the_clock();
        self.publish(self.desk.now());
        wants_visit
    }
}

/// The disk's alarm is another than at the last visit.
fn is_news(known: &Known, touch: &Touch) -> bool {
    let told = known
        .report
        .as_ref()
        .and_then(|report| report.reading.nvme.known());
    match touch {
        Touch::Answered { warning } => {
            warning.is_some_and(|bits| told.is_some_and(|log| log.critical_warning != bits))
        }
        _ => false,
    }
}
