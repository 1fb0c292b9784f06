//! The upstream source that `smartmontools-sys` compiles. Its `SOURCE.toml` says
//! which file of Debian 13's source archive that is; apt fetches it and checks
//! its hash, and the crate's build script finds it in the cache and checks again.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::archive::Archive;
use crate::command::Tool;
use crate::files;
use crate::paths::Paths;
use crate::progress;

/// Not a command for people, so it lies outside `PATH`.
const APT_HELPER: &str = "/usr/lib/apt/apt-helper";

/// `firmware/smartmontools-sys/SOURCE.toml`, as far as fetching goes.
#[derive(Deserialize)]
struct Source {
    /// Debian's name of the source package.
    name: String,
    file: String,
    sha256: String,
}

impl Source {
    /// Where the file lies in an archive.
    fn pool_path(&self) -> String {
        let initial: String = self.name.chars().take(1).collect();
        format!("pool/main/{initial}/{}/{}", self.name, self.file)
    }
}

/// Fetches the source unless the cache has it. Runs inside the tool root.
pub fn ensure(paths: &Paths) -> Result<()> {
    let described = paths
        .checkout
        .join("firmware/smartmontools-sys/SOURCE.toml");
    let source: Source = toml::from_str(&files::read(&described)?)
        .with_context(|| format!("reading {}", described.display()))?;
    fetch(paths, &source.pool_path(), &source.file, &source.sha256).map(drop)
}

/// Fetches one file of Debian's archive unless the cache has it, and checks its hash.
pub fn fetch(paths: &Paths, pool_path: &str, name: &str, sha256: &str) -> Result<PathBuf> {
    let folder = paths.sources();
    let file = folder.join(name);
    if file.exists() {
        return Ok(file);
    }
    files::make_folder(&folder)?;
    let address = format!("{}/{pool_path}", Archive::find()?.main);
    // Under another name until it is whole and checked.
    let arriving = folder.join(format!("{name}.arriving"));
    progress::step(&format!("fetching {name}"), || {
        files::remove(&arriving)?;
        Tool::new(APT_HELPER)
            .args(["download-file", &address])
            .arg(&arriving)
            .arg(format!("SHA256:{sha256}"))
            .env("LC_ALL", "C")
            .run()?;
        files::rename(&arriving, &file)
    })?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_source_lies_in_the_pool_below_its_initial() {
        let text = include_str!("../../../firmware/smartmontools-sys/SOURCE.toml");
        let source: Source = toml::from_str(text).unwrap();
        let folder = "pool/main/s/smartmontools/";
        assert_eq!(source.pool_path(), format!("{folder}{}", source.file));
    }
}
