//! Copies elsewhere: destinations, what is done for them, and bringing files back.

use jiff::Timestamp;
use preau_domain::copies::{Day, KeepCounts, Place, Restored};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// `GET /v1/copies`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CopiesView {
    /// The sentence at the top.
    pub headline: String,
    /// What was done last, in a sentence.
    pub last: Option<String>,
    /// What comes next, in a sentence.
    pub next: Option<String>,
    /// Whether there is a recovery sheet: without one no copy is made.
    pub has_sheet: bool,
    /// The destinations.
    pub destinations: Vec<DestinationView>,
}

/// How the copies at a destination are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CopyState {
    /// No copy was made yet.
    New,
    /// The last night's copy is there.
    Good,
    /// Something is being done.
    Running,
    /// Something has to happen first: a disk is plugged in, a sheet is printed.
    Waiting,
    /// The last copy failed.
    Problem,
    /// It is switched off.
    Off,
}

/// A destination.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DestinationView {
    /// Its identity.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Where it is.
    pub place: Place,
    /// A password or secret key is stored for it.
    pub has_secret: bool,
    /// The nights on which a copy is made.
    pub days: Vec<Day>,
    /// The hour after which it begins.
    pub hour: u8,
    /// How many copies stay.
    pub keep: KeepCounts,
    /// While the school works at most so many kilobits per second are sent.
    pub kilobits_at_school: Option<u32>,
    /// Copies are made.
    pub enabled: bool,
    /// How it is.
    pub state: CopyState,
    /// The same in a sentence.
    pub sentence: String,
    /// When the files were as the last good copy has them.
    #[schema(value_type = Option<String>)]
    pub last_good: Option<Timestamp>,
    /// When the last proof by restoring succeeded.
    #[schema(value_type = Option<String>)]
    pub last_proof: Option<Timestamp>,
    /// What is planned next.
    pub next: Option<PlannedView>,
    /// What is being done.
    pub running: Option<RunningView>,
    /// Why the last work failed, until it succeeds.
    pub problem: Option<CopyProblem>,
    /// Why nothing is let go of there, when that is so.
    pub hold: Option<String>,
    /// It is held because files vanished: somebody may say that they were meant to.
    pub may_accept_vanished: bool,
    /// What is to be gone from there, and is not yet.
    pub strikes: Vec<StrikeView>,
    /// The last five weeks, oldest first.
    pub nights: Vec<NightView>,
}

/// What is planned.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PlannedView {
    /// `back_up`, `drill`, `check_data`, …
    pub work: String,
    /// When.
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// Both in a sentence.
    pub sentence: String,
}

/// What is being done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunningView {
    /// `back_up`, `restore`, …
    pub work: String,
    /// In words: `La copie est en cours`.
    pub action: String,
    /// Hundredths done, once it can be told.
    pub percent: Option<u8>,
    /// How far, how fast, how long still, in words.
    pub words: String,
    /// Seconds left, once it can be told.
    pub remaining_seconds: Option<u64>,
    /// Bytes per second.
    pub per_second: u64,
}

/// Why work failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CopyProblem {
    /// For programs: `login_refused`, `no_space`, …; `cut` when the worker ended
    /// without a word.
    pub code: String,
    /// What is wrong and what to do.
    pub message: String,
    /// For people who help.
    pub detail: String,
    /// When.
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// The key that the server shows, when that is what is wrong.
    pub host_key: Option<HostKeyView>,
}

/// A server's key, to be compared and confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HostKeyView {
    /// Type and key; sent back in `host_key` to confirm it.
    pub key: String,
    /// `SHA256:…`, as the server's own people can show it.
    pub fingerprint: String,
    /// Another one was confirmed before.
    pub changed: bool,
}

/// A night of the calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NightView {
    /// The day on which the copy begins, `2026-11-24`.
    pub date: String,
    /// What came of it.
    pub result: NightResult,
}

/// What came of a night.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NightResult {
    /// A copy was made.
    Good,
    /// It was tried and failed.
    Failed,
    /// It was not tried although it was its day.
    Missed,
    /// No copy is made on that day, or it was no destination yet.
    None,
}

/// `POST /v1/copies` and `PUT /v1/copies/{id}`: where copies go. It is tested before it
/// is stored; a refusal names the field.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetDestination {
    /// A name for people.
    pub name: String,
    /// Where it is. An SFTP server's `host_key` is left out at first.
    pub place: Place,
    /// The password, or the secret half of an S3 key; left out to keep the one that is
    /// stored.
    #[serde(default)]
    pub secret: Option<String>,
    /// The nights; every one when left out.
    #[serde(default)]
    pub days: Option<Vec<Day>>,
    /// The hour of the box's time after which a copy begins; 1 when left out.
    #[serde(default)]
    pub hour: Option<u8>,
    /// How many copies stay.
    #[serde(default)]
    pub keep: Option<KeepCounts>,
    /// While the school works at most so many kilobits per second are sent.
    #[serde(default)]
    pub kilobits_at_school: Option<u32>,
    /// Whether copies are made; yes when left out.
    #[serde(default)]
    pub enabled: Option<bool>,
}

/// The answer to it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DestinationSet {
    /// The destination, stored.
    pub id: Option<Uuid>,
    /// Nothing was stored: the server's key must be confirmed first, by the same
    /// request with `place.host_key`.
    pub confirm: Option<HostKeyView>,
    /// A copy is there already and will be gone on with.
    pub found_copy: bool,
    /// Bytes that are free there, where it can be asked.
    pub free: Option<u64>,
}

/// `POST /v1/copies/key`: the public half of the box's SSH key.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BoxKey {
    /// One line for `authorized_keys`.
    pub public_key: String,
}

/// A disk on USB that could get copies.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CopyDiskView {
    /// What `place.filesystem` wants.
    pub filesystem: String,
    /// Its name.
    pub label: Option<String>,
    /// `exfat`, `ext4`, …
    pub kind: String,
    /// Bytes in all.
    pub size: u64,
}

/// `POST /v1/copies/{id}/run`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunNow {
    /// What.
    pub work: WorkNow,
}

/// What may be asked for by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WorkNow {
    /// Copy.
    BackUp,
    /// Take some files back and compare them.
    Drill,
    /// Look whether everything is there.
    Check,
}

/// A run of the history.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RunView {
    /// Its number.
    pub number: u64,
    /// `back_up`, `drill`, …
    pub work: String,
    /// In words.
    pub name: String,
    /// When it began.
    #[schema(value_type = String)]
    pub started_at: Timestamp,
    /// When it ended.
    #[schema(value_type = Option<String>)]
    pub ended_at: Option<Timestamp>,
    /// What came of it, in a sentence.
    pub result: String,
    /// It ended well.
    pub good: bool,
    /// For people who help.
    pub detail: String,
}

/// A copy at a destination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SnapshotView {
    /// Its name there.
    pub id: String,
    /// When the files were as they are in it.
    #[schema(value_type = String)]
    pub time: Timestamp,
    /// Of which share.
    pub share: String,
    /// Of which machine.
    pub host: String,
    /// Files in it.
    pub files: Option<u64>,
    /// Bytes in it.
    pub bytes: Option<u64>,
}

/// `GET /v1/copies/{id}/files?snapshot=…&folder=…`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FolderView {
    /// Its files and folders, folders first.
    pub entries: Vec<FileView>,
}

/// A file or folder of a copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FileView {
    /// Its name; what is no text is escaped as `\x…`, a backslash is doubled.
    pub name: String,
    /// `file`, `folder`, `link`, `other`.
    pub kind: String,
    /// Where it is, counted from the share's root, escaped likewise.
    pub path: String,
    /// In which copy, when it was searched for.
    pub snapshot: Option<String>,
    /// Bytes, for a file.
    pub size: u64,
    /// When it was last changed.
    #[schema(value_type = Option<String>)]
    pub modified: Option<Timestamp>,
}

/// `GET /v1/copies/{id}/search?name=…`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SearchView {
    /// What was found, in the newest copy first.
    pub found: Vec<FileView>,
    /// There is more.
    pub more: bool,
}

/// `POST /v1/copies/{id}/restore`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RestoreFiles {
    /// From which copy.
    pub snapshot: String,
    /// Of which share.
    pub share: String,
    /// What, counted from the share's root, as it was listed; empty is everything.
    pub path: String,
    /// What it is there.
    pub kind: Restored,
    /// Where to.
    pub to: RestoreTarget,
    /// `over` replaces files: somebody read that and said yes.
    #[serde(default)]
    pub confirmed: bool,
}

/// Where restored files go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RestoreTarget {
    /// Into a new folder at the top of the share.
    Beside,
    /// To where they were.
    Over,
}

/// Its answer.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RestoreBegun {
    /// The folder that they will be in, within the share; `None` for `over`.
    pub folder: Option<String>,
}

/// How the copies are, on the first page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CopiesStatus {
    /// How many destinations there are.
    pub destinations: u32,
    /// How they are together.
    pub state: CopyState,
    /// One sentence.
    pub headline: String,
    /// What was done last night.
    pub last: Option<String>,
    /// What comes next.
    pub next: Option<String>,
}

/// `POST /v1/copies/strike`: takes a file or folder out of every copy, everywhere.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StrikeFiles {
    /// Of which share.
    pub share: String,
    /// What, counted from the share's root, as copies list it; never empty.
    pub path: String,
    /// The path once more, as the confirmation that somebody read and agreed to names it:
    /// what goes cannot be taken back.
    #[serde(default)]
    pub delete: Option<String>,
}

/// Its answer.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct StrikeBegun {
    /// One for each destination.
    pub destinations: Vec<StruckAt>,
}

/// By when it is gone from a destination.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct StruckAt {
    /// The destination's name.
    pub name: String,
    /// By when.
    pub strike: StrikeView,
}

/// Something that is to be gone from a destination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StrikeView {
    /// Of which share.
    pub share: String,
    /// What.
    pub path: String,
    /// By when it is gone, or why it stays, in a sentence that names it.
    pub sentence: String,
    /// By when, if the destination can be reached.
    #[schema(value_type = Option<String>)]
    pub gone_by: Option<Timestamp>,
    /// The destination lets nobody delete: it stays there.
    pub stays: bool,
}
