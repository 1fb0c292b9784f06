//! Files that come back, in words.

use crate::copies::recovery::reason;
use crate::copies::view::{host_key, running_view};
use crate::desk::Desk;
use crate::routes::found_share;
use jiff::Timestamp;
use preau_api::{ComingBack, ComingState, CopyProblem, ShareComing};
use preau_domain::copies::recovery::{Coming, News, Recovery};
use preau_domain::copies::{Run, Waiting};
use preau_texts::{Texts, copy_failure, failure_code};

/// What is coming back, if anything is.
pub fn view(desk: &Desk, texts: Texts) -> Option<ComingBack> {
    let settings = desk.settings();
    let recovery = settings.recovery.as_ref()?;
    let from = desk.destination(recovery.destination);
    let from = from.map(|from| from.name).unwrap_or_default();
    let running = desk.recovery_runs(recovery);
    let running = running.map(|running| running_view(texts, &running));
    let trouble = desk.recovery_trouble();
    let (state, key) = if running.is_some() {
        (ComingState::Running, "coming-running")
    } else {
        still(desk, recovery)
    };
    Some(ComingBack {
        sentence: texts.t_with(key, &[("from", from.clone().into())]),
        from,
        state,
        percent: running.as_ref().and_then(|running| running.percent),
        remaining_seconds: running.as_ref().and_then(|r| r.remaining_seconds),
        words: running.map(|running| running.words),
        shares: recovery
            .shares
            .iter()
            .map(|share| ShareComing {
                share: found_share(share),
                back: share.back.is_some(),
            })
            .collect(),
        problem: trouble.map(|(_, run)| problem(texts, &run)),
    })
}

/// Why no worker works now.
fn still(desk: &Desk, recovery: &Recovery) -> (ComingState, &'static str) {
    match desk.recovery_coming(recovery) {
        Coming::Stopped(_) => return (ComingState::Stopped, "coming-stopped"),
        Coming::Later(..) => return (ComingState::Trying, "coming-trying"),
        Coming::Bring(_) | Coming::IsBack(..) | Coming::Over => {}
    }
    let key = match desk.recovery_waits(recovery, desk.sheet_dates().is_some()) {
        Some(Waiting::Disk) => "coming-wait-disk",
        Some(_) => "coming-wait-volume",
        None => return (ComingState::Running, "coming-running"),
    };
    (ComingState::Waiting, key)
}

fn problem(texts: Texts, run: &Run) -> CopyProblem {
    let (failure, detail) = reason(run);
    CopyProblem {
        code: failure_code(&failure).to_owned(),
        message: copy_failure(texts, &failure),
        detail,
        at: run.ended_at().unwrap_or(run.started_at),
        host_key: host_key(&failure),
    }
}

/// Gathers what is judged.
pub fn news(desk: &Desk, now: Timestamp) -> News {
    let settings = desk.settings();
    let coming = settings.recovery.as_ref().map(|recovery| {
        let from = desk.destination(recovery.destination);
        (
            from.map(|from| from.name).unwrap_or_default(),
            recovery.clone(),
        )
    });
    News {
        coming,
        trouble: desk.recovery_trouble().map(|(_, run)| reason(&run)),
        ended: settings
            .recovered
            .clone()
            .filter(|ended| ended.is_news(now)),
    }
}
