//! A kept card meets a new image: the parts that the image owns are replaced, what
//! the box wrote is kept.
//!
//! The image holds the boot partition and both slots at fixed places; the box makes
//! its data partition behind them at first start. So the new image's partitions are
//! copied over the old ones, and the partition table stays, as long as it says the
//! same about them.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom, copy},
    os::unix::fs::{FileExt, MetadataExt},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};

const SECTOR: u64 = 512;

/// One entry of a GUID partition table.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Partition {
    unique: [u8; 16],
    first: u64,
    last: u64,
}

/// Brings a kept card up to date with the image it was made from.
pub(super) fn refresh(image: &Path, card: &Path) -> Result<()> {
    let built = stamp_of(image)?;
    if matches!(std::fs::read_to_string(mark(card)), Ok(known) if known == built) {
        return Ok(());
    }
    let wanted = partitions(image)?;
    let found = partitions(card)?;
    if wanted.iter().any(|partition| !found.contains(partition)) {
        bail!("the new image has other partitions than the kept card: start with --fresh");
    }
    let first = wanted
        .iter()
        .map(|partition| partition.first)
        .min()
        .context("the image has no partition")?;
    let last = wanted
        .iter()
        .map(|partition| partition.last)
        .max()
        .unwrap_or(first);
    let mut from = File::open(image)?;
    let mut to = File::options().write(true).open(card)?;
    from.seek(SeekFrom::Start(first * SECTOR))?;
    to.seek(SeekFrom::Start(first * SECTOR))?;
    copy(&mut from.take((last + 1 - first) * SECTOR), &mut to)
        .context("bringing the kept card up to date")?;
    remember(image, card)
}

/// Writes down which image a card was made from.
#[expect(
    clippy::disallowed_methods,
    reason = "a lab's file: losing it in a crash of the host loses nothing"
)]
pub(super) fn remember(image: &Path, card: &Path) -> Result<()> {
    std::fs::write(mark(card), stamp_of(image)?)
        .context("writing down which image the card was made from")
}

fn mark(card: &Path) -> PathBuf {
    card.with_extension("made-from")
}

fn stamp_of(image: &Path) -> Result<String> {
    let found = image
        .metadata()
        .with_context(|| format!("reading {}", image.display()))?;
    Ok(format!(
        "{} bytes, changed {}.{:09}",
        found.len(),
        found.mtime(),
        found.mtime_nsec()
    ))
}

fn partitions(file: &Path) -> Result<Vec<Partition>> {
    let name = || format!("reading the partition table of {}", file.display());
    let disk = File::open(file).with_context(name)?;
    let mut header = [0; 92];
    disk.read_exact_at(&mut header, SECTOR).with_context(name)?;
    ensure!(
        header.starts_with(b"EFI PART"),
        "{} has no GUID partition table",
        file.display()
    );
    let start = number(&header[72..80]) * SECTOR;
    let (count, size) = (number(&header[80..84]), number(&header[84..88]));
    ensure!(
        count <= 1024 && (128..=4096).contains(&size),
        "{} has an odd partition table",
        file.display()
    );
    let mut found = Vec::new();
    for index in 0..count {
        let mut entry = [0; 128];
        disk.read_exact_at(&mut entry, start + index * size)
            .with_context(name)?;
        if entry[..16] != [0; 16] {
            let mut unique = [0; 16];
            unique.copy_from_slice(&entry[16..32]);
            found.push(Partition {
                unique,
                first: number(&entry[32..40]),
                last: number(&entry[40..48]),
            });
        }
    }
    Ok(found)
}

/// A little-endian number of up to eight bytes.
fn number(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .rev()
        .fold(0, |value, byte| value << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A disk of 100 sectors with partitions given as (first, last, contents).
    fn disk(path: &Path, parts: &[(u64, u64, u8)]) {
        let file = File::create(path).unwrap();
        file.set_len(100 * SECTOR).unwrap();
        let mut header = [0; 92];
        header[..8].copy_from_slice(b"EFI PART");
        header[72] = 2;
        header[80] = 8;
        header[84] = 128;
        file.write_all_at(&header, SECTOR).unwrap();
        for (index, (first, last, fill)) in parts.iter().enumerate() {
            let mut entry = [0; 128];
            entry[0] = 1;
            entry[16] = index as u8 + 1;
            entry[32] = *first as u8;
            entry[40] = *last as u8;
            file.write_all_at(&entry, 2 * SECTOR + index as u64 * 128)
                .unwrap();
            for sector in *first..=*last {
                file.write_all_at(&[*fill; 512], sector * SECTOR).unwrap();
            }
        }
    }

    #[test]
    fn a_new_image_replaces_its_own_partitions_and_no_other() {
        let folder = std::env::temp_dir().join(format!("preau-refresh-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (image, card) = (folder.join("image"), folder.join("card"));
        disk(&image, &[(10, 19, 2), (20, 29, 2)]);
        disk(&card, &[(10, 19, 1), (20, 29, 1), (30, 60, 9)]);
        refresh(&image, &card).unwrap();
        let bytes = std::fs::read(&card).unwrap();
        assert_eq!(
            [
                bytes[10 * 512],
                bytes[29 * 512 + 511],
                bytes[30 * 512],
                bytes[60 * 512]
            ],
            [2, 2, 9, 9]
        );

        disk(&image, &[(10, 24, 3), (25, 29, 3)]);
        assert!(
            refresh(&image, &card)
                .unwrap_err()
                .to_string()
                .contains("--fresh")
        );
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
