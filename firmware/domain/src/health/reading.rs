//! What was read from one disk at one time, whatever protocol it speaks.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::reading::Reading;

/// A temperature in degrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct Celsius(pub i16);

/// A share of a hundred; of a disk's promised writes it may pass 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct Percent(pub u8);

/// Time powered on, in hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct Hours(pub u64);

/// What a disk keeps its bytes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Medium {
    /// Platters, or not known: the stricter limits.
    Platters,
    /// Flash.
    Flash,
}

/// The disk's own verdict on itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnVerdict {
    /// Well.
    Passed,
    /// ATA: SMART RETURN STATUS; NVMe: any critical warning; SCSI: an exception.
    Failed,
}

/// A line of an ATA disk's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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

impl Attribute {
    /// At or below its threshold, and that means failure. ATA/ATAPI-5 has values from
    /// 1 to 253, and a threshold of 0 that never trips.
    pub fn is_below_threshold(&self) -> bool {
        let below = |value: u8, threshold: u8| {
            (1..=253).contains(&value) && threshold != 0 && value <= threshold
        };
        let pair = self.value.zip(self.threshold);
        self.prefailure && pair.is_some_and(|(value, threshold)| below(value, threshold))
    }
}

/// The health log of an NVMe disk (NVMe base specification, log page 02h).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScsiLog {
    /// Sectors replaced since the disk was made.
    pub grown_defects: Option<u64>,
    /// Errors of reading, writing and verifying that were not put right.
    pub uncorrected: Option<u64>,
}

/// Which self-test it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SelfTestKind {
    /// All of the surface.
    Extended,
    /// A sample of it, or a test of the maker's own.
    Short,
}

/// What came of a self-test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SelfTestOutcome {
    /// Nothing was found.
    Passed,
    /// Something was.
    Failed,
    /// Stopped, or not over: says nothing.
    Unfinished,
}

/// A line of the log of self-tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SelfTest {
    /// Which.
    pub kind: SelfTestKind,
    /// What came of it.
    pub outcome: SelfTestOutcome,
    /// The disk's hours then; ATA and SCSI wrap at 65,536.
    pub at: Hours,
}

/// What one visit to a disk brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// A visit that brought no answer.
    pub fn silent(at: Timestamp, reason: &str) -> Self {
        fn unreadable<T>(reason: &str) -> Reading<T> {
            Reading::Unreadable {
                reason: reason.to_owned(),
            }
        }
        Self {
            at,
            medium: Medium::Platters,
            own_verdict: unreadable(reason),
            powered_on: unreadable(reason),
            temperature: unreadable(reason),
            used: unreadable(reason),
            attributes: unreadable(reason),
            nvme: unreadable(reason),
            scsi: unreadable(reason),
            self_tests: unreadable(reason),
        }
    }

    /// A visit to a disk that answers and keeps no watch on itself.
    pub const fn without_smart(at: Timestamp, medium: Medium) -> Self {
        Self {
            at,
            medium,
            own_verdict: Reading::Absent,
            powered_on: Reading::Absent,
            temperature: Reading::Absent,
            used: Reading::Absent,
            attributes: Reading::Absent,
            nvme: Reading::Absent,
            scsi: Reading::Absent,
            self_tests: Reading::Absent,
        }
    }

    /// True if the disk answered anything. That it keeps no watch on itself is an
    /// answer too: virtual disks and many USB sticks have nothing to tell.
    pub fn says_something(&self) -> bool {
        const fn is_told<T>(part: &Reading<T>) -> bool {
            part.known().is_some()
        }
        const fn is_unreadable<T>(part: &Reading<T>) -> bool {
            matches!(part, Reading::Unreadable { .. })
        }
        let told = is_told(&self.own_verdict)
            || is_told(&self.temperature)
            || is_told(&self.attributes)
            || is_told(&self.nvme)
            || is_told(&self.scsi)
            || is_told(&self.self_tests);
        let unreadable = is_unreadable(&self.own_verdict)
            || is_unreadable(&self.temperature)
            || is_unreadable(&self.attributes)
            || is_unreadable(&self.nvme)
            || is_unreadable(&self.scsi)
            || is_unreadable(&self.self_tests);
        told || !unreadable
    }
}
