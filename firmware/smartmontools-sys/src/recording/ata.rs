//! A recorded ATA disk.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::replay::{AtaCommand, AtaRegisters, Errno, Replay, Transfer};

/// Where a log page lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Log {
    /// Among the SMART logs, by its address.
    Smart(u8),
    /// Among the general purpose logs, by address and page.
    General(u8, u16),
}

/// A recorded ATA disk. What is `None` or absent is refused, as a disk without it
/// would.
#[derive(Clone, Debug)]
pub struct AtaRecording {
    /// IDENTIFY DEVICE.
    pub identify: [u8; 512],
    /// SMART READ DATA.
    pub values: Option<[u8; 512]>,
    /// SMART READ THRESHOLDS.
    pub thresholds: Option<[u8; 512]>,
    /// SMART RETURN STATUS; `None`: the bridge drops the registers.
    pub passes: Option<bool>,
    /// CHECK POWER MODE's count register.
    pub power: u8,
    /// Log pages.
    pub logs: BTreeMap<Log, [u8; 512]>,
    asked: Arc<Mutex<Vec<AtaCommand>>>,
}

const ACTIVE: u8 = 0xff;
const READY: u8 = 0x50;

const IDENTIFY: u8 = 0xec;
const CHECK_POWER_MODE: u8 = 0xe5;
const READ_LOG: u8 = 0x2f;
const SMART: u8 = 0xb0;

impl AtaRecording {
    /// A disk that has an identity and nothing else.
    pub fn new(identify: [u8; 512]) -> AtaRecording {
        AtaRecording {
            identify,
            values: None,
            thresholds: None,
            passes: None,
            power: ACTIVE,
            logs: BTreeMap::new(),
            asked: Arc::default(),
        }
    }

    /// The commands that this recording, or a clone of it, has been sent.
    pub fn asked(&self) -> Vec<AtaCommand> {
        self.asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn smart(
        &mut self,
        command: &AtaCommand,
        transfer: &mut Transfer<'_>,
    ) -> Result<AtaRegisters, Errno> {
        let done = AtaRegisters {
            status: READY,
            lba: command.lba,
            ..AtaRegisters::default()
        };
        match command.features {
            0xd0 => send(transfer, self.values.as_ref())?,
            0xd1 => send(transfer, self.thresholds.as_ref())?,
            0xd4 => self.run_self_test((command.lba & 0xff) as u8),
            0xd5 => {
                let log = Log::Smart((command.lba & 0xff) as u8);
                send(transfer, self.logs.get(&log))?;
            }
            0xd8 => {}
            0xda => {
                let lba = match self.passes {
                    Some(true) => 0xc2_4f00,
                    Some(false) => 0x2c_f400,
                    None => return Err(Errno::UNSUPPORTED),
                };
                return Ok(AtaRegisters { lba, ..done });
            }
            _ => return Err(Errno::UNSUPPORTED),
        }
        Ok(done)
    }

    /// A test that was started stays at 90 % to go until it is stopped.
    fn run_self_test(&mut self, test: u8) {
        const ABORT: u8 = 127;
        if let Some(values) = &mut self.values {
            values[363] = if test == ABORT { 0x10 } else { 0xf9 };
            super::pages::seal(values);
        }
    }
}

fn send(transfer: &mut Transfer<'_>, page: Option<&[u8; 512]>) -> Result<(), Errno> {
    transfer.fill(page.ok_or(Errno::IO)?);
    Ok(())
}

impl Replay for AtaRecording {
    fn ata(
        &mut self,
        command: &AtaCommand,
        mut transfer: Transfer<'_>,
    ) -> Result<Option<AtaRegisters>, Errno> {
        self.asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(*command);
        let done = AtaRegisters {
            status: READY,
            ..AtaRegisters::default()
        };
        match command.command {
            IDENTIFY => {
                transfer.fill(&self.identify);
                Ok(Some(done))
            }
            CHECK_POWER_MODE => Ok(Some(AtaRegisters {
                count: self.power.into(),
                ..done
            })),
            SMART => self.smart(command, &mut transfer).map(Some),
            READ_LOG => {
                let [log, page_low, _, _, page_high, ..] = command.lba.to_le_bytes();
                let log = Log::General(log, u16::from_le_bytes([page_low, page_high]));
                send(&mut transfer, self.logs.get(&log))?;
                Ok(Some(done))
            }
            _ => Err(Errno::UNSUPPORTED),
        }
    }
}
