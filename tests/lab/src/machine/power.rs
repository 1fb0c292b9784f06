//! What a power cut leaves on a medium.
//!
//! Killing QEMU is no power cut: what the guest wrote without asking for a flush
//! is safe in this machine's page cache. So card and disks go through QEMU's
//! `blklogwrites`, which writes down every write and every flush in order. At the
//! cut, the log is applied to the state before it up to the last flush, and every
//! write after that is dropped. That is the harshest medium which still keeps its
//! promise: nothing survives unless somebody asked for it to be durable. (A real
//! disk may also keep some of the later writes, in any order; this does not model
//! that.)
//!
//! The log's format is the kernel's dm-log-writes, version 1, little endian: one
//! sector with magic, version, number of entries and sector size; then for each
//! entry one sector (first sector, sectors, flags, length) followed by its data.

use std::{
    fs::File,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use rustix::fs::{FallocateFlags, fallocate};

const MAGIC: u64 = 0x6a_7366_7773_6872;
const FLUSH: u64 = 1 << 0;
const DISCARD: u64 = 1 << 2;
/// How much of an entry is held in memory at once.
const PIECE: usize = 1 << 20;

/// What a cut did to one medium.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// The medium.
    pub medium: PathBuf,
    /// Log entries that were durable.
    pub kept: u64,
    /// Log entries that the cut threw away.
    pub lost: u64,
}

/// A write: where its data is in the log, and where it goes on the medium, in bytes.
struct Entry {
    data: u64,
    at: u64,
    length: u64,
}

/// Applies the log to `medium` up to the last flush in it.
pub(super) fn replay(log: &Path, medium: &Path) -> Result<Replayed> {
    let mut done = Replayed {
        medium: medium.to_owned(),
        kept: 0,
        lost: 0,
    };
    let entries = durable_entries(log, &mut done)
        .with_context(|| format!("reading the write log {}", log.display()))?;
    let from = File::open(log)?;
    let to = File::options()
        .write(true)
        .open(medium)
        .with_context(|| format!("opening {}", medium.display()))?;
    for entry in entries {
        apply(&from, &to, &entry).with_context(|| format!("writing {}", medium.display()))?;
    }
    Ok(done)
}

/// The entries of the log that a cut leaves, counted in `done`.
fn durable_entries(log: &Path, done: &mut Replayed) -> Result<Vec<Entry>> {
    let log = File::open(log)?;
    if log.metadata()?.len() == 0 {
        return Ok(vec![]); // nothing was ever written
    }
    let [magic, version, count, sector_size] = read_numbers(&log, 0)?;
    if [magic, version, count, sector_size] == [0; 4] {
        return Ok(vec![]); // the first sector comes with the first flush
    }
    let sector_size = sector_size & 0xFFFF_FFFF;
    ensure!(magic == MAGIC && version == 1, "it is no write log");
    ensure!(
        sector_size.is_power_of_two() && sector_size >= 512,
        "its sectors have {sector_size} bytes"
    );
    let mut entries = Vec::new();
    let mut durable = 0;
    let mut offset = sector_size;
    for _ in 0..count {
        let [sector, sectors, flags, _] = read_numbers(&log, offset)?;
        ensure!(sectors < 1 << 40, "an entry has {sectors} sectors");
        let length = if flags & DISCARD == 0 {
            sectors * sector_size
        } else {
            0
        };
        entries.push(Entry {
            data: offset + sector_size,
            at: sector * sector_size,
            length,
        });
        offset += sector_size + length;
        if flags & FLUSH != 0 {
            durable = entries.len();
        }
    }
    done.kept = durable as u64;
    done.lost = count - done.kept;
    entries.truncate(durable);
    Ok(entries)
}

/// Writes one entry's data to the medium, piece by piece. Making a file system
/// zeroes gigabytes: zeroes become a hole.
fn apply(log: &File, medium: &File, entry: &Entry) -> Result<()> {
    let zeroes = vec![0; PIECE];
    let mut piece = vec![0; PIECE];
    let mut done = 0;
    while done < entry.length {
        let length = usize::try_from(entry.length - done)?.min(PIECE);
        let piece = &mut piece[..length];
        log.read_exact_at(piece, entry.data + done)?;
        if *piece == zeroes[..length] {
            let flags = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
            fallocate(medium, flags, entry.at + done, length as u64).context("making a hole")?;
        } else {
            medium.write_all_at(piece, entry.at + done)?;
        }
        done += length as u64;
    }
    Ok(())
}

fn read_numbers(file: &File, offset: u64) -> Result<[u64; 4]> {
    let mut bytes = [0; 32];
    file.read_exact_at(&mut bytes, offset)?;
    let mut numbers = [0; 4];
    for (number, bytes) in numbers.iter_mut().zip(bytes.chunks_exact(8)) {
        *number = bytes
            .iter()
            .rev()
            .fold(0, |value, byte| value << 8 | u64::from(*byte));
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(entries: &[(u64, u64, Option<u8>)]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let sector = |numbers: [u64; 4]| {
            let mut one: Vec<u8> = numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
            one.resize(512, 0);
            one
        };
        bytes.extend(sector([MAGIC, 1, entries.len() as u64, 512]));
        for (at, flags, fill) in entries {
            let sectors = u64::from(fill.is_some());
            bytes.extend(sector([*at, sectors, *flags, 0]));
            bytes.extend(fill.iter().flat_map(|byte| [*byte; 512]));
        }
        bytes
    }

    fn replayed(entries: &[(u64, u64, Option<u8>)]) -> (Replayed, Vec<u8>) {
        replayed_bytes(&entries.len().to_string(), &log(entries))
    }

    /// `name` is one test's own.
    fn replayed_bytes(name: &str, log: &[u8]) -> (Replayed, Vec<u8>) {
        use std::io::Write;
        let folder = std::env::temp_dir().join(format!("preau-log-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (log_file, medium) = (folder.join("x.log"), folder.join("x.raw"));
        File::create(&log_file).unwrap().write_all(log).unwrap();
        File::create(&medium).unwrap().set_len(4 * 512).unwrap();
        let replayed = replay(&log_file, &medium).unwrap();
        let contents = std::fs::read(&medium).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        (
            replayed,
            contents.chunks(512).map(|sector| sector[0]).collect(),
        )
    }

    #[test]
    fn writes_after_the_last_flush_are_lost() {
        let (done, contents) = replayed(&[
            (0, 0, Some(1)),
            (1, 0, Some(2)),
            (0, FLUSH, None),
            (0, 0, Some(9)),
            (2, 0, Some(9)),
        ]);
        assert_eq!((done.kept, done.lost), (3, 2));
        assert_eq!(contents, [1, 2, 0, 0]);
    }

    #[test]
    fn without_a_flush_nothing_is_durable() {
        let (done, contents) = replayed(&[(0, 0, Some(1))]);
        assert_eq!((done.kept, done.lost), (0, 1));
        assert_eq!(contents, [0, 0, 0, 0]);
    }

    #[test]
    fn before_the_first_flush_the_log_has_no_head() {
        let (done, _) = replayed_bytes("head", &[0; 4 * 512]);
        assert_eq!(done.kept, 0);
    }

    #[test]
    fn a_later_write_of_the_same_sector_wins() {
        let (_, contents) = replayed(&[
            (3, 0, Some(1)),
            (3, 0, Some(2)),
            (3, 0, Some(3)),
            (0, FLUSH, None),
        ]);
        assert_eq!(contents, [0, 0, 0, 3]);
    }
}
