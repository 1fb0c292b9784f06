//! The volume's disks, as a program asks for them.

use anyhow::{Result, ensure};
use preau_api::{ArrayView, AskProtections, GrowVolume, ReplaceDisk, StartUnclean};
use preau_domain::layouts::{Growth, Protections};
use reqwest::Method;
use serde_json::Value;
use std::time::Duration;

use super::Nas;
use crate::wait::{Look, wait_until};

impl Nas {
    /// What could be made of the disks in these bays.
    pub async fn protections(&self, bays: &[&str]) -> Result<Protections> {
        let mut disks = Vec::with_capacity(bays.len());
        for bay in bays {
            disks.push(self.disk_in(bay).await?.disk.id);
        }
        let ask = AskProtections { disks };
        self.ask(Method::POST, "/volume/protections", Some(ask))
            .await
    }

    /// The disks of the volume, and what can be done with them.
    pub async fn array(&self) -> Result<ArrayView> {
        self.ask(Method::GET, "/array", None::<()>).await
    }

    /// Waits until the volume's disks are as they should be.
    pub async fn wait_for_array(
        &self,
        reason: &str,
        limit: Duration,
        wanted: impl Fn(&ArrayView) -> bool,
    ) -> Result<ArrayView> {
        wait_until(reason, limit, || async {
            let found = self.array().await?;
            if wanted(&found) {
                return Ok(Look::Found(found));
            }
            Ok(Look::NotYet(format!(
                "{:?} {:?} {:?} {}",
                found.layout, found.state, found.progress, found.detail
            )))
        })
        .await
    }

    /// Adds the disk in a bay, for what it is to bring.
    pub async fn grow(&self, bay: &str, growth: Growth) -> Result<()> {
        let offered = self.array().await?;
        ensure!(
            offered.growths.iter().any(|found| found.growth == growth),
            "{growth:?} is not offered: {:?} {:?}",
            offered.growths,
            offered.no_growth
        );
        let grow = GrowVolume {
            erase: self.consent(bay).await?,
            growth,
        };
        let _: Value = self.ask(Method::POST, "/array/grow", Some(grow)).await?;
        Ok(())
    }

    /// Gives the disk in `bay` the place of the one in `leaving`, which still works.
    pub async fn replace_working(&self, leaving: &str, bay: &str) -> Result<()> {
        let replace = ReplaceDisk {
            erase: self.consent(bay).await?,
            leaving: Some(self.disk_in(leaving).await?.disk.id),
        };
        let _: Value = self
            .ask(Method::POST, "/array/replace", Some(replace))
            .await?;
        Ok(())
    }

    /// Agrees to start the volume from the disks that are there.
    pub async fn start_unclean(&self, serials: Vec<String>) -> Result<()> {
        let start = StartUnclean { serials };
        let _: Value = self.ask(Method::POST, "/array/start", Some(start)).await?;
        Ok(())
    }
}
