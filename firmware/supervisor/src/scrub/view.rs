//! How far a scrub is, as the API says it. Pure.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use preau_api::{ScrubState, ScrubView};
use preau_domain::scrub::{self, Pace, Run, ScrubSeen, Scrubs, Stage};
use preau_domain::snapshot::Volume;

const SECTOR: u64 = 512;

/// What is known of scrubs at one moment.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    /// What is remembered.
    pub scrubs: Scrubs,
    /// What was last seen.
    pub seen: Option<ScrubSeen>,
}

/// The scrub for a reader; `None` before the volume was first seen.
pub fn view(
    progress: &Progress,
    volume: Option<&Volume>,
    now: Timestamp,
    zone: &TimeZone,
) -> Option<ScrubView> {
    let scrubs = &progress.scrubs;
    let next_at = scrubs.due()?;
    let last = scrubs.last.as_ref();
    let far = scrubs
        .run
        .as_ref()
        .zip(progress.seen.as_ref())
        .map(|(run, seen)| how_far(run, seen, volume));
    Some(ScrubView {
        state: match &scrubs.run {
            None => ScrubState::Idle,
            Some(run) if run.pace == Pace::Paused => ScrubState::Paused,
            Some(run) if scrub::may_run_at(run, now, zone) => ScrubState::Running,
            Some(_) => ScrubState::Waiting,
        },
        percent: far.map_or(0, |far| far.percent),
        remaining_seconds: far.and_then(|far| far.remaining),
        next_at,
        last_finished: last.map(|last| last.finished),
        repaired_bytes: last.map_or(0, |last| {
            last.repaired
                .iter()
                .map(|found| found.sectors * SECTOR)
                .sum()
        }),
        broken_files: last.map_or_else(Vec::new, |last| last.files.clone()),
    })
}

#[derive(Clone, Copy)]
struct Far {
    percent: u8,
    remaining: Option<u64>,
}

/// Both parts read about as fast, so that bytes are what counts: those of the files
/// once, then those of a copy.
fn how_far(run: &Run, seen: &ScrubSeen, volume: Option<&Volume>) -> Far {
    let files = volume.map_or(0, |volume| volume.total.saturating_sub(volume.free));
    let copies = seen.copies.total * SECTOR;
    let speed_of_files = seen.files.bytes.checked_div(seen.files.seconds);
    let (done, speed) = match run.stage {
        Stage::Files => (seen.files.bytes.min(files), speed_of_files),
        Stage::Copies => {
            let done = seen
                .copies
                .running
                .map_or(run.copies_from, |(done, _)| done);
            let speed = Some(seen.copies.speed * 1024).filter(|speed| *speed > 0);
            (files + done * SECTOR, speed.or(speed_of_files))
        }
    };
    let all = files + copies;
    let percent = u128::from(done) * 100 / u128::from(all.max(1));
    Far {
        percent: u8::try_from(percent.min(100)).unwrap_or(100),
        remaining: speed
            .filter(|speed| *speed > 0)
            .map(|speed| all.saturating_sub(done) / speed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use preau_domain::scrub::{CopiesSeen, FilesSeen, Starter, begin};

    const MIB: u64 = 1 << 20;

    #[test]
    fn half_way_through_the_files_half_of_their_time_and_the_copies_are_left() {
        let seen = ScrubSeen {
            files: FilesSeen {
                running: true,
                bytes: 50 * MIB,
                seconds: 5,
                ..FilesSeen::default()
            },
            copies: CopiesSeen {
                total: 300 * MIB / SECTOR,
                speed: 20 * 1024,
                ..CopiesSeen::default()
            },
            ..ScrubSeen::default()
        };
        let volume = Volume {
            filesystem: uuid::Uuid::nil(),
            read_only: false,
            total: 300 * MIB,
            free: 200 * MIB,
            subvolumes: Vec::new(),
        };
        let mut run = begin(Starter::Person, &seen, Timestamp::UNIX_EPOCH);
        let far = how_far(&run, &seen, Some(&volume));
        assert_eq!((far.percent, far.remaining), (12, Some(35)));
        run.stage = Stage::Copies;
        run.copies_from = 150 * MIB / SECTOR;
        let far = how_far(&run, &seen, Some(&volume));
        assert_eq!((far.percent, far.remaining), (62, Some(7)));
    }
}
