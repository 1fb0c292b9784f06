//! One visit to a disk: what it brought for the judging, and what only people read.

use super::reading::{Celsius, DiskReading, Hours, Percent, SelfTestKind, SelfTestOutcome};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;

/// What came of a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Visit {
    /// The disk does not spin, and was left in peace.
    Asleep,
    /// All that it told.
    Told(Box<Report>),
    /// It is attached and did not answer, or not in time.
    Silent {
        /// Why, in technical words.
        reason: String,
    },
}

/// All that a disk told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What is judged.
    pub reading: DiskReading,
    /// Its firmware's version.
    pub firmware: Option<String>,
    /// The product's family.
    pub family: Option<String>,
    /// A warning about this firmware, from the database of known disks, in English.
    pub warning: Option<String>,
    /// Turns a minute; `None` for flash and for disks that do not say.
    pub turns: Option<u16>,
    /// Its table of figures, in its own order.
    pub figures: Vec<Figure>,
    /// Whether a self-test runs.
    pub self_test: SelfTestState,
    /// The log of self-tests, the newest first; `None`: it keeps none.
    pub self_tests: Option<Vec<SelfTestLine>>,
    /// How long its self-tests take, in minutes, where it says.
    pub self_test_minutes: Option<SelfTestMinutes>,
}

/// One line of a disk's table: an ATA attribute, or a counter of an NVMe or SCSI log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Figure {
    /// The number of an ATA attribute.
    pub id: Option<u8>,
    /// What it is called, in the field's own words.
    pub name: String,
    /// How good it is, from 253 down; ATA only.
    pub value: Option<u8>,
    /// The lowest that was.
    pub worst: Option<u8>,
    /// Where the maker sees failure; 0 is never.
    pub threshold: Option<u8>,
    /// At or below its threshold now.
    pub failing: bool,
    /// The figure itself, as it is to be read.
    pub raw: String,
}

/// Whether a self-test runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum SelfTestState {
    /// None does.
    Idle,
    /// One does.
    Running {
        /** What is done, in hundredths. ATA counts in tenths. */
        done: Percent,
    },
    /// The disk has no self-tests.
    Unsupported,
    /// It could not be asked.
    Unknown,
}

/// A line of the log of self-tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SelfTestLine {
    /// Which.
    pub kind: SelfTestKind,
    /// What came of it.
    pub outcome: SelfTestOutcome,
    /// The disk's hours then; ATA and SCSI wrap at 65,536.
    pub at: Hours,
    /// The first block that could not be read.
    pub failing_block: Option<u64>,
}

/// How long self-tests take, in minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SelfTestMinutes {
    /// The short one.
    pub short: u16,
    /// The long one.
    pub extended: u16,
}

/// What came of reading one block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Touch {
    /// The block came.
    Answered {
        /// The critical warning of an NVMe disk, which costs nothing to ask for.
        warning: Option<u8>,
    },
    /// The disk sleeps, and was left in peace.
    Asleep,
    /// The disk says that it cannot.
    Failed {
        /// Why, in technical words.
        reason: String,
    },
    /// Nothing has come for that long, over all reads that wait.
    Waiting(Duration),
}

impl Report {
    /// A disk that answers and keeps no watch on itself.
    pub const fn of_a_disk_without_smart(reading: DiskReading) -> Self {
        Self {
            reading,
            firmware: None,
            family: None,
            warning: None,
            turns: None,
            figures: Vec::new(),
            self_test: SelfTestState::Unsupported,
            self_tests: None,
            self_test_minutes: None,
        }
    }

    /// Its temperature.
    pub fn temperature(&self) -> Option<Celsius> {
        self.reading.temperature.known().copied()
    }
}

impl Visit {
    /// What the visit is worth to the judging; a sleeping disk was not asked.
    pub fn reading(&self, at: Timestamp) -> Option<DiskReading> {
        match self {
            Self::Asleep => None,
            Self::Told(report) => Some(report.reading.clone()),
            Self::Silent { reason } => Some(DiskReading::silent(at, reason)),
        }
    }
}
