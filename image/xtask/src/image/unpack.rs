//! Archives to a tree, without running a line of what is in them.

use std::path::Path;

use anyhow::{Context, Result};

use super::lock::Role;
use super::packages::Archives;
use crate::command::Tool;
use crate::files;

/// The package that lays out the tree, and with it the links that others unpack through.
const FIRST: &str = "base-files";

/// Unpacks every package of the root into `root`.
pub fn unpack_all(archives: &Archives, root: &Path) -> Result<()> {
    let mut packages: Vec<_> = [Role::Root, Role::Board]
        .iter()
        .flat_map(|role| archives.lock.of_role(*role))
        .collect();
    packages.sort_by_key(|package| (package.name != FIRST, &package.name));
    for package in packages {
        unpack(&archives.file(package), root)
            .with_context(|| format!("unpacking {} {}", package.name, package.version))?;
    }
    Ok(())
}

/// Unpacks one archive into `folder`.
pub fn unpack(archive: &Path, folder: &Path) -> Result<()> {
    files::make_folder(folder)?;
    // Not `dpkg-deb --extract`: it would replace the links of base-files by folders.
    let contents = folder.with_extension("unpacking");
    let tar = Tool::new("dpkg-deb")
        .arg("--fsys-tarfile")
        .arg(archive)
        .read_bytes()?;
    files::write(&contents, tar)?;
    Tool::new("tar")
        .args(["--extract", "--preserve-permissions", "--numeric-owner"])
        .args(["--keep-directory-symlink", "--file"])
        .arg(&contents)
        .arg("--directory")
        .arg(folder)
        .run()?;
    files::remove(&contents)
}
