//! A box that is made from nothing: what a copy elsewhere holds becomes this box.

use crate::copies::{CopyProblem, HostKeyView};
use crate::requests::PersonView;
use jiff::Timestamp;
use preau_domain::copies::Place;
use preau_domain::layouts::Layout;
use preau_domain::settings::EraseConsent;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `POST /v1/recovery/look`: opens the copy at a place with the recovery sheet and says
/// what it holds. Nothing that is there changes. Refused as `POST /v1/copies` is where
/// the place is wrong, as `POST /v1/adoption` where the words are, and with
/// `copy-without-settings`, `copy-newer` or `copy-settings-damaged` (409) when the
/// copy cannot make a box.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LookForCopy {
    /// Where it is. An SFTP server's key is shown first: the answer has `confirm`, and
    /// the same request with that key goes on. With `login` `key`, the box logs in with
    /// the key that the sheet gives, which is that of the box that is gone.
    pub place: Place,
    /// The password or secret key there.
    pub secret: Option<String>,
    /// The twelve words of the recovery sheet, or those of two of its parts.
    pub code: String,
}

/// Its answer.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CopyLooked {
    /// The server's key, when it must be confirmed first.
    pub confirm: Option<HostKeyView>,
    /// What was found.
    pub found: Option<FoundBox>,
}

/// A box as its copy holds it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FoundBox {
    /// Its name.
    pub name: Option<String>,
    /// IANA name of its time zone.
    pub time_zone: Option<String>,
    /// When its settings were copied.
    #[schema(value_type = String)]
    pub settings_at: Timestamp,
    /// Who has an account.
    pub people: Vec<PersonView>,
    /// The names of its destinations.
    pub destinations: Vec<String>,
    /// How many disks it had.
    pub disks: u32,
    /// The shares of which there is a copy.
    pub shares: Vec<FoundShare>,
}

/// A share of which there is a copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FoundShare {
    /// Its name.
    pub name: String,
    /// When its files were as they are in the newest copy.
    #[schema(value_type = String)]
    pub taken_at: Timestamp,
    /// Files in it, when that is known.
    pub files: Option<u64>,
    /// Bytes in it, when that is known.
    pub bytes: Option<u64>,
}

/// `GET /v1/recovery`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RecoveryView {
    /// What was last found, until it is taken over.
    pub found: Option<FoundBox>,
    /// What is coming back.
    pub coming_back: Option<ComingBack>,
}

/// `POST /v1/recovery`: makes this box the one that was found, on disks that are
/// erased. Answered with 202 once that is decided; the box then starts its services
/// again, and somebody logs in with an account of the box that is gone. Refused as
/// `POST /v1/volume` is, and with `nothing-found` (409) when nothing was looked for since
/// the last start.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Recover {
    /// How the disks protect each other.
    pub layout: Layout,
    /// One consent for each disk, as for `POST /v1/volume`.
    pub erase: Vec<EraseConsent>,
    /// How many of the disks wait to take the place of one that fails.
    #[serde(default)]
    pub spares: u32,
}

/// Files that are coming back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ComingBack {
    /// The name of the destination that they come from.
    pub from: String,
    /// How it goes.
    pub state: ComingState,
    /// The same in a sentence.
    pub sentence: String,
    /// Hundredths done, while a share comes back and once it can be told.
    pub percent: Option<u8>,
    /// How far, how fast, how long still, in words.
    pub words: Option<String>,
    /// Seconds left, once it can be told.
    pub remaining_seconds: Option<u64>,
    /// The shares.
    pub shares: Vec<ShareComing>,
    /// Why it does not go on.
    pub problem: Option<CopyProblem>,
}

/// How it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ComingState {
    /// The disks are not ready, or the disk with the copy is not plugged in.
    Waiting,
    /// Files are coming back.
    Running,
    /// The last try failed; the box tries again by itself.
    Trying,
    /// Only a person can say how it goes on.
    Stopped,
}

/// One share of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ShareComing {
    /// What it is.
    #[serde(flatten)]
    pub share: FoundShare,
    /// It is back.
    pub back: bool,
}

/// `POST /v1/recovery/go-on`. 409 and `nothing-runs` when nothing is coming back.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GoOn {
    /// How.
    pub act: GoOnAct,
    /// `leave` opens shares that are not whole: somebody read that and said yes.
    #[serde(default)]
    pub confirmed: bool,
}

/// How it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GoOnAct {
    /// Try again now.
    Again,
    /// Be content with what is back. What is missing stays in the copy.
    Leave,
}
