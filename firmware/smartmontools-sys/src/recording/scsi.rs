//! A recorded SCSI disk: pages by their numbers, and the sense that it keeps.

use std::collections::BTreeMap;

use crate::replay::{Errno, Replay, ScsiCommand, ScsiSense, Transfer};

/// A recorded SCSI disk.
#[derive(Clone, Debug)]
pub struct ScsiRecording {
    /// Standard INQUIRY data.
    pub inquiry: Vec<u8>,
    /// Vital product data pages, header included.
    pub product_data: BTreeMap<u8, Vec<u8>>,
    /// Log pages, header included. The list of them is made from these.
    pub logs: BTreeMap<u8, Vec<u8>>,
    /// Blocks, and the size of one.
    pub blocks: (u64, u32),
    /// The informational exceptions mode page is there.
    pub exceptions: Exceptions,
    /// What REQUEST SENSE tells.
    pub sense: ScsiSense,
    /// Entries in the grown defect list.
    pub grown_defects: Option<u16>,
}

/// Whether a SCSI disk reports failures that it sees coming.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exceptions {
    /// It does.
    Reported,
    /// It has no such mode page.
    Unknown,
}

const ILLEGAL_REQUEST: u8 = 5;
const NO_SUCH_COMMAND: ScsiSense = ScsiSense {
    key: ILLEGAL_REQUEST,
    asc: 0x20,
    ascq: 0,
};
const NO_SUCH_FIELD: ScsiSense = ScsiSense {
    key: ILLEGAL_REQUEST,
    asc: 0x24,
    ascq: 0,
};

impl ScsiRecording {
    fn log(&self, page: u8) -> Option<Vec<u8>> {
        if page != 0 {
            return self.logs.get(&page).cloned();
        }
        let pages: Vec<u8> = std::iter::once(0)
            .chain(self.logs.keys().copied())
            .collect();
        let length = pages.len() as u8;
        Some([vec![0, 0, 0, length], pages].concat())
    }

    /// MODE SENSE(6): a header without block descriptors, then the page.
    fn mode_page(&self, page: u8) -> Option<Vec<u8>> {
        const EXCEPTIONS: u8 = 0x1c;
        let wanted = page & 0x3f == EXCEPTIONS && self.exceptions == Exceptions::Reported;
        // Reporting method 6: on request only.
        wanted.then(|| [vec![15, 0, 0, 0, EXCEPTIONS, 10, 0, 6], vec![0; 8]].concat())
    }

    fn answer(&self, block: &[u8]) -> Result<Vec<u8>, ScsiSense> {
        let byte = |index: usize| block.get(index).copied().unwrap_or(0);
        let (count, size) = self.blocks;
        match byte(0) {
            0x00 | 0x1d => Ok(Vec::new()),
            0x03 => {
                let mut data = vec![0; 18];
                (data[0], data[2], data[7]) = (0x70, self.sense.key, 10);
                (data[12], data[13]) = (self.sense.asc, self.sense.ascq);
                Ok(data)
            }
            0x12 if byte(1) & 1 == 0 => Ok(self.inquiry.clone()),
            0x12 => self
                .product_data
                .get(&byte(2))
                .cloned()
                .ok_or(NO_SUCH_FIELD),
            0x1a => self.mode_page(byte(2)).ok_or(NO_SUCH_FIELD),
            0x25 => {
                let last = u32::try_from(count.saturating_sub(1)).unwrap_or(u32::MAX);
                Ok([last.to_be_bytes(), size.to_be_bytes()].concat())
            }
            0x37 => {
                let entries = self.grown_defects.ok_or(NO_SUCH_COMMAND)?;
                let [high, low] = (8 * entries).to_be_bytes();
                Ok(vec![0, 0x0c, high, low])
            }
            0x4d => self.log(byte(2) & 0x3f).ok_or(NO_SUCH_FIELD),
            0x9e => {
                let mut data = vec![0; 32];
                data[..8].copy_from_slice(&count.saturating_sub(1).to_be_bytes());
                data[8..12].copy_from_slice(&size.to_be_bytes());
                Ok(data)
            }
            _ => Err(NO_SUCH_COMMAND),
        }
    }
}

impl Replay for ScsiRecording {
    fn scsi(
        &mut self,
        ScsiCommand(block): &ScsiCommand<'_>,
        mut transfer: Transfer<'_>,
    ) -> Result<Option<ScsiSense>, Errno> {
        match self.answer(block) {
            Ok(data) => {
                transfer.fill(&data);
                Ok(None)
            }
            Err(sense) => Ok(Some(sense)),
        }
    }
}
