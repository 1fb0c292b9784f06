//! The laboratory: a real Préau image in QEMU, with disks that can be pulled,
//! a mail server, and the clients that a school has.
//!
//! ```text
//! Lab ──▶ Machine (QEMU) ──QMP──▶ Bay: pull, insert, replace
//!   │         ├──QMP──▶ Fault: errors, silence, changed bytes under a disk
//!   │         └──guest agent──▶ Guest: commands and files inside, for checks only
//!   ├──▶ MailServer (exim) ──files──▶ Mailbox
//!   └──▶ Nas (HTTPS), Smb (smbclient), Browser (chromium): the front door
//! ```
//!
//! A lab begins with a box that was started, or set up, once for all: `beginnings`.
//!
//! A machine and a mail server are all that `cargo xtask run` needs; the clients
//! are behind the feature `clients`. The tools run where this process runs,
//! which is the Debian root that xtask prepares: see [`tools`].

pub mod agent;
pub mod claim;
pub mod machine;
pub mod mail;
pub mod process;
pub mod qmp;
pub mod sftp;
pub mod socket;
pub mod tools;
pub mod wait;

#[cfg(feature = "clients")]
mod beginnings;
#[cfg(feature = "clients")]
mod blocks;
#[cfg(feature = "clients")]
mod clients;
#[cfg(feature = "clients")]
mod evidence;
#[cfg(feature = "clients")]
mod hands;
#[cfg(feature = "clients")]
pub mod lab;

#[cfg(feature = "clients")]
pub use blocks::Block;
#[cfg(feature = "clients")]
pub use clients::{
    browser::{Browser, Screen},
    nas::{ADMIN, ADMIN_PASSWORD, Nas, six_digits},
    smb::{Smb, Stored, sha256_of},
};
#[cfg(feature = "clients")]
pub use hands::LabBay;
#[cfg(feature = "clients")]
pub use lab::{Lab, LabBuilder};
pub use machine::{Bay, Disk, Fault, Machine, Socket};
pub use mail::{Mail, MailServer, Mailbox};
pub use wait::{Look, mib, mins, secs, wait_until, within};
