//! `GET /v1/disks/{id}` and what can be asked of a disk.

use crate::requests::DiskView;
use crate::status::IncidentView;
use jiff::Timestamp;
use preau_domain::blink::BlinkBy;
use preau_domain::health::{
    Celsius, Figure, Hours, Percent, Reason, SelfTestKind, SelfTestLine, SelfTestMinutes,
    SelfTestState, Verdict,
};
use preau_domain::opened::Folder;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a disk is, in short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DiskHealthView {
    /// The verdict; `None` of a disk that was not read yet.
    pub verdict: Option<Verdict>,
    /// Its temperature, if it told one at the last visit.
    pub temperature: Option<Celsius>,
    /// It sleeps, and was left in peace.
    pub asleep: bool,
}

/// All that is known of a disk.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DiskDetails {
    /// What was observed, its role, and the verdict.
    #[serde(flatten)]
    pub view: DiskView,
    /// What its label says, as far as a person compares it: `WDC WD40EFZX, n° …7K2P`.
    pub label: String,
    /// The verdict in one or two words.
    pub word: String,
    /// The verdict in a sentence.
    pub sentence: String,
    /// What the verdict rests on, the gravest first.
    pub reasons: Vec<ReasonView>,
    /// When it was last visited.
    #[schema(value_type = Option<String>)]
    pub visited_at: Option<Timestamp>,
    /// From here on it is too hot.
    pub heat_limit: Celsius,
    /// Its temperatures, oldest first.
    pub temperatures: Vec<TemperaturePoint>,
    /// Time powered on.
    pub powered_on: Option<Hours>,
    /// The same in words: `environ 3 ans de marche`.
    pub age: Option<String>,
    /// Used-up share of its promised writes.
    pub used: Option<Percent>,
    /// Its firmware's version.
    pub firmware: Option<String>,
    /// The product's family.
    pub family: Option<String>,
    /// A known fault of that firmware, in English.
    pub warning: Option<String>,
    /// Turns a minute.
    pub turns: Option<u16>,
    /// Its table of figures.
    pub figures: Vec<Figure>,
    /// Its self-tests.
    pub self_test: SelfTestView,
    /// How it shows where it sits.
    pub blink: BlinkView,
    /// Whether its files can be copied into the shares.
    pub open: OpenView,
    /// Its incidents, the latest first.
    pub incidents: Vec<IncidentView>,
}

/// One thing that a verdict rests on.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReasonView {
    /// What was found, with its figures.
    pub reason: Reason,
    /// What it alone would make of the disk.
    pub verdict: Verdict,
    /// A sentence for everybody.
    pub text: String,
    /// The same in the field's own terms.
    pub figure: String,
}

/// How warm a disk was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TemperaturePoint {
    /// When.
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// In degrees.
    pub degrees: Celsius,
}

/// A disk's self-tests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SelfTestView {
    /// Whether one runs.
    pub state: SelfTestState,
    /// Former ones, the newest first.
    pub log: Vec<SelfTestLine>,
    /// How long they take, where the disk says.
    pub minutes: Option<SelfTestMinutes>,
}

/// `POST /v1/disks/{id}/self-test`: lets the disk test itself beside its work.
/// Answered with 202, also while it does already; refused with 409 and
/// `copy-running` while a copy is made, `no-self-test` when the disk has none, and
/// `disk-silent` when it does not answer. `DELETE` of the same address ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartSelfTest {
    /// Minutes or hours.
    pub kind: SelfTestKind,
}

/// How a disk shows where it sits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BlinkView {
    /// By which light.
    pub by: BlinkBy,
    /// How long it still does, while it does.
    pub seconds_left: Option<u32>,
    /// It would be woken for it.
    pub wakes: bool,
}

/// `POST /v1/disks/{id}/blink`: makes the disk show where it sits, and no other one.
/// Answered with 202, from the beginning while it does already; refused with 409 and
/// `disk-asleep` when it would have to be woken and `wake` is not said, and
/// `all-blink` when a copy or a scrub keeps all lights flickering and the bay has none
/// of its own. `DELETE` of the same address ends it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartBlink {
    /// A sleeping disk may be woken.
    #[serde(default)]
    pub wake: bool,
}

/// Whether a disk that somebody brought can be read by other computers.
/// `POST /v1/disks/{id}/open` opens it: it appears as the share `usb`, which only the
/// people who look after the box can read, and nothing is ever written on it. Another
/// one that is open is closed. `DELETE` of the same address closes it; pulling it does
/// as well. Refused with 409 and `not-openable` where it carries nothing that can be
/// read or is a Préau's own, and `disk-of-copies` where copies are kept on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OpenView {
    /// It can be opened.
    pub can: bool,
    /// Its file systems, each a folder of the share, while it is open.
    pub folders: Option<Vec<Folder>>,
}
