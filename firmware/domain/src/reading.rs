//! A reading of the outside world, which may be known, absent or unreadable.
//! Unknown is a value: it neither opens nor closes an incident.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What was found when something was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading<T> {
    /// It was read, at this time.
    Known {
        /// What was read.
        value: T,
        /// When.
        at: Timestamp,
    },
    /// The place was looked at and there is nothing there.
    Absent,
    /// It could not be read; says nothing about the thing itself.
    Unreadable {
        /// Why, for the journal and the support page.
        reason: String,
    },
}

impl<T> Reading<T> {
    /// The value, if it is known.
    pub const fn known(&self) -> Option<&T> {
        match self {
            Self::Known { value, .. } => Some(value),
            Self::Absent | Self::Unreadable { .. } => None,
        }
    }

    /// A known reading.
    pub const fn at(value: T, at: Timestamp) -> Self {
        Self::Known { value, at }
    }
}
