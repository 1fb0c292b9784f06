//! A scrub is played as values: what is to be done is done to what is seen, and hours
//! pass in between.

use super::*;

const SIZE: u64 = 64_000;

fn disk(number: u8) -> DiskId {
    DiskId::from_identity(Some(&format!("0x{number}")), "", None).unwrap()
}

fn repairs(number: u8, sectors: u64) -> Repairs {
    Repairs {
        disk: disk(number),
        sectors,
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A box that does as it is told.
struct Box {
    scrubs: Scrubs,
    seen: ScrubSeen,
    volume: Volume,
    now: Timestamp,
}

impl Box {
    fn new(now: &str) -> Self {
        Self {
            scrubs: Scrubs::default(),
            seen: ScrubSeen {
                repaired: vec![repairs(1, 0), repairs(2, 8)],
                ..ScrubSeen::default()
            },
            volume: Volume::Whole,
            now: at(now),
        }
    }

    /// Looks once and does what is to be done.
    fn look(&mut self) -> Option<Act> {
        let zone = TimeZone::UTC;
        let (scrubs, act) = next(&self.scrubs, &self.seen, self.volume, self.now, &zone);
        self.scrubs = scrubs;
        let (files, copies) = (&mut self.seen.files, &mut self.seen.copies);
        match act {
            Some(Act::ReadFiles) => {
                *files = FilesSeen {
                    running: true,
                    ..FilesSeen::default()
                };
            }
            Some(Act::GoOnWithFiles) => files.running = true,
            Some(Act::StopFiles) => files.running = false,
            Some(Act::ReadCopies { from }) => {
                copies.running = Some((from, SIZE));
                copies.interrupted_at = 0;
            }
            Some(Act::StopCopies) => {
                copies.interrupted_at = copies.running.take().unwrap().0;
            }
            None => {}
        }
        act
    }

    fn finish_files(&mut self) {
        assert!(self.seen.files.running);
        self.seen.files.running = false;
        self.seen.files.finished = true;
    }

    fn finish_copies(&mut self) {
        assert!(self.seen.copies.running.is_some());
        self.seen.copies.running = None;
    }

    fn ask_for_one(&mut self) {
        self.scrubs.run = Some(begin(Starter::Person, &self.seen, self.now));
    }

    fn pace(&mut self, pace: Pace) {
        self.scrubs.run.as_mut().unwrap().pace = pace;
    }
}

#[test]
fn a_month_after_the_volume_was_made_a_scrub_begins_at_night() {
    let mut the = Box::new("2026-11-01T10:00:00Z");
    assert_eq!(the.look(), None);
    the.now = at("2026-12-01T12:00:00Z");
    assert_eq!(the.look(), None, "not while the school works");
    the.now = at("2026-12-01T21:00:00Z");
    the.volume = Volume::Busy;
    assert_eq!(the.look(), None, "repairing goes first");
    the.volume = Volume::Whole;
    assert_eq!(the.look(), Some(Act::ReadFiles));
    assert_eq!(the.look(), None);
}

#[test]
fn the_copies_are_read_only_after_every_file_was() {
    let mut the = Box::new("2026-11-24T10:00:00Z");
    the.ask_for_one();
    assert_eq!(the.look(), Some(Act::ReadFiles));
    assert_eq!(the.look(), None);
    the.seen.files.broken = 3;
    the.finish_files();
    assert_eq!(the.look(), Some(Act::ReadCopies { from: 0 }));
    assert_eq!(the.look(), None);
    the.seen.repaired[0].sectors = 16;
    the.seen.named = vec!["commun/photo.jpg".to_owned()];
    the.finish_copies();
    assert_eq!(the.look(), None);
    let last = the.scrubs.last.clone().unwrap();
    assert_eq!(the.scrubs.run, None);
    assert_eq!(last.repaired, [repairs(1, 16)]);
    assert_eq!((last.broken, last.files.len()), (3, 1));
    the.now = at("2026-12-24T22:00:00Z");
    assert_eq!(the.look(), Some(Act::ReadFiles), "the next one");
}

#[test]
fn a_scrub_that_nobody_asked_for_rests_by_day_and_goes_on_the_next_night() {
    let mut the = Box::new("2026-10-01T22:00:00Z");
    the.look();
    the.now = at("2026-11-10T22:00:00Z");
    assert_eq!(the.look(), Some(Act::ReadFiles));
    the.now = at("2026-11-11T06:00:00Z");
    assert_eq!(the.look(), Some(Act::StopFiles));
    assert_eq!(the.look(), None);
    the.now = at("2026-11-11T21:30:00Z");
    assert_eq!(the.look(), Some(Act::GoOnWithFiles));
    the.finish_files();
    assert_eq!(the.look(), Some(Act::ReadCopies { from: 0 }));
    the.seen.copies.running = Some((SIZE / 2, SIZE));
    the.now = at("2026-11-12T06:00:00Z");
    assert_eq!(the.look(), Some(Act::StopCopies));
    assert_eq!(the.look(), None);
    the.now = at("2026-11-12T21:00:00Z");
    assert_eq!(the.look(), Some(Act::ReadCopies { from: SIZE / 2 }));
}

#[test]
fn a_person_pauses_it_and_lets_it_go_on() {
    let mut the = Box::new("2026-11-24T10:00:00Z");
    the.ask_for_one();
    the.look();
    the.pace(Pace::Paused);
    assert_eq!(the.look(), Some(Act::StopFiles));
    the.now = at("2026-11-24T23:00:00Z");
    assert_eq!(the.look(), None, "the night changes nothing");
    the.pace(Pace::Going);
    assert_eq!(the.look(), Some(Act::GoOnWithFiles));
}

#[test]
fn a_lost_disk_stops_it_and_it_goes_on_once_all_is_whole() {
    let mut the = Box::new("2026-11-24T10:00:00Z");
    the.ask_for_one();
    the.look();
    the.finish_files();
    the.look();
    the.seen.copies.running = Some((SIZE / 4, SIZE));
    the.look();
    // md itself stops its check when a member is lost.
    the.seen.copies.running = None;
    the.volume = Volume::Busy;
    assert_eq!(the.look(), None);
    assert!(the.scrubs.run.is_some(), "a lost disk is not the end of it");
    the.seen.copies.interrupted_at = SIZE / 4;
    the.volume = Volume::Whole;
    assert_eq!(the.look(), Some(Act::ReadCopies { from: SIZE / 4 }));
}

#[test]
fn a_restart_goes_on_where_it_was() {
    let mut the = Box::new("2026-11-24T10:00:00Z");
    the.ask_for_one();
    the.look();
    the.seen.files.running = false;
    let text = serde_json::to_string(&the.scrubs).unwrap();
    the.scrubs = serde_json::from_str::<Scrubs>(&text)
        .unwrap()
        .after_restart();
    assert_eq!(the.look(), Some(Act::GoOnWithFiles));
    the.finish_files();
    the.look();
    the.seen.copies.running = Some((SIZE / 2 + 10, SIZE));
    the.look();
    the.seen.copies = CopiesSeen::default();
    the.scrubs = the.scrubs.after_restart();
    assert_eq!(the.look(), Some(Act::ReadCopies { from: SIZE / 2 }));
}

#[test]
fn the_place_is_written_down_a_few_dozen_times_and_not_with_every_look() {
    let mut the = Box::new("2026-11-24T10:00:00Z");
    the.ask_for_one();
    the.look();
    the.finish_files();
    the.look();
    let mut written = 0;
    for done in (0..SIZE).step_by(10) {
        let before = the.scrubs.clone();
        the.seen.copies.running = Some((done, SIZE));
        the.look();
        written += u64::from(before != the.scrubs);
    }
    assert!((1..=STEPS).contains(&written), "{written}");
}

#[test]
fn a_disk_that_joined_anew_is_counted_from_nothing() {
    let before = [repairs(1, 100)];
    let after = [repairs(1, 8), repairs(2, 0), repairs(3, 24)];
    let found = difference(&before, &after);
    assert_eq!(found, [repairs(1, 8), repairs(3, 24)]);
}

#[test]
fn a_disk_on_which_bytes_change_by_themselves_is_watched_for_a_year() {
    let day = |days: i64| Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * days);
    let put_right = |days, number, sectors| PutRight {
        at: day(days),
        found: repairs(number, sectors),
    };
    let scrubs = Scrubs {
        repaired: vec![
            put_right(0, 1, 8),
            put_right(30, 1, 16),
            put_right(30, 2, 4),
        ],
        ..Scrubs::default()
    };
    let found = scrubs.reason(&disk(1), day(40)).unwrap();
    let (sectors, times) = (24, 2);
    assert_eq!(found, Reason::Repaired { sectors, times });
    assert_eq!(found.verdict(), crate::health::Verdict::Watch);
    let (sectors, times) = (16, 1);
    let later = scrubs.reason(&disk(1), day(380));
    assert_eq!(later, Some(Reason::Repaired { sectors, times }));
    assert_eq!(scrubs.reason(&disk(1), day(400)), None);
    assert_eq!(scrubs.reason(&disk(3), day(40)), None);
}
