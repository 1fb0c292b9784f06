//! `GET /v1/array`: the disks of the volume, what protects them, and what can be done
//! with them.

use crate::requests::Candidate;
use crate::status::{Progress, VolumeState};
use preau_domain::ids::{Bay, DiskId};
use preau_domain::layouts::{Growth, Layout};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The disks of the volume.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ArrayView {
    /// How they protect each other.
    pub layout: Layout,
    /// What the volume is doing.
    pub state: VolumeState,
    /// How many disks may fail now, in a sentence.
    pub protection: String,
    /// How many may fail when all are there.
    pub may_fail: u32,
    /// How many more may fail now; unknown while the array is not there.
    pub may_still_fail: Option<u32>,
    /// Bytes in all, once mounted.
    pub total: Option<u64>,
    /// Bytes free, once mounted.
    pub free: Option<u64>,
    /// How far a copy has got, when one is being made.
    pub progress: Option<Progress>,
    /// Its disks, those that are missing included.
    pub members: Vec<MemberView>,
    /// What one more disk could bring now.
    pub growths: Vec<GrowthView>,
    /// Why nothing can be added or replaced now, in a sentence.
    pub no_growth: Option<String>,
    /// Disks that could join.
    pub candidates: Vec<Candidate>,
    /// See [`crate::VolumeView::waits_for_consent`].
    pub waits_for_consent: bool,
    /// What `POST /v1/array/start` is then given: the serial numbers of the disks of
    /// the volume that are there. Else empty.
    pub start_with: Vec<String>,
    /// One technical line.
    pub detail: String,
}

/// What a disk of the volume is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemberRole {
    /// Holds its part, complete.
    InUse,
    /// Is being filled.
    Filling,
    /// Waits to take the place of one that fails.
    Spare,
    /// Works, and is let go once another has taken its place.
    Leaving,
    /// The kernel gave it up.
    Failed,
    /// Is there and has not joined yet.
    Joining,
    /// Is there, while the array is not started.
    Waiting,
    /// Is not there.
    Missing,
}

/// A disk of the volume.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MemberView {
    /// Which.
    pub disk: DiskId,
    /// Where it sits, or sat.
    pub bay: Option<Bay>,
    /// Its model.
    pub model: String,
    /// Its serial number.
    pub serial: String,
    /// Its size in bytes.
    pub size: u64,
    /// What it is doing.
    pub role: MemberRole,
    /// The same in words.
    pub word: String,
    /// Whether another disk may be given its place now.
    pub replaceable: bool,
}

/// What one more disk could bring.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GrowthView {
    /// What.
    pub growth: Growth,
    /// The layout then.
    pub layout: Layout,
    /// How many disks may fail then.
    pub may_fail: u32,
    /// Bytes that files can use then, about.
    pub usable: u64,
    /// The same in a sentence.
    pub words: String,
}
