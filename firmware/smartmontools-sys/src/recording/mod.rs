//! Recorded disks, which answer commands as the real ones did.
//!
//! Four ways lead to one: [`dump`] reads what `smartctl -r ataioctl,2` prints,
//! page by page; [`smartctl`] puts pages back together from smartctl's JSON,
//! whose attribute table holds all that the disk's two SMART pages hold; [`facts`]
//! undoes printed tables; and the
//! fields are public, so that a test can make a disk worse. A recording notes the
//! commands that it is sent.

mod ata;
pub mod dump;
mod error;
pub mod facts;
mod nvme;
pub mod pages;
mod scsi;
pub mod smartctl;

pub use ata::{AtaRecording, Log};
pub use error::RecordingError;
pub use nvme::NvmeRecording;
pub use scsi::{Exceptions, ScsiRecording};
