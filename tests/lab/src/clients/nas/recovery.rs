//! A box from nothing, as a program asks for it.

use anyhow::Result;
use preau_api::{CopyLooked, LookForCopy, Recover};
use preau_domain::settings::Layout;
use reqwest::Method;
use serde_json::Value;

use super::Nas;

impl Nas {
    /// Looks into a copy; the code of the refusal, if it is refused.
    pub async fn look_for_copy(
        &self,
        wanted: &LookForCopy,
    ) -> Result<std::result::Result<CopyLooked, String>> {
        let body = serde_json::to_value(wanted)?;
        let answer = self
            .request(Method::POST, "/recovery/look", Some(body))
            .await?;
        if answer.status.is_success() {
            return Ok(Ok(answer.read("POST /recovery/look")?));
        }
        Ok(Err(answer.refusal()?.code))
    }

    /// Makes the box that was found, with a mirror on the disks of two bays.
    pub async fn recover_onto_mirror(&self, bays: [&str; 2]) -> Result<()> {
        let wanted = Recover {
            layout: Layout::Mirror,
            erase: vec![self.consent(bays[0]).await?, self.consent(bays[1]).await?],
            spares: 0,
        };
        let _: Value = self.ask(Method::POST, "/recovery", Some(wanted)).await?;
        Ok(())
    }
}
