//! The one place where the supervisor reads the clock; everything else is given a
//! time.

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// More than this between the two clocks was not drift: somebody set one.
const DRIFT: SignedDuration = SignedDuration::from_secs(30);

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

/// Holds the box's clock against the machine's own, which nobody sets: after a power
/// cut the first may be in 1970, or hours late, until the network tells it the time.
#[derive(Debug, Default)]
pub struct Clocks(Option<(Timestamp, Instant)>);

impl Clocks {
    /// By how much the box's clock was set since this was asked last, when it was.
    pub fn set_by(&mut self, now: Timestamp) -> Option<SignedDuration> {
        let instant = Instant::now();
        let (then, at) = self.0.replace((now, instant))?;
        let passed = SignedDuration::try_from(instant - at).unwrap_or_default();
        let set = now.duration_since(then) - passed;
        (set.abs() > DRIFT).then_some(set)
    }
}
