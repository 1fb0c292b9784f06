//! Where things are. The checkout holds sources only; everything made goes to
//! the user's cache folder, so that a clean clone finds yesterday's work. Both
//! keep their path inside the tool root, so a [`Paths`] means the same on
//! either side of the door.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The variables that carry a [`Paths`] into the tool root and through sudo.
pub const CHECKOUT_VARIABLE: &str = "PREAU_CHECKOUT";
/// See [`CHECKOUT_VARIABLE`].
pub const CACHE_VARIABLE: &str = "PREAU_CACHE";
/// The folder in which the user typed the command.
pub const FOLDER_VARIABLE: &str = "PREAU_FOLDER";

/// The folders that every command shares.
#[derive(Debug, Clone)]
pub struct Paths {
    /// The top of the checkout.
    pub checkout: PathBuf,
    /// `$XDG_CACHE_HOME/preau`, or `~/.cache/preau`.
    pub cache: PathBuf,
    /// Where the user stood, against which relative arguments are read.
    folder: PathBuf,
}

impl Paths {
    /// Finds the checkout and the cache from the environment.
    pub fn find() -> Result<Self> {
        let folder = match env::var_os(FOLDER_VARIABLE) {
            Some(folder) => PathBuf::from(folder),
            None => env::current_dir().context("finding the current folder")?,
        };
        Ok(Self {
            checkout: find_checkout()?,
            cache: find_cache()?,
            folder,
        })
    }

    /// Reads `path` as the user meant it: relative to where the command was typed.
    pub fn absolute(&self, path: &Path) -> PathBuf {
        self.folder.join(path)
    }

    /// Cargo's home inside the tool root: registry and crates.
    pub fn cargo_home(&self) -> PathBuf {
        self.cache.join("cargo")
    }

    /// Cargo's target folder for what runs on this machine (lab, tests, bench).
    pub fn target_host(&self) -> PathBuf {
        self.cache.join("target/host")
    }

    /// Cargo's target folder for the firmware.
    pub fn target_arm64(&self) -> PathBuf {
        self.cache.join("target/arm64")
    }

    /// Debian archives, named by their SHA-256.
    pub fn packages(&self) -> PathBuf {
        self.cache.join("packages")
    }

    /// Upstream sources; the build script of `smartmontools-sys` looks here too.
    pub fn sources(&self) -> PathBuf {
        self.cache.join("sources")
    }

    /// The finished files of a board: `card.img`, `u-boot.bin`, `root.squashfs`, `manifest.json`.
    pub fn image_dir(&self, board: &str) -> PathBuf {
        self.cache.join("image").join(board.replace('/', "-"))
    }

    /// Disks, card and sockets of `cargo xtask run` when no `--state` is given.
    pub fn default_state(&self) -> PathBuf {
        self.cache.join("state")
    }
}

fn find_checkout() -> Result<PathBuf> {
    if let Some(checkout) = env::var_os(CHECKOUT_VARIABLE) {
        return Ok(PathBuf::from(checkout));
    }
    // Cargo says where this package is when it runs it; a copied binary falls
    // back on where it was compiled.
    let package = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    package
        .join("../..")
        .canonicalize()
        .with_context(|| format!("finding the checkout above {}", package.display()))
}

fn find_cache() -> Result<PathBuf> {
    if let Some(cache) = env::var_os(CACHE_VARIABLE) {
        return Ok(PathBuf::from(cache));
    }
    if let Some(cache) = env::var_os("XDG_CACHE_HOME").filter(|folder| !folder.is_empty()) {
        return Ok(PathBuf::from(cache).join("preau"));
    }
    let home = env::var_os("HOME").context("neither XDG_CACHE_HOME nor HOME is set")?;
    Ok(PathBuf::from(home).join(".cache/preau"))
}
