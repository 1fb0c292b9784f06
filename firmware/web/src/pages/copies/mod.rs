//! The copies elsewhere: how they are, what is done now, and the way to the files in
//! them.

mod destination;
mod files;
mod nights;
mod values;

pub(crate) use destination::{
    DiskPart, KINDS, KindPart, add, change, disks, show_add, show_change,
};
pub(crate) use files::{restore, show as show_files, strike};
pub(crate) use values::{Values, as_shown};

use super::home::time_zone_of;
use super::{Answer, go};
use crate::forms::Fields;
use crate::page::{Nav, Page, render};
use crate::visit::Visit;
use crate::words::Words;
use askama::Template;
use axum::extract::Path;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use preau_api::{CopiesView, CopyState, DestinationView, RunView, WorkNow};
use preau_domain::copies::Place;

/// Runs that the page shows; the API has them all.
const RUNS: usize = 12;

#[derive(Template)]
#[template(path = "copies/list.html")]
struct CopiesPage {
    page: Page,
    view: View,
}

#[derive(Template)]
#[template(path = "copies/list_live.html")]
struct CopiesFragment {
    page: Page,
    view: View,
}

struct View {
    headline: String,
    icon: &'static str,
    look: &'static str,
    last: Option<String>,
    next: Option<String>,
    has_sheet: bool,
    cards: Vec<Card>,
}

struct Card {
    id: String,
    name: String,
    state: &'static str,
    icon: &'static str,
    place: String,
    sentence: String,
    proof: Option<String>,
    next: Option<String>,
    running: Option<RunningPart>,
    problem: Option<ProblemPart>,
    hold: Option<String>,
    strikes: Vec<String>,
    may_accept: bool,
    has_copy: bool,
    calendar: String,
    runs: Vec<RunPart>,
}

struct RunningPart {
    percent: Option<u8>,
    words: String,
}

struct ProblemPart {
    code: String,
    message: String,
    detail: String,
    /// The server's new fingerprint.
    fingerprint: Option<String>,
}

struct RunPart {
    name: String,
    when: String,
    result: String,
    icon: &'static str,
    detail: String,
}

const fn state_word(state: CopyState) -> &'static str {
    match state {
        CopyState::New => "new",
        CopyState::Good => "good",
        CopyState::Running => "running",
        CopyState::Waiting => "waiting",
        CopyState::Problem => "problem",
        CopyState::Off => "off",
    }
}

pub(super) const fn state_icon(state: CopyState) -> &'static str {
    match state {
        CopyState::Good => "ok",
        CopyState::Running | CopyState::New => "copy",
        CopyState::Waiting | CopyState::Problem => "attention",
        CopyState::Off => "info",
    }
}

/// Where it is, in one line.
fn place_line(words: Words, place: &Place) -> String {
    match place {
        Place::Sftp {
            host, user, folder, ..
        } => format!("{user}@{host} — {folder}"),
        Place::UsbDisk { filesystem } => words.t1("copies-place-disk", "disk", filesystem),
        Place::WebDav { url, .. } | Place::Rest { url, .. } => url.clone(),
        Place::S3 {
            endpoint, bucket, ..
        } => format!("{endpoint} — {bucket}"),
    }
}

impl View {
    async fn of(visit: &Visit) -> Result<Self, crate::trouble::Trouble> {
        let api = visit.api();
        let copies = api.copies().await?;
        let (zone, now) = time_zone_of(visit).await?;
        let mut cards = Vec::new();
        for view in &copies.destinations {
            let runs = api.copy_runs(&view.id.to_string()).await?;
            cards.push(Card::of(visit.words, view, &runs, now, &zone));
        }
        Ok(Self::with(copies, cards))
    }

    fn with(copies: CopiesView, cards: Vec<Card>) -> Self {
        let states: Vec<CopyState> = copies.destinations.iter().map(|view| view.state).collect();
        let is_urgent =
            states.contains(&CopyState::Problem) || states.contains(&CopyState::Waiting);
        Self {
            icon: if is_urgent || states.is_empty() {
                "attention"
            } else if states.contains(&CopyState::Running) {
                "copy"
            } else {
                "ok"
            },
            look: if is_urgent { "attention" } else { "none" },
            headline: copies.headline,
            last: copies.last,
            next: copies.next,
            has_sheet: copies.has_sheet,
            cards,
        }
    }
}

impl Card {
    fn of(
        words: Words,
        view: &DestinationView,
        runs: &[RunView],
        now: Timestamp,
        zone: &TimeZone,
    ) -> Self {
        Self {
            id: view.id.to_string(),
            name: view.name.clone(),
            state: state_word(view.state),
            icon: state_icon(view.state),
            place: place_line(words, &view.place),
            sentence: view.sentence.clone(),
            proof: view
                .last_proof
                .map(|at| words.t1("copies-proved", "moment", words.moment(at, now, zone))),
            next: view.next.as_ref().map(|next| next.sentence.clone()),
            running: view.running.as_ref().map(|running| RunningPart {
                percent: running.percent,
                words: running.words.clone(),
            }),
            problem: view.problem.as_ref().map(|problem| ProblemPart {
                code: problem.code.clone(),
                message: problem.message.clone(),
                detail: problem.detail.clone(),
                fingerprint: problem.host_key.as_ref().map(|key| key.fingerprint.clone()),
            }),
            hold: view.hold.clone(),
            strikes: view.strikes.iter().map(|s| s.sentence.clone()).collect(),
            may_accept: view.may_accept_vanished,
            has_copy: view.last_good.is_some(),
            calendar: nights::draw(words, &view.nights),
            runs: runs
                .iter()
                .take(RUNS)
                .map(|run| RunPart {
                    name: run.name.clone(),
                    when: words.moment(run.started_at, now, zone),
                    result: run.result.clone(),
                    icon: match (run.good, run.ended_at) {
                        (_, None) => "copy",
                        (true, _) => "ok",
                        (false, _) => "attention",
                    },
                    detail: run.detail.clone(),
                })
                .collect(),
        }
    }
}

pub(crate) async fn show(visit: Visit) -> Answer {
    let view = View::of(&visit).await?;
    Ok(render(&CopiesPage {
        page: visit.page("copies-title", Nav::Copies).live(),
        view,
    }))
}

/// What changes on the page, alone.
pub(crate) async fn fragment(visit: Visit) -> Answer {
    let view = View::of(&visit).await?;
    Ok(render(&CopiesFragment {
        page: visit.page("copies-title", Nav::Copies),
        view,
    }))
}

pub(crate) async fn run(visit: Visit, Path(id): Path<String>, fields: Fields) -> Answer {
    let work = if fields.has("work", "drill") {
        WorkNow::Drill
    } else {
        WorkNow::BackUp
    };
    visit.api().run_now(&id, work).await?;
    go("/copies")
}

pub(crate) async fn cancel(visit: Visit, Path(id): Path<String>) -> Answer {
    match visit.api().cancel_copy(&id).await {
        Ok(()) => {}
        // It ended by itself in the meantime, which is as good.
        Err(trouble) => drop(trouble.refusal()?),
    }
    go("/copies")
}

pub(crate) async fn accept(visit: Visit, Path(id): Path<String>) -> Answer {
    visit.api().accept_vanished(&id).await?;
    go("/copies")
}

pub(crate) async fn remove(visit: Visit, Path(id): Path<String>) -> Answer {
    visit.api().remove_destination(&id).await?;
    go("/copies")
}

pub(crate) async fn withdraw(visit: Visit, Path(id): Path<String>) -> Answer {
    visit.api().withdraw_strikes(&id).await?;
    go("/copies")
}
