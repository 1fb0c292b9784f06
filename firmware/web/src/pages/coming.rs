//! Files that come back to a box that was made from nothing: how far they are, and how
//! it goes on when they do not.

use super::setup::nothing::share_line;
use super::{Answer, go};
use crate::forms::Fields;
use crate::page::{Nav, Page, render};
use crate::visit::Visit;
use crate::words::Words;
use askama::Template;
use preau_api::{ComingBack, ComingState, GoOnAct};

/// How far they are, in words.
pub(super) struct ComingPart {
    pub(super) state: &'static str,
    pub(super) icon: &'static str,
    pub(super) sentence: String,
    /// A worker is at it.
    pub(super) running: bool,
    pub(super) percent: Option<u8>,
    pub(super) words: Option<String>,
    pub(super) shares: Vec<SharePart>,
    pub(super) problem: Option<ProblemPart>,
}

pub(super) struct SharePart {
    pub(super) name: String,
    pub(super) icon: &'static str,
    pub(super) line: String,
}

pub(super) struct ProblemPart {
    pub(super) code: String,
    pub(super) message: String,
    pub(super) detail: String,
}

impl ComingPart {
    pub(super) fn of(words: Words, coming: &ComingBack) -> Self {
        let (state, icon) = match coming.state {
            ComingState::Waiting => ("waiting", "info"),
            ComingState::Running => ("running", "copy"),
            ComingState::Trying => ("trying", "attention"),
            ComingState::Stopped => ("stopped", "attention"),
        };
        Self {
            state,
            icon,
            sentence: coming.sentence.clone(),
            running: coming.words.is_some(),
            percent: coming.percent,
            words: coming.words.clone(),
            shares: coming
                .shares
                .iter()
                .map(|share| SharePart {
                    name: share.share.name.clone(),
                    icon: if share.back { "ok" } else { "copy" },
                    line: match share.back {
                        true => words.t1("coming-share-back", "share", &share.share.name),
                        false => share_line(words, "coming-share", &share.share),
                    },
                })
                .collect(),
            problem: coming.problem.as_ref().map(|problem| ProblemPart {
                code: problem.code.clone(),
                message: problem.message.clone(),
                detail: problem.detail.clone(),
            }),
        }
    }
}

pub(crate) async fn again(visit: Visit) -> Answer {
    go_on(&visit, GoOnAct::Again, false).await
}

#[derive(Template)]
#[template(path = "coming_leave.html")]
struct LeavePage {
    page: Page,
    coming: ComingPart,
}

/// What it means to be content with what is back, before somebody is.
pub(crate) async fn ask_leave(visit: Visit) -> Answer {
    let Some(coming) = visit.api().recovery().await?.coming_back else {
        return go("/");
    };
    Ok(render(&LeavePage {
        page: visit.page("coming-leave", Nav::Home),
        coming: ComingPart::of(visit.words, &coming),
    }))
}

pub(crate) async fn leave(visit: Visit, fields: Fields) -> Answer {
    let agreed = fields.has("agree", "yes");
    if !agreed {
        return go("/coming/leave");
    }
    go_on(&visit, GoOnAct::Leave, agreed).await
}

async fn go_on(visit: &Visit, act: GoOnAct, confirmed: bool) -> Answer {
    match visit.api().go_on(act, confirmed).await {
        Ok(()) => {}
        // Everything came back in the meantime, which is better.
        Err(trouble) => drop(trouble.refusal()?),
    }
    go("/")
}
