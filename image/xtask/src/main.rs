//! `cargo xtask`: builds the card image, runs it, tests it.
//!
//! The host's compiler builds this program and nothing else. Each command that
//! needs tools enters the *tool root*, a Debian 13 root in the user's cache
//! ([`tools`] makes it, [`inside`] enters it), so that the machine under the
//! user's hands only ever gains `mmdebstrap`. There, [`firmware`] cross-builds
//! the binary and [`image`] puts the card together; `run`, `test`, `bench`,
//! `disk` and `mail` drive machines through `preau-lab`.

mod archive;
mod bench;
mod board;
mod command;
mod disk;
mod doctor;
mod files;
mod firmware;
mod fuzz;
mod garage;
mod image;
mod inside;
mod mail;
mod paths;
mod progress;
mod run;
mod source;
mod stamp;
mod test;
mod tools;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use paths::Paths;

/// Builds, runs and tests Préau.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version, about)]
struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Builds the card image of a board
    Image(image::ImageArgs),
    /// Builds the image if needed and boots the box in QEMU
    Run(run::RunArgs),
    /// Pulls or inserts a disk of the running box
    Disk(disk::DiskArgs),
    /// Lists or reads the mails that the running box has sent
    Mail(mail::MailArgs),
    /// Runs every check, or the machine tests whose name contains NAME
    Test(test::TestArgs),
    /// Measures the box and compares with the budgets
    Bench(bench::BenchArgs),
    /// Looks for a text that a parser of the kernel's words does not bear
    Fuzz(fuzz::FuzzArgs),
    /// Says what is missing on this machine, and changes nothing
    Doctor,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match act(arguments.action) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn act(action: Action) -> anyhow::Result<ExitCode> {
    let paths = Paths::find()?;
    match action {
        Action::Image(args) => image::run(args, &paths)?,
        Action::Run(args) => run::run(args, &paths)?,
        Action::Disk(args) => disk::run(args, &paths)?,
        Action::Mail(args) => mail::run(args, &paths)?,
        Action::Test(args) => test::run(args, &paths)?,
        Action::Bench(args) => bench::run(args, &paths)?,
        Action::Fuzz(args) => fuzz::run(args, &paths)?,
        Action::Doctor => return doctor::run(&paths),
    }
    Ok(ExitCode::SUCCESS)
}
