//! Nights: when a destination's copies begin, and how fast they may be sent.

use super::place::{Day, Destination};
use crate::settings::SchoolHours;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// Many boxes send to the same server: each begins at its own minute of the hour.
const SPREAD_MINUTES: u128 = 60;
/// A slot is found within a week; one more for the hours of summer time.
const LOOK_DAYS: i64 = 9;

/// When the copy of that date begins; `None` on days without one.
fn slot_on(destination: &Destination, date: Date, zone: &TimeZone) -> Option<Timestamp> {
    if !destination.days.contains(&Day::from(date.weekday())) {
        return None;
    }
    let hour = i8::try_from(destination.hour.min(23)).unwrap_or(0);
    let begins = zone.to_timestamp(date.at(hour, 0, 0, 0)).ok()?;
    let minutes = i64::try_from(destination.id.as_u128() % SPREAD_MINUTES).unwrap_or(0);
    begins.checked_add(SignedDuration::from_mins(minutes)).ok()
}

fn days_around(
    now: Timestamp,
    zone: &TimeZone,
    offsets: impl Iterator<Item = i64>,
) -> impl Iterator<Item = Date> {
    let today = zone.to_datetime(now).date();
    offsets.filter_map(move |days| today.checked_add(days.days()).ok())
}

/// The copies' beginnings before `now`, the latest first, over `weeks` weeks.
pub(super) fn slots_before(
    destination: &Destination,
    now: Timestamp,
    zone: &TimeZone,
    weeks: i64,
) -> impl Iterator<Item = Timestamp> {
    let back = (0..=weeks * 7 + 1).map(|days| -days);
    days_around(now, zone, back)
        .filter_map(move |date| slot_on(destination, date, zone))
        .filter(move |slot| *slot <= now)
}

/// The copies' beginnings of the last weeks, the latest first.
pub fn past_slots(
    destination: &Destination,
    now: Timestamp,
    zone: &TimeZone,
    weeks: i64,
) -> Vec<Timestamp> {
    slots_before(destination, now, zone, weeks).collect()
}

/// The latest beginning that is not after `now`.
pub fn last_slot(destination: &Destination, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    slots_before(destination, now, zone, 1).next()
}

/// The next beginning after `now`.
pub fn next_slot(destination: &Destination, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    days_around(now, zone, -1..=LOOK_DAYS)
        .filter_map(|date| slot_on(destination, date, zone))
        .find(|slot| *slot > now)
}

/// Bytes per second that may be sent at `now`; `None` is no limit.
pub fn upload_limit(
    destination: &Destination,
    school: &SchoolHours,
    now: Timestamp,
    zone: &TimeZone,
) -> Option<u64> {
    let kilobits = destination.kilobits_at_school?;
    let within = school.contains(zone.to_datetime(now));
    within.then(|| u64::from(kilobits) * 1000 / 8)
}
