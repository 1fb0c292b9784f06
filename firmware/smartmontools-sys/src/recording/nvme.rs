//! A recorded NVMe disk.

use crate::replay::{Errno, NvmeCommand, NvmeStatus, Replay, Transfer};

/// A recorded NVMe disk with one namespace.
#[derive(Clone, Debug)]
pub struct NvmeRecording {
    /// Identify, controller: 4096 bytes.
    pub controller: Vec<u8>,
    /// Identify, namespace: 4096 bytes.
    pub namespace: Vec<u8>,
    /// SMART / Health Information.
    pub health: [u8; 512],
    /// Device Self-test; `None`: there is none.
    pub self_tests: Option<[u8; 564]>,
}

const GET_LOG_PAGE: u8 = 0x02;
const IDENTIFY: u8 = 0x06;
const SELF_TEST: u8 = 0x14;

const INVALID_OPCODE: NvmeStatus = NvmeStatus(0x01);
const INVALID_LOG_PAGE: NvmeStatus = NvmeStatus(0x109);

impl NvmeRecording {
    /// The controller's word that it has self-tests.
    pub fn allow_self_tests(&mut self) {
        self.controller[256] |= 0x10;
        self.self_tests.get_or_insert([0; 564]);
    }
}

impl Replay for NvmeRecording {
    fn nvme(
        &mut self,
        command: &NvmeCommand,
        mut transfer: Transfer<'_>,
    ) -> Result<Option<NvmeStatus>, Errno> {
        match (command.opcode, command.words[0] & 0xff) {
            (IDENTIFY, 0) => transfer.fill(&self.namespace),
            (IDENTIFY, 1) => transfer.fill(&self.controller),
            (GET_LOG_PAGE, 2) => transfer.fill(&self.health),
            (GET_LOG_PAGE, 6) => match &self.self_tests {
                Some(page) => transfer.fill(page),
                None => return Ok(Some(INVALID_LOG_PAGE)),
            },
            (GET_LOG_PAGE, _) => return Ok(Some(INVALID_LOG_PAGE)),
            (SELF_TEST, test) => match &mut self.self_tests {
                // Runs until it is stopped, at a tenth.
                Some(page) => {
                    let running = test & 0xf != 0xf;
                    page[0] = if running { test as u8 } else { 0 };
                    page[1] = if running { 10 } else { 0 };
                }
                None => return Ok(Some(INVALID_OPCODE)),
            },
            _ => return Ok(Some(INVALID_OPCODE)),
        }
        Ok(None)
    }
}
