//! Disks, as a program looks at them, and opens one that somebody brought to copy from
//! it.

use anyhow::Result;
use preau_api::DiskDetails;
use preau_domain::health::Reason;
use preau_domain::opened::OpenedDisk;
use reqwest::Method;
use serde_json::Value;

use super::Nas;
use crate::wait::{Look, mins, wait_until};

impl Nas {
    /// Waits until the box has found something like this about the disk in a bay.
    pub async fn wait_for_reason(&self, bay: &str, wanted: impl Fn(&Reason) -> bool) -> Result<()> {
        let path = self.path_of(bay).await?;
        let what = format!("the box to find it of the disk in {bay}");
        wait_until(&what, mins(6), || async {
            let found: DiskDetails = self.ask(Method::GET, &path, None::<()>).await?;
            Ok(if found.reasons.iter().any(|found| wanted(&found.reason)) {
                Look::Found(())
            } else {
                Look::NotYet(found.sentence)
            })
        })
        .await
    }

    /// Opens the disk in a bay.
    pub async fn open_disk(&self, bay: &str) -> Result<OpenedDisk> {
        let path = format!("{}/open", self.path_of(bay).await?);
        self.ask(Method::POST, &path, None::<()>).await
    }

    /// Closes it again.
    pub async fn close_disk(&self, bay: &str) -> Result<()> {
        let path = format!("{}/open", self.path_of(bay).await?);
        let _: Value = self.ask(Method::DELETE, &path, None::<()>).await?;
        Ok(())
    }

    async fn path_of(&self, bay: &str) -> Result<String> {
        Ok(format!("/disks/{}", self.disk_in(bay).await?.disk.id))
    }
}
