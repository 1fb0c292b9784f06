//! What can go wrong between a page and the supervisor, and the page that says so.

use crate::page::{Page, render};
use crate::words::Words;
use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use preau_api::ApiError;
use preau_domain::language::Language;

/// Why a page could not be made, and for whom it would have been.
#[derive(Debug)]
pub(crate) struct Trouble {
    pub(crate) language: Language,
    pub(crate) kind: Kind,
}

/// What went wrong.
#[derive(Debug)]
pub(crate) enum Kind {
    /// The supervisor does not answer: it starts, or it is being updated.
    Unanswered(String),
    /// It answered something that this page does not understand.
    Odd(String),
    /// It refused, and says why.
    Refused(StatusCode, ApiError),
    /// There is no session, or it has ended.
    NoSession,
    /// There is nothing at this address.
    NotFound,
    /// The request came from another site's page.
    CrossSite,
    /// The request is not of a form that this page sends.
    Malformed(StatusCode),
}

impl Trouble {
    pub(crate) const fn new(language: Language, kind: Kind) -> Self {
        Self { language, kind }
    }

    /// The refusal, when it is one that the form can show beside its field.
    pub(crate) fn refusal(self) -> Result<ApiError, Self> {
        match self.kind {
            Kind::Refused(_, error) => Ok(error),
            kind => Err(Self {
                language: self.language,
                kind,
            }),
        }
    }
}

#[derive(Template)]
#[template(path = "trouble.html")]
struct TroublePage {
    page: Page,
    message: String,
    /// The box may answer in a moment: the page asks again by itself.
    again: Again,
}

/// Whether asking again may help.
#[derive(PartialEq)]
enum Again {
    Soon,
    No,
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let words = Words::new(self.language);
        let (status, key, message, again) = match self.kind {
            Kind::NoSession => return Redirect::to("/login").into_response(),
            Kind::Unanswered(reason) => {
                tracing::warn!(reason, "the supervisor does not answer");
                let status = StatusCode::SERVICE_UNAVAILABLE;
                (status, "trouble-starting", None, Again::Soon)
            }
            Kind::Odd(reason) => {
                tracing::error!(reason, "the supervisor's answer is not understood");
                (StatusCode::BAD_GATEWAY, "trouble-odd", None, Again::No)
            }
            Kind::Refused(status, error) => {
                (status, "trouble-refused", Some(error.message), Again::No)
            }
            Kind::NotFound => (StatusCode::NOT_FOUND, "trouble-not-found", None, Again::No),
            Kind::CrossSite => (StatusCode::FORBIDDEN, "trouble-cross-site", None, Again::No),
            Kind::Malformed(status) => (status, "trouble-malformed", None, Again::No),
        };
        let message = message.unwrap_or_else(|| words.t(&format!("{key}-what")));
        let page = Page::bare(words, &format!("{key}-title"));
        let mut response = render(&TroublePage {
            page,
            message,
            again,
        });
        *response.status_mut() = status;
        if status == StatusCode::SERVICE_UNAVAILABLE {
            let soon = header::HeaderValue::from_static("3");
            response.headers_mut().insert(header::RETRY_AFTER, soon);
        }
        response
    }
}
