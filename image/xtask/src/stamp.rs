//! Is what was made still what would be made? A step's inputs are hashed, the
//! hash is written beside its result, and an equal hash means: keep it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::files;

/// The inputs of a step, in a fixed order.
pub struct Inputs(Sha256);

impl Inputs {
    /// Starts with the name of the step.
    pub fn of(step: &str) -> Self {
        let mut inputs = Self(Sha256::new());
        inputs.add_text("step", step);
        inputs
    }

    /// Adds a value.
    pub fn add_text(&mut self, name: &str, value: &str) {
        for part in [name, value] {
            self.0.update((part.len() as u64).to_le_bytes());
            self.0.update(part);
        }
    }

    /// Adds a file's contents, and every file's below if it is a folder; names
    /// count relative to `base`, so that two clones agree.
    pub fn add_path(&mut self, base: &Path, path: &Path) -> Result<()> {
        let files = if path.is_dir() {
            files::walk(path)?
        } else {
            vec![path.to_path_buf()]
        };
        for file in files {
            let name = file
                .strip_prefix(base)
                .unwrap_or(&file)
                .to_string_lossy()
                .into_owned();
            if file.is_symlink() {
                let target = std::fs::read_link(&file)
                    .with_context(|| format!("reading the link {}", file.display()))?;
                self.add_text(&name, &target.to_string_lossy());
            } else {
                self.add_text(&name, &files::sha256(&file)?);
            }
        }
        Ok(())
    }

    /// The hash of all of it.
    pub fn finish(self) -> String {
        files::hex(&self.0.finalize())
    }
}

/// Where the hash of the inputs that made a result is kept.
pub struct Stamp(PathBuf);

impl Stamp {
    /// A stamp in `file`.
    pub fn at(file: PathBuf) -> Self {
        Self(file)
    }

    /// True if the result was made from these inputs.
    pub fn matches(&self, hash: &str) -> bool {
        std::fs::read_to_string(&self.0).is_ok_and(|found| found == hash)
    }

    /// Says that the result is about to change.
    pub fn clear(&self) -> Result<()> {
        files::remove(&self.0)
    }

    /// Says that the result is complete.
    pub fn set(&self, hash: &str) -> Result<()> {
        files::write(&self.0, hash)
    }
}
