//! The tool root: Debian 13 for this machine, made once by mmdebstrap from the
//! list in `image/debian/tools.toml` and named by that list's hash. A root
//! appears under its name only when it is complete.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::archive::Archive;
use crate::command::Tool;
use crate::files;
use crate::paths::Paths;
use crate::progress;

const LIST: &str = include_str!("../../debian/tools.toml");

/// Where Debian keeps the keys that sign its archive.
pub const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToolList {
    backports: Vec<String>,
    build: Vec<String>,
    image: Vec<String>,
    test: Vec<String>,
}

impl ToolList {
    /// In mmdebstrap's notation, where a suite follows a slash.
    fn packages(&self) -> Vec<String> {
        let plain = self
            .build
            .iter()
            .chain(&self.image)
            .chain(&self.test)
            .cloned();
        let newer = self
            .backports
            .iter()
            .map(|name| format!("{name}/trixie-backports"));
        newer.chain(plain).collect()
    }
}

/// Where the root of the present list is, or will be.
pub fn root(paths: &Paths) -> PathBuf {
    paths.cache.join(format!("root-{}", fingerprint()))
}

/// Changes whenever the list does.
pub fn fingerprint() -> String {
    files::hex(&Sha256::digest(LIST)[..6])
}

/// Makes the root if it is not there.
pub fn ensure_root(paths: &Paths) -> Result<PathBuf> {
    let root = root(paths);
    if root.is_dir() {
        return Ok(root);
    }
    files::make_folder(&paths.cache)?;
    let _building = files::lock(&paths.cache.join("root.lock"))?;
    if root.is_dir() {
        return Ok(root);
    }
    let archive = Archive::find()?;
    ensure_mmdebstrap()?;
    println!(
        "Making the tool root, once (about 2 minutes, 3 GB): {}",
        root.display()
    );
    make_root(paths, &archive, &root)?;
    Ok(root)
}

/// True if the host has what makes the root.
pub fn has_mmdebstrap() -> bool {
    Path::new("/usr/bin/mmdebstrap").exists() && Path::new(KEYRING).exists()
}

fn ensure_mmdebstrap() -> Result<()> {
    if has_mmdebstrap() {
        return Ok(());
    }
    println!("Installing mmdebstrap and debian-archive-keyring on this machine");
    // Another apt may be at work, for example right after the machine started.
    let wait = "DPkg::Lock::Timeout=300";
    // A foreign source that fails is no reason to give up: installing decides.
    let lists = progress::step("reading the package lists", || {
        Tool::new("apt-get").args(["-o", wait, "update"]).run()
    });
    if let Err(error) = lists {
        println!("  {error:#}");
    }
    progress::step("installing", || {
        Tool::new("apt-get")
            .args(["-o", wait, "install", "--yes", "--no-install-recommends"])
            .args(["mmdebstrap", "debian-archive-keyring"])
            .env("DEBIAN_FRONTEND", "noninteractive")
            .run()
    })
}

fn make_root(paths: &Paths, archive: &Archive, root: &Path) -> Result<()> {
    let list: ToolList = toml::from_str(LIST).context("reading image/debian/tools.toml")?;
    let partial = root.with_extension("partial");
    files::remove(&partial)?;
    let log = paths.cache.join("root.log");
    progress::step("installing the tools into it", || {
        Tool::new("mmdebstrap")
            .args([
                "--mode=root",
                "--variant=apt",
                "--architectures=amd64,arm64",
            ])
            .arg("--aptopt=APT::Install-Recommends \"false\"")
            .args(proxies()?)
            .arg(format!("--include={}", list.packages().join(",")))
            .arg("trixie")
            .arg(&partial)
            .args(archive.lines(Path::new(KEYRING), &["main".to_owned()]))
            .arg(archive.backports_line(Path::new(KEYRING)))
            .within(Duration::from_secs(20 * 60))
            .log(log)
            .run()
    })?;
    ensure!(
        partial.join("usr/bin/cargo").exists(),
        "the new tool root has no cargo"
    );
    files::rename(&partial, root)
}

/// The host's own apt proxies, which mmdebstrap's private apt would not see.
fn proxies() -> Result<Vec<String>> {
    let dump = Tool::new("apt-config").args(["dump", "Acquire"]).read()?;
    let is_proxy = |line: &&str| {
        let name = line
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        name.starts_with("acquire::http") && name.contains("::proxy")
    };
    let set = dump
        .lines()
        .filter(is_proxy)
        .filter(|line| !line.contains("\"\""));
    Ok(set
        .map(|line| format!("--aptopt={}", line.trim_end_matches(';')))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tool_list_is_readable_and_asks_for_the_newer_compiler() {
        let list: ToolList = toml::from_str(LIST).unwrap();
        assert!(
            list.packages()
                .contains(&"rustc/trixie-backports".to_owned())
        );
    }
}
