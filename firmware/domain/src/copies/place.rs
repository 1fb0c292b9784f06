//! What people said about a destination. Secrets are not here: the settings are
//! shown, kept in generations and copied; passwords and keys have their own file.

use super::strike::Strike;
use jiff::Timestamp;
use jiff::civil::Weekday;
use preau_offsite_job::Keep;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// A place that gets copies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Destination {
    /// Its identity; also where its nights' random part comes from.
    pub id: Uuid,
    /// The name that people gave it, e.g. `Mairie`.
    pub name: String,
    /// Where it is.
    pub place: Place,
    /// The nights on which a copy is made; never empty.
    pub days: Vec<Day>,
    /// The hour of the box's own time, 0 to 23, after which it begins.
    pub hour: u8,
    /// How many copies stay.
    #[serde(default)]
    pub keep: KeepCounts,
    /// Shares that keep another number.
    #[serde(default)]
    pub keep_of_share: BTreeMap<String, KeepCounts>,
    /// While the school works the line is the school's: at most so many kilobits per
    /// second are sent then.
    #[serde(default)]
    pub kilobits_at_school: Option<u32>,
    /// Copies are made.
    pub enabled: bool,
    /// Since when it is a destination.
    pub added_at: Timestamp,
    /// Somebody said that the files which vanished until then were meant to.
    #[serde(default)]
    pub vanished_accepted_at: Option<Timestamp>,
    /// What is to be taken out of every copy there, and is not yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub strikes: Vec<Strike>,
}

impl Destination {
    /// How many copies of a share stay.
    pub fn keep(&self, share: &str) -> KeepCounts {
        self.keep_of_share.get(share).copied().unwrap_or(self.keep)
    }
}

/// Where a destination is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Place {
    /// A server with SSH.
    Sftp {
        /// Name or address.
        host: String,
        /// Usually 22.
        port: u16,
        /// The account there.
        user: String,
        /// The folder, from the account's home without a leading `/`.
        folder: String,
        /// The server's key as it was confirmed: `ssh-ed25519 AAAA…`.
        host_key: Option<String>,
        /// How the box logs in.
        login: SftpLogin,
    },
    /// A disk that somebody plugs in, known by its file system.
    UsbDisk {
        /// The file system's UUID, as udev writes it.
        filesystem: String,
    },
    /// A folder of Nextcloud, kDrive and the like.
    WebDav {
        /// `https://…`.
        url: String,
        /// The account there.
        user: Option<String>,
        /// A certificate to trust, PEM, when no known authority signed it.
        certificate: Option<String>,
    },
    /// restic's own server.
    Rest {
        /// `https://…`.
        url: String,
        /// The account there.
        user: Option<String>,
        /// A certificate to trust, PEM.
        certificate: Option<String>,
    },
    /// A bucket of any provider that speaks S3.
    S3 {
        /// `https://s3.example.org`.
        endpoint: String,
        /// The provider's name for the place.
        region: String,
        /// The bucket; it must exist.
        bucket: String,
        /// The folder in it; empty is its root.
        folder: String,
        /// The key's public half.
        access_key: String,
        /// A certificate to trust, PEM.
        certificate: Option<String>,
    },
}

impl Place {
    /// What it is, as the API writes it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Sftp { .. } => "sftp",
            Self::UsbDisk { .. } => "usb_disk",
            Self::WebDav { .. } => "web_dav",
            Self::Rest { .. } => "rest",
            Self::S3 { .. } => "s3",
        }
    }

    /// Whether both lead to the same copies, whoever logs in and however.
    pub fn is_same_place(&self, other: &Self) -> bool {
        let trimmed = |text: &str| text.trim_matches('/').to_lowercase();
        match (self, other) {
            (
                Self::Sftp {
                    host,
                    port,
                    user,
                    folder,
                    ..
                },
                Self::Sftp {
                    host: other_host,
                    port: other_port,
                    user: other_user,
                    folder: other_folder,
                    ..
                },
            ) => {
                (host, port, user) == (other_host, other_port, other_user)
                    && folder.trim_end_matches('/') == other_folder.trim_end_matches('/')
            }
            (
                Self::UsbDisk { filesystem },
                Self::UsbDisk {
                    filesystem: other_filesystem,
                },
            ) => filesystem == other_filesystem,
            (Self::WebDav { url, .. }, Self::WebDav { url: other_url, .. })
            | (Self::Rest { url, .. }, Self::Rest { url: other_url, .. }) => {
                trimmed(url) == trimmed(other_url)
            }
            (
                Self::S3 {
                    endpoint,
                    bucket,
                    folder,
                    ..
                },
                Self::S3 {
                    endpoint: other_endpoint,
                    bucket: other_bucket,
                    folder: other_folder,
                    ..
                },
            ) => {
                trimmed(endpoint) == trimmed(other_endpoint)
                    && (bucket, folder) == (other_bucket, other_folder)
            }
            _ => false,
        }
    }

    /// The server's key, where a server has one.
    pub fn set_host_key(&mut self, key: Option<String>) {
        if let Self::Sftp { host_key, .. } = self {
            *host_key = key;
        }
    }
}

/// How the box logs in with SSH.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SftpLogin {
    /// With a key that is made on the box.
    Key,
    /// With a password.
    Password,
}

/// How many copies of a share stay: the last of each of so many days, weeks, months
/// and years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeepCounts {
    /// Days.
    pub daily: u32,
    /// Weeks.
    pub weekly: u32,
    /// Months.
    pub monthly: u32,
    /// Years.
    pub yearly: u32,
}

impl Default for KeepCounts {
    /// Two weeks of days, since a loss is often seen after the holidays; a school
    /// year of months; as many years as the box is planned for.
    fn default() -> Self {
        Self {
            daily: 14,
            weekly: 8,
            monthly: 12,
            yearly: 5,
        }
    }
}

impl From<KeepCounts> for Keep {
    fn from(counts: KeepCounts) -> Self {
        Self {
            daily: counts.daily,
            weekly: counts.weekly,
            monthly: counts.monthly,
            yearly: counts.yearly,
        }
    }
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "a day is a day")]
pub enum Day {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Day {
    /// The week.
    pub const ALL: [Self; 7] = [
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
        Self::Sunday,
    ];

    /// As the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Monday => "monday",
            Self::Tuesday => "tuesday",
            Self::Wednesday => "wednesday",
            Self::Thursday => "thursday",
            Self::Friday => "friday",
            Self::Saturday => "saturday",
            Self::Sunday => "sunday",
        }
    }
}

impl From<Weekday> for Day {
    fn from(day: Weekday) -> Self {
        match day {
            Weekday::Monday => Self::Monday,
            Weekday::Tuesday => Self::Tuesday,
            Weekday::Wednesday => Self::Wednesday,
            Weekday::Thursday => Self::Thursday,
            Weekday::Friday => Self::Friday,
            Weekday::Saturday => Self::Saturday,
            Weekday::Sunday => Self::Sunday,
        }
    }
}
