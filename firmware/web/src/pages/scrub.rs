//! The reading of everything that is kept: how far it is, and what a person may do.

use super::{Answer, go};
use crate::forms::Fields;
use crate::trouble::Kind;
use crate::visit::Visit;
use crate::words::Words;
use jiff::tz::TimeZone;
use preau_api::{ScrubAct, ScrubState, Status};

/// How far it is, in words.
pub(super) struct ScrubPart {
    pub(super) state: &'static str,
    /// What it is doing, when one is going on.
    pub(super) state_word: Option<String>,
    pub(super) percent: u8,
    pub(super) progress: String,
    pub(super) last: Option<String>,
    pub(super) next: Option<String>,
    /// The act and the words of each button.
    pub(super) buttons: Vec<(&'static str, String)>,
}

impl ScrubPart {
    pub(super) fn of(words: Words, status: &Status, zone: &TimeZone) -> Option<Self> {
        let scrub = status.scrub.as_ref()?;
        let moment = |at| words.moment(at, status.now, zone);
        let (state, word, acts): (_, _, &[&'static str]) = match scrub.state {
            ScrubState::Idle => ("idle", None, &["start"]),
            ScrubState::Running => ("running", Some("scrub-running"), &["pause"]),
            ScrubState::Waiting => ("waiting", Some("scrub-waiting"), &["start"]),
            ScrubState::Paused => ("paused", Some("scrub-paused"), &["go-on"]),
        };
        let last = scrub.last_finished.map(|at| {
            let key = match scrub.repaired_bytes {
                0 => "scrub-last",
                _ => "scrub-last-repaired",
            };
            words.t1(key, "moment", moment(at))
        });
        Some(Self {
            state,
            state_word: word.map(|key| words.t(key)),
            percent: scrub.percent,
            progress: words.percent_and_rest(scrub.percent, scrub.remaining_seconds),
            last,
            next: (scrub.state == ScrubState::Idle)
                .then(|| words.t1("scrub-next", "moment", moment(scrub.next_at))),
            buttons: acts
                .iter()
                .map(|act| (*act, words.t(&format!("scrub-{act}"))))
                .collect(),
        })
    }
}

pub(crate) async fn act(visit: Visit, fields: Fields) -> Answer {
    let act = match fields.raw("act") {
        "start" => ScrubAct::Start,
        "pause" => ScrubAct::Pause,
        "go-on" => ScrubAct::GoOn,
        _ => return Err(visit.trouble(Kind::NotFound)),
    };
    match visit.api().set_scrub(act).await {
        Ok(()) => go("/"),
        // It came to its end meanwhile, which the first page says.
        Err(trouble) => match trouble.refusal()? {
            error if error.code == "no-scrub" => go("/"),
            error => Err(visit.refusal(error)),
        },
    }
}
