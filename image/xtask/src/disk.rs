//! `cargo xtask disk`: a hand at the bays of the box that `cargo xtask run` keeps.
//! It speaks to QEMU through the monitor in the box's state folder.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::{Args, Subcommand};
use preau_lab::machine::{Bay, MONITOR};
use preau_lab::qmp::Qmp;

use crate::inside;
use crate::paths::Paths;
use crate::run::state_folder;

/// What `cargo xtask disk` is told.
#[derive(Args)]
pub struct DiskArgs {
    #[command(subcommand)]
    action: DiskAction,
    /// The folder given to `cargo xtask run --state`
    #[arg(long, global = true)]
    state: Option<PathBuf>,
}

#[derive(Subcommand)]
enum DiskAction {
    /// Pulls the disk out of a bay
    Pull {
        /// bay1 to bay8
        bay: String,
    },
    /// Puts the disk back into its bay, or a blank one
    Insert {
        /// bay1 to bay8
        bay: String,
        /// A new, empty disk instead of the one that was pulled
        #[arg(long)]
        blank: bool,
    },
}

/// Pulls or inserts a disk.
pub fn run(args: DiskArgs, paths: &Paths) -> Result<()> {
    let folder = state_folder(args.state.as_deref(), paths);
    // The sockets belong to root, as does the machine.
    inside::ensure_inside(paths, std::slice::from_ref(&folder))?;
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("starting the runtime")?
        .block_on(act(args.action, &folder))
}

async fn act(action: DiskAction, folder: &Path) -> Result<()> {
    let absent = || {
        format!(
            "no box runs in {}: `cargo xtask run` starts one",
            folder.display()
        )
    };
    ensure!(folder.join(MONITOR).exists(), absent());
    let monitor = Qmp::connect(folder, MONITOR).await.with_context(absent)?;
    match action {
        DiskAction::Pull { bay } => {
            let disk = Bay::new(&monitor, folder, &bay).pull().await?;
            println!("Pulled {} {} out of {bay}", disk.model, disk.serial);
        }
        DiskAction::Insert { bay, blank } => {
            let bay_of = Bay::new(&monitor, folder, &bay);
            let disk = if blank {
                bay_of.insert_blank(bay_of.usual_size()?).await?
            } else {
                bay_of.put_back().await?
            };
            let kind = if blank { "A blank" } else { "The same" };
            println!("{kind} disk, {} {}, is in {bay}", disk.model, disk.serial);
        }
    }
    Ok(())
}
