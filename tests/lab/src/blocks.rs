//! Silent corruption: bytes on a disk change, and nobody tells the box. Blocks are found
//! by what they hold, in the raw file behind a bay, so that nothing has to be known of
//! the layers between the file and the disk but that they keep blocks of 4 KiB whole.

use std::{
    collections::HashMap,
    fs::{File, OpenOptions},
    io::Read,
    os::unix::fs::FileExt,
    path::Path,
};

use anyhow::{Context, Result, ensure};

const BLOCK: usize = 4096;
/// Enough of a random block to know it by.
const HEAD: usize = 32;

/// A block of a file where it lies on a disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    offset: u64,
    bytes: Vec<u8>,
}

/// Finds the blocks of a file on a disk, in the order of the disk.
pub(crate) fn find(disk: &Path, file: &Path) -> Result<Vec<Block>> {
    let wanted = std::fs::read(file).with_context(|| format!("reading {}", file.display()))?;
    let by_head: HashMap<&[u8], &[u8]> = wanted
        .chunks_exact(BLOCK)
        .map(|block| (&block[..HEAD], block))
        .collect();
    let mut raw = File::open(disk).with_context(|| format!("opening {}", disk.display()))?;
    let mut found = Vec::new();
    let mut buffer = vec![0; 256 * BLOCK];
    let mut start = 0;
    loop {
        let read = read_full(&mut raw, &mut buffer)?;
        for (nth, block) in (0_u64..).zip(buffer[..read].chunks_exact(BLOCK)) {
            if by_head
                .get(&block[..HEAD])
                .is_some_and(|whole| *whole == block)
            {
                found.push(Block {
                    offset: start + nth * BLOCK as u64,
                    bytes: block.to_vec(),
                });
            }
        }
        if read < buffer.len() {
            return Ok(found);
        }
        start += read as u64;
    }
}

fn read_full(file: &mut File, buffer: &mut [u8]) -> Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..])? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

/// Changes every byte of the middle of each block.
pub(crate) fn spoil(disk: &Path, blocks: &[Block]) -> Result<()> {
    ensure!(!blocks.is_empty(), "there is nothing to change");
    let raw = OpenOptions::new().write(true).open(disk)?;
    for block in blocks {
        let wrong: Vec<u8> = block.bytes[1024..3072].iter().map(|byte| !byte).collect();
        raw.write_all_at(&wrong, block.offset + 1024)?;
    }
    Ok(())
}

/// How many blocks are not what they were.
pub(crate) fn count_wrong(disk: &Path, blocks: &[Block]) -> Result<usize> {
    let raw = File::open(disk)?;
    let mut wrong = 0;
    for block in blocks {
        let mut now = vec![0; BLOCK];
        raw.read_exact_at(&mut now, block.offset)?;
        wrong += usize::from(now != block.bytes);
    }
    Ok(wrong)
}
