//! `preau disks`: how the disks are, as a table; `preau disks ID`: all of one.

use crate::console::{self, in_a_path};
use anyhow::{Context, bail};
use clap::ValueEnum;
use preau_api::{DiskDetails, DiskRole, DiskView, Disks, StartBlink, Status, TakeBack};
use preau_domain::disks::{Content, Disk};
use preau_domain::health::{SelfTestKind, SelfTestOutcome, SelfTestState, Verdict};
use preau_domain::opened::{OpenedDisk, SHARE};
use preau_domain::settings::EraseConsent;
use preau_texts::{Texts, verdict};
use std::fmt::Write;
use std::process::ExitCode;

/// What can be asked of a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Test {
    /// Minutes.
    Short,
    /// Hours.
    Long,
    /// Ends the running one.
    Abort,
}

/// Whether it shows where it sits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Blink {
    /// From now on.
    Start,
    /// From now on, woken if it sleeps.
    Wake,
    /// No longer.
    Stop,
}

/// What is to be done with a disk.
#[derive(Debug, Clone)]
pub enum Act {
    /// It tests itself.
    Test(Test),
    /// It shows where it sits.
    Blink(Blink),
    /// It is let back in.
    TakeBack {
        /// The agreement to lose what is on it.
        erase: Option<String>,
    },
    /// It is opened to copy from it.
    Open,
    /// It is closed.
    Close,
}

/// Prints all, or one; ends with 1 when a disk is to be replaced.
#[allow(
    clippy::print_stdout,
    reason = "the answer to whoever typed the command"
)]
pub async fn run(which: Option<&str>, act: Option<Act>) -> anyhow::Result<ExitCode> {
    let disks: Disks = console::ask("GET", "/v1/disks").await?;
    if let Some(unreadable) = &disks.unreadable {
        bail!("{unreadable}");
    }
    let status: Status = console::ask("GET", "/v1/status").await?;
    let texts = Texts::new(status.language);
    let Some(which) = which else {
        print!("{}", table(texts, &disks.disks));
        return Ok(code(&disks.disks));
    };
    let view = find(&disks.disks, which)?;
    let path = format!("/v1/disks/{}", in_a_path(view.disk.id.as_str()));
    match act {
        Some(Act::Test(test)) => ask(&path, test).await?,
        Some(Act::Blink(blink)) => show(&path, blink).await?,
        Some(Act::TakeBack { erase }) => return take_back(texts, view, erase.as_deref()).await,
        Some(Act::Open) => return open(&path).await,
        Some(Act::Close) => {
            let path = format!("{path}/open");
            console::tell("DELETE", &path, String::new()).await?;
        }
        None => return describe_one(texts, view, &path).await,
    }
    Ok(ExitCode::SUCCESS)
}

#[allow(
    clippy::print_stdout,
    reason = "the answer to whoever typed the command"
)]
async fn describe_one(texts: Texts, view: &DiskView, path: &str) -> anyhow::Result<ExitCode> {
    let details: DiskDetails = console::ask("GET", path).await?;
    print!("{}", describe(texts, &details));
    Ok(code(std::slice::from_ref(view)))
}

async fn ask(path: &str, test: Test) -> anyhow::Result<()> {
    let path = format!("{path}/self-test");
    let start = |kind: &str| format!("{{\"kind\":\"{kind}\"}}");
    match test {
        Test::Short => console::tell("POST", &path, start("short")).await,
        Test::Long => console::tell("POST", &path, start("extended")).await,
        Test::Abort => console::tell("DELETE", &path, String::new()).await,
    }
}

async fn show(path: &str, blink: Blink) -> anyhow::Result<()> {
    let path = format!("{path}/blink");
    let start = |wake: bool| serde_json::to_string(&StartBlink { wake });
    match blink {
        Blink::Start => console::tell("POST", &path, start(false)?).await,
        Blink::Wake => console::tell("POST", &path, start(true)?).await,
        Blink::Stop => console::tell("DELETE", &path, String::new()).await,
    }
}

#[allow(
    clippy::print_stdout,
    reason = "the answer to whoever typed the command"
)]
async fn take_back(texts: Texts, view: &DiskView, erase: Option<&str>) -> anyhow::Result<ExitCode> {
    match agreement(view, erase) {
        Some(wanted) => {
            let body = serde_json::to_string(&wanted)?;
            console::tell("POST", "/v1/array/take-back", body).await?;
            Ok(ExitCode::SUCCESS)
        }
        None => {
            println!("{}", texts.t("take-back-why-diverged"));
            for content in &view.disk.contents {
                println!("  {}", content_line(texts, content));
            }
            println!(
                "preau disks {} --take-back --erase '{}'",
                view.disk.id,
                code_of(&view.disk)
            );
            Ok(ExitCode::FAILURE)
        }
    }
}

/// What is asked of the box; `None` while the agreement to erase is missing, or is not
/// about this disk with just what is on it now. The supervisor checks it once more.
fn agreement(view: &DiskView, erase: Option<&str>) -> Option<TakeBack> {
    let disk = &view.disk;
    let erases = view.role == DiskRole::Diverged;
    if erases && erase != Some(code_of(disk).as_str()) {
        return None;
    }
    let consent = EraseConsent {
        disk: disk.id.clone(),
        serial: disk.serial.clone(),
        contents_digest: Some(disk.contents_digest.clone()),
    };
    Some(TakeBack {
        disk: disk.id.clone(),
        erase: erases.then_some(consent),
    })
}

/// What lies on a disk.
pub fn content_line(texts: Texts, content: &Content) -> String {
    let label = content.label.as_deref().unwrap_or_default();
    format!("{} {label} {}", content.kind, texts.bytes(content.size))
}

/// Names a disk and what is on it: enough of the digest to notice another content.
pub fn code_of(disk: &Disk) -> String {
    let digest: String = disk.contents_digest.chars().take(8).collect();
    format!("{}:{digest}", disk.serial)
}

#[allow(
    clippy::print_stdout,
    reason = "the answer to whoever typed the command"
)]
async fn open(path: &str) -> anyhow::Result<ExitCode> {
    let path = format!("{path}/open");
    let opened: OpenedDisk = console::ask_with("POST", &path, &serde_json::json!({})).await?;
    for folder in opened.folders {
        println!("{SHARE}/{}  {}", folder.name, folder.kind);
    }
    Ok(ExitCode::SUCCESS)
}

/// A disk by its bay, its identity, or the end of its serial number.
pub fn find<'a>(disks: &'a [DiskView], which: &str) -> anyhow::Result<&'a DiskView> {
    let is_it = |view: &&DiskView| {
        let disk = &view.disk;
        let bay = disk.bay.as_ref().is_some_and(|bay| bay.0 == which);
        bay || disk.id.as_str() == which || disk.serial == which || disk.serial_end() == which
    };
    let mut found = disks.iter().filter(is_it);
    let first = found
        .next()
        .with_context(|| format!("no disk is called {which}"))?;
    match found.next() {
        None => Ok(first),
        Some(_) => bail!("several disks are called {which}"),
    }
}

fn code(disks: &[DiskView]) -> ExitCode {
    let bad = |view: &DiskView| view.health.verdict >= Some(Verdict::ReplaceSoon);
    match disks.iter().any(bad) {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    }
}

/// One line for each disk, in columns.
fn table(texts: Texts, disks: &[DiskView]) -> String {
    let rows: Vec<[String; 6]> = disks
        .iter()
        .map(|view| {
            let disk = &view.disk;
            let degrees = view.health.temperature;
            [
                disk.bay.as_ref().map_or("-", |bay| &bay.0).to_owned(),
                verdict(texts, view.health.verdict),
                degrees.map_or_else(|| "-".to_owned(), |degrees| format!("{} °C", degrees.0)),
                texts.bytes(disk.size),
                disk.model.clone(),
                disk.serial.clone(),
            ]
        })
        .collect();
    let mut widths = [0; 6];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (width, cell) in widths.iter().zip(row) {
            let missing = width - cell.chars().count() + 2;
            line.push_str(cell);
            line.push_str(&" ".repeat(missing));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// The verdict, what it rests on, and the figures.
fn describe(texts: Texts, details: &DiskDetails) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{}\n{}", details.label, details.sentence);
    for reason in &details.reasons {
        let _ = writeln!(text, "  - {} ({})", reason.text, reason.figure);
    }
    let disk = &details.view.disk;
    let _ = writeln!(text, "{}  {}", disk.id, texts.bytes(disk.size));
    if let Some(degrees) = details.view.health.temperature {
        let _ = writeln!(text, "{} °C", degrees.0);
    }
    if let (Some(age), Some(hours)) = (&details.age, details.powered_on) {
        let _ = writeln!(text, "{age} ({} h)", hours.0);
    }
    if let SelfTestState::Running { done } = details.self_test.state {
        let _ = writeln!(text, "self-test: {} %", done.0);
    }
    for test in &details.self_test.log {
        let kind = match test.kind {
            SelfTestKind::Short => "short",
            SelfTestKind::Extended => "long",
        };
        let outcome = match test.outcome {
            SelfTestOutcome::Passed => "passed",
            SelfTestOutcome::Failed => "failed",
            SelfTestOutcome::Unfinished => "unfinished",
        };
        let _ = writeln!(text, "  {:>6} h  {kind:<5}  {outcome}", test.at.0);
    }
    for figure in &details.figures {
        let id = figure.id.map_or_else(String::new, |id| id.to_string());
        let value = |value: Option<u8>| value.map_or_else(String::new, |value| value.to_string());
        let _ = writeln!(
            text,
            "  {id:>3} {:<28} {:>3} {:>3} {:>3}  {}{}",
            figure.name,
            value(figure.value),
            value(figure.worst),
            value(figure.threshold),
            figure.raw,
            if figure.failing { "  FAILING" } else { "" },
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use preau_api::DiskHealthView;
    use preau_domain::disks::{Bus, Layer};
    use preau_domain::ids::DiskId;

    fn view(role: DiskRole, digest: &str) -> DiskView {
        DiskView {
            disk: Disk {
                id: DiskId::from_identity(Some("0x5000c500a1b2c3d4"), "", None).unwrap(),
                bay: None,
                model: "WD40EFZX".to_owned(),
                serial: "WX12".to_owned(),
                size: 1,
                bus: Bus::Ata,
                contents: Vec::new(),
                contents_digest: digest.to_owned(),
                member_of: None,
                layer: Layer::None,
                partition_name: None,
            },
            role,
            set: None,
            health: DiskHealthView {
                verdict: None,
                temperature: None,
                asleep: false,
            },
        }
    }

    #[test]
    fn a_disk_that_was_used_elsewhere_is_erased_only_with_words_that_name_what_is_on_it() {
        let diverged = view(DiskRole::Diverged, "0123456789abcdef");
        for wrong in [None, Some(""), Some("WX12"), Some("WX12:76543210")] {
            assert!(agreement(&diverged, wrong).is_none(), "{wrong:?}");
        }
        let agreed = agreement(&diverged, Some("WX12:01234567")).unwrap();
        let consent = agreed.erase.unwrap();
        assert_eq!(consent.contents_digest.as_deref(), Some("0123456789abcdef"));
        let changed = view(DiskRole::Diverged, "fedcba9876543210");
        assert!(agreement(&changed, Some("WX12:01234567")).is_none());
    }

    #[test]
    fn a_disk_that_came_and_went_is_let_back_in_without_losing_anything() {
        let held = view(DiskRole::HeldOut, "0123");
        assert!(agreement(&held, None).unwrap().erase.is_none());
    }
}
