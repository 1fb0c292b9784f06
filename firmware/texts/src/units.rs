//! Sizes, dates and durations in words.

use crate::Texts;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};
use preau_domain::language::Language;

impl Texts {
    /// A size as disks' labels count it: `1,2 To`, `1.2 TB`. One decimal below 10.
    pub fn bytes(self, bytes: u64) -> String {
        let units = match self.language() {
            Language::Fr => ["octets", "ko", "Mo", "Go", "To", "Po"],
            Language::En => ["bytes", "kB", "MB", "GB", "TB", "PB"],
        };
        let mut unit = 0;
        let mut divisor: u128 = 1;
        let bytes = u128::from(bytes);
        // The next unit begins where rounding would write 1000 of this one.
        while unit + 1 < units.len() && bytes * 2 >= divisor * 1999 {
            divisor *= 1000;
            unit += 1;
        }
        let tenths = (bytes * 10 + divisor / 2) / divisor;
        let number = if unit == 0 || tenths >= 100 || tenths.is_multiple_of(10) {
            format!("{}", (bytes + divisor / 2) / divisor)
        } else {
            let mark = self.decimal_mark();
            format!("{}{mark}{}", tenths / 10, tenths % 10)
        };
        format!("{number}\u{a0}{}", units[unit])
    }

    const fn decimal_mark(self) -> char {
        match self.language() {
            Language::Fr => ',',
            Language::En => '.',
        }
    }

    /// A moment: `mardi 24 novembre à 7 h 42`, `Tuesday 24 November at 7:42`; with
    /// the year when it is not that of `now`.
    pub fn moment(self, at: Timestamp, now: Timestamp, time_zone: &TimeZone) -> String {
        let zoned = at.to_zoned(time_zone.clone());
        let year = (zoned.year() != now.to_zoned(time_zone.clone()).year()).then(|| zoned.year());
        let day = self.day_in_words(&zoned, year);
        let (hour, minute) = (zoned.hour(), zoned.minute());
        match self.language() {
            Language::Fr => format!("{day} à {hour}\u{a0}h\u{a0}{minute:02}"),
            Language::En => format!("{day} at {hour}:{minute:02}"),
        }
    }

    /// A day with its year: `mardi 24 novembre 2026`.
    pub fn day(self, at: Timestamp, time_zone: &TimeZone) -> String {
        let zoned = at.to_zoned(time_zone.clone());
        self.day_in_words(&zoned, Some(zoned.year()))
    }

    /// A day without its name: `24 novembre`, `24 November`.
    pub fn day_and_month(self, at: Timestamp, time_zone: &TimeZone) -> String {
        let words = self.day_in_words(&at.to_zoned(time_zone.clone()), None);
        words
            .split_once(' ')
            .map_or_else(String::new, |(_, day)| day.to_owned())
    }

    /// `novembre 2026`, of the month that begins with that day.
    pub fn month(self, first: Date) -> String {
        let months = match self.language() {
            Language::Fr => &MONTHS_FR,
            Language::En => &MONTHS_EN,
        };
        let month = months[usize::from(first.month().unsigned_abs()) - 1];
        format!("{month} {}", first.year())
    }

    fn day_in_words(self, zoned: &Zoned, year: Option<i16>) -> String {
        let weekday = usize::from(zoned.weekday().to_monday_zero_offset().unsigned_abs());
        let month = usize::from(zoned.month().unsigned_abs()) - 1;
        let (weekdays, months) = match self.language() {
            Language::Fr => (&WEEKDAYS_FR, &MONTHS_FR),
            Language::En => (&WEEKDAYS_EN, &MONTHS_EN),
        };
        let day = match (self.language(), zoned.day()) {
            (Language::Fr, 1) => "1er".to_owned(),
            (_, day) => day.to_string(),
        };
        let words = format!("{} {day} {}", weekdays[weekday], months[month]);
        match year {
            Some(year) => format!("{words} {year}"),
            None => words,
        }
    }

    /// The same of so many seconds.
    pub fn about_seconds(self, seconds: u64) -> String {
        let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
        self.about(SignedDuration::from_secs(seconds))
    }

    /// A length of time, rounded as a person would say it: `environ 3 minutes`,
    /// `about 2 hours`, `moins d'une minute`.
    pub fn about(self, length: SignedDuration) -> String {
        let minutes = (length.as_secs().max(0) + 30) / 60;
        let (key, count) = if length.as_secs() < 50 {
            return self.t("duration-less-than-a-minute");
        } else if minutes < 90 {
            ("duration-minutes", minutes.max(1))
        } else if minutes < 36 * 60 {
            ("duration-hours", (minutes + 30) / 60)
        } else {
            ("duration-days", (minutes + 12 * 60) / (24 * 60))
        };
        self.t_with(key, &[("count", count.into())])
    }
}

const WEEKDAYS_FR: [&str; 7] = [
    "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche",
];
const WEEKDAYS_EN: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];
const MONTHS_FR: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];
const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

#[cfg(test)]
mod tests {
    use super::*;

    const FR: Texts = Texts::new(Language::Fr);
    const EN: Texts = Texts::new(Language::En);

    #[test]
    fn sizes_are_counted_as_on_labels() {
        for (bytes, fr, en) in [
            (0, "0\u{a0}octets", "0\u{a0}bytes"),
            (999, "999\u{a0}octets", "999\u{a0}bytes"),
            (1_234_567_890_123, "1,2\u{a0}To", "1.2\u{a0}TB"),
            (4_000_787_030_016, "4\u{a0}To", "4\u{a0}TB"),
            (999_999, "1\u{a0}Mo", "1\u{a0}MB"),
            (268_435_456, "268\u{a0}Mo", "268\u{a0}MB"),
            (9_960_000_000, "10\u{a0}Go", "10\u{a0}GB"),
            (u64::MAX, "18447\u{a0}Po", "18447\u{a0}PB"),
        ] {
            assert_eq!(FR.bytes(bytes), fr);
            assert_eq!(EN.bytes(bytes), en);
        }
    }

    #[test]
    fn moments_are_told_in_the_box_s_own_time() {
        let paris = TimeZone::get("Europe/Paris").unwrap();
        let at: Timestamp = "2026-11-24T06:42:10Z".parse().unwrap();
        assert_eq!(
            FR.moment(at, at, &paris),
            "mardi 24 novembre à 7\u{a0}h\u{a0}42"
        );
        assert_eq!(EN.moment(at, at, &paris), "Tuesday 24 November at 7:42");
        let later: Timestamp = "2027-01-02T06:42:10Z".parse().unwrap();
        let first: Timestamp = "2026-12-01T12:05:00Z".parse().unwrap();
        assert_eq!(
            FR.moment(first, later, &paris),
            "mardi 1er décembre 2026 à 13\u{a0}h\u{a0}05"
        );
    }

    #[test]
    fn lengths_are_rounded_as_people_say_them() {
        let fr = |seconds| FR.about(SignedDuration::from_secs(seconds));
        assert_eq!(fr(10), "moins d’une minute");
        assert_eq!(fr(60), "environ 1 minute");
        assert_eq!(fr(200), "environ 3 minutes");
        assert_eq!(fr(5400), "environ 2 heures");
        assert_eq!(fr(5 * 86400), "environ 5 jours");
        assert_eq!(EN.about(SignedDuration::from_secs(7100)), "about 2 hours");
    }
}
