//! The copies elsewhere: where they go, what was done, what is due, how they are.
//!
//! A destination's settings and the history of its runs give, with the clock, the
//! next piece of work ([`next`]); the worker does it, the supervisor writes the run
//! down, and the same history is judged ([`health`]). Nothing here knows how a copy
//! is made.

mod due;
mod health;
mod place;
pub mod recovery;
mod runs;
mod schedule;
mod strike;
mod vanished;

pub use due::{
    Circumstances, ClockTrust, Hold, Next, Waiting, hold, is_struck_since, is_whole_due, next,
};
pub use health::{CopyHealth, Verdict, health};
pub use place::{Day, Destination, KeepCounts, Place, SftpLogin};
pub use runs::{Because, End, Ending, RestoreTo, RestoreWork, Restored, Run, Work};
pub use schedule::{last_slot, next_slot, past_slots, upload_limit};
pub use strike::{Gone, Strike, StrikeWork, gone};
pub use vanished::{Vanished, vanished};

/// Parts that the data is read in, one a week: all of it within a quarter.
pub const DATA_PARTS: u32 = 12;

#[cfg(test)]
mod tests;
