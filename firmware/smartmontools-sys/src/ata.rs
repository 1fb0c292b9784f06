//! What an ATA disk watches: the attribute table with the database's names and
//! readings, its temperature, hours, and the count of errors it has logged.

use std::time::Duration;

use crate::bytes::le16;
use crate::device::Device;
use crate::error::{Cause, Result};
use crate::ffi;
use crate::identity::Words;
use crate::raw;
use crate::units::{Celsius, Percent};

/// What an attribute is like; the bits are the disk's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AttributeFlags(pub u16);

impl AttributeFlags {
    /// Below its threshold the disk is about to fail; otherwise it is old.
    pub fn is_prefailure(self) -> bool {
        self.0 & 0x01 != 0
    }

    /// Kept up to date all the time, not just by self-tests.
    pub fn is_updated_online(self) -> bool {
        self.0 & 0x02 != 0
    }
}

/// An attribute beside its threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AttributeState {
    /// Above it, now and at its worst, or the threshold is zero.
    Ok,
    /// Above it now, not always.
    FailedPast,
    /// At or below it.
    FailingNow,
    /// The value or the threshold means nothing with this disk.
    Unknown,
}

/// One line of the attribute table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its number.
    pub id: u8,
    /// What the database calls it for this model.
    pub name: String,
    /// What it is like.
    pub flags: AttributeFlags,
    /// The value, mostly 100 or 200 for new and falling.
    pub value: Option<u8>,
    /// Its lowest so far.
    pub worst: Option<u8>,
    /// Where the maker sees failure.
    pub threshold: Option<u8>,
    /// How the value stands to it.
    pub state: AttributeState,
    /// The counter itself, in an order of bytes that the database knows.
    pub raw: u64,
    /// The counter as it is to be read: `31 (Min/Max 18/45)`.
    pub raw_text: String,
}

/// How long the disk's self-tests take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SelfTestMinutes {
    /// The short one.
    pub short: u16,
    /// The extended one.
    pub extended: u16,
}

/// What an ATA disk watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtaSmart {
    /// The table, in the disk's order.
    pub attributes: Vec<Attribute>,
    /// Temperature, if an attribute tells.
    pub temperature: Option<Celsius>,
    /// Time powered on.
    pub powered_on: Option<Duration>,
    /// Times switched on.
    pub power_cycles: Option<u64>,
    /// The attribute that counts sectors waiting to be rewritten.
    pub pending_id: Option<u8>,
    /// The attribute that counts sectors that a scan could not read.
    pub uncorrectable_id: Option<u8>,
    /// The disk gave no thresholds: nothing can be at or below its own.
    pub lacks_thresholds: bool,
    /// A page's checksum was wrong: firmware that cannot add, or a bad cable.
    pub wrong_checksum: bool,
    /// How long self-tests take, if the disk has them.
    pub self_test_minutes: Option<SelfTestMinutes>,
    /// The running or last self-test's status byte.
    pub(crate) self_test_status: u8,
}

impl AtaSmart {
    /// The attribute of that number.
    pub fn attribute(&self, id: u8) -> Option<&Attribute> {
        self.attributes.iter().find(|found| found.id == id)
    }
}

/// Errors that the disk has logged over its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AtaErrors {
    /// How many; wraps after 65,535.
    pub count: u16,
    /// The disk's hours when the last one happened.
    pub last: Option<Duration>,
}

impl Device {
    /// Reads the attribute table. The disk is identified first if it was not:
    /// names and readings depend on the model.
    pub fn ata_smart(&mut self) -> Result<AtaSmart> {
        let act = "reading the attributes of";
        self.require_smart(act)?;
        let raw = self.handle.ata_smart();
        let raw = self.named(act, raw)?;
        Ok(from_raw(&raw))
    }

    /// Reads how many errors the disk has logged.
    pub fn ata_errors(&mut self) -> Result<AtaErrors> {
        self.ata_identified()?;
        let page = self.handle.ata_error_log();
        let page = self.named("reading the error log of", page)?;
        Ok(errors(&page))
    }

    /// Reads an SSD's used-up share of its promised writes, from the device
    /// statistics. Absent from disks that turn, and from many that do not.
    pub fn ata_endurance_used(&mut self) -> Result<Option<Percent>> {
        const DEVICE_STATISTICS: u8 = 0x04;
        const SOLID_STATE_PAGE: u32 = 7;
        let identity = self.ata_identified()?;
        if !Words(&identity).has_general_logs() {
            return Ok(None);
        }
        match self.handle.ata_log(DEVICE_STATISTICS, SOLID_STATE_PAGE) {
            Ok(page) => Ok(endurance(&page)),
            // A log or a page that a disk lacks is refused in as many ways as
            // there are bridges: none of them says anything about its wear.
            Err(Cause::Refused { .. } | Cause::Unsupported(_)) => Ok(None),
            Err(cause) => Err(self.error("reading the statistics of", cause)),
        }
    }

    /// Reads the SCT thermometer; for disks whose attributes tell no temperature.
    pub fn ata_sct_temperature(&mut self) -> Result<Option<Celsius>> {
        let identity = self.ata_identified()?;
        if !Words(&identity).has_sct() {
            return Ok(None);
        }
        let page = self.handle.ata_sct_status();
        Ok(sct_temperature(
            &self.named("reading the SCT status of", page)?,
        ))
    }

    /// Fails if SMART is switched off, which disks answer in misleading words.
    pub(crate) fn require_smart(&mut self, act: &'static str) -> Result<()> {
        let identity = self.ata_identified()?;
        match Words(&identity).smart_is_off() {
            true => Err(self.error(act, Cause::Off)),
            false => Ok(()),
        }
    }

    /// The identity page; reading it applies the database's entry.
    pub(crate) fn ata_identified(&mut self) -> Result<[u8; 512]> {
        if let Some(page) = &self.identity_page {
            return Ok(**page);
        }
        let identity = self.handle.ata_identity();
        let page = self.named("identifying", identity)?.page;
        self.identity_page = Some(Box::new(page));
        Ok(page)
    }
}

fn from_raw(raw: &ffi::shim_ata_smart) -> AtaSmart {
    let id = |id: u8| (id != 0).then_some(id);
    AtaSmart {
        attributes: raw.attributes[..raw.count.min(30)]
            .iter()
            .map(attribute)
            .collect(),
        temperature: (raw.temperature != 0).then_some(Celsius(raw.temperature)),
        powered_on: u64::try_from(raw.on_minutes)
            .ok()
            .map(|minutes| Duration::from_secs(60 * minutes)),
        power_cycles: u64::try_from(raw.power_cycles).ok(),
        pending_id: id(raw.pending_id),
        uncorrectable_id: id(raw.uncorrectable_id),
        lacks_thresholds: raw.has_thresholds == 0,
        wrong_checksum: raw.wrong_checksum != 0,
        self_test_minutes: minutes(&raw.values),
        self_test_status: raw.values[363],
    }
}

fn attribute(raw: &ffi::shim_ata_attribute) -> Attribute {
    Attribute {
        id: raw.id,
        name: raw::text(&raw.name),
        flags: AttributeFlags(raw.flags),
        value: u8::try_from(raw.value).ok(),
        worst: u8::try_from(raw.worst).ok(),
        threshold: u8::try_from(raw.threshold).ok(),
        state: match u32::from(raw.state) {
            ffi::SHIM_ATTRIBUTE_OK => AttributeState::Ok,
            ffi::SHIM_ATTRIBUTE_FAILED_PAST => AttributeState::FailedPast,
            ffi::SHIM_ATTRIBUTE_FAILING_NOW => AttributeState::FailingNow,
            _ => AttributeState::Unknown,
        },
        raw: raw.raw,
        raw_text: raw::text(&raw.raw_text),
    }
}

/// Offsets: SMART READ DATA of ACS-3.
fn minutes(values: &[u8; 512]) -> Option<SelfTestMinutes> {
    const HAS_SELF_TEST: u8 = 0x10;
    (values[367] & HAS_SELF_TEST != 0).then(|| SelfTestMinutes {
        short: values[372].into(),
        extended: match values[373] {
            0xff => le16(values, 375),
            minutes => minutes.into(),
        },
    })
}

/// Offsets: summary error log of ACS-3; five entries in a ring, the last one's
/// number from 1 in the second byte.
fn errors(page: &[u8; 512]) -> AtaErrors {
    let count = le16(page, 452);
    let newest = usize::from(page[1]);
    let last = (count > 0 && (1..=5).contains(&newest)).then(|| {
        let hours = le16(page, 2 + 90 * (newest - 1) + 88);
        Duration::from_secs(3600 * u64::from(hours))
    });
    AtaErrors { count, last }
}

/// The percentage used endurance indicator, if supported and valid.
fn endurance(page: &[u8; 512]) -> Option<Percent> {
    const SUPPORTED_AND_VALID: u8 = 0xc0;
    let flags = page[8 + 7];
    (flags & SUPPORTED_AND_VALID == SUPPORTED_AND_VALID).then_some(Percent(page[8]))
}

fn sct_temperature(page: &[u8; 512]) -> Option<Celsius> {
    const UNKNOWN: i8 = -128;
    let found = page[200].cast_signed();
    (found != UNKNOWN).then_some(Celsius(found.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invalid_endurance_is_no_endurance() {
        let mut page = [0; 512];
        page[8] = 91;
        page[15] = 0x80;
        assert_eq!(endurance(&page), None);
        page[15] = 0xc0;
        assert_eq!(endurance(&page), Some(Percent(91)));
    }

    #[test]
    fn the_newest_error_is_found_in_the_ring() {
        let mut page = [0; 512];
        page[1] = 2;
        page[2 + 90 + 88] = 42;
        page[452] = 7;
        let hours = Duration::from_secs(42 * 3600);
        assert_eq!(errors(&page).count, 7);
        assert_eq!(errors(&page).last, Some(hours));
        page[452] = 0;
        assert_eq!(errors(&page).last, None);
    }
}
