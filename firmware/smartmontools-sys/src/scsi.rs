//! What a SCSI disk watches: informational exceptions instead of attributes, and
//! log pages. Offsets: SPC-5 and SBC-4, log parameters.

use std::time::Duration;

use crate::bytes::be;
use crate::device::Device;
use crate::error::{Cause, Result};
use crate::raw;
use crate::units::{Celsius, Percent};

/// Counters of one direction: read, write or verify.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ErrorCounters {
    /// Put right, in whatever way.
    pub corrected: Option<u64>,
    /// Not put right: data was lost, or will be.
    pub uncorrected: Option<u64>,
}

/// What a SCSI disk says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScsiHealth {
    /// The disk would report a failure that it sees coming. Without it, silence
    /// says nothing.
    pub reports_exceptions: bool,
    /// The exception that it reports, in words.
    pub exception: Option<String>,
    /// That exception's sense code and qualifier.
    pub code: Option<(u8, u8)>,
    /// Temperature.
    pub temperature: Option<Celsius>,
    /// The temperature that the disk holds for too hot.
    pub trip_temperature: Option<Celsius>,
    /// Read errors.
    pub read: ErrorCounters,
    /// Write errors.
    pub write: ErrorCounters,
    /// Verify errors.
    pub verify: ErrorCounters,
    /// Sectors replaced since the disk was made.
    pub grown_defects: Option<u32>,
    /// Time powered on.
    pub powered_on: Option<Duration>,
    /// An SSD's used-up share of its promised writes.
    pub used: Option<Percent>,
}

const WRITE_ERRORS: u8 = 0x02;
const READ_ERRORS: u8 = 0x03;
const VERIFY_ERRORS: u8 = 0x05;
const SOLID_STATE_MEDIA: u8 = 0x11;
const BACKGROUND_RESULTS: u8 = 0x15;

impl Device {
    /// Reads what the disk says about itself. Log pages that it lacks are absent
    /// from the result; a page that it has and cannot give is an error.
    pub fn scsi_health(&mut self) -> Result<ScsiHealth> {
        let raw = self.handle.scsi_health();
        let raw = self.named("reading the health of", raw)?;
        let known = |degrees: u8| (degrees != 255).then_some(Celsius(degrees.into()));
        let read = self.scsi_page(READ_ERRORS)?;
        let write = self.scsi_page(WRITE_ERRORS)?;
        let verify = self.scsi_page(VERIFY_ERRORS)?;
        let solid = self.scsi_page(SOLID_STATE_MEDIA)?;
        let background = self.scsi_page(BACKGROUND_RESULTS)?;
        let exception = Some(raw::text(&raw.exception)).filter(|text| !text.is_empty());
        Ok(ScsiHealth {
            reports_exceptions: raw.reports_exceptions != 0,
            // A code without words is an older complaint about something else.
            code: exception.is_some().then_some((raw.asc, raw.ascq)),
            exception,
            temperature: known(raw.temperature),
            trip_temperature: known(raw.trip_temperature),
            read: counters(read.as_ref()),
            write: counters(write.as_ref()),
            verify: counters(verify.as_ref()),
            grown_defects: self.scsi_grown_defects()?,
            powered_on: background.as_ref().and_then(powered_on),
            used: solid.as_ref().and_then(used),
        })
    }

    fn scsi_page(&mut self, page: u8) -> Result<Option<[u8; 512]>> {
        let found = self.handle.scsi_log(page);
        self.named("reading a log page of", absent_if_unsupported(found))
    }

    fn scsi_grown_defects(&mut self) -> Result<Option<u32>> {
        let found = self.handle.scsi_grown_defects();
        self.named("counting the defects of", absent_if_unsupported(found))
    }
}

pub(crate) fn absent_if_unsupported<T>(
    outcome: std::result::Result<T, Cause>,
) -> std::result::Result<Option<T>, Cause> {
    match outcome {
        Ok(found) => Ok(Some(found)),
        Err(cause) if cause.is_unsupported() => Ok(None),
        Err(cause) => Err(cause),
    }
}

/// Code and value of every parameter on a log page.
pub(crate) fn parameters(page: &[u8; 512]) -> impl Iterator<Item = (u16, &[u8])> {
    let length = usize::from(u16::from_be_bytes([page[2], page[3]]));
    let mut rest = &page[4..512.min(4 + length)];
    std::iter::from_fn(move || {
        let (head, tail) = rest.split_at_checked(4)?;
        let (value, next) = tail.split_at_checked(usize::from(head[3]))?;
        rest = next;
        Some((u16::from_be_bytes([head[0], head[1]]), value))
    })
}

fn counters(page: Option<&[u8; 512]>) -> ErrorCounters {
    const TOTAL_CORRECTED: u16 = 3;
    const TOTAL_UNCORRECTED: u16 = 6;
    let mut counters = ErrorCounters::default();
    for (code, value) in page.into_iter().flat_map(parameters) {
        match code {
            TOTAL_CORRECTED => counters.corrected = Some(be(value)),
            TOTAL_UNCORRECTED => counters.uncorrected = Some(be(value)),
            _ => {}
        }
    }
    counters
}

fn powered_on(page: &[u8; 512]) -> Option<Duration> {
    let (_, value) = parameters(page).find(|(code, _)| *code == 0)?;
    let minutes = be(value.get(..4)?);
    Some(Duration::from_secs(60 * minutes))
}

fn used(page: &[u8; 512]) -> Option<Percent> {
    let (_, value) = parameters(page).find(|(code, _)| *code == 1)?;
    value.get(3).copied().map(Percent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_lies_about_its_length_is_read_to_its_end() {
        let mut page = [0; 512];
        page[..4].copy_from_slice(&[READ_ERRORS, 0, 0xff, 0xff]);
        page[4..12].copy_from_slice(&[0, 6, 3, 4, 0, 0, 1, 2]);
        page[12..16].copy_from_slice(&[0, 3, 3, 255]);
        assert_eq!(counters(Some(&page)).uncorrected, Some(258));
        assert!(parameters(&page).count() < 512);
    }
}
