//! What was read from one disk at one time, whatever protocol it speaks.

use jiff::Timestamp;

use crate::reading::Reading;

/// A temperature in degrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Celsius(pub i16);

/// A share of a hundred; of a disk's promised writes it may pass 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(pub u8);

/// Time powered on, in hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hours(pub u64);

/// What a disk keeps its bytes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Medium {
    /// Platters, or not known: the stricter limits.
    Platters,
    /// Flash.
    Flash,
}

/// The disk's own verdict on itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnVerdict {
    /// Well.
    Passed,
    /// ATA: SMART RETURN STATUS; NVMe: any critical warning; SCSI: an exception.
    Failed,
}

/// A line of an ATA disk's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attribute {
    /// Its number.
    pub id: u8,
    /// Mostly 100 or 200 for new, and falling. `None`: the disk's figure means nothing.
    pub value: Option<u8>,
    /// Where the maker sees failure; zero never is.
    pub threshold: Option<u8>,
    /// At its threshold the disk is failing, not merely old.
    pub prefailure: bool,
    /// The 48 bits of the counter, which some makers pack several figures into.
    pub raw: u64,
}

/// The health log of an NVMe disk (NVMe base specification, log page 02h).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NvmeLog {
    /// The bits of the critical warning.
    pub critical_warning: u8,
    /// Spare blocks left.
    pub spare: Percent,
    /// Below this the disk raises its warning.
    pub spare_threshold: Percent,
    /// Times that data could not be given back whole.
    pub media_errors: u128,
}

/// The log pages of a SCSI disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScsiLog {
    /// Sectors replaced since the disk was made.
    pub grown_defects: Option<u64>,
    /// Errors of reading, writing and verifying that were not put right.
    pub uncorrected: Option<u64>,
}

/// Which self-test it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SelfTestKind {
    /// All of the surface.
    Extended,
    /// A sample of it, or a test of the maker's own.
    Short,
}

/// What came of a self-test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SelfTestOutcome {
    /// Nothing was found.
    Passed,
    /// Something was.
    Failed,
    /// Stopped, or not over: says nothing.
    Unfinished,
}

/// A line of the log of self-tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SelfTest {
    /// Which.
    pub kind: SelfTestKind,
    /// What came of it.
    pub outcome: SelfTestOutcome,
    /// The disk's hours then; ATA and SCSI wrap at 65,536.
    pub at: Hours,
}

/// What one visit to a disk brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiskReading {
    /// When.
    pub at: Timestamp,
    /// What it keeps its bytes on.
    pub medium: Medium,
    /// What it says of itself.
    pub own_verdict: Reading<OwnVerdict>,
    /// Time powered on.
    pub powered_on: Reading<Hours>,
    /// Temperature.
    pub temperature: Reading<Celsius>,
    /// Used-up share of the promised writes.
    pub used: Reading<Percent>,
    /// ATA attributes.
    pub attributes: Reading<Vec<Attribute>>,
    /// NVMe log.
    pub nvme: Reading<NvmeLog>,
    /// SCSI logs.
    pub scsi: Reading<ScsiLog>,
    /// Self-tests, newest first.
    pub self_tests: Reading<Vec<SelfTest>>,
}

impl DiskReading {
    /// True if the disk answered anything.
    pub(crate) fn says_something(&self) -> bool {
        self.own_verdict.known().is_some()
            || self.temperature.known().is_some()
            || self.attributes.known().is_some()
            || self.nvme.known().is_some()
            || self.scsi.known().is_some()
            || self.self_tests.known().is_some()
    }
}
