//! The one place where the supervisor reads the clock; everything else is given a
//! time.

use jiff::Timestamp;

/// Reads a clock.
pub type Clock = fn() -> Timestamp;

/// The box's clock.
#[allow(
    clippy::disallowed_methods,
    reason = "the outermost loop and the API read the clock here and pass it on"
)]
pub fn now() -> Timestamp {
    Timestamp::now()
}
