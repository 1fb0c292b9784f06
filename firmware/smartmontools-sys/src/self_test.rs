//! Self-tests: started, watched, stopped, and what came of them. The three
//! protocols keep different logs; here they read alike.

use std::time::Duration;

use crate::bytes::{be, le16, le32, le64};
use crate::device::{Bus, Device};
use crate::error::Result;
use crate::identity::Words;
use crate::scsi::{absent_if_unsupported, parameters};
use crate::units::Percent;

/// A test that can be started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SelfTest {
    /// Minutes: electronics, and a sample of the surface.
    Short,
    /// Hours: all of the surface.
    Extended,
}

/// A test that is in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SelfTestKind {
    /// Short.
    Short,
    /// Extended.
    Extended,
    /// Another, in the protocol's own number.
    Other(u8),
}

/// What came of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SelfTestOutcome {
    /// Nothing was found.
    Passed,
    /// Somebody stopped it, or a reset did. Says nothing about the disk.
    Aborted,
    /// Something was found; the protocol's own number.
    Failed(u8),
    /// Not over.
    Running,
}

/// A line of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SelfTestEntry {
    /// Which test.
    pub kind: SelfTestKind,
    /// What came of it.
    pub outcome: SelfTestOutcome,
    /// The disk's hours when it ended. ATA and SCSI wrap after 65,535.
    pub at: Duration,
    /// The first block that failed.
    pub failing_block: Option<u64>,
}

/// Whether a test runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SelfTestState {
    /// None.
    Idle,
    /// One does. ATA counts in tenths.
    Running {
        /// What is done.
        done: Percent,
    },
}

const SELF_TEST_RESULTS: u8 = 0x10;

impl Device {
    /// Starts a test, which runs beside the disk's work. Refused while one runs.
    pub fn start_self_test(&mut self, test: SelfTest) -> Result<()> {
        let number = match test {
            SelfTest::Short => 1,
            SelfTest::Extended => 2,
        };
        let outcome = match self.bus() {
            Bus::Ata => self.handle.ata_self_test(number),
            Bus::Nvme => self.handle.nvme_self_test(number),
            Bus::Scsi => self.handle.scsi_self_test(number),
        };
        self.named("starting a self-test of", outcome)
    }

    /// Stops the running test.
    pub fn abort_self_test(&mut self) -> Result<()> {
        const ATA_ABORT: u8 = 127;
        const NVME_ABORT: u8 = 15;
        const SCSI_ABORT: u8 = 4;
        let outcome = match self.bus() {
            Bus::Ata => self.handle.ata_self_test(ATA_ABORT),
            Bus::Nvme => self.handle.nvme_self_test(NVME_ABORT),
            Bus::Scsi => self.handle.scsi_self_test(SCSI_ABORT),
        };
        self.named("stopping the self-test of", outcome)
    }

    /// Reads whether a test runs, and how far it is.
    pub fn self_test_state(&mut self) -> Result<SelfTestState> {
        match self.bus() {
            Bus::Ata => Ok(ata_state(self.ata_smart()?.self_test_status)),
            Bus::Nvme => {
                let page = absent_if_unsupported(self.handle.nvme_self_test_log());
                let page = self.named("reading the self-tests of", page)?;
                Ok(page.map_or(SelfTestState::Idle, |page| nvme_state(&page)))
            }
            Bus::Scsi => {
                let sense = self.handle.scsi_sense();
                Ok(scsi_state(self.named("reading the self-test of", sense)?))
            }
        }
    }

    /// Reads the log, newest first. `None`: the disk keeps none.
    pub fn self_tests(&mut self) -> Result<Option<Vec<SelfTestEntry>>> {
        let log = match self.bus() {
            Bus::Ata => return self.ata_self_tests(),
            Bus::Nvme => self.handle.nvme_self_test_log().map(|page| nvme_log(&page)),
            Bus::Scsi => self
                .handle
                .scsi_log(SELF_TEST_RESULTS)
                .map(|page| scsi_log(&page)),
        };
        self.named("reading the self-tests of", absent_if_unsupported(log))
    }

    fn ata_self_tests(&mut self) -> Result<Option<Vec<SelfTestEntry>>> {
        let identity = self.ata_identified()?;
        if Words(&identity).has_general_logs() {
            // Holds blocks beyond 2 TB. Where it is refused the plain log, which
            // every disk with self-tests has, still tells the rest.
            if let Ok(page) = self.handle.ata_extended_self_test_log() {
                return Ok(Some(ata_extended_log(&page)));
            }
        }
        let page = self.handle.ata_self_test_log();
        let log = page.map(|page| ata_log(&page));
        self.named("reading the self-tests of", absent_if_unsupported(log))
    }
}

fn ata_state(status: u8) -> SelfTestState {
    const RUNNING: u8 = 0xf;
    if status >> 4 == RUNNING {
        let left = (status & 0xf).min(10);
        SelfTestState::Running {
            done: Percent(100 - 10 * left),
        }
    } else {
        SelfTestState::Idle
    }
}

fn nvme_state(page: &[u8; 564]) -> SelfTestState {
    match page[0] & 0xf {
        0 => SelfTestState::Idle,
        _ => SelfTestState::Running {
            done: Percent(page[1] & 0x7f),
        },
    }
}

fn scsi_state((_, asc, ascq, progress): (u8, u8, u8, i32)) -> SelfTestState {
    const SELF_TEST_IN_PROGRESS: (u8, u8) = (0x04, 0x09);
    if (asc, ascq) == SELF_TEST_IN_PROGRESS {
        let done = progress.max(0) * 100 / 65536;
        SelfTestState::Running {
            done: Percent(u8::try_from(done).unwrap_or(100)),
        }
    } else {
        SelfTestState::Idle
    }
}

fn hours(hours: u64) -> Duration {
    Duration::from_secs(hours.saturating_mul(3600))
}

fn ata_entry(entry: &[u8], failing_block: Option<u64>) -> SelfTestEntry {
    SelfTestEntry {
        kind: match entry[0] {
            // The high bit marks a test that held the bus meanwhile.
            0x01 | 0x81 => SelfTestKind::Short,
            0x02 | 0x82 => SelfTestKind::Extended,
            other => SelfTestKind::Other(other),
        },
        outcome: match entry[1] >> 4 {
            0x0 => SelfTestOutcome::Passed,
            0x1 | 0x2 => SelfTestOutcome::Aborted,
            0xf => SelfTestOutcome::Running,
            fault => SelfTestOutcome::Failed(fault),
        },
        at: hours(le16(entry, 2).into()),
        failing_block,
    }
}

/// A block counts only where a test failed.
fn block(status: u8, block: u64, none: u64) -> Option<u64> {
    let failed = (0x3..0xf).contains(&(status >> 4));
    (failed && block != none).then_some(block)
}

/// Twenty-one entries of 24 bytes in a ring, the newest one's number from 1 at 508.
fn ata_log(page: &[u8; 512]) -> Vec<SelfTestEntry> {
    const ENTRIES: usize = 21;
    let newest = usize::from(page[508]);
    if newest == 0 || newest > ENTRIES {
        return Vec::new();
    }
    (0..ENTRIES)
        .map(|back| (newest - 1 + ENTRIES - back) % ENTRIES)
        .map(|index| &page[2 + 24 * index..][..24])
        .filter(|entry| entry.iter().any(|byte| *byte != 0))
        .map(|entry| {
            let found = u64::from(le32(entry, 5));
            ata_entry(entry, block(entry[1], found, u32::MAX.into()))
        })
        .collect()
}

/// Nineteen entries of 26 bytes in a ring, the newest one's number from 1 at 2.
fn ata_extended_log(page: &[u8; 512]) -> Vec<SelfTestEntry> {
    const ENTRIES: usize = 19;
    const NONE: u64 = 0xffff_ffff_ffff;
    let newest = usize::from(le16(page, 2));
    if newest == 0 || newest > ENTRIES {
        return Vec::new();
    }
    (0..ENTRIES)
        .map(|back| (newest - 1 + ENTRIES - back) % ENTRIES)
        .map(|index| &page[4 + 26 * index..][..26])
        .filter(|entry| entry.iter().any(|byte| *byte != 0))
        .map(|entry| {
            let found = u64::from(le32(entry, 5)) | u64::from(le16(entry, 9)) << 32;
            ata_entry(entry, block(entry[1], found, NONE))
        })
        .collect()
}

/// Twenty entries of 28 bytes, newest first.
fn nvme_log(page: &[u8; 564]) -> Vec<SelfTestEntry> {
    const UNUSED: u8 = 0xf;
    const BLOCK_IS_VALID: u8 = 0x02;
    (0..20)
        .map(|index| &page[4 + 28 * index..][..28])
        .filter(|entry| entry[0] >> 4 != 0 && entry[0] & 0xf != UNUSED)
        .map(|entry| SelfTestEntry {
            kind: match entry[0] >> 4 {
                1 => SelfTestKind::Short,
                2 => SelfTestKind::Extended,
                other => SelfTestKind::Other(other),
            },
            outcome: match entry[0] & 0xf {
                0 => SelfTestOutcome::Passed,
                fault @ 5..=7 => SelfTestOutcome::Failed(fault),
                _ => SelfTestOutcome::Aborted,
            },
            at: hours(le64(entry, 4)),
            failing_block: (entry[2] & BLOCK_IS_VALID != 0).then(|| le64(entry, 16)),
        })
        .collect()
}

/// Twenty parameters of 16 bytes, newest first; an unused one is all zero.
fn scsi_log(page: &[u8; 512]) -> Vec<SelfTestEntry> {
    const NO_BLOCK: u64 = u64::MAX;
    parameters(page)
        .filter(|(_, entry)| entry.len() >= 16 && (be(&entry[2..4]) != 0 || entry[0] != 0))
        .map(|(_, entry)| SelfTestEntry {
            kind: match entry[0] >> 5 {
                1 | 5 => SelfTestKind::Short,
                2 | 6 => SelfTestKind::Extended,
                other => SelfTestKind::Other(other),
            },
            outcome: match entry[0] & 0xf {
                0 => SelfTestOutcome::Passed,
                1 | 2 => SelfTestOutcome::Aborted,
                0xf => SelfTestOutcome::Running,
                fault => SelfTestOutcome::Failed(fault),
            },
            at: hours(be(&entry[2..4])),
            failing_block: Some(be(&entry[4..12])).filter(|block| *block != NO_BLOCK),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ata_log_is_read_newest_first_round_the_ring() {
        let mut page = [0; 512];
        page[508] = 1;
        page[2..6].copy_from_slice(&[2, 0x70, 30, 0]);
        page[7..11].copy_from_slice(&[1, 2, 0, 0]);
        let last = 2 + 24 * 20;
        page[last..last + 4].copy_from_slice(&[1, 0x00, 10, 0]);
        let log = ata_log(&page);
        assert_eq!(log.len(), 2);
        assert_eq!(log[0].kind, SelfTestKind::Extended);
        assert_eq!(log[0].outcome, SelfTestOutcome::Failed(7));
        assert_eq!(log[0].failing_block, Some(513));
        assert_eq!(log[1].outcome, SelfTestOutcome::Passed);
        assert_eq!(log[1].at, hours(10));
    }

    #[test]
    fn a_running_test_tells_how_much_is_done() {
        let running = |done| SelfTestState::Running {
            done: Percent(done),
        };
        assert_eq!(ata_state(0xf3), running(70));
        assert_eq!(ata_state(0x00), SelfTestState::Idle);
        assert_eq!(scsi_state((2, 4, 9, 32768)), running(50));
        assert_eq!(scsi_state((0, 0, 0, -1)), SelfTestState::Idle);
    }
}
