//! The copies elsewhere, as a program asks for them.

use anyhow::{Context, Result};
use preau_api::{
    BoxKey, CopiesView, CopyDiskView, DestinationSet, DestinationView, RestoreBegun, RestoreFiles,
    RunNow, RunView, SetDestination, SnapshotView, WorkNow,
};
use reqwest::Method;
use serde_json::Value;
use std::time::Duration;

use super::Nas;
use crate::wait::{Look, wait_until};

impl Nas {
    /// The public half of the box's SSH key.
    pub async fn box_key(&self) -> Result<String> {
        let key: BoxKey = self.ask(Method::POST, "/copies/key", None::<()>).await?;
        Ok(key.public_key)
    }

    /// Adds a destination, or is shown a key to confirm.
    pub async fn add_destination(&self, wanted: &SetDestination) -> Result<DestinationSet> {
        self.ask(Method::POST, "/copies", Some(wanted)).await
    }

    /// The disks on USB that could get copies.
    pub async fn copy_disks(&self) -> Result<Vec<CopyDiskView>> {
        self.ask(Method::GET, "/copies/disks", None::<()>).await
    }

    /// The only destination.
    pub async fn destination(&self) -> Result<DestinationView> {
        let copies: CopiesView = self.ask(Method::GET, "/copies", None::<()>).await?;
        let mut all = copies.destinations.into_iter();
        all.next().context("there is no destination")
    }

    /// Waits until the only destination is as it should be.
    pub async fn wait_for_destination(
        &self,
        reason: &str,
        limit: Duration,
        wanted: impl Fn(&DestinationView) -> bool,
    ) -> Result<DestinationView> {
        wait_until(reason, limit, || async {
            let found = self.destination().await?;
            if wanted(&found) {
                return Ok(Look::Found(found));
            }
            Ok(Look::NotYet(format!(
                "{:?} {} {:?} {:?}",
                found.state, found.sentence, found.running, found.problem
            )))
        })
        .await
    }

    /// Has something done now.
    pub async fn run_now(&self, id: &str, work: WorkNow) -> Result<()> {
        let path = format!("/copies/{id}/run");
        let _: Value = self.ask(Method::POST, &path, Some(RunNow { work })).await?;
        Ok(())
    }

    /// What was done, the latest first.
    pub async fn copy_runs(&self, id: &str) -> Result<Vec<RunView>> {
        self.ask(Method::GET, &format!("/copies/{id}/runs"), None::<()>)
            .await
    }

    /// Waits for the end of a run that began after `number`.
    pub async fn wait_for_run(
        &self,
        id: &str,
        work: &str,
        number: u64,
        limit: Duration,
    ) -> Result<RunView> {
        wait_until(&format!("the end of {work}"), limit, || async {
            let runs = self.copy_runs(id).await?;
            let seen = format!("{:?}", runs.first());
            let is_it =
                |run: &RunView| run.work == work && run.number > number && run.ended_at.is_some();
            Ok(runs
                .into_iter()
                .find(is_it)
                .map_or(Look::NotYet(seen), Look::Found))
        })
        .await
    }

    /// The copies at a destination, the newest first.
    pub async fn snapshots(&self, id: &str) -> Result<Vec<SnapshotView>> {
        self.ask(Method::GET, &format!("/copies/{id}/snapshots"), None::<()>)
            .await
    }

    /// Brings files back.
    pub async fn restore(&self, id: &str, wanted: &RestoreFiles) -> Result<RestoreBegun> {
        let path = format!("/copies/{id}/restore");
        self.ask(Method::POST, &path, Some(wanted)).await
    }
}
