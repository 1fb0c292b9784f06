//! `preau scrub`: begins, pauses and follows the reading of everything that is kept.

use crate::console::{ask, tell};
use clap::Subcommand;
use preau_api::{ScrubAct, ScrubState, ScrubView, SetScrub, Status};

/// What is to become of it.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum Act {
    /// Begins now
    Start,
    /// Holds it back
    Pause,
    /// Lets it go on
    GoOn,
}

#[allow(
    clippy::print_stdout,
    reason = "the answer to whoever typed the command"
)]
pub async fn run(act: Option<Act>) -> anyhow::Result<()> {
    if let Some(act) = act {
        let act = match act {
            Act::Start => ScrubAct::Start,
            Act::Pause => ScrubAct::Pause,
            Act::GoOn => ScrubAct::GoOn,
        };
        let body = serde_json::to_string(&SetScrub { act })?;
        return tell("POST", "/v1/array/scrub", body).await;
    }
    let status: Status = ask("GET", "/v1/status").await?;
    match status.scrub {
        Some(scrub) => println!("{}", describe(&scrub)),
        None => println!("no volume"),
    }
    Ok(())
}

fn describe(scrub: &ScrubView) -> String {
    let state = match scrub.state {
        ScrubState::Idle => format!("idle, next {}", scrub.next_at),
        ScrubState::Running => format!("running, {} %", scrub.percent),
        ScrubState::Waiting => format!("waiting for the night, {} %", scrub.percent),
        ScrubState::Paused => format!("paused, {} %", scrub.percent),
    };
    let last = scrub.last_finished.map_or_else(String::new, |at| {
        format!(
            "\nlast {at}: {} bytes repaired, {} files damaged",
            scrub.repaired_bytes,
            scrub.broken_files.len()
        )
    });
    state + &last
}
