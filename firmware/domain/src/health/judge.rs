//! The rules. Each looks at the series of one figure over the history and gives
//! reasons; the gravest reason is the verdict.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::reading::{
    Attribute, Celsius, DiskReading, Hours, Medium, OwnVerdict, Percent, SelfTest, SelfTestKind,
    SelfTestOutcome,
};

/// How a disk is, in the order of gravity: silence is worse than health, and
/// better than any trouble that is known.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing speaks against it.
    Healthy,
    /// It does not answer, or tells nothing.
    Unreadable,
    /// Something to keep an eye on.
    Watch,
    /// It works, and should be replaced while it does.
    ReplaceSoon,
    /// Not to be trusted any more.
    Failed,
}

/// A verdict and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The gravest of the reasons.
    pub verdict: Verdict,
    /// All that was found.
    pub reasons: Vec<Reason>,
}

/// What was found, with its figures. `grown` counts over the last thirty days of readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "found", rename_all = "snake_case")]
pub enum Reason {
    /// No reading has ever told anything.
    NeverRead,
    /// The disk has not answered since then.
    Silent {
        /** Its last answer. */
        #[schema(value_type = String)]
        since: Timestamp,
    },
    /// The disk holds itself for failing.
    OwnVerdict,
    /// A pre-failure attribute is at or below its threshold.
    BelowThreshold {
        /** Which. */
        id: u8,
        /** Now. */
        value: u8,
        /** Limit. */
        threshold: u8,
    },
    /// Sectors that could not be read: 197 waiting, 198 found by a scan.
    Unreadable {
        /** Which counter. */
        id: u8,
        /** Sectors. */
        sectors: u64,
        /** More. */
        grown: u64,
    },
    /// Sectors replaced by spare ones (5, or a SCSI disk's grown defects).
    Reallocated {
        /** Sectors. */
        sectors: u64,
        /** More. */
        grown: u64,
    },
    /// Errors that were reported to the host (187, SCSI's uncorrected, NVMe's media errors).
    Uncorrected {
        /** Errors. */
        errors: u64,
        /** More. */
        grown: u64,
    },
    /// Data changed between the disk's own parts (184).
    Corrupted {
        /** Times. */
        times: u64,
    },
    /// Transfers garbled between disk and board (199): the cable, not the disk.
    Cable {
        /** New errors. */
        grown: u64,
    },
    /// Promised writes used up.
    Worn {
        /** Share. */
        used: Percent,
    },
    /// NVMe critical warning other than temperature.
    Warning {
        /** Its bits. */
        bits: u8,
    },
    /// Spare blocks of an NVMe disk are below the threshold.
    SpareLow {
        /** Left. */
        spare: Percent,
        /** Limit. */
        threshold: Percent,
    },
    /// A self-test found something, and none as thorough has passed since.
    SelfTestFailed {
        /** The disk's hours then. */
        at: Hours,
        /** Long ago. */
        old: bool,
    },
    /// A block that was read to see whether the disk is there did not come.
    ReadFailed {
        /** Times since yesterday. */
        times: u64,
    },
    /// Too hot.
    Hot {
        /** Now. */
        temperature: Celsius,
    },
    /// The kernel could not read or write places of its medium in the last day.
    MediumErrors {
        /** Times. */
        errors: u64,
    },
    /// Its link was reset, or garbled what it carried, in the last day: the cable, the
    /// plug or the bridge.
    LinkResets {
        /** Times. */
        resets: u64,
    },
    /// The controller reset all its disks at once in the last day.
    ControllerResets {
        /** Times. */
        resets: u64,
    },
    /// Scrubs of the last year found bytes on it that had changed by themselves, which
    /// the disk gave out without a word, and put them right from another copy.
    Repaired {
        /** Sectors of 512 bytes, about. */
        sectors: u64,
        /** Scrubs that found some. */
        times: u64,
    },
    /// md holds something against it although it still serves.
    Marked {
        /** md could not write to it. */
        write_error: bool,
        /** Sectors of 512 bytes that md no longer uses on it. */
        sectors: u64,
    },
}

/// Growth is looked for in this long before a figure's last reading. Counted from
/// there and not from now: a growing disk that falls silent has not stopped growing.
pub(super) const WINDOW: SignedDuration = SignedDuration::from_hours(30 * 24);
/// A reset, a slow bridge or a long command may cost a few visits.
const PATIENCE: SignedDuration = SignedDuration::from_mins(15);
/// The attributes whose counters are followed over time.
pub(super) const COUNTED: [u8; 6] = [5, 184, 187, 197, 198, 199];
/// More sectors or errors than this is no count: a Kingston SMS151S3 packs four
/// bytes of 100 into 197, a BC501 counts 10²⁴ media errors in 152 hours.
const COUNTS_AT_MOST: u64 = 1 << 24;
/// Few and many, for sectors waiting or lost. Unreadable sectors are what disks
/// that fail share most (Backblaze's published drive statistics: 5, 187, 197, 198).
const MANY_UNREADABLE: u64 = 10;
/// Replaced sectors are no loss in themselves, and a few are common; growth is not
/// (Pinheiro et al., FAST 2007: failure within 60 days 14 times as likely).
const SOME_REALLOCATED: u64 = 10;
const MANY_REALLOCATED: u64 = 100;
const MANY_UNCORRECTED: u64 = 30;
const GROWS_FAST: u64 = 10;
/// In a day. One sector that is lost is rewritten and forgotten; a disk that loses one
/// every few hours goes on losing them.
const MANY_MEDIUM_ERRORS: u64 = 5;
/// A plug moved once costs a few; a bad cable does not stop.
const CABLE_ERRORS: u64 = 10;
/// A year of the disk's time: what it found then and never again is worth an eye.
const OLD_SELF_TEST: u64 = 8760;
/// The temperature bit of an NVMe critical warning.
const NVME_TEMPERATURE: u8 = 0x02;

/// Judges a disk by its readings, oldest first.
///
/// 1, 7 and 188 are never looked at but for their threshold: Seagate packs
/// operation counts into their 48 bits, and an ageing disk has huge figures there.
#[must_use]
pub fn judge(history: &[DiskReading], now: Timestamp) -> Judgement {
    let reasons: Vec<Reason> = silence(history, now)
        .into_iter()
        .chain(own_verdict(history))
        .chain(thresholds(history))
        .chain(unreadable(history))
        .chain(reallocated(history))
        .chain(uncorrected(history))
        .chain(other_counters(history))
        .chain(wear(history))
        .chain(self_tests(history))
        .chain(heat(history))
        .collect();
    let verdict = reasons.iter().map(Reason::verdict).max();
    Judgement {
        verdict: verdict.unwrap_or(Verdict::Healthy),
        reasons,
    }
}

impl Reason {
    /// What this alone would make of the disk.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let soon_if = |grave: bool| match grave {
            true => Verdict::ReplaceSoon,
            false => Verdict::Watch,
        };
        match *self {
            Self::NeverRead | Self::Silent { .. } => Verdict::Unreadable,
            Self::OwnVerdict | Self::BelowThreshold { .. } => Verdict::Failed,
            Self::Unreadable { sectors, grown, .. } => {
                soon_if(sectors >= MANY_UNREADABLE || grown > 0)
            }
            Self::Reallocated { sectors, grown } => {
                soon_if(sectors >= MANY_REALLOCATED || grown >= GROWS_FAST)
            }
            Self::Uncorrected { errors, grown } => {
                soon_if(errors >= MANY_UNCORRECTED || grown >= GROWS_FAST)
            }
            // One may be a bad place; several at places of chance are a bad disk.
            Self::ReadFailed { times } => soon_if(times >= 3),
            Self::Corrupted { times } => soon_if(times >= GROWS_FAST),
            Self::Worn { used } => soon_if(used >= Percent(100)),
            Self::SelfTestFailed { old, .. } => soon_if(!old),
            Self::MediumErrors { errors } => soon_if(errors >= MANY_MEDIUM_ERRORS),
            Self::Warning { .. } | Self::SpareLow { .. } | Self::Marked { .. } => {
                Verdict::ReplaceSoon
            }
            Self::Cable { .. }
            | Self::Repaired { .. }
            | Self::Hot { .. }
            | Self::LinkResets { .. }
            | Self::ControllerResets { .. } => Verdict::Watch,
        }
    }
}

fn silence(history: &[DiskReading], now: Timestamp) -> Option<Reason> {
    let Some(last) = history.iter().rposition(DiskReading::says_something) else {
        return Some(Reason::NeverRead);
    };
    // Without a later visit it was not asked: a sleeping disk is left in peace.
    let since = history[last].at;
    let asked = last + 1 < history.len();
    (asked && now.duration_since(since) > PATIENCE).then_some(Reason::Silent { since })
}

fn own_verdict(history: &[DiskReading]) -> Option<Reason> {
    let own = last(history, |reading| reading.own_verdict.known().copied())?;
    let bits = last(history, |reading| reading.nvme.known()).map_or(0, |log| log.critical_warning);
    // An NVMe disk that is hot says so in the same byte; that passes.
    (own == OwnVerdict::Failed && bits != NVME_TEMPERATURE).then_some(Reason::OwnVerdict)
}

fn thresholds(history: &[DiskReading]) -> Vec<Reason> {
    let failing = |id: u8| {
        let found = last(history, |reading| attribute(reading, id))?;
        found
            .is_below_threshold()
            .then_some(Reason::BelowThreshold {
                id,
                value: found.value?,
                threshold: found.threshold?,
            })
    };
    (1..=u8::MAX).filter_map(failing).collect()
}

fn unreadable(history: &[DiskReading]) -> Vec<Reason> {
    let found = |id: u8| {
        let series = series(history, |reading| attribute(reading, id).map(|it| it.raw));
        // The first ones may be rewritten and gone; more after them is growth.
        let from = series.iter().copied().filter(|count| *count > 0).min()?;
        let sectors = *series.last()?;
        let grown = sectors.saturating_sub(from);
        (sectors > 0).then_some(Reason::Unreadable { id, sectors, grown })
    };
    [197, 198].into_iter().filter_map(found).collect()
}

fn reallocated(history: &[DiskReading]) -> Option<Reason> {
    let series = series(history, |reading| {
        // smartmontools' default for 5: the count in 16 bits, other figures above.
        let ata = attribute(reading, 5).map(|found| found.raw & 0xffff);
        ata.or_else(|| reading.scsi.known()?.grown_defects)
    });
    let (sectors, grown) = growth(&series)?;
    (sectors >= SOME_REALLOCATED || grown > 0).then_some(Reason::Reallocated { sectors, grown })
}

fn uncorrected(history: &[DiskReading]) -> Option<Reason> {
    let series = series(history, |reading| {
        let ata = attribute(reading, 187).map(|found| found.raw);
        let nvme = || reading.nvme.known()?.media_errors.try_into().ok();
        let scsi = || reading.scsi.known()?.uncorrected;
        ata.or_else(nvme).or_else(scsi)
    });
    let (errors, grown) = growth(&series)?;
    (errors > 0).then_some(Reason::Uncorrected { errors, grown })
}

fn other_counters(history: &[DiskReading]) -> Vec<Reason> {
    let count = |id: u8| {
        growth(&series(history, |reading| {
            attribute(reading, id).map(|found| found.raw)
        }))
    };
    let corrupted = count(184).filter(|(times, _)| *times > 0);
    let corrupted = corrupted.map(|(times, _)| Reason::Corrupted { times });
    let cable = count(199).filter(|(_, grown)| *grown >= CABLE_ERRORS);
    let cable = cable.map(|(_, grown)| Reason::Cable { grown });
    corrupted.into_iter().chain(cable).collect()
}

fn wear(history: &[DiskReading]) -> Vec<Reason> {
    let used = last(history, |reading| reading.used.known().copied());
    let worn = used.filter(|used| *used >= Percent(90));
    let worn = worn.map(|used| Reason::Worn { used });
    let log = last(history, |reading| reading.nvme.known());
    let low = log.filter(|log| log.spare < log.spare_threshold);
    let low = low.map(|log| Reason::SpareLow {
        spare: log.spare,
        threshold: log.spare_threshold,
    });
    let bits = log.map_or(0, |log| log.critical_warning & !NVME_TEMPERATURE);
    let warning = (bits != 0).then_some(Reason::Warning { bits });
    worn.into_iter().chain(low).chain(warning).collect()
}

fn self_tests(history: &[DiskReading]) -> Option<Reason> {
    let tests = last(history, |reading| reading.self_tests.known())?;
    let failed = |test: &SelfTest| test.outcome == SelfTestOutcome::Failed;
    let at = tests.iter().position(failed)?;
    // A short one samples: it does not clear what an extended one found.
    let clears = |test: &SelfTest| {
        test.outcome == SelfTestOutcome::Passed
            && (test.kind == SelfTestKind::Extended || tests[at].kind == SelfTestKind::Short)
    };
    if tests[..at].iter().any(clears) {
        return None;
    }
    let at = tests[at].at;
    let hours = last(history, |reading| reading.powered_on.known().copied());
    let old = hours.is_some_and(|now| now.0.saturating_sub(at.0) > OLD_SELF_TEST);
    Some(Reason::SelfTestFailed { at, old })
}

/// Makers rate platters for 60 °C and flash for 70.
pub const fn heat_limit(medium: Medium) -> i16 {
    match medium {
        Medium::Platters => 60,
        Medium::Flash => 70,
    }
}

/// A disk is cool again this far below its limit, so that one at the limit is one
/// incident and not one a minute.
const HEAT_ENDS_BELOW: i16 = 5;

/// How warm a reading is.
pub(super) fn heat_class(reading: &DiskReading) -> Option<Heat> {
    heat_of(reading).map(|(heat, _)| heat)
}

fn heat(history: &[DiskReading]) -> Option<Reason> {
    let mut hot = None;
    for reading in history {
        hot = match (heat_of(reading), hot) {
            (None, hot) => hot,
            (Some((Heat::Hot, temperature)), _) => Some(Reason::Hot { temperature }),
            (Some((Heat::Warm, temperature)), Some(_)) => Some(Reason::Hot { temperature }),
            (Some((Heat::Warm | Heat::Cool, _)), _) => None,
        };
    }
    hot
}

/// How warm a disk is, for the judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heat {
    /// Well below the limit: it ends a heat.
    Cool,
    /// Just below: it neither begins nor ends one.
    Warm,
    /// Too hot.
    Hot,
}

fn heat_of(reading: &DiskReading) -> Option<(Heat, Celsius)> {
    let temperature = *reading.temperature.known()?;
    let limit = heat_limit(reading.medium);
    let heat = match temperature.0 {
        degrees if degrees >= limit => Heat::Hot,
        degrees if degrees >= limit - HEAT_ENDS_BELOW => Heat::Warm,
        _ => Heat::Cool,
    };
    Some((heat, temperature))
}

fn last<'a, T>(
    history: &'a [DiskReading],
    part: impl Fn(&'a DiskReading) -> Option<T>,
) -> Option<T> {
    history.iter().rev().find_map(part)
}

fn attribute(reading: &DiskReading, id: u8) -> Option<&Attribute> {
    let table = reading.attributes.known()?;
    table.iter().find(|found| found.id == id)
}

/// The plausible figures within [`WINDOW`] of the last one.
fn series(history: &[DiskReading], part: impl Fn(&DiskReading) -> Option<u64>) -> Vec<u64> {
    let plausible = |reading| {
        let count = part(reading).filter(|count| *count < COUNTS_AT_MOST)?;
        Some((reading.at, count))
    };
    let known: Vec<_> = history.iter().filter_map(plausible).collect();
    let Some(&(end, _)) = known.last() else {
        return Vec::new();
    };
    let near = |(at, count)| (end.duration_since(at) <= WINDOW).then_some(count);
    known.into_iter().filter_map(near).collect()
}

/// The last of a series, and how much more that is than the first.
fn growth(series: &[u64]) -> Option<(u64, u64)> {
    let (first, last) = (series.first()?, series.last()?);
    Some((*last, last.saturating_sub(*first)))
}
