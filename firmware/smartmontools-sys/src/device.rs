//! Disks from finding to closing, and whether they are awake.

use crate::error::{Cause, Error, Result};
use crate::ffi;
use crate::raw::{self, Handle};
use crate::replay::{Callbacks, Replay};

/// The protocol that a disk speaks, whatever cable or bridge it hangs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bus {
    /// SATA and its forebears, also behind a USB bridge.
    Ata,
    /// SAS, and USB sticks and bridges that hide what is behind them.
    Scsi,
    /// NVMe.
    Nvme,
}

/// A disk that a scan found; nothing was sent to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The device node.
    pub path: String,
    /// How the library would open it. Opening may tell more: a SATA disk is
    /// found as `scsi` and opens as `sat`.
    pub kind: String,
}

/// Lists the disks of this machine that the library knows how to open. An NVMe
/// disk is listed by its controller (`/dev/nvme0`), whose identity has no size; a
/// disk behind a USB bridge that the database lacks is not listed, and opens all
/// the same.
pub fn scan() -> Result<Vec<Found>> {
    let found = raw::scan().map_err(|cause| Error {
        act: "scanning",
        disk: "this machine".to_owned(),
        cause,
    })?;
    let named = |(path, kind)| Found { path, kind };
    Ok(found.into_iter().map(named).collect())
}

/// How awake a disk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PowerMode {
    /// Working, or ready to at once.
    Active,
    /// Spinning, heads at rest.
    Idle,
    /// Not spinning; reading from it would wake it.
    Standby,
    /// Not spinning, and deaf to all but a reset.
    Sleep,
    /// The disk has no power modes, or answered what no standard knows.
    Unknown,
}

impl PowerMode {
    /// True if a reading would make the disk spin up.
    pub fn is_spun_down(self) -> bool {
        matches!(self, PowerMode::Standby | PowerMode::Sleep)
    }

    /// From CHECK POWER MODE's count register.
    fn from_ata(count: u8) -> PowerMode {
        match count {
            // 0x40 and 0x41 are spun-down and spun-up with a cache that answers.
            0x00 | 0x01 | 0x40 => PowerMode::Standby,
            0x80..=0x83 => PowerMode::Idle,
            0x41 | 0xff => PowerMode::Active,
            _ => PowerMode::Unknown,
        }
    }

    /// From the sense code "low power condition on" and its qualifier.
    fn from_scsi(asc: u8, ascq: u8) -> PowerMode {
        const LOW_POWER: u8 = 0x5e;
        const NOT_READY: u8 = 0x04;
        match (asc, ascq) {
            (LOW_POWER, 0x00 | 0x02 | 0x04 | 0x09 | 0x0a | 0x43) => PowerMode::Standby,
            (LOW_POWER, 0x01 | 0x03 | 0x05..=0x08 | 0x42) => PowerMode::Idle,
            (LOW_POWER, 0x45) => PowerMode::Sleep,
            // "Initialising command required": stopped by START STOP UNIT.
            (NOT_READY, 0x02) => PowerMode::Standby,
            (LOW_POWER, _) => PowerMode::Unknown,
            _ => PowerMode::Active,
        }
    }
}

/// An open disk. Its calls take as long as the disk does: [`Probe`](crate::Probe)
/// gives them a deadline.
pub struct Device {
    pub(crate) handle: Handle,
    name: String,
    bus: Bus,
    kind: String,
    /// An ATA disk's identity page, once read: with it the library has looked up
    /// the disk in its database, which takes longer than any of its commands.
    pub(crate) identity_page: Option<Box<[u8; 512]>>,
}

impl Device {
    /// Opens a disk and finds out how to speak to it. A USB bridge that the
    /// database lacks is tried as SAT, the standard way of speaking ATA through
    /// SCSI; if no ATA disk answers, as the SCSI disk that it says it is.
    pub fn open(path: &str) -> Result<Device> {
        match Self::open_with(path, None) {
            Err(Error {
                cause: Cause::UnknownBridge(words),
                ..
            }) => Self::open_bridge(path).map_err(|mut error| {
                error.cause = Cause::UnknownBridge(format!("{words}; {}", error.cause));
                error
            }),
            other => other,
        }
    }

    fn open_bridge(path: &str) -> Result<Device> {
        let sat = Self::open_with(path, Some("sat")).and_then(|mut device| {
            device.identity()?;
            Ok(device)
        });
        sat.or_else(|_| {
            // SAT's refusal says nothing about the disk; SCSI's will.
            let mut device = Self::open_with(path, Some("scsi"))?;
            device.identity()?;
            Ok(device)
        })
    }

    /// Opens a disk as one type, in the words of smartctl's `-d`: `sat`, `scsi`,
    /// `nvme`, `sntasmedia`, `usbjmicron,0`, …
    pub fn open_as(path: &str, kind: &str) -> Result<Device> {
        Self::open_with(path, Some(kind))
    }

    fn open_with(path: &str, kind: Option<&str>) -> Result<Device> {
        Self::opened(path, Handle::open(path, kind))
    }

    /// A disk that is a recording.
    pub fn replay(name: &str, bus: Bus, replay: impl Replay + 'static) -> Result<Device> {
        let bus = match bus {
            Bus::Ata => ffi::SHIM_BUS_ATA,
            Bus::Scsi => ffi::SHIM_BUS_SCSI,
            Bus::Nvme => ffi::SHIM_BUS_NVME,
        };
        let callbacks = Callbacks::new(Box::new(replay));
        Self::opened(name, Handle::replay(name, bus, callbacks))
    }

    fn opened(name: &str, handle: std::result::Result<Handle, Cause>) -> Result<Device> {
        let handle = handle.map_err(|cause| Error {
            act: "opening",
            disk: name.to_owned(),
            cause,
        })?;
        let bus = match handle.bus() {
            ffi::SHIM_BUS_ATA => Bus::Ata,
            ffi::SHIM_BUS_NVME => Bus::Nvme,
            _ => Bus::Scsi,
        };
        Ok(Device {
            name: name.to_owned(),
            bus,
            kind: handle.kind(),
            handle,
            identity_page: None,
        })
    }

    /// The disk as it was named when opened.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The protocol that it speaks.
    pub fn bus(&self) -> Bus {
        self.bus
    }

    /// How it was opened in the end, in the words of smartctl's `-d`.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// How awake the disk is. Does not wake it, and is the first thing to ask:
    /// nearly everything else would.
    pub fn power_mode(&mut self) -> Result<PowerMode> {
        let act = "reading the power mode of";
        match self.bus {
            Bus::Ata => match self.handle.ata_power_mode() {
                Ok(count) => Ok(PowerMode::from_ata(count)),
                Err(cause) if cause.is_unsupported() => Ok(PowerMode::Unknown),
                Err(cause) => Err(self.error(act, cause)),
            },
            Bus::Scsi => match self.handle.scsi_sense() {
                Ok((_, asc, ascq, _)) => Ok(PowerMode::from_scsi(asc, ascq)),
                Err(cause) if cause.is_unsupported() => Ok(PowerMode::Unknown),
                Err(cause) => Err(self.error(act, cause)),
            },
            // Its power states never cost a reader anything that could be felt.
            Bus::Nvme => Ok(PowerMode::Active),
        }
    }

    pub(crate) fn error(&self, act: &'static str, cause: Cause) -> Error {
        Error {
            act,
            disk: self.name.clone(),
            cause,
        }
    }

    /// Names the act and the disk if `outcome` is a failure.
    pub(crate) fn named<T>(
        &self,
        act: &'static str,
        outcome: std::result::Result<T, Cause>,
    ) -> Result<T> {
        outcome.map_err(|cause| self.error(act, cause))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standby_disk_is_told_from_an_idle_one() {
        assert!(PowerMode::from_ata(0x00).is_spun_down());
        assert!(!PowerMode::from_ata(0x80).is_spun_down());
        assert!(!PowerMode::from_ata(0xff).is_spun_down());
        assert!(PowerMode::from_scsi(0x5e, 0x02).is_spun_down());
        assert!(!PowerMode::from_scsi(0x5e, 0x01).is_spun_down());
        assert_eq!(PowerMode::from_scsi(0, 0), PowerMode::Active);
    }

    #[test]
    fn a_disk_that_is_not_there_is_an_error_that_names_it() {
        let error = Device::open("/dev/sdnothing").err().unwrap();
        assert_eq!(error.to_string(), "opening /dev/sdnothing");
        // The library says ENODEV where the kernel said ENOENT.
        assert!(matches!(error.cause, Cause::Refused { number: 19, .. }));
    }

    #[test]
    fn a_name_with_a_zero_byte_is_refused() {
        let error = Device::open("/dev/s\0da").err().unwrap();
        assert_eq!(error.cause, Cause::Name);
    }
}
