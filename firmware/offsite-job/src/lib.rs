//! What the supervisor and the worker `preau-offsite` say to each other.
//!
//! ```text
//! supervisor ──one line: Job──▶ stdin  preau-offsite  stdout ──lines: Event──▶ supervisor
//!            ──lines: Order───▶                       stderr ──▶ the journal, for people who help
//! ```
//!
//! The first line on standard input is the [`Job`], credentials and all: they appear
//! neither on a command line nor in an environment. Later lines, if any, are
//! [`Order`]s. The end of the input is no order: the job goes on. Every line on
//! standard output is an [`Event`], the last one [`Event::Done`] or
//! [`Event::Failed`]. A worker that ends without either was killed, and nothing at
//! the destination is worse for it.
//!
//! This crate knows nothing of how copies are made, so that the supervisor, which
//! has a memory budget, does not carry it.

mod destination;
mod event;
mod failure;
mod path;
mod sealed;
mod secret;
mod task;

pub use destination::*;
pub use event::*;
pub use failure::*;
pub use path::EscapedPath;
pub use sealed::{SETTINGS, Sealed};
pub use secret::Secret;
pub use task::*;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The worker's place in the image.
pub const WORKER: &str = "/usr/bin/preau-offsite";

/// The version of these types. Supervisor and worker come in the same image; a
/// worker that is asked in another version refuses.
pub const VERSION: u32 = 1;

/// One job for one process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// [`VERSION`].
    pub version: u32,
    /// The box's name, as the copies will carry it. It also tells which locks at the
    /// destination are the box's own, so it must not change from night to night.
    pub host: String,
    /// Where the copies are.
    pub destination: Destination,
    /// The repository's password. [`Task::Test`] needs none.
    pub password: Option<Secret>,
    /// A folder for what can be fetched again (indexes, lists of snapshots). Without
    /// it everything is asked of the destination each time.
    pub cache: Option<PathBuf>,
    /// At most so many bytes per second are sent; `None` is no limit.
    pub upload_limit: Option<u64>,
    /// What to do.
    pub task: Task,
}

/// What may be told to a worker that is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "snake_case")]
pub enum Order {
    /// From now on at most so many bytes per second are sent.
    UploadLimit {
        /// `None` is no limit.
        bytes_per_second: Option<u64>,
    },
    /// Stop. The worker answers with [`Failure::Cancelled`].
    Cancel,
}

/// One line of the conversation: JSON without a line break in it, and one after it.
///
/// # Errors
/// When the value cannot be written as JSON, which no type of this crate causes.
pub fn line<T: Serialize>(value: &T) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string(value)?;
    text.push('\n');
    Ok(text)
}

#[cfg(test)]
mod tests;
