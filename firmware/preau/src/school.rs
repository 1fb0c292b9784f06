//! `preau school-hours`: when the school works.

use crate::console::{ask, tell};
use anyhow::bail;
use preau_domain::settings::SchoolHours;

/// Says them, or changes them when both hours are given.
#[allow(
    clippy::print_stdout,
    reason = "the answer to whoever typed the command"
)]
pub async fn run(from: Option<u8>, to: Option<u8>, weekends: bool) -> anyhow::Result<()> {
    match (from, to) {
        (None, None) => {
            let hours: SchoolHours = ask("GET", "/v1/school-hours").await?;
            let weekends = if hours.weekends { ", weekends too" } else { "" };
            println!("{} - {}{weekends}", hours.from, hours.to);
            Ok(())
        }
        (Some(from), Some(to)) => {
            let wanted = SchoolHours { from, to, weekends };
            tell("PUT", "/v1/school-hours", serde_json::to_string(&wanted)?).await
        }
        _ => bail!("give both hours, e.g. 7 19"),
    }
}
