//! What Préau knows and decides, as values: identities, readings, the settings,
//! the incidents and the plans. Nothing here reads a clock, a file or a channel;
//! `preau-host` observes a [`snapshot::Snapshot`], [`assess::assess`] judges it,
//! [`plan::plan`] says what to change, and the supervisor carries both out.

pub mod adopt;
pub mod arrays;
pub mod assess;
pub mod blink;
pub mod copies;
pub mod disks;
pub mod drops;
pub mod health;
pub mod ids;
pub mod incidents;
pub mod language;
pub mod layouts;
pub mod letter;
pub mod names;
pub mod opened;
pub mod plan;
pub mod reading;
pub mod remaining;
pub mod scrub;
pub mod settings;
pub mod sheet;
pub mod snapshot;
