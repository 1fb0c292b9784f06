//! The copies in words: settings, history and what is under way become what the pages
//! show. Pure.

use super::Running;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use preau_api::{
    CopiesStatus, CopyProblem, CopyState, DestinationView, HostKeyView, NightResult, NightView,
    PlannedView, RunView, RunningView, StrikeView,
};
use preau_domain::copies::{
    Circumstances, ClockTrust, Destination, Ending, Gone, Hold, Next, Run, Strike, Verdict,
    Waiting, Work, gone, health, hold, next, past_slots,
};
use preau_offsite_job::{EscapedPath, Failure, Outcome, Phase, Progress};
use preau_texts::{Texts, copy_failure, failure_code};

/// Weeks of the calendar of nights.
const WEEKS: i64 = 5;
/// A copy may begin so much after its hour until it counts as missed.
const LATE: SignedDuration = SignedDuration::from_hours(12);

/// Everything that a destination's view is made from.
pub struct Subject<'a> {
    /// Its settings.
    pub destination: &'a Destination,
    /// Its runs, the newest first.
    pub runs: &'a [Run],
    /// What is under way for it.
    pub running: Option<&'a Running>,
    /// What is around it.
    pub around: Circumstances<'a>,
    /// A password or secret key is stored.
    pub has_secret: bool,
}

impl Subject<'_> {
    fn last_good(&self) -> Option<Timestamp> {
        let good = |run: &&Run| run.work == Work::BackUp && run.is_done();
        self.runs.iter().find(good).map(|run| run.started_at)
    }

    fn last_proof(&self) -> Option<Timestamp> {
        let proved = |run: &&Run| run.work == Work::Drill && run.is_done();
        self.runs.iter().find(proved).map(|run| run.started_at)
    }

    /// The failed run that matters: the last one of each kind counts.
    fn failed(&self) -> Option<&Run> {
        let of = |is_it: fn(&Work) -> bool| {
            self.runs
                .iter()
                .find(|run| is_it(&run.work) && run.end.is_some() && !run.was_cancelled())
                .filter(|run| !run.is_done())
        };
        let making = |work: &Work| matches!(work, Work::Init | Work::BackUp);
        of(making)
            .filter(|run| run.failure() != Some(&Failure::RepositoryExists))
            .or_else(|| of(Work::is_proof))
            .or_else(|| of(|work| matches!(work, Work::Forget | Work::Prune)))
    }

    fn next(&self) -> Next {
        next(self.destination, self.runs, &self.around)
    }

    /// How it is.
    pub fn state(&self) -> CopyState {
        if self.running.is_some() {
            return CopyState::Running;
        }
        match self.next() {
            Next::Off => CopyState::Off,
            Next::Waits(Waiting::Recovery) => CopyState::New,
            Next::Waits(Waiting::Disk) if self.last_good().is_some() => CopyState::Good,
            Next::Waits(_) => CopyState::Waiting,
            Next::At(..) if self.failed().is_some() => CopyState::Problem,
            Next::At(..) if self.last_good().is_none() => CopyState::New,
            Next::At(..) => CopyState::Good,
        }
    }
}

/// A destination, for a reader of that language.
pub fn destination_view(texts: Texts, subject: &Subject<'_>) -> DestinationView {
    let Subject {
        destination,
        around,
        ..
    } = subject;
    let held = held(texts, subject);
    DestinationView {
        id: destination.id,
        name: destination.name.clone(),
        place: destination.place.clone(),
        has_secret: subject.has_secret,
        days: destination.days.clone(),
        hour: destination.hour,
        keep: destination.keep,
        kilobits_at_school: destination.kilobits_at_school,
        enabled: destination.enabled,
        state: subject.state(),
        sentence: sentence(texts, subject),
        last_good: subject.last_good(),
        last_proof: subject.last_proof(),
        next: match subject.next() {
            Next::At(work, at) => Some(planned(texts, &work, at, around)),
            Next::Off | Next::Waits(_) => None,
        },
        running: subject.running.map(|running| running_view(texts, running)),
        problem: subject.failed().map(|run| problem(texts, run)),
        may_accept_vanished: matches!(
            hold(destination, subject.runs, around.clock, around.now),
            Some(Hold::Vanished(_))
        ),
        hold: held,
        strikes: destination
            .strikes
            .iter()
            .map(|strike| strike_view(texts, subject, strike))
            .collect(),
        nights: nights(subject),
    }
}

/// By when something is gone.
pub fn strike_view(texts: Texts, subject: &Subject<'_>, strike: &Strike) -> StrikeView {
    let around = &subject.around;
    let found = gone(subject.destination, strike, subject.runs, around);
    let what = format!("{} / {}", strike.work.share, strike.work.path);
    let (key, by) = match found {
        Gone::By(at) => ("copies-strike-by", Some(at)),
        Gone::Once(Waiting::Disk) => ("copies-strike-disk", None),
        Gone::Once(Waiting::Clock) => ("copies-strike-clock", None),
        Gone::Once(Waiting::Sheet | Waiting::Volume | Waiting::Recovery) => {
            ("copies-strike-later", None)
        }
        Gone::NotWhileOff => ("copies-strike-off", None),
        Gone::Never => ("copies-strike-never", None),
    };
    let day = by.map_or_else(String::new, |at| texts.day(at, around.zone));
    StrikeView {
        share: strike.work.share.clone(),
        path: strike.work.path.as_str().to_owned(),
        sentence: texts.t_with(key, &[("what", what.into()), ("day", day.into())]),
        gone_by: by,
        stays: found == Gone::Never,
    }
}

fn moment(texts: Texts, at: Timestamp, around: &Circumstances<'_>) -> String {
    texts.moment(at, around.now, around.zone)
}

fn sentence(texts: Texts, subject: &Subject<'_>) -> String {
    let around = &subject.around;
    if let Some(running) = subject.running {
        return texts.t(&action_key(&running.work));
    }
    let last = subject.last_good().map_or_else(
        || texts.t("copies-none-yet"),
        |at| {
            texts.t_with(
                "copies-last-good",
                &[("moment", moment(texts, at, around).into())],
            )
        },
    );
    match subject.next() {
        Next::Off => texts.t("copies-off"),
        Next::Waits(waiting) => format!("{last} {}", texts.t(waiting_key(waiting))),
        Next::At(..) => last,
    }
}

/// Why a destination waits.
pub const fn waiting_key(waiting: Waiting) -> &'static str {
    match waiting {
        Waiting::Sheet => "copies-wait-sheet",
        Waiting::Volume => "copies-wait-volume",
        Waiting::Disk => "copies-wait-disk",
        Waiting::Clock => "copies-wait-clock",
        Waiting::Recovery => "copies-wait-recovery",
    }
}

fn planned(texts: Texts, work: &Work, at: Timestamp, around: &Circumstances<'_>) -> PlannedView {
    let name = texts.t(&match work {
        Work::BackUp => "copy-next-back-up".to_owned(),
        other => work_key(other),
    });
    let sentence = if at <= around.now {
        texts.t_with("copies-next-soon", &[("work", name.into())])
    } else {
        let when = moment(texts, at, around);
        texts.t_with(
            "copies-next",
            &[("work", name.into()), ("moment", when.into())],
        )
    };
    PlannedView {
        work: work.as_str().to_owned(),
        at,
        sentence,
    }
}

fn work_key(work: &Work) -> String {
    format!("copy-work-{}", work.as_str().replace('_', "-"))
}

fn action_key(work: &Work) -> String {
    format!("copy-doing-{}", work.as_str().replace('_', "-"))
}

/// What is under way, in words.
pub fn running_view(texts: Texts, running: &Running) -> RunningView {
    let progress = &running.progress;
    RunningView {
        work: running.work.as_str().to_owned(),
        action: texts.t(&action_key(&running.work)),
        percent: percent(progress),
        words: progress_words(texts, progress),
        remaining_seconds: progress.seconds_left,
        per_second: progress.per_second,
    }
}

fn percent(progress: &Progress) -> Option<u8> {
    let total = progress.total.filter(|total| *total > 0)?;
    let hundredths = u128::from(progress.done) * 100 / u128::from(total);
    Some(u8::try_from(hundredths.min(100)).unwrap_or(100))
}

fn progress_words(texts: Texts, progress: &Progress) -> String {
    let mut parts = Vec::new();
    // Its count begins again, after all has come.
    if progress.phase == Phase::Comparing {
        parts.push(texts.t("copies-comparing"));
    }
    if let Some(percent) = percent(progress) {
        parts.push(texts.t_with("copies-percent", &[("percent", percent.into())]));
    }
    if let Some(seconds) = progress.seconds_left {
        let left = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
        parts.push(texts.t_with("copies-left", &[("rest", texts.about(left).into())]));
    }
    if progress.per_second > 0 {
        let speed = texts.bytes(progress.per_second);
        parts.push(texts.t_with("copies-speed", &[("speed", speed.into())]));
    }
    if parts.is_empty() {
        return texts.t(match progress.phase {
            Phase::Connecting | Phase::ReadingIndex => "copies-begins",
            _ => "copies-run-goes-on",
        });
    }
    parts.join(" — ")
}

fn problem(texts: Texts, run: &Run) -> CopyProblem {
    let (code, message, host_key) = match run.failure() {
        Some(failure) => (
            failure_code(failure).to_owned(),
            copy_failure(texts, failure),
            host_key(failure),
        ),
        None => ("stopped".to_owned(), texts.t("copies-run-cut"), None),
    };
    CopyProblem {
        code,
        message,
        detail: run.detail().to_owned(),
        at: run.ended_at().unwrap_or(run.started_at),
        host_key,
    }
}

/// The key that a server shows, when that is what is wrong.
pub fn host_key(failure: &Failure) -> Option<HostKeyView> {
    let (key, changed) = match failure {
        Failure::HostKeyUnknown(key) => (key, false),
        Failure::HostKeyChanged(key) => (key, true),
        _ => return None,
    };
    Some(HostKeyView {
        key: key.key.clone(),
        fingerprint: key.fingerprint.clone(),
        changed,
    })
}

/// Why nothing is let go of, when people should know.
fn held(texts: Texts, subject: &Subject<'_>) -> Option<String> {
    let Subject {
        destination,
        runs,
        around,
        ..
    } = subject;
    match hold(destination, runs, around.clock, around.now)? {
        Hold::Vanished(found) => Some(texts.t_with(
            "copies-hold-vanished",
            &[
                ("files", found.files.into()),
                ("of", found.of.into()),
                ("share", found.share.clone().into()),
                ("moment", moment(texts, found.seen_at, around).into()),
            ],
        )),
        Hold::Clock if around.clock == ClockTrust::Untrusted && !runs.is_empty() => {
            Some(texts.t("copies-hold-clock"))
        }
        Hold::Clock => None,
        Hold::NotProved => {
            let found = health(destination, runs, around.now, around.zone)?;
            matches!(found.proof, Verdict::Bad(..)).then(|| texts.t("copies-hold-not-proved"))
        }
    }
}

/// The last weeks, night by night, oldest first.
fn nights(subject: &Subject<'_>) -> Vec<NightView> {
    let Subject {
        destination,
        runs,
        around,
        ..
    } = subject;
    let Circumstances { now, zone, .. } = *around;
    let copies: Vec<&Run> = runs.iter().filter(|run| run.work == Work::BackUp).collect();
    let slots = past_slots(destination, now, zone, WEEKS);
    let today = zone.to_datetime(now).date();
    let mut nights: Vec<NightView> = (0..WEEKS * 7)
        .filter_map(|back| today.checked_sub(jiff::Span::new().days(back)).ok())
        .map(|date| {
            let place = slots
                .iter()
                .position(|slot| zone.to_datetime(*slot).date() == date);
            let result = place.map_or(NightResult::None, |place| {
                let ends = place.checked_sub(1).and_then(|later| slots.get(later));
                night(destination, &copies, slots[place], ends.copied(), now)
            });
            NightView {
                date: date.to_string(),
                result,
            }
        })
        .collect();
    nights.reverse();
    nights
}

fn night(
    destination: &Destination,
    copies: &[&Run],
    slot: Timestamp,
    ends: Option<Timestamp>,
    now: Timestamp,
) -> NightResult {
    let tonight =
        |run: &&&Run| run.started_at >= slot && ends.is_none_or(|ends| run.started_at < ends);
    let mut tries = copies.iter().filter(tonight).peekable();
    if tries.peek().is_none() {
        let was_one = slot >= destination.added_at && now.duration_since(slot) >= LATE;
        return if was_one {
            NightResult::Missed
        } else {
            NightResult::None
        };
    }
    if tries.clone().any(|run| run.is_done()) {
        NightResult::Good
    } else if tries.any(|run| run.end.is_some()) {
        NightResult::Failed
    } else {
        NightResult::None
    }
}

/// A run of the history.
pub fn run_view(texts: Texts, run: &Run) -> RunView {
    RunView {
        number: run.number,
        work: run.work.as_str().to_owned(),
        name: texts.t(&work_key(&run.work)),
        started_at: run.started_at,
        ended_at: run.ended_at(),
        result: result(texts, run),
        good: run.is_done(),
        detail: run.detail().to_owned(),
    }
}

/// What came of a run, in a sentence.
fn result(texts: Texts, run: &Run) -> String {
    let outcome = match run.end.as_ref().map(|end| &end.ending) {
        None => return texts.t("copies-run-goes-on"),
        Some(Ending::Cut) => return texts.t("copies-run-cut"),
        Some(Ending::Failed {
            failure: Failure::DeleteRefused,
            ..
        }) if matches!(run.work, Work::Strike(_)) => return texts.t("copies-run-not-struck"),
        Some(Ending::Failed { failure, .. }) => return copy_failure(texts, failure),
        Some(Ending::Done(outcome)) => outcome,
    };
    let bytes = |bytes: u64| texts.bytes(bytes).into();
    match outcome {
        Outcome::BackUp { copied } => {
            let sum =
                |of: fn(&preau_offsite_job::Copied) -> u64| copied.iter().map(of).sum::<u64>();
            texts.t_with(
                "copies-run-copied",
                &[
                    ("files", sum(|copied| copied.files).into()),
                    (
                        "new",
                        sum(|copied| copied.files_new + copied.files_changed).into(),
                    ),
                    ("sent", bytes(sum(|copied| copied.bytes_added))),
                ],
            )
        }
        Outcome::Drill { files, folder, .. } => {
            let whole = folder.as_ref().is_some_and(EscapedPath::is_empty);
            let key = match whole {
                true => "copies-run-drilled-whole",
                false => "copies-run-drilled",
            };
            texts.t_with(key, &[("files", (*files).into())])
        }
        Outcome::Check { read } => texts.t_with("copies-run-checked", &[("read", bytes(*read))]),
        Outcome::Restore {
            files,
            unchanged,
            incomplete,
            ..
        } => texts.t_with(
            if *incomplete == 0 {
                "copies-run-restored"
            } else {
                "copies-run-restored-partly"
            },
            &[("files", (files + unchanged).into())],
        ),
        Outcome::Forget { removed, kept } => texts.t_with(
            "copies-run-forgotten",
            &[("removed", removed.len().into()), ("kept", (*kept).into())],
        ),
        Outcome::Strike { snapshots, .. } => {
            let Work::Strike(work) = &run.work else {
                return texts.t("copies-run-done");
            };
            let what = format!("{} / {}", work.share, work.path);
            texts.t_with(
                "copies-run-struck",
                &[("what", what.into()), ("copies", (*snapshots).into())],
            )
        }
        Outcome::Prune { freed, .. } => {
            texts.t_with("copies-run-pruned", &[("freed", bytes(*freed))])
        }
        Outcome::Init
        | Outcome::Test { .. }
        | Outcome::List { .. }
        | Outcome::Settings { .. }
        | Outcome::Browse { .. }
        | Outcome::Search { .. } => texts.t("copies-run-done"),
    }
}

/// How all destinations are together, for the first page.
pub fn status(
    texts: Texts,
    subjects: &[Subject<'_>],
    zone: &TimeZone,
    now: Timestamp,
) -> CopiesStatus {
    let states: Vec<CopyState> = subjects.iter().map(Subject::state).collect();
    // What somebody must do comes before what goes on.
    let state = [
        CopyState::Problem,
        CopyState::Waiting,
        CopyState::Running,
        CopyState::Good,
        CopyState::New,
    ]
    .into_iter()
    .find(|state| states.contains(state))
    .unwrap_or(CopyState::Off);
    let headline = if subjects.is_empty() {
        "copies-headline-nowhere"
    } else {
        match state {
            CopyState::Problem => "copies-headline-problem",
            CopyState::Waiting => "copies-headline-waiting",
            CopyState::Running => "copies-headline-running",
            CopyState::Good => "copies-headline-good",
            CopyState::New => "copies-headline-new",
            CopyState::Off => "copies-headline-off",
        }
    };
    let last = subjects
        .iter()
        .flat_map(|subject| {
            let ended = subject
                .runs
                .iter()
                .find(|run| run.work == Work::BackUp && run.end.is_some() && !run.was_cancelled());
            ended.map(|run| (subject.destination, run))
        })
        .max_by_key(|(_, run)| run.started_at)
        .map(|(destination, run)| {
            texts.t_with(
                "copies-status-last",
                &[
                    ("name", destination.name.clone().into()),
                    ("moment", texts.moment(run.started_at, now, zone).into()),
                    ("result", result(texts, run).into()),
                ],
            )
        });
    let next = subjects
        .iter()
        .filter_map(|subject| match subject.next() {
            Next::At(work, at) => Some((at, subject, work)),
            Next::Off | Next::Waits(_) => None,
        })
        .min_by_key(|(at, ..)| *at)
        .map(|(at, subject, work)| planned(texts, &work, at, &subject.around).sentence);
    CopiesStatus {
        destinations: u32::try_from(subjects.len()).unwrap_or(u32::MAX),
        state,
        headline: texts.t(headline),
        last,
        next,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use preau_domain::language::Language;

    #[test]
    fn what_is_compared_is_not_taken_for_what_comes() {
        let words = |phase, done, total, seconds_left| {
            let progress = Progress {
                phase,
                done,
                total,
                seconds_left,
                ..Progress::default()
            };
            progress_words(Texts::new(Language::Fr), &progress)
        };
        assert_eq!(words(Phase::Connecting, 0, None, None), "Cela commence.");
        assert_eq!(words(Phase::Checking, 0, None, None), "En cours.");
        let coming = words(Phase::Restoring, 40, Some(100), None);
        let compared = words(Phase::Comparing, 40, Some(100), None);
        assert_eq!(compared, format!("Ce qui est revenu est relu — {coming}"));
        let compared = words(Phase::Comparing, 0, None, None);
        assert_eq!(compared, "Ce qui est revenu est relu");
    }
}
