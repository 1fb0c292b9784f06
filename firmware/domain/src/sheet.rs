//! What may be known of the recovery sheet without knowing its words: when it was
//! made, and whether somebody proved to have it on paper.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How long the proof may be put off before the box asks again, by mail too.
pub const PUT_OFF: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The dates of a recovery sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SheetDates {
    /// When it was made.
    #[schema(value_type = String)]
    pub made_at: Timestamp,
    /// When somebody typed four of its words.
    #[schema(value_type = Option<String>)]
    pub proved_at: Option<Timestamp>,
}

impl SheetDates {
    /// Whether it is time to ask again.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.proved_at.is_none() && now.duration_since(self.made_at) >= PUT_OFF
    }
}
