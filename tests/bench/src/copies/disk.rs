//! A new file system for each program, of the kind that the box has: on one that was used
//! before, the same step takes half as long or four times as long.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// In a file with holes: more than a million files take.
const SIZE: u64 = 48 << 30;

/// A mounted file system; gone when dropped.
pub struct Disk(PathBuf);

impl Disk {
    /// Makes one in a file beside the place where it is mounted.
    pub fn mount(at: &Path) -> Result<Self> {
        fs::create_dir_all(at).with_context(|| format!("making {}", at.display()))?;
        let image = at.with_extension("image");
        File::create(&image)?.set_len(SIZE)?;
        // As on the box: one copy of what the files hold, two of the rest.
        let how = ["--quiet", "--force", "--nodiscard"];
        let how = how.into_iter().chain(["--data=single", "--metadata=dup"]);
        let made = run("/usr/sbin/mkfs.btrfs", how, &[&image]);
        let how = ["--options=loop,noatime"];
        let mounted = made.and_then(|()| run("/usr/bin/mount", how, &[&image, at]));
        // What is mounted stays until it is unmounted; nothing of it must outlast a run.
        fs::remove_file(&image)?;
        mounted.map(|()| Self(at.to_owned()))
    }

    /// Writes out what earlier steps left in memory, for it is not the next one's work.
    pub fn settle(&self) -> Result<()> {
        run("/usr/bin/sync", ["--file-system"], &[&self.0])
    }

    /// Where it is mounted.
    pub fn root(&self) -> &Path {
        &self.0
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if let Err(error) = run("/usr/bin/umount", [], &[&self.0]) {
            eprintln!("clearing: {error:#}");
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the scene of a measurement, set before it begins"
)]
fn run(program: &str, how: impl IntoIterator<Item = &'static str>, paths: &[&Path]) -> Result<()> {
    let status = Command::new(program)
        .args(how)
        .args(paths)
        .status()
        .with_context(|| format!("starting {program}"))?;
    ensure!(status.success(), "{program}: {status}");
    Ok(())
}
