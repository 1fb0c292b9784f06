//! `preau array`: the disks of the volume, what protects them and how far a copy has
//! got, in the box's language.

use crate::console::ask;
use preau_api::{ArrayView, Status};
use preau_texts::Texts;
use std::fmt::Write;
use std::process::ExitCode;

#[allow(
    clippy::print_stdout,
    reason = "the answer to whoever typed the command"
)]
pub async fn print() -> anyhow::Result<ExitCode> {
    let status: Status = ask("GET", "/v1/status").await?;
    let array: ArrayView = ask("GET", "/v1/array").await?;
    print!("{}", describe(&array, Texts::new(status.language)));
    let whole = array
        .may_still_fail
        .is_some_and(|left| left >= array.may_fail);
    Ok(if whole {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// What protects the files, each disk on a line, then what is going on.
fn describe(array: &ArrayView, texts: Texts) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    if !array.protection.is_empty() {
        let _ = writeln!(text, "{}", array.protection);
    }
    for member in &array.members {
        let (model, serial) = (Some(member.model.as_str()), Some(member.serial.as_str()));
        let name = texts.disk(member.bay.as_ref(), model, serial);
        let size = texts.bytes(member.size);
        let _ = writeln!(text, "  {name}, {size}: {}", member.word);
    }
    if let Some(progress) = &array.progress {
        let percent = progress.percent;
        let left = progress.remaining_seconds;
        let left = left.map(|seconds| texts.about_seconds(seconds));
        let _ = writeln!(text, "{percent} % {}", left.unwrap_or_default());
    }
    let _ = writeln!(text, "{}", array.detail);
    text
}
