//! Everything that was observed at one moment, handed to
//! [`assess`](crate::assess::assess) and [`plan`](crate::plan::plan).

use crate::arrays::Array;
use crate::disks::Disk;
use crate::health::KernelNote;
use crate::reading::Reading;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The mounted volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Volume {
    /// UUID of its file system.
    pub filesystem: Uuid,
    /// The kernel mounted or remounted it read-only.
    pub read_only: bool,
    /// Bytes in all.
    pub total: u64,
    /// Bytes that can still be written.
    pub free: u64,
    /// The subvolumes at its top, by name.
    pub subvolumes: Vec<String>,
}

/// What was observed of the hardware and the storage at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Every disk but the card that the box itself runs from.
    pub disks: Reading<Vec<Disk>>,
    /// Every md array that the kernel shows, running or not.
    pub arrays: Reading<Vec<Array>>,
    /// What is mounted on the volume's place; `Absent` when nothing is.
    pub volume: Reading<Volume>,
    /// Whether smbd runs.
    pub shares_served: Reading<bool>,
    /// What the kernel noticed of the disks since it started, the oldest first; the
    /// newest only when there is much.
    pub kernel: Reading<Vec<KernelNote>>,
}

/// Why a mail did not go through; each has its own sentence on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MailFailure {
    /// The server's name is not found.
    NameNotFound,
    /// Nothing answers there, or not in time.
    Unreachable,
    /// Its certificate is not one that can be trusted.
    CertificateWrong,
    /// It offers no encryption.
    NoEncryption,
    /// It refused the login.
    LoginRefused,
    /// It refused the recipient.
    RecipientRefused,
    /// It refused the sender.
    SenderRefused,
    /// It refused for now, and asks to try later.
    TryLater,
    /// It refused for another reason.
    Refused,
}

impl MailFailure {
    /// Whether waiting cannot help: somebody must change something.
    pub const fn is_permanent(self) -> bool {
        match self {
            Self::CertificateWrong
            | Self::NoEncryption
            | Self::LoginRefused
            | Self::RecipientRefused
            | Self::SenderRefused
            | Self::Refused => true,
            Self::NameNotFound | Self::Unreachable | Self::TryLater => false,
        }
    }
}

/// What the outbox knows of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OutboxHealth {
    /// Since when the oldest message waits.
    pub waiting_since: Option<Timestamp>,
    /// Why the last try failed, and for whom; `None` after a success.
    pub last_failure: Option<MailFailure>,
}
