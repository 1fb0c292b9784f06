//! Disks of another Préau on a box without a volume of its own.

use jiff::Timestamp;
use preau_domain::ids::{Bay, DiskId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `GET /v1/adoption`: what can be told of such disks before their code is given.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Adoptable {
    /// Each set of disks that belong together.
    pub sets: Vec<AdoptableSet>,
}

/// Disks that belonged together on another box.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AdoptableSet {
    /// What names the set in a request.
    pub set: String,
    /// Those that are here.
    pub disks: Vec<DiskId>,
    /// Where they sit.
    pub bays: Vec<Bay>,
    /// How many belong together, when that can be told.
    pub wanted: Option<u32>,
    /// When they were last written on, by the clock of that box.
    #[schema(value_type = Option<String>)]
    pub used_at: Option<Timestamp>,
}

/// `POST /v1/adoption`: takes over the settings, people and passwords that the disks
/// carry, which ends every session. Answered with 202 once that is stored; the box
/// then starts its services again, and somebody logs in with an account of the other
/// box. Nothing is written on the disks before that.
///
/// Refused with `sheet-count`, `sheet-words`, `sheet-checksum`, `sheet-one-part`,
/// `sheet-same-part` or `sheet-other-part` (422) when the words
/// are no code, `wrong-sheet` (403) when they are another sheet's, `kept-nothing`,
/// `kept-damaged` or `kept-newer` (409) when what the disks carry cannot be used.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Adopt {
    /// Which disks.
    pub set: String,
    /// The twelve words of their recovery sheet, or those of two of its parts. Case, accents, separators and
    /// numbers do not matter.
    pub code: String,
}
