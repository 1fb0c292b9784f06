//! One verdict per disk. Readings of one disk, oldest first, go into [`judge`];
//! a [`Judgement`] with its reasons comes out. A part that the newest reading
//! lacks counts as it was when last known: absence is no recovery.

mod history;
mod judge;
mod kernel;
mod reading;
mod schedule;
#[cfg(test)]
mod tests;
mod visit;

pub use history::{History, News};
pub use judge::{Judgement, Reason, Verdict, heat_limit, judge};
pub use kernel::{KernelNote, Noticed, kernel_reasons, marks_reason};
pub use reading::{
    Attribute, Celsius, DiskReading, Hours, Medium, NvmeLog, OwnVerdict, Percent, ScsiLog,
    SelfTest, SelfTestKind, SelfTestOutcome,
};
pub use schedule::{Due, Testable, self_tests_due};
pub use visit::{Figure, Report, SelfTestLine, SelfTestMinutes, SelfTestState, Touch, Visit};
