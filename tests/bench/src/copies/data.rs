//! The files that are copied: folders of a hundred, half of them text that can be packed,
//! half of them noise, as pictures are; the same each time.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

const PER_FOLDER: u64 = 100;
/// Bytes of all files together, about: what a few minutes copy.
const TOTAL: u64 = 400 << 20;
/// A file has at least so many bytes, and at most twice the average.
const LEAST: u64 = 200;

/// Files below a folder.
pub struct Tree {
    root: PathBuf,
    files: u64,
    /// Which of them were changed: every one of so many.
    changed: Option<u64>,
}

impl Tree {
    /// Writes the files.
    pub fn grow(root: &Path, files: u64) -> Result<Self> {
        let tree = Self {
            root: root.to_owned(),
            files,
            changed: None,
        };
        for number in 0..files {
            tree.write(number)?;
        }
        Ok(tree)
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Changes every one of so many files.
    pub fn change(&mut self, every: u64) -> Result<()> {
        self.changed = Some(every);
        for number in (0..self.files).step_by(usize::try_from(every)?) {
            self.write(number)?;
        }
        Ok(())
    }

    /// Whether the same files are there.
    pub fn is_same(&self, root: &Path) -> Result<bool> {
        for number in 0..self.files {
            let path = root.join(Self::below(number));
            let found = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
            if found != self.content(number) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn below(number: u64) -> PathBuf {
        let folder = number / PER_FOLDER;
        // Folders in folders, so that none has thousands.
        PathBuf::from(format!("{:03}/{:03}", folder / 100, folder % 100))
            .join(format!("Élève {number}.odt"))
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "what is copied in a measurement: the next one makes it again"
    )]
    fn write(&self, number: u64) -> Result<()> {
        let path = self.root.join(Self::below(number));
        if number.is_multiple_of(PER_FOLDER)
            && let Some(folder) = path.parent()
        {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, self.content(number))
            .with_context(|| format!("writing {}", path.display()))
    }

    fn content(&self, number: u64) -> Vec<u8> {
        let version = match self.changed {
            Some(every) if number.is_multiple_of(every) => 2,
            _ => 1,
        };
        let mut noise = Noise(number * 2 + version);
        let average = (TOTAL / self.files).max(LEAST);
        let size = LEAST + noise.next() % (average * 2 - LEAST);
        let mut content = Vec::new();
        while (content.len() as u64) < size {
            let chance = noise.next();
            // Writing to memory cannot fail.
            let _ = if number.is_multiple_of(2) {
                write!(content, "Ligne {} de la dictée. ", chance % 1000)
            } else {
                content.write_all(&chance.to_le_bytes())
            };
        }
        content
    }
}

/// SplitMix64: the same each time.
struct Noise(u64);

impl Noise {
    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
