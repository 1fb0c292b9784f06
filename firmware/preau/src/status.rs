//! `preau status`: asks the supervisor and says it in a few lines, in the box's
//! language.

use crate::console::ask;
use preau_api::Status;
use preau_texts::Texts;
use std::fmt::Write;
use std::process::ExitCode;

#[allow(
    clippy::print_stdout,
    reason = "the answer to whoever typed the command"
)]
pub async fn print() -> anyhow::Result<ExitCode> {
    let status: Status = ask("GET", "/v1/status").await?;
    print!("{}", describe(&status));
    Ok(match status.severity {
        None => ExitCode::SUCCESS,
        Some(_) => ExitCode::FAILURE,
    })
}

/// The headline, then one line for each thing that is wrong and what to do.
fn describe(status: &Status) -> String {
    let texts = Texts::new(status.language);
    let mut text = String::new();
    let name = status
        .box_name
        .clone()
        .unwrap_or_else(|| texts.t("box-without-name"));
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{name}: {}", status.headline);
    for incident in &status.incidents {
        let _ = writeln!(text, "\n{}", incident.text.what_happened);
        for (number, step) in (1..).zip(&incident.text.what_to_do) {
            let _ = writeln!(text, "  {number}. {step}");
        }
    }
    if let Some(volume) = &status.volume {
        let _ = writeln!(text, "\n{}", volume.detail);
    }
    text
}
