//! `preau array`: the disks of the volume, what protects them and how far a copy has
//! got, in the box's language; and what can be done with them. A disk is erased only
//! when it is blank, or when `--erase` names its serial number.

use crate::console::{ask, tell};
use crate::disks::find;
use anyhow::{Context, bail};
use clap::{Subcommand, ValueEnum};
use preau_api::{
    ArrayView, Candidate, DiskView, Disks, GrowVolume, ReplaceDisk, StartUnclean, Status,
};
use preau_domain::layouts::Growth;
use preau_domain::settings::EraseConsent;
use preau_texts::Texts;
use std::fmt::Write;
use std::process::ExitCode;

/// What is to be done with the disks.
#[derive(Debug, Subcommand)]
pub enum Act {
    /// Adds a disk
    Add {
        /// Its bay, its identity, or the end of its serial number
        disk: String,
        /// What it is to bring
        #[arg(long = "for")]
        purpose: Purpose,
        /// Its whole serial number, when it is not blank: all that it holds is lost
        #[arg(long)]
        erase: Option<String>,
    },
    /// Gives a disk the place of another, which is copied first when it still works
    Replace {
        /// The one that goes: its bay, its identity, or the end of its serial number
        leaving: String,
        /// The one that takes its place
        with: String,
        /// Its whole serial number, when it is not blank: all that it holds is lost
        #[arg(long)]
        erase: Option<String>,
    },
    /// Starts a half-written volume without the disk that is missing: what was being
    /// written may be lost
    Start {
        /// The serial numbers of all disks that are there, as `preau array` shows them
        #[arg(required = true)]
        serials: Vec<String>,
    },
}

/// What one more disk is to bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Purpose {
    /// It waits, and takes the place of one that fails
    Spare,
    /// One more disk may fail
    Safer,
    /// There is more room
    Larger,
}

impl Purpose {
    const fn growth(self) -> Growth {
        match self {
            Self::Spare => Growth::Spare,
            Self::Safer => Growth::Safer,
            Self::Larger => Growth::Larger,
        }
    }
}

/// Does what is asked, then shows the disks.
#[allow(
    clippy::print_stdout,
    reason = "the answer to whoever typed the command"
)]
pub async fn run(act: Option<Act>) -> anyhow::Result<ExitCode> {
    if let Some(act) = act {
        carry_out(act).await?;
    }
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

async fn carry_out(act: Act) -> anyhow::Result<()> {
    let array: ArrayView = ask("GET", "/v1/array").await?;
    let disks: Disks = ask("GET", "/v1/disks").await?;
    match act {
        Act::Add {
            disk,
            purpose,
            erase,
        } => {
            let grow = GrowVolume {
                erase: consent(&array.candidates, &disks.disks, &disk, erase.as_deref())?,
                growth: purpose.growth(),
            };
            tell("POST", "/v1/array/grow", serde_json::to_string(&grow)?).await
        }
        Act::Replace {
            leaving,
            with,
            erase,
        } => {
            let goes = |member: &&preau_api::MemberView| {
                let bay = member.bay.as_ref().is_some_and(|bay| bay.0 == leaving);
                bay || member.disk.as_str() == leaving || member.serial.ends_with(&leaving)
            };
            let mut found = array.members.iter().filter(goes);
            let member = found
                .next()
                .with_context(|| format!("no disk of the volume is called {leaving}"))?;
            if found.next().is_some() {
                bail!("several disks of the volume are called {leaving}");
            }
            let replace = ReplaceDisk {
                erase: consent(&array.candidates, &disks.disks, &with, erase.as_deref())?,
                leaving: Some(member.disk.clone()),
            };
            tell(
                "POST",
                "/v1/array/replace",
                serde_json::to_string(&replace)?,
            )
            .await
        }
        Act::Start { serials } => {
            let start = StartUnclean { serials };
            tell("POST", "/v1/array/start", serde_json::to_string(&start)?).await
        }
    }
}

/// The consent to erase a disk, once it is certain that this one is meant.
fn consent(
    candidates: &[Candidate],
    disks: &[DiskView],
    which: &str,
    erase: Option<&str>,
) -> anyhow::Result<EraseConsent> {
    let disk = &find(disks, which)?.disk;
    let candidate = candidates
        .iter()
        .find(|candidate| candidate.disk == disk.id)
        .with_context(|| format!("{which} cannot join: it is in use, or too small"))?;
    if !disk.is_blank() && erase != Some(disk.serial.as_str()) {
        bail!(
            "{which} is not blank: to lose all that it holds, add --erase {}",
            disk.serial
        );
    }
    Ok(candidate.consent.clone())
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
    if array.waits_for_consent {
        let _ = writeln!(text, "{}", texts.t("volume-problem-unclean"));
        let serials = array.start_with.join(" ");
        let _ = writeln!(text, "preau array start {serials}");
    }
    for growth in &array.growths {
        let _ = writeln!(text, "+ {}", growth.words);
    }
    let _ = writeln!(text, "{}", array.detail);
    text
}
