//! `GET /v1/status`, also sent by `GET /v1/events` whenever it changes (server-sent
//! events named `status`, one JSON document each): all that the first page shows.

use crate::copies::CopiesStatus;
use crate::recovery::ComingBack;
use crate::requests::{Candidate, DiskView};
use jiff::Timestamp;
use preau_domain::arrays::SyncAction;
use preau_domain::ids::Bay;
use preau_domain::incidents::{Facts, IncidentCode, IncidentState, Severity};
use preau_domain::language::Language;
use preau_domain::layouts::Layout;
use preau_domain::settings::SetupStep;
use preau_domain::snapshot::MailFailure;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// All that the first page shows.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Status {
    /// The box's clock.
    #[schema(value_type = String)]
    pub now: Timestamp,
    /// IANA name of its time zone.
    pub time_zone: Option<String>,
    /// Its name.
    pub box_name: Option<String>,
    /// Its language.
    pub language: Language,
    /// Where the set-up stands.
    pub setup: SetupStep,
    /// The gravest open incident's severity; `None` when all is well.
    pub severity: Option<Severity>,
    /// One sentence that says how things are.
    pub headline: String,
    /// What people should not forget, one sentence each, e.g. that nobody gets mail.
    pub reminders: Vec<Reminder>,
    /// The disks that are there.
    pub disks: Vec<DiskView>,
    /// The disks that should be there and are not.
    pub lost_disks: Vec<LostDisk>,
    /// The volume that the shares live on, once chosen.
    pub volume: Option<VolumeView>,
    /// The shares.
    pub shares: Vec<ShareView>,
    /// Open incidents, the gravest first.
    pub incidents: Vec<IncidentView>,
    /// How far the reading of everything stored is, once there is a volume.
    #[serde(default)]
    pub scrub: Option<ScrubView>,
    /// How the copies elsewhere are.
    #[serde(default)]
    pub copies: Option<CopiesStatus>,
    /// What is still coming back, on a box that was made from nothing.
    #[serde(default)]
    pub coming_back: Option<ComingBack>,
    /// How the mails go.
    pub mail: MailStatus,
}

/// What a scrub is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScrubState {
    /// None is going on.
    Idle,
    /// It reads, or does as soon as nothing is being repaired.
    Running,
    /// It waits for the night.
    Waiting,
    /// A person holds it back.
    Paused,
}

/// How far the reading of everything stored is.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ScrubView {
    /// What it is doing.
    pub state: ScrubState,
    /// Hundredths done, 0 to 100; 0 while none is going on.
    pub percent: u8,
    /// Seconds left, once it can be told.
    pub remaining_seconds: Option<u64>,
    /// When the next one is due.
    #[schema(value_type = String)]
    pub next_at: Timestamp,
    /// When the last one ended.
    #[schema(value_type = Option<String>)]
    pub last_finished: Option<Timestamp>,
    /// About how many bytes the last one put right.
    pub repaired_bytes: u64,
    /// The files that the last one could not put right.
    pub broken_files: Vec<String>,
}

/// Something that is left to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reminder {
    /// No mail server or recipient is set: nobody is told of anything.
    MailNotSet,
    /// No test mail was confirmed: nobody knows whether mails arrive.
    MailNotProved,
    /// Nobody has typed words of the recovery sheet back: nobody knows whether
    /// anybody has it on paper.
    SheetNotProved,
}

/// A disk that should be there and is not.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LostDisk {
    /// Where it sat.
    pub bay: Option<Bay>,
    /// Its model.
    pub model: String,
    /// Its serial number.
    pub serial: String,
    /// Its size in bytes.
    pub size: u64,
}

/// What the volume is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VolumeState {
    /// It is being made; the files can be used once it is not.
    Creating,
    /// Every copy is complete.
    Protected,
    /// In use while the copies become the same for the first time.
    Copying,
    /// In use, with a copy missing.
    Degraded,
    /// In use, with a replacement being filled.
    Rebuilding,
    /// In use and as protected as before, with a disk being added or replaced.
    Changing,
    /// Its disks are not there, or not all that are needed.
    Offline,
}

/// The volume that the shares live on.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct VolumeView {
    /// What it is doing.
    pub state: VolumeState,
    /// How its disks protect each other.
    pub layout: Layout,
    /// How many disks may fail now, in a sentence; empty while nobody knows.
    pub protection: String,
    /// A person must say whether it is started although what was being written may be
    /// damaged: `POST /v1/array/start`.
    pub waits_for_consent: bool,
    /// Why making it does not go on, in a sentence, when it does not.
    pub problem: Option<String>,
    /// Bytes in all, once mounted.
    pub total: Option<u64>,
    /// Bytes free, once mounted.
    pub free: Option<u64>,
    /// How far a copy has got, when one is being made.
    pub progress: Option<Progress>,
    /// Disks that could take the place of a lost one.
    pub candidates: Vec<Candidate>,
    /// One technical line, e.g. `md127 raid1 [2/1]`.
    pub detail: String,
}

/// How far something has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Progress {
    /// What is being done.
    pub action: SyncAction,
    /// Hundredths done, 0 to 100.
    pub percent: u8,
    /// Seconds left, once it can be told.
    pub remaining_seconds: Option<u64>,
}

/// A share.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ShareView {
    /// Its name.
    pub name: String,
    /// Whether computers can use it now.
    pub online: bool,
}

/// An incident, in words.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct IncidentView {
    /// Its number in this box's history.
    pub number: u64,
    /// What is wrong.
    pub code: IncidentCode,
    /// How serious.
    pub severity: Severity,
    /// Where it is in its life.
    pub state: IncidentState,
    /// When it opened.
    #[schema(value_type = Option<String>)]
    pub opened_at: Option<Timestamp>,
    /// When it closed.
    #[schema(value_type = Option<String>)]
    pub closed_at: Option<Timestamp>,
    /// What the sentences are made from.
    pub facts: Facts,
    /// The sentences.
    pub text: IncidentText,
}

/// An incident in words, in the reader's language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IncidentText {
    /// A headline.
    pub title: String,
    /// What happened.
    pub what_happened: String,
    /// Whether the files are safe.
    pub is_data_safe: String,
    /// What to do, one step each.
    pub what_to_do: Vec<String>,
    /// By when.
    pub by_when: Option<String>,
    /// The technical line.
    pub detail: String,
}

/// How the mails go.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MailStatus {
    /// A server and a recipient are set.
    pub configured: bool,
    /// Somebody typed the code of a test mail back.
    pub proved: bool,
    /// Mails that wait to leave.
    pub waiting: u32,
    /// Why the last try failed, until one succeeds.
    pub last_failure: Option<MailFailure>,
    /// The same in a sentence.
    pub message: Option<String>,
}
