//! A board is data: `board/<family>/<name>/board.toml`. The same file goes into
//! the image, where the firmware reads its bays; what the build reads of it is
//! here.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::files;
use crate::paths::Paths;

/// What the build knows of a board.
pub struct Board {
    /// `qemu/aarch64`
    pub name: String,
    /// `board/qemu/aarch64` in the checkout.
    pub folder: PathBuf,
    /// The table `[image]` of `board.toml`.
    pub image: BoardImage,
}

#[derive(Deserialize)]
struct BoardFile {
    image: BoardImage,
}

/// What a board adds to the image.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoardImage {
    /// Packages of the root, besides those of every board.
    pub packages: Vec<String>,
    /// Packages that only the boot partition takes files from.
    pub parts: Vec<String>,
    /// The parts of Debian's archive to look into.
    #[serde(default = "main_only")]
    pub components: Vec<String>,
    /// Added to the kernel's command line.
    pub command_line: String,
    /// The boot loader: its package (one of `parts`) and its path in there.
    pub boot_loader: BootLoader,
    /// Further files of the boot partition, by their name on it.
    #[serde(default)]
    pub boot_files: Vec<BootFile>,
}

/// Where the boot loader comes from.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BootLoader {
    /// The package.
    pub package: String,
    /// The file within.
    pub path: String,
}

/// One more file of the boot partition.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BootFile {
    /// The package it comes from; without one, the board's folder.
    pub package: Option<String>,
    /// Its path there; in a package, a name may be `prefix*`.
    pub path: String,
    /// Its path on the boot partition.
    pub to: String,
}

fn main_only() -> Vec<String> {
    vec!["main".to_owned()]
}

impl Board {
    /// Reads a board's data.
    pub fn load(paths: &Paths, name: &str) -> Result<Self> {
        let folder = paths.checkout.join("board").join(name);
        let file = folder.join("board.toml");
        let text = files::read(&file).with_context(|| format!("there is no board {name}"))?;
        let board: BoardFile =
            toml::from_str(&text).with_context(|| format!("reading {}", file.display()))?;
        Ok(Self {
            name: name.to_owned(),
            folder,
            image: board.image,
        })
    }

    /// The packages that the board asks for, as one text to hash.
    pub fn packages_text(&self) -> String {
        let BoardImage {
            packages,
            parts,
            components,
            ..
        } = &self.image;
        [packages, parts, components]
            .map(|names| names.join(" "))
            .join("\n")
    }
}
