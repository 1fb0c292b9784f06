//! What a form sent, and how it is shown again when something in it was refused:
//! the values kept (never a password), the sentence beside its field.

use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::response::Response;
use axum::{Form, RequestExt};
use preau_api::ApiError;

/// The fields that a form sent, in their order; a name may come several times.
#[derive(Debug, Default, Clone)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The value of `name` without the spaces around it; empty when it is missing.
    pub(crate) fn text(&self, name: &str) -> String {
        self.raw(name).trim().to_owned()
    }

    /// The value of `name` as it was typed: spaces belong to a password.
    pub(crate) fn raw(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or_default()
    }

    /// The value of `name`, if there is something in it.
    pub(crate) fn filled(&self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// Every value of `name`.
    pub(crate) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn has(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|found| found == value)
    }
}

impl From<Vec<(String, String)>> for Fields {
    fn from(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Response;

    async fn from_request(request: Request, _: &S) -> Result<Self, Self::Rejection> {
        let language = crate::visit::language_of(request.headers());
        let form: Result<Form<Vec<(String, String)>>, _> = request.extract().await;
        form.map(|Form(pairs)| Self(pairs)).map_err(|rejection| {
            let status = axum::response::IntoResponse::into_response(rejection).status();
            let status = if status.is_client_error() {
                status
            } else {
                StatusCode::BAD_REQUEST
            };
            crate::visit::refuse(language, crate::trouble::Kind::Malformed(status))
        })
    }
}

/// What was refused in a form, if anything.
#[derive(Debug, Default, Clone)]
pub(crate) struct Refusal(Option<ApiError>);

/// A field of a form that the sentence is shown beside.
#[derive(Debug)]
pub(crate) struct Said<'a> {
    pub(crate) code: &'a str,
    pub(crate) message: &'a str,
}

impl Refusal {
    pub(crate) const NONE: Self = Self(None);

    pub(crate) fn of(error: ApiError) -> Self {
        Self(Some(error))
    }

    /// What is said beside `field`.
    pub(crate) fn field(&self, field: &str) -> Option<Said<'_>> {
        self.0
            .as_ref()
            .filter(|error| names(error, field))
            .map(said)
    }

    /// What is said of the form as a whole: everything that is beside none of the
    /// `shown` fields, so that no refusal is ever lost.
    pub(crate) fn whole(&self, shown: &str) -> Option<Said<'_>> {
        self.0
            .as_ref()
            .filter(|error| !shown.split(' ').any(|field| names(error, field)))
            .map(said)
    }

    /// The attributes of the field's control: which sentences belong to it, for a
    /// screen reader. Every field has a hint.
    pub(crate) fn attributes(&self, field: &str) -> String {
        match self.field(field) {
            Some(_) => format!(
                "aria-describedby=\"{field}-error {field}-hint\" aria-invalid=\"true\" autofocus"
            ),
            None => format!("aria-describedby=\"{field}-hint\""),
        }
    }
}

/// `recipients[1]` and `recipients` are the same field of a form.
fn names(error: &ApiError, field: &str) -> bool {
    error.field.as_deref().is_some_and(|found| {
        let name = found.split(['[', '.']).next().unwrap_or(found);
        name == field
    })
}

fn said(error: &ApiError) -> Said<'_> {
    Said {
        code: &error.code,
        message: &error.message,
    }
}
