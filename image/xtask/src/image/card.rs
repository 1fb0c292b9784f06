//! The card: the boot partition's files, the root packed, and the partition
//! table around them.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::EPOCH;
use super::kernel::Kernel;
use super::packages::Archives;
use super::unpack::unpack;
use crate::board::Board;
use crate::command::Tool;
use crate::files;
use crate::paths::Paths;

/// Levels above cost seconds for little; the design's budget is met with this one.
const ZSTD_LEVEL: &str = "15";

/// Packs the tree in `root` as a squashfs whose bytes depend on its contents alone.
pub fn pack_root(root: &Path, packed: &Path) -> Result<()> {
    files::remove(packed)?;
    Tool::new("mksquashfs")
        .arg(root)
        .arg(packed)
        .args(["-comp", "zstd", "-Xcompression-level", ZSTD_LEVEL])
        .args(["-all-time", EPOCH, "-mkfs-time", EPOCH])
        .args(["-noappend", "-no-progress", "-quiet"])
        .run()
}

/// Fills the boot partition's folder.
pub fn fill_boot(
    paths: &Paths,
    board: &Board,
    archives: &Archives,
    kernel: &Kernel,
    boot: &Path,
) -> Result<()> {
    files::empty_folder(boot)?;
    for slot in ["a", "b"] {
        let folder = boot.join(slot);
        files::make_folder(&folder)?;
        files::copy(&kernel.image(), &folder.join("kernel"))?;
        files::copy(&kernel.initrd(), &folder.join("initrd"))?;
    }
    let script = files::read(&paths.checkout.join("board/common/boot.cmd"))?;
    let script_file = boot.with_extension("cmd");
    files::write(
        &script_file,
        script.replace("@COMMAND_LINE@", &command_line(board)),
    )?;
    Tool::new("mkimage")
        .args([
            "-A", "arm64", "-T", "script", "-C", "none", "-n", "preau", "-d",
        ])
        .arg(&script_file)
        .arg(boot.join("boot.scr"))
        .env("SOURCE_DATE_EPOCH", EPOCH)
        .run()?;
    files::remove(&script_file)?;
    for file in &board.image.boot_files {
        let target = boot.join(&file.to);
        match &file.package {
            None => files::copy(&board.folder.join(&file.path), &target)?,
            Some(package) => take(&archives.part(package)?, &file.path, &target)?,
        }
    }
    let times = files::walk(boot)?;
    Tool::new("touch")
        .arg(format!("--date=@{EPOCH}"))
        .args(times)
        .run()
}

/// What every board's kernel is told, and what this one's is.
fn command_line(board: &Board) -> String {
    // Nobody sits at a console: repair what fsck finds, start again after a panic.
    let common = "ro quiet panic=10 fsck.repair=yes systemd.gpt_auto=no";
    format!("{common} {}", board.image.command_line)
}

/// Writes the boot loader.
pub fn take_boot_loader(board: &Board, archives: &Archives, target: &Path) -> Result<()> {
    let loader = &board.image.boot_loader;
    take(&archives.part(&loader.package)?, &loader.path, target)
}

fn take(archive: &Path, path: &str, target: &Path) -> Result<()> {
    let scratch = target.with_extension("scratch");
    unpack(archive, &scratch)?;
    files::copy(&find(&scratch, path)?, target)?;
    files::remove(&scratch)
}

/// The one file below `folder` at `path`, in which a name may be `prefix*`:
/// the kernel's package has its version in its folders.
fn find(folder: &Path, path: &str) -> Result<PathBuf> {
    let mut found = folder.to_path_buf();
    for name in path.split('/') {
        found = match name.strip_suffix('*') {
            None => found.join(name),
            Some(prefix) => std::fs::read_dir(&found)
                .with_context(|| format!("listing {}", found.display()))?
                .filter_map(Result::ok)
                .map(|entry| entry.path())
                .find(|entry| {
                    entry
                        .file_name()
                        .is_some_and(|name| name.to_string_lossy().starts_with(prefix))
                })
                .with_context(|| format!("the package has no {path}"))?,
        };
    }
    Ok(found)
}

/// Puts the partitions of `inputs` together as `card.img` in `outputs`.
pub fn assemble(paths: &Paths, boot: &Path, inputs: &Path, outputs: &Path) -> Result<()> {
    let scratch = inputs.with_extension("genimage");
    files::remove(&scratch)?;
    let option = |name: &str, path: &Path| format!("--{name}={}", path.display());
    Tool::new("genimage")
        .arg(option(
            "config",
            &paths.checkout.join("board/common/genimage.cfg"),
        ))
        .arg(option("rootpath", boot))
        .arg(option("inputpath", inputs))
        .arg(option("outputpath", outputs))
        .arg(option("tmppath", &scratch))
        .env("SOURCE_DATE_EPOCH", EPOCH)
        .run()?;
    files::remove(&scratch)?;
    files::remove(&outputs.join("boot.vfat"))
}
