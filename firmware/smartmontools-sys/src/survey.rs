//! All that a disk says, in one go and in the right order: power mode first, and
//! nothing more if the disk sleeps. Each part is a reading of its own, so that a
//! bridge that loses one log does not hide the rest.

use crate::ata::{AtaErrors, AtaSmart};
use crate::device::{Bus, Device, PowerMode};
use crate::error::Result;
use crate::health::Health;
use crate::identity::Identity;
use crate::nvme::NvmeHealth;
use crate::scsi::ScsiHealth;
use crate::self_test::{SelfTestEntry, SelfTestState};
use crate::units::{Celsius, Percent};

/// What a survey finds.
#[derive(Clone, Debug)]
pub enum Survey {
    /// The disk does not spin, and was left in peace.
    Asleep(PowerMode),
    /// All that it says.
    Awake(Box<Report>),
}

/// All that a disk says.
#[derive(Clone, Debug)]
pub struct Report {
    /// Who it is.
    pub identity: Identity,
    /// How awake it was.
    pub power: PowerMode,
    /// Its own verdict.
    pub health: Result<Health>,
    /// Its temperature, if it has a thermometer.
    pub temperature: Option<Celsius>,
    /// Used-up share of its promised writes, if it counts them.
    pub used: Option<Percent>,
    /// What its protocol has to say.
    pub details: Details,
    /// Whether a self-test runs.
    pub self_test: Result<SelfTestState>,
    /// What came of the former ones; `None`: it keeps no log.
    pub self_tests: Result<Option<Vec<SelfTestEntry>>>,
}

/// What only one protocol has.
#[derive(Clone, Debug)]
pub enum Details {
    /// ATA.
    Ata {
        /// The attributes.
        smart: Result<AtaSmart>,
        /// Logged errors.
        errors: Result<AtaErrors>,
    },
    /// NVMe.
    Nvme(Result<NvmeHealth>),
    /// SCSI.
    Scsi(Result<ScsiHealth>),
}

impl Device {
    /// Reads all that the disk says, unless that would wake it.
    pub fn survey(&mut self) -> Result<Survey> {
        let power = self.power_mode()?;
        if power.is_spun_down() {
            return Ok(Survey::Asleep(power));
        }
        let identity = self.identity()?;
        let (details, temperature, used) = match self.bus() {
            Bus::Ata => self.survey_ata(),
            Bus::Nvme => {
                let health = self.nvme_health();
                let temperature = health.as_ref().ok().and_then(|found| found.temperature);
                let used = health.as_ref().ok().map(|found| found.used);
                (Details::Nvme(health), temperature, used)
            }
            Bus::Scsi => {
                let health = self.scsi_health();
                let temperature = health.as_ref().ok().and_then(|found| found.temperature);
                let used = health.as_ref().ok().and_then(|found| found.used);
                (Details::Scsi(health), temperature, used)
            }
        };
        Ok(Survey::Awake(Box::new(Report {
            identity,
            power,
            health: self.health(),
            temperature,
            used,
            details,
            self_test: self.self_test_state(),
            self_tests: self.self_tests(),
        })))
    }

    fn survey_ata(&mut self) -> (Details, Option<Celsius>, Option<Percent>) {
        let smart = self.ata_smart();
        let errors = self.ata_errors();
        // A thermometer or a wear counter that cannot be read is as good as none:
        // the attributes' own failure is in the report.
        let temperature = match &smart {
            Ok(smart) if smart.temperature.is_some() => smart.temperature,
            _ => self.ata_sct_temperature().unwrap_or(None),
        };
        let used = self.ata_endurance_used().unwrap_or(None);
        (Details::Ata { smart, errors }, temperature, used)
    }
}
