//! What an NVMe disk watches: its one health log. Offsets: NVM Express base
//! specification, SMART / Health Information.

use std::time::Duration;

use crate::bytes::{le16, le32, le128};
use crate::device::Device;
use crate::error::Result;
use crate::units::{Celsius, Percent};

/// The disk's own alarms; the bits are its.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CriticalWarning(pub u8);

impl CriticalWarning {
    /// No alarm.
    pub fn is_silent(self) -> bool {
        self.0 == 0
    }

    /// Spare blocks have fallen below their threshold.
    pub fn spare_is_low(self) -> bool {
        self.0 & 0x01 != 0
    }

    /// Above or below a temperature threshold.
    pub fn temperature_is_out_of_range(self) -> bool {
        self.0 & 0x02 != 0
    }

    /// Media or internal errors have degraded it.
    pub fn is_degraded(self) -> bool {
        self.0 & 0x04 != 0
    }

    /// It takes no more writes.
    pub fn is_read_only(self) -> bool {
        self.0 & 0x08 != 0
    }

    /// Its cache would not survive a power cut.
    pub fn backup_has_failed(self) -> bool {
        self.0 & 0x10 != 0
    }

    /// Its persistent memory region is unreliable or read-only.
    pub fn persistent_memory_has_failed(self) -> bool {
        self.0 & 0x20 != 0
    }
}

/// The health log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NvmeHealth {
    /// Alarms.
    pub critical_warning: CriticalWarning,
    /// The composite temperature.
    pub temperature: Option<Celsius>,
    /// Spare blocks left.
    pub spare: Percent,
    /// Where that becomes an alarm.
    pub spare_threshold: Percent,
    /// Used-up share of its promised writes; may pass 100.
    pub used: Percent,
    /// Read by the host, in units of 512,000 bytes.
    pub data_units_read: u128,
    /// Written by the host, in the same units.
    pub data_units_written: u128,
    /// Read commands.
    pub host_reads: u128,
    /// Write commands.
    pub host_writes: u128,
    /// Minutes with commands in the works.
    pub busy_minutes: u128,
    /// Times switched on.
    pub power_cycles: u128,
    /// Hours powered on.
    pub power_on_hours: u128,
    /// Times switched off without warning.
    pub unsafe_shutdowns: u128,
    /// Times that data could not be given back whole.
    pub media_errors: u128,
    /// Entries in the error log over its life; many are of no concern, such as
    /// commands that it does not know.
    pub error_log_entries: u128,
    /// Time above the warning temperature.
    pub time_warm: Duration,
    /// Time above the critical temperature.
    pub time_hot: Duration,
    /// Further thermometers, in their order.
    pub sensors: Vec<Celsius>,
}

impl Device {
    /// Reads the health log.
    pub fn nvme_health(&mut self) -> Result<NvmeHealth> {
        let page = self.handle.nvme_health_log();
        Ok(parse(&self.named("reading the health log of", page)?))
    }
}

/// Zero means that there is none.
fn kelvin(value: u16) -> Option<Celsius> {
    let celsius = i32::from(value) - 273;
    (value != 0).then_some(Celsius(i16::try_from(celsius).ok()?))
}

fn parse(page: &[u8; 512]) -> NvmeHealth {
    let minutes = |offset| Duration::from_secs(60 * u64::from(le32(page, offset)));
    NvmeHealth {
        critical_warning: CriticalWarning(page[0]),
        temperature: kelvin(le16(page, 1)),
        spare: Percent(page[3]),
        spare_threshold: Percent(page[4]),
        used: Percent(page[5]),
        data_units_read: le128(page, 32),
        data_units_written: le128(page, 48),
        host_reads: le128(page, 64),
        host_writes: le128(page, 80),
        busy_minutes: le128(page, 96),
        power_cycles: le128(page, 112),
        power_on_hours: le128(page, 128),
        unsafe_shutdowns: le128(page, 144),
        media_errors: le128(page, 160),
        error_log_entries: le128(page, 176),
        time_warm: minutes(192),
        time_hot: minutes(196),
        sensors: (0..8)
            .filter_map(|i| kelvin(le16(page, 200 + 2 * i)))
            .collect(),
    }
}
