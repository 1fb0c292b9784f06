//! The files behind the card and the disks.
//!
//! A story's card is an overlay over the built image: made in a moment, thrown
//! away after. A kept card (`cargo xtask run --state`) is a whole sparse copy, so
//! that it survives the next build, which [`refresh`] then brings to it. A logged
//! medium is a file with the durable state, an overlay that takes all writes, and
//! their log, which is applied to the file at a power cut.

use std::{fs::File, path::Path};

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};

use super::{Bays, Disk, Plan, Replayed, power, refresh};
use crate::{process::run, tools, wait::secs};

pub(super) const CARD_OVERLAY: &str = "card.qcow2";
pub(super) const CARD_RAW: &str = "card.raw";

/// How a machine's card is kept, and how large it is: the data partition takes
/// what the image leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Card {
    /// An overlay over the built image.
    Overlay {
        /// Size of the card.
        bytes: u64,
    },
    /// A copy that is kept between runs.
    Kept {
        /// Size of the card.
        bytes: u64,
    },
    /// A copy whose writes are logged, as are those of the disks, so that the
    /// power can be cut.
    Logged {
        /// Size of the card.
        bytes: u64,
    },
}

/// Makes what is missing: the card, and a disk for every bay that never had one.
pub(super) async fn prepare(plan: &Plan) -> Result<()> {
    std::fs::create_dir_all(&plan.folder)
        .with_context(|| format!("making {}", plan.folder.display()))?;
    let image = plan.image.join("card.img");
    ensure!(
        image.exists(),
        "there is no image at {}: `cargo xtask image` builds it",
        image.display()
    );
    match plan.card {
        Card::Overlay { bytes } => {
            make_overlay(&image, &plan.folder.join(CARD_OVERLAY), bytes).await?
        }
        Card::Kept { bytes } => {
            let card = plan.folder.join(CARD_RAW);
            if card.exists() {
                refresh::refresh(&image, &card)?;
            } else {
                make_copy(&image, &card, bytes).await?;
                refresh::remember(&image, &card)?;
            }
        }
        Card::Logged { bytes } => {
            let card = plan.folder.join(CARD_RAW);
            make_copy(&image, &card, bytes).await?;
            start_log(&card).await?;
        }
    }
    let mut bays = Bays::load(&plan.folder)?;
    for (bay, socket) in &plan.sockets {
        bays.set_socket(bay, *socket);
    }
    log_writes(plan, bays.filled().map(|(_, disk)| disk)).await?;
    add_disks(plan, &mut bays).await?;
    bays.save(&plan.folder)
}

/// Puts the disks of the plan into bays that never had one, and says which.
pub(super) async fn add_disks(plan: &Plan, bays: &mut Bays) -> Result<Vec<(String, Disk)>> {
    let mut added = Vec::new();
    for (bay, bytes) in &plan.blank {
        if bays.is_new(bay) {
            let disk = Disk::new(bay, 1, *bytes)?;
            File::create(plan.folder.join(&disk.file))?.set_len(*bytes)?;
            added.push((bay.clone(), disk));
        }
    }
    for (bay, file) in &plan.used {
        if bays.is_new(bay) {
            let bytes = file
                .metadata()
                .with_context(|| format!("reading {}", file.display()))?
                .len();
            let disk = Disk {
                file: file.to_string_lossy().into_owned(),
                ..Disk::new(bay, 1, bytes)?
            };
            added.push((bay.clone(), disk));
        }
    }
    log_writes(plan, added.iter().map(|(_, disk)| disk)).await?;
    for (bay, disk) in &added {
        bays.fill(bay, disk.clone());
    }
    Ok(added)
}

/// Begins the logs of disks whose machine's power can be cut.
async fn log_writes<'a>(plan: &Plan, disks: impl Iterator<Item = &'a Disk>) -> Result<()> {
    if let Card::Logged { .. } = plan.card {
        for disk in disks {
            start_log(&plan.folder.join(&disk.file)).await?;
        }
    }
    Ok(())
}

/// Gives the plan's machine copies of the card and the disks of another one, which
/// sleeps in `folder`.
pub(super) async fn copy_of(folder: &Path, plan: &Plan) -> Result<()> {
    std::fs::create_dir_all(&plan.folder)
        .with_context(|| format!("making {}", plan.folder.display()))?;
    let card = folder.join(CARD_OVERLAY);
    match plan.card {
        Card::Overlay { .. } => copy(&card, &plan.folder.join(CARD_OVERLAY)).await?,
        Card::Logged { .. } => {
            let whole = plan.folder.join(CARD_RAW);
            let [from, to] = [&card, &whole].map(|path| path.to_string_lossy().into_owned());
            let args = ["convert", "-f", "qcow2", "-O", "raw", &from, &to];
            run(tools::QEMU_IMG, args, secs(120))
                .await
                .context("copying the card")?;
            start_log(&whole).await?;
        }
        Card::Kept { .. } => bail!("a card that is kept is never one of a machine that slept"),
    }
    let bays = Bays::load(folder)?;
    for (_, disk) in bays.filled() {
        copy(&folder.join(&disk.file), &plan.folder.join(&disk.file)).await?;
    }
    log_writes(plan, bays.filled().map(|(_, disk)| disk)).await?;
    bays.save(&plan.folder)
}

/// Puts a card that was never used in the place of the one that is there.
pub(super) async fn replace_card(plan: &Plan) -> Result<()> {
    let Card::Overlay { bytes } = plan.card else {
        bail!("only a card of the kind Card::Overlay is replaced");
    };
    let card = plan.folder.join(CARD_OVERLAY);
    std::fs::remove_file(&card).with_context(|| format!("removing {}", card.display()))?;
    make_overlay(&plan.image.join("card.img"), &card, bytes).await
}

/// Brings card and disks to what a power cut leaves: see [`power`].
pub(super) async fn lose_unflushed(plan: &Plan) -> Result<Vec<Replayed>> {
    let bays = Bays::load(&plan.folder)?;
    let mut files = vec![plan.folder.join(CARD_RAW)];
    files.extend(bays.filled().map(|(_, disk)| plan.folder.join(&disk.file)));
    let mut all = Vec::new();
    for file in files {
        let log = plan.folder.join(log_of(&file));
        ensure!(
            log.exists(),
            "the writes to {} were not logged: use a logged card",
            file.display()
        );
        all.push(power::replay(&log, &file)?);
        start_log(&file).await?;
    }
    Ok(all)
}

/// The size of the disk that a bay held last.
pub(super) fn last_size(folder: &Path, bay: &str) -> Result<u64> {
    let mut sizes = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(&format!("{bay}-")) && name.ends_with(".raw") {
            sizes.push(entry.metadata()?.len());
        }
    }
    sizes
        .into_iter()
        .max()
        .with_context(|| format!("{bay} never held a disk: say how large the new one is"))
}

/// The name of the write log beside a medium's file, as QEMU is told it.
pub(super) fn log_of(file: &Path) -> String {
    file.with_extension("log").to_string_lossy().into_owned()
}

/// The name of what takes the writes of a logged medium: its file holds the durable
/// state, and changes only at a power cut.
pub(super) fn volatile_of(file: &Path) -> String {
    file.with_extension("volatile")
        .to_string_lossy()
        .into_owned()
}

/// Begins with the durable state, an empty log, and nothing on top.
async fn start_log(file: &Path) -> Result<()> {
    File::create(log_of(file))?;
    let bytes = file.metadata()?.len();
    make_overlay(file, Path::new(&volatile_of(file)), bytes).await
}

async fn make_overlay(image: &Path, overlay: &Path, bytes: u64) -> Result<()> {
    let size = bytes.to_string();
    let [image, overlay] = [image, overlay].map(|path| path.to_string_lossy().into_owned());
    run(
        tools::QEMU_IMG,
        [
            "create", "-q", "-f", "qcow2", "-F", "raw", "-b", &image, &overlay, &size,
        ],
        secs(30),
    )
    .await
    .context("making the card's overlay")?;
    Ok(())
}

async fn make_copy(image: &Path, file: &Path, bytes: u64) -> Result<()> {
    if !file.exists() {
        copy(image, file).await?;
        let card = File::options().write(true).open(file)?;
        ensure!(
            card.metadata()?.len() <= bytes,
            "a card of {bytes} bytes is too small for the image"
        );
        card.set_len(bytes)?;
    }
    Ok(())
}

async fn copy(from: &Path, to: &Path) -> Result<()> {
    let [source, target] = [from, to].map(Path::as_os_str);
    run(
        tools::CP,
        [
            "--sparse=always".as_ref(),
            "--reflink=auto".as_ref(),
            source,
            target,
        ],
        secs(300),
    )
    .await
    .with_context(|| format!("copying {}", from.display()))?;
    Ok(())
}
