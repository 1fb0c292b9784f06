//! The conversation with the supervisor: its job and orders come in, progress, notes
//! and the outcome go out.

use std::io::{self, BufRead, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use preau_offsite_job::{
    Event, Failure, FailureReport, Job, Note, Order, Phase, Progress, VERSION, line,
};
use rustic_core::{ProgressBars, ProgressType, RusticProgress};

use crate::flow::Flow;

/// How often progress is told.
const EVERY: Duration = Duration::from_secs(1);

/// Notes that are told; the rest is only counted. A folder that cannot be read at all
/// must not fill the journal.
const NOTES_MAX: u64 = 100;

/// Reads the job, the first line.
pub fn read_job(from: &mut impl BufRead) -> Result<Job, FailureReport> {
    let refuse = |detail: String| FailureReport {
        failure: Failure::BadJob,
        detail,
    };
    let mut text = String::new();
    from.read_line(&mut text)
        .map_err(|error| refuse(format!("reading the job: {error}")))?;
    // serde names the field and the place, not the value.
    let job: Job = serde_json::from_str(&text)
        .map_err(|error| refuse(format!("the job: line 1 column {}", error.column())))?;
    if job.version != VERSION {
        return Err(refuse(format!("a job of version {}", job.version)));
    }
    Ok(job)
}

/// Tells the supervisor. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Reporter(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    flow: Arc<Flow>,
    state: Mutex<State>,
    done: AtomicU64,
    notes: AtomicU64,
    /// Set with the last line, after which nothing is said.
    finished: Mutex<bool>,
}

#[derive(Debug, Default)]
struct State {
    phase: Phase,
    share: Option<String>,
    total: Option<u64>,
    /// Of the phase, what the library's own count leaves out.
    around: u64,
    phase_began: Option<Instant>,
    /// Bytes over the wire at the last tellings, for the throughput.
    wire: Vec<(Instant, u64)>,
}

impl Reporter {
    /// For one job.
    pub fn new(flow: Arc<Flow>) -> Self {
        Self(Arc::new(Inner {
            flow,
            state: Mutex::default(),
            done: AtomicU64::new(0),
            notes: AtomicU64::new(0),
            finished: Mutex::new(false),
        }))
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new phase begins.
    pub fn phase(&self, phase: Phase, total: Option<u64>) {
        let mut state = self.state();
        state.phase = phase;
        state.total = total;
        state.around = 0;
        state.phase_began = Some(Instant::now());
        self.0.done.store(0, Ordering::Relaxed);
    }

    /// What the library counts next is a part of the phase: so much came before it and
    /// comes after.
    pub fn around(&self, bytes: u64) {
        self.state().around = bytes;
    }

    /// What follows is for this share.
    pub fn share(&self, share: Option<&str>) {
        self.state().share = share.map(Into::into);
    }

    /// So much more of the phase is done.
    pub fn advance(&self, by: u64) {
        self.0.done.fetch_add(by, Ordering::Relaxed);
    }

    /// How much of the phase is done.
    pub fn done(&self) -> u64 {
        self.0.done.load(Ordering::Relaxed)
    }

    /// Something went wrong that does not stop the job.
    pub fn note(&self, detail: String) {
        let number = self.0.notes.fetch_add(1, Ordering::Relaxed);
        eprintln!("{detail}");
        if number < NOTES_MAX {
            self.tell(&Event::Note(Note { detail }));
        }
    }

    /// Notes so far.
    pub fn notes(&self) -> u64 {
        self.0.notes.load(Ordering::Relaxed)
    }

    /// Writes one line. When nobody reads any more, nobody will act on the outcome
    /// either: the job ends, as safely as if it were killed.
    pub fn tell(&self, event: &Event) {
        let mut finished = self
            .0
            .finished
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if *finished {
            return;
        }
        *finished = matches!(event, Event::Done(_) | Event::Failed(_));
        let written = line(event)
            .map_err(io::Error::other)
            .and_then(|text| io::stdout().lock().write_all(text.as_bytes()));
        if let Err(error) = written {
            eprintln!("telling the supervisor: {error}");
            std::process::exit(1);
        }
    }

    /// Tells progress from now on, from a thread of its own.
    pub fn keep_telling(&self) {
        let reporter = self.clone();
        std::thread::spawn(move || {
            loop {
                let progress = reporter.progress(Instant::now());
                reporter.tell(&Event::Progress(progress));
                std::thread::sleep(EVERY);
            }
        });
    }

    fn progress(&self, now: Instant) -> Progress {
        let done = self.0.done.load(Ordering::Relaxed);
        let (sent, fetched) = (self.0.flow.sent(), self.0.flow.fetched());
        let mut state = self.state();
        state.wire.push((now, sent + fetched));
        if state.wire.len() > 10 {
            state.wire.remove(0);
        }
        let per_second = match state.wire.as_slice() {
            [(from, before), .., (to, after)] => rate(after - before, to.duration_since(*from)),
            _ => 0,
        };
        let elapsed = state
            .phase_began
            .map_or(Duration::ZERO, |began| now - began);
        Progress {
            phase: state.phase,
            share: state.share.clone(),
            done,
            total: state.total,
            sent,
            fetched,
            per_second,
            seconds_left: state
                .total
                .and_then(|total| seconds_left(done, total, elapsed)),
        }
    }
}

fn rate(bytes: u64, over: Duration) -> u64 {
    let milliseconds = over.as_millis().max(1);
    u64::try_from(u128::from(bytes) * 1000 / milliseconds).unwrap_or(u64::MAX)
}

/// How long the rest takes at the pace so far. Nothing is said in the first seconds,
/// when it would be a guess.
fn seconds_left(done: u64, total: u64, elapsed: Duration) -> Option<u64> {
    const TOO_EARLY: Duration = Duration::from_secs(3);
    if done == 0 || elapsed < TOO_EARLY {
        return None;
    }
    let left = u128::from(total.saturating_sub(done)) * elapsed.as_millis() / u128::from(done);
    u64::try_from(left.div_ceil(1000)).ok()
}

/// Obeys orders until the input ends, from a thread of its own.
pub fn obey(mut from: impl BufRead + Send + 'static, flow: Arc<Flow>) {
    std::thread::spawn(move || {
        let mut text = String::new();
        loop {
            text.clear();
            match from.read_line(&mut text) {
                Ok(0) => return,
                Ok(_) => match serde_json::from_str(&text) {
                    Ok(Order::Cancel) => flow.cancel(),
                    Ok(Order::UploadLimit { bytes_per_second }) => flow.set_limit(bytes_per_second),
                    Err(error) => eprintln!("an order that is none: {error}"),
                },
                Err(error) => {
                    eprintln!("reading orders: {error}");
                    return;
                }
            }
        }
    });
}

/// What rustic counts goes to the reporter.
#[derive(Debug, Clone)]
pub struct Bars(pub Reporter);

impl ProgressBars for Bars {
    fn progress(&self, kind: ProgressType, prefix: &str) -> rustic_core::Progress {
        log::debug!("{prefix}");
        // Of a job's many counters, those of bytes are the long ones.
        let bar = matches!(kind, ProgressType::Bytes).then(|| self.0.clone());
        rustic_core::Progress::new(Bar(bar))
    }
}

#[derive(Debug)]
struct Bar(Option<Reporter>);

impl RusticProgress for Bar {
    fn is_hidden(&self) -> bool {
        // Else sizes are not counted in advance.
        false
    }
    fn set_length(&self, length: u64) {
        if let Some(reporter) = &self.0 {
            let mut state = reporter.state();
            state.total = Some(length + state.around);
        }
    }
    fn set_title(&self, _: &str) {}
    fn inc(&self, by: u64) {
        if let Some(reporter) = &self.0 {
            reporter.advance(by);
        }
    }
    fn finish(&self) {}
}

/// Warnings that are no notes: that a restore's folder holds other files too, which was
/// chosen; that an older copy cannot be read, for which the job fails in its own words.
const NO_NOTES: [&str; 3] = [
    "additional entries exist in destination",
    "Error reading snapshot",
    "ignoring error when loading parent tree",
];

/// What rustic warns of is a note; it tells so of files that it could not read, and
/// of attributes that it could not set.
#[derive(Debug)]
pub struct Warnings(pub Reporter);

impl log::Log for Warnings {
    fn enabled(&self, facts: &log::Metadata<'_>) -> bool {
        facts.level() <= log::Level::Warn && facts.target().starts_with("rustic")
            || facts.level() <= log::Level::Info && facts.target().starts_with("preau")
    }

    fn log(&self, record: &log::Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let text = record.args().to_string();
        let is_known = NO_NOTES.iter().any(|known| text.contains(known));
        if record.level() <= log::Level::Warn && !is_known {
            self.0.note(text);
        } else {
            eprintln!("{}", record.args());
        }
    }

    fn flush(&self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_that_cannot_be_read_is_refused_without_repeating_it() {
        let text = r#"{"version":1,"password":"motdepasse","oops":1}"#;
        let report = read_job(&mut text.as_bytes()).unwrap_err();
        assert_eq!(report.failure, Failure::BadJob);
        assert!(!report.detail.contains("motdepasse"));
        assert!(read_job(&mut "".as_bytes()).is_err());
    }

    #[test]
    fn the_remaining_time_follows_the_pace_so_far() {
        let elapsed = Duration::from_secs(10);
        assert_eq!(seconds_left(25, 100, elapsed), Some(30));
        assert_eq!(seconds_left(0, 100, elapsed), None);
        assert_eq!(seconds_left(25, 100, Duration::from_secs(1)), None);
        assert_eq!(seconds_left(200, 100, elapsed), Some(0));
    }

    #[test]
    fn orders_change_a_job_that_is_under_way() {
        let flow = Arc::new(Flow::new(Some(1)));
        let reporter = Reporter::new(flow.clone());
        reporter.phase(Phase::Copying, Some(10));
        reporter.advance(4);
        let told = reporter.progress(Instant::now());
        assert_eq!(
            (told.phase, told.done, told.total),
            (Phase::Copying, 4, Some(10))
        );
    }
}
