//! What disks say about themselves: smartmontools' own device and command code
//! behind a small C header, and a safe interface over it.
//!
//! Data flows: [`scan`] finds disks, [`Device::open`] opens one (SATA behind a
//! USB bridge included), the device's methods read pages through the library and
//! give them back as values; [`Device::survey`] reads all that a disk has without
//! waking it. [`Probe`] runs such work in a thread of its own with a deadline: a
//! hung disk is then [`Unreadable`] and holds up nobody. [`Replay`] puts a
//! recording in a disk's place, beneath the library.
//!
//! This is the project's only unsafe code. It is in `raw` (calls into the shim)
//! and `replay` (calls out of it); every block says why it is sound.

mod ata;
mod bytes;
mod device;
mod error;
mod health;
mod identity;
mod nvme;
mod probe;
mod raw;
#[cfg(feature = "recordings")]
pub mod recording;
mod replay;
mod scsi;
mod self_test;
mod survey;
mod units;

#[allow(
    missing_docs,
    dead_code,
    non_camel_case_types,
    non_upper_case_globals,
    clippy::all,
    clippy::undocumented_unsafe_blocks,
    clippy::multiple_unsafe_ops_per_block
)]
mod ffi {
    include!(concat!(env!("OUT_DIR"), "/shim.rs"));
}

pub use ata::{AtaErrors, AtaSmart, Attribute, AttributeFlags, AttributeState, SelfTestMinutes};
pub use device::{Bus, Device, Found, PowerMode, scan};
pub use error::{Cause, Error, Result};
pub use health::{Basis, Concern, Health};
pub use identity::{FormFactor, Identity, Rotation, SmartSupport, Wwn};
pub use nvme::{CriticalWarning, NvmeHealth};
pub use probe::{Probe, Unreadable};
pub use replay::{
    AtaCommand, AtaRegisters, Errno, NvmeCommand, NvmeStatus, Replay, ScsiCommand, ScsiSense,
    Transfer,
};
pub use scsi::{ErrorCounters, ScsiHealth};
pub use self_test::{SelfTest, SelfTestEntry, SelfTestKind, SelfTestOutcome, SelfTestState};
pub use survey::{Details, Report, Survey};
pub use units::{Bytes, Celsius, Percent};
