//! Starts the self-tests that are due; the rules are in `preau_domain::health`.

use super::{DAY, Readings};
use crate::reconcile::chain;
use crate::status::time_zone;
use preau_domain::health::{Testable, self_tests_due};
use tokio::time::Instant;

impl Readings {
    /// Starts the most urgent test, if one is due now. Says whether one was started.
    pub async fn test(&mut self) -> bool {
        let picture = self.desk.picture.borrow().clone();
        let arrays = picture
            .as_ref()
            .and_then(|picture| picture.snapshot.arrays.known());
        // Unknown is as good as copying: nothing is lost by a night without a test.
        let copying = arrays.is_none_or(|all| all.iter().any(|array| array.sync.is_some()));
        let settings = self.desk.settings();
        let now = self.desk.now();
        if !super::is_plausible(now) {
            return false;
        }
        let local = now.to_zoned(time_zone(&settings)).datetime();
        self.tested.retain(|_, at| at.elapsed() < DAY);
        let disks: Vec<Testable<'_>> = self
            .disks
            .iter()
            .filter(|(_, known)| !known.asleep)
            .filter_map(|(disk, known)| {
                Some(Testable {
                    disk,
                    report: known.report.as_deref()?,
                    tried_lately: self.tested.contains_key(disk),
                })
            })
            .collect();
        let due = self_tests_due(&disks, copying, local, &settings.school_hours);
        let Some(due) = due.into_iter().next() else {
            return false;
        };
        self.tested.insert(due.disk.clone(), Instant::now());
        match self.desk.machine.start_self_test(&due.disk, due.kind).await {
            Ok(_) => {
                tracing::info!("{} tests itself: {:?}", due.disk, due.kind);
                true
            }
            Err(error) => {
                tracing::warn!("starting a self-test of {}: {}", due.disk, chain(&error));
                false
            }
        }
    }
}
