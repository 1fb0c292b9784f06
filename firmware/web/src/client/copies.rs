//! Questions about copies elsewhere.

use super::{ANSWER_LATE, Answer, Api};
use crate::trouble::Kind;
use axum::http::Method;
use preau_api::{
    BoxKey, CopiesView, CopyDiskView, DestinationSet, FolderView, RestoreBegun, RestoreFiles,
    RunNow, RunView, SearchView, SetDestination, SnapshotView, StrikeBegun, StrikeFiles, WorkNow,
};

/// Identities are UUIDs: what is none is nobody's, and nothing else gets into a path.
fn is_id(id: &str) -> bool {
    id.len() == 36 && id.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}

/// Everything but letters and digits, escaped for a query.
fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

impl Api<'_> {
    pub(crate) async fn copies(&self) -> Answer<CopiesView> {
        self.get("/v1/copies").await
    }

    pub(crate) async fn copy_disks(&self) -> Answer<Vec<CopyDiskView>> {
        self.get("/v1/copies/disks").await
    }

    pub(crate) async fn box_key(&self) -> Answer<BoxKey> {
        self.ask(Method::POST, "/v1/copies/key", &()).await
    }

    fn of(&self, id: &str, rest: &str) -> Answer<String> {
        if !is_id(id) {
            return Err(self.trouble(Kind::NotFound));
        }
        Ok(format!("/v1/copies/{id}{rest}"))
    }

    pub(crate) async fn add_destination(&self, wanted: &SetDestination) -> Answer<DestinationSet> {
        self.patient().ask(Method::POST, "/v1/copies", wanted).await
    }

    pub(crate) async fn set_destination(
        &self,
        id: &str,
        wanted: &SetDestination,
    ) -> Answer<DestinationSet> {
        let path = self.of(id, "")?;
        self.patient().ask(Method::PUT, &path, wanted).await
    }

    pub(crate) async fn remove_destination(&self, id: &str) -> Answer<()> {
        let path = self.of(id, "")?;
        self.tell(Method::DELETE, &path, &()).await
    }

    pub(crate) async fn run_now(&self, id: &str, work: WorkNow) -> Answer<()> {
        let path = self.of(id, "/run")?;
        self.tell(Method::POST, &path, &RunNow { work }).await
    }

    pub(crate) async fn cancel_copy(&self, id: &str) -> Answer<()> {
        let path = self.of(id, "/cancel")?;
        self.tell(Method::POST, &path, &()).await
    }

    pub(crate) async fn accept_vanished(&self, id: &str) -> Answer<()> {
        let path = self.of(id, "/accept-vanished")?;
        self.tell(Method::POST, &path, &()).await
    }

    pub(crate) async fn copy_runs(&self, id: &str) -> Answer<Vec<RunView>> {
        self.get(&self.of(id, "/runs")?).await
    }

    pub(crate) async fn snapshots(&self, id: &str) -> Answer<Vec<SnapshotView>> {
        self.patient().get(&self.of(id, "/snapshots")?).await
    }

    pub(crate) async fn folder(
        &self,
        id: &str,
        snapshot: &str,
        folder: &str,
    ) -> Answer<FolderView> {
        let query = format!(
            "/files?snapshot={}&folder={}",
            escaped(snapshot),
            escaped(folder)
        );
        self.patient().get(&self.of(id, &query)?).await
    }

    pub(crate) async fn search(&self, id: &str, name: &str) -> Answer<SearchView> {
        let query = format!("/search?name={}", escaped(name));
        self.patient().get(&self.of(id, &query)?).await
    }

    pub(crate) async fn strike(&self, wanted: &StrikeFiles) -> Answer<StrikeBegun> {
        self.ask(Method::POST, "/v1/copies/strike", wanted).await
    }

    pub(crate) async fn withdraw_strikes(&self, id: &str) -> Answer<()> {
        let path = self.of(id, "/strikes")?;
        self.tell(Method::DELETE, &path, &()).await
    }

    pub(crate) async fn restore(&self, id: &str, wanted: &RestoreFiles) -> Answer<RestoreBegun> {
        let path = self.of(id, "/restore")?;
        self.ask(Method::POST, &path, wanted).await
    }

    /// For questions that are passed on to a server far away.
    pub(super) fn patient(&self) -> Self {
        Self {
            within: ANSWER_LATE,
            ..self.clone()
        }
    }
}
