//! The catalogue of incidents and the life of each: pending, open, acknowledged,
//! clearing, closed. The key of an incident is its code and its subject; codes
//! are written into histories and mails and never change.

use crate::health::{Reason, Verdict};
use crate::ids::Bay;
use crate::layouts::Layout;
use crate::snapshot::MailFailure;
use jiff::{SignedDuration, Timestamp};
use preau_offsite_job::Failure;
use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

/// What is wrong.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum IncidentCode {
    /// The array cannot be read: too many members are gone.
    ArrayFailed,
    /// The array works with fewer copies than it should have.
    ArrayDegraded,
    /// A disk that belongs to the volume is not there.
    DiskMissing,
    /// A disk of the volume should be replaced before it dies, or has failed.
    DiskFailing,
    /// A disk of the volume is attached and does not answer.
    DiskSilent,
    /// A disk of the volume is too hot.
    DiskHot,
    /// The disks are there, but the volume is not mounted or takes no writes.
    VolumeOffline,
    /// Soon nothing can be saved any more.
    VolumeFull,
    /// A disk came and went too often, and is held out.
    DiskFlapping,
    /// A disk came back with files that the others lack, and is held out.
    DiskDiverged,
    /// A replacement is being filled.
    ArrayRebuilding,
    /// The volume is getting full.
    VolumeFilling,
    /// A destination has had no good copy for three nights.
    OffsiteStale,
    /// What is at a destination cannot be restored.
    RestoreDrillFailed,
    /// Work for a destination fails, and did so again.
    OffsiteFailed,
    /// Something that somebody wanted gone from the copies of a destination is still there.
    StrikeLate,
    /// A scrub found files that no copy holds whole any more.
    ScrubErrors,
    /// A scrub found bytes that had changed by themselves on a disk, and put them right.
    ScrubRepaired,
    /// Mails do not reach their recipients.
    MailUndeliverable,
    /// The settings file was damaged; the previous generation is used.
    SettingsUnreadable,
    /// Nobody has proved yet to have the recovery sheet.
    KeyNotProved,
    /// Files do not come back from a copy.
    FilesStopped,
    /// Files are coming back from a copy.
    FilesComing,
    /// Files came back from a copy.
    FilesBack,
}

/// How serious it is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Somebody should look within days.
    Attention,
    /// Files may be lost if nobody acts.
    DataAtRisk,
}

/// One line of the catalogue.
#[derive(Debug, Clone, Copy)]
pub struct Definition {
    /// Its code.
    pub code: IncidentCode,
    /// How serious.
    pub severity: Severity,
    /// How long the condition must hold before the incident opens.
    pub raise_after: SignedDuration,
    /// How long it must be gone before the incident closes.
    pub clear_after: SignedDuration,
    /// While one of these is open, nobody is written to about this one.
    pub suppressed_by: &'static [IncidentCode],
    /// A mail goes out when it opens.
    pub mail_on_open: bool,
    /// A mail goes out when it closes.
    pub mail_on_close: bool,
}

impl IncidentCode {
    /// All of them, the gravest first.
    pub const ALL: [Self; 24] = [
        Self::ArrayFailed,
        Self::ArrayDegraded,
        Self::VolumeOffline,
        Self::VolumeFull,
        Self::DiskMissing,
        Self::ScrubErrors,
        Self::DiskFailing,
        Self::DiskSilent,
        Self::DiskFlapping,
        Self::DiskDiverged,
        Self::ArrayRebuilding,
        Self::ScrubRepaired,
        Self::DiskHot,
        Self::VolumeFilling,
        Self::OffsiteStale,
        Self::RestoreDrillFailed,
        Self::OffsiteFailed,
        Self::StrikeLate,
        Self::FilesStopped,
        Self::MailUndeliverable,
        Self::SettingsUnreadable,
        Self::KeyNotProved,
        Self::FilesComing,
        Self::FilesBack,
    ];

    /// The code as histories, mails and the API write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ArrayFailed => "array-failed",
            Self::ArrayDegraded => "array-degraded",
            Self::DiskMissing => "disk-missing",
            Self::DiskFailing => "disk-failing",
            Self::DiskSilent => "disk-silent",
            Self::DiskHot => "disk-hot",
            Self::VolumeOffline => "volume-offline",
            Self::VolumeFull => "volume-full",
            Self::DiskFlapping => "disk-flapping",
            Self::DiskDiverged => "disk-diverged",
            Self::ArrayRebuilding => "array-rebuilding",
            Self::VolumeFilling => "volume-filling",
            Self::OffsiteStale => "offsite-stale",
            Self::RestoreDrillFailed => "restore-drill-failed",
            Self::OffsiteFailed => "offsite-failed",
            Self::StrikeLate => "strike-late",
            Self::ScrubErrors => "scrub-errors",
            Self::ScrubRepaired => "scrub-repaired",
            Self::MailUndeliverable => "mail-undeliverable",
            Self::SettingsUnreadable => "settings-unreadable",
            Self::KeyNotProved => "key-not-proved",
            Self::FilesStopped => "files-stopped",
            Self::FilesComing => "files-coming",
            Self::FilesBack => "files-back",
        }
    }

    /// Its line of the catalogue.
    pub const fn definition(self) -> Definition {
        let plain = Definition {
            code: self,
            severity: Severity::Attention,
            raise_after: SignedDuration::ZERO,
            clear_after: SignedDuration::ZERO,
            suppressed_by: &[],
            mail_on_open: true,
            mail_on_close: true,
        };
        match self {
            // After power-on the members may take half a minute to appear.
            Self::ArrayFailed => Definition {
                severity: Severity::DataAtRisk,
                raise_after: SignedDuration::from_secs(45),
                ..plain
            },
            Self::ArrayDegraded => Definition {
                severity: Severity::DataAtRisk,
                suppressed_by: &[Self::ArrayFailed],
                ..plain
            },
            // md reports the same loss as a degraded array, which says more: within a
            // second while it runs, and half a minute after power-on, when the array
            // has waited for its last disk. A minute leaves it the word.
            Self::DiskMissing => Definition {
                severity: Severity::DataAtRisk,
                raise_after: SignedDuration::from_secs(60),
                suppressed_by: &[Self::ArrayFailed, Self::ArrayDegraded],
                ..plain
            },
            // A loss elsewhere does not make it less grave: one that fails beside a
            // lost one is the last copy. Only where nothing is readable any more must
            // nobody be told to pull a disk. Sectors that are written again come back
            // at once; a disk that is to be trusted again has stayed well for a day.
            Self::DiskFailing => Definition {
                clear_after: SignedDuration::from_hours(24),
                suppressed_by: &[Self::ArrayFailed],
                ..plain
            },
            // The judge has waited already; of a disk that spins up while the box
            // starts it has not, and that answers at the second visit, a minute later.
            Self::DiskSilent => Definition {
                raise_after: SignedDuration::from_mins(2),
                clear_after: SignedDuration::from_mins(5),
                suppressed_by: &[Self::ArrayFailed],
                ..plain
            },
            // The judge's five degrees keep one at the limit from flapping; half an
            // hour more, since a door that is opened and shut is not the end of it.
            Self::DiskHot => Definition {
                clear_after: SignedDuration::from_mins(30),
                suppressed_by: &[Self::ArrayFailed],
                ..plain
            },
            // Right after the array has started the volume takes some seconds to be
            // mounted, a minute where btrfs replays its log from a slow disk.
            Self::VolumeOffline => Definition {
                severity: Severity::DataAtRisk,
                raise_after: SignedDuration::from_secs(90),
                suppressed_by: &[Self::ArrayFailed],
                ..plain
            },
            // What is written and deleted at once is no reason to write to people.
            Self::VolumeFull => Definition {
                severity: Severity::DataAtRisk,
                raise_after: SignedDuration::from_secs(60),
                ..plain
            },
            Self::VolumeFilling => Definition {
                raise_after: SignedDuration::from_mins(5),
                suppressed_by: &[Self::VolumeFull],
                ..plain
            },
            // A person lets the disk back in, and need not be told so.
            Self::DiskFlapping | Self::DiskDiverged => Definition {
                mail_on_close: false,
                ..plain
            },
            // Its end is told by the end of `array-degraded`.
            Self::ArrayRebuilding => Definition {
                severity: Severity::Info,
                mail_on_close: false,
                ..plain
            },
            // The files are on the box, so nothing is lost yet: attention. What makes
            // them wait, retries and nights, is judged from the history of the runs.
            Self::OffsiteStale
            | Self::RestoreDrillFailed
            | Self::OffsiteFailed
            | Self::StrikeLate => plain,
            Self::ScrubErrors => Definition {
                severity: Severity::DataAtRisk,
                ..plain
            },
            // It is over when it is told; a week later it is no longer on the page.
            Self::ScrubRepaired => Definition {
                severity: Severity::Info,
                mail_on_close: false,
                ..plain
            },
            // A mail about mails that do not leave would not leave.
            Self::MailUndeliverable => Definition {
                mail_on_open: false,
                mail_on_close: false,
                ..plain
            },
            // Its end is told by its going on, or by the files that are back.
            Self::FilesStopped => Definition {
                mail_on_close: false,
                ..plain
            },
            // Over when it is told; a week later it is no longer on the page.
            Self::FilesComing | Self::FilesBack => Definition {
                severity: Severity::Info,
                mail_on_close: false,
                ..plain
            },
            // Whoever ends it has just done so on the page.
            Self::SettingsUnreadable | Self::KeyNotProved => Definition {
                mail_on_close: false,
                ..plain
            },
        }
    }
}

impl fmt::Display for IncidentCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What the sentences about an incident are made from. Only what applies is set.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Facts {
    /// The bay of the disk that is meant.
    pub bay: Option<Bay>,
    /// Its model.
    pub model: Option<String>,
    /// Its serial number.
    pub serial: Option<String>,
    /// Its size in bytes; of several disks the largest's.
    pub size: Option<u64>,
    /// The bays of the disks that still hold a complete copy.
    pub survivors: Vec<Bay>,
    /// Everything that this disk holds is on others too.
    pub others_hold_all: bool,
    /// The verdict on the disk.
    pub verdict: Option<Verdict>,
    /// What was found about the disk, the gravest first.
    pub reasons: Vec<Reason>,
    /// How many disks it is about, where it is about several at once.
    pub disks: u32,
    /// Bytes that can still be written.
    pub free: Option<u64>,
    /// The other disks that are meant, when there are several.
    pub others: Vec<OtherDisk>,
    /// How the disks of the volume protect each other.
    pub layout: Option<Layout>,
    /// How many more disks may fail before something is lost.
    pub may_still_fail: Option<u32>,
    /// A spare takes the place of the lost disk by itself.
    pub spare: bool,
    /// A person must say whether the array is started although what was being
    /// written may be damaged.
    pub waits_for_consent: bool,
    /// Why mails do not leave.
    pub mail_failure: Option<MailFailure>,
    /// The name of the destination of copies that is meant.
    pub destination: Option<String>,
    /// Why its copies fail.
    #[schema(value_type = Option<Object>)]
    pub copy_failure: Option<Failure>,
    /// When its last good copy was made.
    #[schema(value_type = Option<String>)]
    pub last_copy: Option<Timestamp>,
    /// How many files came or are to come back from a copy.
    pub count: Option<u64>,
    /// Their bytes.
    pub bytes: Option<u64>,
    /// How many of them could not be written as they were.
    pub incomplete: u64,
    /// About how many bytes were put right.
    pub repaired: Option<u64>,
    /// The files that are meant.
    pub files: Vec<String>,
    /// One technical line, in the field's own terms, for the person who helps.
    pub detail: String,
}

/// One more disk that an incident is about, by what a person finds on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(from = "NotedDisk")]
pub struct OtherDisk {
    /// Its bay.
    pub bay: Option<Bay>,
    /// Its model.
    pub model: Option<String>,
    /// Its serial number.
    pub serial: Option<String>,
}

/// How it was noted: until November 2026 by its bay alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum NotedDisk {
    Bay(Bay),
    Disk {
        bay: Option<Bay>,
        model: Option<String>,
        serial: Option<String>,
    },
}

impl From<NotedDisk> for OtherDisk {
    fn from(noted: NotedDisk) -> Self {
        match noted {
            NotedDisk::Bay(bay) => Self {
                bay: Some(bay),
                model: None,
                serial: None,
            },
            NotedDisk::Disk { bay, model, serial } => Self { bay, model, serial },
        }
    }
}

/// Where an incident is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IncidentState {
    /// Seen, but not for long enough.
    Pending,
    /// Going on.
    Open,
    /// Going on, and somebody said that they know.
    Acknowledged,
    /// No longer seen, but not for long enough.
    Clearing,
    /// Over.
    Closed,
}

/// An incident, from the first sighting to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Its number in this box's history, counted from 1.
    pub number: u64,
    /// What is wrong.
    pub code: IncidentCode,
    /// With what: an array's UUID, a disk's identity, or `box`.
    pub subject: String,
    /// Where it is in its life.
    pub state: IncidentState,
    /// When the condition was first seen.
    pub seen_at: Timestamp,
    /// When the present state began.
    pub since: Timestamp,
    /// When it opened.
    pub opened_at: Option<Timestamp>,
    /// When it closed.
    pub closed_at: Option<Timestamp>,
    /// Somebody was written to about it, or it is of a kind that nobody is.
    pub announced: bool,
    /// The gravest verdict on a disk that people were written to about.
    #[serde(default)]
    pub told: Option<Verdict>,
    /// When it became graver than it was at its beginning.
    #[serde(default)]
    pub worse_at: Option<Timestamp>,
    /// What the sentences are made from.
    pub facts: Facts,
}

impl Incident {
    /// How serious it is: a disk that has failed is graver than one that will.
    pub fn severity(&self) -> Severity {
        match (self.code, self.facts.verdict) {
            (IncidentCode::DiskFailing, Some(Verdict::Failed)) => Severity::DataAtRisk,
            _ => self.code.definition().severity,
        }
    }

    /// When its present state will have lasted long enough to become another, if the
    /// condition stays as it is; `None` where waiting changes nothing.
    pub fn ripe_at(&self) -> Option<Timestamp> {
        let definition = self.code.definition();
        let at = match self.state {
            IncidentState::Pending => self.seen_at.checked_add(definition.raise_after),
            IncidentState::Clearing => self.since.checked_add(definition.clear_after),
            IncidentState::Open | IncidentState::Acknowledged | IncidentState::Closed => {
                return None;
            }
        };
        at.ok()
    }

    /// Whether it is shown among what is wrong. An array that is whole again is whole,
    /// although a disk that came back by itself is not trusted for a moment.
    pub const fn is_shown(&self) -> bool {
        let is_over = matches!(
            (self.code, self.state),
            (IncidentCode::ArrayDegraded, IncidentState::Clearing)
        );
        self.is_open() && !is_over
    }

    /// Somebody is affected by it now.
    pub const fn is_open(&self) -> bool {
        matches!(
            self.state,
            IncidentState::Open | IncidentState::Acknowledged | IncidentState::Clearing
        )
    }
}

/// The incidents that are not closed yet, and the next number to give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incidents {
    /// The number of the next incident.
    pub next_number: u64,
    /// Pending, open, acknowledged and clearing ones.
    pub active: Vec<Incident>,
}

impl Default for Incidents {
    fn default() -> Self {
        Self {
            next_number: 1,
            active: Vec::new(),
        }
    }
}

impl Incidents {
    /// The open incident of this code, if there is one.
    pub fn open(&self, code: IncidentCode) -> Option<&Incident> {
        self.active
            .iter()
            .find(|incident| incident.code == code && incident.is_open())
    }

    /// The clock was set: what has not opened yet has lasted no longer for it. Of what
    /// people were told of the dates stay those that they read.
    pub fn follow_clock(&mut self, set_by: SignedDuration) {
        let waiting = |incident: &&mut Incident| incident.state == IncidentState::Pending;
        for incident in self.active.iter_mut().filter(waiting) {
            for at in [&mut incident.seen_at, &mut incident.since] {
                *at = at.checked_add(set_by).unwrap_or(*at);
            }
        }
    }
}

/// What happened to an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TransitionKind {
    /// It opened.
    Opened,
    /// It goes on, and became graver.
    Worsened,
    /// It closed.
    Closed,
}

/// A change worth writing down, with the incident as it is after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// What happened.
    pub kind: TransitionKind,
    /// The incident after the change.
    pub incident: Incident,
    /// Whether somebody is written to.
    pub notify: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incident_that_an_earlier_firmware_noted_is_still_read() {
        let noted = r#"{ "bay": "2", "others": ["4"] }"#;
        let facts: Facts = serde_json::from_str(noted).unwrap();
        let other = OtherDisk {
            bay: Some(Bay("4".to_owned())),
            model: None,
            serial: None,
        };
        assert_eq!(facts.others, [other]);
        let again = serde_json::to_string(&facts).unwrap();
        assert_eq!(serde_json::from_str::<Facts>(&again).unwrap(), facts);
    }
}
