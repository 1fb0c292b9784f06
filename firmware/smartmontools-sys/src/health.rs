//! The disk's own verdict, the same shape whatever it speaks. It is one reading
//! among others: disks that say they are well have died.

use crate::ata::{Attribute, AttributeState};
use crate::device::{Bus, Device};
use crate::error::{Cause, Result};
use crate::nvme::CriticalWarning;

/// What a verdict rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Basis {
    /// ATA: the disk's answer to SMART RETURN STATUS.
    SmartStatus,
    /// ATA: its attributes beside their thresholds, because the answer did not
    /// come through the bridge or driver.
    Attributes,
    /// NVMe: the critical warning.
    CriticalWarning,
    /// SCSI: informational exceptions.
    InformationalExceptions,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Concern {
    /// The disk says that it will fail, and not why.
    SaysSo,
    /// A pre-failure attribute is at or below its threshold.
    Attribute {
        /// Its number.
        id: u8,
        /// Its name.
        name: String,
    },
    /// NVMe alarms.
    Warning(CriticalWarning),
    /// A SCSI exception, in words.
    Exception(String),
}

/// The disk's own verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// Well.
    Passed(Basis),
    /// Failing, for these reasons: never none.
    Failing(Basis, Vec<Concern>),
}

impl Health {
    /// True if the disk holds itself for well.
    pub fn is_passed(&self) -> bool {
        matches!(self, Health::Passed(_))
    }

    fn of(basis: Basis, concerns: Vec<Concern>) -> Health {
        if concerns.is_empty() {
            Health::Passed(basis)
        } else {
            Health::Failing(basis, concerns)
        }
    }
}

impl Device {
    /// Reads the disk's own verdict.
    pub fn health(&mut self) -> Result<Health> {
        match self.bus() {
            Bus::Ata => self.ata_health(),
            Bus::Nvme => {
                let warning = self.nvme_health()?.critical_warning;
                let concerns = match warning.is_silent() {
                    true => Vec::new(),
                    false => vec![Concern::Warning(warning)],
                };
                Ok(Health::of(Basis::CriticalWarning, concerns))
            }
            Bus::Scsi => {
                let health = self.scsi_health()?;
                let concerns: Vec<_> = health
                    .exception
                    .map(Concern::Exception)
                    .into_iter()
                    .collect();
                if concerns.is_empty() && !health.reports_exceptions {
                    let words = "the disk reports no exceptions".to_owned();
                    return Err(self.error("reading the health of", Cause::Unsupported(words)));
                }
                Ok(Health::of(Basis::InformationalExceptions, concerns))
            }
        }
    }

    fn ata_health(&mut self) -> Result<Health> {
        let act = "reading the SMART status of";
        self.require_smart(act)?;
        match self.handle.ata_says_failing() {
            Ok(false) => Ok(Health::Passed(Basis::SmartStatus)),
            Ok(true) => {
                let mut concerns = vec![Concern::SaysSo];
                // Names what it can; the disk's word stands without.
                if let Ok(smart) = self.ata_smart() {
                    concerns.extend(below_threshold(&smart.attributes));
                }
                Ok(Health::Failing(Basis::SmartStatus, concerns))
            }
            Err(cause) if cause.is_unsupported() => {
                let smart = self.ata_smart()?;
                if smart.lacks_thresholds {
                    return Err(self.error(act, cause));
                }
                let concerns = below_threshold(&smart.attributes).collect();
                Ok(Health::of(Basis::Attributes, concerns))
            }
            Err(cause) => Err(self.error(act, cause)),
        }
    }
}

fn below_threshold(attributes: &[Attribute]) -> impl Iterator<Item = Concern> + '_ {
    attributes
        .iter()
        .filter(|found| found.flags.is_prefailure() && found.state == AttributeState::FailingNow)
        .map(|found| Concern::Attribute {
            id: found.id,
            name: found.name.clone(),
        })
}
