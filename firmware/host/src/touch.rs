//! One block of a disk, read past all caches. The thread that reads cannot be called
//! back when the disk hangs; it stays, and no second one is started beside it.

use crate::machine::Machine;
use crate::system::HostError;
use crate::visits::apart;
use preau_domain::disks::Bus;
use preau_domain::health::Touch;
use preau_domain::ids::DiskId;
use rustix::fs::{Mode, OFlags};
use smartmontools_sys::{Bus as Protocol, Device};
use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A disk that was idle answers within half a second, one that has to bring its
/// heads back within some: after this, the others are told without it.
const LIMIT: Duration = Duration::from_secs(10);
/// The largest block that a disk is made of.
const BLOCK: usize = 4096;

/// Disks that a thread waits for, and since when.
static WAITING: Mutex<BTreeMap<String, Instant>> = Mutex::new(BTreeMap::new());

fn waiting() -> MutexGuard<'static, BTreeMap<String, Instant>> {
    // The table is whole after every statement that changes it.
    WAITING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A disk's place in the table, given back when its thread ends, however.
pub(crate) struct Place(String);

impl Place {
    /// Since when another has it, if one has.
    pub(crate) fn take(path: &str) -> Result<Self, Duration> {
        let mut table = waiting();
        if let Some(since) = table.get(path) {
            return Err(since.elapsed());
        }
        table.insert(path.to_owned(), Instant::now());
        Ok(Self(path.to_owned()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        waiting().remove(&self.0);
    }
}

impl Machine {
    /// See [`crate::System::read_a_block`].
    pub(crate) async fn touch_disks(
        &self,
        disks: &[DiskId],
        turn: u64,
    ) -> Result<BTreeMap<DiskId, Touch>, HostError> {
        let nodes = self.nodes_to_look_at().await?;
        let mut touched = BTreeMap::new();
        let mut begun = Vec::new();
        for disk in self.disks(&nodes) {
            let Some(node) = nodes.find(&disk.id).filter(|_| disks.contains(&disk.id)) else {
                continue;
            };
            match Place::take(&node.path()) {
                Ok(place) => {
                    let (path, size) = (node.path(), node.size);
                    let has_commands = !matches!(disk.bus, Bus::Virtio | Bus::Other);
                    let answer = apart(move || {
                        let touch = touch(&path, size, turn, has_commands);
                        drop(place);
                        touch
                    });
                    begun.push((disk.id, answer));
                }
                Err(since) => {
                    touched.insert(disk.id, Touch::Waiting(since));
                }
            }
        }
        let end = tokio::time::Instant::now() + LIMIT;
        for (disk, answer) in begun {
            let touch = match tokio::time::timeout_at(end, answer).await {
                Ok(Ok(touch)) => touch,
                Ok(Err(_)) => Touch::Failed {
                    reason: "the reading broke off".to_owned(),
                },
                Err(_) => Touch::Waiting(LIMIT),
            };
            touched.insert(disk, touch);
        }
        Ok(touched)
    }
}

fn touch(path: &str, size: u64, turn: u64, has_commands: bool) -> Touch {
    let mut warning = None;
    // Where the disk cannot be asked whether it sleeps, it has no way to.
    if has_commands && let Ok(mut device) = Device::open(path) {
        if device.power_mode().is_ok_and(|mode| mode.is_spun_down()) {
            return Touch::Asleep;
        }
        if device.bus() == Protocol::Nvme {
            let log = device.nvme_health().ok();
            warning = log.map(|log| log.critical_warning.0);
        }
    }
    let read = |disk| read_block(&disk, place(size, turn));
    match open_past_caches(path).and_then(read) {
        Ok(()) => Touch::Answered { warning },
        Err(error) => Touch::Failed {
            reason: format!("reading {path}: {error}"),
        },
    }
}

/// A block somewhere on the disk, another one each turn: steps of the golden ratio
/// leave no large part of it unread for long.
pub(crate) fn place(size: u64, turn: u64) -> u64 {
    let blocks = size / BLOCK as u64;
    let step = turn.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let chosen = (u128::from(step) * u128::from(blocks)) >> 64;
    u64::try_from(chosen).unwrap_or(0) * BLOCK as u64
}

/// Opens a disk for [`read_block`].
pub(crate) fn open_past_caches(path: &str) -> std::io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECT | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?)
}

pub(crate) fn read_block(disk: &OwnedFd, offset: u64) -> std::io::Result<()> {
    // O_DIRECT wants memory that begins at a multiple of the disk's block.
    let mut memory = vec![0_u8; 2 * BLOCK];
    let start = memory.as_ptr().align_offset(BLOCK);
    let block = &mut memory[start..start + BLOCK];
    let read = rustix::io::pread(disk, &mut *block, offset)?;
    if read == BLOCK {
        Ok(())
    } else {
        Err(std::io::Error::other(format!(
            "{read} bytes instead of {BLOCK}"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_turn_reads_within_the_disk_and_an_hour_of_them_all_over_it() {
        let size = 4_000_787_030_016;
        let places: Vec<u64> = (0..60).map(|turn| place(size, turn)).collect();
        for at in &places {
            assert!(at % BLOCK as u64 == 0 && at + BLOCK as u64 <= size, "{at}");
        }
        for tenth in 0..10 {
            let part = size / 10;
            let within = tenth * part..(tenth + 1) * part;
            assert!(places.iter().any(|at| within.contains(at)), "{tenth}");
        }
        assert_eq!(place(0, 7), 0);
    }

    #[test]
    fn a_disk_that_is_waited_for_is_not_read_twice_at_once() {
        let place = Place::take("/dev/test-of-the-table").unwrap();
        assert!(Place::take("/dev/test-of-the-table").is_err());
        drop(place);
        assert!(Place::take("/dev/test-of-the-table").is_ok());
    }
}
