//! Everything that is known at one moment, as the watch loop saw and judged it. The
//! routes turn it into words in the reader's language.

use crate::desk::Damage;
use crate::readings::Health;
use crate::reconcile::Problem;
use crate::scrub::Progress;
use crate::store::OutboxState;
use jiff::Timestamp;
use preau_domain::incidents::Incidents;
use preau_domain::settings::Settings;
use preau_domain::sheet::SheetDates;
use preau_domain::snapshot::Snapshot;
use std::sync::Arc;

/// What is known at one moment.
#[derive(Debug, Clone)]
pub struct Picture {
    /// When it was observed.
    pub at: Timestamp,
    /// What was observed.
    pub snapshot: Snapshot,
    /// How each disk is.
    pub health: Arc<Health>,
    /// What is wrong.
    pub incidents: Incidents,
    /// The settings in force then.
    pub settings: Arc<Settings>,
    /// What is wrong with the stored settings.
    pub damage: Damage,
    /// The recovery sheet, as far as anybody may know.
    pub sheet: Option<SheetDates>,
    /// How the mails go.
    pub outbox: OutboxState,
    /// Seconds that md still needs for what it does to the volume, when they are known.
    pub remaining_seconds: Option<u64>,
    /// How far a scrub is.
    pub scrub: Progress,
    /// Why making the volume what it should be does not go on.
    pub problem: Option<Problem>,
}
