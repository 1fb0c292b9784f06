//! The first-run set-up, one page a step. Where it stands is the supervisor's to
//! say: `/` leads to the right step, and a step that is not due leads to `/`.

mod account;
mod adopt;
pub(crate) mod language;
mod naming;
pub(crate) mod nothing;
mod protection;
mod storage;

use super::{Answer, go, mail, people, sheet};
use crate::Shared;
use crate::page::{Nav, Page, render};
use crate::visit::Visit;
use crate::words::Words;
use askama::Template;
use axum::Router;
use axum::routing::{get, post};
use preau_domain::settings::SetupStep;

pub(super) fn router() -> Router<Shared> {
    Router::new()
        .route("/language", get(language::show).post(language::choose))
        .route("/code", get(account::ask_code).post(account::claim))
        .route("/admin", get(account::show).post(account::create))
        .route("/box", get(naming::show).post(naming::store))
        .route("/adopt", get(adopt::show).post(adopt::adopt))
        .route("/nothing", get(nothing::show).post(nothing::look))
        .route("/nothing/found", get(nothing::show_found))
        .route("/nothing/disks", get(nothing::choose))
        .route(
            "/nothing/confirm",
            get(nothing::confirm).post(nothing::decide),
        )
        .route("/disks", get(storage::choose))
        .route(
            "/disks/confirm",
            get(storage::confirm).post(storage::create),
        )
        .route("/volume", get(storage::show))
        .route("/volume/fragment", get(storage::fragment))
        .route("/people", get(people::show_step).post(people::add_step))
        .route("/people/remove", post(people::remove_step))
        .route("/people/done", post(people_done))
        .route(
            "/mail",
            get(mail::show_step).post(mail::store_and_test_step),
        )
        .route("/mail/code", post(mail::confirm_step))
        .route("/mail/later", post(mail_later))
        .route("/sheet", get(sheet::show_step))
        .route(
            "/sheet/words",
            get(sheet::ask_words_step).post(sheet::prove_step),
        )
        .route("/sheet/later", post(sheet::later))
        .route("/done", get(show_end).post(finish))
}

/// The steps as the reader counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Language = 1,
    Code,
    Account,
    Name,
    Disks,
    People,
    Mail,
    Sheet,
}

/// How many there are.
const STEPS: usize = 8;

/// The line that says where one is among the steps.
pub(super) struct Progress {
    pub(super) label: String,
    /// One for each step: done, here, to come.
    pub(super) steps: Vec<&'static str>,
}

impl Progress {
    pub(super) fn at(words: Words, step: Step) -> Self {
        let here = step as usize;
        Self {
            label: words.t2("setup-progress", ("step", here), ("steps", STEPS)),
            steps: (1..=STEPS)
                .map(|step| match step.cmp(&here) {
                    std::cmp::Ordering::Less => "done",
                    std::cmp::Ordering::Equal => "here",
                    std::cmp::Ordering::Greater => "next",
                })
                .collect(),
        }
    }

    /// After the last step.
    fn over(words: Words) -> Self {
        Self {
            label: words.t("setup-over"),
            steps: vec!["done"; STEPS],
        }
    }
}

/// The address of the step at which a set-up is taken up again.
pub(super) fn address(step: SetupStep) -> &'static str {
    match step {
        SetupStep::Admin => "/setup/admin",
        SetupStep::Box => "/setup/box",
        SetupStep::Disks => "/setup/disks",
        SetupStep::People => "/setup/people",
        SetupStep::Mail => "/setup/mail",
        SetupStep::Sheet => "/setup/sheet",
        SetupStep::Finish => "/setup/done",
        SetupStep::Done => "/",
    }
}

/// Whether `/setup/…` of that step can be shown now; else `/` knows better. Before
/// the claim there is nothing to log in to.
pub(super) fn is_due(visit: &Visit, step: SetupStep) -> bool {
    visit.has_session() && !visit.elsewhere(step)
}

/// Leaves a step that stores nothing by itself. One that was left already, in
/// another window or by a reload, is no trouble: `/` leads on.
pub(super) async fn leave(visit: &Visit, step: SetupStep) -> Answer {
    match visit.api().advance(step).await {
        Ok(()) => go("/"),
        Err(trouble) => {
            let error = trouble.refusal()?;
            tracing::debug!(code = error.code, "a step was left already");
            go("/")
        }
    }
}

async fn people_done(visit: Visit) -> Answer {
    leave(&visit, SetupStep::People).await
}

async fn mail_later(visit: Visit) -> Answer {
    leave(&visit, SetupStep::Mail).await
}

#[derive(Template)]
#[template(path = "setup/done.html")]
struct EndPage {
    page: Page,
    progress: Progress,
    shares: Vec<String>,
}

async fn show_end(visit: Visit) -> Answer {
    if !is_due(&visit, SetupStep::Finish) {
        return go("/");
    }
    let status = visit.api().status().await?;
    Ok(render(&EndPage {
        page: visit.page("done-title", Nav::Setup),
        progress: Progress::over(visit.words),
        shares: status.shares.into_iter().map(|share| share.name).collect(),
    }))
}

async fn finish(visit: Visit) -> Answer {
    leave(&visit, SetupStep::Finish).await
}
