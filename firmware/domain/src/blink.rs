//! Making a disk show where it sits, so that nobody pulls the wrong one. Where the bay
//! has a light, that is lit. Elsewhere the disk is read in bursts, a second of work and
//! a second of rest, which its own light shows: a rhythm that no other disk has, as
//! long as no copy keeps all of them busy.

use crate::ids::DiskId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is seen of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BlinkBy {
    /// The light of its bay, which the enclosure has for just this.
    BayLight,
    /// The light that tells that the disk works.
    Activity,
}

/// A disk that shows where it sits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blinking {
    /// Which.
    pub disk: DiskId,
    /// By what.
    pub by: BlinkBy,
    /// How long it goes on, in seconds.
    pub seconds_left: u32,
}

/// Whether a sleeping disk may be woken for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wake {
    /// Somebody said so.
    Allowed,
    /// Nobody did.
    No,
}

/// What came of asking a disk to show itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blinked {
    /// It does.
    Shown,
    /// It sleeps and was left in peace.
    Asleep,
}

/// Whether the other disks are at work, and by what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Others {
    /// All of them are read or written at full speed, by a copy or a scrub.
    Busy,
    /// As usual: people at work make their lights flicker now and then.
    AsUsual,
}

/// Whether a disk that shows itself would be told from the others. A bay's own light
/// always is; among lights that all flicker, a rhythm is not seen.
pub const fn is_told_apart(by: BlinkBy, others: Others) -> bool {
    match (by, others) {
        (BlinkBy::BayLight, _) | (BlinkBy::Activity, Others::AsUsual) => true,
        (BlinkBy::Activity, Others::Busy) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_bays_own_light_is_seen_while_all_disks_work() {
        assert!(is_told_apart(BlinkBy::BayLight, Others::Busy));
        assert!(is_told_apart(BlinkBy::Activity, Others::AsUsual));
        assert!(!is_told_apart(BlinkBy::Activity, Others::Busy));
    }
}
