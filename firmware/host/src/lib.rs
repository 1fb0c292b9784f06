//! The only crate that touches the system. [`System`] is what the supervisor may
//! ask of it: observe everything, apply one planned step, keep accounts and names.
//! [`Machine`] is the real thing; [`FakeMachine`] keeps state and passes the same
//! contract. How a command is run stays inside.

#[cfg(any(test, feature = "contract"))]
pub mod contract;
pub mod copying;
pub mod fake;
pub mod survey;
pub mod system;
#[cfg(any(test, feature = "fuzz"))]
pub mod targets;

mod accounts;
mod blink;
mod board;
mod command;
mod console;
mod described;
mod digest;
mod durable;
mod events;
mod kept;
mod kmsg;
mod layers;
mod lsblk;
mod machine;
mod md;
#[cfg(test)]
mod noise;
mod opened;
mod prepare;
mod samba;
mod scrub;
mod steps;
#[cfg(test)]
mod testing;
mod touch;
mod visits;
mod volume;

pub use command::run_role;
pub use copying::{CopyDisk, Copying, Lane, StillShare, WorkPlaces, Worker};
pub use durable::{remove_durably, write_durably};
pub use fake::{FakeMachine, ReadOnly};
pub use machine::Machine;
pub use system::{Bundles, Change, HostError, SetFacts, System, chain};
