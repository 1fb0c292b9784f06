//! A disk that somebody brought, as a program opens it to copy from it.

use anyhow::Result;
use preau_domain::opened::OpenedDisk;
use reqwest::Method;
use serde_json::Value;

use super::Nas;

impl Nas {
    /// Opens the disk in a bay.
    pub async fn open_disk(&self, bay: &str) -> Result<OpenedDisk> {
        let path = self.path_of(bay).await?;
        self.ask(Method::POST, &path, None::<()>).await
    }

    /// Closes it again.
    pub async fn close_disk(&self, bay: &str) -> Result<()> {
        let path = self.path_of(bay).await?;
        let _: Value = self.ask(Method::DELETE, &path, None::<()>).await?;
        Ok(())
    }

    async fn path_of(&self, bay: &str) -> Result<String> {
        Ok(format!("/disks/{}/open", self.disk_in(bay).await?.disk.id))
    }
}
