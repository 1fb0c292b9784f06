//! The worker against real servers on this machine, and beside the real `restic`: what
//! one writes the other checks, lists and restores. Needs root (for owners, mounts
//! and `sshd`) and the programs of the project's tool root.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test starts programs, reads the clock, writes files, and may fail"
)]

mod cuts;
mod destinations;
mod faults;
mod many;
mod names;
mod restic;
mod scratch;
mod servers;
mod settings;
mod strike;
mod tasks;
mod tree;
mod troubles;
mod wire;
mod worker;
