//! The letter of the month: whoever gets one knows that the box is on, how it is, and
//! that its mails arrive. When it is due.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// The hour of the first of the month from which it is due: it is read in the morning.
const MORNING: i8 = 8;
/// A box that was off is late with it up to this day; then the next one is soon enough.
const LAST_DAY: i8 = 7;

/// The first day of the month that a letter is due about: the one before this. `since` is
/// when the box began to be looked after; there is nothing to tell of a month before.
pub fn due(now: Timestamp, zone: &TimeZone, since: Timestamp) -> Option<Date> {
    let here = now.to_zoned(zone.clone());
    let is_early = here.day() == 1 && here.hour() < MORNING;
    if is_early || here.day() > LAST_DAY {
        return None;
    }
    let first = here.date().first_of_month();
    let began = since.to_zoned(zone.clone()).date();
    let before = first.yesterday().ok()?.first_of_month();
    (began < first).then_some(before)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn at(text: &str) -> Timestamp {
        let zoned: jiff::Zoned = format!("{text}[Europe/Paris]").parse().unwrap();
        zoned.timestamp()
    }

    #[test]
    fn a_month_is_told_in_the_first_days_of_the_next_and_not_before_there_was_one() {
        let paris = TimeZone::get("Europe/Paris").unwrap();
        let since = at("2026-11-24T10:00");
        let due = |text| due(at(text), &paris, since);
        assert_eq!(due("2026-11-30T23:59"), None);
        assert_eq!(due("2026-12-01T07:59"), None);
        assert_eq!(due("2026-12-01T08:00"), Some(date(2026, 11, 1)));
        assert_eq!(due("2026-12-07T23:00"), Some(date(2026, 11, 1)));
        assert_eq!(due("2026-12-08T00:00"), None);
        assert_eq!(due("2027-01-02T00:00"), Some(date(2026, 12, 1)));
        assert_eq!(due("2026-11-02T09:00"), None, "before the box");
        assert_eq!(due("1970-01-02T09:00"), None, "no clock");
    }
}
