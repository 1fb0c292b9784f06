//! What is kept of a disk's readings. Judging looks back thirty days, but a healthy
//! disk says the same six times an hour: of a run of readings with the same judged
//! figures the first and the last are kept, without the lines that nobody judges.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

use super::judge::{COUNTED, Judgement, WINDOW, heat_class, judge};
use super::reading::{Attribute, DiskReading, SelfTest, SelfTestOutcome};
use crate::reading::Reading;

/// A figure that changes at every visit for thirty days would fill the memory. The
/// first of the window is kept, which growth is counted from.
const AT_MOST: usize = 200;

/// The readings of one disk, oldest first, in the order in which they were made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct History(Vec<DiskReading>);

/// Whether a reading said something that the one before had not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// A judged figure is another now.
    Changed,
    /// All as it was.
    Same,
}

impl History {
    /// Adds what a visit brought.
    pub fn add(&mut self, reading: &DiskReading) -> News {
        let reading = reading.pruned();
        let news = match self.0.last() {
            Some(last) if same_figures(last, &reading) => News::Same,
            _ => News::Changed,
        };
        let goes_on = match self.0.as_slice() {
            [.., first, last] => news == News::Same && same_figures(first, last),
            _ => false,
        };
        if goes_on {
            self.0.pop();
        }
        self.0.push(reading);
        self.forget_old();
        news
    }

    /// The last reading held until then.
    pub fn extend(&mut self, at: Timestamp) {
        if let Some(last) = self.0.last() {
            let mut reading = last.clone();
            reading.move_to(at);
            self.add(&reading);
        }
    }

    /// Judges the disk.
    pub fn judge(&self, now: Timestamp) -> Judgement {
        judge(&self.0, now)
    }

    /// The clock was set: keeps the distances between the readings and now.
    pub fn shift(&mut self, by: SignedDuration) {
        for reading in &mut self.0 {
            if let Ok(at) = reading.at.checked_add(by) {
                reading.move_to(at);
            }
        }
    }

    /// Its last reading.
    pub fn last(&self) -> Option<&DiskReading> {
        self.0.last()
    }

    /// How many readings are kept.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Drops what judging no longer looks at. A part that the newest readings lack
    /// counts as it was when last known, and growth is counted back from there: the
    /// part that was told longest ago says how far back that is.
    fn forget_old(&mut self) {
        let mut told = BTreeSet::new();
        let mut from = None;
        for reading in self.0.iter().rev() {
            if reading.parts().filter(|part| told.insert(*part)).count() > 0 {
                from = reading.at.checked_sub(WINDOW).ok();
            }
        }
        if let Some(from) = from {
            let gone = self
                .0
                .iter()
                .take_while(|reading| reading.at < from)
                .count();
            self.0.drain(..gone);
        }
        if self.0.len() > AT_MOST {
            self.0.remove(1);
        }
    }
}

/// A part of a reading that is judged by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    OwnVerdict,
    PoweredOn,
    Temperature,
    Used,
    Nvme,
    Scsi,
    SelfTests,
    Line(u8),
    Anything,
}

impl DiskReading {
    /// The parts that it has.
    fn parts(&self) -> impl Iterator<Item = Part> {
        let table = self.attributes.known().into_iter().flatten();
        let lines = table.map(|line| Part::Line(line.id));
        [
            (Part::OwnVerdict, self.own_verdict.known().is_some()),
            (Part::PoweredOn, self.powered_on.known().is_some()),
            (Part::Temperature, self.temperature.known().is_some()),
            (Part::Used, self.used.known().is_some()),
            (Part::Nvme, self.nvme.known().is_some()),
            (Part::Scsi, self.scsi.known().is_some()),
            (Part::SelfTests, self.self_tests.known().is_some()),
            (Part::Anything, self.says_something()),
        ]
        .into_iter()
        .filter_map(|(part, told)| told.then_some(part))
        .chain(lines)
    }

    /// Without what judging over time does not look at.
    fn pruned(&self) -> Self {
        let mut kept = self.clone();
        if let Reading::Known { value, .. } = &mut kept.attributes {
            value.retain(is_judged);
            value.shrink_to_fit();
        }
        if let Reading::Known { value, .. } = &mut kept.self_tests {
            // Up to the newest that failed: those before it no longer count.
            let failed = |test: &SelfTest| test.outcome == SelfTestOutcome::Failed;
            let needed = value.iter().position(failed).map_or(1, |place| place + 1);
            value.truncate(needed);
            value.shrink_to_fit();
        }
        kept
    }

    fn move_to(&mut self, to: Timestamp) {
        fn set<T>(part: &mut Reading<T>, to: Timestamp) {
            if let Reading::Known { at, .. } = part {
                *at = to;
            }
        }
        self.at = to;
        set(&mut self.own_verdict, to);
        set(&mut self.powered_on, to);
        set(&mut self.temperature, to);
        set(&mut self.used, to);
        set(&mut self.attributes, to);
        set(&mut self.nvme, to);
        set(&mut self.scsi, to);
        set(&mut self.self_tests, to);
    }
}

/// Lines that are counted over time, and those that a threshold may trip.
fn is_judged(line: &Attribute) -> bool {
    let can_trip = line.prefailure && line.threshold.is_some_and(|threshold| threshold > 0);
    COUNTED.contains(&line.id) || can_trip
}

/// Whether two readings look alike to the judge. Time, hours and degrees below the
/// limit are no news; what could not be read is as good as not there.
fn same_figures(one: &DiskReading, other: &DiskReading) -> bool {
    fn of<T: PartialEq>(one: &Reading<T>, other: &Reading<T>) -> bool {
        one.known() == other.known()
    }
    let lines = |reading: &DiskReading| -> Option<Vec<(u8, Option<u64>, bool)>> {
        let table = reading.attributes.known()?;
        let line = |found: &Attribute| {
            let counted = COUNTED.contains(&found.id).then_some(found.raw);
            (found.id, counted, found.is_below_threshold())
        };
        Some(table.iter().map(line).collect())
    };
    one.says_something() == other.says_something()
        && of(&one.own_verdict, &other.own_verdict)
        && of(&one.used, &other.used)
        && of(&one.nvme, &other.nvme)
        && of(&one.scsi, &other.scsi)
        && of(&one.self_tests, &other.self_tests)
        && lines(one) == lines(other)
        && heat_class(one) == heat_class(other)
}

#[cfg(test)]
mod tests;
