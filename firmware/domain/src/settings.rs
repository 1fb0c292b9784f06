//! The settings: what people asked for, in one versioned document.
//!
//! The supervisor writes it whole, durably, keeping the previous generation.
//! Unknown fields are refused; an older version passes through [`read`], one
//! migration at a time. Secrets are not here: they have a file of their own.

use crate::copies::Destination;
use crate::copies::recovery::{Recovered, Recovery};
use crate::ids::{Bay, DiskId};
use crate::language::Language;
pub use crate::layouts::Layout;
use jiff::civil::{DateTime, Weekday};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The version that this code writes.
pub const VERSION: u32 = 1;

/// The first Unix user number that a person may have; Debian keeps those below
/// 10000 to itself or to accounts of the image.
pub const FIRST_UID: u32 = 10_000;

/// Everything that people asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Version of the document, [`VERSION`] once read.
    pub version: u32,
    /// Counts the changes; the higher of two files is the later one.
    pub generation: u64,
    /// The box's language: mails, and the page until a reader chooses another.
    pub language: Language,
    /// The name that people gave the box, e.g. `École Jules-Ferry`.
    pub box_name: Option<String>,
    /// IANA name of the time zone, e.g. `Europe/Paris`.
    pub time_zone: Option<String>,
    /// Those who may use the shares; the first administrator is one of them.
    pub people: Vec<Person>,
    /// The Unix user number of the next person. Numbers are never given twice:
    /// files of somebody who left must not become those of a newcomer.
    pub next_uid: u32,
    /// The volume of disks, once chosen.
    pub volume: Option<VolumeSettings>,
    /// How mails leave, once given.
    pub mail: Option<MailSettings>,
    /// When the school works: what can wait does not happen then.
    #[serde(default)]
    pub school_hours: SchoolHours,
    /// Where copies go.
    #[serde(default)]
    pub destinations: Vec<Destination>,
    /// The box's identity in its copies, when it is not that of its volume: this box
    /// goes on with the copies of one that is gone.
    #[serde(default)]
    pub copies_as: Option<Uuid>,
    /// What is still to come back from a copy: the box was made from nothing.
    #[serde(default)]
    pub recovery: Option<Recovery>,
    /// How that ended.
    #[serde(default)]
    pub recovered: Option<Recovered>,
    /// Which steps of the set-up were passed without anything to store.
    pub setup: SetupMarks,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            version: VERSION,
            generation: 0,
            language: Language::Fr,
            box_name: None,
            time_zone: None,
            people: Vec::new(),
            next_uid: FIRST_UID,
            volume: None,
            mail: None,
            school_hours: SchoolHours::default(),
            destinations: Vec::new(),
            copies_as: None,
            recovery: None,
            recovered: None,
            setup: SetupMarks::default(),
        }
    }
}

/// When the school works, in the box's time zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SchoolHours {
    /// From this hour, 0 to 24.
    pub from: u8,
    /// To this hour, exclusive.
    pub to: u8,
    /// At weekends too: some schools lend their rooms.
    pub weekends: bool,
}

impl Default for SchoolHours {
    /// Day care before and after lessons included.
    fn default() -> Self {
        Self {
            from: 7,
            to: 19,
            weekends: false,
        }
    }
}

impl SchoolHours {
    /// Whether a day can have such hours.
    pub const fn is_sensible(&self) -> bool {
        self.from < self.to && self.to <= 24
    }

    /// Whether the school works then.
    pub fn contains(&self, at: DateTime) -> bool {
        let weekend = matches!(at.weekday(), Weekday::Saturday | Weekday::Sunday);
        let hour = at.hour().unsigned_abs();
        (self.weekends || !weekend) && (self.from..self.to).contains(&hour)
    }
}

/// What somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Uses the shares and looks after the box.
    Admin,
    /// Uses the shares.
    Member,
}

/// Somebody with an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// What they type to log in; see [`crate::names::Login`].
    pub login: String,
    /// How the page calls them.
    pub display_name: String,
    /// Unix user number, 10000 and up, never given twice.
    pub uid: u32,
    /// What they may do.
    pub role: Role,
}

/// A disk that belongs to the volume, with what its label says, so that it can
/// still be named when it is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VolumeMember {
    /// Which disk.
    pub disk: DiskId,
    /// Where it sat when it joined.
    pub bay: Option<Bay>,
    /// Its model.
    pub model: String,
    /// Its serial number.
    pub serial: String,
    /// Its size in bytes.
    pub size: u64,
}

/// What a person agreed to erase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EraseConsent {
    /// Which disk.
    pub disk: DiskId,
    /// Its serial number, as it was shown and confirmed.
    pub serial: String,
    /// The digest of what was shown to be on it; `None` for a blank disk.
    pub contents_digest: Option<String>,
}

/// The volume that the shares live on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VolumeSettings {
    /// How the disks protect each other.
    pub layout: Layout,
    /// UUID of the md array, chosen before it exists.
    pub array: Uuid,
    /// UUID of the btrfs file system, chosen before it exists.
    pub filesystem: Uuid,
    /// Its disks, spares included: md decides which of them wait.
    pub members: Vec<VolumeMember>,
    /// Members that are kept out of the array until a person lets them back in.
    #[serde(default)]
    pub held_out: Vec<HeldOut>,
    /// How many of the members are more than the layout needs.
    #[serde(default)]
    pub spares: u32,
    /// Disks that work and are to be let go once another has taken their place.
    #[serde(default)]
    pub leaving: Vec<VolumeMember>,
    /// A disk was added to what is in use, and the array and its file system are
    /// not as large as they will be.
    #[serde(default)]
    pub growing: bool,
    /// A person agreed to start the array from exactly these disks although what
    /// was being written when the power went may be damaged.
    #[serde(default)]
    pub unclean_start: Option<Vec<DiskId>>,
    /// Disks that a person agreed to erase and that have not joined yet.
    pub erase: Vec<EraseConsent>,
    /// The file system was made: from now on it is never made again.
    pub formatted: bool,
}

impl VolumeSettings {
    /// Why a disk is held out, if it is.
    pub fn held_out(&self, disk: &DiskId) -> Option<HeldWhy> {
        self.held_out
            .iter()
            .find(|held| held.disk == *disk)
            .map(|held| held.why)
    }

    /// How many disks the layout is made of.
    pub fn width(&self) -> usize {
        self.members.len().saturating_sub(self.spares as usize)
    }

    /// The member on that disk.
    pub fn member(&self, disk: &DiskId) -> Option<&VolumeMember> {
        self.members.iter().find(|member| member.disk == *disk)
    }

    /// The bytes that a new member needs: the smallest disk of the volume has them.
    pub fn smallest_member(&self) -> u64 {
        let sizes = self.members.iter().map(|member| member.size);
        sizes.min().unwrap_or_default()
    }
}

/// A member that is kept out of the array until a person lets it back in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HeldOut {
    /// Which disk.
    pub disk: DiskId,
    /// Why.
    pub why: HeldWhy,
}

/// Why a member is held out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HeldWhy {
    /// It came and went too often: see [`crate::drops`].
    Flapping,
    /// It was used without the others: it has files that they lack, and lacks theirs.
    Diverged,
}

/// How the connection to the mail server is encrypted. There is no third way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MailSecurity {
    /// Plain at first, then STARTTLS, which is required (usual port 587).
    Starttls,
    /// TLS from the first byte (usual port 465).
    Tls,
}

/// How mails leave, and to whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailSettings {
    /// Name or address of the server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub security: MailSecurity,
    /// The account there; its password is among the secrets.
    pub login: Option<String>,
    /// The sender's address.
    pub from: String,
    /// A certificate authority to trust besides the public ones, in PEM.
    pub extra_ca_pem: Option<String>,
    /// Who is written to, each in a mail of their own.
    pub recipients: Vec<String>,
    /// Somebody typed the code of a test mail back: mails arrive.
    pub proved: bool,
}

/// Steps of the set-up that leave no other trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetupMarks {
    /// Everybody who needs an account has one.
    pub people: bool,
    /// Mail was set up or put off.
    pub mail: bool,
    /// The recovery sheet was shown; its proof was given or put off.
    #[serde(default)]
    pub sheet: bool,
    /// The last page was reached.
    pub finished: bool,
}

/// The steps of the first-run set-up, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SetupStep {
    /// Give the box's code, and make the first account.
    Admin,
    /// Name and time zone.
    Box,
    /// Choose the disks.
    Disks,
    /// Who uses the shares.
    People,
    /// How mails leave.
    Mail,
    /// Print the recovery sheet.
    Sheet,
    /// Read what comes next.
    Finish,
    /// Over.
    Done,
}

impl Settings {
    /// The first step of the set-up that is not done; it is where a set-up that
    /// was interrupted is taken up again.
    pub fn setup_step(&self) -> SetupStep {
        if !self.people.iter().any(|person| person.role == Role::Admin) {
            SetupStep::Admin
        } else if self.box_name.is_none() || self.time_zone.is_none() {
            SetupStep::Box
        } else if self.volume.is_none() {
            SetupStep::Disks
        } else if !self.setup.people {
            SetupStep::People
        } else if !self.setup.mail {
            SetupStep::Mail
        } else if !self.setup.sheet && !self.setup.finished {
            // A box that was set up before there was a sheet is not sent back.
            SetupStep::Sheet
        } else if !self.setup.finished {
            SetupStep::Finish
        } else {
            SetupStep::Done
        }
    }

    /// Who the box is in its copies. It stays when people rename the box, and on
    /// another card or other disks.
    pub fn copies_identity(&self) -> Option<Uuid> {
        let volume = self.volume.as_ref().map(|volume| volume.filesystem);
        self.copies_as.or(volume)
    }

    /// Somebody looks after this box: the claim code is worth nothing any more.
    pub fn is_claimed(&self) -> bool {
        self.setup_step() > SetupStep::Admin
    }
}

/// Why a settings document cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is not JSON, or not of this shape.
    #[error("the settings are not of the expected shape: {0}")]
    Shape(String),
    /// It was written by a newer Préau.
    #[error("the settings are of version {found}, this program knows up to {VERSION}")]
    TooNew {
        /// The version found.
        found: u32,
    },
}

/// Reads a settings document of any version up to [`VERSION`].
///
/// # Errors
/// When the text is not such a document, or is of a newer version. The file is
/// then damaged or foreign, which is not the same as missing.
pub fn read(text: &str) -> Result<Settings, ReadError> {
    #[derive(Deserialize)]
    struct Versioned {
        version: u32,
    }
    let shape = |error: serde_json::Error| ReadError::Shape(error.to_string());
    let Versioned { version } = serde_json::from_str(text).map_err(shape)?;
    match version {
        VERSION => serde_json::from_str(text).map_err(shape),
        0 => Err(ReadError::Shape("version 0 never existed".to_owned())),
        found => Err(ReadError::TooNew { found }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_golden_file_of_version_1_is_still_read() {
        let text = include_str!("../golden/settings-1.json");
        let settings = read(text).unwrap();
        assert_eq!(settings.box_name.as_deref(), Some("École Jules-Ferry"));
        assert_eq!(settings.setup_step(), SetupStep::Done);
        let again = serde_json::to_string(&settings).unwrap();
        assert_eq!(read(&again).unwrap(), settings);
    }

    #[test]
    fn unknown_fields_newer_versions_and_cut_files_are_refused() {
        let text = serde_json::to_string(&Settings::default()).unwrap();
        let odd = text.replacen("{", "{\"surprise\":1,", 1);
        assert!(matches!(read(&odd), Err(ReadError::Shape(_))));
        let newer = text.replacen("\"version\":1", "\"version\":2", 1);
        assert!(matches!(read(&newer), Err(ReadError::TooNew { found: 2 })));
        for end in 0..text.len() {
            assert!(read(&text[..end]).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn an_interrupted_set_up_is_taken_up_where_it_was_left() {
        let mut settings = Settings::default();
        assert_eq!(settings.setup_step(), SetupStep::Admin);
        assert!(!settings.is_claimed());
        settings.people.push(Person {
            login: "mdurand".to_owned(),
            display_name: "Mme Durand".to_owned(),
            uid: FIRST_UID,
            role: Role::Admin,
        });
        assert_eq!(settings.setup_step(), SetupStep::Box);
        assert!(settings.is_claimed());
        settings.box_name = Some("École".to_owned());
        settings.time_zone = Some("Europe/Paris".to_owned());
        assert_eq!(settings.setup_step(), SetupStep::Disks);
    }
}
